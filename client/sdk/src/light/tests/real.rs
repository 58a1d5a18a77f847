//! Nodes that lie with what a real chain once had: the fixtures of `ofage-light`'s own tests.

use super::*;

use files::{after, before, checkpoint, now};

#[path = "../../../../light/tests/support/real.rs"]
mod files;

/// A node as it was when it gave a bundle, which knows handoffs from set 0 on.
fn node(then: &Bundle) -> Node {
    Node::that_gave(then.clone(), 0)
}

async fn fetch(node: &Node) -> Result<Bundle, LightError> {
    bundle(node, &after().presentation, &checkpoint(), now()).await
}

#[tokio::test]
async fn the_truth_becomes_the_bundle_that_it_was() {
    assert_eq!(fetch(&node(&after())).await.unwrap(), after());
}

#[tokio::test]
async fn an_old_head_with_its_own_proof_does_not_prove_a_newer_anchor() {
    assert!(after().presentation.anchor.block > before().presentation.anchor.block);
    let refused = fetch(&node(&before())).await.unwrap_err();
    assert!(matches!(refused, LightError::Refused(_)), "{refused}");
}

#[tokio::test]
async fn an_old_head_is_refused_for_its_age_once_it_is_old() {
    let old = node(&after());
    let later = now() + MAX_STATE_AGE + 600;
    let refused = bundle(&old, &after().presentation, &checkpoint(), later).await;
    assert!(matches!(refused, Err(LightError::Refused(Refusal::Stale { .. }))));
}

#[tokio::test]
async fn an_answer_in_part_is_refused() {
    let mut first_only = node(&after());
    first_only.pages = pages(after().handoffs[..1].to_vec(), 0);
    assert!(matches!(fetch(&first_only).await, Err(LightError::Stuck)));

    let mut old_proof = node(&after());
    old_proof.parts.proof = before().proof;
    let refused = fetch(&old_proof).await.unwrap_err();
    assert!(
        matches!(refused, LightError::Refused(Refusal::State(_))),
        "{refused}"
    );

    let mut old_signatures = node(&after());
    old_signatures.parts.justification = before().justification;
    let refused = fetch(&old_signatures).await.unwrap_err();
    assert!(
        matches!(refused, LightError::Refused(Refusal::NotFinal(_))),
        "{refused}"
    );

    for length in 0..after().justification.len() {
        let mut cut = node(&after());
        cut.parts.justification.truncate(length);
        assert!(fetch(&cut).await.is_err(), "{length}");
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_given_up() {
    let silent = std::future::pending::<Result<Bundle, LightError>>();
    let late = within(Duration::ZERO, silent).await;
    assert!(matches!(late, Err(LightError::Late(_))));
}
