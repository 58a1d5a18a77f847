//! What the pool is told, and how requests travel as transactions.

use super::{batch, check, check_batch, code};
use crate::{mock::*, refusal::Refusal, Call, Request, WeightInfo};
use codec::Encode;
use frame_support::{
    assert_ok,
    dispatch::GetDispatchInfo,
    pallet_prelude::{InvalidTransaction, TransactionSource, UnknownTransaction},
};
use sp_runtime::{
    generic::UncheckedExtrinsic,
    traits::{Applyable, Checkable, TransactionExtension},
    AccountId32, DispatchError, MultiSignature,
};

type Extensions = (frame_system::AuthorizeCall<Test>,);
type Extrinsic = UncheckedExtrinsic<AccountId32, RuntimeCall, MultiSignature, Extensions>;

fn admit(request: &Request<Test>) -> RuntimeCall {
    Call::<Test>::admit {
        request: Box::new(request.clone()),
    }
    .into()
}

fn general(call: RuntimeCall) -> Extrinsic {
    Extrinsic::new_transaction(call, (frame_system::AuthorizeCall::new(),))
}

fn tag(request: &Request<Test>) -> Vec<u8> {
    ("AgeGate", (request.gate, request.nullifier)).encode()
}

#[test]
fn a_request_provides_its_gate_and_nullifier() {
    run(|| {
        open_gate();
        let request = Wish::of(1).request();
        let validity = check(&request).unwrap();
        assert_eq!(validity.provides, vec![tag(&request)]);
        assert_eq!(validity.requires, Vec::<Vec<u8>>::new());
        assert_eq!(validity.priority, PRIORITY);
        assert!(validity.propagate);
        let same_slot = check(&Wish::of(1).for_account(2).request()).unwrap();
        assert_eq!(
            same_slot.provides, validity.provides,
            "the pool keeps one of them"
        );
    });
}

#[test]
fn it_leaves_the_pool_after_its_last_block() {
    run(|| {
        open_gate();
        let now = System::block_number();
        for ahead in [0, 1, u64::from(MAX_LONGEVITY)] {
            let mut wish = Wish::of(1);
            wish.expires_at = (now + ahead) as u32;
            let longevity = check(&wish.request()).unwrap().longevity;
            assert_eq!(
                now - 1 + longevity,
                now + ahead,
                "counted from the parent of the block to be built"
            );
            assert!(longevity <= u64::from(MAX_LONGEVITY) + 1);
        }
    });
}

#[test]
fn a_batch_provides_all_its_slots_and_outweighs_its_parts() {
    run(|| {
        open_gate();
        let mut wishes: Vec<Wish> = (0..3).map(Wish::of).collect();
        wishes[1].expires_at -= 5;
        let requests: Vec<_> = wishes.iter().map(Wish::request).collect();
        let validity = check_batch(&requests).unwrap();
        assert_eq!(validity.provides, requests.iter().map(tag).collect::<Vec<_>>());
        assert_eq!(validity.priority, 3 * PRIORITY);
        assert_eq!(
            validity.longevity,
            check(&requests[1]).unwrap().longevity,
            "the first to expire"
        );
        let two_alone = check(&requests[0]).unwrap().priority + check(&requests[2]).unwrap().priority;
        assert!(validity.priority > two_alone);
    });
}

#[test]
fn a_general_transaction_admits() {
    run(|| {
        let id = open_gate();
        let transaction = general(admit(&Wish::of(1).request()));
        let (info, length) = (transaction.get_dispatch_info(), transaction.encoded_size());
        assert_eq!(info.call_weight, <() as WeightInfo>::admit());
        assert_eq!(info.extension_weight, <() as WeightInfo>::authorize_admit(1));
        let checked = Checkable::check(transaction, &frame_system::ChainContext::<Test>::default()).unwrap();
        assert_ok!(checked.validate::<Test>(TransactionSource::External, &info, length));
        assert_ok!(checked.apply::<Test>(&info, length).unwrap());
        assert_eq!(gate(id).admissions, 1);
    });
}

