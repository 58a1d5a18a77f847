//! A backlog, attested while everything is killed at random moments: every row exactly once.

use std::{collections::HashSet, fs, process::Stdio, time::Duration};

use anyhow::{ensure, Context as _, Result};
use ofage_e2e::{postgres::Postgres, Node, Ofage};
use serde_json::Value;

/// Rows, in batches of [`BATCH`].
const ROWS: u32 = 3_000;
const BATCH: &str = "256";
const PASSPHRASE: &str = "correct horse battery staple";

fn attest<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec![
        "--json",
        "issuer",
        "attest",
        "--register",
        "register",
        "--credentials",
        "out.jsonl",
        "--batch",
        BATCH,
        "--dev-key",
        "Issuer1",
    ];
    all.extend(more);
    all
}

fn attestations(ofage: &Ofage) -> Result<u64> {
    let status = ofage
        .ok(["--json", "issuer", "status", "--issuer", "0"])?
        .json()?;
    // A list, of one issuer here.
    let one = status.get(0).unwrap_or(&status);
    one["attestations"].as_u64().context("no number of attestations")
}

/// The references of all credentials that were written, and their attestations.
fn written(ofage: &Ofage) -> Result<(HashSet<String>, HashSet<String>)> {
    let text = fs::read_to_string(ofage.path("out.jsonl"))?;
    let mut found = (HashSet::new(), HashSet::new());
    for line in text.lines() {
        // A line that a kill cut off is followed by the whole one.
        let Ok(line) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let name = line["reference"].as_str().context("no reference")?;
        let leaf = line["credential"]["attestation"]
            .as_str()
            .context("no attestation")?;
        found.0.insert(name.to_owned());
        found.1.insert(leaf.to_owned());
    }
    Ok(found)
}

fn bank(node: &Node) -> Result<Ofage> {
    let ofage = Ofage::new(node)?;
    fs::write(ofage.path("passphrase"), PASSPHRASE)?;
    ofage.ok(["issuer", "register", "--metadata", "Bank", "--dev-key", "Issuer1"])?;
    Ok(ofage)
}

fn people(ofage: &Ofage, count: u32) -> Result<()> {
    let count = count.to_string();
    let csv = ofage.ok(["dev", "sample-csv", "--issuer", "0", "--count", &count])?;
    fs::write(ofage.path("people.csv"), csv.stdout)?;
    Ok(())
}

