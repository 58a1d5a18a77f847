use serde_json::{json, Value};

use super::*;
use crate::testing::{Authority, Key};

/// A folder with settings, a root and a revocation list.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Authority::new("root");
        std::fs::write(folder.path().join("root.pem"), root.pem()).unwrap();
        std::fs::write(folder.path().join("root.crl"), root.revoke(&[7], 2030).1).unwrap();
        Self(folder)
    }

    fn load(&self, settings: &Value) -> Result<(Settings, Trust), String> {
        let path = self.0.path().join("bridge.json");
        std::fs::write(&path, settings.to_string()).unwrap();
        Settings::load(&path).map_err(|error| error.to_string())
    }
}

fn settings() -> Value {
    json!({
        "channel": {"client_id": "x509_san_dns:issuer.example", "response_uri": "https://issuer.example/answer"},
        "sources": [
            {
                "name": "licences", "format": "mdoc", "types": ["org.iso.18013.5.1.mDL"], "anchors": ["root.pem"],
                "assurance": "verified", "flags": ["document"],
            },
            {
                "name": "pid", "format": "sd-jwt", "types": ["urn:eudi:pid:1"], "iss": "https://pid.example",
                "keys": [Key::new().jwk()], "assurance": "verified-in-person",
            },
        ],
        "revocation_lists": ["root.crl"],
        "revoked_signers": ["ab".repeat(32)],
    })
}

fn refused(change: impl FnOnce(&mut Value)) -> String {
    let mut settings = settings();
    change(&mut settings);
    Folder::new().load(&settings).err().expect("refused")
}

#[test]
fn settings_are_read_with_their_files() {
    let (settings, trust) = Folder::new().load(&settings()).unwrap();
    assert_eq!(settings.valid_months(), 12);
    assert_eq!(settings.types().len(), 2);
    assert_eq!(trust.sources.len(), 2);
    assert_eq!(trust.sources[0].flags, Flags::BRIDGED.union(Flags::DOCUMENT));
    assert_eq!(trust.sources[1].flags, Flags::BRIDGED);
    assert_eq!((trust.lists.len(), trust.revoked.len()), (1, 1));
    assert!(!trust.ignores_status && !trust.needs_lists);
}

#[test]
fn a_page_of_the_web_is_a_channel_too() {
    let mut settings = settings();
    settings["channel"] = json!({"origin": "https://issuer.example"});
    let (settings, _) = Folder::new().load(&settings).unwrap();
    assert!(matches!(settings.channel(), Channel::Browser { .. }));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (wanted, error) in [
        ("name no source", refused(|all| all["sources"] = json!([]))),
        (
            "unknown field",
            refused(|all| all["trust_everybody"] = json!(true)),
        ),
        (
            "unknown field",
            refused(|all| all["sources"][0]["anchor"] = json!("root.pem")),
        ),
        (
            "of licences, types is empty",
            refused(|all| all["sources"][0]["types"] = json!([])),
        ),
        (
            "a type is none of",
            refused(|all| all["sources"][0]["types"] = json!(["org.iso.18013.5.1"])),
        ),
        (
            "neither anchors nor keys",
            refused(|all| all["sources"][0]["anchors"] = json!([])),
        ),
        (
            "keys and iss are for sd-jwt",
            refused(|all| all["sources"][0]["iss"] = json!("x")),
        ),
        (
            "a flag is unknown",
            refused(|all| all["sources"][0]["flags"] = json!(["passport"])),
        ),
        (
            "unknown variant",
            refused(|all| all["sources"][0]["assurance"] = json!("certain")),
        ),
        (
            "of pid, a key is no public JWK",
            refused(|all| all["sources"][1]["keys"][0]["crv"] = json!("P-521")),
        ),
        (
            "of pid, a key is no public JWK",
            refused(|all| all["sources"][1]["keys"][0]["d"] = json!("AA")),
        ),
        (
            "missing.pem",
            refused(|all| all["sources"][0]["anchors"] = json!(["missing.pem"])),
        ),
        (
            "root.crl holds no certificate",
            refused(|all| all["sources"][0]["anchors"] = json!(["root.crl"])),
        ),
        (
            "root.pem holds no certificate revocation list",
            refused(|all| all["revocation_lists"] = json!(["root.pem"])),
        ),
        (
            "64 hexadecimal digits",
            refused(|all| all["revoked_signers"] = json!(["ab"])),
        ),
        ("1 to 120", refused(|all| all["valid_months"] = json!(0))),
        ("1 to 120", refused(|all| all["valid_months"] = json!(121))),
        (
            "thumbprint",
            refused(|all| all["encryption_key_thumbprint"] = json!("short")),
        ),
        (
            "right form",
            refused(|all| all["channel"] = json!({"client_id": "x"})),
        ),
    ] {
        assert!(error.contains(wanted), "{error} has no {wanted}");
    }
}
