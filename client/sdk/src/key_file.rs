//! Files with keys that sign for an account: plain ones, and ones that a passphrase seals.
//!
//! The content is the same: a secret URI (a mnemonic, a `0x` seed or a `//path`) on the first line. A sealed file is
//! that line in an age file, so that `age --decrypt` and any tool of Substrate chains recover the key without this
//! program. A key is born as 24 words, which fit on a sheet of paper.

use std::{fs, io, path::Path, str::FromStr};

use subxt_signer::{
    bip39::{self, Language, Mnemonic},
    sr25519::Keypair,
    SecretUri,
};
use zeroize::Zeroizing;

use crate::{
    account::{Account, Signer},
    private_file,
    random::{self, NoRandomness},
    sealed::{self, Passphrase, UnsealError},
};

/// A secret URI is a mnemonic with a derivation path; anything much longer is another file.
const MAX_KEY_FILE: u64 = 4096;
/// Entropy of a new key, in bytes: 24 words, as strong as the key that is made of it.
const ENTROPY: usize = 32;

/// A key cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// No file there, or an unreadable one.
    #[error("cannot read the key file {path}: {source}")]
    Read {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write the key file {path}: {source}")]
    Write {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A file is there.
    #[error("{0} exists; a key never overwrites a file: name another with --out")]
    Exists(String),
    /// The file holds no secret URI. The content is not repeated.
    #[error("the key file {0} holds no key: put a mnemonic, a 0x seed or a //path on its first line, or make one with \
             `ofage key new`")]
    NoKey(String),
    /// Sealed, and no passphrase for it.
    #[error("the key file {0} is sealed; its passphrase is needed")]
    Sealed(String),
    /// The passphrase does not open it, or it is damaged.
    #[error("cannot open the key file {path}: {source}")]
    Unseal {
        /// Which file.
        path: String,
        /// Why.
        source: UnsealError,
    },
    /// No key can be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Words that are no key. None of them is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WordsError {
    /// A word that no list has.
    #[error("word {0} is none of the list; look at the sheet again")]
    Word(usize),
    /// Another number of words.
    #[error("a key has 12, 15, 18, 21 or 24 words, and these are {0}")]
    Count(usize),
    /// All words are of the list, and one is wrong.
    #[error("the words do not belong together: one of them is wrong, or two changed places")]
    Checksum,
    /// Neither words nor another secret URI.
    #[error("these are neither the words of a key, nor a 0x seed, nor a //path")]
    Malformed,
}

/// A key with the text that it comes from. It has no `Debug`.
pub struct Key {
    text: Zeroizing<String>,
    signer: Signer,
}

impl Key {
    /// Makes a key of 24 words.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        let entropy = random::bytes::<ENTROPY>()?;
        let mut text = Zeroizing::new(String::new());
        let words = Mnemonic::from_entropy(&*entropy).map_err(|_| NoRandomness)?;
        for word in words.words() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        Self::of_uri(text).ok_or(NoRandomness)
    }

    /// Reads what a person typed, or a sheet that [`backup`](Self::backup) made: numbered lines with a word each.
    ///
    /// # Errors
    /// [`WordsError`], which says where, but not what.
    pub fn from_words(text: &str) -> Result<Self, WordsError> {
        let numbered: Vec<&str> = text.lines().filter_map(numbered_word).collect();
        let line = if numbered.is_empty() {
            Zeroizing::new(text.trim().lines().next().unwrap_or_default().to_owned())
        } else {
            Zeroizing::new(numbered.join(" "))
        };
        if line.starts_with("0x") || line.contains('/') {
            return Self::of_uri(line).ok_or(WordsError::Malformed);
        }
        let mut words = Zeroizing::new(String::new());
        for word in line.split_whitespace() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(&Zeroizing::new(word.to_lowercase()));
        }
        Mnemonic::parse_in_normalized(Language::English, &words).map_err(|error| match error {
            bip39::Error::UnknownWord(place) => WordsError::Word(place + 1),
            bip39::Error::BadWordCount(count) => WordsError::Count(count),
            bip39::Error::InvalidChecksum => WordsError::Checksum,
            _ => WordsError::Malformed,
        })?;
        Self::of_uri(words).ok_or(WordsError::Malformed)
    }

    fn of_uri(text: Zeroizing<String>) -> Option<Self> {
        let uri = SecretUri::from_str(&text).ok()?;
        let signer = Signer::new(Keypair::from_uri(&uri).ok()?);
        Some(Self { text, signer })
    }

    /// The key itself.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Its account.
    pub fn account(&self) -> Account {
        self.signer.account()
    }

    /// Writes a new file that the passphrase seals; never over another.
    ///
    /// # Errors
    /// [`KeyFileError::Exists`] or [`KeyFileError::Write`].
    pub fn create(&self, path: &Path, passphrase: &Passphrase) -> Result<(), KeyFileError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyFileError::Exists(shown(path)),
            _ => KeyFileError::Write {
                path: shown(path),
                source,
            },
        };
        let line = Zeroizing::new(format!("{}\n", *self.text));
        let sealed = sealed::seal(passphrase, line.as_bytes()).map_err(failed)?;
        private_file::create(path, &sealed).map_err(failed)
    }

    /// A sheet for the safe: the account, and the words with their numbers, which [`from_words`](Self::from_words) reads.
    pub fn backup(&self) -> Zeroizing<String> {
        let mut sheet = Zeroizing::new(String::with_capacity(1024));
        sheet.push_str("Ofage key: whoever reads this page can sign as its account.\n");
        sheet.push_str(&format!("Account: {}\n", self.account()));
        sheet.push_str("Back from paper: ofage key restore --out KEY-FILE\n\n");
        if self.text.contains('/') || self.text.starts_with("0x") {
            sheet.push_str(" 1. ");
            sheet.push_str(&self.text);
            sheet.push('\n');
            return sheet;
        }
        for (number, word) in (1..).zip(self.text.split_whitespace()) {
            sheet.push_str(&format!("{number:2}. "));
            sheet.push_str(word);
            sheet.push('\n');
        }
        sheet
    }
}

