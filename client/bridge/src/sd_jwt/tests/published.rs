//! The example of the standard, with its keys.

use super::*;

const EXAMPLE: &str = include_str!("../../../fixtures/sd_jwt_vc_pid.txt");
/// Another disclosure of the same credential: `birthdate`, 1963-08-12.
const BIRTHDATE: &str = "WyI2SWo3dE0tYTVpVlBHYm9TNXRtdlZBIiwgImJpcnRoZGF0ZSIsICIxOTYzLTA4LTEyIl0";
/// Keys of RFC 9901, appendix A.5.
const ISSUER: (&str, &str) = (
    "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
    "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
);
const HOLDER: (&str, &str, &str) = (
    "5K5SCos8zf9zRemGGUl6yfok-_NiiryNZsvANWMhF-I",
    "TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc",
    "ZxjiWWbZMQGHVWKVQ4hbSIirsVfuecCE6t4jT9F2HZQ",
);
/// When the example's holder signed: 2025-09-02.
const SIGNED: u64 = 1_756_836_321;

fn trusted() -> Trust {
    let mut source = source(Format::SdJwt, "urn:eudi:pid:de:1");
    source.iss = Some("https://pid-issuer.bund.de.example".to_owned());
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": ISSUER.0, "y": ISSUER.1});
    source.keys.push(PublicKey::from_jwk(&jwk).unwrap());
    trust(source)
}

fn asked(nonce: &str, client: &str) -> Challenge {
    let channel = Channel::Redirect {
        client_id: client.to_owned(),
        response_uri: "https://example.com/answer".to_owned(),
    };
    Challenge::new(
        channel,
        None,
        nonce.to_owned(),
        Moment(SIGNED - 60),
        Moment(SIGNED + 540),
    )
}

fn judge(text: &str, challenge: &Challenge, trust: &Trust, now: u64) -> Result<Evidence, Refusal> {
    check(text, challenge, trust, &StatusLists::default(), Moment(now))
}

fn example() -> Challenge {
    asked("1234567890", "https://example.com/verifier")
}

#[test]
fn is_evidence_of_18_years() {
    let evidence = judge(EXAMPLE.trim(), &example(), &trusted(), SIGNED + 60)
        .ok()
        .unwrap();
    assert_eq!(evidence.birth().earliest().to_string(), "1900-01-01");
    assert_eq!(evidence.birth().latest().to_string(), "2007-09-02");
}

#[test]
fn is_evidence_of_a_birth_date() {
    let (credential, _) = EXAMPLE.rsplit_once('~').unwrap();
    let selection = format!("{credential}~{BIRTHDATE}~");
    let bytes = |text| jws::bytes(text).unwrap();
    let holder = Key::published(&bytes(HOLDER.0), &bytes(HOLDER.1), &bytes(HOLDER.2));
    let binding = json!({
        "nonce": "another", "aud": "https://example.com/verifier", "iat": SIGNED,
        "sd_hash": jws::text(&sha256(selection.as_bytes())),
    });
    let text = selection + &holder.jws(&json!({"alg": "ES256", "typ": "kb+jwt"}), &binding);
    let challenge = asked("another", "https://example.com/verifier");
    let evidence = judge(&text, &challenge, &trusted(), SIGNED + 60).ok().unwrap();
    assert_eq!(evidence.birth().exact().unwrap().to_string(), "1963-08-12");
    // The same credential as the one that said "over 18" only.
    let other = judge(EXAMPLE.trim(), &example(), &trusted(), SIGNED + 60)
        .ok()
        .unwrap();
    assert_eq!(evidence.credential(), other.credential());
}

#[test]
fn is_refused_if_anything_differs() {
    let text = EXAMPLE.trim();
    let refusal =
        |text: &str, challenge: &Challenge, trust: &Trust, now| judge(text, challenge, trust, now).err();
    let now = SIGNED + 60;
    let nonce = asked("1234567891", "https://example.com/verifier");
    assert_eq!(refusal(text, &nonce, &trusted(), now), Some(Refusal::WrongNonce));
    let client = asked("1234567890", "https://example.com/other");
    assert_eq!(
        refusal(text, &client, &trusted(), now),
        Some(Refusal::WrongAudience)
    );
    // Long after, the credential has expired; the request is made younger here, to see the one and not the other.
    let mut late = example();
    late.until = Moment(1_883_000_000);
    assert_eq!(
        refusal(text, &late, &trusted(), 1_883_000_000),
        Some(Refusal::Expired)
    );
    let mut foreign = trusted();
    foreign.sources[0].keys = vec![Key::new().public()];
    assert_eq!(
        refusal(text, &example(), &foreign, now),
        Some(Refusal::IssuerSignature)
    );
    let mut revoked = trusted();
    revoked.revoked.insert(revoked.sources[0].keys[0].thumbprint());
    assert_eq!(
        refusal(text, &example(), &revoked, now),
        Some(Refusal::SignerRevoked)
    );
    let minor = jws::text(br#"["OBKlTVlvLg-AdwqYGbP8ZA", "18", false]"#);
    let adult = "WyJPQktsVFZsdkxnLUFkd3FZR2JQOFpBIiwgIjE4IiwgdHJ1ZV0";
    assert!(text.contains(adult));
    let tampered = text.replace(adult, &minor);
    assert_eq!(
        refusal(&tampered, &example(), &trusted(), now),
        Some(Refusal::Tampered)
    );
}

/// RFC 7638's own example is of RSA; this one is the example's key, computed apart from this program.
#[test]
fn keys_have_their_names() {
    let key = &trusted().sources[0].keys[0];
    let name = "Q5yTSREAbvZL131ynDBhalXJcF9fL0foJlMN8u6ldiY";
    assert_eq!(jws::text(&key.thumbprint()), name);
}
