//! `ofage issuer offer`.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::PathBuf,
};

use clap::Args;
use ofage_sdk::issuer::intake::Column;
use ofage_server::issuance::{AdminClient, Made, Person, Wanted, WantedPage, MAX_OFFER_HOURS, OFFER_HOURS};
use serde_json::json;

use super::serve::read_token;
use crate::{
    failure::{Failure, Status},
    files,
    output::Output,
};

/// Offers that are asked for in one request.
const PAGE: usize = 100;
/// Longest line that is read: far more than ten fields have.
const MAX_LINE: u64 = 16 * 1_024;

/// Offers attestations to customers, whose wallets fetch them from the issuance service.
#[derive(Args)]
#[command(after_help = "\
The file has the columns of the people to attest (ofage issuer attest), but no identity: the wallet brings it, and proves
that it owns it. With --jsonl, each line is an object of such columns. Birth dates are taken from files and stdin only,
since other users of a machine see the arguments of commands.
Each offer is a link with a code that counts once. Give it to the customer over a channel that knows them: a page behind a
login, a letter, a QR code at the counter. With --tx-code, the customer types six digits besides; send those another way.

Example:
  ofage issuer offer --csv people.csv --out offers.jsonl --admin-token-file admin.token
  ofage issuer offer --jsonl - --tx-code --qr --admin-token-file admin.token")]
pub(crate) struct Offer {
    /// The people, as CSV; - for stdin.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "jsonl",
        conflicts_with = "jsonl"
    )]
    csv: Option<PathBuf>,
    /// The people, as JSON lines; - for stdin.
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
    /// Have customers type a code of six digits besides.
    #[arg(long)]
    tx_code: bool,
    /// The attestation takes the place of the one that the customer has.
    #[arg(long)]
    reissue: bool,
    /// The re-issue is on new evidence: the day of the check is the one in the file, else the old one stays.
    #[arg(long, requires = "reissue")]
    new_evidence: bool,
    /// Hours that an offer counts.
    #[arg(long, value_name = "HOURS", default_value_t = OFFER_HOURS, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_OFFER_HOURS)))]
    valid_hours: u32,
    /// File for the offers, a line of JSON each, private; stdout when absent.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Show each offer as a QR code in the terminal.
    #[arg(long, conflicts_with = "out")]
    qr: bool,
    /// The service's --admin address.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8091")]
    admin: SocketAddr,
    /// File with the token of the issuer's own programs.
    #[arg(long, value_name = "FILE")]
    admin_token_file: PathBuf,
}

impl Offer {
    pub(crate) async fn run(self, output: &Output) -> Result<Status, Failure> {
        let client = AdminClient::new(self.admin, read_token(&self.admin_token_file)?)?;
        let people = self.people()?;
        if people.is_empty() {
            return Err(Failure::input("the file has no people"));
        }
        let mut made = Vec::with_capacity(people.len());
        {
            let bar = output.talk.bar(people.len() as u64, "offering");
            for page in people.chunks(PAGE) {
                let offers = page.iter().map(|(_, person)| Wanted {
                    person: person.clone(),
                    tx_code: self.tx_code,
                    reissue: self.reissue,
                    new_evidence: self.new_evidence,
                    valid_hours: Some(self.valid_hours),
                });
                let page_made = client
                    .offers(&WantedPage {
                        offers: offers.collect(),
                    })
                    .await?;
                bar.advance(page.len() as u64);
                made.extend(page_made.offers);
            }
        }
        let mut bad = 0;
        for ((line, _), one) in people.iter().zip(&made) {
            if let Some(error) = &one.error {
                bad += 1;
                let column = error.column.as_deref().unwrap_or("row");
                output
                    .talk
                    .say(&format!("line {line}: {column} {}", error.message));
            }
        }
        self.deliver(&made, bad, output)?;
        Ok(if bad > 0 { Status::BadInput } else { Status::Yes })
    }

    fn deliver(&self, made: &[Made], bad: usize, output: &Output) -> Result<(), Failure> {
        let good = made.len() - bad;
        if let Some(out) = &self.out {
            let mut lines = Vec::new();
            for one in made {
                serde_json::to_writer(&mut lines, one)?;
                lines.push(b'\n');
            }
            files::write(out, &lines, output)?;
            if files::is_dash(out) {
                return Ok(());
            }
            let path = out.display().to_string();
            return output.result(&json!({ "offered": good, "bad": bad, "out": path }), || {
                format!("wrote {good} offers to {path}, {bad} bad rows")
            });
        }
        let mut text = String::new();
        for one in made {
            let Some(link) = &one.offer else { continue };
            if self.qr {
                text.push_str(&crate::qr::code(link)?);
            }
            text.push_str(&format!("{}\n  {link}\n", crate::talk::plain(&one.reference)));
            if let Some(tx_code) = &one.tx_code {
                text.push_str(&format!(
                    "  transaction code, to be sent another way: {tx_code}\n"
                ));
            }
        }
        output.result(&json!({ "offered": good, "bad": bad, "offers": made }), || text)
    }

