//! Where credentials of new attestations go.

use std::path::{Path, PathBuf};

use ofage_sdk::{credential::Credential, issuer::register::Register, private_file};
use serde_json::json;

use crate::{failure::Failure, files, output::Output};

/// Credentials that are in memory at a time.
const CHUNK: usize = 1_024;

/// A directory, or lines.
pub(super) enum Credentials<'a> {
    /// One file a person.
    Directory(PathBuf),
    /// Lines in a file.
    Lines(files::Appended),
    /// Lines on stdout.
    Output(&'a Output),
}

impl<'a> Credentials<'a> {
    pub(super) fn open(path: &Path, output: &'a Output) -> Result<Self, Failure> {
        if files::is_dash(path) {
            return Ok(Self::Output(output));
        }
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            return files::Appended::open(path).map(Self::Lines);
        }
        private_file::create_dir(path)
            .map_err(|error| Failure::input(format!("cannot write to {}: {error}", path.display())))?;
        Ok(Self::Directory(path.to_owned()))
    }

    /// Writes what was not handed out yet. A credential is marked once it is on disk: after a crash some may come twice, and
    /// none is lost.
    pub(super) fn write(&mut self, register: &Register) -> Result<(), Failure> {
        loop {
            let some = register.undelivered(CHUNK)?;
            if some.is_empty() {
                return Ok(());
            }
            match self {
                Self::Directory(directory) => {
                    for (reference, credential) in &some {
                        write_one(directory, reference, credential)?;
                    }
                }
                Self::Lines(file) => file.append(&lines(&some)?)?,
                Self::Output(output) => output.raw(&lines(&some)?)?,
            }
            register.delivered(some.iter().map(|(reference, _)| &**reference))?;
        }
    }
}

fn lines(credentials: &[(String, Credential)]) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    for (reference, credential) in credentials {
        serde_json::to_writer(
            &mut text,
            &json!({ "reference": reference, "credential": credential }),
        )?;
        text.push(b'\n');
    }
    Ok(text)
}

fn write_one(directory: &Path, reference: &str, credential: &Credential) -> Result<(), Failure> {
    let path = directory.join(file_name(reference));
    let mut text = serde_json::to_vec_pretty(credential)?;
    text.push(b'\n');
    private_file::replace(&path, &text)
        .map_err(|error| Failure::input(format!("cannot write {}: {error}", path.display())))
}

/// A file name for any reference: everything but letters, digits, `-`, `_`, `@` and inner dots is percent-encoded, so
/// that no reference leads out of the directory and no two meet.
fn file_name(reference: &str) -> String {
    let mut name = String::new();
    for (place, byte) in reference.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"-_@".contains(&byte) || (byte == b'.' && place > 0);
        if plain {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    // File systems take 255 bytes; a longer name is cut, and told apart by its hash.
    const LONGEST: usize = 200;
    if name.len() > LONGEST {
        let hash = ofage_primitives::hash_to_field(b"ofage/file-name", &[reference.as_bytes()]).to_string();
        name.truncate(LONGEST - 34);
        name = format!("{name}~{}", hash.get(2..34).unwrap_or_default());
    }
    name.push_str(".json");
    name
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_reference_never_leads_out_of_the_directory() {
        assert_eq!(file_name("customer-1"), "customer-1.json");
        assert_eq!(file_name("a.b@c"), "a.b@c.json");
        assert_eq!(file_name("../etc/passwd"), "%2E.%2Fetc%2Fpasswd.json");
        assert_eq!(file_name("."), "%2E.json");
        assert_eq!(file_name("é"), "%C3%A9.json");
        let long = "é".repeat(64);
        assert!(file_name(&long).len() <= 255);
        assert_ne!(file_name(&long), file_name(&("é".repeat(63) + "è")));
    }
}
