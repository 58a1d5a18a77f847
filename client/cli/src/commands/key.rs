//! `ofage key`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ofage_sdk::{account::Account, key_file::Key};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    args::{account, ask, UnlockArgs},
    failure::{Failure, Kind, Status},
    files,
    output::Output,
};

/// Commands that keep signing keys.
#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a signing key in a sealed file.
    New(New),
    /// Show the account of a key file.
    Show(Show),
    /// Write the words of a key, to be kept on paper.
    Backup(Backup),
    /// Bring a key back from its words.
    Restore(Restore),
}

/// Makes a key.
#[derive(Args)]
#[command(after_help = "\
The file is an age file with the key's 24 words in it, encrypted with the passphrase. Nobody can restore a lost one:
write its words down with ofage key backup.

Example:
  ofage key new --out controller.key")]
pub(crate) struct New {
    /// Where to; a file that is there is never overwritten.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    unlock: UnlockArgs,
}

/// Shows an account.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage key show --key-file controller.key")]
pub(crate) struct Show {
    /// The key file.
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
    #[command(flatten)]
    unlock: UnlockArgs,
}

/// Writes the words.
#[derive(Args)]
#[command(after_help = "\
Whoever reads the words can sign as the account. Print them, or copy them by hand, put the paper into a safe, and delete
the file. Try the paper before you need it: ofage key restore --check.

Example:
  ofage key backup --key-file controller.key --out /media/stick/controller.txt")]
pub(crate) struct Backup {
    /// The key file.
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
    /// Where to; - is the terminal.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    unlock: UnlockArgs,
}

/// Brings a key back.
#[derive(Args)]
#[command(after_help = "\
The words are asked for, unless a file has them: a sheet of ofage key backup, or the words on one line.

Example:
  ofage key restore --out controller.key --account 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY
  ofage key restore --check --words-file controller.txt")]
pub(crate) struct Restore {
    /// Where to; a file that is there is never overwritten.
    #[arg(long, value_name = "FILE", required_unless_present = "check")]
    out: Option<PathBuf>,
    /// Only tell which account the words are for, and write nothing.
    #[arg(long, conflicts_with = "out")]
    check: bool,
    /// File with the words.
    #[arg(long, value_name = "FILE")]
    words_file: Option<PathBuf>,
    /// Fail unless the words are this account's.
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    account: Option<Account>,
    #[command(flatten)]
    unlock: UnlockArgs,
}

impl KeyCommand {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::New(command) => command.run(output),
            Self::Show(command) => command.run(output),
            Self::Backup(command) => command.run(output),
            Self::Restore(command) => command.run(output),
        }
    }
}

impl New {
    fn run(self, output: &Output) -> Result<Status, Failure> {
        refuse_existing(&self.out)?;
        let passphrase = self.unlock.choose(&self.out)?;
        let key = Key::generate().map_err(|error| Failure::new(Kind::Wallet, error.to_string()))?;
        {
            let _bar = output.talk.spinner("sealing the key");
            key.create(&self.out, &passphrase)?;
        }
        let (file, account) = (self.out.display().to_string(), key.account());
        output.result(&json!({ "key_file": file, "account": account }), || {
            format!("made {file}, the key of {account}; write its words down: ofage key backup --key-file {file} --out -")
        })?;
        Ok(Status::Yes)
    }
}

impl Show {
    fn run(self, output: &Output) -> Result<Status, Failure> {
        let account = self.unlock.open(&self.key_file)?.account();
        let public = format!("0x{}", hex::encode(account.0));
        output.result(&json!({ "account": account, "public_key": public }), || {
            account.to_string()
        })?;
        Ok(Status::Yes)
    }
}

impl Backup {
    fn run(self, output: &Output) -> Result<Status, Failure> {
        let key = self.unlock.open(&self.key_file)?;
        let sheet = key.backup();
        if files::is_dash(&self.out) {
            output.raw(sheet.as_bytes())?;
            return Ok(Status::Yes);
        }
        refuse_existing(&self.out)?;
        files::write(&self.out, sheet.as_bytes(), output)?;
        let (file, account) = (self.out.display().to_string(), key.account());
        output.result(&json!({ "backup": file, "account": account }), || {
            format!("wrote {file}, the words of {account}: print it, put it into a safe, delete the file")
        })?;
        Ok(Status::Yes)
    }
}

impl Restore {
    fn run(self, output: &Output) -> Result<Status, Failure> {
        if let Some(out) = &self.out {
            refuse_existing(out)?;
        }
        let words = match &self.words_file {
            Some(path) => {
                let bytes = Zeroizing::new(files::read(path)?);
                let text = std::str::from_utf8(&bytes)
                    .map_err(|_| Failure::input("the file with the words is not UTF-8 text"))?;
                Zeroizing::new(text.to_owned())
            }
            None => ask("The words, in their order, with spaces between them: ")?,
        };
        let key = Key::from_words(&words)?;
        let found = key.account();
        if let Some(wanted) = self.account.filter(|wanted| *wanted != found) {
            return Err(Failure::new(
                Kind::Wallet,
                format!("the words are those of {found}, not of {wanted}; take the other sheet"),
            ));
        }
        let Some(out) = &self.out else {
            output.result(&json!({ "account": found }), || {
                format!("these are the words of {found}")
            })?;
            return Ok(Status::Yes);
        };
        let passphrase = self.unlock.choose(out)?;
        {
            let _bar = output.talk.spinner("sealing the key");
            key.create(out, &passphrase)?;
        }
        let file = out.display().to_string();
        output.result(&json!({ "key_file": file, "account": found }), || {
            format!("made {file}, the key of {found}")
        })?;
        Ok(Status::Yes)
    }
}

/// Before a passphrase is asked for in vain.
fn refuse_existing(path: &std::path::Path) -> Result<(), Failure> {
    if !files::is_dash(path) && path.exists() {
        return Err(Failure::new(
            Kind::Wallet,
            format!(
                "{} exists; keys and their words never overwrite a file: name another",
                path.display()
            ),
        ));
    }
    Ok(())
}