    /// The people of the file, with their lines.
    fn people(&self) -> Result<Vec<(u64, Person)>, Failure> {
        match (&self.csv, &self.jsonl) {
            (Some(path), _) => csv_people(files::open(path)?),
            (None, Some(path)) => json_people(files::open(path)?),
            (None, None) => Err(Failure::usage("name the people with --csv or --jsonl")),
        }
    }
}

/// What is wrong is told by its line: the content may be a birth date.
fn bad_line(line: u64, what: &str) -> Failure {
    Failure::input(format!("line {line} {what}"))
}

fn csv_people(source: impl Read) -> Result<Vec<(u64, Person)>, Failure> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(source);
    let unusable = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        bad_line(
            line,
            "has another number of fields than the first line, or is not UTF-8 text",
        )
    };
    let header = reader.headers().map_err(|error| unusable(&error))?.clone();
    let mut seen = Vec::new();
    for name in &header {
        // Not repeated either: without a first line of names, it is somebody's data.
        let column = Column::ALL.into_iter().find(|column| column.name() == name);
        let column = column.ok_or_else(|| bad_line(1, "has to name the columns, and has another name"))?;
        if seen.contains(&column) {
            return Err(bad_line(1, "names a column twice"));
        }
        seen.push(column);
    }
    let mut people = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| unusable(&error))?;
        let mut person = Person::default();
        for (name, value) in header.iter().zip(&record) {
            person.set(name, value.to_owned());
        }
        people.push((record.position().map_or(0, csv::Position::line), person));
    }
    Ok(people)
}

fn json_people(source: impl Read) -> Result<Vec<(u64, Person)>, Failure> {
    let mut source = BufReader::new(source);
    let mut people = Vec::new();
    for number in 1.. {
        let mut line = Vec::new();
        source.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            break;
        }
        if line.len() as u64 > MAX_LINE {
            return Err(bad_line(number, "is too long"));
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let person = serde_json::from_slice(&line)
            .map_err(|_| bad_line(number, "is not an object whose values are texts"))?;
        people.push((number, person));
    }
    Ok(people)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_come_with_their_lines() {
        let csv = "reference,flags\nann,bank\n\"bob, jr\",\n";
        let people = csv_people(csv.as_bytes()).unwrap();
        let seen: Vec<_> = people
            .iter()
            .map(|(line, person)| (*line, person.reference()))
            .collect();
        assert_eq!(seen, [(2, "ann"), (3, "bob, jr")]);
        let json = "\n{\"reference\":\"ann\"}\n\n{\"reference\":\"bob\"}";
        let people = json_people(json.as_bytes()).unwrap();
        let seen: Vec<_> = people
            .iter()
            .map(|(line, person)| (*line, person.reference()))
            .collect();
        assert_eq!(seen, [(2, "ann"), (4, "bob")]);
    }

    #[test]
    fn what_stands_twice_or_under_no_name_is_refused() {
        let twice = "{\"date_of_birth\":\"1990-05-06\",\"date_of_birth\":\"1999-05-06\"}";
        assert!(json_people(twice.as_bytes()).is_err());
        for header in ["reference,flags,reference", "ann,1990-05-06,bank"] {
            let text = format!("{header}\nann,bank,bob\n");
            let error = csv_people(text.as_bytes()).err().unwrap();
            assert!(error.message.starts_with("line 1 "), "{}", error.message);
            assert!(!error.message.contains("1990"), "{}", error.message);
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line_and_not_repeated() {
        let long = format!("{{\"reference\":\"{}\"}}", "1990-05-06".repeat(2_000));
        for text in [
            "{\"date_of_birth\":19900506}",
            "1990-05-06",
            "{\"date_of_birth\":\"1990-05-06\"",
            &long,
        ] {
            let error = json_people(format!("{{}}\n{text}\n").as_bytes()).err().unwrap();
            assert!(error.message.starts_with("line 2 "), "{}", error.message);
            assert!(!error.message.contains("1990"), "{}", error.message);
        }
        let error = csv_people(&b"reference,date_of_birth\nann,1990-05-06,x\n"[..])
            .err()
            .unwrap();
        assert!(error.message.starts_with("line 2 ") && !error.message.contains("1990"));
        assert!(csv_people(&b"reference\n\xff\n"[..]).is_err());
    }
}
