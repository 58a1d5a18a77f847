//! The `ofage` command against a real node: files, pipes, exit codes, and what it keeps to itself.

use std::fs;

use anyhow::{ensure, Context as _, Result};
use ofage_e2e::{Answer, Node, Ofage};
use serde_json::Value;

const PASSPHRASE: &str = "correct horse battery staple";
const WALLET: [&str; 4] = ["--wallet", "ann.age", "--passphrase-file", "passphrase"];

/// Runs with `--json`.
fn json<'a>(ofage: &Ofage, args: impl IntoIterator<Item = &'a str>) -> Result<Answer> {
    ofage.run(std::iter::once("--json").chain(args))
}

fn number(answer: &Answer, field: &str) -> Result<String> {
    let value = &answer.json()?[field];
    Ok(value
        .as_u64()
        .with_context(|| format!("no number '{field}' in {}", answer.stdout))?
        .to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_and_a_holder_talk_through_files() -> Result<()> {
    let mut node = Node::start()?;
    let ofage = Ofage::new(&node)?;
    fs::write(ofage.path("passphrase"), PASSPHRASE)?;
    let mut said = String::new();
    let mut keep = |answer: Answer| {
        said.push_str(&answer.stderr);
        answer
    };

    let answer = json(
        &ofage,
        ["issuer", "register", "--metadata", "Bank", "--dev-key", "Issuer1"],
    )?
    .expect(0)?;
    let issuer = number(&keep(answer), "issuer")?;
    // Registering again is refused by the chain, with a word on what to do.
    keep(
        json(
            &ofage,
            ["issuer", "register", "--metadata", "Bank", "--dev-key", "Issuer1"],
        )?
        .expect(4)?,
    );

    keep(json(&ofage, ["wallet", "new"].into_iter().chain(WALLET))?.expect(0)?);
    let request = keep(
        ofage
            .run(
                ["wallet", "request", "--issuer", &issuer]
                    .iter()
                    .copied()
                    .chain(WALLET),
            )?
            .expect(0)?,
    );
    fs::write(ofage.path("ann.json"), &request.stdout)?;

    // The CSV goes through a pipe, with bad rows in it.
    let csv = ofage.run([
        "dev",
        "sample-csv",
        "--issuer",
        &issuer,
        "--count",
        "30",
        "--bad",
        "10",
        "--holder",
        "ann.json:40",
    ])?;
    let csv = csv.expect(0)?.stdout;
    let attest = [
        "--json",
        "issuer",
        "attest",
        "--csv",
        "-",
        "--credentials",
        "out",
        "--register",
        "register",
        "--dev-key",
        "Issuer1",
    ];
    let refused = keep(ofage.run_with(attest, csv.as_bytes())?.expect(3)?);
    let report = refused.json()?;
    ensure!(
        report["attested"] == 0 && report["bad"].as_array().is_some_and(|bad| bad.len() == 10),
        "{report}"
    );
    ensure!(
        bad_lines(&report).iter().all(|line| (2..=42).contains(line)),
        "{report}"
    );
    let skipping = attest.iter().chain(&["--skip-bad"]).copied();
    let done = keep(ofage.run_with(skipping.clone(), csv.as_bytes())?.expect(0)?).json()?;
    ensure!(done["attested"] == 31 && done["rows"] == 41, "{done}");
    let again = keep(ofage.run_with(skipping, csv.as_bytes())?.expect(0)?).json()?;
    ensure!(again["attested"] == 0 && again["already"] == 31, "{again}");

    let credential = fs::read(ofage.path("out/ann.json")).context("no credential for ann")?;
    let import = ["--json", "wallet", "import", "-"].into_iter().chain(WALLET);
    let imported = keep(ofage.run_with(import.clone(), &credential)?.expect(0)?);
    ensure!(imported.json()?["checked"] == "chain");
    // The same credential again, another person's, and none at all.
    let twice = keep(ofage.run_with(import.clone(), &credential)?);
    ensure!(twice.code != 0, "a credential was taken twice");
    let strangers =
        fs::read(ofage.path("out/customer-000001.json")).context("no credential for a stranger")?;
    ensure!(
        keep(ofage.run_with(import.clone(), &strangers)?).code != 0,
        "a stranger's credential was taken"
    );
    keep(ofage.run_with(import, b"{}")?.expect(3)?);

    secrets_stay(&node, &said, &csv, &credential)?;
    another_attester(&ofage)?;
    wrong_arguments(&ofage)?;
    node.assert_alive()
}

fn bad_lines(report: &Value) -> Vec<u64> {
    let rows = report["bad"].as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter().filter_map(|row| row["line"].as_u64()).collect()
}

/// Neither the node's log nor the command's talk has a passphrase, a birth date, a commitment or a salt in it.
fn secrets_stay(node: &Node, said: &str, csv: &str, credential: &[u8]) -> Result<()> {
    let log = node.log();
    let credential: Value = serde_json::from_slice(credential)?;
    let mut secrets = vec![PASSPHRASE.to_owned()];
    for row in csv
        .lines()
        .skip(1)
        .filter(|row| row.starts_with("customer") || row.starts_with("ann"))
    {
        let mut cells = row.split(',').skip(1);
        secrets.extend(
            cells
                .next()
                .map(|identity| identity.trim_start_matches("0x").to_owned()),
        );
    }
    let ann = csv
        .lines()
        .find(|row| row.starts_with("ann,"))
        .context("ann has no row")?;
    secrets.extend(ann.split(',').nth(2).map(str::to_owned));
    let salt = credential["salt"]
        .as_str()
        .context("a credential without a salt")?;
    secrets.push(salt.trim_start_matches("0x").to_owned());
    for secret in secrets {
        ensure!(!log.contains(&secret), "the node's log has {secret} in it");
        ensure!(!said.contains(&secret), "the command said {secret}");
    }
    Ok(())
}

/// A key that the controller named attests nothing before it agrees.
fn another_attester(ofage: &Ofage) -> Result<()> {
    let register = [
        "issuer",
        "register",
        "--metadata",
        "School",
        "--attester",
        "dev:Issuer3",
        "--dev-key",
        "Issuer2",
    ];
    let registered = json(ofage, register)?.expect(0)?;
    let issuer = number(&registered, "issuer")?;
    registered.says("issuer accept")?;
    let csv = ofage
        .ok(["dev", "sample-csv", "--issuer", &issuer, "--count", "3"])?
        .stdout;
    let attest = [
        "issuer",
        "attest",
        "--csv",
        "-",
        "--credentials",
        "pupils",
        "--register",
        "pupils.register",
        "--dev-key",
        "Issuer3",
        "--dry-run",
    ];
    ofage
        .run_with(attest, csv.as_bytes())?
        .expect(5)?
        .says("issuer accept")?;
    let accept = ["issuer", "accept", "--issuer", &issuer, "--dev-key", "Issuer3"];
    ofage.ok(accept)?;
    ofage
        .run_with(attest, csv.as_bytes())?
        .expect(0)?
        .says("3 rows to attest")?;
    // Once is enough, and nobody else can.
    ofage.run(accept)?.expect(4)?;
    let stranger = ["issuer", "accept", "--issuer", &issuer, "--dev-key", "Ferdie"];
    ofage.run(stranger)?.expect(4)?.says("AgeRegistry::NotNamed")?;
    Ok(())
}

fn wrong_arguments(ofage: &Ofage) -> Result<()> {
    ofage.run(["no-such-command"])?.expect(2)?;
    ofage
        .run([
            "gate",
            "create",
            "--name",
            "x",
            "--list",
            "0",
            "--over",
            "300",
            "--dev-key",
            "App",
        ])?
        .expect(2)?;
    ofage
        .run([
            "issuer",
            "attest",
            "--csv",
            "missing.csv",
            "--credentials",
            "x",
            "--register",
            "y",
            "--dev-key",
            "Issuer1",
        ])?
        .expect(3)?;
    // More than the chain takes.
    let name = "n".repeat(65);
    ofage
        .run(["list", "create", "--name", &name, "--dev-key", "Curator"])?
        .expect(2)?
        .says("64")?;
    // A gate and a list that are not there, a key that is none, and nobody at the other end.
    ofage
        .run(["verify", "ann.json", "--gate", "7", "--account", "dev:Bob"])?
        .expect(1)?;
    ensure!(ofage
        .run([
            "list",
            "add",
            "--list",
            "7",
            "--issuer",
            "0",
            "--dev-key",
            "Curator"
        ])?
        .expect(4)?
        .stdout
        .is_empty());
    fs::write(ofage.path("key"), "not a key")?;
    ofage
        .run(["issuer", "consent", "--list", "0", "--key-file", "key"])?
        .expect(5)?;
    fs::write(ofage.path("wrong"), "another passphrase altogether")?;
    ofage
        .run([
            "wallet",
            "list",
            "--wallet",
            "ann.age",
            "--passphrase-file",
            "wrong",
        ])?
        .expect(5)?;
    ofage
        .run(["--node", "ws://127.0.0.1:1", "chain", "status"])?
        .expect(4)?
        .says("--node")?;
    Ok(())
}
