//! Values that never leave their owner: no `Debug`, no codec, wiped when dropped.

use crate::{domain::Domain, element::NonCanonical, poseidon, Element, Fp};
use ff::{Field, FromUniformBytes};
use zeroize::{Zeroize, Zeroizing};

macro_rules! secret_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Fp);

        impl $name {
            /// Takes 64 bytes of a cryptographic random generator, reduced to the field without bias.
            pub fn from_uniform(bytes: &[u8; 64]) -> Self {
                Self(Fp::from_uniform_bytes(bytes))
            }

            /// Restores a value from its 32 canonical little-endian bytes.
            ///
            /// # Errors
            /// [`NonCanonical`] when the number is not below the modulus.
            pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, NonCanonical> {
                Element::from_bytes(*bytes).map(|element| Self(element.into()))
            }

            /// The 32 bytes, for encrypted storage only.
            pub fn expose_bytes(&self) -> Zeroizing<[u8; 32]> {
                Zeroizing::new(Element::from(self.0).to_bytes())
            }

            /// The field element, for hashing and proving only.
            pub fn expose_field(&self) -> Fp {
                self.0
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                self.0.zeroize();
            }
        }
    };
}

secret_type! {
    /// A holder's secret: one random field element, the root of all their identity commitments and nullifiers.
    HolderSecret
}
secret_type! {
    /// A designated verifier's secret `w`. Its owner could have made any proof designated to them.
    VerifierSecret
}
secret_type! {
    /// The second input of an attestation: a commitment to its salt, with room for later attributes.
    ///
    /// Holder and issuer know it. Without it, an attestation's few possible attributes could be tried one by one.
    Ext
}

impl Ext {
    /// Commits to a random salt: `H_Ext(salt, 0)`.
    pub fn commit(salt: &HolderSalt) -> Self {
        Self(poseidon::hash(Domain::Ext, salt.0, Fp::ZERO))
    }
}

secret_type! {
    /// The random salt of one attestation.
    HolderSalt
}
