//! Wallets that ask an issuance service as fast as it answers, and how fast that is.
//!
//! Run a service with limits that are out of the way, then this, on the same machine:
//!
//! ```text
//! ofage issuer serve --register r --store s --admin-token-file t --rate 100000 --rate-all 100000 --dev-key Issuer1
//! cargo run --release --example issuance_load -- 127.0.0.1:8090 127.0.0.1:8091 t 1000 32
//! ```
//!
//! The arguments are the service's addresses, the token's file, the number of customers, and how many ask at a time.
//! Proofs are made before the clock of the step that sends them starts.

use std::{
    net::SocketAddr,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc, Mutex,
    },
    time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use axum::{
    body::{to_bytes, Body},
    http::{header, Request, StatusCode},
};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use ofage_primitives::HolderSecret;
use ofage_sdk::{
    issuance::messages::{
        AccessToken, AuthorizationMetadata, CredentialOffer, CredentialRequest, CredentialResponse,
        DeferredRequest, Evidence, IssuerMetadata, IssuerUrl, NonceResponse, Notification, NotificationEvent,
        OfferLink, TokenRequest, TokenResponse, TransactionId, ISSUER_METADATA,
    },
    ownership::{self, Claim},
    random,
};
use ofage_server::issuance::{AdminClient, Person, Wanted, WantedPage, MAX_PAGE};
use tokio::{net::TcpStream, time::sleep};
use zeroize::Zeroizing;

const MAX_ANSWER: usize = 1 << 20;
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// One connection that is used again and again.
struct Connection(SendRequest<Body>, String);

impl Connection {
    async fn new(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender, address.to_string()))
    }

    async fn send(
        &mut self,
        path: &str,
        kind: &str,
        token: Option<&AccessToken>,
        body: Option<String>,
    ) -> Result<(StatusCode, Vec<u8>)> {
        self.0.ready().await?;
        let method = if body.is_some() { "POST" } else { "GET" };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.1)
            .header(header::CONTENT_TYPE, kind);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.expose()));
        }
        let response = self
            .0
            .send_request(request.body(Body::from(body.unwrap_or_default()))?)
            .await?;
        let (head, body) = response.into_parts();
        Ok((head.status, to_bytes(Body::new(body), MAX_ANSWER).await?.to_vec()))
    }
}

/// A customer on the way.
struct Customer {
    offer: CredentialOffer,
    secret: HolderSecret,
    token: Option<AccessToken>,
    request: Option<String>,
    transaction: Option<TransactionId>,
}

fn person(n: usize) -> Person {
    let mut person = Person::default();
    let run = std::process::id();
    for (column, value) in [
        ("reference", format!("load-{run}-{n}")),
        ("date_of_birth", "1990-05-06".to_owned()),
        ("checked_on", "2026-01-01".to_owned()),
        ("enrolled_on", "2026-01-01".to_owned()),
        ("expires_on", "2030-01-01".to_owned()),
        ("assurance", "verified".to_owned()),
        ("flags", "bank".to_owned()),
    ] {
        person.set(column, value);
    }
    person
}

