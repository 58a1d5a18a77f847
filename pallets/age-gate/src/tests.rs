//! What the pallet does, in sentences.

mod access;
mod accounting;
mod admitting;
mod batches;
mod circuits;
mod gates;
mod hostile;
mod invariants;
mod joint;
mod life;
mod pool;
mod pruning;
mod random_walk;
mod refusing;
mod removing;
mod updating;

use crate::{mock::*, refusal::Refusal, types::Request, Call, Error};
use frame_support::{
    dispatch::RawOrigin,
    pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction},
    traits::Authorize,
    BoundedVec,
};
use sp_runtime::DispatchResult;

/// What the check of `admit` says, as when a request comes from outside.
fn check(request: &Request<Test>) -> Result<ValidTransaction, TransactionValidityError> {
    check_from(TransactionSource::External, request)
}

fn check_from(
    source: TransactionSource,
    request: &Request<Test>,
) -> Result<ValidTransaction, TransactionValidityError> {
    let call = Call::<Test>::admit {
        request: Box::new(request.clone()),
    };
    call.authorize(source)
        .expect("admit is authorized by its own check")
        .map(|(validity, _)| validity)
}

fn check_batch(requests: &[Request<Test>]) -> Result<ValidTransaction, TransactionValidityError> {
    check_batch_from(TransactionSource::External, requests)
}

fn check_batch_from(
    source: TransactionSource,
    requests: &[Request<Test>],
) -> Result<ValidTransaction, TransactionValidityError> {
    let call = Call::<Test>::admit_batch {
        requests: batch(requests),
    };
    call.authorize(source)
        .expect("admit_batch is authorized by its own check")
        .map(|(validity, _)| validity)
}

fn batch(requests: &[Request<Test>]) -> BoundedVec<Request<Test>, <Test as crate::Config>::MaxBatch> {
    requests.to_vec().try_into().expect("tests stay in the bound")
}

/// Checks a request as a block does, then dispatches it.
fn include(request: &Request<Test>) -> DispatchResult {
    check_from(TransactionSource::InBlock, request).expect("the request holds");
    dispatch(request)
}

/// Dispatches a request without the check.
fn dispatch(request: &Request<Test>) -> DispatchResult {
    AgeGate::admit(RawOrigin::Authorized.into(), Box::new(request.clone()))
}

/// Checks a batch as a block does, then dispatches it.
fn include_batch(requests: &[Request<Test>]) -> DispatchResult {
    check_batch_from(TransactionSource::InBlock, requests).expect("the batch holds");
    AgeGate::admit_batch(RawOrigin::Authorized.into(), batch(requests))
}

fn code(refusal: Refusal) -> TransactionValidityError {
    InvalidTransaction::Custom(refusal.code()).into()
}

/// Whether the request is refused for this reason, before the verifier is asked.
fn refused_unseen(request: &Request<Test>, refusal: Refusal) {
    let before = world().proofs_seen;
    assert_eq!(check(request), Err(code(refusal)), "expected {refusal:?}");
    assert_eq!(world().proofs_seen, before, "the proof is not touched");
}

/// Whether the request is refused for its proof.
fn refused_for_proof(request: &Request<Test>) {
    let before = world().proofs_seen;
    assert_eq!(check(request), Err(code(Refusal::Proof)));
    assert_eq!(world().proofs_seen, before + 1);
}

fn owner() -> RuntimeOrigin {
    RuntimeOrigin::signed(account(OWNER))
}

/// Calls as governance does.
fn govern(call: impl FnOnce(RuntimeOrigin) -> DispatchResult) {
    call(RuntimeOrigin::signed(account(GOVERNOR))).expect("governance may")
}

fn failed(error: Error<Test>) -> DispatchResult {
    Err(error.into())
}
