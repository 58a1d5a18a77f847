use ofage_primitives::{chain::IssuerStatus, hashes};
use serde_json::{json, Value};

use super::*;

const GENESIS: GenesisHash = GenesisHash([7; 32]);
const ISSUER: IssuerIndex = IssuerIndex(3);

fn controller() -> Signer {
    Signer::dev("Issuer1").ok().unwrap()
}

fn label(text: &str) -> Label {
    text.parse().unwrap()
}

fn profile() -> Profile {
    let method = Method {
        assurance: Assurance::Verified,
        flags: Flags::DOCUMENT.union(Flags::BANK),
        description: label("Identity card or passport, checked at account opening"),
    };
    let mut profile = Profile::new(
        (GENESIS, ISSUER),
        (
            label("First Bank"),
            "EE".parse().unwrap(),
            label("age@first-bank.example"),
        ),
        vec![method],
        format!("https://first-bank.example{WELL_KNOWN}").parse().unwrap(),
        "2026-11-01".parse().unwrap(),
    )
    .unwrap();
    profile.service = Some("https://ages.first-bank.example".parse().unwrap());
    profile
}

fn info(metadata: &str) -> IssuerInfo {
    IssuerInfo {
        index: ISSUER,
        issuer_id: hashes::issuer_id(&GENESIS, ISSUER),
        controller: controller().account().0,
        attester: [2; 32],
        status: IssuerStatus::Active,
        metadata: metadata.as_bytes().to_vec(),
        open_shard: None,
        last_shard: None,
        lists: 0,
        deposit: 0,
        retired_at: None,
    }
}

fn published() -> IssuerInfo {
    info(&profile().pointer().metadata())
}

fn signed() -> SignedProfile {
    profile().sign(&controller())
}

fn document() -> Value {
    serde_json::to_value(signed()).unwrap()
}

fn read(document: &Value) -> SignedProfile {
    SignedProfile::from_json(document.to_string().as_bytes()).unwrap()
}

#[test]
fn what_is_signed_and_named_by_the_chain_is_taken() {
    let checked = signed().check(GENESIS, &published()).unwrap();
    assert_eq!(checked.get(), &profile());
}

#[test]
fn white_space_and_order_of_the_document_do_not_matter() {
    let document = document();
    let parts = document["profile"].as_object().unwrap();
    let turned: Vec<String> = parts
        .iter()
        .rev()
        .map(|(name, value)| format!("{} :\n {value}", json!(name)))
        .collect();
    let text = format!(
        "{{\"signature\": {},\n\n\"profile\": {{{}}}}}",
        document["signature"],
        turned.join(",\n")
    );
    let read = SignedProfile::from_json(text.as_bytes()).unwrap();
    read.check(GENESIS, &published()).unwrap();
}

#[test]
fn what_is_signed_stays_the_same() {
    let hash = serde_json::to_value(profile().hash()).unwrap();
    assert_eq!(hash, PINNED_HASH);
}

/// Of [`profile`]: a change of the encoding would void the profiles that are out there.
const PINNED_HASH: &str = "0x255176c1ca3a922cc0ff3c308b59ab20c99505c6a63c29dd723af7a7f5404477";

mod refuses {
    use super::*;

    #[test]
    fn a_change_of_any_field() {
        let changes = [
            ("/profile/name", json!("Second Bank")),
            ("/profile/jurisdiction", json!("LV")),
            ("/profile/contact", json!("thief@elsewhere.example")),
            ("/profile/service", json!("https://elsewhere.example")),
            ("/profile/service", Value::Null),
            ("/profile/issued_on", json!("2026-12-01")),
            ("/profile/methods/0/assurance", json!("verified-in-person")),
            ("/profile/methods/0/flags", json!("document")),
            ("/profile/methods/0/description", json!("None")),
            (
                "/profile/url",
                json!(format!("https://elsewhere.example{WELL_KNOWN}")),
            ),
            ("/signature", json!(format!("0x{}", "00".repeat(64)))),
        ];
        for (place, value) in changes {
            let mut document = document();
            let field = document.pointer_mut(place).expect(place);
            assert_ne!(*field, value, "{place}");
            *field = value;
            assert_eq!(
                read(&document).check(GENESIS, &published()),
                Err(ProfileRefused::Signature(controller().account())),
                "{place}"
            );
        }
    }

