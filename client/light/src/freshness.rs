//! How old an answer may be.

use std::{fmt, str::FromStr};

use ofage_primitives::chain::SLOT_MILLIS;

use crate::{checkpoint::CLOCK_TOLERANCE, FinalizedHeader, FinalizedRoot, Refusal};

/// Oldest final state that is taken unless told otherwise, in seconds: an hour.
pub const MAX_STATE_AGE: u64 = 60 * 60;
/// Length of a slot, in seconds.
pub(crate) const SLOT_SECONDS: u64 = SLOT_MILLIS / 1_000;

/// The oldest that a verifier takes, in blocks or in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oldest {
    /// So many blocks.
    Blocks(u32),
    /// So many seconds.
    Seconds(u64),
}

/// Neither a number of blocks nor a length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give a number of blocks such as 300b, or a time such as 90s, 30m, 2h or 1d")]
pub struct ParseOldestError;

impl FromStr for Oldest {
    type Err = ParseOldestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unit = text.chars().last().ok_or(ParseOldestError)?;
        let digits = text.strip_suffix(unit).ok_or(ParseOldestError)?;
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseOldestError);
        }
        let number: u32 = digits.parse().map_err(|_| ParseOldestError)?;
        let seconds = |each: u64| Self::Seconds(u64::from(number) * each);
        Ok(match unit {
            'b' => Self::Blocks(number),
            's' => seconds(1),
            'm' => seconds(60),
            'h' => seconds(60 * 60),
            'd' => seconds(24 * 60 * 60),
            _ => return Err(ParseOldestError),
        })
    }
}

impl fmt::Display for Oldest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocks(blocks) => write!(f, "{blocks} blocks"),
            Self::Seconds(seconds) => write!(f, "{seconds} seconds"),
        }
    }
}

/// What a verifier asks of an answer's age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// Age of the newest final state that speaks for the anchor, in seconds: how long a revocation may go unseen.
    pub state: u64,
    /// Age of the anchor itself, beside what the policy says.
    pub anchor: Option<Oldest>,
}

impl Default for Freshness {
    fn default() -> Self {
        Self {
            state: MAX_STATE_AGE,
            anchor: None,
        }
    }
}

impl Freshness {
    /// Checks the age of a final header at Unix second `now`, and gives it in seconds.
    ///
    /// # Errors
    /// [`Refusal::FromFuture`] and [`Refusal::Stale`], this with the age that it had.
    pub fn check_header(&self, header: &FinalizedHeader, now: u64) -> Result<u64, Refusal> {
        let made = header.unix_seconds();
        if made > now.saturating_add(CLOCK_TOLERANCE) {
            return Err(Refusal::FromFuture);
        }
        let age = now.saturating_sub(made);
        if age > self.state {
            return Err(Refusal::Stale {
                age,
                limit: self.state,
            });
        }
        Ok(age)
    }

    /// Checks a final root at Unix second `now`.
    ///
    /// An anchor's age counts a slot for each block from it to the proved state, which is the least that it can be, and all
    /// the time since then, in which the chain may have made as many blocks as there were slots.
    ///
    /// # Errors
    /// [`Refusal::FromFuture`], [`Refusal::Stale`] and [`Refusal::AnchorStale`], these with the age that it had.
    pub fn check(&self, root: &FinalizedRoot, now: u64) -> Result<(), Refusal> {
        let header = root.header();
        let age = self.check_header(header, now)?;
        let blocks = header.number().saturating_sub(root.claim().anchor.block);
        let (age, limit) = match self.anchor {
            None => return Ok(()),
            Some(Oldest::Blocks(limit)) => (
                u64::from(blocks).saturating_add(age / SLOT_SECONDS),
                u64::from(limit),
            ),
            Some(Oldest::Seconds(limit)) => (age.saturating_add(u64::from(blocks) * SLOT_SECONDS), limit),
        };
        if age <= limit {
            return Ok(());
        }
        let in_unit = |count: u64| match self.anchor {
            Some(Oldest::Seconds(_)) => Oldest::Seconds(count),
            _ => Oldest::Blocks(u32::try_from(count).unwrap_or(u32::MAX)),
        };
        Err(Refusal::AnchorStale {
            age: in_unit(age),
            limit: in_unit(limit),
        })
    }
}
