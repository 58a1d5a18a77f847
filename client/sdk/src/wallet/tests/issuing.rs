//! A wallet and services that do not wish it well.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{
    http::HttpError,
    issuance::messages::{
        AuthorizationMetadata, CredentialOffer, CredentialResponse, ErrorBody, ErrorCode, IssuerMetadata,
        IssuerUrl, NotificationEvent, TransactionId, AUTHORIZATION_METADATA,
    },
    wallet::issuance::{Collected, IssuanceError, Offered},
};

/// What a service says, a status and a body, in turn; the last one for ever.
type Says = VecDeque<(u16, String)>;

/// What a service says, by the kind of question.
#[derive(Default)]
struct Script {
    genesis: Option<GenesisHash>,
    token: Says,
    nonce: Says,
    credential: Says,
    deferred: Says,
    /// Requests for a credential, as they came.
    asked: Vec<String>,
}

impl Script {
    fn next(says: &mut Says) -> (u16, String) {
        match says.len() {
            0 => (500, String::new()),
            1 => says[0].clone(),
            _ => says.pop_front().unwrap(),
        }
    }
}

struct Service {
    url: IssuerUrl,
    script: Arc<Mutex<Script>>,
}

impl Service {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url: IssuerUrl = format!("http://127.0.0.1:{port}").parse().unwrap();
        let script = Arc::new(Mutex::new(Script::default()));
        let (at, says) = (url.clone(), script.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, at.clone(), says.clone()));
            }
        });
        let service = Self { url, script };
        service.says(|script| {
            script.token = [(
                200,
                json!({"access_token": "t".repeat(43), "token_type": "Bearer", "expires_in": 600}),
            )]
            .map(|(status, body)| (status, body.to_string()))
            .into();
            script.nonce = [(200, json!({"c_nonce": nonce(1)}).to_string())].into();
        });
        service
    }

    fn says(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock().unwrap());
    }

    async fn offered(&self) -> Offered {
        let code = "c".repeat(43).parse().unwrap();
        let offer = CredentialOffer::new(self.url.clone(), code, None);
        Offered::look_at(&offer.to_uri()).await.ok().unwrap()
    }
}

/// A nonce as messages have it.
fn nonce(byte: u8) -> serde_json::Value {
    serde_json::to_value(crate::issuance::messages::Nonce([byte; 32])).unwrap()
}

async fn answer(mut stream: TcpStream, at: IssuerUrl, script: Arc<Mutex<Script>>) {
    let mut read = Vec::new();
    let mut piece = [0; 4_096];
    let request = loop {
        let Ok(count @ 1..) = stream.read(&mut piece).await else {
            return;
        };
        read.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().unwrap())
        });
        if body.len() >= length.unwrap_or(0) {
            break text;
        }
    };
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, body) = {
        let mut script = script.lock().unwrap();
        let genesis = script.genesis.unwrap_or(GENESIS);
        let metadata = IssuerMetadata::new(at.clone(), None, genesis, IssuerIndex(0));
        match path {
            path if path.contains(AUTHORIZATION_METADATA) => {
                (200, AuthorizationMetadata::new(at).to_json().to_string())
            }
            path if path.contains("well-known") => (200, metadata.to_json().to_string()),
            path if path == metadata.nonce.path() => Script::next(&mut script.nonce),
            path if path == metadata.deferred.path() => Script::next(&mut script.deferred),
            path if path == metadata.credential.path() => {
                script.asked.push(request);
                Script::next(&mut script.credential)
            }
            _ => Script::next(&mut script.token),
        }
    };
    let location = if status == 302 {
        "location: http://127.0.0.1:1/\r\n"
    } else {
        ""
    };
    let head = format!(
        "HTTP/1.1 {status} x\r\n{location}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body.as_bytes()).await;
}

fn no(code: ErrorCode) -> (u16, String) {
    (400, serde_json::to_string(&ErrorBody::new(code, "no")).unwrap())
}

