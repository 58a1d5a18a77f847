//! Chain specifications: what is known of a chain before anything is asked.

use serde_json::Value;
use smoldot::{
    chain::chain_information::ChainInformationFinalityRef,
    chain_spec::{Bootnode, ChainSpec},
};

use super::{rpc::printable, LiveError};
use crate::{AuthoritySet, Checkpoint, SetError, MAX_AUTHORITIES, NUMBER_BYTES};
use ofage_primitives::GenesisHash;

/// Longest chain specification that is looked at, in bytes.
pub const MAX_SPEC: usize = 32 << 20;

fn bad(error: &impl ToString) -> LiveError {
    LiveError::Spec(printable(&error.to_string()))
}

fn parse(json: &str) -> Result<ChainSpec, LiveError> {
    if json.len() > MAX_SPEC {
        return Err(bad(&format!("it has more than {MAX_SPEC} bytes")));
    }
    ChainSpec::from_json_bytes(json).map_err(|error| bad(&error))
}

/// The specification with more boot nodes in it.
pub(super) fn with_boot_nodes(json: &str, more: &[String]) -> Result<String, LiveError> {
    let spec = parse(json)?;
    if more.is_empty() {
        let known = spec
            .boot_nodes()
            .any(|node| matches!(node, Bootnode::Parsed { .. }));
        return known.then(|| json.to_owned()).ok_or(LiveError::NoBootNode);
    }
    let mut value: Value = serde_json::from_str(json).map_err(|error| bad(&error))?;
    let nodes = value
        .as_object_mut()
        .ok_or_else(|| bad(&"not an object"))?
        .entry("bootNodes")
        .or_insert_with(|| Value::Array(Vec::new()))
        .as_array_mut()
        .ok_or_else(|| bad(&"its boot nodes are no list"))?;
    nodes.extend(more.iter().cloned().map(Value::String));
    let json = value.to_string();
    for node in parse(&json)?.boot_nodes() {
        match node {
            Bootnode::UnrecognizedFormat(address) if more.iter().any(|own| own == address) => {
                return Err(LiveError::BootNode(printable(address)));
            }
            // smoldot leaves out those of the specification that it cannot use.
            _ => {}
        }
    }
    Ok(json)
}

/// The checkpoint at a chain's first block, from its raw specification alone. Takes a second of computing.
///
/// It is as good as the specification. It has no time, so its age cannot be told: on a chain with history, save a newer
/// one.
///
/// # Errors
/// [`LiveError::Spec`], [`LiveError::Set`] and [`LiveError::Checkpoint`].
pub fn genesis_checkpoint(spec_json: &str) -> Result<Checkpoint, LiveError> {
    let (information, _runtime) = parse(spec_json)?
        .to_chain_information()
        .map_err(|error| bad(&error))?;
    let information = information.as_ref();
    let ChainInformationFinalityRef::Grandpa {
        finalized_triggered_authorities: authorities,
        ..
    } = information.finality
    else {
        return Err(bad(&"its blocks are not made final by GRANDPA"));
    };
    if authorities.len() > MAX_AUTHORITIES {
        return Err(SetError::TooMany.into());
    }
    if authorities.iter().any(|authority| authority.weight.get() != 1) {
        return Err(SetError::Weight.into());
    }
    let keys = authorities.iter().map(|authority| authority.public_key).collect();
    let hash = information.finalized_block_header.hash(NUMBER_BYTES);
    let set = AuthoritySet::new(0, keys)?;
    Ok(Checkpoint::new(GenesisHash(hash), 0, hash, set, None)?)
}