/// A random number of milliseconds below `most`.
fn moment(most: u64) -> Result<Duration> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(Duration::from_millis(u64::from_le_bytes(bytes) % most))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_attested_exactly_once_whatever_is_killed() -> Result<()> {
    let mut node = Node::start()?;
    let mut ofage = bank(&node)?;
    people(&ofage, ROWS)?;
    let command = attest(&["--csv", "people.csv"]);
    let mut kills = 0;
    for round in 0..12 {
        let mut child = ofage
            .command(&command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // The length of the wait is the point here, and decides nothing.
        tokio::time::sleep(moment(9_000)?).await;
        if round == 5 {
            node.restart()?;
            ofage.talk_to(&node);
        }
        if child.try_wait()?.is_none() {
            kills += 1;
        }
        child.kill()?;
        child.wait()?;
    }
    ensure!(kills > 0, "every run had ended before it was killed");
    ofage.ok(&command)?;
    ensure!(
        attestations(&ofage)? == u64::from(ROWS),
        "the chain has {} attestations",
        attestations(&ofage)?
    );
    let (names, leaves) = written(&ofage)?;
    ensure!(
        (names.len(), leaves.len()) == (ROWS as usize, ROWS as usize),
        "{} people and {} attestations were handed out",
        names.len(),
        leaves.len()
    );
    let again = ofage.ok(&command)?.json()?;
    ensure!(again["attested"] == 0 && again["already"] == ROWS, "{again}");
    node.assert_alive()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_come_from_a_database_and_from_json_lines() -> Result<()> {
    let node = Node::start()?;
    let ofage = bank(&node)?;
    let wallet = ["--wallet", "ann.age", "--passphrase-file", "passphrase"];
    ofage.ok(["wallet", "new"].iter().chain(&wallet))?;
    let request = |reference: &str| -> Result<Value> {
        let request = ["wallet", "request", "--issuer", "0", "--reference", reference];
        ofage.ok(request.iter().chain(&wallet))?.json()
    };
    let ann = request("17")?;
    let (identity, ownership) = (&ann["identity"], &ann["ownership"]);

    let database = Postgres::start()?;
    database.run(&format!(
        "CREATE TABLE customers (id integer, commitment text, proof text, born date, checked date);
         INSERT INTO customers VALUES (17, '{}', '{}', '1990-05-06', '2026-01-01'), (18, 'none', NULL, NULL, NULL);",
        identity.as_str().context("no commitment")?,
        ownership.as_str().context("no proof")?,
    ))?;
    fs::write(ofage.path("connection"), database.connection())?;
    let query = |which: &str| {
        format!(
            "SELECT id AS reference, commitment AS identity, proof AS ownership, born AS date_of_birth,
               checked AS checked_on, checked AS enrolled_on, date '2030-01-01' AS expires_on,
               'verified' AS assurance, 'bank' AS flags FROM customers WHERE {which} ORDER BY id;"
        )
    };
    let all = query("true");
    let from = |query: &str, more: &[&str]| -> Result<_> {
        let source = [
            "--postgres",
            "connection",
            "--query",
            query,
            "--require-ownership",
        ];
        let arguments: Vec<&str> = source.iter().chain(more).copied().collect();
        ofage.run(attest(&arguments))
    };
    let bad = from(&all, &[])?.expect(3)?.json()?;
    ensure!(bad["attested"] == 0 && bad["bad"][0]["line"] == 2, "{bad}");
    let done = from(&all, &["--skip-bad"])?.expect(0)?.json()?;
    ensure!(done["attested"] == 1, "{done}");
    // Nothing can be changed by the query, and the database's own words are told.
    from("DELETE FROM customers RETURNING 1", &[])?.expect(3)?;
    from("SELECT 1 FROM nowhere", &[])?.expect(3)?.says("nowhere")?;
    ensure!(database.run("SELECT count(*) FROM customers;")?.contains('2'));

    // Another's commitment under this reference, though its proof is good: it is for another reference.
    let row = |request: &Value, reference: &str| {
        serde_json::json!({
            "reference": reference, "identity": request["identity"], "ownership": request["ownership"],
            "date_of_birth": "1990-05-06", "checked_on": "2026-05-01", "enrolled_on": "2026-05-01",
            "expires_on": "2030-01-01", "assurance": "verified", "flags": "bank",
        })
        .to_string()
    };
    fs::write(ofage.path("rows.jsonl"), row(&ann, "19"))?;
    ofage
        .run(attest(&["--jsonl", "rows.jsonl"]))?
        .expect(3)?
        .says("ownership")?;

    // A new wallet of the same customer: the new commitment replaces the old one, which ends.
    let other = ["--wallet", "new.age", "--passphrase-file", "passphrase"];
    ofage.ok(["wallet", "new"].iter().chain(&other))?;
    let fresh = ["wallet", "request", "--issuer", "0", "--reference", "17"];
    let fresh = ofage.ok(fresh.iter().chain(&other))?.json()?;
    fs::write(ofage.path("rows.jsonl"), row(&fresh, "17"))?;
    ofage
        .run(attest(&["--jsonl", "rows.jsonl"]))?
        .expect(3)?
        .says("before")?;
    let done = ofage
        .ok(attest(&["--jsonl", "rows.jsonl", "--reissue"]))?
        .json()?;
    ensure!(done["attested"] == 1 && done["replaced"] == 1, "{done}");
    let lines = fs::read_to_string(ofage.path("out.jsonl"))?;
    let last: Value = serde_json::from_str(lines.lines().last().context("no credential")?)?;
    ensure!(
        last["credential"]["attributes"]["checked_on"] == "2026-01-01",
        "the day of the check stays: {}",
        last["credential"]["attributes"]
    );
    let first: Value = serde_json::from_str(lines.lines().next().context("no credential")?)?;
    fs::write(ofage.path("first.json"), first["credential"].to_string())?;
    let import = ["wallet", "import", "first.json"];
    ofage
        .run(import.iter().chain(&wallet))?
        .expect(3)?
        .says("revoked")?;

    // Forgetting leaves what a revocation needs.
    let forget = [
        "issuer",
        "forget",
        "--register",
        "register",
        "--issuer",
        "0",
        "--reference",
        "17",
    ];
    ofage.ok(forget)?;
    let identity = fresh["identity"].as_str().context("no commitment")?;
    let bytes = hex::decode(identity.trim_start_matches("0x"))?;
    let register = fs::read(ofage.path("register"))?;
    ensure!(
        !register.windows(bytes.len()).any(|window| window == bytes),
        "the commitment is still in the register"
    );
    let revoke = [
        "issuer",
        "revoke",
        "--register",
        "register",
        "--reference",
        "17",
        "--dev-key",
        "Issuer1",
    ];
    ofage.ok(revoke)?.says("1 attestations revoked")?;
    Ok(())
}
