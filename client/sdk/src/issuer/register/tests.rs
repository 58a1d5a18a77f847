mod hostile;

use super::*;
use crate::{
    account::Account,
    credential::tests::attributes,
    issuer::intake::{Column, Reason, Row},
};
use ofage_primitives::{attributes::Parts, hash_to_field, Attributes, IdentityCommitment};

const GENESIS: GenesisHash = GenesisHash([7; 32]);
const ISSUER: IssuerIndex = IssuerIndex(2);

fn row(n: u64) -> Row {
    Row {
        line: n,
        reference: format!("ref-{n}"),
        identity: identity(n),
        attributes: attributes("1990-05-06"),
        owned: false,
    }
}

fn identity(n: u64) -> IdentityCommitment {
    IdentityCommitment::from_element(hash_to_field(b"register test", &[&n.to_le_bytes()]))
}

/// The same customer, with a new commitment that they proved to own.
fn anew(n: u64, identity_of: u64) -> Row {
    Row {
        identity: identity(identity_of),
        owned: true,
        ..row(n)
    }
}

fn with(attributes: &Attributes, change: impl FnOnce(&mut Parts)) -> Attributes {
    let mut parts = *attributes.parts();
    change(&mut parts);
    Attributes::new(parts).unwrap()
}

/// A call of the attesting key.
fn call(nonce: u64) -> CallId {
    CallId {
        account: Account([5; 32]),
        nonce,
    }
}

struct Spot(tempfile::TempDir);

impl Spot {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("register")
    }

    fn open(&self) -> Register {
        Register::open(&self.path(), GENESIS, ISSUER).unwrap()
    }
}

fn take(register: &Register, rows: &[Row]) {
    for row in rows {
        assert_eq!(register.take(row, Reissue::No).unwrap(), Taken::New);
    }
}

fn refused(taken: Taken) -> Reason {
    match taken {
        Taken::Refused(_, reason) => reason,
        other => panic!("{other:?}"),
    }
}

/// Attests rows in a shard that is opened for them.
fn attest(register: &Register, shard: u32, rows: &[Row]) {
    take(register, rows);
    register.plan(None, 0, call(7), rows.len()).unwrap().unwrap();
    register.land(ShardIndex(shard)).unwrap();
}

#[test]
fn a_row_waits_goes_and_is_final_across_restarts() {
    let spot = Spot::new();
    take(&spot.open(), &[row(1), row(2), row(3)]);
    let register = spot.open();
    assert_eq!(register.waiting().unwrap(), 3);
    assert_eq!(register.standing("ref-1").unwrap(), Some(Standing::Waiting));
    let batch = register
        .plan(Some(ShardIndex(4)), 9, call(17), 2)
        .unwrap()
        .unwrap();
    assert_eq!(
        (batch.shard, batch.start, batch.call),
        (Some(ShardIndex(4)), 9, call(17))
    );
    assert_eq!(register.standing("ref-1").unwrap(), Some(Standing::Sent));
    assert!(
        register.credential("ref-1").unwrap().is_none(),
        "not before it is final"
    );
    drop(register);
    let register = spot.open();
    assert_eq!(register.pending().unwrap(), Some(batch.clone()));
    assert_eq!(register.waiting().unwrap(), 1);
    register.land(ShardIndex(4)).unwrap();
    drop(register);
    let register = spot.open();
    assert_eq!(register.pending().unwrap(), None);
    assert!(register.has_shard(ShardIndex(4)).unwrap() && !register.has_shard(ShardIndex(5)).unwrap());
    for (offset, leaf) in (0u16..).zip(batch.leaves) {
        let credential = register
            .credential(&format!("ref-{}", offset + 1))
            .unwrap()
            .unwrap();
        assert!(credential.leaf == LeafIndex(9 + offset) && credential.attestation == leaf);
    }
    assert!(register.credential("ref-3").unwrap().is_none());
}

#[test]
fn a_batch_that_never_comes_in_waits_again_with_other_salts() {
    let spot = Spot::new();
    let register = spot.open();
    take(&register, &[row(1), row(2)]);
    let first = register.plan(None, 0, call(7), 9).unwrap().unwrap();
    register.discard().unwrap();
    assert_eq!(register.pending().unwrap(), None);
    assert_eq!(register.waiting().unwrap(), 2);
    assert_eq!(register.take(&row(1), Reissue::No).unwrap(), Taken::Already);
    let second = register.plan(None, 0, call(8), 9).unwrap().unwrap();
    assert_eq!(second.leaves.len(), 2);
    assert!(first.leaves.iter().all(|leaf| !second.leaves.contains(leaf)));
    assert!(matches!(register.discard(), Ok(())));
    assert!(matches!(register.discard(), Err(RegisterError::NothingPending)));
    assert!(matches!(
        register.land(ShardIndex(0)),
        Err(RegisterError::NothingPending)
    ));
}

