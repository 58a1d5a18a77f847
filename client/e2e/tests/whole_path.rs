//! Two issuers, a trust list, a gate, an adult and a 17-year-old on a real node, through the SDK.

use anyhow::{bail, ensure, Context as _, Result};
use ofage_e2e::scene::{account, request, Scene, SLOTS};
use ofage_primitives::{
    binding::ShortText, policy::AgeBand, Binding, Context, Element, Nullifier, Policy, Presentation,
    RegistryRoot,
};
use ofage_sdk::{
    account::{Account, Signer},
    chain::{AdmitError, Call},
    clock,
    request::Challenge,
    verify::{Expected, Refusal, VerifyError},
    wallet::{Ask, ProveError, SlotChoice},
};

/// Long enough for what comes before a fresh proof is used, short enough to wait for.
const OLDEST_ANCHOR: u32 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn an_adult_gets_in_and_everyone_else_stays_out() -> Result<()> {
    let mut scene = Scene::set(OLDEST_ANCHOR).await?;
    let (bob, charlie, dave) = (account("Bob")?, account("Charlie")?, account("Dave")?);

    let ask = scene.ask(bob).await?;
    let proof = scene.prove_adult(&ask, SlotChoice::Auto).await?;
    // For the second account, and kept until its anchor is too old.
    let ask_early = scene.ask(charlie).await?;
    let early = scene.prove_adult(&ask_early, SlotChoice::Auto).await?;

    off_chain(&scene, &proof, bob, dave).await?;
    on_chain_forgeries(&scene, &proof, charlie).await?;

    scene.admit(&proof).await?;
    ensure!(scene.is_in(bob).await?, "admitted, and not in");
    third_account(&mut scene, dave).await?;
    minor(&mut scene).await?;

    let last_good = early.anchor.block + OLDEST_ANCHOR;
    scene.chain.wait_until_final(last_good + 1).await?;
    refused_off_chain(
        &scene,
        &early,
        &scene.expected(scene.gate, charlie).await?,
        &Refusal::AnchorTooOld,
    )
    .await?;
    refused_on_chain(&scene, "a stale anchor", &early).await?;

    let ask_again = scene.ask(charlie).await?;
    let fresh = scene.prove_adult(&ask_again, SlotChoice::Auto).await?;
    ensure!(
        fresh.nullifier == early.nullifier,
        "the same account has another slot now"
    );
    ensure!(fresh.nullifier != proof.nullifier, "two slots are linked");
    scene.admit(&fresh).await?;
    ensure!(scene.is_in(charlie).await? && !scene.is_in(dave).await?);
    ended_anchor(&mut scene).await?;
    scene.node.assert_alive()
}

/// An issuer that leaves a list ends all older anchors of the list, for everyone and at once.
async fn ended_anchor(scene: &mut Scene) -> Result<()> {
    let policy = Policy::new(AgeBand::over(18), scene.list);
    let binding = Binding::App {
        account: short("@ann:chat.example")?,
        identity_key: Default::default(),
    };
    let origin = short("https://chat.example")?;
    let challenge = Challenge::new(scene.chain.genesis(), origin, policy, binding, clock::now() + 600)?;
    let ask = Ask::challenge(&challenge, clock::now(), clock::today()?)?;
    let proof = scene.prove_adult(&ask, SlotChoice::Auto).await?;
    let expected = challenge.expected();
    scene.verify(&proof, &expected).await?;

    let removal = Call::remove_member(scene.list, scene.school);
    scene.chain.submit(&Signer::dev("Curator")?, &removal).await?;
    refused_off_chain(scene, &proof, &expected, &Refusal::AnchorEnded).await?;
    // With one issuer left, a new proof would tell who knows the holder.
    match scene.prove_adult(&ask, SlotChoice::Auto).await {
        Err(ProveError::FewIssuers {
            found: 1, needed: 2, ..
        }) => Ok(()),
        other => bail!("a list of one issuer should be refused: {:?}", other.err()),
    }
}

