//! The issuer's own programs, and those who are not.

use super::*;

#[tokio::test]
async fn only_those_with_the_token_are_answered() {
    let service = service();
    for token in [
        None,
        Some(""),
        Some("x"),
        Some(&TOKEN[1..]),
        Some("0123456789ABCDEF0123456789ABCDEF"),
    ] {
        for path in ["/v1/offers", "/v1/revocations", "/v1/nothing"] {
            let sent = Sent::Json(token, "{}".into());
            let (status, answer) = send(&service.programs, Method::POST, path, sent).await;
            assert_eq!(
                (status, &answer["error"]["code"]),
                (StatusCode::UNAUTHORIZED, &json!("token"))
            );
        }
    }
    // A page in a browser of this machine, even if it knew the token.
    let request = Request::get("/v1/status")
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .header(header::ORIGIN, "https://evil.example")
        .body(Body::empty())
        .unwrap();
    assert_eq!(raw(&service.programs, request).await.0, StatusCode::FORBIDDEN);
    // Wallets' tokens are for wallets.
    let token = service.token("ann").await;
    let sent = Sent::Json(Some(token.expose()), "{}".into());
    assert_eq!(
        send(&service.programs, Method::GET, "/v1/status", sent).await.0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn offers_are_checked_like_the_peoples_file() {
    let service = service();
    let with = |column: &str, value: Value| {
        let mut person = person("ann");
        person[column] = value;
        json!({ "person": person })
    };
    for (wanted, column) in [
        (with("date_of_birth", json!("2027-02-01")), "date_of_birth"),
        (with("date_of_birth", json!("06.05.1990")), "date_of_birth"),
        (with("earliest_birth", json!("1990-01-01")), "date_of_birth"),
        (with("checked_on", json!("2026-12-02")), "checked_on"),
        (with("expires_on", json!("2026-12-01")), "expires_on"),
        (with("enrolled_on", json!("")), "enrolled_on"),
        (with("assurance", json!("sure")), "assurance"),
        (with("flags", json!("vip")), "flags"),
        (with("reference", json!("")), "reference"),
        (with("reference", json!("a\u{7}")), "reference"),
        (with("reference", json!("r".repeat(129))), "reference"),
        (with("identity", json!(identity(1))), "identity"),
        (with("shoe_size", json!("42")), "shoe_size"),
        (json!({ "person": {} }), "reference"),
        (
            json!({ "person": person("ann"), "valid_hours": 0 }),
            "valid_hours",
        ),
        (
            json!({ "person": person("ann"), "valid_hours": 745 }),
            "valid_hours",
        ),
    ] {
        let made = service.offer_with(wanted).await;
        assert_eq!(made["error"]["column"], column, "{made}");
        assert!(made.get("offer").is_none());
        let message = made["error"]["message"].as_str().unwrap();
        assert!(!message.is_empty() && !message.contains("1990"), "{message}");
    }
    let interval = with("latest_birth", json!("2008-01-01"));
    let mut person = interval["person"].clone();
    person.as_object_mut().unwrap().remove("date_of_birth");
    person["earliest_birth"] = json!("1900-01-01");
    assert!(service
        .offer_with(json!({ "person": person }))
        .await
        .get("offer")
        .is_some());
}

#[tokio::test]
async fn a_page_has_an_answer_for_each_in_its_order() {
    let service = service();
    let mut bad = person("bad");
    bad["flags"] = json!("vip");
    let mut offers: Vec<Value> = (0..100)
        .map(|n| json!({ "person": person(&format!("p{n}")) }))
        .collect();
    offers.insert(50, json!({ "person": bad }));
    let (status, page) = service
        .admin(Method::POST, "/v1/offers", json!({ "offers": offers }))
        .await;
    assert_eq!(status, StatusCode::OK);
    let made = page["offers"].as_array().unwrap();
    assert_eq!(made.len(), 101);
    for (at, one) in made.iter().enumerate() {
        assert_eq!(one.get("error").is_some(), at == 50);
    }
    assert_eq!(made[51]["reference"], "p50");
    for body in [
        json!({ "offers": [] }),
        json!({ "offers": vec![json!({ "person": {} }); 501] }),
        json!({}),
        json!({ "offers": [{}] }),
        json!({ "offers": [{ "person": { "reference": 1 } }] }),
        json!({ "offers": [{ "person": {}, "more": 1 }] }),
    ] {
        assert_eq!(
            service.admin(Method::POST, "/v1/offers", body).await.0,
            StatusCode::BAD_REQUEST
        );
    }
}

#[tokio::test]
async fn a_customer_has_one_offer() {
    let service = service();
    let first = service.offer("ann").await;
    let second = service.offer("ann").await;
    assert_eq!(
        service.redeem(first.code.expose(), None).await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(service.redeem(second.code.expose(), None).await.0, StatusCode::OK);
    // A third one ends what the second led to, until that is a request.
    let token = service.token("ann").await;
    let third = service.offer("ann").await;
    assert_eq!(
        service.request(&token, identity(1)).await.0,
        StatusCode::UNAUTHORIZED
    );
    let (_, answer) = service.redeem(third.code.expose(), None).await;
    let token: AccessToken = answer["access_token"].as_str().unwrap().parse().unwrap();
    assert_eq!(service.request(&token, identity(1)).await.0, StatusCode::ACCEPTED);
    let made = service
        .offer_with(json!({ "person": person("ann"), "reissue": true }))
        .await;
    assert_eq!(made["error"]["column"], "reference", "{made}");
}

#[tokio::test]
async fn a_customer_is_forgotten_at_every_step() {
    let service = service();
    let forget = || service.admin(Method::DELETE, "/v1/customers/ann", Value::Null);
    let seen = || service.admin(Method::GET, "/v1/customers/ann", Value::Null);
    assert_eq!(forget().await.0, StatusCode::NOT_FOUND);
    assert_eq!(seen().await.0, StatusCode::NOT_FOUND);
    let offer = service.offer("ann").await;
    assert_eq!(seen().await.1["request"], "offered");
    assert_eq!(forget().await.0, StatusCode::NO_CONTENT);
    assert_eq!(
        service.redeem(offer.code.expose(), None).await.0,
        StatusCode::BAD_REQUEST
    );
    let token = service.token("ann").await;
    assert_eq!(seen().await.1["request"], "redeemed");
    assert_eq!(forget().await.0, StatusCode::NO_CONTENT);
    assert_eq!(
        service.request(&token, identity(1)).await.0,
        StatusCode::UNAUTHORIZED
    );
    let token = service.token("ann").await;
    service.request(&token, identity(1)).await;
    assert_eq!(seen().await.1["request"], "requested");
    assert_eq!(forget().await.0, StatusCode::NO_CONTENT);
    service.settle().await;
    assert!(
        service.fake.row("ann").is_none(),
        "what was forgotten is not attested"
    );
    let token = service.token("ann").await;
    let (_, answer) = service.request(&token, identity(1)).await;
    service.settle().await;
    assert_eq!(seen().await.1["attestation"], "final");
    assert_eq!(forget().await.0, StatusCode::NO_CONTENT);
    assert_eq!(seen().await.1["attestation"], "forgotten");
    let again = json!({ "transaction_id": answer["transaction_id"] });
    assert_eq!(
        service.post("deferred_credential", &token, again).await.0,
        StatusCode::UNAUTHORIZED
    );
    let long = format!("/v1/customers/{}", "a".repeat(129));
    assert_eq!(
        service.admin(Method::GET, &long, Value::Null).await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        service
            .admin(Method::GET, "/v1/customers/%ff", Value::Null)
            .await
            .0,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_revocation_is_remembered_and_ends_open_offers() {
    let service = service();
    let offer = service.offer("ann").await;
    let body = json!({ "references": ["ann", "nobody"] });
    let (status, answer) = service.admin(Method::POST, "/v1/revocations", body).await;
    assert_eq!((status, &answer["accepted"]), (StatusCode::ACCEPTED, &json!(2)));
    assert_eq!(
        service.redeem(offer.code.expose(), None).await.0,
        StatusCode::BAD_REQUEST
    );
    let service = service.restarted();
    let (_, status) = service.admin(Method::GET, "/v1/status", Value::Null).await;
    assert_eq!(status["revocations"], 2);
    assert_eq!(service.desk.store.revocations(10).unwrap(), ["ann", "nobody"]);
    for body in [
        json!({ "references": [] }),
        json!({ "references": [""] }),
        json!({ "references": vec!["x"; 501] }),
        json!({ "references": ["a".repeat(129)] }),
        json!({ "references": "ann" }),
    ] {
        assert_eq!(
            service.admin(Method::POST, "/v1/revocations", body).await.0,
            StatusCode::BAD_REQUEST
        );
    }
}

#[tokio::test]
async fn a_store_is_for_one_process_and_one_issuer() {
    let service = service();
    let path = service.directory.path().join("issuance.store");
    assert!(matches!(
        Store::open(&path, GENESIS, ISSUER),
        Err(StoreError::Busy(_))
    ));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let other = service.directory.path().join("other");
    for text in ["something else", &"x".repeat(100_000)] {
        std::fs::write(&other, text).unwrap();
        assert!(Store::open(&other, GENESIS, ISSUER).is_err());
        assert_eq!(std::fs::read_to_string(&other).unwrap(), text);
    }
    let Service {
        desk,
        wallets,
        programs,
        directory,
        ..
    } = service;
    drop((wallets, programs));
    Arc::into_inner(desk).unwrap().store.close_for_tests();
    assert!(matches!(
        Store::open(&path, GENESIS, IssuerIndex(4)),
        Err(StoreError::Other(_))
    ));
    assert!(matches!(
        Store::open(&path, GenesisHash([8; 32]), ISSUER),
        Err(StoreError::Other(_))
    ));
    Store::open(&path, GENESIS, ISSUER).unwrap();
    drop(directory);
}

#[tokio::test]
async fn addresses_of_other_machines_are_refused_unless_allowed() {
    let directory = tempfile::tempdir().unwrap();
    let config = |listen: &str, admin: &str, allow_remote: bool| Config {
        listen: listen.parse().unwrap(),
        admin: admin.parse().unwrap(),
        allow_remote,
        proxied: false,
        url: None,
        name: None,
        store: directory.path().join("store"),
        admin_token: Zeroizing::new(TOKEN.to_owned()),
        rates: Rates::default(),
        connections: 16,
        pace: Pace {
            batch: 1,
            every: Duration::from_secs(1),
        },
        interval: 5,
        processors: 1,
        clock: still,
    };
    let run = |config| async { serve(Arc::new(Fake::default()), config, |_| {}, |_| {}, async {}).await };
    let local = "127.0.0.1:0";
    assert!(matches!(
        run(config("0.0.0.0:0", local, false)).await,
        Err(ServeError::Remote(_))
    ));
    assert!(matches!(
        run(config(local, "0.0.0.0:0", true)).await,
        Err(ServeError::RemoteAdmin(_))
    ));
    assert!(matches!(
        run(config("0.0.0.0:0", local, true)).await,
        Err(ServeError::NoUrl)
    ));
    let mut short = config(local, local, false);
    short.admin_token.truncate(31);
    assert!(matches!(run(short).await, Err(ServeError::AdminToken)));
    assert!(run(config(local, local, false)).await.is_ok());
}
