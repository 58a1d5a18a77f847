//! The routes that the issuer's own programs see: offers, revocations, and what is kept.
//!
//! They listen on another address, on this machine only, and every request shows the token of a file that only the
//! issuer's programs read.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{
        rejection::{BytesRejection, PathRejection},
        DefaultBodyLimit, Path, Request, State,
    },
    http::{header, HeaderMap, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
    Router,
};
use ofage_primitives::Day;
use ofage_sdk::{
    issuance::messages::{Code, CredentialOffer, InputMode, TxCodeHint},
    issuer::{intake::MAX_REFERENCE, register::Reissue},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::timeout;

use super::{
    answer::Private,
    desk::Desk,
    people::{Person, Unfit},
    registry::{Registry, RegistryError, Standing},
    store::{NewOffer, Pending, StoreError, Withdrawn},
};

/// Longest body: a page of offers.
const MAX_BODY: usize = 1 << 20;
/// Most offers, or revocations, in a request.
pub const MAX_PAGE: usize = 500;
/// How long an offer counts unless told otherwise, in hours.
pub const OFFER_HOURS: u32 = 24;
/// How long it counts at most, in hours: 31 days, for codes that go by letter.
pub const MAX_OFFER_HOURS: u32 = 31 * 24;
/// Longest time for a request.
const REQUEST_TIME: Duration = Duration::from_secs(60);

/// What is asked for: an offer for a person.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The columns of the people's file.
    pub person: Person,
    /// Whether the customer has to type a code besides, which goes by another channel.
    #[serde(default)]
    pub tx_code: bool,
    /// Whether it may take the place of an attestation that the customer has.
    #[serde(default)]
    pub reissue: bool,
    /// Whether that is on new evidence, so that the day of the check is the one here.
    #[serde(default)]
    pub new_evidence: bool,
    /// How long it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_hours: Option<u32>,
}

/// A page of them.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedPage {
    /// At most [`MAX_PAGE`].
    pub offers: Vec<Wanted>,
}

/// What came of one: an offer, or why there is none.
#[derive(Clone, Serialize, Deserialize)]
pub struct Made {
    /// The issuer's name for the person.
    pub reference: String,
    /// The link, for a QR code or a page. Whoever has it can take the offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    /// What the customer types besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tx_code: Option<String>,
    /// Unix seconds of its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    /// Why there is no offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Unfit>,
}

/// A page of answers, in the order of what was asked.
#[derive(Clone, Serialize, Deserialize)]
pub struct MadePage {
    /// One for each.
    pub offers: Vec<Made>,
}

/// Customers by reference.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct References {
    /// At most [`MAX_PAGE`].
    pub references: Vec<String>,
}

/// A refusal. Its code never changes.
#[derive(Debug)]
struct No(StatusCode, &'static str, String);

impl No {
    fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, code, message.into())
    }
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        let Self(status, code, message) = self;
        let body = Private(json!({ "error": { "code": code, "message": message } }));
        (status, body).into_response()
    }
}

impl From<StoreError> for No {
    fn from(error: StoreError) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, "store", error.to_string())
    }
}

impl From<RegistryError> for No {
    fn from(error: RegistryError) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, "register", error.to_string())
    }
}

/// What all requests share.
pub(super) struct Admin<R> {
    desk: Arc<Desk<R>>,
    /// Keyed hash of the token, so that comparing takes the same time whatever is sent.
    token: [u8; 32],
    started_at: u64,
}

type Shared<R> = State<Arc<Admin<R>>>;

const TOKEN: &[u8; 16] = b"ofage admin   v1";

impl<R: Registry> Admin<R> {
    pub(super) fn new(desk: Arc<Desk<R>>, token: &str) -> Self {
        Self {
            token: desk.store.secret().mac(TOKEN, token.as_bytes()),
            started_at: desk.now(),
            desk,
        }
    }
}

/// The routes.
pub(super) fn router<R: Registry>(admin: Arc<Admin<R>>) -> Router {
    Router::new()
        .route("/v1/offers", post(offers::<R>))
        .route("/v1/revocations", post(revocations::<R>))
        .route("/v1/status", get(status::<R>))
        .route("/v1/customers/{reference}", get(customer::<R>))
        .route("/v1/customers/{reference}", delete(forget::<R>))
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(admin.clone(), allowed::<R>))
        .with_state(admin)
}

