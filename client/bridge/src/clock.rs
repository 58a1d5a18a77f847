//! Time as credentials have it.

use std::time::Duration;

use ofage_primitives::Day;
use rustls_pki_types::UnixTime;

/// Seconds that clocks of signers, holders and the issuer may differ.
pub(crate) const SKEW: u64 = 300;
const SECONDS_PER_DAY: u64 = 86_400;

/// A moment, in seconds of Unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

impl Moment {
    /// Its day in UTC; the last day that exists if it lies beyond.
    pub fn day(self) -> Day {
        Day::from_unix_seconds(self.0).unwrap_or(Day::MAX)
    }

    pub(crate) fn unix(self) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(self.0))
    }

    /// Whether it has come by `now`, clocks being as they are.
    pub(crate) fn has_come(self, now: Self) -> bool {
        self.0 <= now.0.saturating_add(SKEW)
    }

    /// Reads the form of ISO 18013-5, 7.2.1: `YYYY-MM-DDTHH:MM:SSZ`, without fractions and offsets.
    pub(crate) fn from_tdate(text: &str) -> Option<Self> {
        let (date, time) = text.split_at_checked(10)?;
        let day: Day = date.parse().ok()?;
        let epoch = Day::from_ymd(1970, 1, 1).ok()?;
        let days = u64::from(day.number().checked_sub(epoch.number())?);
        let bytes = time.as_bytes();
        if bytes.len() != 10 || [bytes[0], bytes[3], bytes[6], bytes[9]] != *b"T::Z" {
            return None;
        }
        let number = |at: usize, most: u64| {
            let digits = &bytes[at..at + 2];
            let digit = |byte: u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
            let number = digit(digits[0])? * 10 + digit(digits[1])?;
            (number <= most).then_some(number)
        };
        // A leap second counts as the second after.
        let seconds = number(1, 23)? * 3_600 + number(4, 59)? * 60 + number(7, 60)?;
        Some(Self(days * SECONDS_PER_DAY + seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_one_form() {
        let read = |text| Moment::from_tdate(text).map(|moment| moment.0);
        assert_eq!(read("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(read("2020-10-01T13:30:02Z"), Some(1_601_559_002));
        for text in [
            "",
            "2020-10-01",
            "2020-10-01T13:30:02",
            "2020-10-01T13:30:02+00:00",
            "2020-10-01T13:30:02.5Z",
            "2020-10-01 13:30:02Z",
            "2020-13-01T13:30:02Z",
            "2020-10-01T24:30:02Z",
            "2020-10-01T13:60:02Z",
            "2020-10-01T1a:30:02Z",
            "1969-12-31T00:00:00Z",
            "2020-10-0éT13:30:02Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
