use super::*;
use crate::{
    credential::tests::{attributes, credential},
    issuance::{CONFIGURATION, FORMAT, PROOF_TYPE},
    ownership::OwnershipProof,
};
use ofage_primitives::{Element, GenesisHash, IdentityCommitment, IssuerIndex};
use proptest::prelude::*;
use serde_json::{json, Value};

fn url(text: &str) -> IssuerUrl {
    text.parse().unwrap()
}

fn service() -> IssuerUrl {
    url("https://bank.example/ages")
}

fn metadata() -> IssuerMetadata {
    IssuerMetadata::new(
        service(),
        Some("Bank of Examples".parse().unwrap()),
        GenesisHash([7; 32]),
        IssuerIndex(3),
    )
}

fn evidence() -> Evidence {
    Evidence {
        identity: IdentityCommitment::from_element(Element::from_u64(5)),
        nonce: Nonce([6; 32]),
        proof: OwnershipProof::from_bytes(&[0xfb; 2_304]).unwrap(),
    }
}

/// Changes a document at a place.
fn with(mut document: Value, pointer: &str, value: Value) -> Vec<u8> {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[key] = value;
    serde_json::to_vec(&document).unwrap()
}

mod urls {
    use super::*;

    #[test]
    fn have_one_form() {
        for good in [
            "https://bank.example",
            "https://bank.example:8443",
            "https://bank.example/ages",
            "https://bank.example/a/b",
            "http://127.0.0.1:8090",
            "http://[::1]:8090",
            "http://localhost:8090",
        ] {
            assert_eq!(url(good).as_str(), good);
            assert_eq!(url(good).audience().as_str(), good);
        }
        for (bad, error) in [
            ("", UrlError::Form),
            ("bank.example", UrlError::Form),
            ("https://", UrlError::Form),
            ("https://bank.example/", UrlError::Form),
            ("https://bank.example/ages/", UrlError::Form),
            ("https://Bank.example", UrlError::Form),
            ("https://bank.example:443", UrlError::Form),
            ("https://bank.example/a/../b", UrlError::Form),
            (" https://bank.example", UrlError::Form),
            ("https:/bank.example", UrlError::Form),
            ("https://bank.example\n", UrlError::Form),
            ("http://bank.example", UrlError::NotHttps),
            ("http://10.0.0.1", UrlError::NotHttps),
            ("http://localhost.evil.example", UrlError::NotHttps),
            ("ftp://bank.example", UrlError::NotHttps),
            ("https://a@bank.example", UrlError::Parts),
            ("https://bank.example?x", UrlError::Parts),
            ("https://bank.example#x", UrlError::Parts),
        ] {
            assert_eq!(bad.parse::<IssuerUrl>().unwrap_err(), error, "{bad}");
        }
        let long = format!("https://bank.example/{}", "a".repeat(300));
        assert_eq!(long.parse::<IssuerUrl>().unwrap_err(), UrlError::TooLong);
    }

    #[test]
    fn put_metadata_between_host_and_path() {
        assert_eq!(
            service().well_known(ISSUER_METADATA).as_str(),
            "https://bank.example/.well-known/openid-credential-issuer/ages"
        );
        assert_eq!(
            url("http://127.0.0.1:8090/x")
                .well_known(AUTHORIZATION_METADATA)
                .as_str(),
            "http://127.0.0.1:8090/.well-known/oauth-authorization-server/x"
        );
        assert_eq!(
            service().endpoint("/token").as_str(),
            "https://bank.example/ages/token"
        );
    }
}

mod offers {
    use super::*;

    /// The offer with a transaction code that section 4.1.2 of the standard shows, for another credential.
    const PUBLISHED: &str = "openid-credential-offer://?credential_offer=%7B%22credential_issuer%22:%22https://credential-issuer.example.com%22,%22credential_configuration_ids%22:%5B%22org.iso.18013.5.1.mDL%22%5D,%22grants%22:%7B%22urn:ietf:params:oauth:grant-type:pre-authorized_code%22:%7B%22pre-authorized_code%22:%22oaKazRN8I0IbtZ0C7JuMn5%22,%22tx_code%22:%7B%22input_mode%22:%22text%22,%22description%22:%22Please%20enter%20the%20serial%20number%20of%20your%20physical%20drivers%20license%22%7D%7D%7D%7D";