/// Lets requests with the token pass. A web page cannot know it, but is not let try either.
async fn allowed<R: Registry>(State(admin): Shared<R>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if headers.contains_key(header::ORIGIN) {
        return No(
            StatusCode::FORBIDDEN,
            "origin",
            "web pages are not answered".into(),
        )
        .into_response();
    }
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.strip_prefix("Bearer "));
    let right =
        token.is_some_and(|token| admin.desk.store.secret().mac(TOKEN, token.as_bytes()) == admin.token);
    if !right {
        let message = "show the token of --admin-token-file";
        return No(StatusCode::UNAUTHORIZED, "token", message.into()).into_response();
    }
    next.run(request).await
}

/// Reads a JSON body. Its content is not repeated: it may be a birth date.
fn read<T: for<'de> Deserialize<'de>>(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<T, No> {
    let kind = headers.get(header::CONTENT_TYPE).map(|kind| kind.as_bytes());
    if !kind.is_some_and(|kind| kind.starts_with(b"application/json")) {
        let message = "a request is application/json";
        return Err(No(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "content-type",
            message.into(),
        ));
    }
    let body = body.map_err(|_| {
        No(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            format!("a request has at most {MAX_BODY} bytes"),
        )
    })?;
    serde_json::from_slice(&body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        No::bad("body", format!("not what this route takes ({place})"))
    })
}

