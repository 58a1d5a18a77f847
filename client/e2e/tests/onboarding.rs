//! The onboarding scripts, as a new issuer runs them, and each of them twice.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use anyhow::{ensure, Context as _, Result};
use ofage_e2e::{binaries, Node, Ofage};
use serde_json::Value;

/// What the keys are sealed with.
const CONTROLLER_WORDS: &str = "correct horse battery staple";
const ATTESTER_WORDS: &str = "another horse, another staple";

/// An issuer's engineer, a folder, and a chain.
struct Issuer {
    folder: PathBuf,
    ofage: Ofage,
    node: Node,
}

impl Issuer {
    fn new() -> Result<Self> {
        let node = Node::start()?;
        let ofage = Ofage::new(&node)?;
        fs::write(ofage.path("controller.words"), CONTROLLER_WORDS)?;
        fs::write(ofage.path("attester.words"), ATTESTER_WORDS)?;
        fs::create_dir(ofage.path("stick"))?;
        Ok(Self {
            // A name that has to be quoted.
            folder: ofage.path("Ann's issuer *"),
            ofage,
            node,
        })
    }

    fn run(&self, script: &str, args: &[&str]) -> Result<Output> {
        self.run_with(&binaries::ofage()?, script, args)
    }

    /// Runs a script that calls another command.
    fn run_with(&self, command: &Path, script: &str, args: &[&str]) -> Result<Output> {
        let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../scripts/onboarding", script]
            .iter()
            .collect();
        Command::new(path)
            .arg("--yes")
            .args(["--dir".as_ref(), self.folder.as_os_str()])
            .args(["--node", &self.node.url()])
            .args([
                "--controller-passphrase-file".as_ref(),
                self.ofage.path("controller.words").as_os_str(),
            ])
            .args([
                "--attester-passphrase-file".as_ref(),
                self.ofage.path("attester.words").as_os_str(),
            ])
            .args(args)
            .env("OFAGE_BIN", command)
            .current_dir(self.ofage.path(""))
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot run {script}"))
    }

    /// Runs a script, and demands success; gives what it said.
    fn ok(&self, script: &str, args: &[&str]) -> Result<String> {
        let output = self.run(script, args)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(
            output.status.success(),
            "{script} {args:?} ended with {}\n{said}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stdout)
        );
        Ok(said)
    }

    /// Runs a script dry, for real and once more: the first changes nothing, and neither does the last.
    fn step(&self, script: &str, args: &[&str]) -> Result<()> {
        let before = self.state()?;
        let dry: Vec<&str> = args.iter().copied().chain(["--dry-run"]).collect();
        self.ok(script, &dry)?;
        ensure!(self.state()? == before, "a dry run of {script} changed something");
        self.ok(script, args)?;
        let after = self.state()?;
        ensure!(after != before, "{script} did nothing");
        self.ok(script, args)?;
        ensure!(self.state()? == after, "{script} did something twice");
        Ok(())
    }

    /// Takes a line out of the settings, as if the script had been killed before it wrote that.
    fn lose(&self, name: &str) -> Result<()> {
        self.setting(name)?;
        let rest: String = self
            .settings()
            .lines()
            .filter(|line| !line.starts_with(&format!("{name}=")))
            .map(|line| format!("{line}\n"))
            .collect();
        Ok(fs::write(self.folder.join("settings"), rest)?)
    }

    /// The files of the folder but the log, and what the chain says of the issuers and their money.
    fn state(&self) -> Result<String> {
        let mut files = Vec::new();
        list(&self.folder, &mut files)?;
        files.sort();
        let chain = self.ofage.ok(["--json", "issuer", "status"])?.stdout;
        let mut money = String::new();
        for name in ["controller", "attester"] {
            if let Ok(account) = self.setting(name) {
                money += &self.ofage.ok(["account", "show", "--account", &account])?.stdout;
            }
        }
        Ok(format!("{files:?}\n{}\n{chain}\n{money}", self.settings()))
    }

    fn settings(&self) -> String {
        fs::read_to_string(self.folder.join("settings")).unwrap_or_default()
    }

