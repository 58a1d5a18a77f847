//! Wallets that are none, or not what they say.

use super::*;

#[tokio::test]
async fn a_code_counts_once_also_when_a_hundred_use_it_at_once() {
    let service = service();
    let offer = service.offer("ann").await;
    let all = (0..100).map(|_| service.redeem(offer.code.expose(), None));
    let answers = futures::future::join_all(all).await;
    let good = answers.iter().filter(|(status, _)| *status == StatusCode::OK);
    assert_eq!(good.count(), 1);
    let (status, answer) = service.redeem(offer.code.expose(), None).await;
    assert_eq!(
        (status, error(&answer)),
        (StatusCode::BAD_REQUEST, "invalid_grant")
    );
}

#[tokio::test]
async fn a_code_that_was_never_made_counts_never() {
    let service = service();
    for code in ["x", "0", &"a".repeat(43), &"a".repeat(512)] {
        assert_eq!(error(&service.redeem(code, None).await.1), "invalid_grant");
    }
    assert_eq!(
        service.redeem(&"a".repeat(600), None).await.0,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_transaction_code_cannot_be_tried_out() {
    let service = service();
    let made = service
        .offer_with(json!({ "person": person("ann"), "tx_code": true }))
        .await;
    let (offer, right) = (link(&made), made["tx_code"].as_str().unwrap());
    assert_eq!(
        (right.len(), offer.tx_code.as_ref().unwrap().length),
        (6, Some(6))
    );
    let code = offer.code.expose();
    assert_eq!(error(&service.redeem(code, None).await.1), "invalid_request");
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        assert_eq!(error(&service.redeem(code, Some(wrong)).await.1), "invalid_grant");
    }
    let service = service.restarted();
    assert_eq!(service.redeem(code, Some(right)).await.0, StatusCode::OK);
    // Five wrong ones void the offer, a restart between them or not.
    let made = service
        .offer_with(json!({ "person": person("bob"), "tx_code": true }))
        .await;
    let (offer, right) = (link(&made), made["tx_code"].as_str().unwrap());
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..3 {
        service.redeem(offer.code.expose(), Some(wrong)).await;
    }
    let service = service.restarted();
    for _ in 0..2 {
        service.redeem(offer.code.expose(), Some(wrong)).await;
    }
    assert_eq!(
        error(&service.redeem(offer.code.expose(), Some(right)).await.1),
        "invalid_grant"
    );
    // One that an offer does not have is no way around it.
    let offer = service.offer("eve").await;
    assert_eq!(
        error(&service.redeem(offer.code.expose(), Some("1")).await.1),
        "invalid_request"
    );
    assert_eq!(service.redeem(offer.code.expose(), None).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_nonce_counts_once_for_anybody() {
    let service = service();
    let (ann, bob) = (service.token("ann").await, service.token("bob").await);
    let nonce = service.nonce().await;
    let evidence =
        |n: u64| json!({ "identity": identity(n), "nonce": nonce, "proof": proof(&identity(n), &nonce) });
    let asking = (0..20).map(|_| service.post("credential", &ann, asked(evidence(1))));
    let answers = futures::future::join_all(asking).await;
    let good = answers
        .iter()
        .filter(|(status, _)| *status == StatusCode::ACCEPTED);
    assert_eq!(good.count(), 1);
    assert_eq!(
        service.fake.checked.load(Ordering::SeqCst),
        1,
        "a used nonce costs no check"
    );
    assert_eq!(
        error(&service.post("credential", &bob, asked(evidence(2))).await.1),
        "invalid_nonce"
    );
    // Nor one that the service did not make, or made otherwise.
    for at in 0..32 {
        let mut other = service.nonce().await;
        other.0[at] ^= 1;
        let evidence =
            json!({ "identity": identity(2), "nonce": other, "proof": proof(&identity(2), &other) });
        let (status, answer) = service.post("credential", &bob, asked(evidence)).await;
        assert_eq!(
            (status, error(&answer)),
            (StatusCode::BAD_REQUEST, "invalid_nonce"),
            "byte {at}"
        );
    }
    assert_eq!(service.request(&bob, identity(2)).await.0, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn anothers_commitment_is_not_to_be_had() {
    let service = service();
    let token = service.token("eve").await;
    let nonce = service.nonce().await;
    let fresh = service.nonce().await;
    // Ann's proof, overheard: it is for her nonce, and that one is used.
    let overheard = proof(&identity(1), &nonce);
    let evidence = json!({ "identity": identity(1), "nonce": fresh, "proof": overheard });
    let (status, answer) = service.post("credential", &token, asked(evidence)).await;
    assert_eq!(
        (status, error(&answer)),
        (StatusCode::BAD_REQUEST, "invalid_proof")
    );
    // Eve's own proof for Ann's commitment.
    let fresh = service.nonce().await;
    let evidence = json!({ "identity": identity(1), "nonce": fresh, "proof": proof(&identity(2), &fresh) });
    assert_eq!(
        error(&service.post("credential", &token, asked(evidence)).await.1),
        "invalid_proof"
    );
    service.settle().await;
    assert!(service.fake.rows.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_token_buys_few_checks_and_one_attestation() {
    let service = service();
    let token = service.token("ann").await;
    for _ in 0..8 {
        let nonce = service.nonce().await;
        let evidence = json!({ "identity": identity(1), "nonce": nonce, "proof": no_proof() });
        assert_eq!(
            error(&service.post("credential", &token, asked(evidence)).await.1),
            "invalid_proof"
        );
    }
    let (status, answer) = service.request(&token, identity(1)).await;
    assert_eq!(
        (status, error(&answer)),
        (StatusCode::BAD_REQUEST, "credential_request_denied")
    );
    assert_eq!(service.fake.checked.load(Ordering::SeqCst), 8);
    let token = service.token("bob").await;
    assert_eq!(service.request(&token, identity(2)).await.0, StatusCode::ACCEPTED);
    let (status, answer) = service.request(&token, identity(3)).await;
    assert_eq!(
        (status, error(&answer)),
        (StatusCode::BAD_REQUEST, "credential_request_denied")
    );
}

#[tokio::test]
async fn nobody_fetches_anothers_credential() {
    let service = service();
    let (ann, eve) = (service.token("ann").await, service.token("eve").await);
    let (_, answer) = service.request(&ann, identity(1)).await;
    let again = json!({ "transaction_id": answer["transaction_id"] });
    service.settle().await;
    let (status, answer) = service.post("deferred_credential", &eve, again.clone()).await;
    assert_eq!(
        (status, error(&answer)),
        (StatusCode::BAD_REQUEST, "invalid_transaction_id")
    );
    let (_, issued) = service.post("deferred_credential", &ann, again.clone()).await;
    let told = json!({ "notification_id": issued["notification_id"], "event": "credential_accepted" });
    let (status, answer) = service.post("notification", &eve, told).await;
    assert_eq!(
        (status, error(&answer)),
        (StatusCode::BAD_REQUEST, "invalid_notification_id")
    );
    assert!(!service.fake.row("ann").unwrap().delivered);
    let wrong: AccessToken = "A".repeat(43).parse().unwrap();
    for (route, body) in [
        ("credential", asked(json!({}))),
        ("deferred_credential", again),
        (
            "notification",
            json!({ "notification_id": "x", "event": "credential_accepted" }),
        ),
    ] {
        let (status, answer) = service.post(route, &wrong, body.clone()).await;
        assert_eq!(
            (status, error(&answer)),
            (StatusCode::UNAUTHORIZED, "invalid_token"),
            "{route}"
        );
        let sent = Sent::Json(None, body.to_string());
        let (status, _) = send(&service.wallets, Method::POST, &format!("/ages/{route}"), sent).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{route}");
    }
}

#[tokio::test]
async fn requests_that_are_none_get_an_error_and_change_nothing() {
    let service = service();
    let token = service.token("ann").await;
    let mut endless = "[".repeat(20_000);
    endless.push('1');
    for route in ["credential", "deferred_credential", "notification"] {
        for body in ["", "null", "[]", "{}", "{", "\u{0}", "\"x\"", &endless] {
            let sent = Sent::Json(Some(token.expose()), body.to_owned());
            let (status, answer) =
                send(&service.wallets, Method::POST, &format!("/ages/{route}"), sent).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{route}");
            assert!(error(&answer).starts_with("invalid_"), "{answer}");
        }
        let sent = Sent::Json(Some(token.expose()), " ".repeat(33 * 1_024));
        let (status, _) = send(&service.wallets, Method::POST, &format!("/ages/{route}"), sent).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{route}");
        let (status, _) = send(
            &service.wallets,
            Method::GET,
            &format!("/ages/{route}"),
            Sent::Nothing,
        )
        .await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{route}");
        let request = Request::post(format!("/ages/{route}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", token.expose()))
            .body(Body::from("{}"))
            .unwrap();
        assert_eq!(
            raw(&service.wallets, request).await.0,
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        );
    }
    for form in ["", "grant_type", "grant_type=x", "\u{0}=&&&=", &"a".repeat(1_000)] {
        let sent = Sent::Form(form.to_owned());
        let (status, answer) = send(&service.wallets, Method::POST, "/ages/token", sent).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
    }
    for path in [
        "/",
        "/token",
        "/ages",
        "/ages/token/",
        "/ages/../token",
        "/.well-known/openid-credential-issuer",
    ] {
        let (status, _) = send(&service.wallets, Method::POST, path, Sent::Nothing).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    for value in ["", "Bearer", "Bearer ", "Basic x", "Bearer a b", "Bearer \u{e9}"] {
        let request = Request::post("/ages/credential")
            .header(header::CONTENT_TYPE, "application/json")
            .header(
                header::AUTHORIZATION,
                axum::http::HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            )
            .body(Body::from("{}"))
            .unwrap();
        assert_eq!(
            raw(&service.wallets, request).await.0,
            StatusCode::UNAUTHORIZED,
            "{value}"
        );
    }
    assert_eq!(service.request(&token, identity(1)).await.0, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_flood_is_slowed_down_and_told_how_long() {
    let rate = Rate {
        per_second: 0.1,
        burst: 20.0,
    };
    let rates = Rates {
        each: rate,
        all: rate,
    };
    let service = service_at(tempfile::tempdir().unwrap(), Arc::default(), rates, still);
    let mut slowed = 0;
    for _ in 0..50 {
        let request = Request::post("/ages/nonce").body(Body::empty()).unwrap();
        let (status, headers, _) = raw(&service.wallets, request).await;
        if status == StatusCode::TOO_MANY_REQUESTS {
            let wait: u64 = headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
            assert!((1..=11).contains(&wait));
            slowed += 1;
        }
    }
    assert_eq!(slowed, 30);
    // Nonces leave nothing behind.
    assert_eq!(service.desk.store.counts().unwrap(), store::Counts::default());
}

#[tokio::test]
async fn behind_a_proxy_only_its_own_word_counts() {
    let service = service();
    let rate = Rate {
        per_second: 0.001,
        burst: 1.0,
    };
    let all = generous().all;
    let limits = Limits::new(Rates { each: rate, all }, Instant::now());
    let public = routes::Public::new(service.desk.clone(), limits, true, None);
    let app = routes::router(Arc::new(public));
    let ask = |forwarded: Option<&'static str>| {
        let app = app.clone();
        async move {
            let mut request = Request::post("/ages/nonce");
            if let Some(list) = forwarded {
                request = request.header("x-forwarded-for", list);
            }
            raw(&app, request.body(Body::empty()).unwrap()).await.0
        }
    };
    assert_eq!(ask(Some("192.0.2.1")).await, StatusCode::OK);
    // The sender may write what it likes before that.
    assert_eq!(
        ask(Some("198.51.100.7, 192.0.2.1")).await,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(ask(Some("192.0.2.2")).await, StatusCode::OK);
    assert_eq!(ask(None).await, StatusCode::BAD_REQUEST);
    assert_eq!(ask(Some("somebody")).await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_broken_register_is_told_as_such_and_not_in_detail() {
    let service = service();
    let token = service.token("ann").await;
    let (_, answer) = service.request(&token, identity(1)).await;
    let again = json!({ "transaction_id": answer["transaction_id"] });
    service.settle().await;
    let (_, issued) = service.post("deferred_credential", &token, again).await;
    service.fake.broken.store(true, Ordering::SeqCst);
    let told = json!({ "notification_id": issued["notification_id"], "event": "credential_accepted" });
    let (status, answer) = service.post("notification", &token, told.clone()).await;
    assert_eq!(
        (status, error(&answer)),
        (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
    );
    assert!(!answer.to_string().contains("node"));
    service.fake.broken.store(false, Ordering::SeqCst);
    assert_eq!(
        service.post("notification", &token, told).await.0,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn the_file_holds_no_code_token_or_id() {
    let service = service();
    let offer = service.offer("ann").await;
    let (_, answer) = service.redeem(offer.code.expose(), None).await;
    let token: AccessToken = answer["access_token"].as_str().unwrap().parse().unwrap();
    let nonce = service.nonce().await;
    let evidence = json!({ "identity": identity(1), "nonce": nonce, "proof": proof(&identity(1), &nonce) });
    let (_, answer) = service.post("credential", &token, asked(evidence)).await;
    let file = std::fs::read(service.directory.path().join("issuance.store")).unwrap();
    let holds = |bytes: &[u8]| file.windows(bytes.len()).any(|window| window == bytes);
    // The reference is in it, so the search finds what there is.
    assert!(holds(b"ann"));
    assert!(holds(&identity(1).to_bytes()));
    assert!(!holds(offer.code.expose().as_bytes()));
    assert!(!holds(token.expose().as_bytes()));
    assert!(!holds(answer["transaction_id"].as_str().unwrap().as_bytes()));
    assert!(!holds(&nonce.0));
    assert!(!holds(nonce.to_string().as_bytes()));
}
