//! The routes that wallets see.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::Bytes,
    extract::{rejection::BytesRejection, DefaultBodyLimit, Request, State},
    http::{header, HeaderMap, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
    Router,
};
use ofage_sdk::issuance::messages::{
    AccessToken, AuthorizationMetadata, DeferredRequest, ErrorCode, IssuerMetadata, Label, NonceResponse,
    Notification, TokenRequest, TokenResponse, AUTHORIZATION_METADATA, ISSUER_METADATA, MAX_MESSAGE,
};
use serde_json::Value;
use tokio::time::timeout;

use super::{
    answer::{Answer, Fault, Private},
    desk::Desk,
    limits::Limits,
    registry::Registry,
};
use crate::listen::Peer;

/// Longest time for a request, its body included. A proof waits for others before it, some milliseconds each.
const REQUEST_TIME: Duration = Duration::from_secs(30);
/// Where a proxy names who sent it a request.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// What all requests share.
pub(super) struct Public<R> {
    pub(super) desk: Arc<Desk<R>>,
    limits: Limits,
    /// Whether requests come from a proxy, which names the wallet's address.
    proxied: bool,
    issuer: Value,
    authorization: Value,
}

type Shared<R> = State<Arc<Public<R>>>;
type Body = Result<Bytes, BytesRejection>;

impl<R: Registry> Public<R> {
    pub(super) fn new(desk: Arc<Desk<R>>, limits: Limits, proxied: bool, name: Option<Label>) -> Self {
        let (genesis, issuer) = (desk.registry.genesis(), desk.registry.issuer());
        Self {
            issuer: IssuerMetadata::new(desk.url.clone(), name, genesis, issuer).to_json(),
            authorization: AuthorizationMetadata::new(desk.url.clone()).to_json(),
            desk,
            limits,
            proxied,
        }
    }
}

/// The routes, at the paths that the service's URL gives them.
pub(super) fn router<R: Registry>(public: Arc<Public<R>>) -> Router {
    let path = public.desk.url.path().to_owned();
    let at = |place: &str| format!("{path}{place}");
    let known = |kind: &str| format!("/.well-known/{kind}{path}");
    Router::new()
        .route(&known(ISSUER_METADATA), get(issuer::<R>))
        .route(&known(AUTHORIZATION_METADATA), get(authorization::<R>))
        .route(&at("/token"), post(token::<R>))
        .route(&at("/nonce"), post(nonce::<R>))
        .route(&at("/credential"), post(credential::<R>))
        .route(&at("/deferred_credential"), post(deferred::<R>))
        .route(&at("/notification"), post(notification::<R>))
        .route(&at("/health"), get(health))
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .layer(DefaultBodyLimit::max(MAX_MESSAGE))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(public.clone(), in_bounds::<R>))
        .with_state(public)
}

async fn issuer<R: Registry>(State(public): Shared<R>) -> Private<Value> {
    Private(public.issuer.clone())
}

async fn authorization<R: Registry>(State(public): Shared<R>) -> Private<Value> {
    Private(public.authorization.clone())
}

async fn token<R: Registry>(
    State(public): Shared<R>,
    headers: HeaderMap,
    body: Body,
) -> Result<Private<TokenResponse>, Fault> {
    let body = of_kind(&headers, "application/x-www-form-urlencoded", body)?;
    let request = TokenRequest::from_form(&body)
        .map_err(|code| Fault::bad(code, "the request is not one that redeems a pre-authorized code"))?;
    Ok(Private(public.desk.redeem(request).await?))
}

async fn nonce<R: Registry>(State(public): Shared<R>) -> Result<Private<NonceResponse>, Fault> {
    Ok(Private(public.desk.nonce()?))
}

async fn credential<R: Registry>(
    State(public): Shared<R>,
    headers: HeaderMap,
    body: Body,
) -> Result<Answer, Fault> {
    let token = bearer(&headers)?;
    let body = of_kind(&headers, "application/json", body)?;
    Ok(Answer(public.desk.request(token, &body).await?))
}

async fn deferred<R: Registry>(
    State(public): Shared<R>,
    headers: HeaderMap,
    body: Body,
) -> Result<Answer, Fault> {
    let token = bearer(&headers)?;
    let body = of_kind(&headers, "application/json", body)?;
    let request = DeferredRequest::from_json(&body)
        .map_err(|code| Fault::bad(code, "the request names no transaction"))?;
    Ok(Answer(public.desk.deferred(token, request).await?))
}

async fn notification<R: Registry>(
    State(public): Shared<R>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Fault> {
    let token = bearer(&headers)?;
    let body = of_kind(&headers, "application/json", body)?;
    let notification = Notification::from_json(&body)
        .map_err(|code| Fault::bad(code, "the notification names no credential and event"))?;
    public.desk.notified(token, notification).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// For what supervises the service: it answers.
async fn health() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The token of a request; the scheme's case does not matter.
fn bearer(headers: &HeaderMap) -> Result<AccessToken, Fault> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else {
        return Err(Fault::token());
    };
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or(Fault::token())?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Fault::token());
    }
    token.trim_start_matches(' ').parse().map_err(|_| Fault::token())
}

/// A body of the one kind that a route takes.
fn of_kind(headers: &HeaderMap, kind: &str, body: Body) -> Result<Bytes, Fault> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media = given
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if !media.trim().eq_ignore_ascii_case(kind) {
        return Err(Fault::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::InvalidRequest,
            "the route takes another content type",
        ));
    }
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Fault::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            ErrorCode::InvalidRequest,
            "the request is too long",
        ),
        _ => Fault::bad(ErrorCode::InvalidRequest, "the request is cut off"),
    })
}

async fn no_route() -> Fault {
    Fault::new(
        StatusCode::NOT_FOUND,
        ErrorCode::InvalidRequest,
        "there is no such route",
    )
}

async fn no_method() -> Fault {
    Fault::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::InvalidRequest,
        "the route does not take this method",
    )
}

/// Bounds how often an address may ask.
async fn in_bounds<R: Registry>(State(public): Shared<R>, request: Request, next: Next) -> Response {
    let Some(address) = sender(&request, public.proxied) else {
        return Fault::bad(
            ErrorCode::InvalidRequest,
            "the proxy does not say who asks; have it set X-Forwarded-For",
        )
        .into_response();
    };
    match public.limits.pass(address, Instant::now()) {
        Ok(()) => next.run(request).await,
        Err(wait) => Fault::slow_down(wait.as_secs().saturating_add(1)).into_response(),
    }
}

/// Who sent a request. Of a proxy's list only the last entry counts: the proxy wrote it, and the sender those before it.
fn sender(request: &Request, proxied: bool) -> Option<IpAddr> {
    if !proxied {
        return request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    }
    let value = request.headers().get_all(FORWARDED_FOR).iter().next_back()?;
    let last = value.to_str().ok()?.rsplit(',').next()?.trim();
    last.parse().ok()
}

/// Bounds the time of a request, its body included.
async fn in_time(request: Request, next: Next) -> Response {
    match timeout(REQUEST_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Fault::unavailable("no answer in time; ask again").into_response(),
    }
}
