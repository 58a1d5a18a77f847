//! The routes, their bounds, and what they answer.

use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    body::Bytes,
    extract::{
        rejection::{BytesRejection, PathRejection},
        DefaultBodyLimit, Path, RawQuery, Request, State,
    },
    http::{header, uri::Authority, Method, StatusCode, Uri},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
    Router,
};
use ofage_light::{live::LiveError, AnchorClaim, Refusal};
use ofage_primitives::{Anchor, CircuitId, GateId, TrustListId};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use tokio::{
    sync::{Mutex, Semaphore, SemaphorePermit},
    time::timeout,
};

use super::{
    answer::{Document, Fault},
    ring::Ring,
    Config, FinalRoot, Gate, Roots,
};

/// Longest body of a request, in bytes; one that asks about an anchor has some 300.
pub(super) const MAX_BODY: usize = 16 * 1_024;
/// Longest time for a request, its body included: longer than a light client waits by default.
const REQUEST_TIME: Duration = Duration::from_secs(90);
/// Blocks on a page unless told otherwise.
pub(super) const PAGE: usize = 100;
/// Most blocks on a page.
pub(super) const MAX_PAGE: usize = 500;
/// Most questions that wait for the network at once; further ones are refused.
pub(super) const MAX_QUESTIONS: usize = 32;
/// How many blocks after the newest final one an anchor's may be when it is waited for: a wallet may have seen one more.
const AHEAD: u32 = 2;
/// How far in the future a block may lie before this machine's clock is taken to be wrong, in seconds.
const CLOCK_TOLERANCE: u64 = 60;

/// What all requests share.
pub(super) struct Service<R> {
    roots: Arc<R>,
    ring: Ring,
    questions: Semaphore,
    /// The last checkpoint, and the block at which it was asked for: to make one takes the chain's runtime.
    checkpoint: Mutex<Option<(u32, Value)>>,
    config: Config,
    /// Why the light client ended, once it has.
    end: OnceLock<LiveError>,
}

type Shared<R> = State<Arc<Service<R>>>;

/// The routes over a light client, and what they share: somebody else has to add final blocks to it.
pub(super) fn router<R: Roots>(roots: Arc<R>, config: Config) -> (Router, Arc<Service<R>>) {
    let service = Arc::new(Service {
        roots,
        ring: Ring::default(),
        questions: Semaphore::new(MAX_QUESTIONS),
        checkpoint: Mutex::default(),
        config,
        end: OnceLock::new(),
    });
    let app = Router::new()
        .route("/health", get(health::<R>))
        .route("/v1/head", get(head::<R>))
        .route("/v1/roots", get(page::<R>))
        .route("/v1/roots/{number}", get(block::<R>))
        .route("/v1/gates/{id}", get(gate::<R>))
        .route("/v1/checkpoint", get(checkpoint::<R>))
        .route("/v1/anchors", post(anchor::<R>))
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(
            service.clone(),
            from_this_machine::<R>,
        ))
        .with_state(service.clone());
    (app, service)
}

impl<R: Roots> Service<R> {
    /// Adds a block that is final.
    pub(super) fn push(&self, root: FinalRoot) {
        self.ring.push(root);
    }

    /// Ends all answers.
    pub(super) fn end(&self, error: LiveError) {
        // The first reason stays.
        let _ = self.end.set(error);
    }

    /// The newest final block and its age, if that is young enough.
    fn fresh(&self) -> Result<(FinalRoot, u64), Fault> {
        if let Some(end) = self.end.get() {
            return Err(Fault::unavailable("ended", end.to_string()));
        }
        let head = self
            .ring
            .newest()
            .ok_or_else(|| Fault::unavailable("no-block", "no block is known to be final yet; ask again"))?;
        let age = self.age(&head)?;
        Ok((head, age))
    }

    /// The age of a block that is the newest final one.
    fn age(&self, head: &FinalRoot) -> Result<u64, Fault> {
        let now = (self.config.clock)();
        if head.time > now.saturating_add(CLOCK_TOLERANCE) {
            let message = "the newest final block lies in the future; set the server's clock";
            return Err(Fault::unavailable("clock", message));
        }
        let age = now.saturating_sub(head.time);
        let limit = self.config.max_state_age;
        if age > limit {
            let message = format!(
                "the newest final block is {age} seconds old, and at most {limit} are served; \
                 look at the server's network and at the chain"
            );
            return Err(Fault {
                age: Some(age),
                ..Fault::unavailable("stale", message)
            });
        }
        Ok(age)
    }