    fn setting(&self, name: &str) -> Result<String> {
        self.settings()
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}=")).map(str::to_owned))
            .with_context(|| format!("no setting {name}"))
    }

    fn status(&self) -> Result<Value> {
        let all = self
            .ofage
            .ok(["--json", "issuer", "status", "--issuer", "0"])?
            .json()?;
        Ok(all[0].clone())
    }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if !path.ends_with("onboarding.log") {
            files.push(path);
        }
    }
    Ok(())
}

#[test]
fn an_issuer_is_set_up_rotates_and_retires() -> Result<()> {
    let issuer = Issuer::new()?;
    let ofage = &issuer.ofage;

    issuer.step("01-keys", &["--backup-to", "stick"])?;
    let words = fs::read_to_string(ofage.path("stick/controller-words.txt"))?;
    ensure!(
        words.contains(&issuer.setting("controller")?),
        "the sheet is of another key"
    );
    for key in ["controller", "attester"] {
        let sealed = fs::read_to_string(issuer.folder.join(format!("keys/{key}.key")))?;
        ensure!(sealed.contains("AGE ENCRYPTED"), "the {key}'s key is not sealed");
    }

    // Without money, it says how much is missing and where to, and does nothing.
    let poor = issuer.run("02-register", &["--name", "First Bank"])?;
    let said = String::from_utf8_lossy(&poor.stderr).into_owned();
    ensure!(
        !poor.status.success() && said.contains(&issuer.setting("controller")?),
        "{said}"
    );
    // Without a node, it does not say that money is missing.
    let lost = issuer.run("02-register", &["--node", "ws://127.0.0.1:1"])?;
    let said = String::from_utf8_lossy(&lost.stderr).into_owned();
    ensure!(!lost.status.success() && !said.contains("paid"), "{said}");

    issuer.step("02-register", &["--name", "First Bank", "--dev-funds", "Alice"])?;
    issuer.lose("issuer")?;
    issuer.ok("02-register", &["--name", "First Bank"])?;
    let status = issuer.status()?;
    ensure!(
        status["controller"] == issuer.setting("controller")?.as_str(),
        "{status}"
    );
    ensure!(
        status["attester"] == issuer.setting("attester")?.as_str(),
        "{status}"
    );

    issuer.step(
        "03-profile",
        &[
            "--name",
            "First Bank",
            "--jurisdiction",
            "EE",
            "--contact",
            "age@first-bank.example",
            "--method",
            "verified:document+bank:Passport or identity card, checked at account opening",
            // Nothing listens there, so that nothing is fetched.
            "--url",
            "http://127.0.0.1:1/.well-known/ofage-issuer.json",
        ],
    )?;
    // A document that was changed is not the issuer's.
    let signed = fs::read_to_string(issuer.folder.join("ofage-issuer.json"))?;
    fs::write(
        ofage.path("altered.json"),
        signed.replace("First Bank", "Fast Bank"),
    )?;
    let check = ["issuer", "profile", "check", "--issuer", "0", "--file"];
    ofage
        .run(check.iter().chain(&["altered.json"]))?
        .expect(1)?
        .says("not signed by")?;

    ofage.ok(["list", "create", "--name", "Papers", "--dev-key", "Curator"])?;
    issuer.step("04-trust-list", &["--list", "0"])?;
    issuer.lose("agreed_to_list_0")?;
    issuer.ok("04-trust-list", &["--list", "0"])?;
    issuer.setting("agreed_to_list_0")?;
    ofage.ok([
        "list",
        "add",
        "--list",
        "0",
        "--issuer",
        "0",
        "--dev-key",
        "Curator",
    ])?;
    let listed = issuer.ok("04-trust-list", &["--list", "0"])?;
    ensure!(listed.contains("issuer 0 is on it"), "{listed}");

    let old = issuer.setting("attester")?;
    issuer.ok("rotate", &["--dev-funds", "Alice"])?;
    let new = issuer.setting("attester")?;
    ensure!(
        old != new && issuer.status()?["attester"] == new.as_str(),
        "not rotated"
    );
    ensure!(
        issuer
            .folder
            .join(format!("keys/old/attester-{old}.key"))
            .is_file(),
        "the old key is gone"
    );
    // Each rotation makes another key.
    issuer.ok("rotate", &["--dev-funds", "Alice"])?;
    ensure!(issuer.setting("attester")? != new, "not rotated again");

    issuer.step("retire", &[])?;
    let early = issuer.ok("retire", &[])?;
    ensure!(early.contains("the bond is held"), "{early}");

    nothing_secret_is_logged(&issuer, &words)
}

