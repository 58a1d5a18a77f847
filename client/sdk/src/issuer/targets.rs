//! Which attestations to revoke: by the issuer's own references, or by their places.

use std::io::Read;

use ofage_primitives::{LeafIndex, ShardIndex};

use super::{
    intake::{header, record, CsvError, Line, Lines, MAX_REFERENCE},
    register::{Register, RegisterError},
    revoke::Positions,
};

const REFERENCE: &[u8] = b"reference";
const SHARD: &[u8] = b"shard";
const POSITION: &[u8] = b"position";

/// It cannot be told which attestations are meant. References are not repeated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// The file cannot be read.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// No usable first line.
    #[error("the first line must name a column reference, or the columns shard and position")]
    NoColumns,
    /// A line that names nothing.
    #[error("line {0} names no attestation: it is cut off, or its numbers are none")]
    Line(u64),
    /// A reference that has no attestation.
    #[error("the register has no attestation for {}", name(*.0))]
    Unknown(Option<u64>),
    /// References without a register.
    #[error("references are in the issuer's register; name it with --register")]
    NoRegister,
    /// The register cannot be read.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

fn name(line: Option<u64>) -> String {
    match line {
        Some(line) => format!("the reference of line {line}"),
        None => "that reference".into(),
    }
}

/// An attestation. No `Debug`: it stands for a person.
pub enum Target {
    /// The issuer's name for it, and the line that has it.
    Reference(String, Option<u64>),
    /// Its place.
    Place(ShardIndex, LeafIndex),
}

/// Reads a CSV file whose first line names a column `reference`, as that of the people who were attested does, or the
/// columns `shard` and `position`. Other columns are passed over.
///
/// # Errors
/// [`TargetError`].
pub fn read(source: impl Read) -> Result<Vec<Target>, TargetError> {
    let mut lines = Lines::new(source);
    let header = header(&mut lines)?.ok_or(TargetError::NoColumns)?;
    let place = |name| header.iter().position(|column| column == name);
    let columns = (place(REFERENCE), place(SHARD), place(POSITION));
    let mut targets = Vec::new();
    while let Some(line) = lines.next()? {
        if let Some(record) = record(&line)? {
            let field = |place: usize| field(&record, place, &line);
            targets.push(match columns {
                (Some(reference), ..) => {
                    let text = field(reference)?;
                    if text.is_empty() || text.len() > MAX_REFERENCE {
                        return Err(TargetError::Line(line.number));
                    }
                    Target::Reference(text.to_owned(), Some(line.number))
                }
                (None, Some(shard), Some(position)) => {
                    let wrong = |_| TargetError::Line(line.number);
                    Target::Place(
                        ShardIndex(field(shard)?.parse().map_err(wrong)?),
                        LeafIndex(field(position)?.parse().map_err(wrong)?),
                    )
                }
                _ => return Err(TargetError::NoColumns),
            });
        }
    }
    Ok(targets)
}

fn field<'a>(record: &'a csv::ByteRecord, place: usize, line: &Line) -> Result<&'a str, TargetError> {
    record
        .get(place)
        .filter(|_| !line.cut)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .ok_or(TargetError::Line(line.number))
}

/// The places of attestations, by shard.
///
/// # Errors
/// [`TargetError::Unknown`] for a reference that the register has no final attestation of, and [`TargetError::NoRegister`].
pub fn places(targets: Vec<Target>, register: Option<&Register>) -> Result<Positions, TargetError> {
    let mut places = Positions::new();
    for target in targets {
        let (shard, leaf) = match target {
            Target::Place(shard, leaf) => (shard, leaf),
            Target::Reference(reference, line) => register
                .ok_or(TargetError::NoRegister)?
                .place(&reference)?
                .ok_or(TargetError::Unknown(line))?,
        };
        places.entry(shard).or_default().insert(leaf.0);
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Result<Vec<String>, TargetError> {
        let shown = |target| match target {
            Target::Reference(reference, line) => format!("{reference}@{}", line.unwrap()),
            Target::Place(shard, leaf) => format!("{shard}:{}", leaf.0),
        };
        Ok(read(text.as_bytes())?.into_iter().map(shown).collect())
    }

    #[test]
    fn the_file_of_the_people_serves_as_it_is() {
        let text = "identity,reference,flags\n0x1,ann,bank\n\n0x2,\"bob, jr\",\n";
        assert_eq!(found(text).unwrap(), ["ann@2", "bob, jr@4"]);
        assert_eq!(found("reference\nann\n").unwrap(), ["ann@2"]);
    }

    #[test]
    fn places_are_numbers() {
        assert_eq!(
            found("position,shard\n4095,7\n0,1048575\n").unwrap(),
            ["7:4095", "1048575:0"]
        );
        for wrong in ["a,7", "-1,7", "70000,7", "1", ""] {
            let text = format!("position,shard\n1,2\n{wrong},\n");
            assert!(matches!(found(&text), Err(TargetError::Line(3))), "{wrong}");
        }
    }

    #[test]
    fn other_files_name_nothing() {
        for text in ["", "\n\n", "name\nann\n", "shard\n1\n", "position\n1\n"] {
            assert!(matches!(found(text), Err(TargetError::NoColumns)), "{text}");
        }
        assert!(found("shard\n").unwrap().is_empty());
        let long = format!("reference\n{}\n", "x".repeat(129));
        assert!(matches!(found(&long), Err(TargetError::Line(2))));
        assert!(matches!(
            found("reference,a\nann,b\n,c\n"),
            Err(TargetError::Line(3))
        ));
    }

    #[test]
    fn lines_that_end_in_a_way_of_old_are_lines() {
        for end in ["\r", "\n", "\r\n"] {
            let text = ["reference", "ann", "bob", ""].join(end);
            assert_eq!(found(&text).unwrap(), ["ann@2", "bob@3"], "{end:?}");
        }
        assert_eq!(found("reference\rann\nbob\n\r").unwrap(), ["ann@2", "bob@3"]);
        let cut = format!("reference,{}\nann,\n", "x".repeat(20_000));
        assert!(matches!(found(&cut), Err(TargetError::Csv(CsvError::LongHeader))));
    }

    #[test]
    fn references_need_a_register_that_knows_them() {
        let targets = || vec![Target::Reference("ann".into(), Some(5))];
        assert!(matches!(places(targets(), None), Err(TargetError::NoRegister)));
        let dir = tempfile::tempdir().unwrap();
        let register = Register::open(
            &dir.path().join("register"),
            ofage_primitives::GenesisHash([7; 32]),
            ofage_primitives::IssuerIndex(1),
        )
        .unwrap();
        let error = places(targets(), Some(&register)).err().unwrap();
        assert!(matches!(error, TargetError::Unknown(Some(5))));
        assert!(!format!("{error} {error:?}").contains("ann"));
        let twice = || Target::Place(ShardIndex(3), LeafIndex(4));
        let places = places(vec![twice(), twice()], None).unwrap();
        assert_eq!(places.len(), 1);
        assert_eq!(places[&ShardIndex(3)].iter().collect::<Vec<_>>(), [&4]);
    }
}
