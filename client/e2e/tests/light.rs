//! Verifiers that hold a checkpoint or a specification, and trust no server.

use std::fs;

use anyhow::{ensure, Result};
use ofage_e2e::{
    light::{challenge, write_spec, Serving},
    scene::{account, Scene, PASSPHRASE},
    Answer, Network, Ofage,
};
use ofage_sdk::{
    account::Signer,
    chain::Chain,
    council::{Council, RootCall},
};
use serde_json::{json, Value};

/// Anchors of any age that the chain takes.
const ANY: u32 = u32::MAX;
/// Blocks of an epoch in the presets, which is a session.
const SESSION: u32 = 10;

/// Proves to the challenge `NAME.challenge`, and attaches a bundle for whoever holds the checkpoint.
fn prove(ofage: &Ofage, wallet: &str, name: &str) -> Result<Answer> {
    challenge(ofage, name)?;
    let file = |ending: &str| format!("{name}.{ending}");
    let (asked, proof, bundle) = (file("challenge"), file("json"), file("ofab"));
    ofage.ok([
        "wallet",
        "prove",
        "--wallet",
        wallet,
        "--passphrase-file",
        "passphrase",
        "--newest",
        "--min-issuers",
        "1",
        "--challenge",
        &asked,
        "--out",
        &proof,
        "--bundle",
        &bundle,
        "--bundle-from",
        "checkpoint.json",
        "--json",
    ])
}

