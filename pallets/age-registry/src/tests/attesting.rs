//! Batches and shards.

use super::{dispatch, failed, shard_root, unsigned};
use crate::{mock::*, Call, Error, Event, Frontiers, NextShard, ShardChoice, ShardStatus, Shards};
use frame_support::{assert_noop, assert_ok, assert_storage_noop};
use ofage_primitives::{
    tree::{Tree, CAP_CAPACITY, SHARD_CAPACITY},
    Attestation, IssuerIndex, ShardIndex,
};
use sp_runtime::{DispatchError, TokenError};

const NEXT: ShardChoice = ShardChoice::Next;

fn open(shard: u32) -> ShardChoice {
    ShardChoice::Open(ShardIndex(shard))
}

fn shard(index: u32) -> crate::Shard<Test> {
    Shards::<Test>::get(ShardIndex(index)).unwrap()
}

#[test]
fn the_first_batch_opens_a_shard_for_a_deposit() {
    run(|| {
        new_issuer(1);
        go_to(3);
        assert_ok!(attest(1, NEXT, 0, leaves(0..5)));
        let shard = shard(0);
        assert_eq!(shard.issuer, IssuerIndex(0));
        assert_eq!(shard.root, shard_root(&leaves(0..5)));
        assert_eq!((shard.len, shard.status), (5, ShardStatus::Open));
        assert_eq!((shard.opened_at, shard.changed_at), (3, 3));
        assert_eq!((shard.depositor, shard.deposit), (account(1), SHARD_DEPOSIT));
        assert_eq!(held(1), [ISSUER_DEPOSIT, SHARD_DEPOSIT, 0]);
        System::assert_last_event(
            Event::Attested {
                issuer: IssuerIndex(0),
                shard: ShardIndex(0),
                start: 0,
                count: 5,
            }
            .into(),
        );
    });
}

#[test]
fn later_batches_are_appended_to_the_open_shard_for_nothing() {
    run(|| {
        new_issuer(1);
        assert_ok!(attest(1, NEXT, 0, leaves(0..3)));
        next_block();
        assert_ok!(attest(1, open(0), 3, leaves(3..4)));
        assert_ok!(attest(1, open(0), 4, leaves(4..11)));
        let shard = shard(0);
        assert_eq!(shard.root, shard_root(&leaves(0..11)));
        assert_eq!((shard.len, shard.opened_at, shard.changed_at), (11, 1, 2));
        assert_eq!(held(1), [ISSUER_DEPOSIT, SHARD_DEPOSIT, 0]);
    });
}

#[test]
fn a_batch_may_fill_a_shard_which_seals_itself() {
    run(|| {
        new_issuer(1);
        assert_ok!(attest(1, NEXT, 0, leaves(0..SHARD_CAPACITY)));
        let full = shard(0);
        assert_eq!((full.len, full.status), (4096, ShardStatus::Sealed));
        assert_eq!(full.root, shard_root(&leaves(0..SHARD_CAPACITY)));
        assert!(!Frontiers::<Test>::contains_key(ShardIndex(0)));
        System::assert_has_event(
            Event::Attested {
                issuer: IssuerIndex(0),
                shard: ShardIndex(0),
                start: 0,
                count: 4096,
            }
            .into(),
        );
        System::assert_last_event(
            Event::ShardSealed {
                issuer: IssuerIndex(0),
                shard: ShardIndex(0),
            }
            .into(),
        );
        assert_ok!(attest(1, NEXT, 0, leaves(9000..9001)));
        assert_eq!(held(1), [ISSUER_DEPOSIT, 2 * SHARD_DEPOSIT, 0]);
    });
}

#[test]
fn the_last_attestation_that_fits_seals_the_shard_too() {
    run(|| {
        new_issuer(1);
        assert_ok!(attest(1, NEXT, 0, leaves(0..SHARD_CAPACITY - 1)));
        assert_eq!(shard(0).status, ShardStatus::Open);
        assert_ok!(attest(1, open(0), 4095, leaves(4095..4096)));
        assert_eq!(shard(0).status, ShardStatus::Sealed);
        assert_eq!(shard(0).root, shard_root(&leaves(0..SHARD_CAPACITY)));
    });
}