/// People in the backlog, and rows that a thief makes with the stolen key.
const PEOPLE: u64 = 12;
const FOREIGN: u64 = 3;

#[test]
fn a_backlog_is_attested_once_and_a_theft_is_undone() -> Result<()> {
    let issuer = Issuer::new()?;
    let ofage = &issuer.ofage;
    issuer.ok("01-keys", &["--backup-to", "stick"])?;
    issuer.ok("02-register", &["--dev-funds", "Alice"])?;
    let sample = |count: &str, out: &str| {
        ofage.ok([
            "dev",
            "sample-csv",
            "--issuer",
            "0",
            "--count",
            count,
            "--out",
            out,
        ])
    };

    // One bad row, and nothing is attested.
    sample(&PEOPLE.to_string(), "people.csv")?;
    let good = fs::read_to_string(ofage.path("people.csv"))?;
    fs::write(ofage.path("faulty.csv"), format!("{good}no,such,row\n"))?;
    let faulty = issuer.run("05-backlog", &["--csv", "faulty.csv"])?;
    ensure!(faulty.status.code() == Some(3), "{faulty:?}");
    ensure!(
        issuer.status()?["attestations"] == 0,
        "a faulty file was attested"
    );
    // What is read twice cannot be a stream, and a query may name a customer.
    let stream = issuer.run("05-backlog", &["--csv", "-"])?;
    ensure!(
        String::from_utf8_lossy(&stream.stderr).contains("twice"),
        "{stream:?}"
    );
    fs::write(ofage.path("connection"), "host=/nowhere user=nobody")?;
    issuer.run(
        "05-backlog",
        &["--postgres", "connection", "--query", "SELECT 'ann'"],
    )?;
    issuer.step("05-backlog", &["--csv", "people.csv"])?;
    ensure!(
        issuer.status()?["attestations"] == PEOPLE,
        "not all, or some twice"
    );
    let credentials = fs::read_dir(issuer.folder.join("credentials"))?.count() as u64;
    ensure!(credentials == PEOPLE, "{credentials} credentials");

    let leaver = good
        .lines()
        .nth(1)
        .and_then(|line| line.split(',').next())
        .context("no people")?;
    issuer.ok("revoke", &["--reference", leaver])?;
    let again = issuer.ok("revoke", &["--reference", leaver])?;
    ensure!(again.contains("revoked now: 0; revoked before: 1"), "{again}");
    let log = fs::read_to_string(issuer.folder.join("onboarding.log"))?;
    ensure!(
        !log.contains(leaver) && !log.contains("ann"),
        "the log names a customer"
    );

    // Nothing is foreign so far.
    let register = issuer.folder.join("issuer.register");
    let register = register.to_str().context("a path that is no text")?;
    let audit = [
        "--json",
        "issuer",
        "audit",
        "--issuer",
        "0",
        "--register",
        register,
    ];
    ofage.ok(audit)?;

    // The thief has the attesting key and its passphrase, and attests friends.
    let before = ofage.ok(["--json", "chain", "status"])?.json()?["finalized"].to_string();
    sample(&FOREIGN.to_string(), "friends.csv")?;
    let stolen = ofage.path("stolen.key");
    fs::copy(issuer.folder.join("keys/attester.key"), &stolen)?;
    let theft = [
        "issuer",
        "attest",
        "--csv",
        "friends.csv",
        "--credentials",
        "friends",
        "--register",
        "thief.register",
        "--key-file",
        "stolen.key",
        "--key-passphrase-file",
        "attester.words",
    ];
    ofage.ok(theft)?;
    ensure!(issuer.status()?["attestations"] == PEOPLE + FOREIGN, "no theft");

    let funds = ["--since-block", &before, "--dev-funds", "Alice"];
    let dry: Vec<&str> = funds.iter().copied().chain(["--dry-run"]).collect();
    let untouched = issuer.state()?;
    issuer.ok("compromise", &dry)?;
    ensure!(
        issuer.state()? == untouched,
        "a dry run of the drill changed something"
    );
    issuer.ok("compromise", &funds)?;
    let after = issuer.state()?;
    issuer.ok("compromise", &funds)?;
    ensure!(issuer.state()? == after, "the drill did something twice");
    // A node that is gone in the middle is not taken for one that says that there is nothing to revoke.
    let deaf = ofage.path("deaf");
    let command = binaries::ofage()?;
    fs::write(
        &deaf,
        format!(
            "#!/bin/bash\n[[ $* == *status* ]] && exit 4\nexec '{}' \"$@\"\n",
            command.display()
        ),
    )?;
    fs::set_permissions(&deaf, fs::Permissions::from_mode(0o700))?;
    let lost = issuer.run_with(&deaf, "compromise", &funds)?;
    ensure!(lost.status.code() == Some(4), "{lost:?}");
    ensure!(
        issuer.status()?["shards"][0]["revoked"] == true,
        "the shard counts"
    );
    // The key is worth nothing any more.
    ofage.run(theft)?.expect(5)?;

    let found = ofage.run(audit)?.expect(1)?.json()?;
    ensure!(found["foreign"] == FOREIGN, "{found}");
    issuer.ok("compromise", &["--examine"])?;
    let found = ofage.ok(audit)?.json()?;
    ensure!(found["shards"][0]["known"] == PEOPLE - 1, "{found}");
    issuer.ok("compromise", &["--restore", "0"])?;
    ensure!(
        issuer.status()?["shards"][0]["revoked"] == false,
        "the shard is not restored"
    );

    // Life goes on with the new key.
    sample(&(PEOPLE + 1).to_string(), "more.csv")?;
    fs::write(
        ofage.path("one.csv"),
        only_last(&fs::read_to_string(ofage.path("more.csv"))?)?,
    )?;
    issuer.ok("05-backlog", &["--csv", "one.csv"])?;
    ensure!(
        issuer.status()?["attestations"] == PEOPLE + FOREIGN + 1,
        "the new key does not attest"
    );
    Ok(())
}