    /// A place among those who ask the network.
    fn place(&self) -> Result<SemaphorePermit<'_>, Fault> {
        self.questions
            .try_acquire()
            .map_err(|_| Fault::unavailable("busy", "too many questions wait for the network; ask again"))
    }
}

#[derive(Serialize)]
struct Health {
    healthy: bool,
    genesis: String,
    finalized: u32,
    age_seconds: u64,
}

async fn health<R: Roots>(State(service): Shared<R>) -> Result<Document<Health>, Fault> {
    let (head, age_seconds) = service.fresh()?;
    Ok(Document(Health {
        healthy: true,
        genesis: service.roots.genesis().to_string(),
        finalized: head.number,
        age_seconds,
    }))
}

#[derive(Serialize)]
struct Block {
    #[serde(flatten)]
    block: FinalRoot,
    age_seconds: u64,
}

async fn head<R: Roots>(State(service): Shared<R>) -> Result<Document<Block>, Fault> {
    let (block, age_seconds) = service.fresh()?;
    Ok(Document(Block { block, age_seconds }))
}

#[derive(Serialize)]
struct Page {
    roots: Vec<FinalRoot>,
    /// Number of the first block that is remembered.
    oldest: u32,
    /// Number of the newest one.
    newest: u32,
    /// Where the next page begins.
    next: Option<u32>,
    age_seconds: u64,
}

async fn page<R: Roots>(
    State(service): Shared<R>,
    RawQuery(query): RawQuery,
) -> Result<Document<Page>, Fault> {
    let (from, limit) = page_of(query.as_deref().unwrap_or_default())?;
    let (head, age_seconds) = service.fresh()?;
    let roots = service.ring.page(from, limit);
    let last = roots.last().map_or(head.number, |root| root.number);
    Ok(Document(Page {
        roots,
        oldest: service.ring.oldest().unwrap_or(head.number),
        newest: head.number,
        next: (last < head.number).then(|| last + 1),
        age_seconds,
    }))
}

/// Reads `from=&limit=`.
fn page_of(query: &str) -> Result<(Option<u32>, usize), Fault> {
    let (mut from, mut limit) = (None, None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let place = match name {
            "from" => &mut from,
            "limit" => &mut limit,
            _ => return Err(Fault::bad("query", "only from and limit are known")),
        };
        if place.replace(number(value)?).is_some() {
            return Err(Fault::bad("query", "from and limit may be given once each"));
        }
    }
    let limit = limit.map_or(PAGE, |limit| limit as usize);
    if limit == 0 || limit > MAX_PAGE {
        return Err(Fault::bad("query", format!("limit is 1 to {MAX_PAGE}")));
    }
    Ok((from, limit))
}

/// Reads a number in its one form: digits.
fn number(text: &str) -> Result<u32, Fault> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = text.parse().ok().filter(|_| is_plain);
    parsed.ok_or_else(|| Fault::bad("number", format!("a number of 0 to {} is needed here", u32::MAX)))
}

/// Reads the number in a path, whose percent-encoding may be wrong.
fn in_path(text: Result<Path<String>, PathRejection>) -> Result<u32, Fault> {
    number(text.as_deref().map_or("", |text| text))
}

async fn block<R: Roots>(
    State(service): Shared<R>,
    text: Result<Path<String>, PathRejection>,
) -> Result<Document<Block>, Fault> {
    let number = in_path(text)?;
    let (head, age_seconds) = service.fresh()?;
    if let Some(block) = service.ring.get(number) {
        return Ok(Document(Block { block, age_seconds }));
    }
    if number > head.number {
        // Nobody waits here for blocks to come.
        let finalized = head.number;
        return Err(LiveError::NotFinal { number, finalized }.into());
    }
    let _place = service.place()?;
    let block = service.roots.block(number).await?;
    let (_, age_seconds) = service.fresh()?;
    Ok(Document(Block { block, age_seconds }))
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    gate: Gate,
    age_seconds: u64,
}

async fn gate<R: Roots>(
    State(service): Shared<R>,
    text: Result<Path<String>, PathRejection>,
) -> Result<Document<Shown>, Fault> {
    let id = GateId(in_path(text)?);
    service.fresh()?;
    let _place = service.place()?;
    let gate = service.roots.gate(id).await?;
    let (_, age_seconds) = service.fresh()?;
    let gate =
        gate.ok_or_else(|| Fault::new(StatusCode::NOT_FOUND, "no-gate", "the chain has no such gate"))?;
    Ok(Document(Shown { gate, age_seconds }))
}

