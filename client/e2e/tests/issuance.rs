//! From an issuer's offer to a proof that a verifier takes: the real service, wallet and chain.

use std::fs;

use anyhow::{ensure, Context as _, Result};
use ofage_e2e::{service::Service, Answer, Node, Ofage};
use serde_json::Value;

const PASSPHRASE: &str = "correct horse battery staple";
const SERVE: [&str; 8] = [
    "--listen",
    "127.0.0.1:0",
    "--admin",
    "127.0.0.1:0",
    "--every",
    "3s",
    "--dev-key",
    "Issuer1",
];
const COLUMNS: &str = "reference,date_of_birth,checked_on,enrolled_on,expires_on,assurance,flags\n";

fn wallet<'a>(name: &'a str, command: &[&'a str]) -> Vec<&'a str> {
    let (verb, rest) = command.split_first().expect("a command has a verb");
    let mut all = vec![
        "--json",
        "wallet",
        verb,
        "--wallet",
        name,
        "--passphrase-file",
        "passphrase",
    ];
    all.extend(rest);
    all
}

fn take(ofage: &Ofage, name: &str, link: &str) -> Result<Answer> {
    ofage.run(wallet(name, &["request", "--offer", link, "--yes"]))
}

fn credentials(ofage: &Ofage, name: &str) -> Result<Value> {
    ofage.ok(wallet(name, &["list"]))?.json()
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

    fn serve(&self) -> Result<Service> {
        Service::start(&self.ofage, &SERVE)
    }

    fn offer(&self, service: &Service, reference: &str, arguments: &[&str]) -> Result<String> {
        let path = self.ofage.path("offer.csv");
        let row = format!("{reference},1990-05-06,2026-01-01,2026-02-01,2030-01-01,verified,bank\n");
        fs::write(&path, format!("{COLUMNS}{row}"))?;
        let offers = service.offers(&self.ofage, &path, arguments)?;
        offers.into_iter().next().context("no offer")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_takes_an_offer_and_proves_their_age() -> Result<()> {
    let mut bank = Bank::new(&["ann.age", "eve.age"])?;
    let service = bank.serve()?;
    let link = bank.offer(&service, "ann", &[])?;
    let took = take(&bank.ofage, "ann.age", &link)?.expect(0)?;
    ensure!(took.json()?["taken"][0] == 0, "{}", took.stdout);

    // The code counts once, for whoever comes.
    take(&bank.ofage, "ann.age", &link)?
        .expect(1)?
        .says("invalid_grant")?;
    take(&bank.ofage, "eve.age", &link)?
        .expect(1)?
        .says("invalid_grant")?;
    // Nor is a second offer for the same customer good for a second attestation.
    let second = bank.offer(&service, "ann", &[]);
    if let Ok(link) = second {
        let refused = take(&bank.ofage, "eve.age", &link)?;
        ensure!(refused.code != 0, "a second wallet was attested for one customer");
    }
    ensure!(attestations(&bank.ofage)? == 1);

    let challenge = [
        "challenge",
        "--origin",
        "https://chat.example",
        "--account",
        "@ann:chat.example",
        "--list",
        "0",
        "--over",
        "18",
        "--out",
        "challenge.json",
    ];
    bank.ofage.ok(challenge)?;
    let prove = [
        "prove",
        "--challenge",
        "challenge.json",
        "--out",
        "proof.json",
        "--min-issuers",
        "1",
        "--newest",
    ];
    bank.ofage.ok(wallet("ann.age", &prove))?;
    bank.ofage
        .ok(["verify", "proof.json", "--challenge", "challenge.json"])?;
    service.stop()?;
    bank.node.assert_alive()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_and_a_wallet_that_gives_up_both_go_on() -> Result<()> {
    let bank = Bank::new(&["ann.age"])?;
    let service = Service::start(
        &bank.ofage,
        &[
            "--listen",
            "127.0.0.1:0",
            "--admin",
            "127.0.0.1:0",
            "--every",
            "1h",
            "--dev-key",
            "Issuer1",
        ],
    )?;
    let link = bank.offer(&service, "ann", &[])?;
    // The batch is an hour away, so the wallet gives up, and knows what it is owed.
    let answer = bank.ofage.run(wallet(
        "ann.age",
        &["request", "--offer", &link, "--yes", "--wait", "1s"],
    ))?;
    answer.expect(1)?.says("owed")?;
    let (listen, _) = (service.url.clone(), service.kill()?);
    let address = listen.trim_start_matches("http://").to_owned();
    let service = Service::start(
        &bank.ofage,
        &[
            "--listen",
            &address,
            "--admin",
            "127.0.0.1:0",
            "--every",
            "3s",
            "--dev-key",
            "Issuer1",
        ],
    )?;
    let took = bank
        .ofage
        .run(wallet("ann.age", &["request", "--resume"]))?
        .expect(0)?;
    ensure!(took.json()?["taken"][0] == 0, "{}", took.stdout);
    ensure!(attestations(&bank.ofage)? == 1);
    // Nothing is owed any more.
    bank.ofage
        .run(wallet("ann.age", &["request", "--resume"]))?
        .expect(3)?;
    service.stop()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_with_a_new_wallet_is_attested_anew_and_the_old_attestation_ends() -> Result<()> {
    let bank = Bank::new(&["old.age", "new.age"])?;
    let service = bank.serve()?;
    let link = bank.offer(&service, "ann", &[])?;
    take(&bank.ofage, "old.age", &link)?.expect(0)?;
    let link = bank.offer(&service, "ann", &["--reissue"])?;
    take(&bank.ofage, "new.age", &link)?.expect(0)?;
    // Stopping waits for what is on its way, the revocation of the old one.
    service.stop()?;
    let settle = [
        "issuer",
        "attest",
        "--resume",
        "--credentials",
        "rest.jsonl",
        "--register",
        "register",
        "--dev-key",
        "Issuer1",
    ];
    bank.ofage.ok(settle)?;
    bank.ofage.ok(wallet("old.age", &["refresh", "--now"]))?;
    let old = credentials(&bank.ofage, "old.age")?.to_string();
    ensure!(old.contains("revoked"), "{old}");
    let new = credentials(&bank.ofage, "new.age")?.to_string();
    ensure!(!new.contains("revoked"), "{new}");
    Ok(())
}