#[test]
fn an_issuer_seals_its_open_shard_with_either_key_and_opens_the_next() {
    run(|| {
        let metadata = b"Bank".to_vec().try_into().unwrap();
        AgeRegistry::register(signed(1), metadata, account(2)).unwrap();
        AgeRegistry::become_attester(signed(2), IssuerIndex(0)).unwrap();
        open_shard(2, leaves(0..2));
        assert_ok!(AgeRegistry::seal_shard(signed(1)));
        System::assert_last_event(
            Event::ShardSealed {
                issuer: IssuerIndex(0),
                shard: ShardIndex(0),
            }
            .into(),
        );
        open_shard(2, leaves(2..4));
        assert_ok!(AgeRegistry::seal_shard(signed(2)));
        assert_eq!([0, 1].map(|i| shard(i).status), [ShardStatus::Sealed; 2]);
        assert_eq!(Frontiers::<Test>::iter().count(), 0);
    });
}

#[test]
fn shards_of_several_issuers_stay_apart() {
    run(|| {
        new_issuer(1);
        new_issuer(2);
        open_shard(1, leaves(0..2));
        open_shard(2, leaves(10..12));
        assert_eq!(attest(1, open(1), 2, leaves(5..6)), failed(Error::ShardNotOpen));
        assert_ok!(attest(2, open(1), 2, leaves(12..13)));
        assert_eq!([0, 1].map(|i| shard(i).issuer), [0, 1].map(IssuerIndex));
        // The same leaves of two issuers are the same shard root, and different leaves of the cap.
        open_shard_again(1, 2);
    });
}

fn open_shard_again(one: u8, other: u8) {
    for attester in [one, other] {
        AgeRegistry::seal_shard(signed(attester)).unwrap();
        open_shard(attester, leaves(50..52));
    }
    assert_eq!(shard(2).root, shard(3).root);
    let leaf = |index| crate::CapNodes::<Test>::get((0, index)).unwrap();
    assert_ne!(leaf(2), leaf(3));
}

#[test]
fn a_batch_that_was_sent_twice_is_written_once() {
    run(|| {
        new_issuer(1);
        assert_ok!(attest(1, NEXT, 0, leaves(0..3)));
        assert_noop!(attest(1, NEXT, 0, leaves(0..3)), Error::<Test>::ShardStillOpen);
        assert_ok!(attest(1, open(0), 3, leaves(3..5)));
        assert_noop!(attest(1, open(0), 3, leaves(3..5)), Error::<Test>::WrongStart);
        assert_ok!(AgeRegistry::seal_shard(signed(1)));
        // All of the last shard, as one batch.
        assert_noop!(attest(1, NEXT, 0, leaves(0..5)), Error::<Test>::DuplicateShard);
        assert_ok!(attest(1, NEXT, 0, leaves(5..6)));
    });
}

#[test]
fn a_whole_shard_that_was_sent_twice_is_written_once() {
    run(|| {
        new_issuer(1);
        assert_ok!(attest(1, NEXT, 0, leaves(0..SHARD_CAPACITY)));
        next_block();
        assert_noop!(
            attest(1, NEXT, 0, leaves(0..SHARD_CAPACITY)),
            Error::<Test>::DuplicateShard
        );
        assert_eq!(NextShard::<Test>::get(), 1);
    });
}

mod rejects {
    use super::*;

    #[test]
    fn accounts_that_attest_for_nobody() {
        run(|| {
            new_issuer(1);
            assert_noop!(attest(3, NEXT, 0, leaves(0..1)), Error::<Test>::NotAttester);
            assert_noop!(AgeRegistry::seal_shard(signed(3)), Error::<Test>::NotAnIssuer);
        });
    }

    #[test]
    fn issuers_that_are_suspended_or_retired() {
        run(|| {
            let issuer = new_issuer(1);
            open_shard(1, leaves(0..1));
            let refused = || {
                assert_noop!(
                    attest(1, open(0), 1, leaves(1..2)),
                    Error::<Test>::IssuerNotActive
                );
            };
            assert_ok!(AgeRegistry::suspend(RuntimeOrigin::root(), issuer));
            refused();
            assert_ok!(AgeRegistry::reinstate(RuntimeOrigin::root(), issuer));
            assert_ok!(AgeRegistry::retire(signed(1)));
            refused();
        });
    }

    #[test]
    fn batches_without_attestations() {
        run(|| {
            new_issuer(1);
            assert_noop!(attest(1, NEXT, 0, vec![]), Error::<Test>::EmptyBatch);
            open_shard(1, leaves(0..1));
            assert_noop!(attest(1, open(0), 1, vec![]), Error::<Test>::EmptyBatch);
        });
    }