async fn off_chain(scene: &Scene, proof: &Presentation, bob: Account, dave: Account) -> Result<()> {
    let expected = scene.expected(scene.gate, bob).await?;
    let verified = scene.verify(proof, &expected).await?;
    ensure!(verified.anchor() == proof.anchor && verified.nullifier() == proof.nullifier);

    // Another app, another account.
    refused_off_chain(
        scene,
        proof,
        &scene.expected(scene.other_gate, bob).await?,
        &Refusal::Context,
    )
    .await?;
    refused_off_chain(
        scene,
        proof,
        &scene.expected(scene.gate, dave).await?,
        &Refusal::Binding,
    )
    .await?;

    // What the presentation says, changed to what is asked: then the proof does not fit.
    let other_app = Presentation {
        context: Context::Gate(scene.other_gate),
        ..proof.clone()
    };
    bad_proof(scene, &other_app, &scene.expected(scene.other_gate, bob).await?).await?;
    let other_account = Presentation {
        binding: Binding::ChainAccount(dave.0),
        ..proof.clone()
    };
    bad_proof(scene, &other_account, &scene.expected(scene.gate, dave).await?).await?;
    let longer = Presentation {
        expires_at: proof.expires_at + 1,
        ..proof.clone()
    };
    bad_proof(scene, &longer, &expected).await?;
    for at in [0, proof.proof.len() / 2, proof.proof.len() - 1] {
        let mut flipped = proof.clone();
        flipped.proof[at] ^= 1;
        bad_proof(scene, &flipped, &expected).await?;
    }
    let mut padded = proof.clone();
    padded.proof.push(0);
    bad_proof(scene, &padded, &expected).await?;
    let mut cut = proof.clone();
    cut.proof.pop();
    bad_proof(scene, &cut, &expected).await?;

    // A root that the chain did not have at that block, and one of the future.
    let mut foreign = proof.clone();
    foreign.anchor.block -= 1;
    foreign.anchor.registry_root = RegistryRoot::from_element(Element::ZERO);
    refused_off_chain(scene, &foreign, &expected, &Refusal::AnchorMismatch).await?;
    let mut future = proof.clone();
    future.anchor.block += 1_000;
    refused_off_chain(scene, &future, &expected, &Refusal::AnchorNotFinal).await?;
    Ok(())
}

async fn on_chain_forgeries(scene: &Scene, proof: &Presentation, other: Account) -> Result<()> {
    let mut flipped = proof.clone();
    flipped.proof[100] ^= 1;
    refused_on_chain(scene, "one flipped bit", &flipped).await?;
    let other_gate = Presentation {
        context: Context::Gate(scene.other_gate),
        ..proof.clone()
    };
    refused_on_chain(scene, "another gate", &other_gate).await?;
    let other_account = Presentation {
        binding: Binding::ChainAccount(other.0),
        ..proof.clone()
    };
    refused_on_chain(scene, "another account", &other_account).await?;
    let longer = Presentation {
        expires_at: proof.expires_at + 1,
        ..proof.clone()
    };
    refused_on_chain(scene, "a later expiry", &longer).await?;
    let yesterday = proof.valid_on.checked_sub(1).context("no yesterday")?;
    refused_on_chain(
        scene,
        "another day",
        &Presentation {
            valid_on: yesterday,
            ..proof.clone()
        },
    )
    .await?;
    let swapped = Presentation {
        nullifier: Nullifier::from_element(proof.issuer_tags[0].element()),
        ..proof.clone()
    };
    refused_on_chain(scene, "another nullifier", &swapped).await?;
    let mut padded = proof.clone();
    padded.proof.push(0);
    refused_on_chain(scene, "a longer proof", &padded).await?;
    let mut empty = proof.clone();
    empty.proof.clear();
    refused_on_chain(scene, "no proof", &empty).await
}

