//! Files, and `-` for stdin and stdout.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use ofage_sdk::light::MAX_SPEC;
use serde_json::json;

use crate::{failure::Failure, output::Output};

/// What stands for stdin or stdout.
const DASH: &str = "-";
/// Longest document that is read; each reader has its own, lower bound.
const MAX_INPUT: u64 = 4 << 20;

/// Bytes that are read at a time when the last whole line of a file is looked for.
const BLOCK: u64 = 64 << 10;

/// Whether a path means stdin or stdout.
pub(crate) fn is_dash(path: &Path) -> bool {
    path.as_os_str() == DASH
}

/// Opens a file or stdin for reading.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read + Send>, Failure> {
    if is_dash(path) {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    Ok(Box::new(io::BufReader::new(file)))
}

/// Reads a document from a file or stdin, up to a bound.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    read_up_to(path, MAX_INPUT)
}

/// Reads a chain's specification, which holds the runtime and is longer than other documents.
pub(crate) fn read_spec(path: &Path) -> Result<String, Failure> {
    let bytes = read_up_to(path, MAX_SPEC as u64)?;
    String::from_utf8(bytes).map_err(|_| {
        Failure::input(format!(
            "{} is no chain specification: it is not text",
            path.display()
        ))
    })
}

/// Reads a file or stdin, up to a bound.
pub(crate) fn read_up_to(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = open(path)?.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > limit {
        return Err(Failure::input(format!(
            "{} is too long; is it the right file?",
            path.display()
        )));
    }
    Ok(bytes)
}

/// Writes a document to a file of the owner's, or to stdout.
pub(crate) fn write(path: &Path, bytes: &[u8], output: &Output) -> Result<(), Failure> {
    if is_dash(path) {
        return output.raw(bytes);
    }
    ofage_sdk::private_file::replace(path, bytes)
        .map_err(|error| Failure::input(format!("cannot write {}: {error}", path.display())))
}

/// Writes a document that is all of a command's result, and tells where it went unless it went to stdout.
pub(crate) fn deliver(path: &Path, bytes: &[u8], what: &str, output: &Output) -> Result<(), Failure> {
    write(path, bytes, output)?;
    if is_dash(path) {
        return Ok(());
    }
    let path = path.display().to_string();
    output.result(&json!({ what: path }), || format!("wrote {path}"))
}

/// Reads a short text.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?).map_err(|_| Failure::input(format!("{} is not text", path.display())))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format!("cannot write {}: {error}", path.display()))
}

/// A file of the owner's that grows by lines of JSON; what was appended is on disk.
pub(crate) struct Appended {
    path: PathBuf,
    file: File,
}

impl Appended {
    /// Opens a file, or makes it. A last line that a crash cut off is dropped, since it would spoil the next one.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let file = ofage_sdk::private_file::append(path)
            .and_then(|file| end_last_line(path, &file).map(|()| file))
            .map_err(|error| unwritable(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        written.map_err(|error| unwritable(&self.path, &error))
    }
}

/// Sees to it that a file ends with a whole line, if it is no pipe.
fn end_last_line(path: &Path, mut file: &File) -> io::Result<()> {
    let found = file.metadata()?;
    if !found.is_file() {
        return Ok(());
    }
    let (length, mut source) = (found.len(), File::open(path)?);
    let whole = whole_lines(&mut source, length)?;
    if whole == length {
        return Ok(());
    }
    let mut first = [0];
    source.seek(SeekFrom::Start(whole))?;
    source.read_exact(&mut first)?;
    if first == *b"{" {
        file.set_len(whole)
    } else {
        // Somebody else's.
        file.write_all(b"\n")
    }
}

/// How much of a file of that length ends in a newline.
fn whole_lines(source: &mut File, length: u64) -> io::Result<u64> {
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        source.seek(SeekFrom::Start(start))?;
        let mut block = Vec::new();
        Read::by_ref(source).take(end - start).read_to_end(&mut block)?;
        if let Some(at) = block.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// A file of the owner's that is written from its start, piece by piece.
pub(crate) struct NewFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl NewFile {
    /// Makes a file, or empties it.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let made =
            ofage_sdk::private_file::replace(path, b"").and_then(|()| ofage_sdk::private_file::append(path));
        let file = made.map_err(|error| unwritable(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
        })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file
            .write_all(bytes)
            .map_err(|error| unwritable(&self.path, &error))
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        self.file.flush().map_err(|error| unwritable(&self.path, &error))
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format!("cannot read {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_a_crash_cut_off_spoils_no_other_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.jsonl");
        for (before, after) in [
            ("", "{\"n\":2}\n"),
            ("{\"n\":1}\n", "{\"n\":1}\n{\"n\":2}\n"),
            ("{\"n\":1}\n{\"n", "{\"n\":1}\n{\"n\":2}\n"),
            ("{\"n", "{\"n\":2}\n"),
            // Not a line of ours: it is left, and ended.
            ("{\"n\":1}\nmine", "{\"n\":1}\nmine\n{\"n\":2}\n"),
        ] {
            std::fs::write(&path, before).unwrap();
            Appended::open(&path).unwrap().append(b"{\"n\":2}\n").unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), after, "{before:?}");
        }
        let long = format!("{{}}\n{{{}", "x".repeat(200_000));
        std::fs::write(&path, long).unwrap();
        Appended::open(&path).unwrap().append(b"{}\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}\n{}\n");
    }
}