#[test]
fn several_batches_end_in_their_order() {
    let spot = Spot::new();
    let register = spot.open();
    take(&register, &[row(1), row(2), row(3)]);
    for nonce in 1..=3 {
        register.plan(None, 0, call(nonce), 1).unwrap().unwrap();
    }
    register.land(ShardIndex(4)).unwrap();
    drop(register);
    let register = spot.open();
    assert_eq!(register.pending().unwrap().unwrap().call.nonce, 2);
    register.discard().unwrap();
    assert_eq!(register.pending().unwrap().unwrap().call.nonce, 3);
    register.land(ShardIndex(5)).unwrap();
    assert!(register.place("ref-1").unwrap() == Some((ShardIndex(4), LeafIndex(0))));
    assert!(register.place("ref-3").unwrap() == Some((ShardIndex(5), LeafIndex(0))));
    assert_eq!(register.standing("ref-2").unwrap(), Some(Standing::Waiting));
}

mod an_import {
    use super::*;

    #[test]
    fn counts_once_it_is_accepted_and_not_before() {
        let spot = Spot::new();
        let register = spot.open();
        register.begin_import().unwrap();
        let taken = register.stage(&[row(1), row(2)], Reissue::No).unwrap();
        assert_eq!(taken, [Taken::New, Taken::New]);
        assert_eq!(
            register.plan(None, 0, call(1), 9).unwrap(),
            None,
            "staged rows are not attested"
        );
        drop(register);
        let register = spot.open();
        register.begin_import().unwrap();
        assert_eq!(
            register.stage(&[row(2)], Reissue::No).unwrap(),
            [Taken::New],
            "the first import is gone"
        );
        register.accept_import().unwrap();
        assert_eq!(
            register.plan(None, 0, call(1), 9).unwrap().unwrap().leaves.len(),
            1
        );
    }

    #[test]
    fn names_the_line_of_what_stands_twice() {
        let spot = Spot::new();
        let register = spot.open();
        register.begin_import().unwrap();
        let other = |line, reference: u64, commitment: u64| Row {
            line,
            reference: format!("ref-{reference}"),
            identity: identity(commitment),
            ..row(1)
        };
        let taken = register.stage(&[other(2, 1, 1), other(3, 1, 9), other(4, 9, 1)], Reissue::No);
        let taken = taken.unwrap();
        assert_eq!(
            taken[1],
            Taken::Refused(Column::Reference, Reason::TwiceReference(2))
        );
        assert_eq!(
            taken[2],
            Taken::Refused(Column::Identity, Reason::TwiceIdentity(2))
        );
        register.drop_import().unwrap();
        assert_eq!(register.waiting().unwrap(), 0);
        assert_eq!(register.take(&other(5, 9, 1), Reissue::No).unwrap(), Taken::New);
    }

    #[test]
    fn that_was_left_behind_is_not_accepted_by_a_row_that_comes_alone() {
        let spot = Spot::new();
        let register = spot.open();
        register.begin_import().unwrap();
        register.stage(&[row(1)], Reissue::No).unwrap();
        take(&register, &[row(2)]);
        assert_eq!(register.standing("ref-1").unwrap(), None);
        assert_eq!(
            register.plan(None, 0, call(1), 9).unwrap().unwrap().leaves.len(),
            1
        );
    }
}

mod a_second_row {
    use super::*;

    #[test]
    fn with_the_same_data_is_one_with_the_first_at_every_stage() {
        let spot = Spot::new();
        let register = spot.open();
        let again = || register.take(&row(1), Reissue::No).unwrap();
        take(&register, &[row(1)]);
        assert_eq!(again(), Taken::Already);
        register.plan(None, 0, call(1), 9).unwrap();
        assert_eq!(again(), Taken::Already);
        register.land(ShardIndex(0)).unwrap();
        assert_eq!(again(), Taken::Already);
        register.forget("ref-1").unwrap();
        assert_eq!(again(), Taken::Already);
    }

