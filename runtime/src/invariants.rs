//! What must hold in every state of the chain, checked natively.

use crate::{AgeGate, AgeRegistry};
use sp_runtime::TryRuntimeError;

/// A state that the chain's own rules cannot have led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which pallet's invariants do not hold.
    pub pallet: &'static str,
    /// The first that does not.
    pub what: String,
}

/// Checks the invariants of the registry and of the gates over the state around it (see `sp_io::TestExternalities`).
///
/// Takes minutes for a registry of many shards: it hashes all of the cap again.
///
/// # Errors
/// The first invariant of each pallet that does not hold.
pub fn check() -> Result<(), Vec<Broken>> {
    let broken: Vec<Broken> = [
        ("AgeRegistry", AgeRegistry::do_try_state()),
        ("AgeGate", AgeGate::do_try_state()),
    ]
    .into_iter()
    .filter_map(|(pallet, checked)| {
        let what = words(checked.err()?);
        Some(Broken { pallet, what })
    })
    .collect();
    if broken.is_empty() {
        Ok(())
    } else {
        Err(broken)
    }
}

fn words(error: TryRuntimeError) -> String {
    match error {
        TryRuntimeError::Other(text) => text.to_owned(),
        other => format!("{other:?}"),
    }
}