    fn offer() -> CredentialOffer {
        let hint = TxCodeHint {
            length: Some(6),
            description: Some("sent to your phone + e-mail".parse().unwrap()),
            ..TxCodeHint::default()
        };
        CredentialOffer::new(service(), Code::random().unwrap(), Some(hint))
    }

    fn document() -> Value {
        serde_json::from_str(&offer().to_json()).unwrap()
    }

    fn read(link: &str) -> Result<CredentialOffer, MessageError> {
        match link.parse()? {
            OfferLink::Offer(offer) => Ok(*offer),
            OfferLink::Address(_) => panic!("an address"),
        }
    }

    #[test]
    fn survive_a_link() {
        let made = offer();
        let link = made.to_uri();
        assert!(link.is_ascii() && !link.contains(['+', ' ', '"']));
        let read = read(&link).unwrap();
        assert_eq!(read.issuer, made.issuer);
        assert_eq!(read.code.expose(), made.code.expose());
        assert_eq!(read.tx_code, made.tx_code);
        assert!(read.offers(CONFIGURATION) && !read.offers("other"));
    }

    #[test]
    fn are_read_as_the_standard_prints_them() {
        let read = read(PUBLISHED).unwrap();
        assert_eq!(read.issuer.as_str(), "https://credential-issuer.example.com");
        assert_eq!(read.code.expose(), "oaKazRN8I0IbtZ0C7JuMn5");
        let hint = read.tx_code.unwrap();
        assert_eq!((hint.input_mode, hint.length), (InputMode::Text, None));
        assert!(hint.description.unwrap().as_str().starts_with("Please enter"));
    }

    #[test]
    fn may_be_somewhere_else() {
        let link = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fserver%2Eexample%2Ecom%2Fcredential-offer%2FGkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM";
        let OfferLink::Address(address) = link.parse().unwrap() else {
            panic!("an offer");
        };
        assert_eq!(
            address.as_str(),
            "https://server.example.com/credential-offer/GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM"
        );
    }

    #[test]
    fn ignore_what_they_do_not_know() {
        let bytes = with(document(), "/more", json!([1]));
        assert!(CredentialOffer::from_json(&bytes).is_ok());
        let bytes = with(
            document(),
            "/grants/authorization_code",
            json!({ "issuer_state": "x" }),
        );
        assert!(CredentialOffer::from_json(&bytes).is_ok());
        let empty = with(
            document(),
            "/grants/urn:ietf:params:oauth:grant-type:pre-authorized_code/tx_code",
            json!({}),
        );
        assert_eq!(
            CredentialOffer::from_json(&empty).unwrap().tx_code,
            Some(TxCodeHint::default())
        );
    }

    #[test]
    fn are_refused_when_anything_is_wrong() {
        const GRANT: &str = "/grants/urn:ietf:params:oauth:grant-type:pre-authorized_code";
        for (pointer, value) in [
            ("/credential_issuer".to_owned(), json!("http://bank.example")),
            ("/credential_issuer".to_owned(), json!(1)),
            ("/credential_configuration_ids".to_owned(), json!([])),
            ("/credential_configuration_ids".to_owned(), json!([""])),
            ("/credential_configuration_ids".to_owned(), json!(vec!["a"; 33])),
            (
                "/credential_configuration_ids".to_owned(),
                json!(["a".repeat(129)]),
            ),
            ("/grants".to_owned(), Value::Null),
            ("/grants".to_owned(), json!({})),
            (format!("{GRANT}/pre-authorized_code"), json!("")),
            (format!("{GRANT}/pre-authorized_code"), json!("a b")),
            (format!("{GRANT}/pre-authorized_code"), json!("é")),
            (format!("{GRANT}/pre-authorized_code"), json!("a".repeat(513))),
            (format!("{GRANT}/tx_code/length"), json!(0)),
            (format!("{GRANT}/tx_code/length"), json!(65)),
            (format!("{GRANT}/tx_code/length"), json!(-1)),
            (format!("{GRANT}/tx_code/input_mode"), json!("voice")),
            (format!("{GRANT}/tx_code/description"), json!("a".repeat(301))),
            (format!("{GRANT}/tx_code/description"), json!("\u{1b}[2J")),
            (format!("{GRANT}/tx_code/description"), json!("\u{202e}")),
            (
                format!("{GRANT}/authorization_server"),
                json!("https://other.example"),
            ),
        ] {
            assert!(
                CredentialOffer::from_json(&with(document(), &pointer, value)).is_err(),
                "{pointer}"
            );
        }
        let same = with(
            document(),
            &format!("{GRANT}/authorization_server"),
            json!(service()),
        );
        assert!(CredentialOffer::from_json(&same).is_ok());
    }