async fn checkpoint<R: Roots>(State(service): Shared<R>) -> Result<Document<Value>, Fault> {
    // Those who wait for one that is being made take no place of others.
    let mut known = service.checkpoint.lock().await;
    let (head, _) = service.fresh()?;
    let document = match &*known {
        Some((number, document)) if *number == head.number => document.clone(),
        _ => {
            let _place = service.place()?;
            let checkpoint = service.roots.checkpoint().await?;
            let document: Value =
                serde_json::from_str(&checkpoint.to_json()).expect("a checkpoint is written as JSON; qed");
            *known = Some((head.number, document.clone()));
            document
        }
    };
    let (_, age_seconds) = service.fresh()?;
    Ok(Document(
        json!({ "checkpoint": document, "age_seconds": age_seconds }),
    ))
}

/// What is asked about an anchor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    list: TrustListId,
    anchor: Anchor,
    circuit: CircuitId,
}

#[derive(Serialize)]
struct ProvedAt {
    number: u32,
    hash: Value,
    time: u64,
}

async fn anchor<R: Roots>(
    State(service): Shared<R>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Document<Value>, Fault> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Fault::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            format!("a request has at most {MAX_BODY} bytes"),
        ),
        _ => Fault::bad("body", "the request is cut off"),
    })?;
    let asked: Asked = serde_json::from_slice(&body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Fault::bad(
            "body",
            format!("no question about an anchor ({place}); one has list, anchor and circuit"),
        )
    })?;
    let (head, _) = service.fresh()?;
    let Asked {
        list,
        anchor,
        circuit,
    } = asked;
    let claim = AnchorClaim {
        list,
        anchor,
        circuit,
    };
    let no = |refusal: Refusal| {
        let (_, age_seconds) = service.fresh()?;
        Ok(Document(json!({
            "counts": false,
            "reason": refusal.code(),
            "message": refusal.to_string(),
            "age_seconds": age_seconds,
        })))
    };
    if anchor.block > head.number.saturating_add(AHEAD) {
        return no(Refusal::AnchorNotFinal);
    }
    let _place = service.place()?;
    match service.roots.anchor(claim).await {
        Ok(head) => {
            let age_seconds = service.age(&head)?;
            let shown = serde_json::to_value(&head).expect("a block's names are text; qed");
            let proved_at = ProvedAt {
                number: head.number,
                hash: shown["hash"].clone(),
                time: head.time,
            };
            Ok(Document(
                json!({ "counts": true, "proved_at": proved_at, "age_seconds": age_seconds }),
            ))
        }
        Err(LiveError::NotFinal { .. }) => no(Refusal::AnchorNotFinal),
        // Bytes from the network that prove nothing are no answer about the anchor.
        Err(LiveError::Root(error)) => match Refusal::from(error) {
            refusal @ (Refusal::State(_) | Refusal::Layout) => {
                Err(Fault::unavailable(refusal.code(), refusal.to_string()))
            }
            refusal => no(refusal),
        },
        Err(error) => Err(error.into()),
    }
}

/// Refuses what a web page asks: a page of any site can have its visitor's browser send requests to this machine, and,
/// by a name of its own that leads here, read the answers.
async fn from_this_machine<R: Roots>(State(service): Shared<R>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if headers.contains_key(header::ORIGIN) {
        let message = "web pages are not answered; ask from a program";
        return Fault::new(StatusCode::FORBIDDEN, "origin", message).into_response();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    if !service.config.allow_remote && !host.is_some_and(is_local) {
        let message = "ask by the address that this server printed";
        return Fault::new(StatusCode::MISDIRECTED_REQUEST, "host", message).into_response();
    }
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if request.method() == Method::POST && !is_json {
        let message = "a question is application/json";
        return Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", message).into_response();
    }
    next.run(request).await
}

/// Whether a `Host` names this machine by its number, or as `localhost`.
fn is_local(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host();
    let number = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || number.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

async fn no_route(_: Uri) -> Fault {
    Fault::new(StatusCode::NOT_FOUND, "route", "there is no such route")
}

async fn no_method(_: Method) -> Fault {
    Fault::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method",
        "the route does not take this method",
    )
}

/// Bounds the time of a request, its body included.
async fn in_time(request: Request, next: Next) -> Response {
    match timeout(REQUEST_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Fault::new(
            StatusCode::GATEWAY_TIMEOUT,
            "late",
            "no answer in time; ask again",
        )
        .into_response(),
    }
}
