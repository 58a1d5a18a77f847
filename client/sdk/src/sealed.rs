//! Secrets in files, encrypted by age with a passphrase.
//!
//! What is written is an age file like any other (age-encryption.org/v1, armored): `age --decrypt` opens it too, should
//! this program be lost.

use std::io::{self, Read, Write};

use age::{armor, scrypt, secrecy::SecretString, DecryptError};
use zeroize::Zeroizing;

/// Scrypt's work factor (log2 of N) for new files: about a second, and 256 MiB.
const WORK: u8 = 18;
/// Hardest work that a file may ask for: about 16 seconds. A hostile file must not stop the machine.
const MAX_WORK: u8 = 22;
/// Shortest passphrase, in characters.
pub const MIN_PASSPHRASE: usize = 8;
/// How an armored age file begins.
const ARMOR: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";

/// A passphrase that is too short to be safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a passphrase needs at least {MIN_PASSPHRASE} characters")]
pub struct ShortPassphrase;

/// What a file is encrypted with. No `Debug`.
#[derive(Clone)]
pub struct Passphrase {
    text: SecretString,
    work: u8,
}

impl Passphrase {
    /// Takes a passphrase.
    ///
    /// # Errors
    /// [`ShortPassphrase`].
    pub fn new(text: Zeroizing<String>) -> Result<Self, ShortPassphrase> {
        if text.chars().count() < MIN_PASSPHRASE {
            return Err(ShortPassphrase);
        }
        Ok(Self {
            text: SecretString::from(text.as_str()),
            work: WORK,
        })
    }

    /// Less work, for tests.
    #[cfg(test)]
    pub(crate) fn quick(text: &str) -> Self {
        Self {
            text: SecretString::from(text),
            work: 2,
        }
    }
}

/// An encrypted content cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsealError {
    /// The passphrase does not open it.
    #[error("the passphrase does not open it")]
    Passphrase,
    /// Asks for absurd work.
    #[error("it asks for more work than any file of this program; it was altered, or is another file")]
    Work,
    /// Damaged, cut off or no age file.
    #[error("it is damaged, or no encrypted file; restore it from a backup")]
    Damaged,
}

/// Whether a content looks encrypted.
pub fn is_sealed(content: &[u8]) -> bool {
    content.trim_ascii_start().starts_with(ARMOR)
}

/// Encrypts a content.
///
/// # Errors
/// Those of the encryption, which writes to memory only.
pub fn seal(passphrase: &Passphrase, plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut recipient = scrypt::Recipient::new(passphrase.text.clone());
    recipient.set_work_factor(passphrase.work);
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
        .map_err(io::Error::other)?;
    let mut sealed = Vec::new();
    let armored = armor::ArmoredWriter::wrap_output(&mut sealed, armor::Format::AsciiArmor)?;
    let mut writer = encryptor.wrap_output(armored)?;
    writer.write_all(plain)?;
    writer.finish()?.finish()?;
    Ok(sealed)
}

/// Decrypts a content.
///
/// # Errors
/// [`UnsealError`]; what is hidden is not repeated.
pub fn unseal(passphrase: &Passphrase, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
    let decryptor =
        age::Decryptor::new_buffered(armor::ArmoredReader::new(sealed)).map_err(|_| UnsealError::Damaged)?;
    let mut identity = scrypt::Identity::new(passphrase.text.clone());
    identity.set_max_work_factor(MAX_WORK);
    let mut reader = decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .map_err(|error| match error {
            DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => UnsealError::Passphrase,
            DecryptError::ExcessiveWork { .. } => UnsealError::Work,
            _ => UnsealError::Damaged,
        })?;
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader.read_to_end(&mut plain).map_err(|_| UnsealError::Damaged)?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_passphrase_alone() {
        let sealed = seal(&Passphrase::quick("one"), b"a secret").unwrap();
        assert!(is_sealed(&sealed));
        assert!(!is_sealed(b"//Alice"));
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        let one = Passphrase::quick("one");
        assert_eq!(unseal(&one, &sealed).unwrap().as_slice(), b"a secret");
        let other = unseal(&Passphrase::quick("another"), &sealed);
        assert_eq!(other.err(), Some(UnsealError::Passphrase));
    }

    #[test]
    fn what_was_altered_or_cut_off_does_not_open() {
        let sealed = seal(&Passphrase::quick("one"), b"a secret").unwrap();
        for end in (0..sealed.len() - 40).step_by(7) {
            assert!(
                unseal(&Passphrase::quick("one"), &sealed[..end]).is_err(),
                "cut at {end}"
            );
        }
        // The first digit of the body's last line, which holds the end of the encrypted content.
        let at = sealed.len() - b"\n-----END AGE ENCRYPTED FILE-----\n".len() - 4;
        let mut altered = sealed;
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        assert!(unseal(&Passphrase::quick("one"), &altered).is_err());
    }
}