    #[test]
    fn of_a_customer_with_other_data_is_refused() {
        let spot = Spot::new();
        let register = spot.open();
        let other = Row {
            attributes: attributes("1991-05-06"),
            ..row(1)
        };
        let again = || refused(register.take(&other, Reissue::No).unwrap());
        take(&register, &[row(1)]);
        assert_eq!(again(), Reason::OnItsWay);
        register.plan(None, 0, call(1), 9).unwrap();
        assert_eq!(again(), Reason::OnItsWay);
        register.land(ShardIndex(0)).unwrap();
        assert_eq!(again(), Reason::Changed);
    }

    #[test]
    fn with_anothers_commitment_is_refused_at_every_stage() {
        let spot = Spot::new();
        let register = spot.open();
        let thief = || refused(register.take(&anew(2, 1), Reissue::NewEvidence).unwrap());
        take(&register, &[row(1)]);
        assert_eq!(thief(), Reason::KnownIdentity);
        register.plan(None, 0, call(1), 9).unwrap();
        assert_eq!(thief(), Reason::KnownIdentity);
        register.land(ShardIndex(0)).unwrap();
        assert_eq!(thief(), Reason::KnownIdentity);
    }

    #[test]
    fn after_a_revocation_needs_other_data() {
        let spot = Spot::new();
        let register = spot.open();
        attest(&register, 3, &[row(1)]);
        register.revoke(ShardIndex(3), &[0, 9]).unwrap();
        assert_eq!(register.standing("ref-1").unwrap(), Some(Standing::Revoked));
        assert!(register.credential("ref-1").unwrap().is_none());
        assert_eq!(
            refused(register.take(&row(1), Reissue::No).unwrap()),
            Reason::Revoked
        );
        assert_eq!(
            register.take(&anew(1, 8), Reissue::No).unwrap(),
            Taken::New,
            "the old commitment is free, the new one counts"
        );
    }
}

mod a_reissue {
    use super::*;

    #[test]
    fn takes_the_place_of_the_old_attestation_once_it_is_final() {
        let spot = Spot::new();
        let register = spot.open();
        attest(&register, 3, &[row(1)]);
        assert_eq!(
            register.take(&anew(1, 8), Reissue::SameEvidence).unwrap(),
            Taken::Replaces
        );
        assert_eq!(
            register.take(&anew(1, 8), Reissue::SameEvidence).unwrap(),
            Taken::Already
        );
        register
            .plan(Some(ShardIndex(3)), 1, call(8), 9)
            .unwrap()
            .unwrap();
        assert!(register.replaced(9).unwrap().is_empty(), "not before it is final");
        register.land(ShardIndex(3)).unwrap();
        drop(register);
        let register = spot.open();
        assert!(register.replaced(9).unwrap() == [(ShardIndex(3), LeafIndex(0))]);
        let credential = register.credential("ref-1").unwrap().unwrap();
        assert!(credential.identity == identity(8) && credential.leaf == LeafIndex(1));
        register.revoke(ShardIndex(3), &[0]).unwrap();
        assert!(register.replaced(9).unwrap().is_empty());
        assert!(
            register.credential("ref-1").unwrap().is_some(),
            "the new one lives"
        );
        assert_eq!(
            register.take(&anew(2, 1), Reissue::No).unwrap(),
            Taken::New,
            "the old commitment is free"
        );
    }

    #[test]
    fn needs_the_holders_proof() {
        let spot = Spot::new();
        let register = spot.open();
        attest(&register, 3, &[row(1)]);
        let mut unproved = anew(1, 8);
        unproved.owned = false;
        for reissue in [Reissue::SameEvidence, Reissue::NewEvidence] {
            assert_eq!(
                register.take(&unproved, reissue).unwrap(),
                Taken::Refused(Column::Ownership, Reason::NoOwnership)
            );
        }
        assert_eq!(
            refused(register.take(&anew(1, 8), Reissue::No).unwrap()),
            Reason::Changed
        );
    }

