//! An admission that everybody can see in a block, sent again in every way.

use anyhow::{ensure, Context as _, Result};
use ofage_e2e::scene::{account, Scene};
use ofage_sdk::wallet::SlotChoice;
use serde_json::{json, Value};

#[tokio::test(flavor = "multi_thread")]
async fn an_admission_counts_once() -> Result<()> {
    let mut scene = Scene::set(u32::MAX).await?;
    let bob = account("Bob")?;
    let ask = scene.ask(bob).await?;
    let proof = scene.prove_adult(&ask, SlotChoice::Auto).await?;

    // Two at once: the pool holds one for a nullifier.
    let (one, two) = tokio::join!(scene.admit(&proof), scene.admit(&proof));
    ensure!(
        one.is_ok() != two.is_ok(),
        "{} of two admissions counted",
        u8::from(one.is_ok()) * 2
    );
    let landed = one.or(two)?;
    ensure!(scene.is_in(bob).await?);
    ensure!(scene.gate_info(scene.gate).await?.admissions == 1);

    // The very bytes, from the block.
    let admission = extrinsic(
        &scene,
        &format!("{:?}", landed.block.hash),
        proof.nullifier.to_bytes(),
    )?;
    refused(&scene, &admission)?;
    ensure!(scene.admit(&proof).await.is_err());
    // A fresh proof for the same nullifier and another account.
    let ask = scene.ask(account("Dave")?).await?;
    let other = scene.prove_adult(&ask, SlotChoice::Forced(0)).await?;
    ensure!(scene.admit(&other).await.is_err());

    // A node that has lost its pool and its memory of verified proofs.
    scene.restart().await?;
    ensure!(
        scene.is_in(bob).await?,
        "the admission did not survive the restart"
    );
    refused(&scene, &admission)?;
    ensure!(scene.admit(&proof).await.is_err());
    ensure!(scene.admit(&other).await.is_err());

    // Altered bytes: none is taken, none harms.
    let bytes = decode(&admission)?;
    for at in (0..bytes.len()).step_by(37) {
        let mut altered = bytes.clone();
        altered[at] ^= 0x40;
        refused(&scene, &encode(&altered))?;
    }
    for length in [0, 1, 4, bytes.len() / 2, bytes.len() - 1] {
        refused(&scene, &encode(&bytes[..length]))?;
    }
    let mut padded = bytes;
    padded.extend([0; 1000]);
    refused(&scene, &encode(&padded))?;

    ensure!(scene.gate_info(scene.gate).await?.admissions == 1);
    let next = scene.node.best()? + 2;
    scene.node.wait_for_final(next).await?;
    scene.node.assert_alive()?;
    ensure!(
        !scene.node.log().contains("This is a bug. Please report it"),
        "the node panicked"
    );
    Ok(())
}

/// The extrinsic of a block that contains `bytes`, in hexadecimal.
fn extrinsic(scene: &Scene, block: &str, bytes: [u8; 32]) -> Result<String> {
    let block = scene.node.rpc("chain_getBlock", json!([block]))??;
    let needle = encode(&bytes);
    let extrinsics = block["block"]["extrinsics"]
        .as_array()
        .context("a block without a body")?;
    let found = extrinsics
        .iter()
        .filter_map(Value::as_str)
        .find(|text| text.contains(&needle[2..]));
    Ok(found.context("the admission is not in its block")?.to_owned())
}

fn refused(scene: &Scene, extrinsic: &str) -> Result<()> {
    let answer = scene.node.rpc("author_submitExtrinsic", json!([extrinsic]))?;
    ensure!(answer.is_err(), "the node took {extrinsic}");
    Ok(())
}

fn encode(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold("0x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

fn decode(text: &str) -> Result<Vec<u8>> {
    let digits = text.strip_prefix("0x").context("no 0x")?;
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?))
        .collect()
}