async fn third_account(scene: &mut Scene, dave: Account) -> Result<()> {
    let ask = scene.ask(dave).await?;
    match scene.prove_adult(&ask, SlotChoice::Auto).await {
        Err(ProveError::NoSlot(SLOTS)) => {}
        other => bail!("a third account should find no slot: {:?}", other.err()),
    }
    match scene.prove_adult(&ask, SlotChoice::Forced(SLOTS)).await {
        Err(ProveError::SlotRange { .. }) => {}
        other => bail!("a slot beyond the policy should be refused: {:?}", other.err()),
    }
    let reused = scene.prove_adult(&ask, SlotChoice::Forced(0)).await?;
    refused_on_chain(scene, "a slot that another account has", &reused).await?;
    ensure!(!scene.is_in(dave).await?);
    Ok(())
}

async fn minor(scene: &mut Scene) -> Result<()> {
    let eve = account("Eve")?;
    let ask = scene.ask(eve).await?;
    match scene.prove_teen(&ask).await {
        Err(error @ ProveError::NoCredential(_)) => ensure!(error.is_no()),
        other => bail!("a 17-year-old should not prove 18+: {:?}", other.err()),
    }
    // Under 18, for a forum off the chain.
    let policy = Policy::new(AgeBand::under(18), scene.list);
    let binding = Binding::App {
        account: short("@kim:youth.example")?,
        identity_key: Default::default(),
    };
    let origin = short("https://youth.example")?;
    let challenge = Challenge::new(scene.chain.genesis(), origin, policy, binding, clock::now() + 600)?;
    let ask = Ask::challenge(&challenge, clock::now(), clock::today()?)?;
    let under = scene.prove_teen(&ask).await?;
    let expected = challenge.expected();
    scene.verify(&under, &expected).await?;
    // It is no proof for the gate, and an adult cannot make it.
    refused_off_chain(
        scene,
        &under,
        &scene.expected(scene.gate, eve).await?,
        &Refusal::Context,
    )
    .await?;
    match scene.prove_adult(&ask, SlotChoice::Auto).await {
        Err(ProveError::NoCredential(_)) => {}
        other => bail!("an adult should not prove under 18: {:?}", other.err()),
    }
    // As a proof for the gate, with all that can be rewritten.
    let gate = scene.gate_info(scene.gate).await?;
    let dressed = Presentation {
        context: Context::Gate(scene.gate),
        policy: gate.policy,
        binding: Binding::ChainAccount(eve.0),
        nonce: [0; 32],
        expires_at: u64::from(under.anchor.block + 50),
        ..under
    };
    refused_on_chain(scene, "an under-18 proof", &dressed).await?;
    ensure!(!scene.is_in(eve).await?);
    Ok(())
}

fn short(text: &str) -> Result<ShortText> {
    ShortText::new(text.to_owned())
        .ok()
        .context("too long for a name")
}

async fn refused_off_chain(
    scene: &Scene,
    proof: &Presentation,
    expected: &Expected,
    why: &Refusal,
) -> Result<()> {
    match scene.verify(proof, expected).await {
        Err(VerifyError::No(refusal)) if refusal == *why => Ok(()),
        other => bail!("{why:?} was expected, not {:?}", other.map(|_| "yes")),
    }
}

async fn bad_proof(scene: &Scene, proof: &Presentation, expected: &Expected) -> Result<()> {
    match scene.verify(proof, expected).await {
        Err(VerifyError::No(Refusal::Proof(_))) => Ok(()),
        other => bail!("a bad proof was expected, not {:?}", other.map(|_| "yes")),
    }
}

async fn refused_on_chain(scene: &Scene, what: &str, proof: &Presentation) -> Result<()> {
    let nullifier = request(proof).nullifier;
    match scene.admit(proof).await {
        Ok(landed) => bail!("{what} was admitted in block {}", landed.block.number),
        Err(AdmitError::Refused(_)) => {}
        Err(AdmitError::Chain(error)) if error.is_refusal() => {}
        Err(error) => bail!("{what} was not refused by the chain: {error}"),
    }
    let head = scene.chain.finalized().await?;
    let admission = scene
        .chain
        .at(head)
        .nullifier_admission(scene.gate, nullifier)
        .await?;
    let asked = request(proof).account;
    ensure!(
        admission.is_none_or(|found| found.account != asked),
        "{what} was refused, and is in"
    );
    Ok(())
}
