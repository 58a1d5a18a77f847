//! From claims about an age to an interval of births.

use ofage_primitives::{
    calendar::{earliest_birth_below_age, latest_birth_of_age},
    Day,
};

use crate::{Moment, Refusal};

/// When somebody was born, as an interval of days. No `Debug`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Birth {
    earliest: Day,
    latest: Day,
}

impl Birth {
    /// The first day that it can have been.
    pub const fn earliest(&self) -> Day {
        self.earliest
    }

    /// The last day that it can have been.
    pub const fn latest(&self) -> Day {
        self.latest
    }

    /// The day of birth, if it is known.
    pub fn exact(&self) -> Option<Day> {
        (self.earliest == self.latest).then_some(self.earliest)
    }
}

/// What a credential says of the birth.
#[derive(Default)]
pub(crate) struct Facts {
    /// The day.
    pub(crate) birth_date: Option<Day>,
    /// The year.
    pub(crate) birth_year: Option<u32>,
    /// Ages, and whether they were reached.
    pub(crate) over: Vec<(u8, bool)>,
}

impl Facts {
    /// Adds a claim by its name in ISO 18013-5 if it is an `age_over_NN`; whether it is one.
    pub(crate) fn age_over(&mut self, name: &str, value: Option<bool>) -> Result<bool, Refusal> {
        let Some(age) = name.strip_prefix("age_over_") else {
            return Ok(false);
        };
        self.reached(age, value)?;
        Ok(true)
    }

    /// Adds an age of two or three digits, and whether it was reached.
    pub(crate) fn reached(&mut self, age: &str, value: Option<bool>) -> Result<(), Refusal> {
        let number = (1..=3).contains(&age.len()) && age.bytes().all(|byte| byte.is_ascii_digit());
        let age = number.then(|| age.parse().ok()).flatten();
        self.over
            .push((age.ok_or(Refusal::Malformed)?, value.ok_or(Refusal::Malformed)?));
        Ok(())
    }

    /// The interval that all of it leaves.
    ///
    /// `signed` is when the issuer said so, if it is known. Someone who had reached an age then has reached it now, and
    /// "now" is the bound that is true whatever day the issuer counted from. Someone who had not may have since, so only the
    /// day of signing bounds that; without one it says nothing. The birth lies before the day of the check as attested, which
    /// is the first of the month.
    pub(crate) fn birth(&self, signed: Option<Moment>, now: Moment) -> Result<Birth, Refusal> {
        let (mut earliest, mut latest) = (Day::MIN, now.day().first_of_month());
        let mut said = false;
        let mut within = |from: Day, to: Day| {
            said = true;
            earliest = earliest.max(from);
            latest = latest.min(to);
        };
        if let Some(day) = self.birth_date {
            within(day, day);
        }
        if let Some(year) = self.birth_year {
            let ends = (Day::from_ymd(year, 1, 1), Day::from_ymd(year, 12, 31));
            let (Ok(first), Ok(last)) = ends else {
                return Err(Refusal::Contradiction);
            };
            within(first, last);
        }
        for &(age, reached) in &self.over {
            match (reached, signed) {
                (true, _) => {
                    let last = latest_birth_of_age(age, now.day()).ok_or(Refusal::Contradiction)?;
                    within(Day::MIN, last);
                }
                (false, Some(signed)) => within(earliest_birth_below_age(age, signed.day()), Day::MAX),
                (false, None) => {}
            }
        }
        match (said, earliest <= latest) {
            (false, _) => Err(Refusal::NoAge),
            (true, false) => Err(Refusal::Contradiction),
            (true, true) => Ok(Birth { earliest, latest }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-27, noon.
    const NOW: Moment = Moment(1_795_780_800);

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn interval(facts: &Facts, signed: Option<Moment>) -> (String, String) {
        let birth = facts.birth(signed, NOW).ok().unwrap();
        (birth.earliest().to_string(), birth.latest().to_string())
    }

    fn over(ages: &[(u8, bool)]) -> Facts {
        Facts {
            over: ages.to_vec(),
            ..Facts::default()
        }
    }

    #[test]
    fn the_day_is_a_day() {
        assert_eq!(NOW.day(), day("2026-11-27"));
        let facts = Facts {
            birth_date: Some(day("1963-08-12")),
            ..over(&[(18, true), (65, false)])
        };
        let birth = facts.birth(Some(Moment(1_683_000_000)), NOW).ok().unwrap();
        assert_eq!(birth.exact(), Some(day("1963-08-12")));
    }

    #[test]
    fn who_had_reached_an_age_has_reached_it_today() {
        let wanted = ("1900-01-01".to_owned(), "2008-11-27".to_owned());
        // Whenever it was signed, and if nobody knows when.
        assert_eq!(interval(&over(&[(18, true)]), None), wanted);
        assert_eq!(
            interval(&over(&[(16, true), (18, true)]), Some(Moment(0))),
            wanted
        );
    }

    #[test]
    fn who_had_not_reached_an_age_may_have_since() {
        let signed = Moment::from_tdate("2024-02-29T10:00:00Z");
        let wanted = ("2006-03-01".to_owned(), "2026-11-01".to_owned());
        assert_eq!(interval(&over(&[(18, false)]), signed), wanted);
        // 13 to 17 when it was signed.
        let wanted = ("2006-03-01".to_owned(), "2013-11-27".to_owned());
        assert_eq!(interval(&over(&[(13, true), (18, false)]), signed), wanted);
    }

    #[test]
    fn the_year_bounds_too() {
        let facts = Facts {
            birth_year: Some(2008),
            ..over(&[(18, true)])
        };
        assert_eq!(
            interval(&facts, None),
            ("2008-01-01".to_owned(), "2008-11-27".to_owned())
        );
    }

    #[test]
    fn nothing_said_is_no_evidence() {
        assert_eq!(Facts::default().birth(None, NOW).err(), Some(Refusal::NoAge));
        // Nobody knows when that was.
        assert_eq!(over(&[(18, false)]).birth(None, NOW).err(), Some(Refusal::NoAge));
    }

    #[test]
    fn contradictions_are_refused() {
        let signed = Some(NOW);
        let day_of = |text| Facts {
            birth_date: Some(day(text)),
            ..Facts::default()
        };
        for facts in [
            over(&[(18, true), (16, false)]),
            Facts {
                over: vec![(18, true)],
                ..day_of("2010-01-01")
            },
            Facts {
                birth_year: Some(1964),
                ..day_of("1963-08-12")
            },
            Facts {
                birth_year: Some(1_000_000),
                ..Facts::default()
            },
            // Born after the day of the check.
            day_of("2026-11-20"),
            over(&[(200, true)]),
        ] {
            assert_eq!(facts.birth(signed, NOW).err(), Some(Refusal::Contradiction));
        }
    }

    #[test]
    fn ages_are_numbers() {
        let mut facts = Facts::default();
        assert_eq!(facts.age_over("age_over_18", Some(true)), Ok(true));
        assert_eq!(facts.age_over("given_name", None), Ok(false));
        for name in [
            "age_over_",
            "age_over_+1",
            "age_over_1e1",
            "age_over_999",
            "age_over_0018",
        ] {
            assert_eq!(
                facts.age_over(name, Some(true)),
                Err(Refusal::Malformed),
                "{name}"
            );
        }
        assert_eq!(facts.age_over("age_over_18", None), Err(Refusal::Malformed));
    }
}
