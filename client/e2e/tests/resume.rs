//! What a run left behind is finished with another attesting key than the one that was to send it.

use anyhow::{ensure, Context as _, Result};
use ofage_e2e::Node;
use ofage_primitives::{Assurance, Flags, IssuerIndex};
use ofage_sdk::{
    account::Signer,
    chain::{Call, Chain, ShardChoice},
    clock,
    issuer::{
        attest::{Attester, MAX_BATCH},
        intake::{self, Row},
        register::{CallId, Register, Reissue, Standing},
    },
    sample::Sample,
};

/// People in a batch.
const PEOPLE: u32 = 5;

fn people(chain: &Chain, issuer: IssuerIndex) -> Result<Vec<Row>> {
    let sample = Sample {
        genesis: chain.genesis(),
        issuer,
        count: 2 * PEOPLE,
        bad: 0,
        people: Vec::new(),
        assurance: Assurance::Verified,
        flags: Flags::DOCUMENT,
        today: clock::today()?,
    };
    let mut csv = Vec::new();
    sample.write(&mut csv)?;
    Ok(intake::read(&csv[..], clock::today()?)?.rows)
}

async fn attested(chain: &Chain) -> Result<u32> {
    let shards = chain.at(chain.finalized().await?).shards().await?;
    Ok(shards.iter().map(|shard| u32::from(shard.len)).sum())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_sends_nothing_twice_and_nothing_is_stuck() -> Result<()> {
    let node = Node::start()?;
    let chain = Chain::connect(&node.url()).await?;
    let (old, new) = (Signer::dev("Issuer1")?, Signer::dev("Issuer2")?);
    chain
        .submit(&old, &Call::register(b"Bank", old.account()))
        .await?;
    let issuer = IssuerIndex(0);
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("register");
    let rows = people(&chain, issuer)?;
    let (sent, unsent) = rows.split_at(PEOPLE as usize);

    // Sent and final, but the process was killed before it could write that down.
    let register = Register::open(&path, chain.genesis(), issuer)?;
    for row in sent {
        register.take(row, Reissue::No)?;
    }
    let nonce = chain.next_nonce(old.account()).await?;
    let call = |nonce| CallId {
        account: old.account(),
        nonce,
    };
    let batch = register
        .plan(None, 0, call(nonce), MAX_BATCH)?
        .context("nothing waits")?;
    chain
        .submit(&old, &Call::attest(ShardChoice::Next, 0, &batch.leaves))
        .await?;
    drop(register);

    chain.submit(&old, &Call::rotate_attester(new.account())).await?;
    chain.submit(&new, &Call::become_attester(issuer)).await?;
    ensure!(
        chain.next_nonce(new.account()).await? == nonce,
        "the new key's next call has another number, so this shows nothing"
    );
    let register = Register::open(&path, chain.genesis(), issuer)?;
    let attester = Attester::new(&chain, &new).await?;
    attester.settle(&register, MAX_BATCH, &mut |_| ()).await?;
    ensure!(attested(&chain).await? == PEOPLE, "attested twice");

    // Never sent: it goes with the new key, whatever its number was.
    for row in unsent {
        register.take(row, Reissue::No)?;
    }
    register
        .plan(None, 0, call(nonce + 1_000), MAX_BATCH)?
        .context("nothing waits")?;
    attester.settle(&register, MAX_BATCH, &mut |_| ()).await?;
    ensure!(attested(&chain).await? == 2 * PEOPLE, "not attested once");
    for row in &rows {
        ensure!(register.standing(&row.reference)? == Some(Standing::Final));
    }
    Ok(())
}
