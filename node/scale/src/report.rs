//! What was measured, as JSON and as Markdown that goes into the book as it is.

use std::{fmt::Write as _, fs, thread, time::Duration};

use serde_json::{json, Map, Value};

/// Everything that one run measured.
pub(crate) struct Report {
    tables: Vec<Table>,
}

/// Figures of one kind, a row for each case.
pub(crate) struct Table {
    title: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<Value>>,
}

impl Table {
    /// An empty one.
    pub(crate) fn new(title: impl Into<String>, columns: &[&'static str]) -> Self {
        Self {
            title: title.into(),
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row, with a cell for each column.
    pub(crate) fn row(&mut self, cells: Vec<Value>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "{}", self.title);
        self.rows.push(cells);
    }

    fn to_json(&self) -> Value {
        let object = |row: &Vec<Value>| {
            let cells = self.columns.iter().map(|name| (*name).to_owned());
            Value::Object(cells.zip(row.iter().cloned()).collect::<Map<_, _>>())
        };
        json!({ "title": self.title, "rows": self.rows.iter().map(object).collect::<Vec<_>>() })
    }

    fn to_markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut out = format!("{}:\n\n", self.title);
        out += &line(self.columns.iter().map(|&name| name.to_owned()).collect());
        out += &format!("|{}\n", "---|".repeat(self.columns.len()));
        for row in &self.rows {
            out += &line(row.iter().map(shown).collect());
        }
        out
    }
}

impl Report {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self { tables: Vec::new() }
    }

    /// Adds the tables of a part.
    pub(crate) fn add(&mut self, tables: Vec<Table>) {
        self.tables.extend(tables);
    }

    /// For programs.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "machine": { "processor": processor(), "threads": threads(), "memory_gib": memory_gib() },
            "tables": self.tables.iter().map(Table::to_json).collect::<Vec<_>>(),
        })
    }

    /// For the book.
    pub(crate) fn to_markdown(&self) -> String {
        let mut out = format!(
            "Machine: {}, {} threads, {} GiB.\n",
            processor(),
            threads(),
            memory_gib()
        );
        for table in &self.tables {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "\n{}", table.to_markdown());
        }
        out
    }
}

/// A number with so many decimals.
pub(crate) fn rounded(value: f64, decimals: i32) -> Value {
    let scale = 10f64.powi(decimals);
    let value = (value * scale).round() / scale;
    if decimals == 0 {
        json!(value as i64)
    } else {
        json!(value)
    }
}

/// Whole milliseconds.
pub(crate) fn millis(duration: Duration) -> Value {
    rounded(duration.as_secs_f64() * 1e3, 0)
}

/// The middle one of some values, and 0 of none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn shown(cell: &Value) -> String {
    match cell {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Number(number) => match number.as_u64() {
            Some(whole) => grouped(whole),
            None => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// A whole number with a comma before every three digits.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn threads() -> usize {
    thread::available_parallelism().map_or(0, usize::from)
}

/// A line of a file under `/proc`, without its name.
fn proc_line(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim_start_matches([' ', '\t', ':']).to_owned())
}

fn processor() -> String {
    proc_line("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".into())
}

fn memory_gib() -> u64 {
    const KIB_PER_GIB: u64 = 1 << 20;
    let line = proc_line("/proc/meminfo", "MemTotal");
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default().div_ceil(KIB_PER_GIB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown_for_people_and_objects_for_programs() {
        let mut table = Table::new("Blocks", &["block", "ms"]);
        table.row(vec![json!(1_234_567), rounded(1.256, 2)]);
        table.row(vec![json!("last"), Value::Null]);
        assert_eq!(
            table.to_markdown(),
            "Blocks:\n\n| block | ms |\n|---|---|\n| 1,234,567 | 1.26 |\n| last |  |\n"
        );
        assert_eq!(
            table.to_json()["rows"][0],
            json!({ "block": 1_234_567, "ms": 1.26 })
        );
    }

    #[test]
    fn the_median_is_one_of_the_values() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![]), 0.0);
    }
}
