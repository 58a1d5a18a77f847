//! The calendar against counting day by day.

use super::*;
use std::string::ToString;

/// Year, month and day of every supported day, by counting.
fn walk() -> impl Iterator<Item = (u32, u32, u32)> {
    (FIRST_YEAR..=LAST_YEAR)
        .flat_map(|y| (1..=12).flat_map(move |m| (1..=naive_month(y, m)).map(move |d| (y, m, d))))
}

fn naive_month(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(400) || (year.is_multiple_of(4) && !year.is_multiple_of(100));
    [
        31,
        if leap { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ][month as usize - 1]
}

#[test]
fn every_day_converts_both_ways() {
    let mut last = 0;
    for (number, (y, m, d)) in (0u32..).zip(walk()) {
        let day = Day::from_number(number).unwrap();
        assert!(day.ymd() == (y, m, d), "{y}-{m}-{d}");
        assert!(Day::from_ymd(y, m, d) == Ok(day));
        last = number;
    }
    // What 20 bits hold beyond the last whole year is a day like any other.
    assert!(Day::MAX.number() - last < 366);
    assert!(Day::MAX.ymd().0 == LAST_YEAR + 1);
}

#[test]
fn known_days_have_their_numbers() {
    assert_eq!(Day::from_ymd(1900, 1, 1).unwrap().number(), 0);
    assert_eq!(Day::from_ymd(1970, 1, 1).unwrap().number(), UNIX_EPOCH);
    assert!(Day::from_unix_seconds(0) == Day::from_ymd(1970, 1, 1));
    assert!(Day::from_unix_seconds(1_709_164_800 + 86_399) == Day::from_ymd(2024, 2, 29));
    assert!(Day::from_unix_seconds(u64::MAX) == Err(DayError::OutOfRange));
}

#[test]
fn text_is_iso_and_nothing_else() {
    assert_eq!("2008-02-29".parse::<Day>().unwrap().to_string(), "2008-02-29");
    for bad in [
        "",
        "2008-2-29",
        "2008-02-30",
        "2007-02-29",
        "2008-13-01",
        "2008-00-01",
        "2008-01-00",
        "1899-12-31",
    ] {
        assert!(bad.parse::<Day>().is_err(), "{bad}");
    }
    for bad in [
        "29.02.2008",
        "2008/02/29",
        "2008-02-29T00",
        "+008-02-29",
        "２００８-01",
        "20080229ab",
    ] {
        assert!(bad.parse::<Day>() == Err(DayError::Format), "{bad}");
    }
}

/// The rule, said day by day: at least `age` when month and day of the birthday have come, N years later.
fn naive_is_of_age(age: u32, born: (u32, u32, u32), on: (u32, u32, u32)) -> bool {
    let (y, m, d) = born;
    let anniversary = if (m, d) == (2, 29) && naive_month(y + age, 2) == 28 {
        (y + age, 3, 1)
    } else {
        (y + age, m, d)
    };
    on >= anniversary
}

#[test]
fn ages_follow_the_rule_around_every_kind_of_birthday() {
    for on in [
        "2026-02-28",
        "2026-03-01",
        "2028-02-28",
        "2028-02-29",
        "2028-03-01",
        "2026-12-31",
        "2026-01-01",
        "2100-02-28",
    ] {
        let on: Day = on.parse().unwrap();
        for age in [1u8, 13, 16, 18, 21, 65] {
            let latest = latest_birth_of_age(age, on).unwrap();
            let centre = latest.number();
            for number in centre - 400..=(centre + 400).min(on.number()) {
                let born = Day::from_number(number).unwrap();
                let expected = naive_is_of_age(u32::from(age), born.ymd(), on.ymd());
                assert!((born <= latest) == expected, "age {age}");
                assert!(
                    (born >= earliest_birth_below_age(age, on)) != expected,
                    "age {age}"
                );
            }
        }
    }
}

#[test]
fn someone_born_on_a_leap_day_is_of_age_on_the_first_of_march() {
    let born = Day::from_ymd(2008, 2, 29).unwrap();
    assert!(latest_birth_of_age(18, Day::from_ymd(2026, 2, 28).unwrap()).unwrap() < born);
    assert!(latest_birth_of_age(18, Day::from_ymd(2026, 3, 1).unwrap()).unwrap() >= born);
}

#[test]
fn ages_before_1900_are_nobody_or_everybody() {
    let on = Day::from_ymd(1910, 6, 1).unwrap();
    assert!(latest_birth_of_age(18, on).is_none());
    assert!(earliest_birth_below_age(18, on) == Day::MIN);
}

#[test]
fn the_grid_is_the_first_of_each_month() {
    let day: Day = "2026-11-24".parse().unwrap();
    assert!(!day.is_on_grid());
    assert_eq!(day.first_of_month().to_string(), "2026-11-01");
    assert!(day.first_of_month().is_on_grid());
}

#[test]
fn a_day_beyond_20_bits_does_not_decode() {
    assert!(Day::decode(&mut &(1u32 << 20).encode()[..]).is_err());
    assert!(Day::decode(&mut &((1u32 << 20) - 1).encode()[..]) == Ok(Day::MAX));
}
