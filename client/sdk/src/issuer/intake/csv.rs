//! Rows of a CSV file.

use std::{
    collections::HashMap,
    io::{self, BufRead, BufReader, Read},
};

use super::{
    values::{self, Fault},
    BadRow, Column, CsvError, Reason, Row, Rules,
};

/// Longest line that is looked at: far more than the fields can have together.
pub(super) const MAX_LINE: usize = 16 * 1024;

/// The rows of a file, one after another. A row's fault is in its item; an error ends the file.
pub struct CsvRows<R> {
    lines: Lines<R>,
    layout: Layout,
    rules: Rules,
}

impl<R: Read> CsvRows<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// [`CsvError`] when it is no such file at all.
    pub fn new(source: R, rules: Rules) -> Result<Self, CsvError> {
        let mut lines = Lines::new(source);
        let header = header(&mut lines)?.ok_or(CsvError::NoHeader)?;
        Ok(Self {
            lines,
            layout: Layout::new(&header)?,
            rules,
        })
    }

    /// The row of a line, if it has one.
    fn row(&self, line: &Line) -> Result<Option<Result<Row, BadRow>>, CsvError> {
        let row = match record(line)? {
            _ if line.cut => Err(Fault(None, Reason::TooLong)),
            None => return Ok(None),
            Some(record) => self.layout.row(&record, line.number, &self.rules),
        };
        Ok(Some(row.map_err(|Fault(column, reason)| BadRow {
            line: line.number,
            column,
            reason,
        })))
    }
}

impl<R: Read> Iterator for CsvRows<R> {
    type Item = Result<Result<Row, BadRow>, CsvError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let row = match self.lines.next() {
                Ok(Some(line)) => self.row(&line),
                Ok(None) => return None,
                Err(error) => Err(error),
            };
            match row {
                Ok(None) => {}
                Ok(Some(row)) => return Some(Ok(row)),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// A line of the file. It ends as on Unix, on Windows, or with a carriage return alone, as on machines of old.
pub(in crate::issuer) struct Line {
    /// From 1.
    pub(in crate::issuer) number: u64,
    /// At most [`MAX_LINE`] of its bytes.
    pub(super) text: Vec<u8>,
    /// Whether it has more.
    pub(in crate::issuer) cut: bool,
}

/// The lines of a file, with a bound on what is kept of each.
pub(in crate::issuer) struct Lines<R> {
    source: BufReader<R>,
    number: u64,
    /// Whether the last one ended in a carriage return, of which a newline may be the other half.
    returned: bool,
}

impl<R: Read> Lines<R> {
    pub(in crate::issuer) fn new(source: R) -> Self {
        Self {
            source: BufReader::new(source),
            number: 0,
            returned: false,
        }
    }

    pub(in crate::issuer) fn next(&mut self) -> Result<Option<Line>, CsvError> {
        let mut line = Line {
            number: self.number + 1,
            text: Vec::new(),
            cut: false,
        };
        loop {
            let part = match self.source.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                part => part.map_err(CsvError::Io)?,
            };
            if std::mem::take(&mut self.returned) && part.first() == Some(&b'\n') {
                self.source.consume(1);
                continue;
            }
            if part.is_empty() {
                if line.text.is_empty() {
                    return Ok(None);
                }
                break;
            }
            let end = part.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            self.returned = end.is_some_and(|at| part[at] == b'\r');
            let end = end.map(|at| at + 1);
            let taken = end.unwrap_or(part.len());
            let room = MAX_LINE.saturating_sub(line.text.len());
            line.text.extend_from_slice(&part[..taken.min(room)]);
            line.cut |= taken > room;
            self.source.consume(taken);
            if end.is_some() {
                break;
            }
        }
        self.number = line.number;
        Ok(Some(line))
    }
}

/// The first line that is not empty.
///
/// # Errors
/// [`CsvError::LongHeader`], and those of the file.
pub(in crate::issuer) fn header<R: Read>(lines: &mut Lines<R>) -> Result<Option<csv::ByteRecord>, CsvError> {
    while let Some(line) = lines.next()? {
        if line.cut {
            return Err(CsvError::LongHeader);
        }
        if let Some(record) = record(&line)? {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

/// The fields of a line, unless it is empty.
pub(in crate::issuer) fn record(line: &Line) -> Result<Option<csv::ByteRecord>, CsvError> {
    let io = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => CsvError::Io(error),
        other => CsvError::Io(io::Error::new(io::ErrorKind::InvalidData, format!("{other:?}"))),
    };
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .buffer_capacity(line.text.len())
        .from_reader(&line.text[..])
        .into_byte_records()
        .next()
        .transpose()
        .map_err(io)
}

/// Which field holds which column.
struct Layout {
    places: HashMap<Column, usize>,
    fields: usize,
}

impl Layout {
    fn new(header: &csv::ByteRecord) -> Result<Self, CsvError> {
        if header.iter().all(<[u8]>::is_empty) {
            return Err(CsvError::NoHeader);
        }
        let mut places = HashMap::new();
        for (place, name) in header.iter().enumerate() {
            let column = Column::ALL
                .into_iter()
                .find(|column| column.name().as_bytes() == name);
            let column = column.ok_or(CsvError::UnknownColumn(place + 1))?;
            if places.insert(column, place).is_some() {
                return Err(CsvError::TwiceColumn(column));
            }
        }
        let has = |column| places.contains_key(&column);
        let interval = has(Column::EarliestBirth) || has(Column::LatestBirth);
        if has(Column::DateOfBirth) && interval {
            return Err(CsvError::TwoBirths);
        }
        for column in Column::ALL {
            let needed = match column {
                Column::DateOfBirth => !interval,
                Column::EarliestBirth | Column::LatestBirth => interval,
                Column::Ownership => false,
                _ => true,
            };
            if needed && !has(column) {
                return Err(CsvError::NoColumn(column));
            }
        }
        Ok(Self {
            places,
            fields: header.len(),
        })
    }

    fn row(&self, record: &csv::ByteRecord, line: u64, rules: &Rules) -> Result<Row, Fault> {
        if record.len() != self.fields {
            return Err(Fault(
                None,
                Reason::Fields {
                    found: record.len(),
                    expected: self.fields,
                },
            ));
        }
        let text = |column: Column| -> Result<&str, Fault> {
            let fault = |reason| Fault(Some(column), reason);
            let bytes = self
                .places
                .get(&column)
                .and_then(|place| record.get(*place))
                .unwrap_or_default();
            let text = std::str::from_utf8(bytes).map_err(|_| fault(Reason::NotUtf8))?;
            values::checked(column, text)
        };
        let exact = self.places.contains_key(&Column::DateOfBirth);
        values::row(&text, exact, line, rules)
    }
}
