//! Files that only their owner reads, and that are never half written.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};

/// Owner reads and writes, nobody else.
#[cfg(unix)]
const FILE_MODE: u32 = 0o600;
/// The bits of a mode that say who may do what.
#[cfg(unix)]
const PERMISSIONS: u32 = 0o777;
/// Owner enters, nobody else.
#[cfg(unix)]
const DIR_MODE: u32 = 0o700;

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    options.mode(FILE_MODE);
    options
}

/// Writes a new file, or replaces one in a single step: a crash leaves the old content or the new one.
///
/// # Errors
/// Those of the file system; the target is untouched then.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not a file name"))?;
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = directory_of(path).join(temporary);
    let written = write_new(&temporary, content).and_then(|()| rename(&temporary, path));
    if written.is_err() {
        // Best effort: the first error is the one that matters.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Puts a file in the place of another one of the same directory, in a single step that a crash does not undo.
///
/// # Errors
/// Those of the file system; both files are untouched then.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    // The rename is only durable once its directory is; not all systems can flush one.
    if let Ok(directory) = File::open(directory_of(to)) {
        let _ = directory.sync_all();
    }
    Ok(())
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create(true).truncate(true)).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Creates a file that must not exist yet.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`], and those of the file system.
pub fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Opens a file to append to, or makes it.
///
/// # Errors
/// Those of the file system.
pub fn append(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().append(true).create(true)).open(path)
}

/// Opens a file to read and write, or makes it. It is the owner's only from then on, also if a backup brought it back otherwise.
///
/// # Errors
/// Those of the file system.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = private(&mut options).open(path)?;
    #[cfg(unix)]
    {
        let mut permissions = file.metadata()?.permissions();
        if permissions.mode() & !FILE_MODE & PERMISSIONS != 0 {
            permissions.set_mode(FILE_MODE);
            file.set_permissions(permissions)?;
        }
    }
    Ok(file)
}

/// Whether an open file is the one that a path leads to, and not one that was replaced since. Where that cannot be told, it
/// is taken for it.
///
/// # Errors
/// Those of the file system.
pub fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        let (file, there) = (file.metadata()?, fs::metadata(path)?);
        Ok((file.dev(), file.ino()) == (there.dev(), there.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        Ok(true)
    }
}

/// Creates a directory, and those above it, unless it exists.
///
/// # Errors
/// Those of the file system.
pub fn create_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(DIR_MODE);
    builder.create(path)
}

/// Locks a file's name against a second process of this user, until dropped.
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock `PATH.lock`.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when another process holds it, and those of the file system.
    pub fn take(path: &Path) -> io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        let file =
            private(OpenOptions::new().write(true).create(true).truncate(false)).open(PathBuf::from(name))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(fs::TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }
}

/// A private file of JSON lines that only grows, written by one process at a time.
pub struct LineFile {
    path: PathBuf,
    file: File,
    length: u64,
    _lock: Lock,
}

impl LineFile {
    /// Opens a file, or starts one, and has `read` take each line, with its number from 1.
    ///
    /// A last line that a crash cut off is dropped, but only once all lines before it were taken, and only if it
    /// begins as a line does: a file that is something else stays as it is.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn open(path: &Path, mut read: impl FnMut(usize, &[u8]) -> Option<()>) -> Result<Self, LineError> {
        let lock = Lock::take(path).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => LineError::Busy,
            _ => LineError::Io(error),
        })?;
        let text = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            text => text?,
        };
        let mut number = 0;
        let mut whole = 0;
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            number += 1;
            let taken = match line.strip_suffix(b"\n") {
                Some(line) => read(number, line),
                None => matches!(line.first(), Some(b'{' | b'"')).then_some(()),
            };
            taken.ok_or(LineError::Malformed(number))?;
            if line.ends_with(b"\n") {
                whole += line.len() as u64;
            }
        }
        let file = append(path)?;
        if whole < text.len() as u64 {
            file.set_len(whole)?;
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            length: whole,
            _lock: lock,
        })
    }

    /// Appends a line, which is on disk when this returns; after an error, nothing of it is left there.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn append<T: serde::Serialize>(&mut self, line: &T) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let written = self.file.write_all(&text).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.length += text.len() as u64,
            // Best effort, as on a full disk: what is half written would spoil the next line.
            Err(_) => drop(self.file.set_len(self.length)),
        }
        written
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A file of lines cannot be used.
#[derive(Debug)]
pub enum LineError {
    /// Another process works with it.
    Busy,
    /// This line, from 1, is none of such a file.
    Malformed(usize),
    /// The file system says no.
    Io(io::Error),
}

impl From<io::Error> for LineError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_the_owners_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(
            fs::read_dir(dir.path()).unwrap().count(),
            1,
            "no temporary file is left"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                FILE_MODE
            );
        }
    }

    #[test]
    fn create_never_overwrites() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        create(&path, b"one").unwrap();
        assert_eq!(
            create(&path, b"two").unwrap_err().kind(),
            io::ErrorKind::AlreadyExists
        );
        assert_eq!(fs::read(&path).unwrap(), b"one");
    }

    #[test]
    fn a_lock_is_held_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("wallet");
        let held = Lock::take(&path).unwrap();
        assert_eq!(Lock::take(&path).err().unwrap().kind(), io::ErrorKind::WouldBlock);
        drop(held);
        Lock::take(&path).unwrap();
    }

    #[test]
    fn a_file_of_something_else_is_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("other");
        for text in ["no newline at the end", "a,b\n1,2", "{}\nlast"] {
            fs::write(&path, text).unwrap();
            let opened = LineFile::open(&path, |_, line| (line == b"{}").then_some(()));
            assert!(matches!(opened, Err(LineError::Malformed(_))), "{text}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn lines_come_back_and_one_that_was_cut_off_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lines");
        let read_all = || {
            let mut lines = Vec::new();
            let file = LineFile::open(&path, |number, line| {
                lines.push((number, line.to_vec()));
                Some(())
            });
            (file.unwrap(), lines)
        };
        let (mut file, lines) = read_all();
        assert!(lines.is_empty());
        file.append(&serde_json::json!({ "n": 1 })).unwrap();
        drop(file);
        let mut text = fs::read(&path).unwrap();
        text.extend(b"{\"n\":");
        fs::write(&path, text).unwrap();
        let (mut file, lines) = read_all();
        assert_eq!(lines, [(1, b"{\"n\":1}".to_vec())]);
        file.append(&serde_json::json!({ "n": 2 })).unwrap();
        drop(file);
        let (_file, lines) = read_all();
        assert_eq!(lines.last().unwrap(), &(2, b"{\"n\":2}".to_vec()));
    }
}
