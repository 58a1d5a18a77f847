//! Amounts of the chain's currency, as people write them.

/// Smallest units in one unit.
pub const UNIT: u128 = 1_000_000_000_000;
/// Digits after the point.
const DECIMALS: usize = 12;

/// Not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an amount: give units with at most {DECIMALS} digits after the point, such as 100 or 0.25")]
pub struct AmountError;

/// Reads units with up to 12 decimals into smallest units.
///
/// # Errors
/// [`AmountError`] for anything else, and for what does not fit.
pub fn parse(text: &str) -> Result<u128, AmountError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > DECIMALS {
        return Err(AmountError);
    }
    if text.ends_with('.') {
        return Err(AmountError);
    }
    let whole: u128 = whole.parse().map_err(|_| AmountError)?;
    let fraction: u128 = format!("{fraction:0<DECIMALS$}")
        .parse()
        .map_err(|_| AmountError)?;
    whole
        .checked_mul(UNIT)
        .and_then(|n| n.checked_add(fraction))
        .ok_or(AmountError)
}

/// Writes smallest units as units, without needless zeros.
pub fn format(amount: u128) -> String {
    let (whole, fraction) = (amount / UNIT, amount % UNIT);
    if fraction == 0 {
        return whole.to_string();
    }
    let digits = format!("{fraction:0DECIMALS$}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(amount: u128) {
            prop_assert_eq!(parse(&format(amount)), Ok(amount));
        }
    }

    #[test]
    fn other_texts_are_no_amounts() {
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "1e3",
            "1,5",
            "0.0000000000001",
            "999999999999999999999999999999",
        ] {
            assert_eq!(parse(text), Err(AmountError), "{text}");
        }
    }
}