    #[test]
    fn keeps_the_day_of_the_check_unless_the_evidence_is_new() {
        let spot = Spot::new();
        let register = spot.open();
        attest(&register, 3, &[row(1)]);
        let later: ofage_primitives::Day = "2026-06-01".parse().unwrap();
        let fresh = Row {
            attributes: with(&row(1).attributes, |parts| {
                parts.checked_on = later;
                parts.enrolled_on = later;
            }),
            ..anew(1, 8)
        };
        register.take(&fresh, Reissue::SameEvidence).unwrap();
        register
            .plan(Some(ShardIndex(3)), 1, call(8), 9)
            .unwrap()
            .unwrap();
        register.land(ShardIndex(3)).unwrap();
        let parts = *register.credential("ref-1").unwrap().unwrap().attributes.parts();
        assert!(parts.checked_on == row(1).attributes.parts().checked_on);
        assert!(parts.enrolled_on == later, "the secret is new");

        let fresher = Row {
            attributes: with(&fresh.attributes, |parts| {
                parts.enrolled_on = "2026-07-01".parse().unwrap();
            }),
            ..anew(1, 8)
        };
        register.take(&fresher, Reissue::NewEvidence).unwrap();
        register
            .plan(Some(ShardIndex(3)), 2, call(9), 9)
            .unwrap()
            .unwrap();
        register.land(ShardIndex(3)).unwrap();
        let parts = *register.credential("ref-1").unwrap().unwrap().attributes.parts();
        assert!(parts.checked_on == later && parts.enrolled_on == later);
    }

    #[test]
    fn that_never_comes_in_leaves_the_old_attestation_as_it_was() {
        let spot = Spot::new();
        let register = spot.open();
        attest(&register, 3, &[row(1)]);
        register.take(&anew(1, 8), Reissue::SameEvidence).unwrap();
        register
            .plan(Some(ShardIndex(3)), 1, call(8), 9)
            .unwrap()
            .unwrap();
        assert!(register.credential("ref-1").unwrap().is_none());
        register.discard().unwrap();
        let credential = register.credential("ref-1").unwrap().unwrap();
        assert!(credential.identity == identity(1) && credential.leaf == LeafIndex(0));
        assert_eq!(register.waiting().unwrap(), 1, "and waits to be sent again");
        assert_eq!(
            refused(register.take(&anew(2, 1), Reissue::No).unwrap()),
            Reason::KnownIdentity
        );
    }

    #[test]
    fn of_what_is_revoked_on_the_way_replaces_nothing() {
        let spot = Spot::new();
        let register = spot.open();
        attest(&register, 3, &[row(1)]);
        register.take(&anew(1, 8), Reissue::SameEvidence).unwrap();
        register
            .plan(Some(ShardIndex(3)), 1, call(8), 9)
            .unwrap()
            .unwrap();
        register.revoke(ShardIndex(3), &[0]).unwrap();
        register.land(ShardIndex(3)).unwrap();
        assert!(register.replaced(9).unwrap().is_empty());
        assert!(register.credential("ref-1").unwrap().is_some());
    }
}

mod what_is_kept {
    use super::*;

    fn contains(path: &Path, bytes: &[u8]) -> bool {
        fs::read(path)
            .unwrap()
            .windows(bytes.len())
            .any(|window| window == bytes)
    }

    #[test]
    fn of_a_forgotten_customer_is_the_place() {
        let spot = Spot::new();
        let register = spot.open();
        attest(&register, 3, &[row(1), row(2)]);
        assert_eq!(register.undelivered(9).unwrap().len(), 2);
        assert_eq!(register.forget("ref-1").unwrap(), Forgotten::Yes);
        assert_eq!(register.forget("ref-1").unwrap(), Forgotten::Yes);
        assert_eq!(register.forget("nobody").unwrap(), Forgotten::Unknown);
        assert_eq!(register.standing("ref-1").unwrap(), Some(Standing::Forgotten));
        assert!(register.credential("ref-1").unwrap().is_none());
        assert!(register.place("ref-1").unwrap() == Some((ShardIndex(3), LeafIndex(0))));
        assert_eq!(register.undelivered(9).unwrap().len(), 1);
        register.revoke(ShardIndex(3), &[0]).unwrap();
        assert_eq!(register.forget("ref-1").unwrap(), Forgotten::Entirely);
        assert_eq!(register.standing("ref-1").unwrap(), None);
    }

    #[test]
    fn on_the_way_stays() {
        let spot = Spot::new();
        let register = spot.open();
        take(&register, &[row(1)]);
        assert_eq!(register.forget("ref-1").unwrap(), Forgotten::NotYet);
        register.plan(None, 0, call(1), 9).unwrap();
        assert_eq!(register.forget("ref-1").unwrap(), Forgotten::NotYet);
    }

