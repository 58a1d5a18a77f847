use super::*;
use crate::verify::tests::presentation;
use ofage_primitives::Element;

/// A chain that says of the anchor what a test wants.
struct TestChain {
    /// What the chain says of the anchor.
    status: Result<(), AnchorError>,
    /// Roots that it had at the anchor's block, while it knows.
    had: Option<Option<Anchor>>,
    root: RegistryRoot,
    enabled: bool,
}

impl TestChain {
    /// All is well with the honest presentation.
    fn new() -> Self {
        let anchor = presentation().anchor;
        Self {
            status: Ok(()),
            had: Some(Some(anchor)),
            root: anchor.registry_root,
            enabled: true,
        }
    }
}

impl Chainwide for TestChain {
    async fn root_at(&self, _: u32) -> Result<RegistryRoot, ChainError> {
        Ok(self.root)
    }

    async fn status(&self, _: TrustListId, _: Anchor) -> Result<Result<(), AnchorError>, ChainError> {
        Ok(self.status)
    }

    async fn recorded(&self, _: TrustListId, _: u32) -> Result<Option<Anchor>, ChainError> {
        self.had.ok_or(ChainError::StateGone)
    }

    async fn circuit_enabled(&self, circuit: CircuitId) -> Result<bool, ChainError> {
        assert_eq!(circuit, CircuitId::V1);
        Ok(self.enabled)
    }
}

fn refusal(chain: &TestChain) -> Option<&'static str> {
    match futures::executor::block_on(check(chain, &presentation())) {
        Ok(()) => None,
        Err(VerifyError::No(refusal)) => Some(refusal.code()),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn an_anchor_that_counts_passes() {
    assert_eq!(refusal(&TestChain::new()), None);
}

#[test]
fn a_disabled_circuit_is_refused_whatever_the_anchor() {
    let mut chain = TestChain::new();
    chain.enabled = false;
    assert_eq!(refusal(&chain), Some("circuit-disabled"));
    chain.status = Err(AnchorError::RegistryRoot);
    assert_eq!(refusal(&chain), Some("circuit-disabled"));
}

#[test]
fn a_superseded_registry_root_is_refused_when_its_window_is_over() {
    let mut chain = TestChain::new();
    chain.status = Err(AnchorError::RegistryRoot);
    assert_eq!(refusal(&chain), Some("anchor-ended"));
}

#[test]
fn a_trust_lists_root_that_ended_is_told_from_one_that_never_was() {
    let mut chain = TestChain::new();
    chain.status = Err(AnchorError::TrustListRoot);
    assert_eq!(refusal(&chain), Some("anchor-ended"));
    for had in [None, Some(other_list_root())] {
        chain.had = Some(had);
        assert_eq!(refusal(&chain), Some("anchor-mismatch"));
    }
    chain.had = None;
    assert_eq!(refusal(&chain), Some("anchor-unknown"), "the state is gone");
}

#[test]
fn a_root_that_is_not_in_the_header_is_refused() {
    let mut chain = TestChain::new();
    chain.root = RegistryRoot::from_element(Element::from_u64(99));
    assert_eq!(refusal(&chain), Some("anchor-mismatch"));
}

#[test]
fn a_block_that_is_not_there_yet_is_refused() {
    let mut chain = TestChain::new();
    chain.status = Err(AnchorError::Future);
    assert_eq!(refusal(&chain), Some("anchor-not-final"));
}

fn other_list_root() -> Anchor {
    Anchor {
        trust_list_root: ofage_primitives::TrustListRoot::from_element(Element::from_u64(99)),
        ..presentation().anchor
    }
}
