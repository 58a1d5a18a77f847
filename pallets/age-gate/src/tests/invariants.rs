//! That the checks of the storage notice what they are for.

use super::include;
use crate::{mock::*, Admissions, Endings, Gates, HoldReason, NextGate, Nullifiers};
use frame_support::{
    assert_ok,
    traits::{fungible::MutateHold, tokens::Precision, Hooks},
};
use ofage_primitives::GateId;
use sp_runtime::TryRuntimeError;

/// What the checks say after `spoil` was done to a gate with two admissions.
fn after(spoil: impl FnOnce(GateId)) -> Result<(), TryRuntimeError> {
    new_test_ext().execute_with(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        assert_ok!(include(&Wish::of(2).request()));
        assert_ok!(AgeGate::do_try_state());
        spoil(id);
        AgeGate::do_try_state()
    })
}

fn with_gate(id: GateId, change: impl FnOnce(&mut crate::Gate<Test>)) {
    Gates::<Test>::mutate(id, |gate| change(gate.as_mut().unwrap()));
}

#[test]
fn a_sound_state_passes() {
    assert_ok!(after(|_| {}));
}

#[test]
fn each_broken_invariant_is_noticed() {
    type Spoil = fn(GateId);
    let spoils: [(Spoil, &str); 13] = [
        (
            |_| NextGate::<Test>::put(0),
            "a gate's number is not given out yet",
        ),
        (
            |id| with_gate(id, |g| g.name.clear()),
            "a gate's name is not printable",
        ),
        (
            |id| with_gate(id, |g| g.admission_days = 0),
            "a gate's admissions have no length",
        ),
        (
            |id| with_gate(id, |g| g.admissions = 1),
            "a gate counts its admissions wrongly",
        ),
        (
            |id| with_gate(id, |g| g.pruned_before = day(31)),
            "pruning passed over an admission",
        ),
        (
            |id| with_gate(id, |g| g.deposit += 1),
            "an owner's account does not hold the deposits of its gates",
        ),
        (
            |id| Nullifiers::<Test>::remove(id, nullifier(1)),
            "an admission's nullifier is not on record for its account",
        ),
        (
            |id| Endings::<Test>::remove((id, day(30), account(1))),
            "an admission's ending is not on record",
        ),
        (
            |id| Nullifiers::<Test>::insert(id, nullifier(9), account(1)),
            "a nullifier belongs to no admission",
        ),
        (
            |id| Endings::<Test>::insert((id, day(3), account(1)), ()),
            "an ending belongs to no admission",
        ),
        (
            |id| {
                let admission = Admissions::<Test>::get(id, account(1)).unwrap();
                Admissions::<Test>::insert(GateId(5), account(1), admission);
            },
            "an admission belongs to no gate",
        ),
        (
            |id| {
                let sponsor = AgeGate::sponsor_account(id);
                Balances::release(&HoldReason::Admission.into(), &sponsor, 1, Precision::Exact).unwrap();
            },
            "a sponsor account does not hold the deposits of its admissions",
        ),
        (
            |_| crate::AdmittedInBlock::<Test>::put(MAX_PER_BLOCK + 1),
            "a block has more admissions than its share",
        ),
    ];
    for (spoil, message) in spoils {
        assert_eq!(after(spoil), Err(TryRuntimeError::Other(message)));
    }
}

#[test]
fn the_configuration_is_sound() {
    new_test_ext().execute_with(AgeGate::integrity_test);
}