    #[test]
    fn are_refused_in_links_that_are_none() {
        let offer = offer().to_uri();
        let (_, query) = offer.split_once('?').unwrap();
        for link in [
            String::new(),
            "openid-credential-offer://".into(),
            "openid-credential-offer://?credential_offer=".into(),
            format!("https://bank.example/?{query}"),
            format!("{}&{query}", *offer),
            format!("{}&credential_offer_uri=https%3A%2F%2Fa.example", *offer),
            "openid-credential-offer://?credential_offer_uri=file%3A%2F%2F%2Fetc%2Fpasswd".into(),
            "openid-credential-offer://?credential_offer_uri=data%3A%2C%7B%7D".into(),
            "openid-credential-offer://?credential_offer_uri=x".into(),
            format!("{}&more={}", *offer, "a".repeat(MAX_OFFER_URI)),
        ] {
            assert!(link.parse::<OfferLink>().is_err(), "{link}");
        }
    }
}

mod tokens {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Vec<u8> {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish()
            .into_bytes()
    }

    #[test]
    fn are_asked_for_by_a_form() {
        let request = TokenRequest {
            code: "a+b&c=%".parse().unwrap(),
            tx_code: Some("é 1".parse().unwrap()),
        };
        let read = TokenRequest::from_form(request.to_form().as_bytes()).unwrap();
        assert_eq!(read.code.expose(), "a+b&c=%");
        assert_eq!(read.tx_code.unwrap().expose(), "é 1");
        // As the standard prints it.
        let published = b"grant_type=urn:ietf:params:oauth:grant-type:pre-authorized_code\
            &pre-authorized_code=SplxlOBeZQQYbYS6WxSbIA&tx_code=493536";
        assert_eq!(
            TokenRequest::from_form(published)
                .unwrap()
                .tx_code
                .unwrap()
                .expose(),
            "493536"
        );
    }

    #[test]
    fn are_refused_with_the_reason_that_the_standard_names() {
        let grant = ("grant_type", PRE_AUTHORIZED_CODE);
        let code = ("pre-authorized_code", "x");
        let long = "x".repeat(513);
        for (pairs, error) in [
            (vec![], ErrorCode::InvalidRequest),
            (vec![code], ErrorCode::InvalidRequest),
            (vec![grant], ErrorCode::InvalidRequest),
            (vec![grant, code, code], ErrorCode::InvalidRequest),
            (vec![grant, grant, code], ErrorCode::InvalidRequest),
            (
                vec![("grant_type", "authorization_code"), code],
                ErrorCode::UnsupportedGrantType,
            ),
            (vec![grant, ("pre-authorized_code", "")], ErrorCode::InvalidGrant),
            (
                vec![grant, ("pre-authorized_code", &long)],
                ErrorCode::InvalidGrant,
            ),
            (vec![grant, code, ("tx_code", "\u{7}")], ErrorCode::InvalidGrant),
            (vec![grant, code, ("tx_code", "")], ErrorCode::InvalidGrant),
        ] {
            assert_eq!(
                TokenRequest::from_form(&form(&pairs)).err(),
                Some(error),
                "{pairs:?}"
            );
        }
        let endless = vec![b'a'; MAX_MESSAGE + 1];
        assert_eq!(
            TokenRequest::from_form(&endless).err(),
            Some(ErrorCode::InvalidRequest)
        );
    }

