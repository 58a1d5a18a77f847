//! The issuance service over a real chain: killed on the way, revoking, re-issuing, forgetting; and customers who cheat.

use std::collections::HashSet;

use anyhow::{ensure, Context as _, Result};
use ofage_e2e::{
    service::{Customer, Service},
    Node, Ofage,
};
use ofage_primitives::Attestation;
use ofage_sdk::{chain::Chain, credential::Credential, leaves};
use serde_json::{json, Value};

/// Blocks after which everything that was requested is final, or the test is in vain.
const PATIENCE: u32 = 30;

async fn issuer_on(node: &Node) -> Result<Ofage> {
    let ofage = Ofage::new(node)?;
    ofage.ok(["issuer", "register", "--metadata", "Bank", "--dev-key", "Issuer1"])?;
    Ok(ofage)
}

/// Waits, a block at a time, until something is there.
async fn until<T>(node: &Node, what: &str, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    for _ in 0..PATIENCE {
        if let Some(found) = look()? {
            return Ok(found);
        }
        node.wait_for_final(node.finalized()? + 1).await?;
    }
    anyhow::bail!("{what} did not come in {PATIENCE} blocks")
}

/// The leaves of the credentials' shards, at the newest final block, with their places.
async fn leaves_of(chain: &Chain) -> Result<Vec<(u32, u16, Attestation)>> {
    let head = chain.finalized().await?;
    let mut all = Vec::new();
    for shard in chain.at(head).shards().await? {
        let leaves = leaves::read(chain, &shard, head, &mut |_, _| {}).await?;
        for (place, leaf) in (0u16..).zip(leaves) {
            all.push((shard.index.0, place, leaf));
        }
    }
    Ok(all)
}