    /// Forgetting is not a mark: the salt is in no page of the file any more.
    #[test]
    fn does_not_hold_the_salt_in_some_old_page() {
        let spot = Spot::new();
        let register = spot.open();
        attest(&register, 3, &[row(1)]);
        let credential = serde_json::to_value(register.credential("ref-1").unwrap().unwrap()).unwrap();
        let salt = hex::decode(credential["salt"].as_str().unwrap().trim_start_matches("0x")).unwrap();
        drop(register);
        let commitment = identity(1).to_bytes();
        for trace in [&salt[..], &commitment] {
            assert!(contains(&spot.path(), trace), "the control");
        }
        let register = spot.open();
        register.forget("ref-1").unwrap();
        drop(register.shred().unwrap());
        assert_eq!(spot.open().standing("ref-1").unwrap(), Some(Standing::Forgotten));
        for trace in [&salt[..], &commitment] {
            assert!(!contains(&spot.path(), trace));
        }
    }

    #[test]
    fn is_handed_out_until_somebody_says_that_it_was() {
        let spot = Spot::new();
        let register = spot.open();
        attest(&register, 3, &[row(1), row(2), row(3)]);
        let names = |most| -> Vec<String> {
            let found = register.undelivered(most).unwrap();
            found.into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names(2), ["ref-1", "ref-2"]);
        register.delivered(["ref-1", "nobody"]).unwrap();
        assert_eq!(names(9), ["ref-2", "ref-3"]);
    }
}

mod refuses {
    use super::*;

    #[test]
    fn a_second_process() {
        let spot = Spot::new();
        let _register = spot.open();
        assert!(matches!(
            Register::open(&spot.path(), GENESIS, ISSUER),
            Err(RegisterError::Busy(_))
        ));
    }

    #[test]
    fn another_issuers_and_another_chains() {
        let spot = Spot::new();
        drop(spot.open());
        for (genesis, issuer) in [(GENESIS, IssuerIndex(3)), (GenesisHash([8; 32]), ISSUER)] {
            assert!(matches!(
                Register::open(&spot.path(), genesis, issuer),
                Err(RegisterError::Foreign(_))
            ));
        }
    }

    #[test]
    fn other_files_and_leaves_them_as_they_are() {
        let spot = Spot::new();
        let text = "a file of something else\n".repeat(300);
        fs::write(spot.path(), &text).unwrap();
        assert!(Register::open(&spot.path(), GENESIS, ISSUER).is_err());
        assert_eq!(fs::read_to_string(spot.path()).unwrap(), text);
    }

    #[test]
    #[cfg(unix)]
    fn other_readers() {
        use std::os::unix::fs::PermissionsExt;
        let spot = Spot::new();
        drop(spot.open());
        let mode = fs::metadata(spot.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}

mod held {
    use super::*;

    fn at(position: u16) -> Place {
        (ShardIndex(4), LeafIndex(position))
    }

    #[test]
    fn is_the_leaf_until_it_is_forgotten_or_revoked() {
        let spot = Spot::new();
        let register = spot.open();
        take(&register, &[row(0), row(1), row(2)]);
        let batch = register.plan(None, 0, call(0), 10).unwrap().unwrap();
        assert_eq!(register.held(at(0)).unwrap(), None, "on its way");
        register.land(ShardIndex(4)).unwrap();
        for (position, leaf) in (0..).zip(&batch.leaves) {
            assert_eq!(register.held(at(position)).unwrap(), Some(Held::Leaf(*leaf)));
        }
        assert_eq!(register.held(at(3)).unwrap(), None);
        register.forget("ref-1").unwrap();
        assert_eq!(register.held(at(1)).unwrap(), Some(Held::Known));
        register.revoke(ShardIndex(4), &[2]).unwrap();
        assert_eq!(register.held(at(2)).unwrap(), Some(Held::Revoked));
        assert_eq!(register.held((ShardIndex(5), LeafIndex(0))).unwrap(), None);
    }

    #[test]
    fn is_known_where_a_newer_one_took_its_place() {
        let spot = Spot::new();
        let register = spot.open();
        take(&register, &[row(0)]);
        register.plan(None, 0, call(0), 10).unwrap().unwrap();
        register.land(ShardIndex(4)).unwrap();
        let taken = register.take(&anew(0, 7), Reissue::SameEvidence).unwrap();
        assert_eq!(taken, Taken::Replaces);
        let batch = register
            .plan(Some(ShardIndex(4)), 1, call(1), 10)
            .unwrap()
            .unwrap();
        register.land(ShardIndex(4)).unwrap();
        assert_eq!(register.held(at(0)).unwrap(), Some(Held::Known));
        assert_eq!(register.held(at(1)).unwrap(), Some(Held::Leaf(batch.leaves[0])));
    }
}
