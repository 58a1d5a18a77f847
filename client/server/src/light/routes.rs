//! The routes, their bounds, and what they answer.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{
        rejection::{BytesRejection, PathRejection},
        DefaultBodyLimit, Path, RawQuery, Request, State,
    },
    http::{Method, StatusCode, Uri},
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
/// How far in the future a block may lie before this machine's clock is taken to be wrong, in seconds.
const CLOCK_TOLERANCE: u64 = 60;

/// What all requests share.
struct Service<R> {
    roots: Arc<R>,
    ring: Arc<Ring>,
    questions: Semaphore,
    /// The last checkpoint, and the block at which it was asked for: to make one takes the chain's runtime.
    checkpoint: Mutex<Option<(u32, Value)>>,
    config: Config,
}

type Shared<R> = State<Arc<Service<R>>>;

/// The routes over a light client, and the final blocks that they serve, which somebody else has to add.
pub(super) fn router<R: Roots>(roots: Arc<R>, config: Config) -> (Router, Arc<Ring>) {
    let ring = Arc::new(Ring::default());
    let service = Arc::new(Service {
        roots,
        ring: ring.clone(),
        questions: Semaphore::new(MAX_QUESTIONS),
        checkpoint: Mutex::default(),
        config,
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
        .with_state(service);
    (app, ring)
}

impl<R: Roots> Service<R> {
    /// The newest final block and its age, if that is young enough.
    fn fresh(&self) -> Result<(FinalRoot, u64), Fault> {
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
    let (_, age_seconds) = service.fresh()?;
    let block = match service.ring.get(number) {
        Some(block) => block,
        None => {
            let _place = service.place()?;
            service.roots.block(number).await?
        }
    };
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
    let (_, age_seconds) = service.fresh()?;
    let _place = service.place()?;
    let gate = service.roots.gate(id).await?;
    let gate =
        gate.ok_or_else(|| Fault::new(StatusCode::NOT_FOUND, "no-gate", "the chain has no such gate"))?;
    Ok(Document(Shown { gate, age_seconds }))
}

async fn checkpoint<R: Roots>(State(service): Shared<R>) -> Result<Document<Value>, Fault> {
    let (head, age_seconds) = service.fresh()?;
    let _place = service.place()?;
    let mut known = service.checkpoint.lock().await;
    let document = match &*known {
        Some((number, document)) if *number == head.number => document.clone(),
        _ => {
            let checkpoint = service.roots.checkpoint().await?;
            let document: Value =
                serde_json::from_str(&checkpoint.to_json()).expect("a checkpoint is written as JSON; qed");
            *known = Some((head.number, document.clone()));
            document
        }
    };
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
    let (_, age_seconds) = service.fresh()?;
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
    let _place = service.place()?;
    let no = |refusal: Refusal| {
        json!({
            "counts": false,
            "reason": refusal.code(),
            "message": refusal.to_string(),
            "age_seconds": age_seconds,
        })
    };
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
        Err(LiveError::NotFinal { .. }) => Ok(Document(no(Refusal::AnchorNotFinal))),
        // Bytes from the network that prove nothing are no answer about the anchor.
        Err(LiveError::Root(error)) => match Refusal::from(error) {
            refusal @ (Refusal::State(_) | Refusal::Layout) => {
                Err(Fault::unavailable(refusal.code(), refusal.to_string()))
            }
            refusal => Ok(Document(no(refusal))),
        },
        Err(error) => Err(error.into()),
    }
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