#[test]
fn the_weight_of_a_batch_is_that_of_its_requests() {
    run(|| {
        open_gate();
        let requests = [Wish::of(1).request(), Wish::of(2).request()];
        let call: RuntimeCall = Call::<Test>::admit_batch {
            requests: batch(&requests),
        }
        .into();
        let info = general(call).get_dispatch_info();
        assert_eq!(info.call_weight, <() as WeightInfo>::admit_batch(2));
        assert_eq!(
            info.extension_weight,
            <() as WeightInfo>::authorize_admit_batch(2)
        );
    });
}

#[test]
fn a_general_transaction_that_does_not_hold_is_refused_with_its_code() {
    run(|| {
        open_gate();
        let mut request = Wish::of(1).request();
        request.proof[0] ^= 1;
        let transaction = general(admit(&request));
        let (info, length) = (transaction.get_dispatch_info(), transaction.encoded_size());
        let checked = Checkable::check(transaction, &frame_system::ChainContext::<Test>::default()).unwrap();
        let refused = Err(code(Refusal::Proof));
        assert_eq!(
            checked.validate::<Test>(TransactionSource::External, &info, length),
            refused
        );
        assert_eq!(
            checked.apply::<Test>(&info, length).unwrap_err(),
            code(Refusal::Proof)
        );
    });
}

#[test]
fn a_bare_transaction_is_refused() {
    run(|| {
        open_gate();
        let transaction = Extrinsic::new_bare(admit(&Wish::of(1).request()));
        let (info, length) = (transaction.get_dispatch_info(), transaction.encoded_size());
        let checked = Checkable::check(transaction, &frame_system::ChainContext::<Test>::default()).unwrap();
        let refused = checked
            .validate::<Test>(TransactionSource::External, &info, length)
            .unwrap_err();
        assert_eq!(refused, UnknownTransaction::NoUnsignedValidator.into());
        assert_eq!(world().proofs_seen, 0);
    });
}

#[test]
fn a_signed_transaction_pays_for_nothing() {
    run(|| {
        let id = open_gate();
        let call = admit(&Wish::of(1).request());
        let extension = frame_system::AuthorizeCall::<Test>::new();
        let info = call.get_dispatch_info();
        let origin = RuntimeOrigin::signed(account(1));
        let (_, _, origin) = extension
            .validate(
                origin,
                &call,
                &info,
                0,
                (),
                &sp_runtime::traits::TxBaseImplication(&call),
                TransactionSource::External,
            )
            .unwrap();
        use sp_runtime::traits::Dispatchable;
        assert_eq!(call.dispatch(origin).unwrap_err().error, DispatchError::BadOrigin);
        assert_eq!(gate(id).admissions, 0);
        assert_eq!(world().proofs_seen, 0);
    });
}

#[test]
fn other_calls_are_not_authorized_by_anything() {
    run(|| {
        use frame_support::traits::Authorize;
        let name = b"Lounge".to_vec().try_into().unwrap();
        let calls = [
            Call::<Test>::create_gate {
                name,
                policy: adults(),
                admission_days: DAYS,
            },
            Call::<Test>::fund {
                gate: ofage_primitives::GateId(0),
                amount: 1,
            },
            Call::<Test>::prune {
                gate: ofage_primitives::GateId(0),
                limit: 1,
            },
        ];
        for call in calls {
            assert!(call.authorize(TransactionSource::External).is_none());
            let transaction = general(call.into());
            let (info, length) = (transaction.get_dispatch_info(), transaction.encoded_size());
            let checked =
                Checkable::check(transaction, &frame_system::ChainContext::<Test>::default()).unwrap();
            let refused = checked
                .validate::<Test>(TransactionSource::External, &info, length)
                .unwrap_err();
            assert_eq!(refused, InvalidTransaction::UnknownOrigin.into());
        }
    });
}
