//! Proofs that an identity commitment is its sender's own.
//!
//! An issuer asks for one before it attests: then nobody can have another's commitment attested, by mistake or to put
//! an adult's age on it, and nobody can have another's attestation replaced. The proof is tied to a [`Claim`]: chain,
//! issuer, who asks, and a nonce of theirs. It tells the issuer nothing but that.

use std::{fmt, str::FromStr};

use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use codec::Encode;
use ofage_circuit::ownership::{keys::PROOF_LENGTH, OwnershipInputs, CIRCUIT};
use ofage_primitives::{
    binding::ShortText, hash_to_field, hashes, CircuitId, GenesisHash, HolderSecret, IdentityCommitment,
    IssuerIndex, Signal,
};
use ofage_prover::prove_ownership;
use ofage_verifier::verify_ownership;
use serde::{de::Error as _, Deserialize, Deserializer, Serialize, Serializer};

/// Digits of every proof as text: base64url without padding.
pub const PROOF_DIGITS: usize = (PROOF_LENGTH * 4).div_ceil(3);

/// Who may ask in files, instead of a service.
const FILE: &str = "file:";

/// What a proof of ownership is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The chain.
    pub genesis: GenesisHash,
    /// The issuer that the commitment is made for.
    pub issuer: IssuerIndex,
    /// Who asks: the address of the issuer's service, or `file:` and the issuer's name for the customer.
    pub audience: ShortText,
    /// Theirs, so that an old proof is no answer. Zero in a file, where the customer's name does that.
    pub nonce: [u8; 32],
}

/// No proof could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OwnershipError {
    /// The customer's name is too long.
    #[error("the reference has more than {0} bytes; ask the issuer for a shorter one")]
    LongReference(usize),
    /// The proof system failed.
    #[error(transparent)]
    Prover(#[from] ofage_prover::ProveError),
}

/// The commitment is not shown to be the sender's. Which part is wrong cannot be told from the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the proof does not show that the commitment is the sender's, for this issuer, reference and moment; ask the holder \
     to make the request anew (ofage wallet request)"
)]
pub struct OwnershipRefused;

impl Claim {
    /// What a request in a file proves: that it is for that customer of the issuer.
    ///
    /// # Errors
    /// [`OwnershipError::LongReference`].
    pub fn for_file(
        genesis: GenesisHash,
        issuer: IssuerIndex,
        reference: &str,
    ) -> Result<Self, OwnershipError> {
        let longest = ofage_primitives::binding::MAX_NAME - FILE.len();
        let audience = ShortText::new(format!("{FILE}{reference}"));
        Ok(Self {
            genesis,
            issuer,
            audience: audience.map_err(|_| OwnershipError::LongReference(longest))?,
            nonce: [0; 32],
        })
    }

    /// `hash_to_field("ofage/ownership/v1", SCALE(circuit, genesis, issuer, audience, nonce))`.
    pub fn signal(&self) -> Signal {
        #[derive(Encode)]
        struct Tied<'a>(
            CircuitId,
            &'a GenesisHash,
            IssuerIndex,
            &'a ShortText,
            &'a [u8; 32],
        );
        let tied = Tied(CIRCUIT, &self.genesis, self.issuer, &self.audience, &self.nonce);
        Signal::from_element(hash_to_field(b"ofage/ownership/v1", &[&tied.encode()]))
    }

    fn inputs(&self, identity: IdentityCommitment) -> OwnershipInputs {
        OwnershipInputs {
            issuer_id: hashes::issuer_id(&self.genesis, self.issuer),
            identity,
            signal: self.signal(),
        }
    }
}

/// A proof of ownership. As text, it is [`PROOF_DIGITS`] digits of base64url.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnershipProof(Box<[u8; PROOF_LENGTH]>);

impl OwnershipProof {
    /// Takes the bytes of a proof; whether it holds is another question.
    ///
    /// # Errors
    /// [`OwnershipRefused`] when they are not as many as every proof has.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OwnershipRefused> {
        let proof = bytes.try_into().map_err(|_| OwnershipRefused)?;
        Ok(Self(Box::new(proof)))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0[..]
    }
}

impl fmt::Display for OwnershipProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.as_bytes()))
    }
}

/// Short: two thousand bytes help nobody.
impl fmt::Debug for OwnershipProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnershipProof")
    }
}

impl FromStr for OwnershipProof {
    type Err = OwnershipRefused;

    fn from_str(text: &str) -> Result<Self, OwnershipRefused> {
        if text.len() != PROOF_DIGITS {
            return Err(OwnershipRefused);
        }
        // The engine refuses bits behind the last byte, so a proof has one text.
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| OwnershipRefused)?;
        Self::from_bytes(&bytes)
    }
}

impl Serialize for OwnershipProof {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OwnershipProof {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(|_| D::Error::custom("not a proof of ownership"))
    }
}

/// Proves that the commitment for the claim's issuer is the secret's, and gives it. Takes some dozens of milliseconds.
///
/// # Errors
/// [`OwnershipError::Prover`].
pub fn prove(
    secret: &HolderSecret,
    claim: &Claim,
) -> Result<(IdentityCommitment, OwnershipProof), OwnershipError> {
    let issuer_id = hashes::issuer_id(&claim.genesis, claim.issuer);
    let identity = hashes::identity_commitment(secret, issuer_id);
    let proof = prove_ownership(&claim.inputs(identity), secret)?;
    let proof =
        OwnershipProof::from_bytes(proof.as_bytes()).expect("the prover makes proofs of the one length; qed");
    Ok((identity, proof))
}

/// Checks that who made the proof knows the secret of the commitment, and made it for this claim.
///
/// # Errors
/// [`OwnershipRefused`].
pub fn check(
    claim: &Claim,
    identity: IdentityCommitment,
    proof: &OwnershipProof,
) -> Result<(), OwnershipRefused> {
    verify_ownership(&claim.inputs(identity), proof.as_bytes()).map_err(|_| OwnershipRefused)
}

#[cfg(test)]
mod tests;
