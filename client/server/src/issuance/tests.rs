//! The service over a register that is a map, and proofs that are their nonces.

mod admin;
mod crash;
mod flow;
mod hostile;

use std::{
    collections::HashMap,
    sync::{
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        Mutex,
    },
};

use axum::{
    body::{to_bytes, Body},
    http::{header, Method, Request, StatusCode},
    Router,
};
use ofage_primitives::{
    hashes, secrets::HolderSalt, Attributes, Element, Ext, GenesisHash, IdentityCommitment, IssuerIndex,
};
use ofage_sdk::{
    credential::Credential,
    issuance::{
        messages::{AccessToken, CredentialOffer, Evidence, Nonce, NonceResponse, OfferLink, TokenResponse},
        CONFIGURATION, PROOF_TYPE,
    },
    issuer::register::Reissue,
    ownership::OwnershipProof,
};
use serde_json::{json, Value};
use tower::ServiceExt;

use super::*;
use crate::listen::Peer;

const GENESIS: GenesisHash = GenesisHash([7; 32]);
const ISSUER: IssuerIndex = IssuerIndex(3);
/// 2027-01-15.
const NOW: u64 = 1_800_000_000;
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A customer in the fake register.
#[derive(Clone)]
struct Row {
    identity: IdentityCommitment,
    attributes: Attributes,
    stage: Stage,
    delivered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Final,
    Forgotten,
    Revoked,
}

#[derive(Default)]
struct Fake {
    rows: Mutex<HashMap<String, Row>>,
    checked: AtomicUsize,
    broken: AtomicBool,
    settled: AtomicUsize,
}

impl Fake {
    fn row(&self, reference: &str) -> Option<Row> {
        self.rows.lock().unwrap().get(reference).cloned()
    }

    fn fails(&self) -> Result<(), RegistryError> {
        match self.broken.load(Ordering::SeqCst) {
            true => Err(RegistryError("the node is away".into())),
            false => Ok(()),
        }
    }
}

/// What stands for a proof here: as long as one, and made for a commitment and a nonce.
fn proof(identity: &IdentityCommitment, nonce: &Nonce) -> OwnershipProof {
    let mut bytes = [identity.to_bytes(), nonce.0].concat();
    bytes.resize(2_304, 0);
    OwnershipProof::from_bytes(&bytes).unwrap()
}

/// One that is made for nothing.
fn no_proof() -> OwnershipProof {
    OwnershipProof::from_bytes(&[0; 2_304]).unwrap()
}

fn identity(n: u64) -> IdentityCommitment {
    IdentityCommitment::from_element(Element::from_u64(n))
}

fn credential(row: &Row) -> Credential {
    let salt = HolderSalt::from_bytes(&Element::from_u64(9).to_bytes()).unwrap();
    let attestation = hashes::attestation(row.identity, &row.attributes, &Ext::commit(&salt));
    let document = json!({
        "format": "ofage-credential/1",
        "genesis": GENESIS.to_string(),
        "issuer": ISSUER,
        "shard": 0,
        "leaf": 4,
        "identity": row.identity,
        "attributes": row.attributes,
        "salt": hex::encode(Element::from_u64(9).to_bytes()),
        "attestation": attestation,
    });
    Credential::from_json(document.to_string().as_bytes()).unwrap()
}

impl Registry for Fake {
    fn genesis(&self) -> GenesisHash {
        GENESIS
    }

    fn issuer(&self) -> IssuerIndex {
        ISSUER
    }

    fn owns(&self, _: &IssuerUrl, evidence: &Evidence) -> bool {
        self.checked.fetch_add(1, Ordering::SeqCst);
        evidence.proof == proof(&evidence.identity, &evidence.nonce)
    }

    fn take(&self, application: Application) -> Result<Taken, RegistryError> {
        self.fails()?;
        let mut rows = self.rows.lock().unwrap();
        if let Some(known) = rows.get(&application.reference) {
            if known.identity == application.identity {
                return Ok(Taken::Yes);
            }
            if application.reissue == Reissue::No && known.stage != Stage::Revoked {
                return Ok(Taken::No);
            }
        }
        if rows.values().any(|row| row.identity == application.identity) {
            return Ok(Taken::No);
        }
        let row = Row {
            identity: application.identity,
            attributes: application.attributes,
            stage: Stage::Waiting,
            delivered: false,
        };
        rows.insert(application.reference, row);
        Ok(Taken::Yes)
    }