fn deferred() -> (u16, String) {
    let transaction: TransactionId = "d".repeat(43).parse().unwrap();
    let response = CredentialResponse::Deferred {
        transaction,
        interval: 1,
    };
    (202, response.to_json())
}

fn issued(credential: Credential) -> (u16, String) {
    let response = CredentialResponse::Issued {
        credential: Box::new(credential),
        notification: None,
    };
    (200, response.to_json())
}

/// A wallet that a service owes a credential.
async fn owed(service: &Service, place: &Place) -> Wallet {
    let mut wallet = place.create();
    wallet.redeem(service.offered().await, None).await.unwrap();
    wallet
}

async fn refusal(wallet: &mut Wallet) -> IssuanceError {
    wallet.collect(0).await.err().expect("refused")
}

#[tokio::test]
async fn a_credential_comes_when_it_is_ready() {
    let (service, place) = (Service::start().await, Place::new());
    let mut wallet = owed(&service, &place).await;
    let mine = credential(&wallet.content.secret, attributes("1990-05-06"));
    service.says(|script| {
        script.credential = [deferred()].into();
        script.deferred = [deferred(), issued(mine)].into();
    });
    assert!(matches!(
        wallet.collect(0).await,
        Ok(Collected::NotYet { interval: 1 })
    ));
    // What is owed survives the wallet's end.
    drop(wallet);
    let mut wallet = place.open(WORDS).unwrap();
    assert!(matches!(wallet.collect(0).await, Ok(Collected::NotYet { .. })));
    let Ok(Collected::Credential(_, None)) = wallet.collect(0).await else {
        panic!("no credential");
    };
    wallet
        .settle(0, None, NotificationEvent::CredentialAccepted)
        .await
        .unwrap();
    drop(wallet);
    assert!(place.open(WORDS).unwrap().owed().is_empty());
    assert_eq!(
        service.script.lock().unwrap().asked.len(),
        1,
        "one proof for one request"
    );
}

#[tokio::test]
async fn a_nonce_that_was_too_old_is_fetched_anew() {
    let (service, place) = (Service::start().await, Place::new());
    let mut wallet = owed(&service, &place).await;
    service.says(|script| {
        script.nonce = [1, 2, 3, 4]
            .map(|byte| (200, json!({"c_nonce": nonce(byte)}).to_string()))
            .into();
        script.credential = [
            no(ErrorCode::InvalidNonce),
            no(ErrorCode::InvalidNonce),
            deferred(),
        ]
        .into();
    });
    let error = refusal(&mut wallet).await;
    assert!(matches!(
        error,
        IssuanceError::Refused {
            reason: ErrorCode::InvalidNonce,
            ..
        }
    ));
    // It is owed still, and comes the next time.
    assert!(matches!(wallet.collect(0).await, Ok(Collected::NotYet { .. })));
    let asked = service.script.lock().unwrap().asked.clone();
    assert_eq!(asked.len(), 3);
    assert_ne!(asked[0], asked[1], "a proof for each nonce");
}

#[tokio::test]
async fn only_a_final_no_ends_what_is_owed() {
    let (service, place) = (Service::start().await, Place::new());
    let mut wallet = owed(&service, &place).await;
    for code in [
        ErrorCode::SlowDown,
        ErrorCode::TemporarilyUnavailable,
        ErrorCode::ServerError,
        ErrorCode::Other,
    ] {
        service.says(|script| script.credential = [no(code)].into());
        assert!(matches!(
            refusal(&mut wallet).await,
            IssuanceError::Refused { .. }
        ));
        assert_eq!(wallet.owed().len(), 1, "{}", code.name());
    }
    for answer in [(503, String::new()), (429, "busy".to_owned())] {
        service.says(|script| script.credential = [answer].into());
        assert!(matches!(refusal(&mut wallet).await, IssuanceError::Later { .. }));
        assert_eq!(wallet.owed().len(), 1);
    }
    service.says(|script| script.nonce = [no(ErrorCode::InvalidRequest)].into());
    assert!(matches!(refusal(&mut wallet).await, IssuanceError::Message(_)));
    assert_eq!(wallet.owed().len(), 1);
    service.says(|script| {
        script.nonce = [(200, json!({"c_nonce": nonce(1)}).to_string())].into();
        script.credential = [no(ErrorCode::InvalidToken)].into();
    });
    refusal(&mut wallet).await;
    assert!(wallet.owed().is_empty());
    drop(wallet);
    assert!(place.open(WORDS).unwrap().owed().is_empty());
}