/// What a verifier without network says about a bundle.
fn verify(ofage: &Ofage, name: &str, asked: &str) -> Result<Answer> {
    let (bundle, challenge) = (format!("{name}.ofab"), format!("{asked}.challenge"));
    ofage.run([
        "verify",
        &bundle,
        "--checkpoint",
        "checkpoint.json",
        "--challenge",
        &challenge,
        "--json",
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn bundles_from_before_and_after_a_rotation_verify_from_one_checkpoint_with_every_node_killed(
) -> Result<()> {
    let Network {
        nodes: [alice, bob, charlie],
    } = Network::start().await?;
    let Scene {
        node: alice,
        chain,
        adult,
        dir,
        ..
    } = Scene::set_on(alice, ANY).await?;
    drop(adult);
    let ofage = Ofage::new(&alice)?;
    let wallet = dir.path().join("adult.age").display().to_string();
    fs::write(ofage.path("passphrase"), PASSPHRASE)?;
    write_spec(&ofage, "local", &[&alice, &bob, &charlie])?;
    ofage.ok([
        "checkpoint",
        "create",
        "--spec",
        "chain.json",
        "--out",
        "checkpoint.json",
    ])?;
    ofage.ok(["checkpoint", "verify", "checkpoint.json", "--spec", "chain.json"])?;

    prove(&ofage, &wallet, "before")?;
    for validators in [&["Alice", "Bob"][..], &["Charlie", "Alice", "Bob"]] {
        rotate(&chain, validators).await?;
    }
    prove(&ofage, &wallet, "after")?;

    live(&ofage).await?;

    drop((alice, bob, charlie));
    for name in ["before", "after"] {
        let yes = verify(&ofage, name, name)?.expect(0)?.json()?;
        ensure!(yes["verified"] == true && yes["trust"] == "bundle", "{yes}");
    }
    verify(&ofage, "before", "after")?.expect(1)?;
    let bundle = fs::read(ofage.path("after.ofab"))?;
    for at in (0..bundle.len()).step_by(97) {
        let mut altered = bundle.clone();
        altered[at] ^= 1;
        fs::write(ofage.path("altered.ofab"), altered)?;
        let no = verify(&ofage, "altered", "after")?.expect(1)?.json()?;
        ensure!(no["verified"] == false, "byte {at}: {no}");
    }
    // A live verifier has nobody left to ask, and says so instead of deciding.
    ofage
        .run([
            "verify",
            "after.json",
            "--light",
            "--spec",
            "chain.json",
            "--patience",
            "3s",
            "--challenge",
            "after.challenge",
        ])?
        .expect(4)?;
    keep(
        &ofage,
        &[
            "checkpoint.json",
            "before.ofab",
            "after.ofab",
            "before.challenge",
            "after.challenge",
        ],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_a_gates_verifier_and_an_app_use_light_clients() -> Result<()> {
    let Scene {
        node,
        chain,
        gate,
        list,
        adult,
        dir,
        ..
    } = Scene::set(ANY).await?;
    drop(adult);
    // A light client takes a block of half a minute ago for the newest, which has to know all of the scene.
    let head = chain.finalized().await?;
    chain.wait_until_final(head.number + 6).await?;
    let ofage = Ofage::new(&node)?;
    let wallet = dir.path().join("adult.age").display().to_string();
    fs::write(ofage.path("passphrase"), PASSPHRASE)?;
    write_spec(&ofage, "dev", &[&node])?;
    let opened = ["--wallet", wallet.as_str(), "--passphrase-file", "passphrase"];
    let light = ["--light", "--spec", "chain.json", "--json"];

    let refreshed = ofage
        .ok(["wallet", "refresh", "--now"].iter().chain(&opened).chain(&light))?
        .json()?;
    ensure!(
        refreshed["asked"] == true && refreshed["credentials"][0]["standing"] == "good",
        "{refreshed}"
    );
    let gate = gate.0.to_string();
    let at_gate = ["--gate", gate.as_str(), "--account", "dev:Bob"];
    // What the wallet keeps of the epoch is from its import, before the list had members.
    let prove = [
        "wallet",
        "prove",
        "--newest",
        "--min-issuers",
        "1",
        "--out",
        "proof.json",
    ];
    ofage.ok(prove.iter().chain(&opened).chain(&at_gate).chain(&light))?;
    let verify = |account: &'static str| {
        let asked = [
            "verify",
            "proof.json",
            "--gate",
            gate.as_str(),
            "--account",
            account,
        ];
        ofage.run(asked.iter().chain(&light))
    };
    let yes = verify("dev:Bob")?.expect(0)?.json()?;
    ensure!(yes["verified"] == true && yes["trust"] == "light", "{yes}");
    verify("dev:Charlie")?.expect(1)?;

    let proof: Value = serde_json::from_slice(&fs::read(ofage.path("proof.json"))?)?;
    let question = |anchor: &Value| json!({ "list": list, "anchor": anchor, "circuit": proof["circuit"] });
    let mut foreign = proof["anchor"].clone();
    foreign["registry_root"] = foreign["trust_list_root"].clone();
    // The second time from the database of the first.
    for _ in 0..2 {
        let serving = Serving::start(&ofage)?;
        let (status, head) = serving.get("/v1/head")?;
        ensure!(
            status == 200 && head["number"].as_u64() >= proof["anchor"]["block"].as_u64(),
            "{head}"
        );
        let (status, shown) = serving.get(&format!("/v1/gates/{gate}"))?;
        ensure!(status == 200 && shown["open"] == true, "{shown}");
        let (_, none) = serving.get("/v1/gates/4000000000")?;
        ensure!(none["error"]["code"] == "no-gate", "{none}");
        let (status, counts) = serving.post("/v1/anchors", &question(&proof["anchor"]))?;
        ensure!(status == 200 && counts["counts"] == true, "{counts}");
        let (status, counts) = serving.post("/v1/anchors", &question(&foreign))?;
        ensure!(status == 200 && counts["counts"] == false, "{counts}");
        let (status, checkpoint) = serving.get("/v1/checkpoint")?;
        ensure!(
            status == 200 && checkpoint["checkpoint"]["format"] == "ofage-checkpoint/1",
            "{checkpoint}"
        );
        serving.stop()?;
        ensure!(
            ofage.path("light").read_dir()?.next().is_some(),
            "no database was kept"
        );
    }
    Ok(())
}

/// Waits until other validators made a block final than before.
async fn rotate(chain: &Chain, validators: &[&str]) -> Result<()> {
    let council = Council::new(chain);
    let chosen = validators
        .iter()
        .copied()
        .map(account)
        .collect::<Result<Vec<_>>>()?;
    let landed = council
        .carry(
            &[Signer::dev("Alice")?, Signer::dev("Bob")?],
            &RootCall::SetValidators(chosen),
        )
        .await?;
    // Queued with the next session, in charge with the one after it; a few blocks more are justified.
    chain
        .wait_until_final(landed.block.number + 2 * SESSION + 9)
        .await?;
    Ok(())
}

/// A live client decides from the specification alone, for a challenge and for a gate.
async fn live(ofage: &Ofage) -> Result<()> {
    let yes = ofage
        .ok([
            "verify",
            "after.json",
            "--light",
            "--spec",
            "chain.json",
            "--challenge",
            "after.challenge",
            "--json",
        ])?
        .json()?;
    ensure!(yes["verified"] == true && yes["trust"] == "light", "{yes}");
    let no = ofage
        .run([
            "verify",
            "before.json",
            "--light",
            "--spec",
            "chain.json",
            "--challenge",
            "after.challenge",
            "--json",
        ])?
        .expect(1)?
        .json()?;
    ensure!(no["reason"] == "nonce", "{no}");
    Ok(())
}

/// Keeps files as the fixtures of `client/light/tests/real_chain.rs`, when asked to.
fn keep(ofage: &Ofage, names: &[&str]) -> Result<()> {
    if std::env::var_os("OFAGE_REGENERATE").is_none() {
        return Ok(());
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../light/tests/real");
    fs::create_dir_all(folder)?;
    for name in names {
        fs::copy(ofage.path(name), format!("{folder}/{name}"))?;
    }
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)?
        .as_secs();
    fs::write(format!("{folder}/now.json"), json!({ "now": now }).to_string())?;
    Ok(())
}