    fn standing(
        &self,
        reference: &str,
        identity: Option<IdentityCommitment>,
    ) -> Result<Standing, RegistryError> {
        let row = self
            .row(reference)
            .filter(|row| identity.is_none_or(|wanted| wanted == row.identity));
        Ok(match row {
            None => Standing::Unknown,
            Some(row) => match row.stage {
                Stage::Waiting => Standing::Waiting,
                Stage::Final => Standing::Final(Box::new(credential(&row))),
                Stage::Forgotten => Standing::Forgotten,
                Stage::Revoked => Standing::Revoked,
            },
        })
    }

    fn delivered(&self, reference: &str) -> Result<(), RegistryError> {
        self.fails()?;
        if let Some(row) = self.rows.lock().unwrap().get_mut(reference) {
            row.delivered = true;
        }
        Ok(())
    }

    fn forget(&self, reference: &str) -> Result<bool, RegistryError> {
        let mut rows = self.rows.lock().unwrap();
        let Some(row) = rows.get_mut(reference) else {
            return Ok(false);
        };
        row.stage = Stage::Forgotten;
        Ok(true)
    }

    fn waiting(&self) -> Result<u64, RegistryError> {
        let rows = self.rows.lock().unwrap();
        Ok(rows.values().filter(|row| row.stage == Stage::Waiting).count() as u64)
    }

    async fn settle(&self) -> Result<u64, RegistryError> {
        self.fails()?;
        self.settled.fetch_add(1, Ordering::SeqCst);
        let mut count = 0;
        for row in self.rows.lock().unwrap().values_mut() {
            if row.stage == Stage::Waiting {
                row.stage = Stage::Final;
                count += 1;
            }
        }
        Ok(count)
    }

    async fn revoke(&self, references: &[String]) -> Result<(), RegistryError> {
        self.fails()?;
        let mut rows = self.rows.lock().unwrap();
        for reference in references {
            if let Some(row) = rows.get_mut(reference) {
                row.stage = Stage::Revoked;
            }
        }
        Ok(())
    }
}

static CLOCK: AtomicU64 = AtomicU64::new(NOW);

/// Every test has its own service, and most of them this clock, which stands still.
fn still() -> u64 {
    NOW
}

struct Service {
    fake: Arc<Fake>,
    desk: Arc<Desk<Fake>>,
    wallets: Router,
    programs: Router,
    directory: tempfile::TempDir,
}

fn generous() -> Rates {
    let rate = Rate {
        per_second: 1e6,
        burst: 1e6,
    };
    Rates {
        each: rate,
        all: rate,
    }
}

fn service_at(directory: tempfile::TempDir, fake: Arc<Fake>, rates: Rates, clock: fn() -> u64) -> Service {
    let path = directory.path().join("issuance.store");
    let store = Store::open(&path, GENESIS, ISSUER).unwrap();
    let url: IssuerUrl = "https://bank.example/ages".parse().unwrap();
    let desk = Arc::new(Desk::new(fake.clone(), store, url, clock, 5, 2));
    let name = Some("Bank of Examples".parse().unwrap());
    let public = routes::Public::new(desk.clone(), Limits::new(rates, Instant::now()), false, name);
    Service {
        fake,
        wallets: routes::router(Arc::new(public)),
        programs: super::admin::router(Arc::new(super::admin::Admin::new(desk.clone(), TOKEN))),
        desk,
        directory,
    }
}

fn service() -> Service {
    service_at(tempfile::tempdir().unwrap(), Arc::default(), generous(), still)
}

/// A person of the file, as the issuer's program sends it.
fn person(reference: &str) -> Value {
    json!({
        "reference": reference,
        "date_of_birth": "1990-05-06",
        "checked_on": "2026-12-01",
        "enrolled_on": "2027-01-01",
        "expires_on": "2029-01-01",
        "assurance": "verified",
        "flags": "bank",
    })
}

/// Headers and body of a request.
enum Sent<'a> {
    Nothing,
    Form(String),
    Json(Option<&'a str>, String),
}

async fn raw(app: &Router, request: Request<Body>) -> (StatusCode, axum::http::HeaderMap, Vec<u8>) {
    let mut request = request;
    request.extensions_mut().insert(Peer(([192, 0, 2, 1], 5).into()));
    let response = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    (
        parts.status,
        parts.headers,
        to_bytes(body, 1 << 22).await.unwrap().to_vec(),
    )
}