    #[test]
    fn come_back_in_any_case_of_their_type() {
        let made = TokenResponse::new(AccessToken::random().unwrap(), 60);
        let document = serde_json::to_value(&made).unwrap();
        for kind in ["Bearer", "bearer", "BEARER"] {
            let read = TokenResponse::from_json(&with(document.clone(), "/token_type", kind.into())).unwrap();
            assert_eq!(read.access_token.expose(), made.access_token.expose());
            assert_eq!(read.expires_in, 60);
        }
        for (pointer, value) in [
            ("/token_type", json!("DPoP")),
            ("/access_token", json!("a b")),
            ("/access_token", json!("a\r\nx: y")),
            ("/access_token", json!("")),
            ("/expires_in", json!(-1)),
        ] {
            assert!(TokenResponse::from_json(&with(document.clone(), pointer, value)).is_err());
        }
    }

    #[test]
    fn nonces_have_one_form() {
        let nonce = Nonce([0xfe; 32]);
        let text = nonce.to_string();
        assert_eq!(text.parse::<Nonce>().unwrap(), nonce);
        let body = serde_json::to_vec(&NonceResponse { c_nonce: nonce }).unwrap();
        assert_eq!(NonceResponse::from_json(&body).unwrap().c_nonce, nonce);
        let last = &text[..text.len() - 1];
        for other in [
            format!("{text}="),
            format!("{last}5"),
            last.to_owned(),
            format!("{text}A"),
            text.replace('_', "/"),
            String::new(),
        ] {
            assert!(other == text || other.parse::<Nonce>().is_err(), "{other}");
        }
    }

    #[test]
    fn are_random() {
        assert_ne!(Code::random().unwrap().expose(), Code::random().unwrap().expose());
        assert_eq!(Code::random().unwrap().expose().len(), 43);
    }
}

mod requests {
    use super::*;

    fn document() -> Value {
        serde_json::from_str(&CredentialRequest::new(CONFIGURATION, evidence()).to_json()).unwrap()
    }

    fn refused(pointer: &str, value: Value) -> ErrorCode {
        CredentialRequest::from_json(&with(document(), pointer, value)).unwrap_err()
    }

    #[test]
    fn survive_json_and_ignore_what_they_do_not_know() {
        let request = CredentialRequest::new(CONFIGURATION, evidence());
        assert_eq!(
            CredentialRequest::from_json(request.to_json().as_bytes()).unwrap(),
            request
        );
        assert!(CredentialRequest::from_json(&with(document(), "/more", json!({}))).is_ok());
    }

