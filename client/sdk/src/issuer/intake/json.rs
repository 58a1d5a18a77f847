//! Rows of a file of JSON lines: an object each, with the columns as names.

use std::io::Read;

use serde_json::{Map, Value};

use super::{
    csv::Lines,
    values::{self, Fault},
    BadRow, Column, CsvError, Reason, Row, Rules,
};

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
            if !line.text.trim_ascii().is_empty() {
                return Some(Ok(json_row(&line.text, line.number, &self.rules)));
            }
        }
    }
}

/// Reads a row from an object. Null is nothing, and a number may be a reference.
///
/// # Errors
/// The row's fault.
pub fn json_row(bytes: &[u8], line: u64, rules: &Rules) -> Result<Row, BadRow> {
    read(bytes, line, rules).map_err(|Fault(column, reason)| BadRow { line, column, reason })
}

fn read(bytes: &[u8], line: u64, rules: &Rules) -> Result<Row, Fault> {
    let object: Map<String, Value> =
        serde_json::from_slice(bytes).map_err(|_| Fault(None, Reason::NotJson))?;
    let mut texts: Vec<(Column, String)> = Vec::new();
    for (name, value) in object {
        let column = Column::ALL.into_iter().find(|column| column.name() == name);
        let column = column.ok_or(Fault(None, Reason::UnknownName))?;
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text,
            Value::Number(number) if column == Column::Reference => number.to_string(),
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
