//! Three validators, of whom two carry motions: suspension, a circuit's emergency, the council, the validators, an upgrade.

use std::fs;

use anyhow::{bail, ensure, Context as _, Result};
use ofage_e2e::{
    binaries,
    scene::{account, Scene},
    Network,
};
use ofage_primitives::{refusal::Refusal, CircuitId, Presentation};
use ofage_sdk::{
    account::{Account, Signer},
    chain::AdmitError,
    council::{Council, RootCall},
    wallet::SlotChoice,
};
use serde_json::json;

/// Anchors of any age that the chain takes.
const ANY: u32 = u32::MAX;
/// Blocks of an epoch in the presets, which is a session.
const SESSION: u32 = 10;

#[tokio::test(flavor = "multi_thread")]
async fn two_of_three_govern_a_running_chain() -> Result<()> {
    let Network {
        nodes: [alice, bob, charlie],
    } = Network::start().await?;
    let mut scene = Scene::set_on(alice, ANY).await?;
    let council = [Signer::dev("Alice")?, Signer::dev("Bob")?];

    one_member_is_not_enough(&scene).await?;
    suspension(&mut scene, &council).await?;
    emergency(&mut scene, &council).await?;
    upgrade(&mut scene, &council).await?;
    membership(&scene, &council).await?;
    validators(&scene, &council).await?;

    // The circuit is enabled, and the registry works on the new runtime, with the validators that are left.
    let eve = account("Eve")?;
    let ask = scene.ask(eve).await?;
    let proof = scene.prove_adult(&ask, SlotChoice::Auto).await?;
    scene.admit(&proof).await?;
    ensure!(scene.is_in(eve).await?, "admitted, and not in");
    drop((bob, charlie));
    scene.node.stop_and_check_state()
}

async fn carry(scene: &Scene, council: &[Signer], call: RootCall) -> Result<u32> {
    let landed = Council::new(&scene.chain).carry(council, &call).await?;
    Ok(landed.block.number)
}

async fn one_member_is_not_enough(scene: &Scene) -> Result<()> {
    let alone = [Signer::dev("Charlie")?];
    let call = RootCall::Suspend(scene.bank);
    ensure!(
        Council::new(&scene.chain).carry(&alone, &call).await.is_err(),
        "one of three carried a motion"
    );
    Ok(())
}

/// Proofs of a suspended issuer's holders end at once; reinstated, it is as before.
async fn suspension(scene: &mut Scene, council: &[Signer]) -> Result<()> {
    let who = account("Dave")?;
    let ask = scene.ask(who).await?;
    let before = scene.prove_adult(&ask, SlotChoice::Auto).await?;
    carry(scene, council, RootCall::Suspend(scene.bank)).await?;
    refused(scene, &before, Refusal::TrustListRoot).await?;
    ensure!(
        scene.prove_adult(&ask, SlotChoice::Auto).await.is_err(),
        "the holder of a suspended issuer proved"
    );
    carry(scene, council, RootCall::Reinstate(scene.bank)).await?;
    refused(scene, &before, Refusal::TrustListRoot).await?;
    let ask = scene.ask(who).await?;
    let after = scene.prove_adult(&ask, SlotChoice::Auto).await?;
    scene.admit(&after).await?;
    ensure!(scene.is_in(who).await?, "admitted, and not in");
    Ok(())
}

/// A disabled circuit admits nobody.
async fn emergency(scene: &mut Scene, council: &[Signer]) -> Result<()> {
    let who = account("Eve")?;
    let ask = scene.ask(who).await?;
    let proof = scene.prove_adult(&ask, SlotChoice::Auto).await?;
    carry(scene, council, RootCall::DisableCircuit(CircuitId::V1)).await?;
    refused(scene, &proof, Refusal::CircuitDisabled).await?;
    // That it admits again is seen at the end.
    carry(scene, council, RootCall::EnableCircuit(CircuitId::V1)).await?;
    Ok(())
}

/// The next runtime, on the running chain.
async fn upgrade(scene: &mut Scene, council: &[Signer]) -> Result<()> {
    let code = fs::read(binaries::next_runtime()?)?;
    let before = spec_version(scene)?;
    ensure!(before == 2, "the chain begins with version {before}");
    // Nobody upgrades by themselves, also not a member of the council.
    ensure!(
        Council::new(&scene.chain)
            .apply_upgrade(&council[0], &code)
            .await
            .is_err(),
        "an upgrade that nobody authorized was applied"
    );
    carry(scene, council, RootCall::authorize_upgrade(&code)).await?;
    let anybody = Signer::dev("Ferdie")?;
    let landed = Council::new(&scene.chain).apply_upgrade(&anybody, &code).await?;
    scene.chain.wait_until_final(landed.block.number + 2).await?;
    ensure!(spec_version(scene)? == before + 1, "the runtime is the old one");
    // Clients take the new runtime's metadata.
    scene.reconnect().await
}

fn spec_version(scene: &Scene) -> Result<u64> {
    let version = scene.node.rpc("state_getRuntimeVersion", json!([]))??;
    version["specVersion"].as_u64().context("no version")
}

/// Dave becomes a member, and Charlie is none any more.
async fn membership(scene: &Scene, council: &[Signer]) -> Result<()> {
    let members: Vec<Account> = ["Alice", "Bob", "Dave"]
        .into_iter()
        .map(account)
        .collect::<Result<_>>()?;
    carry(scene, council, RootCall::SetMembers(members.clone())).await?;
    let mut found = Council::new(&scene.chain).members().await?;
    found.sort_by_key(|member| member.0);
    let mut expected = members;
    expected.sort_by_key(|member| member.0);
    ensure!(found == expected, "the members are {found:?}");
    // The new member's vote counts.
    let others = [Signer::dev("Bob")?, Signer::dev("Dave")?];
    carry(scene, &others, RootCall::Slash(scene.school, 1_000_000_000_000)).await?;
    let head = scene.chain.finalized().await?;
    let school = scene
        .chain
        .at(head)
        .issuer(scene.school)
        .await?
        .context("no issuer")?;
    ensure!(school.deposit == 99_000_000_000_000, "{}", school.deposit);
    Ok(())
}

/// Two validators are enough; the third leaves with the next but one session.
async fn validators(scene: &Scene, council: &[Signer]) -> Result<()> {
    let left = vec![account("Alice")?, account("Bob")?];
    let from = carry(scene, council, RootCall::SetValidators(left)).await?;
    scene.chain.wait_until_final(from + 3 * SESSION).await?;
    let found = scene
        .node
        .rpc("state_call", json!(["GrandpaApi_grandpa_authorities", "0x"]))??;
    let bytes = found.as_str().context("no authorities")?;
    // A compact length of 2, then 32 bytes of key and 8 of weight for each.
    ensure!(
        bytes.len() == 2 + 2 * (1 + 2 * 40) && bytes.starts_with("0x08"),
        "not two authorities: {bytes}"
    );
    Ok(())
}

async fn refused(scene: &Scene, proof: &Presentation, expected: Refusal) -> Result<()> {
    match scene.admit(proof).await {
        Err(AdmitError::Refused(refusal)) if refusal == expected.into() => Ok(()),
        Err(other) => bail!("refused, but for another reason: {other}"),
        Ok(_) => bail!("admitted"),
    }
}
