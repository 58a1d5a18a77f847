//! The way from an offer to a credential.

use super::*;
use ofage_sdk::issuance::messages::{AuthorizationMetadata, CredentialResponse, IssuerMetadata};

#[tokio::test]
async fn the_service_describes_itself_where_wallets_look() {
    let service = service();
    let url = &service.desk.url;
    let (status, document) = send(
        &service.wallets,
        Method::GET,
        "/.well-known/openid-credential-issuer/ages",
        Sent::Nothing,
    )
    .await;
    assert_eq!(status, StatusCode::OK);
    let read = IssuerMetadata::from_json(document.to_string().as_bytes(), url).unwrap();
    assert_eq!((read.genesis, read.index), (GENESIS, ISSUER));
    assert_eq!(read.name.unwrap().as_str(), "Bank of Examples");
    let (_, document) = send(
        &service.wallets,
        Method::GET,
        "/.well-known/oauth-authorization-server/ages",
        Sent::Nothing,
    )
    .await;
    let read = AuthorizationMetadata::from_json(document.to_string().as_bytes(), url).unwrap();
    assert_eq!(read.token.path(), "/ages/token");
}

#[tokio::test]
async fn a_wallet_gets_its_credential_once_it_is_final() {
    let service = service();
    let token = service.token("ann").await;
    let (status, answer) = service.request(&token, identity(1)).await;
    assert_eq!(
        (status, &answer["interval"]),
        (StatusCode::ACCEPTED, &json!(5)),
        "{answer}"
    );
    let again = json!({ "transaction_id": answer["transaction_id"] });
    assert_eq!(
        service.post("deferred_credential", &token, again.clone()).await,
        (status, answer)
    );
    service.settle().await;
    let (status, answer) = service.post("deferred_credential", &token, again.clone()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let read = CredentialResponse::from_json(answer.to_string().as_bytes()).unwrap();
    let CredentialResponse::Issued { credential, .. } = read else {
        panic!("no credential");
    };
    assert_eq!(credential.identity, identity(1));
    assert_eq!(
        credential.attributes.parts().latest_birth.to_string(),
        "1990-05-06"
    );
    assert!(!service.fake.row("ann").unwrap().delivered);
    // The answer may have been lost, so it may be had again, until the wallet says that it has it.
    assert_eq!(
        service.post("deferred_credential", &token, again.clone()).await.0,
        StatusCode::OK
    );
    let told = json!({ "notification_id": answer["notification_id"], "event": "credential_accepted" });
    for _ in 0..2 {
        assert_eq!(
            service.post("notification", &token, told.clone()).await.0,
            StatusCode::NO_CONTENT
        );
    }
    assert!(service.fake.row("ann").unwrap().delivered);
    let (status, answer) = service.post("deferred_credential", &token, again).await;
    assert_eq!(
        (status, error(&answer)),
        (StatusCode::BAD_REQUEST, "invalid_transaction_id")
    );
}

#[tokio::test]
async fn a_wallet_that_lost_the_answer_asks_again_and_gets_the_same_transaction() {
    let service = service();
    let token = service.token("ann").await;
    let (_, first) = service.request(&token, identity(1)).await;
    let (_, second) = service.request(&token, identity(1)).await;
    assert_eq!(first, second);
    service.settle().await;
    assert_eq!(service.request(&token, identity(1)).await.0, StatusCode::OK);
    assert_eq!(service.fake.rows.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_is_lost_when_the_process_ends_at_any_step() {
    let service = service().restarted();
    let offer = service.offer("ann").await;
    let service = service.restarted();
    let (_, answer) = service.redeem(offer.code.expose(), None).await;
    let token: AccessToken = answer["access_token"].as_str().unwrap().parse().unwrap();
    let service = service.restarted();
    let (status, answer) = service.request(&token, identity(1)).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let again = json!({ "transaction_id": answer["transaction_id"] });
    let service = service.restarted();
    assert_eq!(
        service.post("deferred_credential", &token, again.clone()).await.0,
        StatusCode::ACCEPTED
    );
    // It ends between the register's taking a request and the store's noting that.
    let waiting = service.desk.store.queued(10).unwrap();
    let row = waiting[0].transaction.clone().unwrap();
    service
        .fake
        .take(Application {
            reference: row.reference.clone(),
            identity: row.identity,
            attributes: row.attributes().unwrap(),
            reissue: row.renewal.into(),
        })
        .unwrap();
    let service = service.restarted();
    service.settle().await;
    let service = service.restarted();
    assert_eq!(
        service.post("deferred_credential", &token, again.clone()).await.0,
        StatusCode::OK
    );
    let service = service.restarted();
    assert_eq!(
        service.post("deferred_credential", &token, again).await.0,
        StatusCode::OK
    );
    assert_eq!(
        service.redeem(offer.code.expose(), None).await.0,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_register_that_says_no_is_final_for_the_wallet() {
    let service = service();
    let first = service.token("ann").await;
    service.request(&first, identity(1)).await;
    service.settle().await;
    // Another customer with the same commitment: each person has their own.
    let second = service.token("bob").await;
    let (_, answer) = service.request(&second, identity(1)).await;
    let again = json!({ "transaction_id": answer["transaction_id"] });
    service.settle().await;
    let (status, answer) = service.post("deferred_credential", &second, again).await;
    assert_eq!(
        (status, error(&answer)),
        (StatusCode::BAD_REQUEST, "credential_request_denied")
    );
    assert!(service.fake.row("bob").is_none());
}

#[tokio::test]
async fn a_reissue_takes_the_place_of_what_there_was() {
    let service = service();
    let token = service.token("ann").await;
    service.request(&token, identity(1)).await;
    while batcher::take(&service.desk).await.unwrap() {}
    let wanted = json!({ "person": person("ann"), "reissue": true });
    assert_eq!(
        service.offer_with(wanted).await["error"]["column"],
        "reference",
        "it is under way"
    );
    service.settle().await;
    let made = service.offer_with(json!({ "person": person("ann") })).await;
    assert_eq!(made["error"]["column"], "reference", "{made}");
    assert!(made.get("offer").is_none());
    let wanted = json!({ "person": person("ann"), "new_evidence": true });
    assert_eq!(
        service.offer_with(wanted).await["error"]["column"],
        "new_evidence"
    );
    let made = service
        .offer_with(json!({ "person": person("ann"), "reissue": true }))
        .await;
    let (_, answer) = service.redeem(link(&made).code.expose(), None).await;
    let token: AccessToken = answer["access_token"].as_str().unwrap().parse().unwrap();
    let (_, answer) = service.request(&token, identity(2)).await;
    let again = json!({ "transaction_id": answer["transaction_id"] });
    // The old one is not handed out for the new.
    assert_eq!(
        service.post("deferred_credential", &token, again.clone()).await.0,
        StatusCode::ACCEPTED
    );
    service.settle().await;
    let (_, answer) = service.post("deferred_credential", &token, again).await;
    assert_eq!(
        answer["credentials"][0]["credential"]["identity"],
        json!(identity(2))
    );
}

#[tokio::test]
async fn the_batcher_goes_by_size_and_by_time_and_past_failures() {
    let service = service();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (told, mut events) = tokio::sync::mpsc::unbounded_channel();
    let desk = service.desk.clone();
    let pace = Pace {
        batch: 2,
        // Longer than any test: only the size counts.
        every: Duration::from_secs(3_600),
    };
    let batching = tokio::spawn(async move {
        let tell = move |event| drop(told.send(event));
        batcher::run(&desk, pace, &tell, async move { drop(stopped.await) }).await;
    });
    let ann = service.token("ann").await;
    let bob = service.token("bob").await;
    service.request(&ann, identity(1)).await;
    service.fake.broken.store(true, Ordering::SeqCst);
    service.request(&bob, identity(2)).await;
    assert_eq!(
        events.recv().await,
        Some(Event::Failed("the node is away".into()))
    );
    service.fake.broken.store(false, Ordering::SeqCst);
    let attested = loop {
        match events.recv().await.unwrap() {
            Event::Attested(count) => break count,
            other => assert_eq!(other, Event::Failed("the node is away".into())),
        }
    };
    assert_eq!(attested, 2);
    // A revocation does not wait for others.
    let body = json!({ "references": ["ann"] });
    assert_eq!(
        service.admin(Method::POST, "/v1/revocations", body).await.0,
        StatusCode::ACCEPTED
    );
    assert_eq!(events.recv().await, Some(Event::Revoked(1)));
    assert_eq!(service.fake.row("ann").unwrap().stage, Stage::Revoked);
    drop(stop);
    batching.await.unwrap();
}

#[tokio::test]
async fn one_request_alone_goes_when_its_time_has_come() {
    let service = service();
    let (told, mut events) = tokio::sync::mpsc::unbounded_channel();
    let desk = service.desk.clone();
    let pace = Pace {
        batch: 1_000,
        every: Duration::from_millis(10),
    };
    let batching = tokio::spawn(async move {
        let tell = move |event| drop(told.send(event));
        batcher::run(&desk, pace, &tell, std::future::pending()).await;
    });
    let token = service.token("ann").await;
    service.request(&token, identity(1)).await;
    assert_eq!(events.recv().await, Some(Event::Attested(1)));
    batching.abort();
}

#[tokio::test]
async fn what_an_earlier_run_left_behind_goes_first() {
    let service = service();
    let token = service.token("ann").await;
    service.request(&token, identity(1)).await;
    let service = service.restarted();
    let (told, mut events) = tokio::sync::mpsc::unbounded_channel();
    let desk = service.desk.clone();
    let pace = Pace {
        batch: 1_000,
        every: Duration::from_secs(3_600),
    };
    let batching = tokio::spawn(async move {
        let tell = move |event| drop(told.send(event));
        batcher::run(&desk, pace, &tell, std::future::pending()).await;
    });
    assert_eq!(events.recv().await, Some(Event::Attested(1)));
    batching.abort();
}

#[tokio::test]
async fn everything_has_an_end() {
    // This test alone moves this clock.
    let clock = || CLOCK.load(Ordering::SeqCst);
    let service = service_at(tempfile::tempdir().unwrap(), Arc::default(), generous(), clock);
    let pass = |seconds: u64| {
        CLOCK.fetch_add(seconds, Ordering::SeqCst);
    };
    let counts = || service.desk.store.counts().unwrap();
    // An offer.
    let offer = service.offer("ann").await;
    pass(u64::from(OFFER_HOURS) * 3_600);
    let (status, answer) = service.redeem(offer.code.expose(), None).await;
    assert_eq!(
        (status, error(&answer)),
        (StatusCode::BAD_REQUEST, "invalid_grant")
    );
    batcher::sweep_once(&service.desk).await.unwrap();
    assert_eq!(counts(), store::Counts::default());
    // A nonce.
    let token = service.token("ann").await;
    let nonce = service.nonce().await;
    pass(nonces::LIFE);
    let evidence = json!({ "identity": identity(1), "nonce": nonce, "proof": proof(&identity(1), &nonce) });
    let (status, answer) = service.post("credential", &token, asked(evidence)).await;
    assert_eq!(
        (status, error(&answer)),
        (StatusCode::BAD_REQUEST, "invalid_nonce")
    );
    // A credential that was handed out, without a word from the wallet.
    let (_, answer) = service.request(&token, identity(1)).await;
    let again = json!({ "transaction_id": answer["transaction_id"] });
    service.settle().await;
    assert_eq!(
        service.post("deferred_credential", &token, again.clone()).await.0,
        StatusCode::OK
    );
    pass(store::COLLECT_AGAIN - 1);
    batcher::sweep_once(&service.desk).await.unwrap();
    assert_eq!(
        service.post("deferred_credential", &token, again.clone()).await.0,
        StatusCode::OK
    );
    assert!(!service.fake.row("ann").unwrap().delivered);
    pass(1);
    batcher::sweep_once(&service.desk).await.unwrap();
    assert_eq!(
        service.post("deferred_credential", &token, again.clone()).await.0,
        StatusCode::BAD_REQUEST
    );
    assert!(service.fake.row("ann").unwrap().delivered);
    // A token, and all that hangs on it.
    pass(desk::TOKEN_LIFE);
    let (status, answer) = service.post("deferred_credential", &token, again).await;
    assert_eq!(
        (status, error(&answer)),
        (StatusCode::UNAUTHORIZED, "invalid_token")
    );
    batcher::sweep_once(&service.desk).await.unwrap();
    assert_eq!(counts(), store::Counts::default());
    assert_eq!(service.desk.store.customer("ann").unwrap(), None);
    // A request that waits for the chain longer than its token lives.
    let token = service.token("eve").await;
    service.request(&token, identity(5)).await;
    pass(desk::TOKEN_LIFE);
    batcher::sweep_once(&service.desk).await.unwrap();
    service.settle().await;
    assert_eq!(service.fake.row("eve").unwrap().stage, Stage::Final);
}