    #[test]
    fn are_refused_with_the_reason_that_the_standard_names() {
        let place = format!("/proofs/{PROOF_TYPE}");
        let one = document()["proofs"][PROOF_TYPE][0].clone();
        let proof = &one["proof"];
        let digits = proof.as_str().unwrap();
        for bad in [
            json!([]),
            json!([one, one]),
            json!("x"),
            json!([{}]),
            json!([{ "identity": "0x00", "nonce": one["nonce"], "proof": proof }]),
            // Above the field's modulus.
            json!([{ "identity": format!("0x{}", "ff".repeat(32)), "nonce": one["nonce"], "proof": proof }]),
            json!([{ "identity": one["identity"], "proof": proof }]),
            json!([{ "identity": one["identity"], "nonce": "AA", "proof": proof }]),
            json!([{ "identity": one["identity"], "nonce": one["nonce"], "proof": "" }]),
            json!([{ "identity": one["identity"], "nonce": one["nonce"], "proof": format!("{digits}=") }]),
            json!([{ "identity": one["identity"], "nonce": one["nonce"], "proof": &digits[4..] }]),
            json!([{ "identity": one["identity"], "nonce": one["nonce"], "proof": proof, "more": 1 }]),
        ] {
            assert_eq!(refused(&place, bad.clone()), ErrorCode::InvalidProof, "{bad}");
        }
        assert_eq!(refused("/proofs", Value::Null), ErrorCode::InvalidProof);
        assert_eq!(refused("/proofs/jwt", json!(["x"])), ErrorCode::InvalidProof);
        assert_eq!(
            refused("/proofs", json!([1])),
            ErrorCode::InvalidCredentialRequest
        );
        assert_eq!(
            refused("/credential_configuration_id", json!("other")),
            ErrorCode::UnknownCredentialConfiguration
        );
        assert_eq!(
            refused("/credential_configuration_id", Value::Null),
            ErrorCode::InvalidCredentialRequest
        );
        assert_eq!(
            refused("/credential_identifier", json!("x")),
            ErrorCode::UnknownCredentialIdentifier
        );
        assert_eq!(
            refused("/credential_response_encryption", json!({ "jwk": {} })),
            ErrorCode::InvalidEncryptionParameters
        );
        for bytes in [
            &b""[..],
            b"{",
            b"null",
            b"[]",
            &[0xff; 4],
            &vec![b'['; 20_000],
            &vec![b' '; MAX_MESSAGE + 1],
        ] {
            assert_eq!(
                CredentialRequest::from_json(bytes).unwrap_err(),
                ErrorCode::InvalidCredentialRequest
            );
        }
    }

    #[test]
    fn ask_again_and_tell_what_became() {
        let id = TransactionId::random().unwrap();
        let body = serde_json::to_vec(&DeferredRequest {
            transaction_id: id.clone(),
        })
        .unwrap();
        assert_eq!(
            DeferredRequest::from_json(&body).unwrap().transaction_id.expose(),
            id.expose()
        );
        assert_eq!(
            DeferredRequest::from_json(b"{}").err(),
            Some(ErrorCode::InvalidCredentialRequest)
        );
        let read =
            Notification::from_json(br#"{"notification_id":"3fwe98js","event":"credential_accepted"}"#)
                .unwrap();
        assert_eq!(read.event, NotificationEvent::CredentialAccepted);
        assert_eq!(
            Notification::from_json(br#"{"notification_id":"3fwe98js","event":"lost"}"#).err(),
            Some(ErrorCode::InvalidNotificationRequest)
        );
    }
}

mod answers {
    use super::*;

    fn issued() -> Value {
        let secret = crate::random::secret().unwrap();
        let response = CredentialResponse::Issued {
            credential: Box::new(credential(&secret, attributes("1990-05-06"))),
            notification: Some(NotificationId::random().unwrap()),
        };
        serde_json::from_str(&response.to_json()).unwrap()
    }

    fn deferred() -> Value {
        let response = CredentialResponse::Deferred {
            transaction: TransactionId::random().unwrap(),
            interval: 6,
        };
        serde_json::from_str(&response.to_json()).unwrap()
    }

    #[test]
    fn are_the_credential_or_not_ready() {
        let document = issued();
        let bytes = serde_json::to_vec(&document).unwrap();
        let Ok(CredentialResponse::Issued {
            credential,
            notification,
        }) = CredentialResponse::from_json(&bytes)
        else {
            panic!("no credential");
        };
        assert_eq!(
            serde_json::to_value(&*credential).unwrap(),
            document["credentials"][0]["credential"]
        );
        assert!(notification.is_some());
        let bytes = serde_json::to_vec(&deferred()).unwrap();
        let Ok(CredentialResponse::Deferred { interval: 6, .. }) = CredentialResponse::from_json(&bytes)
        else {
            panic!("not deferred");
        };
    }

    #[test]
    fn are_refused_when_they_are_both_or_neither() {
        let both = with(issued(), "/transaction_id", json!("x"));
        let one = issued()["credentials"][0].clone();
        for bytes in [
            b"{}".to_vec(),
            both,
            with(issued(), "/credentials", json!([])),
            with(issued(), "/credentials", json!([one, one])),
            with(issued(), "/credentials", json!([{ "credential": "eyJ" }])),
            with(deferred(), "/interval", json!(0)),
            with(deferred(), "/interval", json!(MAX_INTERVAL + 1)),
            with(deferred(), "/interval", json!(-6)),
            with(deferred(), "/interval", Value::Null),
            with(deferred(), "/transaction_id", json!("")),
        ] {
            assert!(CredentialResponse::from_json(&bytes).is_err());
        }
    }

    #[test]
    fn errors_say_nothing_that_steers_a_terminal() {
        let body = ErrorBody::from_json(
            br#"{"error":"invalid_nonce","error_description":"a\u001b[2J\"b\\c\u202ed"}"#,
        )
        .unwrap();
        assert_eq!(
            (body.error, body.description()),
            (ErrorCode::InvalidNonce, "a[2Jbcd")
        );
        let unknown = ErrorBody::from_json(br#"{"error":"new_reason"}"#).unwrap();
        assert_eq!((unknown.error, unknown.description()), (ErrorCode::Other, ""));
        assert_eq!(
            ErrorBody::new(ErrorCode::SlowDown, &"x".repeat(500))
                .description()
                .len(),
            300
        );
    }

    #[test]
    fn codes_are_written_by_their_names() {
        for code in [
            ErrorCode::InvalidRequest,
            ErrorCode::InvalidGrant,
            ErrorCode::InvalidClient,
            ErrorCode::UnsupportedGrantType,
            ErrorCode::InvalidToken,
            ErrorCode::InvalidCredentialRequest,
            ErrorCode::UnknownCredentialConfiguration,
            ErrorCode::UnknownCredentialIdentifier,
            ErrorCode::InvalidProof,
            ErrorCode::InvalidNonce,
            ErrorCode::InvalidEncryptionParameters,
            ErrorCode::CredentialRequestDenied,
            ErrorCode::InvalidTransactionId,
            ErrorCode::InvalidNotificationId,
            ErrorCode::InvalidNotificationRequest,
            ErrorCode::SlowDown,
            ErrorCode::TemporarilyUnavailable,
            ErrorCode::ServerError,
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), json!(code.name()));
            assert_eq!(
                serde_json::from_value::<ErrorCode>(json!(code.name())).unwrap(),
                code
            );
        }
    }
}

mod descriptions {
    use super::*;

