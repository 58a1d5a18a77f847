//! Credentials that customers hold, checked by the real command without a node.

use std::{
    path::Path,
    process::{Command, Output},
    time::{SystemTime, UNIX_EPOCH},
};

use ofage_bridge::testing::PidWallet;
use serde_json::{json, Value};

const VCT: &str = "urn:eudi:pid:1";
const CLIENT: &str = "x509_san_dns:bank.example";

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// An issuer's folder, and a customer's wallet.
struct Desk {
    folder: tempfile::TempDir,
    wallet: PidWallet,
}

impl Desk {
    fn new() -> Self {
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
            wallet: PidWallet::new(),
        };
        desk.settings(&desk.wallet);
        desk
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn settings(&self, trusted: &PidWallet) {
        let settings = json!({
            "channel": {"client_id": CLIENT, "response_uri": "https://bank.example/answer"},
            "sources": [{
                "name": "PID", "format": "sd-jwt", "types": [VCT], "keys": [trusted.issuer.jwk()],
                "assurance": "verified", "flags": ["document"],
            }],
        });
        std::fs::write(self.path().join("bridge.json"), settings.to_string()).unwrap();
    }

    fn run(&self, line: &str) -> (i32, Value) {
        let output: Output = Command::new(env!("CARGO_BIN_EXE_ofage"))
            .args(["--json", "issuer", "bridge"])
            .args(line.split(' '))
            .current_dir(self.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (
            output.status.code().unwrap(),
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
    }

    /// A request: its state and its nonce.
    fn asked(&self) -> (String, String) {
        let (code, asked) = self.run("challenge --settings bridge.json --ledger ledger");
        assert_eq!(code, 0, "{asked}");
        let text = |name: &str| asked[name].as_str().unwrap().to_owned();
        (text("state"), text("nonce"))
    }

    fn check(&self, state: &str, presentation: &str, reference: &str) -> (i32, Value) {
        std::fs::write(self.path().join("vp.txt"), presentation).unwrap();
        self.run(&format!(
            "check --settings bridge.json --ledger ledger --state {state} --presentation vp.txt --reference {reference} \
             --out row.jsonl"
        ))
    }

    fn present(&self, nonce: &str) -> String {
        let claims = json!({"age_equal_or_over": {"18": true}});
        self.wallet.present(VCT, &claims, nonce, CLIENT, now())
    }
}

fn reason(answer: &(i32, Value)) -> (i32, &str) {
    (answer.0, answer.1["error"]["code"].as_str().unwrap_or_default())
}

#[test]
fn a_pid_becomes_a_row() {
    let desk = Desk::new();
    let (state, nonce) = desk.asked();
    let (code, answer) = desk.check(&state, &desk.present(&nonce), "customer-1");
    assert_eq!((code, answer["source"].as_str()), (0, Some("PID")), "{answer}");
    let row = std::fs::read_to_string(desk.path().join("row.jsonl")).unwrap();
    let row: Value = serde_json::from_str(&row).unwrap();
    assert_eq!(row["reference"], "customer-1");
    assert_eq!(row["earliest_birth"], "1900-01-01");
    assert_eq!(row["flags"], "document+bridged");
    // The row is what the import takes, but for the commitment, which the wallet brings.
    let fields = |name: &str| row.get(name).and_then(Value::as_str);
    let today = ofage_sdk::clock::today().unwrap();
    let (reference, _) = ofage_sdk::issuer::intake::person(fields, today).unwrap();
    assert_eq!(reference, "customer-1");
    #[cfg(unix)]
    for file in ["row.jsonl", "ledger"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(desk.path().join(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn an_answer_counts_once_and_a_credential_for_one() {
    let desk = Desk::new();
    let (state, nonce) = desk.asked();
    let presentation = desk.present(&nonce);
    assert_eq!(desk.check(&state, &presentation, "ann").0, 0);
    let again = desk.check(&state, &presentation, "ann");
    assert_eq!(again.0, 1);
    assert!(again.1["error"]["message"]
        .as_str()
        .unwrap()
        .contains("no request"));
    // The same credential for another customer, over a request of its own.
    let (state, nonce) = desk.asked();
    let bob = desk.check(&state, &desk.present(&nonce), "bob");
    assert_eq!(reason(&bob), (1, "credential-used"));
    let (state, nonce) = desk.asked();
    assert_eq!(desk.check(&state, &desk.present(&nonce), "ann").0, 0);
    // Once it is forgotten, it is anybody's.
    let (code, answer) = desk.run("forget --ledger ledger --reference ann");
    assert_eq!((code, &answer["forgotten"]), (0, &json!(1)));
    let (state, nonce) = desk.asked();
    assert_eq!(desk.check(&state, &desk.present(&nonce), "bob").0, 0);
}

#[test]
fn commands_run_side_by_side() {
    let desk = Desk::new();
    let states = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| desk.asked().0)).collect();
        asking
            .into_iter()
            .map(|one| one.join().unwrap())
            .collect::<std::collections::BTreeSet<_>>()
    });
    assert_eq!(states.len(), 8);
}

#[test]
fn what_is_wrong_has_a_name_and_uses_the_request_up() {
    let desk = Desk::new();
    let (state, _) = desk.asked();
    let other = desk.present("another-nonce");
    assert_eq!(reason(&desk.check(&state, &other, "ann")), (1, "wrong-nonce"));
    assert_eq!(desk.check(&state, &other, "ann").0, 1);
    let (state, nonce) = desk.asked();
    let audience = desk
        .wallet
        .present(VCT, &json!({"age_over_18": true}), &nonce, "other", now());
    assert_eq!(
        reason(&desk.check(&state, &audience, "ann")),
        (1, "wrong-audience")
    );
    let (state, nonce) = desk.asked();
    let kind = desk
        .wallet
        .present("urn:other", &json!({"age_over_18": true}), &nonce, CLIENT, now());
    assert_eq!(reason(&desk.check(&state, &kind, "ann")), (1, "type"));
    let (state, nonce) = desk.asked();
    let silent = desk
        .wallet
        .present(VCT, &json!({"given_name": "Ann"}), &nonce, CLIENT, now());
    assert_eq!(reason(&desk.check(&state, &silent, "ann")), (1, "no-age"));
    let (state, nonce) = desk.asked();
    let tampered = desk.present(&nonce).replacen('~', "~WyJzIiwgIngiLCAxXQ~", 1);
    assert_eq!(reason(&desk.check(&state, &tampered, "ann")), (1, "tampered"));
    let (state, _) = desk.asked();
    assert_eq!(reason(&desk.check(&state, "junk", "ann")), (1, "malformed"));
    let (state, nonce) = desk.asked();
    desk.settings(&PidWallet::new());
    let foreign = desk.check(&state, &desk.present(&nonce), "ann");
    assert_eq!(reason(&foreign), (1, "issuer-signature"));
    assert!(!desk.path().join("row.jsonl").exists(), "nothing was written");
}

#[test]
fn faults_on_our_side_use_no_request_up() {
    let desk = Desk::new();
    let (state, nonce) = desk.asked();
    let presentation = desk.present(&nonce);
    std::fs::write(desk.path().join("vp.txt"), &presentation).unwrap();
    let line = |more: &str| {
        format!("check --settings bridge.json --ledger ledger --state {state} --out row.jsonl {more}")
    };
    assert_eq!(desk.run(&line("--reference ann --presentation missing")).0, 3);
    assert_eq!(desk.run(&line("--presentation vp.txt --reference ")).0, 2);
    assert_eq!(
        desk.run(&line("--reference ann --presentation vp.txt --request vp.txt"))
            .0,
        3
    );
    assert_eq!(
        desk.run(&line(
            "--reference ann --presentation vp.txt --status-list missing"
        ))
        .0,
        3
    );
    std::fs::write(desk.path().join("bridge.json"), "{}").unwrap();
    assert_eq!(desk.run(&line("--reference ann --presentation vp.txt")).0, 3);
    desk.settings(&desk.wallet);
    assert_eq!(desk.check(&state, &presentation, "ann").0, 0);
    assert_eq!(desk.run("forget --ledger missing --reference ann").0, 3);
}

#[test]
fn wallets_are_asked_for_little() {
    let desk = Desk::new();
    let (_, asked) = desk.run("challenge --settings bridge.json --ledger ledger");
    let query = &asked["dcql_query"]["credentials"][0];
    assert_eq!(query["format"], "dc+sd-jwt");
    assert_eq!(query["claims"], json!([{"path": ["age_equal_or_over", "18"]}]));
    assert_eq!(asked["client_id"], CLIENT);
    let (_, asked) = desk.run("challenge --settings bridge.json --ledger ledger --exact");
    let claims = &asked["dcql_query"]["credentials"][0]["claims"];
    assert_eq!(claims, &json!([{"path": ["birthdate"]}]));
}
