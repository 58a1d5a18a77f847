use super::*;
use codec::Encode;

#[test]
fn two_thirds_are_needed() {
    let needed: Vec<u32> = (1..=9).map(threshold).collect();
    assert_eq!(needed, [1, 2, 2, 3, 4, 4, 5, 6, 6]);
    for members in 1..200 {
        let votes = threshold(members);
        assert!(3 * votes >= 2 * members, "as the chain counts");
        assert!(3 * (votes - 1) < 2 * members, "and no more than that");
    }
}

mod results {
    use super::*;

    /// `DispatchError::Module` of the 41st pallet's third error.
    const ERROR: [u8; 6] = [3, 40, 2, 0, 0, 0];

    #[test]
    fn that_are_good_hold_no_error() {
        assert_eq!(failure(&[0], false).unwrap(), None);
        assert_eq!(failure(&[0, 0, 0], true).unwrap(), None);
    }

    #[test]
    fn that_are_bad_end_with_the_error() {
        let plain = [&[1][..], &ERROR].concat();
        assert_eq!(failure(&plain, false).unwrap(), Some(&ERROR[..]));
        for weight in [None, Some((Compact(5_000_000_000u64), Compact(7u64)))] {
            let with_cost = [&[1][..], &(weight, 0u8).encode(), &ERROR].concat();
            assert_eq!(failure(&with_cost, true).unwrap(), Some(&ERROR[..]));
        }
    }

    #[test]
    fn that_are_none_are_refused() {
        assert!(failure(&[], false).is_err());
        assert!(failure(&[2], false).is_err());
        assert!(failure(&[1, 1], true).is_err());
    }
}

#[test]
fn a_runtime_is_named_by_its_hash() {
    // BLAKE2b-256 of nothing.
    let hash = "0x0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";
    let RootCall::AuthorizeUpgrade(found) = RootCall::authorize_upgrade(b"") else {
        panic!("another call");
    };
    assert_eq!(found.to_string(), hash);
    assert_eq!(hash.parse(), Ok(found));
    for wrong in ["", "0x12", &hash[..65], &format!("{hash}00")] {
        assert!(wrong.parse::<CallHash>().is_err(), "{wrong}");
    }
}

mod motions {
    use super::*;

    fn motion(index: u32, call: u8, threshold: u32) -> Motion {
        Motion {
            index,
            hash: CallHash([call; 32]),
            threshold,
            ayes: Vec::new(),
            nays: Vec::new(),
            end: 900,
            call: vec![call; 40],
            decoded: None,
            about: None,
        }
    }

    #[test]
    fn for_the_same_call_are_taken_up_with_the_right_threshold() {
        let motions = [motion(3, 0xaa, 2), motion(4, 0xbb, 3)];
        let found = open_already(&motions, CallHash([0xbb; 32]), 3).unwrap();
        assert_eq!(found, Some(motions[1].opened()));
        let found = open_already(&motions, CallHash([0xcc; 32]), 3).unwrap();
        assert_eq!(found, None);
    }

    #[test]
    fn for_the_same_call_with_another_threshold_are_told_of() {
        for threshold in [1, 2, 4] {
            let motions = [motion(3, 0xaa, 3), motion(4, 0xbb, threshold)];
            let error = open_already(&motions, CallHash([0xbb; 32]), 3).unwrap_err();
            assert!(matches!(
                error,
                CouncilError::OtherThreshold { index: 4, needed: 3, end: 900, found } if found == threshold
            ));
            assert!(error
                .to_string()
                .contains("ofage council vote --motion 4 --against"));
        }
    }

    #[test]
    fn that_are_shown_under_the_number_of_another_are_refused() {
        let opened = motion(4, 0xbb, 3).opened();
        assert!(is_opened(&motion(4, 0xbb, 3), opened).is_ok());
        for other in [motion(4, 0xaa, 3), motion(5, 0xbb, 3)] {
            assert!(matches!(
                is_opened(&other, opened),
                Err(ChainError::Inconsistent(_))
            ));
        }
    }

    #[test]
    fn that_cannot_be_read_are_none_of_the_whitelist() {
        let motion = motion(4, 0xbb, 3);
        assert_eq!((motion.dispatches(), motion.whitelists()), (None, None));
    }
}

#[test]
fn a_chain_keeps_a_validator() {
    let none = RootCall::SetValidators(Vec::new());
    assert!(matches!(none.check(), Err(CouncilError::NoValidators)));
    assert!(RootCall::SetValidators(vec![Account([1; 32])]).check().is_ok());
}
