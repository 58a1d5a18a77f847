//! Rows of a file of JSON lines: an object each, with the columns as names.

use std::{fmt, io::Read};

use serde::{
    de::{MapAccess, Visitor},
    Deserialize, Deserializer,
};
use serde_json::Value;

use super::{
    csv::{Lines, MAX_LINE},
    values::{self, Fault},
    BadRow, Column, CsvError, Reason, Row, Rules,
};

/// What some programs begin a file with.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The rows of a file, one after another. A row's fault is in its item; an error ends the file.
pub struct JsonRows<R> {
    lines: Lines<R>,
    rules: Rules,
}

impl<R: Read> JsonRows<R> {
    /// Rows of a file.
    pub fn new(source: R, rules: Rules) -> Self {
        Self {
            lines: Lines::new(source),
            rules,
        }
    }
}

impl<R: Read> Iterator for JsonRows<R> {
    type Item = Result<Result<Row, BadRow>, CsvError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.lines.next() {
                Ok(Some(line)) => line,
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            };
            if line.cut {
                return Some(Ok(Err(BadRow {
                    line: line.number,
                    column: None,
                    reason: Reason::TooLong,
                })));
            }
            let mark = if line.number == 1 { BYTE_ORDER_MARK } else { b"" };
            let text = line.text.strip_prefix(mark).unwrap_or(&line.text);
            if !text.trim_ascii().is_empty() {
                return Some(Ok(json_row(text, line.number, &self.rules)));
            }
        }
    }
}

/// The names and values of an object, as they stand there: a reader that keeps one of each name would hide the others.
struct Object(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Object(entries))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

/// Reads a row from an object. Null is nothing, and a whole number may be a reference.
///
/// # Errors
/// The row's fault.
pub fn json_row(bytes: &[u8], line: u64, rules: &Rules) -> Result<Row, BadRow> {
    read(bytes, line, rules).map_err(|Fault(column, reason)| BadRow { line, column, reason })
}

fn read(bytes: &[u8], line: u64, rules: &Rules) -> Result<Row, Fault> {
    if bytes.len() > MAX_LINE {
        return Err(Fault(None, Reason::TooLong));
    }
    let Object(entries) = serde_json::from_slice(bytes).map_err(|_| Fault(None, Reason::NotJson))?;
    let mut texts: Vec<(Column, String)> = Vec::new();
    let mut seen: Vec<Column> = Vec::new();
    for (name, value) in entries {
        let column = Column::ALL.into_iter().find(|column| column.name() == name);
        let column = column.ok_or(Fault(None, Reason::UnknownName))?;
        if seen.contains(&column) {
            return Err(Fault(Some(column), Reason::Twice));
        }
        seen.push(column);
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text,
            // Others were rounded when they were read, so that two customers could have one name.
            Value::Number(number) if column == Column::Reference && (number.is_u64() || number.is_i64()) => {
                number.to_string()
            }
            _ => return Err(Fault(Some(column), Reason::NotText)),
        };
        texts.push((column, text));
    }
    let has = |column: Column| texts.iter().any(|(known, _)| *known == column);
    let interval = has(Column::EarliestBirth) || has(Column::LatestBirth);
    if has(Column::DateOfBirth) && interval {
        return Err(Fault(Some(Column::DateOfBirth), Reason::TwoBirths));
    }
    let text = |column: Column| {
        let text = texts.iter().find(|(known, _)| *known == column);
        let text = text.map(|(_, text)| text.trim()).unwrap_or_default();
        values::checked(column, text)
    };
    values::row(&text, !interval, line, rules)
}
