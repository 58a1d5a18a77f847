//! The command tree's root, and the options that several commands share.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use clap::{Args, Parser};
use ofage_sdk::{
    account::{Account, Signer},
    chain::{Chain, DEFAULT_NODE},
    key_file::{Key, KeyFile},
    light::Oldest,
    sealed::Passphrase,
    wallet::Wallet,
};
use zeroize::Zeroizing;

use crate::{
    commands::Command,
    failure::{Failure, Kind},
    files,
    output::Output,
};

const EXIT_CODES: &str = "\
Exit codes:
  0   done, or yes
  1   no: the proof is refused, cannot be made, the gate does not admit, or a motion was not carried
  2   the arguments are wrong
  3   a file or its content is wrong
  4   the node cannot be reached, or the chain refused a call
  5   a wallet, key or passphrase is wrong
  70  a fault of this program

Results go to stdout (as JSON with --json), talk and progress to stderr. A file named - is stdin or stdout.

Example:
  ofage chain status --json";

/// Attest ages, hold them privately, prove them, and check such proofs.
#[derive(Parser)]
#[command(name = "ofage", version, after_help = EXIT_CODES, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Args, Clone)]
pub(crate) struct Global {
    /// Node to ask, ws:// on this machine or wss:// elsewhere.
    #[arg(long, global = true, env = "OFAGE_NODE", default_value = DEFAULT_NODE, value_name = "URL")]
    pub(crate) node: String,
    /// Print the result as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say nothing but results and errors.
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
}

impl Global {
    pub(crate) async fn connect(&self) -> Result<Chain, Failure> {
        Ok(Chain::connect(&self.node).await?)
    }
}

/// The key that signs.
#[derive(Args)]
pub(crate) struct KeyArgs {
    #[command(flatten)]
    which: WhichKey,
    #[command(flatten)]
    unlock: UnlockArgs,
    /// Once it is open: nobody is asked twice, and a pipe is read once.
    #[arg(skip)]
    opened: OnceLock<Signer>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct WhichKey {
    /// File with the signing key: a sealed one (ofage key new), or a mnemonic, a 0x seed or a //path on its first line.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Published key of a development chain, such as Alice or Issuer1.
    #[arg(long, value_name = "NAME")]
    dev_key: Option<String>,
}

impl KeyArgs {
    pub(crate) fn signer(&self) -> Result<Signer, Failure> {
        if let Some(signer) = self.opened.get() {
            return Ok(signer.clone());
        }
        let signer = match (&self.which.key_file, &self.which.dev_key) {
            (Some(path), _) => self.unlock.open(path)?.signer().clone(),
            (None, Some(name)) => Signer::dev(name)?,
            (None, None) => {
                return Err(Failure::usage(
                    "name the signing key with --key-file or --dev-key",
                ))
            }
        };
        Ok(self.opened.get_or_init(|| signer).clone())
    }
}

/// What opens a sealed key file.
#[derive(Args)]
pub(crate) struct UnlockArgs {
    /// File with the passphrase of a sealed key on its first line; it is asked for when this is absent.
    #[arg(long, env = "OFAGE_KEY_PASSPHRASE_FILE", value_name = "FILE")]
    key_passphrase_file: Option<PathBuf>,
}

impl UnlockArgs {
    pub(crate) fn open(&self, path: &Path) -> Result<Key, Failure> {
        match KeyFile::read(path)? {
            KeyFile::Plain(key) => Ok(*key),
            KeyFile::Sealed(sealed) => {
                let prompt = format!("Passphrase of {}: ", path.display());
                Ok(sealed.open(&passphrase(self.key_passphrase_file.as_deref(), &prompt, false)?)?)
            }
        }
    }

    /// A passphrase for a file that is about to be made.
    pub(crate) fn choose(&self, path: &Path) -> Result<Passphrase, Failure> {
        let prompt = format!("Passphrase for {}: ", path.display());
        passphrase(self.key_passphrase_file.as_deref(), &prompt, true)
    }
}

/// The wallet, and what opens it.
#[derive(Args)]
pub(crate) struct WalletArgs {
    /// Wallet file.
    #[arg(
        long,
        env = "OFAGE_WALLET",
        default_value = "ofage-wallet.age",
        value_name = "FILE"
    )]
    pub(crate) wallet: PathBuf,
    /// File with the passphrase on its first line; it is asked for when this is absent.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl WalletArgs {
    pub(crate) fn open(&self, output: &Output) -> Result<Wallet, Failure> {
        let passphrase = self.passphrase(false)?;
        let _bar = output.talk.spinner("opening the wallet");
        Ok(Wallet::open(&self.wallet, passphrase)?)
    }

    pub(crate) fn create(&self, decoys: u8, output: &Output) -> Result<Wallet, Failure> {
        let passphrase = self.passphrase(true)?;
        let _bar = output.talk.spinner("making the wallet");
        Ok(Wallet::create_with_decoys(&self.wallet, passphrase, decoys)?)
    }

    fn passphrase(&self, new: bool) -> Result<Passphrase, Failure> {
        passphrase(self.passphrase_file.as_deref(), "Passphrase: ", new)
    }
}

/// A passphrase from the first line of a file, or from the terminal; a `new` one is asked for twice.
fn passphrase(file: Option<&Path>, prompt: &str, new: bool) -> Result<Passphrase, Failure> {
    let text = match file {
        Some(path) => {
            let bytes = Zeroizing::new(files::read(path).map_err(|f| Failure::new(Kind::Wallet, f.message))?);
            let text = std::str::from_utf8(&bytes)
                .map_err(|_| Failure::new(Kind::Wallet, "the passphrase file is not UTF-8 text"))?;
            Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
        }
        None => {
            let text = ask(prompt)?;
            if new && *ask("The same again: ")? != *text {
                return Err(Failure::new(
                    Kind::Wallet,
                    "the two passphrases differ; start again",
                ));
            }
            text
        }
    };
    Ok(Passphrase::new(text)?)
}

/// Asks for a secret on the terminal.
pub(crate) fn ask(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let text = rpassword::prompt_password(prompt).map_err(|_| {
        Failure::new(
            Kind::Wallet,
            "no terminal to ask for the secret on; give it in a file (see --help)",
        )
    })?;
    Ok(Zeroizing::new(text))
}

/// Reads an account argument.
pub(crate) fn account(text: &str) -> Result<Account, String> {
    text.parse()
        .map_err(|error: ofage_sdk::account::AccountError| error.to_string())
}

/// Reads an amount argument.
pub(crate) fn amount(text: &str) -> Result<u128, String> {
    ofage_sdk::amount::parse(text).map_err(|error| error.to_string())
}

/// Reads a length of time, in seconds.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(Oldest::Seconds(seconds)) => Ok(seconds),
        _ => Err("give a time such as 90s, 30m, 2h or 1d".into()),
    }
}
