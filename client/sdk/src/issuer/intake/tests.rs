use super::*;
use ofage_primitives::{Element, Flags};
use proptest::prelude::*;

const HEADER: &str = "reference,identity,date_of_birth,checked_on,enrolled_on,expires_on,assurance,flags\n";

fn today() -> Day {
    "2026-11-24".parse().unwrap()
}

fn identity(n: u64) -> String {
    Element::from_u64(n).to_string()
}

fn good(n: u64) -> String {
    format!(
        "ref-{n},{},1990-05-06,2026-01-01,2026-02-01,2030-01-01,verified,bank+document\n",
        identity(n)
    )
}

fn intake(text: &str) -> Intake {
    read(text.as_bytes(), today()).unwrap()
}

fn error(text: &str) -> CsvError {
    read(text.as_bytes(), today()).err().unwrap()
}

mod takes {
    use super::*;

    #[test]
    fn good_rows_in_order() {
        let intake = intake(&format!("{HEADER}{}{}", good(1), good(2)));
        assert!(intake.bad.is_empty());
        let lines: Vec<_> = intake
            .rows
            .iter()
            .map(|row| (row.line, row.reference.as_str()))
            .collect();
        assert_eq!(lines, [(2, "ref-1"), (3, "ref-2")]);
        let parts = intake.rows[0].attributes.parts();
        assert_eq!(parts.flags, Flags::BANK.union(Flags::DOCUMENT));
        assert!(parts.earliest_birth == parts.latest_birth);
    }

    #[test]
    fn columns_in_any_order_with_blanks_quotes_and_a_byte_order_mark() {
        let text = format!(
            "\u{feff}flags , assurance,identity,reference,earliest_birth,latest_birth,expires_on,checked_on,enrolled_on\r\n\
             , self-declared ,{},\"Smith, J.\",1990-01-01,1990-12-31,2030-01-01,2026-01-01,2026-01-01\r\n",
            identity(1)
        );
        let intake = intake(&text);
        assert!(intake.bad.is_empty(), "{:?}", intake.bad);
        assert_eq!(intake.rows[0].reference, "Smith, J.");
        assert_eq!(intake.rows[0].attributes.parts().flags, Flags::default());
    }

    #[test]
    fn a_birth_today_and_an_expiry_today() {
        let row = good(1)
            .replace("1990-05-06,2026-01-01", "2026-11-01,2026-11-01")
            .replace("2030-01-01", "2026-12-01");
        assert!(intake(&format!("{HEADER}{row}")).bad.is_empty());
    }
}

mod tells {
    use super::*;

    fn bad(change: impl Fn(String) -> String) -> (Option<Column>, Reason) {
        let intake = intake(&format!("{HEADER}{}{}{}", good(1), change(good(2)), good(3)));
        assert_eq!(intake.rows.len() + intake.bad.len(), 3, "a row is lost");
        assert_eq!(intake.bad.len(), 1, "{:?}", intake.bad);
        assert_eq!(intake.bad[0].line, 3);
        (intake.bad[0].column, intake.bad[0].reason.clone())
    }

    fn replaced(from: &'static str, to: &'static str) -> (Option<Column>, Reason) {
        bad(move |row| row.replace(from, to))
    }

    #[test]
    fn wrong_dates() {
        let birth = Some(Column::DateOfBirth);
        assert_eq!(
            replaced("1990-05-06", "06.05.1990"),
            (birth, Reason::Date(DayError::Format))
        );
        assert_eq!(
            replaced("1990-05-06", "1990-02-30"),
            (birth, Reason::Date(DayError::NoSuchDay))
        );
        assert_eq!(
            replaced("1990-05-06", "1890-05-06"),
            (birth, Reason::Date(DayError::OutOfRange))
        );
        assert_eq!(
            replaced("2026-01-01", "tomorrow"),
            (Some(Column::CheckedOn), Reason::Date(DayError::Format))
        );
    }

    #[test]
    fn dates_on_the_wrong_side_of_today() {
        assert_eq!(
            replaced("1990-05-06", "2026-11-25"),
            (Some(Column::DateOfBirth), Reason::Future)
        );
        assert_eq!(
            replaced("2026-01-01", "2026-12-01"),
            (Some(Column::CheckedOn), Reason::Future)
        );
        assert_eq!(
            replaced("2026-02-01", "2026-12-01"),
            (Some(Column::EnrolledOn), Reason::Future)
        );
        assert_eq!(
            replaced("2030-01-01", "2026-11-01"),
            (Some(Column::ExpiresOn), Reason::Past)
        );
    }

    #[test]
    fn dates_off_the_grid() {
        assert_eq!(
            replaced("2026-01-01", "2026-01-02"),
            (Some(Column::CheckedOn), Reason::OffGrid)
        );
        assert_eq!(
            replaced("2026-02-01", "2026-02-28"),
            (Some(Column::EnrolledOn), Reason::OffGrid)
        );
        assert_eq!(
            replaced("2030-01-01", "2030-01-31"),
            (Some(Column::ExpiresOn), Reason::OffGrid)
        );
    }