/// Runs a step for every customer, some at a time, and tells how many a second.
async fn step<F, Fut>(
    name: &str,
    address: SocketAddr,
    customers: &[Arc<Mutex<Customer>>],
    at_once: usize,
    act: F,
) -> Result<()>
where
    F: Fn(Connection, Arc<Mutex<Customer>>) -> Fut + Send + Sync + Copy + 'static,
    Fut: std::future::Future<Output = Result<Connection>> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let all: Arc<[Arc<Mutex<Customer>>]> = customers.into();
    let started = Instant::now();
    let mut workers = Vec::new();
    for _ in 0..at_once {
        let (next, all) = (next.clone(), all.clone());
        workers.push(tokio::spawn(async move {
            let mut connection = Connection::new(address).await?;
            let mut slowest = Duration::ZERO;
            while let Some(customer) = all.get(next.fetch_add(1, Ordering::SeqCst)) {
                let began = Instant::now();
                connection = act(connection, customer.clone()).await?;
                slowest = slowest.max(began.elapsed());
            }
            anyhow::Ok(slowest)
        }));
    }
    let mut slowest = Duration::ZERO;
    for worker in workers {
        slowest = slowest.max(worker.await??);
    }
    let passed = started.elapsed().as_secs_f64();
    println!(
        "{name}: {} in {passed:.2} s, {:.0}/s, the slowest took {:.0} ms",
        customers.len(),
        customers.len() as f64 / passed,
        slowest.as_secs_f64() * 1e3
    );
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [listen, admin, token_file, count, at_once] = &arguments[..] else {
        bail!("give LISTEN ADMIN TOKEN-FILE CUSTOMERS AT-ONCE");
    };
    let (address, count, at_once): (SocketAddr, usize, usize) =
        (listen.parse()?, count.parse()?, at_once.parse()?);
    let token = std::fs::read_to_string(token_file)?.trim().to_owned();
    let client = AdminClient::new(admin.parse()?, Zeroizing::new(token))?;

    let started = Instant::now();
    let mut customers = Vec::new();
    for page in (0..count).collect::<Vec<_>>().chunks(MAX_PAGE) {
        let offers = page.iter().map(|n| Wanted {
            person: person(*n),
            tx_code: false,
            reissue: false,
            new_evidence: false,
            valid_hours: None,
        });
        let made = client
            .offers(&WantedPage {
                offers: offers.collect(),
            })
            .await?;
        for one in made.offers {
            let link = one.offer.with_context(|| format!("no offer: {:?}", one.error))?;
            let OfferLink::Offer(offer) = link.parse()? else {
                bail!("an address");
            };
            customers.push(Arc::new(Mutex::new(Customer {
                offer: *offer,
                secret: HolderSecret::from_uniform(&*random::bytes::<64>()?),
                token: None,
                request: None,
                transaction: None,
            })));
        }
    }
    let passed = started.elapsed().as_secs_f64();
    println!("offers: {count} in {passed:.2} s, {:.0}/s", count as f64 / passed);

    let url: IssuerUrl = customers
        .first()
        .context("no customers")?
        .lock()
        .expect("one thread")
        .offer
        .issuer
        .clone();
    let mut connection = Connection::new(address).await?;
    let (_, body) = connection
        .send(url.well_known(ISSUER_METADATA).path(), JSON, None, None)
        .await?;
    let metadata = IssuerMetadata::from_json(&body, &url)?;
    let token_path = AuthorizationMetadata::new(url.clone()).token.path().to_owned();
    println!("issuer {} at {url}", metadata.index);
    // Paths live as long as the program, so that steps can share them.
    let paths: &'static IssuerMetadata = Box::leak(Box::new(metadata));
    let token_path: &'static str = Box::leak(token_path.into_boxed_str());

    step(
        "token",
        address,
        &customers,
        at_once,
        move |mut connection, customer| async move {
            let form = {
                let customer = customer.lock().expect("one at a time");
                TokenRequest {
                    code: customer.offer.code.clone(),
                    tx_code: None,
                }
                .to_form()
            };
            let (status, body) = connection
                .send(token_path, FORM, None, Some(form.to_string()))
                .await?;
            ensure!(
                status == StatusCode::OK,
                "token: {status} {}",
                String::from_utf8_lossy(&body)
            );
            customer.lock().expect("one at a time").token =
                Some(TokenResponse::from_json(&body)?.access_token);
            Ok(connection)
        },
    )
    .await?;

    step(
        "nonce",
        address,
        &customers,
        at_once,
        move |mut connection, _| async move {
            let (status, _) = connection
                .send(paths.nonce.path(), JSON, None, Some(String::new()))
                .await?;
            ensure!(status == StatusCode::OK, "nonce: {status}");
            Ok(connection)
        },
    )
    .await?;

    step(
        "nonce and proof (the wallets' work)",
        address,
        &customers,
        at_once,
        move |mut connection, customer| async move {
            let (_, body) = connection
                .send(paths.nonce.path(), JSON, None, Some(String::new()))
                .await?;
            let nonce = NonceResponse::from_json(&body)?.c_nonce;
            let claim = Claim {
                genesis: paths.genesis,
                issuer: paths.index,
                audience: paths.issuer.audience(),
                nonce: nonce.0,
            };
            let proved = customer.clone();
            let (identity, proof) = tokio::task::spawn_blocking(move || {
                ownership::prove(&proved.lock().expect("one at a time").secret, &claim)
            })
            .await??;
            let evidence = Evidence {
                identity,
                nonce,
                proof,
            };
            customer.lock().expect("one at a time").request =
                Some(CredentialRequest::new(&paths.configuration, evidence).to_json());
            Ok(connection)
        },
    )
    .await?;

    step(
        "credential",
        address,
        &customers,
        at_once,
        move |mut connection, customer| async move {
            let (token, request) = {
                let mut customer = customer.lock().expect("one at a time");
                (customer.token.clone(), customer.request.take())
            };
            let (status, body) = connection
                .send(paths.credential.path(), JSON, token.as_ref(), request)
                .await?;
            ensure!(
                status == StatusCode::ACCEPTED,
                "credential: {status} {}",
                String::from_utf8_lossy(&body)
            );
            let CredentialResponse::Deferred { transaction, .. } = CredentialResponse::from_json(&body)?
            else {
                bail!("it was ready at once");
            };
            customer.lock().expect("one at a time").transaction = Some(transaction);
            Ok(connection)
        },
    )
    .await?;

    step(
        "deferred, not ready or just so",
        address,
        &customers,
        at_once,
        move |mut connection, customer| async move {
            ask(&mut connection, paths, &customer).await?;
            Ok(connection)
        },
    )
    .await?;

    let waiting = Instant::now();
    // The service closes connections that are idle for long.
    let mut connection = Connection::new(address).await?;
    for customer in &customers {
        while ask(&mut connection, paths, customer).await?.is_none() {
            sleep(Duration::from_millis(200)).await;
        }
    }
    println!("all are final {:.1} s later", waiting.elapsed().as_secs_f64());

    step(
        "credential handed out, and told",
        address,
        &customers,
        at_once,
        move |mut connection, customer| async move {
            let Some(CredentialResponse::Issued {
                credential,
                notification,
            }) = ask(&mut connection, paths, &customer).await?
            else {
                bail!("not ready");
            };
            let token = {
                let customer = customer.lock().expect("one at a time");
                credential.check(&customer.secret)?;
                customer.token.clone()
            };
            let told = Notification {
                notification_id: notification.context("no id")?,
                event: NotificationEvent::CredentialAccepted,
            };
            let path = paths.notification.as_ref().context("no notifications")?.path();
            let (status, _) = connection
                .send(path, JSON, token.as_ref(), Some(serde_json::to_string(&told)?))
                .await?;
            ensure!(status == StatusCode::NO_CONTENT, "notification: {status}");
            Ok(connection)
        },
    )
    .await
}

/// Asks for a customer's credential; nothing while it is not ready.
async fn ask(
    connection: &mut Connection,
    paths: &IssuerMetadata,
    customer: &Mutex<Customer>,
) -> Result<Option<CredentialResponse>> {
    let (token, body) = {
        let customer = customer.lock().expect("one at a time");
        let transaction_id = customer.transaction.clone().context("not requested")?;
        (
            customer.token.clone(),
            serde_json::to_string(&DeferredRequest { transaction_id })?,
        )
    };
    let (status, body) = connection
        .send(paths.deferred.path(), JSON, token.as_ref(), Some(body))
        .await?;
    ensure!(
        status.is_success(),
        "deferred: {status} {}",
        String::from_utf8_lossy(&body)
    );
    let response = CredentialResponse::from_json(&body)?;
    Ok(matches!(response, CredentialResponse::Issued { .. }).then_some(response))
}
