//! The node's methods `ofage_bundleParts`, `ofage_handoffs` and `ofage_authorities`.

use ofage_light::{AnchorClaim, Handoff, MAX_HEADER, MAX_JUSTIFICATION, MAX_PROOF};
use ofage_primitives::GenesisHash;
use serde::{de::DeserializeOwned, Deserialize};
use subxt::rpcs::{client::RpcParams, rpc_params};

use super::{LightError, Parts};
use crate::chain::{Chain, ChainError, METHOD_NOT_FOUND};

/// What a node answers when it cannot prove yet that a block is final.
const NOT_YET: i32 = 9101;
/// Characters of a node's own words that are repeated.
const MAX_WORDS: usize = 300;

/// A final block and what proves an anchor in its state.
#[derive(Clone, Debug)]
pub(crate) struct BundleParts {
    /// The set that signed it, as the node says.
    pub(crate) set: u64,
    pub(crate) header: Vec<u8>,
    pub(crate) justification: Vec<u8>,
    pub(crate) proof: Vec<u8>,
}

/// Some handoffs, the first of them by set `first`.
#[derive(Clone, Debug)]
pub(crate) struct Handoffs {
    pub(crate) first: u64,
    pub(crate) handoffs: Vec<Handoff>,
}

/// A final block, and the number of the set that signed it, as the node says.
#[derive(Clone, Debug)]
pub(crate) struct Authorities {
    pub(crate) set: u64,
    pub(crate) header: Vec<u8>,
    pub(crate) justification: Vec<u8>,
}

// What more the node tells (numbers, hashes, keys) is not looked at: it follows from the header, or nobody would believe it.
#[derive(Deserialize)]
struct BundleAnswer {
    set: u64,
    header: String,
    justification: String,
    proof: String,
}

#[derive(Deserialize)]
struct HandoffAnswer {
    header: String,
    justification: String,
}

#[derive(Deserialize)]
struct HandoffsAnswer {
    first: u64,
    handoffs: Vec<HandoffAnswer>,
}

#[derive(Deserialize)]
struct AuthoritiesAnswer {
    set: u64,
    header: String,
    justification: String,
}

fn bytes(digits: &str, limit: usize, what: &'static str) -> Result<Vec<u8>, LightError> {
    let strange = || LightError::from(ChainError::Answer(what));
    let digits = digits.strip_prefix("0x").ok_or_else(strange)?;
    if digits.len() > 2 * limit {
        return Err(strange());
    }
    hex::decode(digits).map_err(|_| strange())
}

fn header(digits: &str) -> Result<Vec<u8>, LightError> {
    bytes(digits, MAX_HEADER, "a final header")
}

fn justification(digits: &str) -> Result<Vec<u8>, LightError> {
    bytes(digits, MAX_JUSTIFICATION, "a justification")
}

impl Chain {
    async fn ask<T: DeserializeOwned>(&self, method: &str, params: RpcParams) -> Result<T, LightError> {
        match self.rpc().request(method, params).await {
            Ok(answer) => Ok(answer),
            Err(subxt::rpcs::Error::User(user)) if user.code == METHOD_NOT_FOUND => Err(LightError::Unable(
                "it has no methods for light clients; use a newer node".to_owned(),
            )),
            Err(subxt::rpcs::Error::User(user)) => {
                let words = user.message.chars().take(MAX_WORDS).collect();
                Err(if user.code == NOT_YET {
                    LightError::NotYet(words)
                } else {
                    LightError::Unable(words)
                })
            }
            Err(other) => Err(ChainError::from(other).into()),
        }
    }
}

impl Parts for Chain {
    fn genesis(&self) -> GenesisHash {
        Chain::genesis(self)
    }

    async fn bundle_parts(&self, claim: AnchorClaim) -> Result<BundleParts, LightError> {
        let params = rpc_params![claim.list, claim.anchor, claim.circuit];
        let answer: BundleAnswer = self.ask("ofage_bundleParts", params).await?;
        Ok(BundleParts {
            set: answer.set,
            header: header(&answer.header)?,
            justification: justification(&answer.justification)?,
            proof: bytes(&answer.proof, MAX_PROOF, "a proof of the state")?,
        })
    }

    async fn handoffs(&self, first: u64, limit: u32) -> Result<Handoffs, LightError> {
        let answer: HandoffsAnswer = self.ask("ofage_handoffs", rpc_params![first, limit]).await?;
        let handoffs = answer.handoffs.iter().map(|handoff| {
            Ok(Handoff {
                header: header(&handoff.header)?,
                justification: justification(&handoff.justification)?,
            })
        });
        Ok(Handoffs {
            first: answer.first,
            handoffs: handoffs.collect::<Result<_, LightError>>()?,
        })
    }

    async fn authorities(&self) -> Result<Authorities, LightError> {
        let answer: AuthoritiesAnswer = self.ask("ofage_authorities", rpc_params![]).await?;
        Ok(Authorities {
            set: answer.set,
            header: header(&answer.header)?,
            justification: justification(&answer.justification)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_are_no_bytes_are_refused_and_so_are_too_many() {
        assert_eq!(bytes("0x0102", 2, "it").unwrap(), [1, 2]);
        assert!(bytes("0x", 2, "it").unwrap().is_empty());
        for wrong in ["", "0102", "0x1", "0xzz", "0x010203", "0X01"] {
            let refused = bytes(wrong, 2, "it");
            assert!(
                matches!(refused, Err(LightError::Chain(ChainError::Answer("it")))),
                "{wrong}"
            );
        }
    }
}