    #[test]
    fn empty_fields() {
        for (value, column) in [
            ("ref-2", Column::Reference),
            ("1990-05-06", Column::DateOfBirth),
            ("2026-01-01", Column::CheckedOn),
            ("2030-01-01", Column::ExpiresOn),
            ("verified", Column::Assurance),
        ] {
            assert_eq!(replaced(value, "  "), (Some(column), Reason::Empty));
        }
        assert_eq!(
            bad(|row| row.replace(&identity(2), "")),
            (Some(Column::Identity), Reason::Empty)
        );
    }

    #[test]
    fn values_that_are_none() {
        assert_eq!(
            replaced("verified", "certain"),
            (Some(Column::Assurance), Reason::Assurance)
        );
        assert_eq!(
            replaced("bank+document", "bank+astrology"),
            (Some(Column::Flags), Reason::Flags)
        );
        assert_eq!(
            bad(|row| row.replace(&identity(2), "0x12")),
            (Some(Column::Identity), Reason::Identity)
        );
        let above = format!("0x{}", "ff".repeat(32));
        assert_eq!(
            bad(|row| row.replace(&identity(2), &above)),
            (Some(Column::Identity), Reason::Identity)
        );
        assert_eq!(
            replaced("ref-2", "a\u{7}b"),
            (Some(Column::Reference), Reason::Control)
        );
        let long = "r".repeat(MAX_REFERENCE + 1);
        assert_eq!(
            bad(|row| row.replace("ref-2", &long)),
            (Some(Column::Reference), Reason::TooLong)
        );
    }

    #[test]
    fn rows_of_another_length() {
        assert_eq!(
            bad(|row| row.replace("verified,", "")),
            (
                None,
                Reason::Fields {
                    found: 7,
                    expected: 8
                }
            )
        );
        assert_eq!(
            bad(|row| row.replace("ref-2", "ref,2")),
            (
                None,
                Reason::Fields {
                    found: 9,
                    expected: 8
                }
            )
        );
    }

    #[test]
    fn dates_that_contradict_each_other() {
        let checked = Some(Column::CheckedOn);
        assert_eq!(
            replaced("1990-05-06", "2026-03-01"),
            (checked, Reason::Attributes(AttributesError::CheckedBeforeBirth))
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_and_hides_no_other_row() {
        assert_eq!(
            bad(|row| row.replace("ref-2", "\"ref-2")),
            (
                None,
                Reason::Fields {
                    found: 1,
                    expected: 8
                }
            )
        );
    }

    #[test]
    fn a_line_without_end_and_goes_on_after_it() {
        let long = "r".repeat(40_000);
        assert_eq!(bad(|row| row.replace("ref-2", &long)), (None, Reason::TooLong));
    }

    #[test]
    fn lines_by_their_number_among_empty_ones_and_without_a_last_newline() {
        let last = good(2).replace("verified", "sure");
        let text = format!("\n{HEADER}\n{}\r\n{}", good(1).trim_end(), last.trim_end());
        let intake = intake(&text);
        assert_eq!((intake.rows.len(), intake.bad.len()), (1, 1));
        assert_eq!(intake.rows[0].line, 4);
        assert_eq!(intake.bad[0].line, 5);
    }

    #[test]
    fn bytes_that_are_no_text() {
        let mut bytes = format!("{HEADER}{}", good(1)).into_bytes();
        let place = bytes.windows(5).position(|w| w == b"ref-1").unwrap();
        bytes[place] = 0xff;
        let intake = read(&bytes[..], today()).unwrap();
        assert_eq!(
            (intake.bad[0].column, &intake.bad[0].reason),
            (Some(Column::Reference), &Reason::NotUtf8)
        );
    }

    #[test]
    fn no_birth_date_in_any_message() {
        for birth in ["1990-99-06", "2090-05-06", "1890-05-06", "05/06/1990"] {
            let intake = intake(&format!("{HEADER}{}", good(1).replace("1990-05-06", birth)));
            let told = format!("{} {:?}", intake.bad[0], intake.bad[0]);
            assert!(!told.contains(birth) && !told.contains("05-06"), "{told}");
        }
    }

    #[test]
    fn files_that_are_something_else() {
        assert!(matches!(error(""), CsvError::NoHeader));
        assert!(matches!(error("a,b\n1,2\n"), CsvError::UnknownColumn(1)));
        assert!(matches!(error(&good(1)), CsvError::UnknownColumn(1)));
        assert!(matches!(
            error(&HEADER.replace("flags", "reference")),
            CsvError::TwiceColumn(Column::Reference)
        ));
        assert!(matches!(
            error(&HEADER.replace(",flags", "")),
            CsvError::NoColumn(Column::Flags)
        ));
        assert!(matches!(
            error(&HEADER.replace("flags", "flags,latest_birth")),
            CsvError::TwoBirths
        ));
        assert!(matches!(
            error(&HEADER.replace("date_of_birth", "latest_birth")),
            CsvError::NoColumn(Column::EarliestBirth)
        ));
    }
}

mod hostile;

proptest! {
    #[test]
    fn no_row_is_lost_and_nothing_panics(text in "[ -~\n\"]{0,300}") {
        let file = format!("{HEADER}{}{text}", good(1));
        if let Ok(intake) = read(file.as_bytes(), today()) {
            prop_assert!(!intake.rows.is_empty() || !intake.bad.is_empty());
        }
        let _ = read(text.as_bytes(), today());
    }
}