    fn refused(pointer: &str, value: Value) -> MessageError {
        IssuerMetadata::from_json(&with(metadata().to_json(), pointer, value), &service()).unwrap_err()
    }

    #[test]
    fn survive_json_and_ignore_what_they_do_not_know() {
        let bytes = serde_json::to_vec(&metadata().to_json()).unwrap();
        assert_eq!(IssuerMetadata::from_json(&bytes, &service()).unwrap(), metadata());
        // A bank issues other credentials too, which look otherwise.
        let other = json!({ "format": "dc+sd-jwt", "vct": "https://x.example", "claims": [1, {}] });
        let bytes = with(
            metadata().to_json(),
            "/credential_configurations_supported/another",
            other,
        );
        assert_eq!(IssuerMetadata::from_json(&bytes, &service()).unwrap(), metadata());
        let bytes = with(
            metadata().to_json(),
            "/batch_credential_issuance",
            json!({ "batch_size": 2 }),
        );
        assert_eq!(IssuerMetadata::from_json(&bytes, &service()).unwrap(), metadata());
    }

    #[test]
    fn of_another_service_or_with_endpoints_elsewhere_are_refused() {
        assert_eq!(
            refused("/credential_issuer", json!("https://bank.example")),
            MessageError::OtherIssuer
        );
        for endpoint in [
            "credential_endpoint",
            "nonce_endpoint",
            "deferred_credential_endpoint",
            "notification_endpoint",
        ] {
            for place in [
                "https://evil.example/x",
                "http://bank.example/x",
                "https://bank.example:8443/x",
                "https://bank.example.evil.example/x",
                "https://user@bank.example/x",
                "data:,x",
            ] {
                assert!(
                    matches!(
                        refused(&format!("/{endpoint}"), json!(place)),
                        MessageError::ForeignEndpoint(_)
                    ),
                    "{endpoint} {place}"
                );
            }
        }
    }

