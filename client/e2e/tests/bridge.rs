//! A credential that a customer already holds: from the wallet's presentation to a proof that a verifier accepts.

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{ensure, Context as _, Result};
use ofage_bridge::testing::PidWallet;
use ofage_e2e::{Node, Ofage};
use serde_json::json;

const VCT: &str = "urn:eudi:pid:1";
const CLIENT: &str = "x509_san_dns:bank.example";
const REFERENCE: &str = "customer-1";
const WALLET: [&str; 4] = ["--wallet", "ann.age", "--passphrase-file", "passphrase"];

/// Checks what the wallet presents for a request of its own, with the customer's request for an attestation.
fn bridge(ofage: &Ofage, wallet: &PidWallet) -> Result<()> {
    let settings = json!({
        "channel": {"client_id": CLIENT, "response_uri": "https://bank.example/answer"},
        "sources": [{
            "name": "PID", "format": "sd-jwt", "types": [VCT], "keys": [wallet.issuer.jwk()],
            "assurance": "verified", "flags": ["registry"],
        }],
    });
    fs::write(ofage.path("bridge.json"), settings.to_string())?;
    let ask = "--json issuer bridge challenge --settings bridge.json --ledger ledger";
    let asked = ofage.ok(ask.split(' '))?.json()?;
    let nonce = asked["nonce"].as_str().context("no nonce")?;
    let state = asked["state"].as_str().context("no state")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let claims = json!({"age_equal_or_over": {"18": true}});
    fs::write(
        ofage.path("vp.txt"),
        wallet.present(VCT, &claims, nonce, CLIENT, now),
    )?;
    let check = format!(
        "issuer bridge check --settings bridge.json --ledger ledger --state {state} --presentation vp.txt \
         --reference {REFERENCE} --request request.json --out row.jsonl"
    );
    ofage.ok(check.split(' '))?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pid_becomes_a_proof_of_18() -> Result<()> {
    let mut node = Node::start()?;
    let ofage = Ofage::new(&node)?;
    fs::write(ofage.path("passphrase"), "correct horse battery staple")?;
    ofage.ok(["issuer", "register", "--metadata", "Bank", "--dev-key", "Issuer1"])?;
    ofage.ok("list create --name adults --dev-key Curator".split(' '))?;
    ofage.ok("issuer consent --list 0 --dev-key Issuer1".split(' '))?;
    ofage.ok("list add --list 0 --issuer 0 --dev-key Curator".split(' '))?;

    let wallet = |line: &'static str| line.split(' ').chain(WALLET);
    ofage.ok(wallet("wallet new"))?;
    let request = ofage.ok(wallet("wallet request --issuer 0 --reference customer-1"))?;
    fs::write(ofage.path("request.json"), request.stdout)?;
    bridge(&ofage, &PidWallet::new())?;
    let attest = "issuer attest --jsonl row.jsonl --require-ownership --register register --credentials out --dev-key Issuer1";
    ofage.ok(attest.split(' '))?;
    ofage.ok(wallet("wallet import out/customer-1.json"))?;

    let proves = |age: &str| -> Result<i32> {
        // An origin of its own each, so that no answer depends on an earlier one.
        let challenge = format!(
            "challenge --origin https://chat-{age}.example --account dev:Bob --list 0 --over {age} --out challenge.json"
        );
        ofage.ok(challenge.split(' '))?;
        let prove =
            wallet("wallet prove --challenge challenge.json --min-issuers 1 --newest --out proof.json");
        let proved = ofage.run(prove)?;
        if proved.code != 0 {
            eprintln!("{}", proved.stderr);
            return Ok(proved.code);
        }
        Ok(ofage
            .run("verify proof.json --challenge challenge.json".split(' '))?
            .code)
    };
    ensure!(proves("18")? == 0, "a PID that says 18 proves 18");
    ensure!(proves("21")? == 1, "and not 21");
    node.assert_alive()
}
