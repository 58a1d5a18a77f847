//! Made-up people for demonstrations: real commitments, whose secrets are thrown away.

use std::io::{self, Write};

use ofage_primitives::{
    calendar::latest_birth_of_age, hashes, Day, Flags, GenesisHash, IdentityCommitment, IssuerIndex,
};

use crate::{
    issuer::intake::{assurance_name, Column},
    random::{self, NoRandomness},
};

/// Oldest made-up person.
const OLDEST: u32 = 95;
/// Days in a year, about: for spreading births, not for ages.
const YEAR: u32 = 365;
/// Years for which made-up attestations last.
const LASTS: u32 = 5;

/// No sample can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// No random people.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The output cannot be written.
    #[error("cannot write the sample: {0}")]
    Io(#[from] io::Error),
    /// The machine's date leaves no room.
    #[error("this machine's date is too early or too late to make up people; set its clock")]
    Clock,
}

/// A person who exists: a wallet's commitment, with an age to attest.
pub struct Person {
    /// The row's reference.
    pub reference: String,
    /// The wallet's commitment towards the issuer.
    pub identity: IdentityCommitment,
    /// Age in whole years today.
    pub age: u8,
}

/// What to make up.
pub struct Sample {
    /// The chain.
    pub genesis: GenesisHash,
    /// The issuer that attests.
    pub issuer: IssuerIndex,
    /// Made-up people.
    pub count: u32,
    /// Rows that no issuer should attest, of all kinds in turn.
    pub bad: u32,
    /// People who exist, at the end of the file.
    pub people: Vec<Person>,
    /// Assurance of all.
    pub assurance: ofage_primitives::Assurance,
    /// Flags of all.
    pub flags: Flags,
    /// Today, UTC.
    pub today: Day,
}

impl Sample {
    /// Writes the file.
    ///
    /// # Errors
    /// [`SampleError`].
    pub fn write(&self, output: &mut dyn Write) -> Result<(), SampleError> {
        let issuer_id = hashes::issuer_id(&self.genesis, self.issuer);
        let checked = self.today.first_of_month();
        let expires = checked
            .checked_add(LASTS * YEAR)
            .ok_or(SampleError::Clock)?
            .first_of_month();
        let flags = if self.flags == Flags::default() {
            String::new()
        } else {
            self.flags.to_string()
        };
        let rest = format!(
            "{checked},{checked},{expires},{},{flags}",
            assurance_name(self.assurance)
        );
        let columns = Column::ALL
            .iter()
            .filter(|c| !matches!(c, Column::EarliestBirth | Column::LatestBirth | Column::Ownership));
        let names: Vec<_> = columns.map(|column| column.name()).collect();
        writeln!(output, "{}", names.join(","))?;
        // Bad rows stand among the good ones, as in real life.
        let step = self
            .count
            .checked_div(self.bad)
            .map_or(u32::MAX, |step| step.max(1));
        let mut written_bad = 0;
        let mut last = String::new();
        for n in 0..self.count {
            let identity = hashes::identity_commitment(&random::secret()?, issuer_id);
            let birth = self.random_birth(checked)?;
            let row = format!("customer-{n:06},{identity},{birth},{rest}");
            writeln!(output, "{row}")?;
            last.clone_from(&row);
            if n % step == step - 1 && written_bad < self.bad {
                writeln!(output, "{}", self.bad_row(written_bad, &row, &last)?)?;
                written_bad += 1;
            }
        }
        for n in written_bad..self.bad {
            let identity = hashes::identity_commitment(&random::secret()?, issuer_id);
            let row = format!("extra-{n},{identity},1990-01-01,{rest}");
            writeln!(output, "{}", self.bad_row(n, &row, &last)?)?;
        }
        for person in &self.people {
            let birth = self.birth_of_age(person.age)?;
            writeln!(output, "{},{},{birth},{rest}", person.reference, person.identity)?;
        }
        Ok(())
    }

    /// Uniform over the ages, before the day of the check.
    fn random_birth(&self, checked: Day) -> Result<Day, SampleError> {
        let bytes = random::bytes::<8>()?;
        let days = u64::from_le_bytes(*bytes) % u64::from(OLDEST * YEAR);
        checked.checked_sub(days as u32).ok_or(SampleError::Clock)
    }

