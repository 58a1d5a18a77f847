//! From an issuer's offer to a proof that a verifier takes: the real service, wallet and chain.

use std::fs;

use anyhow::{ensure, Context as _, Result};
use ofage_e2e::{service::Service, Answer, Node, Ofage};
use serde_json::{json, Value};

const PASSPHRASE: &str = "correct horse battery staple";

fn wallet<'a>(name: &'a str, command: &[&'a str]) -> Vec<&'a str> {
    let (verb, rest) = command.split_first().expect("a command has a verb");
    let mut all = vec!["--json", "wallet", verb, "--wallet", name];
    all.extend(["--passphrase-file", "passphrase"]);
    all.extend(rest);
    all
}

fn take(ofage: &Ofage, name: &str, link: &str) -> Result<Answer> {
    ofage.run(wallet(name, &["request", "--offer", link, "--yes"]))
}

fn credentials(ofage: &Ofage, name: &str) -> Result<String> {
    Ok(ofage.ok(wallet(name, &["list"]))?.stdout)
}

fn attestations(ofage: &Ofage) -> Result<u64> {
    let status = ofage
        .ok(["--json", "issuer", "status", "--issuer", "0"])?
        .json()?;
    // A list, of one issuer here.
    let one = status.get(0).unwrap_or(&status);
    one["attestations"].as_u64().context("no number of attestations")
}

struct Bank {
    node: Node,
    ofage: Ofage,
}

impl Bank {
    /// A registered and listed issuer, and wallets.
    fn new(wallets: &[&str]) -> Result<Self> {
        let node = Node::start()?;
        let ofage = Ofage::new(&node)?;
        fs::write(ofage.path("passphrase"), PASSPHRASE)?;
        ofage.ok(["issuer", "register", "--metadata", "Bank", "--dev-key", "Issuer1"])?;
        ofage.ok(["list", "create", "--name", "banks", "--dev-key", "Curator"])?;
        ofage.ok(["issuer", "consent", "--list", "0", "--dev-key", "Issuer1"])?;
        ofage.ok([
            "list",
            "add",
            "--list",
            "0",
            "--issuer",
            "0",
            "--dev-key",
            "Curator",
        ])?;
        for name in wallets {
            ofage.ok(wallet(name, &["new"]))?;
        }
        Ok(Self { node, ofage })
    }

    fn serve(&self, every: &str) -> Result<Service> {
        Service::start(&self.ofage, &self.node.url(), &["--every", every])
    }
}

/// The link of an offer for Ann.
fn offer(service: &Service, options: &Value) -> Result<String> {
    Ok(service.offer("ann", options)?.to_uri().to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_takes_an_offer_and_proves_their_age() -> Result<()> {
    let mut bank = Bank::new(&["ann.age", "eve.age"])?;
    let service = bank.serve("3s")?;
    let link = offer(&service, &json!({}))?;
    let took = take(&bank.ofage, "ann.age", &link)?.expect(0)?;
    ensure!(took.json()?["taken"][0] == 0, "{}", took.stdout);

    // The code counts once, for whoever comes, and there is no second offer for who is attested.
    for name in ["ann.age", "eve.age"] {
        take(&bank.ofage, name, &link)?.expect(1)?.says("invalid_grant")?;
    }
    ensure!(
        offer(&service, &json!({})).is_err(),
        "a customer was offered a second attestation"
    );
    ensure!(attestations(&bank.ofage)? == 1);

    let app = [
        "--origin",
        "https://chat.example",
        "--account",
        "@ann:chat.example",
    ];
    let asks = ["--list", "0", "--over", "18", "--out", "challenge.json"];
    bank.ofage.ok(["challenge"].iter().chain(&app).chain(&asks))?;
    let prove = ["prove", "--challenge", "challenge.json", "--out", "proof.json"];
    let prove: Vec<&str> = prove
        .into_iter()
        .chain(["--min-issuers", "1", "--newest"])
        .collect();
    bank.ofage.ok(wallet("ann.age", &prove))?;
    bank.ofage
        .ok(["verify", "proof.json", "--challenge", "challenge.json"])?;
    drop(service);
    bank.node.assert_alive()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_and_a_wallet_that_gives_up_both_go_on() -> Result<()> {
    let bank = Bank::new(&["ann.age"])?;
    let mut service = bank.serve("30s")?;
    let link = offer(&service, &json!({}))?;
    // The batch is some time away, so the wallet gives up, and knows what it is owed.
    let hurried = ["request", "--offer", &link, "--yes", "--wait", "1s"];
    let gave_up = bank.ofage.run(wallet("ann.age", &hurried))?.expect(1)?;
    ensure!(gave_up.json()?["owed"][0]["issuer"] == 0, "{}", gave_up.stdout);
    service.kill_and_restart()?;
    let resume = wallet("ann.age", &["request", "--resume"]);
    let took = bank.ofage.run(&resume)?.expect(0)?;
    ensure!(took.json()?["taken"][0] == 0, "{}", took.stdout);
    ensure!(attestations(&bank.ofage)? == 1);
    // Nothing is owed any more.
    bank.ofage.run(&resume)?.expect(3).map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_with_a_new_wallet_is_attested_anew_and_the_old_attestation_ends() -> Result<()> {
    let bank = Bank::new(&["old.age", "new.age"])?;
    let service = bank.serve("3s")?;
    take(&bank.ofage, "old.age", &offer(&service, &json!({}))?)?.expect(0)?;
    let again = offer(&service, &json!({ "reissue": true }))?;
    take(&bank.ofage, "new.age", &again)?.expect(0)?;
    // What the service was about to do, the revocation of the old one, is done by the command if need be.
    drop(service);
    let settle = ["issuer", "attest", "--resume", "--credentials", "rest.jsonl"];
    let whose = ["--register", "register", "--dev-key", "Issuer1"];
    bank.ofage.ok(settle.iter().chain(&whose))?;
    bank.ofage.ok(wallet("old.age", &["refresh", "--now"]))?;
    let old = credentials(&bank.ofage, "old.age")?;
    ensure!(old.contains("revoked"), "{old}");
    bank.ofage.ok(wallet("new.age", &["refresh", "--now"]))?;
    let new = credentials(&bank.ofage, "new.age")?;
    ensure!(!new.contains("revoked"), "{new}");
    Ok(())
}