    #[test]
    fn the_empty_leaf_anywhere_in_a_batch() {
        run(|| {
            new_issuer(1);
            let empty = Attestation::from_element(Tree::empty_leaf());
            for at in 0..3 {
                let mut batch = leaves(0..3);
                batch[at] = empty;
                assert_noop!(attest(1, NEXT, 0, batch), Error::<Test>::EmptyLeaf);
            }
        });
    }

    #[test]
    fn shards_that_are_not_the_open_one() {
        run(|| {
            new_issuer(1);
            assert_noop!(attest(1, open(0), 0, leaves(0..1)), Error::<Test>::ShardNotOpen);
            open_shard(1, leaves(0..1));
            assert_noop!(attest(1, open(1), 1, leaves(0..1)), Error::<Test>::ShardNotOpen);
            assert_ok!(AgeRegistry::seal_shard(signed(1)));
            assert_noop!(attest(1, open(0), 1, leaves(1..2)), Error::<Test>::ShardNotOpen);
            open_shard(1, leaves(5..6));
            assert_noop!(attest(1, open(0), 1, leaves(1..2)), Error::<Test>::ShardNotOpen);
        });
    }

    #[test]
    fn a_second_open_shard() {
        run(|| {
            new_issuer(1);
            open_shard(1, leaves(0..1));
            assert_noop!(attest(1, NEXT, 0, leaves(1..2)), Error::<Test>::ShardStillOpen);
            assert_noop!(attest(1, NEXT, 1, leaves(1..2)), Error::<Test>::ShardStillOpen);
        });
    }

    #[test]
    fn another_start_than_the_next_index() {
        run(|| {
            new_issuer(1);
            assert_noop!(attest(1, NEXT, 1, leaves(0..1)), Error::<Test>::WrongStart);
            open_shard(1, leaves(0..3));
            for start in [0, 2, 4, u16::MAX] {
                assert_noop!(attest(1, open(0), start, leaves(3..4)), Error::<Test>::WrongStart);
            }
        });
    }

    #[test]
    fn more_attestations_than_fit() {
        run(|| {
            new_issuer(1);
            open_shard(1, leaves(0..2));
            assert_noop!(
                attest(1, open(0), 2, leaves(2..SHARD_CAPACITY + 1)),
                Error::<Test>::ShardFull
            );
            assert_eq!(shard(0).len, 2);
        });
    }

    #[test]
    fn a_shard_beyond_the_cap() {
        new_test_ext().execute_with(|| {
            new_issuer(1);
            NextShard::<Test>::put(CAP_CAPACITY);
            assert_noop!(attest(1, NEXT, 0, leaves(0..1)), Error::<Test>::CapFull);
            NextShard::<Test>::put(CAP_CAPACITY - 1);
            assert_ok!(attest(1, NEXT, 0, leaves(0..1)));
        });
    }

    #[test]
    fn a_deposit_that_is_not_there_and_leaves_nothing_behind() {
        run(|| {
            let metadata = b"Bank".to_vec().try_into().unwrap();
            AgeRegistry::register(signed(1), metadata, account(200)).unwrap();
            AgeRegistry::become_attester(signed(200), IssuerIndex(0)).unwrap();
            let call = Call::attest {
                shard: NEXT,
                start: 0,
                leaves: leaves(0..3).try_into().unwrap(),
            };
            assert_storage_noop!(assert_eq!(
                dispatch(signed(200), call),
                Err(TokenError::FundsUnavailable.into())
            ));
        });
    }

    #[test]
    fn sealing_without_an_open_shard() {
        run(|| {
            new_issuer(1);
            assert_noop!(AgeRegistry::seal_shard(signed(1)), Error::<Test>::NoOpenShard);
            open_shard(1, leaves(0..1));
            assert_ok!(AgeRegistry::seal_shard(signed(1)));
            assert_noop!(AgeRegistry::seal_shard(signed(1)), Error::<Test>::NoOpenShard);
        });
    }

    #[test]
    fn origins_that_are_not_signed() {
        run(|| {
            new_issuer(1);
            open_shard(1, leaves(0..1));
            for origin in unsigned() {
                let batch = leaves(1..2).try_into().unwrap();
                assert_noop!(
                    AgeRegistry::attest(origin, open(0), 1, batch),
                    DispatchError::BadOrigin
                );
            }
            for origin in unsigned() {
                assert_noop!(AgeRegistry::seal_shard(origin), DispatchError::BadOrigin);
            }
        });
    }
}