    #[test]
    fn a_method_more_or_less() {
        for count in [0, 2, 17] {
            let mut document = document();
            let method = document["profile"]["methods"][0].clone();
            document["profile"]["methods"] = vec![method; count].into();
            assert!(read(&document).check(GENESIS, &published()).is_err(), "{count}");
        }
    }

    #[test]
    fn another_signer() {
        let other = profile().sign(&Signer::dev("Issuer2").ok().unwrap());
        assert_eq!(
            other.check(GENESIS, &published()),
            Err(ProfileRefused::Signature(controller().account()))
        );
    }

    #[test]
    fn another_chain_or_issuer() {
        let elsewhere = GenesisHash([8; 32]);
        assert_eq!(
            signed().check(elsewhere, &published()),
            Err(ProfileRefused::Chain)
        );
        let other = IssuerInfo {
            index: IssuerIndex(4),
            ..published()
        };
        assert_eq!(
            signed().check(GENESIS, &other),
            Err(ProfileRefused::Issuer(ISSUER))
        );
    }

    #[test]
    fn metadata_of_the_chain_that_name_something_else() {
        for text in ["", "First Bank, EE", "{}", "[]", "{\"name\":\"First Bank\"}"] {
            assert_eq!(
                signed().check(GENESIS, &info(text)),
                Err(ProfileRefused::NoPointer),
                "{text}"
            );
        }
        let mut later = profile();
        later.contact = label("new@first-bank.example");
        assert_eq!(
            signed().check(GENESIS, &info(&later.pointer().metadata())),
            Err(ProfileRefused::Hash)
        );
        let mut moved = profile().pointer();
        moved.profile = format!("https://elsewhere.example{WELL_KNOWN}").parse().unwrap();
        assert!(matches!(
            signed().check(GENESIS, &info(&moved.metadata())),
            Err(ProfileRefused::Place { .. })
        ));
        let mut renamed = profile().pointer();
        renamed.name = label("Another Bank");
        assert_eq!(
            signed().check(GENESIS, &info(&renamed.metadata())),
            Err(ProfileRefused::Hash)
        );
    }

    #[test]
    fn fields_that_it_does_not_know_and_texts_that_mislead() {
        for (place, value) in [
            ("extra", json!(1)),
            ("name", json!("First\u{202e}knaB")),
            ("name", json!("two\nlines")),
            ("jurisdiction", json!("Estonia")),
            (
                "url",
                json!("http://first-bank.example/.well-known/ofage-issuer.json"),
            ),
            ("service", json!("ftp://first-bank.example")),
        ] {
            let mut document = document();
            document["profile"][place] = value;
            let read = SignedProfile::from_json(document.to_string().as_bytes());
            assert!(read.is_err(), "{place}");
        }
    }

    #[test]
    fn another_version_and_another_place() {
        let mut document = document();
        document["profile"]["version"] = json!(2);
        assert_eq!(
            read(&document).check(GENESIS, &published()),
            Err(ProfileRefused::Profile(ProfileError::Version))
        );
        let mut document = super::document();
        document["profile"]["url"] = json!("https://first-bank.example/elsewhere.json");
        assert_eq!(
            read(&document).check(GENESIS, &published()),
            Err(ProfileRefused::Profile(ProfileError::Place))
        );
    }
}

#[test]
fn jurisdictions_are_codes_of_iso_3166() {
    for code in ["EE", "US-CA", "GB-SCT", "FR-75"] {
        assert_eq!(code.parse::<Jurisdiction>().unwrap().to_string(), code);
    }
    for text in ["", "E", "ee", "EST", "US-", "US-ABCD", "US-ca", "EE ", "Ü"] {
        assert!(text.parse::<Jurisdiction>().is_err(), "{text}");
    }
}