async fn send(app: &Router, method: Method, path: &str, sent: Sent<'_>) -> (StatusCode, Value) {
    let mut builder = Request::builder().method(method).uri(path);
    let body = match sent {
        Sent::Nothing => Body::empty(),
        Sent::Form(form) => {
            builder = builder.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            Body::from(form)
        }
        Sent::Json(token, json) => {
            builder = builder.header(header::CONTENT_TYPE, "application/json");
            if let Some(token) = token {
                builder = builder.header(header::AUTHORIZATION, format!("Bearer {token}"));
            }
            Body::from(json)
        }
    };
    let (status, headers, body) = raw(app, builder.body(body).unwrap()).await;
    if body.is_empty() {
        return (status, Value::Null);
    }
    assert_eq!(headers[header::CONTENT_TYPE], "application/json", "{path}");
    assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{path}");
    assert_eq!(
        status == StatusCode::UNAUTHORIZED && !path.starts_with("/v1"),
        headers.contains_key(header::WWW_AUTHENTICATE)
    );
    (status, serde_json::from_slice(&body).unwrap())
}

impl Service {
    async fn admin(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        send(
            &self.programs,
            method,
            path,
            Sent::Json(Some(TOKEN), body.to_string()),
        )
        .await
    }

    async fn offer_with(&self, wanted: Value) -> Value {
        let (status, document) = self
            .admin(Method::POST, "/v1/offers", json!({ "offers": [wanted] }))
            .await;
        assert_eq!(status, StatusCode::OK, "{document}");
        document["offers"][0].clone()
    }

    async fn offer(&self, reference: &str) -> CredentialOffer {
        link(&self.offer_with(json!({ "person": person(reference) })).await)
    }

    async fn redeem(&self, code: &str, tx_code: Option<&str>) -> (StatusCode, Value) {
        let mut form = url_form(&[
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:pre-authorized_code",
            ),
            ("pre-authorized_code", code),
        ]);
        if let Some(tx_code) = tx_code {
            form.push_str(&format!("&tx_code={tx_code}"));
        }
        send(&self.wallets, Method::POST, "/ages/token", Sent::Form(form)).await
    }

    async fn token(&self, reference: &str) -> AccessToken {
        let offer = self.offer(reference).await;
        let (status, document) = self.redeem(offer.code.expose(), None).await;
        assert_eq!(status, StatusCode::OK, "{document}");
        TokenResponse::from_json(document.to_string().as_bytes())
            .unwrap()
            .access_token
    }

    async fn nonce(&self) -> Nonce {
        let (status, document) = send(&self.wallets, Method::POST, "/ages/nonce", Sent::Nothing).await;
        assert_eq!(status, StatusCode::OK);
        NonceResponse::from_json(document.to_string().as_bytes())
            .unwrap()
            .c_nonce
    }

    async fn post(&self, route: &str, token: &AccessToken, body: Value) -> (StatusCode, Value) {
        let sent = Sent::Json(Some(token.expose()), body.to_string());
        send(&self.wallets, Method::POST, &format!("/ages/{route}"), sent).await
    }

    async fn request(&self, token: &AccessToken, identity: IdentityCommitment) -> (StatusCode, Value) {
        let nonce = self.nonce().await;
        let evidence = json!({ "identity": identity, "nonce": nonce, "proof": proof(&identity, &nonce) });
        self.post("credential", token, asked(evidence)).await
    }

    /// Everything that waits becomes final.
    async fn settle(&self) {
        while batcher::take(&self.desk).await.unwrap() {}
        self.fake.settle().await.unwrap();
    }

    /// The same files after the process has gone.
    fn restarted(self) -> Service {
        let Service {
            fake,
            desk,
            wallets,
            programs,
            directory,
        } = self;
        drop((wallets, programs));
        let store = Arc::into_inner(desk).expect("nothing else holds it").store;
        store.close_for_tests();
        service_at(directory, fake, generous(), still)
    }
}

fn url_form(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

fn asked(evidence: Value) -> Value {
    json!({ "credential_configuration_id": CONFIGURATION, "proofs": { PROOF_TYPE: [evidence] } })
}

fn link(made: &Value) -> CredentialOffer {
    match made["offer"]
        .as_str()
        .unwrap_or_else(|| panic!("{made}"))
        .parse()
        .unwrap()
    {
        OfferLink::Offer(offer) => *offer,
        OfferLink::Address(_) => panic!("an address"),
    }
}

fn error(document: &Value) -> &str {
    document["error"].as_str().unwrap_or_else(|| panic!("{document}"))
}
