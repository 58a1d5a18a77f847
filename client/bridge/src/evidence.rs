//! What a checked credential gives.

use std::fmt;

use ofage_primitives::{Assurance, Flags};

use crate::{Birth, Format};

/// Names a credential by its holder's key: SHA-256 of the key's point. Two presentations of one credential share it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CredentialId(pub(crate) [u8; 32]);

impl CredentialId {
    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialId(hidden)")
    }
}

/// A credential that was checked, and what it says of the birth. Only a check makes one; no `Debug`, since it tells a birth.
pub struct Evidence {
    pub(crate) birth: Birth,
    pub(crate) credential: CredentialId,
    pub(crate) format: Format,
    pub(crate) source: String,
    pub(crate) assurance: Assurance,
    pub(crate) flags: Flags,
}

impl Evidence {
    /// When the holder was born.
    pub const fn birth(&self) -> &Birth {
        &self.birth
    }

    /// Which credential it was.
    pub const fn credential(&self) -> CredentialId {
        self.credential
    }

    /// Its format.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The settings' name of who signed it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// How well its signer is trusted to know an age, as the settings say.
    pub const fn assurance(&self) -> Assurance {
        self.assurance
    }

    /// Flags for the attestation: `bridged`, and those of the settings.
    pub const fn flags(&self) -> Flags {
        self.flags
    }
}
