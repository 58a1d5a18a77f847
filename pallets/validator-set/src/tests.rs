//! What governance can and cannot do to the set.

use crate::{mock::*, Chosen, Error, Event};
use frame_support::{assert_noop, assert_ok};
use pallet_session::SessionManager;
use sp_runtime::{bounded_vec, traits::BadOrigin};

#[test]
fn the_first_set_comes_from_the_chain_specification() {
    run(|| {
        assert_eq!(
            <ValidatorSet as SessionManager<u64>>::new_session_genesis(0),
            Some(vec![1, 2, 3])
        );
        assert_eq!(ValidatorSet::new_session(1), Some(vec![1, 2, 3]));
    });
}

#[test]
fn governance_replaces_the_set() {
    run(|| {
        assert_ok!(ValidatorSet::set_validators(
            RuntimeOrigin::root(),
            bounded_vec![4, 2]
        ));
        System::assert_last_event(Event::ValidatorsChanged { count: 2 }.into());
        assert_eq!(ValidatorSet::new_session(2), Some(vec![4, 2]));
    });
}

#[test]
fn a_validator_that_purged_its_keys_is_left_out() {
    run(|| {
        purge_keys(2);
        assert_eq!(ValidatorSet::new_session(2), Some(vec![1, 3]));
    });
}

#[test]
fn the_running_set_goes_on_when_nobody_has_keys() {
    run(|| {
        (1..=3).for_each(purge_keys);
        assert_eq!(ValidatorSet::new_session(2), None);
    });
}

mod rejects {
    use super::*;

    #[test]
    fn a_signed_origin() {
        run(|| {
            let call = ValidatorSet::set_validators(RuntimeOrigin::signed(1), bounded_vec![4]);
            assert_noop!(call, BadOrigin);
        });
    }

    #[test]
    fn an_empty_set() {
        run(|| {
            let call = ValidatorSet::set_validators(RuntimeOrigin::root(), bounded_vec![]);
            assert_noop!(call, Error::<Test>::EmptySet);
        });
    }

    #[test]
    fn a_duplicate() {
        run(|| {
            let call = ValidatorSet::set_validators(RuntimeOrigin::root(), bounded_vec![1, 2, 1]);
            assert_noop!(call, Error::<Test>::DuplicateValidator);
        });
    }

    #[test]
    #[cfg(not(feature = "runtime-benchmarks"))]
    fn an_account_without_session_keys() {
        run(|| {
            let call = ValidatorSet::set_validators(RuntimeOrigin::root(), bounded_vec![1, 100]);
            assert_noop!(call, Error::<Test>::KeysMissing);
            assert_eq!(Chosen::<Test>::get().into_inner(), vec![1, 2, 3]);
        });
    }
}
