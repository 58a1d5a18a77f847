//! One holder is revoked, and everybody else in the shard goes on; a shard is revoked and restored; a node loses its index.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{bail, ensure, Context as _, Result};
use ofage_e2e::scene::{account, Scene};
use ofage_primitives::ShardIndex;
use ofage_sdk::{
    account::Signer,
    issuer::{
        mirror::Mirror,
        register::Register,
        revoke::Revoker,
        targets::{self, Target},
    },
    wallet::{ProveError, SlotChoice},
};
use serde_json::{json, Value};

/// Anchors of any age that the chain takes.
const ANY: u32 = u32::MAX;

#[tokio::test(flavor = "multi_thread")]
async fn revocations_reach_those_that_they_are_for() -> Result<()> {
    let mut scene = Scene::set(ANY).await?;
    let (bob, charlie) = (account("Bob")?, account("Charlie")?);

    let ask = scene.ask(bob).await?;
    let before = scene.prove_adult(&ask, SlotChoice::Auto).await?;

    // Others of the shard are revoked: the adult's witness is another one, and any node gives it.
    revoke(&scene, &[0, 3, 7]).await?;
    let ask = scene.ask(charlie).await?;
    let fresh = scene.prove_adult(&ask, SlotChoice::Auto).await?;
    ensure!(
        fresh.anchor.registry_root != before.anchor.registry_root,
        "the root is the same after a revocation"
    );
    scene.admit(&fresh).await?;
    ensure!(scene.is_in(charlie).await?, "admitted, and not in");
    the_index_survives(&mut scene).await?;

    // The adult is revoked. What was proved before counts for the window of the old root; nothing new can be proved.
    revoke_adult(&scene).await?;
    scene.admit(&before).await?;
    ensure!(scene.is_in(bob).await?, "a root inside its window is refused");
    let ask = scene.ask(charlie).await?;
    match scene.prove_adult(&ask, SlotChoice::Auto).await {
        Err(ProveError::NoCredential(_)) => {}
        other => bail!("a revoked holder should not prove: {:?}", other.err()),
    }

    whole_shards(&mut scene).await?;
    scene.node.assert_alive()?;
    scene.node.stop_and_check_state()
}

fn register(scene: &Scene) -> Result<Register> {
    let path = scene.dir.path().join("Issuer1");
    Ok(Register::open(&path, scene.chain.genesis(), scene.bank)?)
}

fn mirror(scene: &Scene) -> Mirror {
    Mirror::beside(&scene.dir.path().join("Issuer1"))
}

/// The bank revokes positions of its shard that are not the adult's.
async fn revoke(scene: &Scene, positions: &[u16]) -> Result<()> {
    let register = register(scene)?;
    let (shard, adult) = register.place("adult")?.context("the adult is attested")?;
    let others = positions
        .iter()
        .filter(|position| **position != adult.0)
        .map(|position| Target::Place(shard, ofage_primitives::LeafIndex(*position)))
        .collect();
    let places = targets::places(others, Some(&register))?;
    let signer = Signer::dev("Issuer1")?;
    let revoker = Revoker::new(&scene.chain, &signer, mirror(scene)).await?;
    let mut done = Vec::new();
    revoker
        .revoke(&places, Some(&register), &mut |one| done.push(one))
        .await?;
    ensure!(done.iter().any(|one| one.revoked >= 2), "{done:?}");
    // Once more changes nothing.
    done.clear();
    revoker
        .revoke(&places, Some(&register), &mut |one| done.push(one))
        .await?;
    ensure!(
        done.iter().all(|one| one.revoked == 0 && one.already >= 2),
        "{done:?}"
    );
    Ok(())
}

async fn revoke_adult(scene: &Scene) -> Result<()> {
    let register = register(scene)?;
    let targets = vec![Target::Reference("adult".to_owned(), None)];
    let places = targets::places(targets, Some(&register))?;
    let signer = Signer::dev("Issuer1")?;
    // The mirror is lost, and comes back from the chain.
    let _ = fs::remove_dir_all(scene.dir.path().join("Issuer1.mirror"));
    let revoker = Revoker::new(&scene.chain, &signer, mirror(scene)).await?;
    let mut revoked = 0;
    revoker
        .revoke(&places, Some(&register), &mut |one| revoked += one.revoked)
        .await?;
    ensure!(revoked == 1, "{revoked} revoked");
    Ok(())
}

/// The leaves of both shards as the node serves them.
fn served(scene: &Scene, at: u32) -> Result<Value> {
    Ok(scene.node.rpc("ofage_shardLeaves", json!([[0, 1], at]))??["shards"].clone())
}

/// A node that lost its index makes it again from the bodies of blocks, and serves the same.
async fn the_index_survives(scene: &mut Scene) -> Result<()> {
    let at = scene.chain.finalized().await?.number;
    scene.chain.wait_until_final(at + 1).await?;
    let before = served(scene, at)?;
    let lost = |base: &Path| -> Result<()> {
        let file = find(base, "leaves.redb").context("the node keeps no index")?;
        Ok(fs::remove_file(file)?)
    };
    scene.node.restart_after(lost)?;
    scene.reconnect().await?;
    // It follows what becomes final, and serves when it is there.
    for _ in 0..20 {
        let head = scene.chain.finalized().await?.number;
        let status = scene.node.rpc("ofage_indexStatus", json!([]))??;
        if status["rebuilding"] == json!(false) && status["indexed"].as_u64() >= Some(at.into()) {
            ensure!(served(scene, at)? == before, "the new index serves other leaves");
            return Ok(());
        }
        scene.chain.wait_until_final(head + 1).await?;
    }
    bail!("the index is not there after 20 blocks")
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .find_map(|entry| {
            if entry.file_name() == name {
                Some(entry.path())
            } else {
                find(&entry.path(), name)
            }
        })
}

/// The school's key was stolen, it seems; and then was not.
async fn whole_shards(scene: &mut Scene) -> Result<()> {
    let info = |scene: &Scene| {
        let chain = scene.chain.clone();
        let school = scene.school;
        async move {
            let at = chain.finalized().await?;
            let shards = chain.at(at).shards().await?;
            shards
                .into_iter()
                .find(|shard| shard.issuer == school)
                .context("the school has a shard")
        }
    };
    let shard: ShardIndex = info(scene).await?.index;
    let signer = Signer::dev("Issuer2")?;
    let path = scene.dir.path().join("Issuer2");
    let revoker = Revoker::new(&scene.chain, &signer, Mirror::beside(&path)).await?;
    let mut ranges = Vec::new();
    revoker
        .revoke_shards(shard, None, &mut |range| ranges.push(range))
        .await?;
    ensure!(ranges.len() == 1 && info(scene).await?.revoked, "{ranges:?}");
    revoker
        .restore_shards(shard, Some(shard), &mut |range| ranges.push(range))
        .await?;
    let restored = info(scene).await?;
    ensure!(
        ranges.len() == 2 && !restored.revoked && restored.sealed,
        "{restored:?}"
    );
    Ok(())
}