    /// About half a year after the birthday, so that the age is the same for months.
    fn birth_of_age(&self, age: u8) -> Result<Day, SampleError> {
        let latest = if age == 0 {
            Some(self.today)
        } else {
            latest_birth_of_age(age, self.today)
        };
        latest
            .and_then(|day| day.checked_sub(YEAR / 2))
            .ok_or(SampleError::Clock)
    }

    /// A good row with one fault, of a kind that goes round; `before` is a row of the file.
    fn bad_row(&self, kind: u32, good: &str, before: &str) -> Result<String, SampleError> {
        let mut fields: Vec<String> = good.split(',').map(str::to_owned).collect();
        let fresh =
            hashes::identity_commitment(&random::secret()?, hashes::issuer_id(&self.genesis, self.issuer));
        fields[0] = format!("faulty-{kind:04}");
        fields[1] = fresh.to_string();
        let tomorrow = self.today.checked_add(1).ok_or(SampleError::Clock)?;
        match kind % 10 {
            0 => fields[2] = "1990-02-30".into(),
            1 => fields[2] = tomorrow.to_string(),
            2 => fields[2] = String::new(),
            3 => fields[0] = before.split(',').next().unwrap_or_default().to_owned(),
            4 => fields[1] = before.split(',').nth(1).unwrap_or_default().to_owned(),
            5 => fields[7] = "palmistry".into(),
            6 => fields[3] = fields[3].replace("-01", "-02"),
            7 => fields[6] = "certain".into(),
            8 => fields[2] = "17.05.1990".into(),
            _ => drop(fields.pop()),
        }
        Ok(fields.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issuer::intake;
    use crate::issuer::{
        import::Import,
        register::{Register, Reissue},
    };
    use ofage_primitives::Assurance;

    fn sample(count: u32, bad: u32, people: Vec<Person>) -> Vec<u8> {
        let sample = Sample {
            genesis: GenesisHash([7; 32]),
            issuer: IssuerIndex(1),
            count,
            bad,
            people,
            assurance: Assurance::Verified,
            flags: Flags::BANK,
            today: "2026-11-24".parse().unwrap(),
        };
        let mut out = Vec::new();
        sample.write(&mut out).unwrap();
        out
    }

    /// What is read from a file, less what the register refuses.
    fn taken(csv: &[u8]) -> intake::Intake {
        let read = intake::read(csv, "2026-11-24".parse().unwrap()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let register = Register::open(&dir.path().join("r"), GenesisHash([7; 32]), IssuerIndex(1)).unwrap();
        let mut bad = read.bad;
        let mut tell = |row| bad.push(row);
        let mut import = Import::begin(&register, Reissue::No, false, &mut tell).unwrap();
        let mut rows = Vec::new();
        for row in read.rows {
            let before = import.check().unwrap().new;
            import.push(Ok(row.clone())).unwrap();
            if import.check().unwrap().new > before {
                rows.push(row);
            }
        }
        intake::Intake { rows, bad }
    }

    #[test]
    fn good_rows_are_good_and_bad_ones_bad() {
        for (count, bad) in [(100, 0), (100, 23), (3, 12), (1, 1)] {
            let intake = taken(&sample(count, bad, vec![]));
            assert_eq!(intake.rows.len(), count as usize, "{:?}", intake.bad);
            assert_eq!(intake.bad.len(), bad as usize);
        }
    }

    #[test]
    fn every_kind_of_fault_is_told_differently() {
        let intake = taken(&sample(100, 10, vec![]));
        let mut told: Vec<_> = intake
            .bad
            .iter()
            .map(|bad| format!("{:?}{}", bad.column, bad.reason))
            .collect();
        told.sort();
        told.dedup();
        assert!(told.len() >= 9, "{told:?}");
    }

    #[test]
    fn people_have_the_age_they_are_given() {
        let today: Day = "2026-11-24".parse().unwrap();
        let identity = hashes::identity_commitment(
            &random::secret().unwrap(),
            hashes::issuer_id(&GenesisHash([7; 32]), IssuerIndex(1)),
        );
        let intake = intake::read(
            &sample(
                0,
                0,
                vec![Person {
                    reference: "teen".into(),
                    identity,
                    age: 17,
                }],
            )[..],
            today,
        )
        .unwrap();
        let birth = intake.rows[0].attributes.parts().latest_birth;
        assert!(
            birth <= latest_birth_of_age(17, today).unwrap()
                && birth > latest_birth_of_age(18, today).unwrap()
        );
    }
}
