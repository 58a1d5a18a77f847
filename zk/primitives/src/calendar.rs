//! Days since 1900-01-01, and what "age N on a date" means.
//!
//! **Rule.** A person reaches age N at the start of the day that has the month and day of their birth, N years
//! later. Someone born on 29 February reaches it on 1 March in a common year (as in the law of England and Wales,
//! Hong Kong and most of the world; the rule that calls nobody older than any law does). The calendar is the
//! proleptic Gregorian one; days are UTC days.

use codec::{Decode, Encode, Error as CodecError, Input, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;

/// Width of a day in attributes and in the circuit.
pub const DAY_BITS: u32 = 20;

/// Days from 1900-01-01 to 1970-01-01, the start of Unix time.
const UNIX_EPOCH: u32 = 25_567;
const SECONDS_PER_DAY: u64 = 86_400;
const FIRST_YEAR: u32 = 1900;
/// Last year that lies whole below 2^20 days.
const LAST_YEAR: u32 = 4769;

/// A date is not usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DayError {
    /// Not of the form `YYYY-MM-DD`.
    #[error("expected a date as YYYY-MM-DD")]
    Format,
    /// No such day in the calendar.
    #[error("no such day in the calendar")]
    NoSuchDay,
    /// Outside the years 1900 to 4769.
    #[error("dates from 1900-01-01 to 4769-12-31 are supported")]
    OutOfRange,
}

/// A day, counted from 1900-01-01 (day 0), below 2^20.
///
/// `Debug` hides it: a day may be a birth date, which reaches no log. `Display` writes it.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    codec::DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Day(u32);

impl Day {
    /// 1900-01-01; as an upper bound it lets nothing but itself pass, as a lower bound everything.
    pub const MIN: Self = Self(0);
    /// The last day that 20 bits hold; as an upper bound it lets everything pass.
    pub const MAX: Self = Self((1 << DAY_BITS) - 1);

    /// Takes a number of days since 1900-01-01.
    ///
    /// # Errors
    /// [`DayError::OutOfRange`] at 2^20 and above.
    pub const fn from_number(number: u32) -> Result<Self, DayError> {
        if number <= Self::MAX.0 {
            Ok(Self(number))
        } else {
            Err(DayError::OutOfRange)
        }
    }

    /// Days since 1900-01-01.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Takes a year, a month from 1 and a day of the month from 1.
    ///
    /// # Errors
    /// [`DayError::OutOfRange`] or [`DayError::NoSuchDay`].
    pub fn from_ymd(year: u32, month: u32, day: u32) -> Result<Self, DayError> {
        if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
            return Err(DayError::OutOfRange);
        }
        if !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
            return Err(DayError::NoSuchDay);
        }
        let months: u32 = (1..month).map(|m| days_in_month(year, m)).sum();
        Ok(Self(days_before_year(year) + months + day - 1))
    }

    /// Year, month from 1, day of the month from 1.
    pub fn ymd(self) -> (u32, u32, u32) {
        // An average year has 365.2425 days; the guess is at most one year off.
        let mut year = FIRST_YEAR + (u64::from(self.0) * 10_000 / 3_652_425) as u32;
        if days_before_year(year + 1) <= self.0 {
            year += 1;
        }
        while days_before_year(year) > self.0 {
            year -= 1;
        }
        let mut rest = self.0 - days_before_year(year);
        let mut month = 1;
        while rest >= days_in_month(year, month) {
            rest -= days_in_month(year, month);
            month += 1;
        }
        (year, month, rest + 1)
    }

    /// The UTC day of a Unix time in seconds.
    ///
    /// # Errors
    /// [`DayError::OutOfRange`] beyond 20 bits of days.
    pub fn from_unix_seconds(seconds: u64) -> Result<Self, DayError> {
        let days = seconds / SECONDS_PER_DAY + u64::from(UNIX_EPOCH);
        u32::try_from(days)
            .map_err(|_| DayError::OutOfRange)
            .and_then(Self::from_number)
    }

    /// The day `days` later, if it exists.
    pub fn checked_add(self, days: u32) -> Option<Self> {
        self.0.checked_add(days).and_then(|n| Self::from_number(n).ok())
    }

    /// The day `days` earlier, if it exists.
    pub fn checked_sub(self, days: u32) -> Option<Self> {
        self.0.checked_sub(days).map(Self)
    }

    /// The first day of this day's month: the grid on which issuers put dates.
    pub fn first_of_month(self) -> Self {
        let (_, _, day) = self.ymd();
        Self(self.0 - (day - 1))
    }

    /// Whether this is the first day of a month.
    pub fn is_on_grid(self) -> bool {
        self.ymd().2 == 1
    }
}

fn is_leap(year: u32) -> bool {
    (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400)
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1900-01-01 to the first day of `year`.
fn days_before_year(year: u32) -> u32 {
    let leaps = |y: u32| y / 4 - y / 100 + y / 400;
    (year - FIRST_YEAR) * 365 + leaps(year - 1) - leaps(FIRST_YEAR - 1)
}

/// The latest birth of a person who is at least `age` on day `on`; `None` if that lies before 1900.
pub fn latest_birth_of_age(age: u8, on: Day) -> Option<Day> {
    let (year, month, day) = on.ymd();
    let year = year.checked_sub(u32::from(age)).filter(|y| *y >= FIRST_YEAR)?;
    // Only 29 February can be missing; whoever was born on 1 March is not of age yet.
    Day::from_ymd(year, month, day.min(days_in_month(year, month))).ok()
}

/// The earliest birth of a person who is not yet `age` on day `on`; [`Day::MIN`] if all since 1900 are below it.
pub fn earliest_birth_below_age(age: u8, on: Day) -> Day {
    latest_birth_of_age(age, on)
        .and_then(|latest| latest.checked_add(1))
        .unwrap_or(Day::MIN)
}

impl Decode for Day {
    fn decode<I: Input>(input: &mut I) -> Result<Self, CodecError> {
        Self::from_number(u32::decode(input)?).map_err(|_| "day does not fit 20 bits".into())
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Day(hidden)")
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(DayError::Format);
        }
        let number = |range: core::ops::Range<usize>| {
            bytes[range].iter().try_fold(0u32, |n, b| {
                b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0'))
            })
        };
        match (number(0..4), number(5..7), number(8..10)) {
            (Some(year), Some(month), Some(day)) => Self::from_ymd(year, month, day),
            _ => Err(DayError::Format),
        }
    }
}

#[cfg(feature = "serde")]
mod json {
    use super::Day;
    use alloc::string::{String, ToString};
    use serde::{de::Error, Deserialize, Deserializer, Serialize, Serializer};

    impl Serialize for Day {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&self.to_string())
        }
    }

    impl<'de> Deserialize<'de> for Day {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer)?
                .parse()
                .map_err(D::Error::custom)
        }
    }
}

#[cfg(test)]
mod tests;