fn is_there(leaves: &[(u32, u16, Attestation)], credential: &Credential) -> bool {
    let place = (credential.shard.0, credential.leaf.0, credential.attestation);
    leaves.contains(&place)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_at_every_step_attests_each_customer_once() -> Result<()> {
    let node = Node::start()?;
    let ofage = issuer_on(&node).await?;
    let mut service = Service::start(&ofage, &node.url(), &["--every", "1s", "--rate", "1000"])?;
    let mut customers = (0..12)
        .map(|n| Customer::new(service.offer(&format!("customer-{n}"), &json!({}))?))
        .collect::<Result<Vec<_>>>()?;
    service.kill_and_restart()?;
    for customer in &mut customers {
        customer.redeem(&service)?;
    }
    service.kill_and_restart()?;
    // Killed right after each answer, with the batcher anywhere.
    for customer in &mut customers {
        customer.request(&service)?;
        service.kill_and_restart()?;
    }
    // And while batches are on their way, a block later each time.
    for _ in 0..4 {
        node.wait_for_final(node.finalized()? + 1).await?;
        service.kill_and_restart()?;
    }
    let mut credentials = Vec::new();
    for customer in &customers {
        credentials.push(until(&node, "a credential", || customer.fetch(&service)).await?);
        service.restart()?;
    }
    let chain = Chain::connect(&node.url()).await?;
    let leaves = leaves_of(&chain).await?;
    ensure!(leaves.len() == customers.len(), "{} leaves", leaves.len());
    ensure!(credentials.iter().all(|credential| is_there(&leaves, credential)));
    let distinct: HashSet<_> = credentials.iter().map(|one| one.attestation.to_bytes()).collect();
    ensure!(distinct.len() == customers.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_attested_anew_forgotten_and_revoked() -> Result<()> {
    let node = Node::start()?;
    let ofage = issuer_on(&node).await?;
    let mut service = Service::start(&ofage, &node.url(), &["--every", "1s", "--rate", "1000"])?;
    let chain = Chain::connect(&node.url()).await?;
    let attest = |options: Value| {
        let mut customer = Customer::new(service.offer("ann", &options)?)?;
        customer.redeem(&service)?;
        customer.request(&service)?;
        anyhow::Ok(customer)
    };
    let first = attest(json!({}))?;
    let old = until(&node, "the credential", || first.fetch(&service)).await?;
    let (_, seen) = service.admin("GET", "/v1/customers/ann", &Value::Null)?;
    ensure!(
        seen["attestation"] == "forgotten",
        "the wallet has it, and the issuer keeps: {seen}"
    );

    // A new phone: the same person, another secret. The old leaf goes.
    let (_, refused) = service.admin(
        "POST",
        "/v1/offers",
        &json!({ "offers": [{ "person": { "reference": "ann" } }] }),
    )?;
    ensure!(refused["offers"][0]["error"].is_object(), "{refused}");
    ensure!(service.offer("ann", &json!({})).is_err(), "it has one");
    let second = attest(json!({ "reissue": true, "new_evidence": true }))?;
    let new = until(&node, "the new credential", || second.fetch(&service)).await?;
    until(&node, "the end of the old leaf", || {
        let leaves =
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(leaves_of(&chain)))?;
        ensure!(is_there(&leaves, &new));
        Ok((!is_there(&leaves, &old)).then_some(()))
    })
    .await?;
    ensure!(
        second.fetch(&service).is_err(),
        "the wallet has it, so it is handed out no more"
    );

    // Revoked, though all but its place is forgotten; the service is killed before it comes to that.
    let (status, said) = service.admin(
        "POST",
        "/v1/revocations",
        &json!({ "references": ["ann", "nobody"] }),
    )?;
    ensure!(status == 202, "{status}: {said}");
    service.kill_and_restart()?;
    until(&node, "the revocation", || {
        let (_, status) = service.admin("GET", "/v1/status", &Value::Null)?;
        Ok((status["revocations"] == 0).then_some(()))
    })
    .await?;
    ensure!(!is_there(&leaves_of(&chain).await?, &new), "it still counts");
    let (_, seen) = service.admin("GET", "/v1/customers/ann", &Value::Null)?;
    ensure!(seen["attestation"] == "revoked", "{seen}");
    let (status, _) = service.admin("DELETE", "/v1/customers/ann", &Value::Null)?;
    ensure!(status == 204, "{status}");
    let (status, _) = service.admin("GET", "/v1/customers/ann", &Value::Null)?;
    ensure!(
        status == 404,
        "something of a customer who was revoked and forgotten is left"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_cheats_gets_nothing() -> Result<()> {
    let node = Node::start()?;
    let ofage = issuer_on(&node).await?;
    let service = Service::start(&ofage, &node.url(), &["--every", "1s", "--rate", "1000"])?;
    let mut ann = Customer::new(service.offer("ann", &json!({}))?)?;
    let mut eve = Customer::new(service.offer("eve", &json!({}))?)?;
    ann.redeem(&service)?;
    ensure!(ann.redeem(&service).is_err(), "a code counts once");
    eve.redeem(&service)?;
    let anns = ann.proved(&service)?;
    // Ann's commitment, with a proof of Eve's; Ann's proof, for Eve's commitment and nonce.
    let mut stolen = eve.proved(&service)?;
    stolen.evidence.identity = anns.evidence.identity;
    let said = |answer: (u16, Value)| {
        (
            answer.0,
            answer.1["error"].as_str().unwrap_or_default().to_owned(),
        )
    };
    ensure!(said(eve.send(&service, &stolen)?) == (400, "invalid_proof".into()));
    let mut swapped = eve.proved(&service)?;
    swapped.evidence.proof = anns.evidence.proof.clone();
    ensure!(said(eve.send(&service, &swapped)?) == (400, "invalid_proof".into()));
    let mut bytes = eve.proved(&service)?;
    let mut proof = bytes.evidence.proof.as_bytes().to_vec();
    proof[100] ^= 1;
    bytes.evidence.proof = ofage_sdk::ownership::OwnershipProof::from_bytes(&proof)?;
    ensure!(said(eve.send(&service, &bytes)?) == (400, "invalid_proof".into()));
    ensure!(
        said(eve.send(&service, &bytes)?) == (400, "invalid_nonce".into()),
        "a used nonce"
    );
    // Another good nonce than the proof's.
    let mut other = eve.proved(&service)?;
    other.evidence.nonce = eve.proved(&service)?.evidence.nonce;
    ensure!(said(eve.send(&service, &other)?) == (400, "invalid_proof".into()));
    let (status, body) = ann.send(&service, &anns)?;
    ensure!(status == 202, "{status}: {body}");
    ann.request(&service)?;
    let credential = until(&node, "Ann's credential", || ann.fetch(&service)).await?;
    credential.check(&ann.secret)?;
    // Eve's offer still holds for herself.
    eve.request(&service)?;
    eve.transaction = ann.transaction.clone();
    let error = eve.fetch(&service).err().context("Eve got Ann's credential")?;
    ensure!(error.to_string().contains("invalid_transaction_id"), "{error}");
    Ok(())
}