async fn offers<R: Registry>(
    State(admin): Shared<R>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Private<MadePage>, No> {
    let page: WantedPage = read(&headers, body)?;
    if page.offers.is_empty() || page.offers.len() > MAX_PAGE {
        return Err(No::bad("count", format!("a request has 1 to {MAX_PAGE} offers")));
    }
    let now = admin.desk.now();
    let today = Day::from_unix_seconds(now)
        .map_err(|error| No(StatusCode::INTERNAL_SERVER_ERROR, "clock", error.to_string()))?;
    // Nobody's request moves from the queue to the register between the two looks.
    let _moving = admin.desk.moving.lock().await;
    // All at a time, so that they share a flush; the answers keep their order.
    let made = page
        .offers
        .into_iter()
        .map(|wanted| offer(&admin.desk, wanted, today, now));
    let offers = futures::future::join_all(made)
        .await
        .into_iter()
        .collect::<Result<_, No>>()?;
    Ok(Private(MadePage { offers }))
}

async fn offer<R: Registry>(desk: &Desk<R>, wanted: Wanted, today: Day, now: u64) -> Result<Made, No> {
    let mut made = Made {
        reference: wanted.person.reference().to_owned(),
        offer: None,
        tx_code: None,
        expires_at: None,
        error: None,
    };
    let hours = wanted.valid_hours.unwrap_or(OFFER_HOURS);
    if !(1..=MAX_OFFER_HOURS).contains(&hours) {
        let message = format!("is 1 to {MAX_OFFER_HOURS}");
        made.error = Some(Unfit::new(Some("valid_hours"), message));
        return Ok(made);
    }
    let (reference, attributes) = match wanted.person.check(today) {
        Ok(checked) => checked,
        Err(unfit) => {
            made.error = Some(unfit);
            return Ok(made);
        }
    };
    const UNDER_WAY: &str = "has a request under way; wait until it is final";
    let standing = desk.registry.standing(&reference, None)?;
    if matches!(standing, Standing::Waiting) {
        made.error = Some(Unfit::new(Some("reference"), UNDER_WAY));
        return Ok(made);
    }
    let reissue = match (wanted.reissue, wanted.new_evidence) {
        (false, false) => Reissue::No,
        (true, false) => Reissue::SameEvidence,
        (true, true) => Reissue::NewEvidence,
        (false, true) => {
            let message = "is for re-issues";
            made.error = Some(Unfit::new(Some("new_evidence"), message));
            return Ok(made);
        }
    };
    let live = !matches!(standing, Standing::Unknown | Standing::Revoked);
    if live && !wanted.reissue {
        let message = "has an attestation; ask for a re-issue, which takes its place, or revoke it first";
        made.error = Some(Unfit::new(Some("reference"), message));
        return Ok(made);
    }
    let unavailable = |_| No(StatusCode::SERVICE_UNAVAILABLE, "random", "no randomness".into());
    let code = Code::random().map_err(unavailable)?;
    let tx_code = match wanted.tx_code {
        true => Some(Desk::<R>::new_tx_code().map_err(|_| unavailable(ofage_sdk::random::NoRandomness))?),
        false => None,
    };
    let expires_at = now.saturating_add(u64::from(hours) * 3_600);
    let kept = desk
        .store
        .offer(NewOffer {
            code: desk.code_hash(&code),
            reference,
            attributes,
            reissue,
            tx_code: tx_code.as_ref().map(|tx_code| desk.tx_code_hash(&code, tx_code)),
            expires_at,
        })
        .await?;
    if let Err(Withdrawn::UnderWay) = kept {
        made.error = Some(Unfit::new(Some("reference"), UNDER_WAY));
        return Ok(made);
    }
    let hint = tx_code.as_ref().map(|tx_code| TxCodeHint {
        input_mode: InputMode::Numeric,
        length: u8::try_from(tx_code.expose().len()).ok(),
        description: None,
    });
    made.offer = Some(
        CredentialOffer::new(desk.url.clone(), code, hint)
            .to_uri()
            .to_string(),
    );
    made.tx_code = tx_code.map(|tx_code| tx_code.expose().to_owned());
    made.expires_at = Some(expires_at);
    Ok(made)
}

async fn revocations<R: Registry>(
    State(admin): Shared<R>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, No> {
    let References { references } = read(&headers, body)?;
    let fits = |reference: &String| (1..=MAX_REFERENCE).contains(&reference.len());
    if references.is_empty() || references.len() > MAX_PAGE || !references.iter().all(fits) {
        return Err(No::bad(
            "count",
            format!("a request has 1 to {MAX_PAGE} references"),
        ));
    }
    let count = references.len();
    let _moving = admin.desk.moving.lock().await;
    admin.desk.store.revoke(references, admin.desk.now()).await?;
    admin.desk.work.notify_one();
    // It is remembered, and done when the chain says so.
    Ok((StatusCode::ACCEPTED, Private(json!({ "accepted": count }))).into_response())
}

async fn status<R: Registry>(State(admin): Shared<R>) -> Result<Response, No> {
    let desk = &admin.desk;
    let counts = desk.store.counts()?;
    let document = json!({
        "genesis": desk.registry.genesis().to_string(),
        "issuer": desk.registry.issuer(),
        "url": desk.url,
        "offers": counts.offers,
        "sessions": counts.sessions,
        "queued": counts.queued,
        "revocations": counts.revocations,
        "waiting": desk.registry.waiting()?,
        "uptime_seconds": desk.now().saturating_sub(admin.started_at),
    });
    Ok(Private(document).into_response())
}

/// Reads the reference in a path, whose percent-encoding may be wrong.
fn in_path(reference: Result<Path<String>, PathRejection>) -> Result<String, No> {
    reference
        .ok()
        .map(|Path(reference)| reference)
        .filter(|reference| (1..=MAX_REFERENCE).contains(&reference.len()))
        .ok_or_else(|| No::bad("reference", format!("a reference has 1 to {MAX_REFERENCE} bytes")))
}

async fn customer<R: Registry>(
    State(admin): Shared<R>,
    reference: Result<Path<String>, PathRejection>,
) -> Result<Response, No> {
    let reference = in_path(reference)?;
    let request = admin
        .desk
        .store
        .customer(&reference)?
        .map(|pending| match pending {
            Pending::Offer(_) => "offered",
            Pending::Session(_) => "redeemed",
            Pending::Transaction(_) => "requested",
        });
    let attestation = match admin.desk.registry.standing(&reference, None)? {
        Standing::Waiting => Some("waiting"),
        Standing::Final(_) => Some("final"),
        Standing::Forgotten => Some("forgotten"),
        Standing::Revoked => Some("revoked"),
        Standing::Unknown => None,
    };
    if request.is_none() && attestation.is_none() {
        let message = "there is no such customer";
        return Err(No(StatusCode::NOT_FOUND, "unknown", message.into()));
    }
    Ok(
        Private(json!({ "reference": reference, "request": request, "attestation": attestation }))
            .into_response(),
    )
}

async fn forget<R: Registry>(
    State(admin): Shared<R>,
    reference: Result<Path<String>, PathRejection>,
) -> Result<Response, No> {
    let reference = in_path(reference)?;
    // Nothing of the customer's moves from the store to the register meanwhile.
    let _moving = admin.desk.moving.lock().await;
    let open = admin.desk.store.forget(reference.clone()).await?;
    let known = admin.desk.forget(reference).await?;
    if !open && !known {
        let message = "there is no such customer";
        return Err(No(StatusCode::NOT_FOUND, "unknown", message.into()));
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn no_route() -> No {
    No(StatusCode::NOT_FOUND, "route", "there is no such route".into())
}

async fn no_method() -> No {
    let message = "the route does not take this method";
    No(StatusCode::METHOD_NOT_ALLOWED, "method", message.into())
}

async fn in_time(request: Request, next: Next) -> Response {
    match timeout(REQUEST_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => No(
            StatusCode::GATEWAY_TIMEOUT,
            "late",
            "no answer in time; ask again".into(),
        )
        .into_response(),
    }
}

/// Whether an address is one of this machine: others may not make offers, whatever they show.
pub(super) fn is_local(address: SocketAddr) -> bool {
    address.ip().is_loopback()
}