#[tokio::test]
async fn another_persons_credential_is_not_taken() {
    let (service, place) = (Service::start().await, Place::new());
    let mut wallet = owed(&service, &place).await;
    let stranger = crate::random::secret().unwrap();
    let theirs = credential(&stranger, attributes("1990-05-06"));
    service.says(|script| script.credential = [issued(theirs)].into());
    assert!(matches!(refusal(&mut wallet).await, IssuanceError::Credential(_)));
    // Of another issuer of the chain, to the holder's own commitment there.
    let other =
        crate::credential::tests::credential_at(&wallet.content.secret, attributes("1990-05-06"), 1, (0, 3));
    service.says(|script| script.credential = [issued(other)].into());
    assert!(matches!(refusal(&mut wallet).await, IssuanceError::Other));
    assert_eq!(wallet.owed().len(), 1);
}

#[tokio::test]
async fn a_service_that_became_another_gets_no_proof() {
    let (service, place) = (Service::start().await, Place::new());
    let mut wallet = owed(&service, &place).await;
    service.says(|script| script.genesis = Some(GenesisHash([8; 32])));
    assert!(matches!(refusal(&mut wallet).await, IssuanceError::Other));
    assert!(service.script.lock().unwrap().asked.is_empty());
    assert_eq!(wallet.owed().len(), 1);
}

#[tokio::test]
async fn answers_that_are_none_change_nothing() {
    let (service, place) = (Service::start().await, Place::new());
    let mut wallet = owed(&service, &place).await;
    for body in [
        "",
        "{}",
        "[]",
        "{\"credentials\":[]}",
        "{\"credentials\":[{\"credential\":{}}]}",
        "{\"transaction_id\":\"x\",\"interval\":0}",
        "{\"transaction_id\":\"x\",\"interval\":4294967295}",
    ] {
        service.says(|script| script.credential = [(200, body.to_owned())].into());
        assert!(
            matches!(refusal(&mut wallet).await, IssuanceError::Message(_)),
            "{body}"
        );
    }
    let deep = "[".repeat(20_000);
    service.says(|script| script.credential = [(200, deep)].into());
    assert!(matches!(refusal(&mut wallet).await, IssuanceError::Message(_)));
    service.says(|script| script.credential = [(200, "x".repeat(1 << 20))].into());
    let error = refusal(&mut wallet).await;
    assert!(matches!(error, IssuanceError::Http(HttpError::TooLong { .. })));
    service.says(|script| script.credential = [(302, String::new())].into());
    let error = refusal(&mut wallet).await;
    assert!(matches!(error, IssuanceError::Http(HttpError::Redirect(_))));
    drop(wallet);
    assert_eq!(place.open(WORDS).unwrap().owed().len(), 1);
}

#[tokio::test]
async fn a_code_that_is_refused_leaves_nothing() {
    let (service, place) = (Service::start().await, Place::new());
    let mut wallet = place.create();
    service.says(|script| script.token = [no(ErrorCode::InvalidGrant)].into());
    let error = wallet.redeem(service.offered().await, None).await.err().unwrap();
    assert!(matches!(
        error,
        IssuanceError::Refused {
            reason: ErrorCode::InvalidGrant,
            ..
        }
    ));
    assert!(wallet.owed().is_empty());
}
