//! Files that a program of another time, a careless query or an attacker made.

use super::*;

fn object(n: u64) -> String {
    format!(
        r#"{{"reference":"ref-{n}","identity":"{}","date_of_birth":"1990-05-06","checked_on":"2026-01-01","enrolled_on":"2026-02-01","expires_on":"2030-01-01","assurance":"verified","flags":"bank"}}"#,
        identity(n)
    )
}

fn from_json(text: &str) -> Result<Row, BadRow> {
    json_row(text.as_bytes(), 7, &Rules::on(today()))
}

fn fault(text: &str) -> (Option<Column>, Reason) {
    let bad = from_json(text).err().unwrap();
    assert_eq!(bad.line, 7);
    (bad.column, bad.reason)
}

mod lines_that_end_in_a_way_of_old {
    use super::*;

    #[test]
    fn are_lines() {
        let text = format!("{HEADER}{}{}", good(1), good(2)).replace('\n', "\r");
        let intake = intake(&text);
        assert!(intake.bad.is_empty(), "{:?}", intake.bad);
        assert_eq!(intake.rows.len(), 2);
    }

    #[test]
    fn are_lines_behind_the_first_too() {
        let text = format!("{}\r{}{}", HEADER.trim_end(), good(1), good(2));
        let intake = intake(&text);
        assert_eq!((intake.rows.len(), intake.bad.len()), (2, 0));
    }

    #[test]
    fn are_counted_and_may_be_many() {
        // So many that the two halves of a line's end are read apart somewhere.
        let rows: String = (1..3_000).map(good).collect();
        for end in ["\r", "\n", "\r\n"] {
            let intake = intake(&format!("{HEADER}{rows}").replace('\n', end));
            assert!(intake.bad.is_empty());
            let lines = intake.rows.iter().map(|row| row.line);
            assert!(lines.eq(2..=3_000), "{end:?}");
        }
    }
}

#[test]
fn a_first_line_that_is_cut_off_names_nothing() {
    for end in [" ".repeat(20_000), ",x".repeat(1_000_000)] {
        let text = format!("{}{end}\n{}", HEADER.trim_end(), good(1));
        assert!(matches!(error(&text), CsvError::LongHeader));
    }
}

#[test]
fn formulas_and_nuls_are_texts_or_faults_and_never_repeated() {
    for field in ["=cmd|' /C calc'!A0", "@SUM(1)", "+1", "a\0b"] {
        for column in ["verified", "1990-05-06", "bank+document", "2030-01-01"] {
            let intake = intake(&format!("{HEADER}{}", good(1).replace(column, field)));
            let told = format!("{} {:?}", intake.bad[0], intake.bad[0]);
            assert!(!told.contains(field), "{told}");
        }
    }
}

mod an_object {
    use super::*;

    #[test]
    fn is_a_row() {
        assert_eq!(from_json(&object(1)).ok().unwrap().reference, "ref-1");
    }

    #[test]
    fn that_says_a_thing_twice_is_a_fault() {
        for (name, value) in [
            ("date_of_birth", "\"1999-05-06\""),
            ("date_of_birth", "null"),
            ("reference", "\"ref-2\""),
            ("flags", "\"bank\""),
        ] {
            let column = Column::ALL.into_iter().find(|column| column.name() == name);
            for text in [
                object(1).replacen('{', &format!("{{\"{name}\":{value},"), 1),
                object(1).replace('}', &format!(",\"{name}\":{value}}}")),
            ] {
                assert_eq!(fault(&text), (column, Reason::Twice), "{text}");
            }
        }
    }

    #[test]
    fn names_customers_by_whole_numbers_only() {
        let with = |number: &str| object(1).replace("\"ref-1\"", number);
        for number in ["17", "0", "-3", "18446744073709551615"] {
            assert_eq!(from_json(&with(number)).ok().unwrap().reference, number);
        }
        // As floating-point numbers, the last two are one.
        for number in ["1.0", "1e3", "18446744073709551616", "18446744073709551617"] {
            assert_eq!(fault(&with(number)), (Some(Column::Reference), Reason::NotText));
        }
    }

    #[test]
    fn is_bounded_in_depth_and_length_and_alone_on_its_line() {
        let deep = object(1).replace("\"bank\"", &"[".repeat(100_000));
        assert_eq!(fault(&deep), (None, Reason::TooLong));
        let deep = object(1).replace("\"bank\"", &"[".repeat(1_000));
        assert_eq!(fault(&deep), (None, Reason::NotJson));
        for more in ["{}", "x", ",", "\u{feff}"] {
            assert_eq!(fault(&format!("{}{more}", object(1))), (None, Reason::NotJson));
        }
        let nul = object(1).replace("ref-1", "ref\\u0000");
        assert_eq!(fault(&nul), (Some(Column::Reference), Reason::Control));
    }
}

proptest! {
    #[test]
    fn no_object_panics(text in "[ -~]{0,200}") {
        let _ = from_json(&text);
        let _ = from_json(&object(1).replace("ref-1", &text));
    }
}