/// The word of a line such as ` 7. abandon`.
fn numbered_word(line: &str) -> Option<&str> {
    let (number, word) = line.trim().split_once('.')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| word.trim())
}

/// What a key file holds.
pub enum KeyFile {
    /// A key for whoever reads the file.
    Plain(Box<Key>),
    /// A key for whoever has the passphrase, too.
    Sealed(SealedKey),
}

/// A sealed key file.
pub struct SealedKey {
    path: String,
    content: Vec<u8>,
}

impl KeyFile {
    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyFileError::Read`] or [`KeyFileError::NoKey`]; neither repeats the content.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let failed = |source| KeyFileError::Read {
            path: shown(path),
            source,
        };
        if fs::metadata(path).map_err(failed)?.len() > MAX_KEY_FILE {
            return Err(KeyFileError::NoKey(shown(path)));
        }
        let content = Zeroizing::new(fs::read(path).map_err(failed)?);
        if sealed::is_sealed(&content) {
            return Ok(Self::Sealed(SealedKey {
                path: shown(path),
                content: content.to_vec(),
            }));
        }
        let key = first_line(&content).and_then(Key::of_uri);
        key.map(|key| Self::Plain(Box::new(key)))
            .ok_or_else(|| KeyFileError::NoKey(shown(path)))
    }

    /// The key of a plain file.
    ///
    /// # Errors
    /// [`KeyFileError::Sealed`] when a passphrase is needed.
    pub fn plain(self) -> Result<Key, KeyFileError> {
        match self {
            Self::Plain(key) => Ok(*key),
            Self::Sealed(sealed) => Err(KeyFileError::Sealed(sealed.path)),
        }
    }
}

impl SealedKey {
    /// Opens it.
    ///
    /// # Errors
    /// [`KeyFileError::Unseal`], and [`KeyFileError::NoKey`] when something else is in it.
    pub fn open(&self, passphrase: &Passphrase) -> Result<Key, KeyFileError> {
        let plain = sealed::unseal(passphrase, &self.content).map_err(|source| KeyFileError::Unseal {
            path: self.path.clone(),
            source,
        })?;
        let key = first_line(&plain).and_then(Key::of_uri);
        key.ok_or_else(|| KeyFileError::NoKey(self.path.clone()))
    }
}

fn first_line(content: &[u8]) -> Option<Zeroizing<String>> {
    let line = std::str::from_utf8(content).ok()?.lines().next()?.trim();
    (!line.is_empty()).then(|| Zeroizing::new(line.to_owned()))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    /// The published phrase of development keys.
    const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

    fn in_file(content: &str) -> Result<KeyFile, KeyFileError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        KeyFile::read(file.path())
    }

    #[test]
    fn a_plain_file_holds_a_uri_on_its_first_line() {
        let key = in_file("//Alice\nsecond line")
            .and_then(KeyFile::plain)
            .ok()
            .unwrap();
        assert_eq!(key.account(), ALICE.parse().unwrap());
    }

    #[test]
    fn a_sealed_file_opens_with_its_passphrase_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key.age");
        let key = Key::generate().unwrap();
        key.create(&path, &Passphrase::quick("one")).unwrap();
        let Ok(KeyFile::Sealed(sealed)) = KeyFile::read(&path) else {
            panic!("not sealed");
        };
        let opened = sealed.open(&Passphrase::quick("one")).ok().unwrap();
        assert_eq!(opened.account(), key.account());
        let other = sealed.open(&Passphrase::quick("another")).err().unwrap();
        assert!(
            matches!(
                other,
                KeyFileError::Unseal {
                    source: UnsealError::Passphrase,
                    ..
                }
            ),
            "{other}"
        );
        let plain = KeyFile::read(&path).and_then(KeyFile::plain).err().unwrap();
        assert!(matches!(plain, KeyFileError::Sealed(_)), "{plain}");
        let again = key.create(&path, &Passphrase::quick("one")).unwrap_err();
        assert!(matches!(again, KeyFileError::Exists(_)), "{again}");
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(key.text.split(' ').next().unwrap()));
    }

    #[test]
    fn new_keys_are_of_24_words_and_differ() {
        let (one, other) = (Key::generate().unwrap(), Key::generate().unwrap());
        assert_eq!(one.text.split(' ').count(), 24);
        assert_ne!(one.account(), other.account());
    }

    #[test]
    fn a_sheet_brings_the_key_back() {
        for key in [
            Key::generate().unwrap(),
            Key::from_words(PHRASE).ok().unwrap(),
            Key::from_words("//Alice").ok().unwrap(),
            Key::from_words(&format!("0x{}", "17".repeat(32))).ok().unwrap(),
            Key::from_words(&format!("{PHRASE}//a/b")).ok().unwrap(),
        ] {
            let sheet = key.backup();
            assert!(sheet.contains(&key.account().to_string()));
            assert_eq!(Key::from_words(&sheet).ok().unwrap().account(), key.account());
        }
    }

    #[test]
    fn typed_words_may_be_in_any_case_and_spacing() {
        let sloppy = format!("  {}\n", PHRASE.replace(' ', "  ").to_uppercase());
        let key = Key::from_words(&sloppy).ok().unwrap();
        assert_eq!(key.account(), Key::from_words(PHRASE).ok().unwrap().account());
    }

    #[test]
    fn wrong_words_are_told_by_their_place() {
        let refused = |text: &str| Key::from_words(text).err().unwrap();
        assert_eq!(refused(&PHRASE.replace("lake", "lakke")), WordsError::Word(4));
        assert_eq!(refused(&PHRASE.replace(" walk", "")), WordsError::Count(11));
        assert_eq!(refused(&PHRASE.replace("lake", "drive")), WordsError::Checksum);
        assert_eq!(refused("0x12"), WordsError::Malformed);
        for text in ["", "\n", "1.", "no key at all"] {
            assert!(Key::from_words(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_error_does_not_repeat_the_content() {
        let long = "horse ".repeat(1_000);
        for content in ["correct horse battery staple", "", long.as_str()] {
            let error = in_file(content).err().unwrap();
            assert!(matches!(error, KeyFileError::NoKey(_)), "{error}");
            assert!(!format!("{error} {error:?}").contains("horse"));
        }
        let error = Key::from_words("correct horse battery staple").err().unwrap();
        assert!(!format!("{error} {error:?}").contains("horse"));
    }
}