/// The first line of a file, and the last.
fn only_last(csv: &str) -> Result<String> {
    let header = csv.lines().next().context("no header")?;
    let last = csv.lines().last().context("no rows")?;
    Ok(format!("{header}\n{last}\n"))
}

/// Neither passphrases nor words of a key, which are unlikely to be in the log by chance in their order.
fn nothing_secret_is_logged(issuer: &Issuer, sheet: &str) -> Result<()> {
    let log = fs::read_to_string(issuer.folder.join("onboarding.log"))?;
    ensure!(log.contains("registered"), "the log says too little:\n{log}");
    let words: Vec<&str> = sheet
        .lines()
        .filter_map(|line| line.trim().split_once(". ").map(|(_, word)| word))
        .collect();
    ensure!(words.len() == 24, "the sheet has {} words", words.len());
    let secrets = [CONTROLLER_WORDS, ATTESTER_WORDS, &words[..3].join(" ")].map(str::to_owned);
    for secret in secrets {
        ensure!(!log.contains(&secret), "a secret is in the log");
    }
    Ok(())
}

#[test]
fn every_script_explains_itself() -> Result<()> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../scripts/onboarding"]
        .iter()
        .collect();
    let mut scripts = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some() {
            continue;
        }
        let help = Command::new(&path)
            .arg("--help")
            .env("OFAGE_BIN", binaries::ofage()?)
            .output()?;
        let text = String::from_utf8_lossy(&help.stdout).into_owned();
        ensure!(
            help.status.success() && text.contains("usage:") && text.contains("--dry-run"),
            "{}",
            path.display()
        );
        scripts += 1;
    }
    ensure!(scripts >= 6, "{scripts} scripts");
    Ok(())
}