    #[test]
    fn of_services_that_this_wallet_does_not_understand_are_refused() {
        let ours = format!("/credential_configurations_supported/{CONFIGURATION}");
        for (pointer, value) in [
            ("/credential_configurations_supported".to_owned(), json!({})),
            (format!("{ours}/format"), json!("mso_mdoc")),
            (
                format!("{ours}/proof_types_supported"),
                json!({ "jwt": { "proof_signing_alg_values_supported": ["ES256"] } }),
            ),
            (
                format!("{ours}/proof_types_supported/{PROOF_TYPE}/proof_signing_alg_values_supported"),
                json!(["other"]),
            ),
            (format!("{ours}/genesis"), json!("0x00")),
            (format!("{ours}/issuer"), json!(-1)),
            (
                "/authorization_servers".to_owned(),
                json!(["https://login.example"]),
            ),
            (
                "/credential_response_encryption".to_owned(),
                json!({ "encryption_required": true }),
            ),
        ] {
            assert_eq!(
                refused(&pointer, value),
                MessageError::NoConfiguration,
                "{pointer}"
            );
        }
        assert_eq!(
            metadata().to_json()["credential_configurations_supported"][CONFIGURATION]["format"],
            FORMAT
        );
        for (pointer, value) in [
            ("/nonce_endpoint", Value::Null),
            ("/display", json!([{ "name": "\u{1b}]0;x\u{7}" }])),
            ("/credential_endpoint", json!("not a url")),
        ] {
            assert!(
                matches!(refused(pointer, value), MessageError::Malformed(_)),
                "{pointer}"
            );
        }
    }

    #[test]
    fn of_the_token_endpoint_too() {
        let made = AuthorizationMetadata::new(service());
        let read = |bytes: &[u8]| AuthorizationMetadata::from_json(bytes, &service());
        assert_eq!(read(&serde_json::to_vec(&made.to_json()).unwrap()).unwrap(), made);
        for (pointer, value, error) in [
            (
                "/issuer",
                json!("https://bank.example"),
                MessageError::OtherIssuer,
            ),
            (
                "/token_endpoint",
                json!("https://evil.example/t"),
                MessageError::ForeignEndpoint("token"),
            ),
            (
                "/grant_types_supported",
                json!(["authorization_code"]),
                MessageError::NoConfiguration,
            ),
            (
                "/pre-authorized_grant_anonymous_access_supported",
                json!(false),
                MessageError::NoConfiguration,
            ),
        ] {
            assert_eq!(read(&with(made.to_json(), pointer, value)).unwrap_err(), error);
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in ".{0,200}") {
        for bytes in [&bytes[..], text.as_bytes()] {
            let _ = CredentialOffer::from_json(bytes);
            let _ = IssuerMetadata::from_json(bytes, &service());
            let _ = AuthorizationMetadata::from_json(bytes, &service());
            let _ = TokenRequest::from_form(bytes);
            let _ = TokenResponse::from_json(bytes);
            let _ = NonceResponse::from_json(bytes);
            let _ = CredentialRequest::from_json(bytes);
            let _ = CredentialResponse::from_json(bytes);
            let _ = DeferredRequest::from_json(bytes);
            let _ = Notification::from_json(bytes);
            let _ = ErrorBody::from_json(bytes);
        }
        let _ = text.parse::<OfferLink>();
        let _ = format!("openid-credential-offer://?{text}").parse::<OfferLink>();
        let _ = text.parse::<IssuerUrl>();
    }

    #[test]
    fn a_message_that_is_cut_off_is_refused(cut in 0usize..500) {
        let document = metadata().to_json().to_string();
        prop_assume!(cut < document.len());
        prop_assert!(IssuerMetadata::from_json(&document.as_bytes()[..cut], &service()).is_err());
    }
}
