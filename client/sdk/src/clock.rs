//! The day and the time of this machine, in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use ofage_primitives::{Day, DayError};

/// Seconds since 1970; zero on a machine whose clock lies before.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |passed| passed.as_secs())
}

/// Today, UTC.
///
/// # Errors
/// [`DayError::OutOfRange`] when the machine's clock is far off.
pub fn today() -> Result<Day, DayError> {
    Day::from_unix_seconds(now())
}
