//! What transactions are checked for, in which order, and what gets by.

use super::chain::{apply, begin, block_of, blocks, dev, general, signed, validate, GENESIS};
use crate::{
    constants::currency::UNIT, extensions, presets::account, AgeRegistry, Executive, Runtime, RuntimeCall,
    System, TxExtension, UncheckedExtrinsic,
};
use codec::{Compact, DecodeAll, Encode};
use ofage_primitives::{
    presentation::PROOF_LENGTH_V1, AgeBand, Anchor, Day, Element, GateId, IssuerTag, Nullifier, Policy,
    TrustListId, TrustListRoot,
};
use pallet_age_gate::Refusal;
use sp_runtime::{
    generic::Era,
    traits::TransactionExtension,
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidityError, UnknownTransaction,
    },
};

fn request() -> pallet_age_gate::Request<Runtime> {
    pallet_age_gate::Request {
        gate: GateId(0),
        account: account("Eve"),
        anchor: Anchor {
            block: System::block_number(),
            registry_root: AgeRegistry::registry_root(),
            trust_list_root: TrustListRoot::from_element(Element::ZERO),
        },
        valid_on: Day::from_unix_seconds(super::chain::START / 1_000).unwrap(),
        expires_at: System::block_number() + 10,
        nullifier: Nullifier::from_element(Element::from_u64(1)),
        issuer_tags: vec![IssuerTag::from_element(Element::from_u64(2))]
            .try_into()
            .unwrap(),
        proof: vec![0; PROOF_LENGTH_V1 as usize].try_into().unwrap(),
    }
}

fn admit(request: pallet_age_gate::Request<Runtime>) -> RuntimeCall {
    RuntimeCall::AgeGate(pallet_age_gate::Call::admit {
        request: Box::new(request),
    })
}

fn remark() -> RuntimeCall {
    RuntimeCall::System(frame_system::Call::remark {
        remark: vec![1, 2, 3],
    })
}

fn refused(refusal: Refusal) -> TransactionValidityError {
    InvalidTransaction::Custom(refusal.code()).into()
}

#[test]
fn the_order_of_the_checks_is_fixed() {
    let names: Vec<&str> = <TxExtension as TransactionExtension<RuntimeCall>>::metadata()
        .into_iter()
        .map(|extension| extension.identifier)
        .collect();
    assert_eq!(
        names,
        [
            "CheckNonZeroSender",
            "CheckSpecVersion",
            "CheckTxVersion",
            "CheckGenesis",
            "CheckMortality",
            "CheckWeight",
            "AuthorizeCall",
            "CheckNonce",
            "ChargeTransactionPayment",
            "CheckMetadataHash",
            "WeightReclaim",
        ]
    );
}

#[test]
fn a_general_transaction_is_the_bytes_that_clients_write() {
    // As `ofage-sdk` encodes it: the version, each extension that has a value with the one that asks for nothing, the call.
    const GENERAL_V5: u8 = 0b0100_0101;
    dev().execute_with(|| {
        blocks(1);
        let call = admit(request());
        let mut bytes = vec![GENERAL_V5, 0];
        0u8.encode_to(&mut bytes); // CheckMortality: immortal
        Compact(0u64).encode_to(&mut bytes); // CheckNonce
        Compact(0u128).encode_to(&mut bytes); // ChargeTransactionPayment: no tip
        0u8.encode_to(&mut bytes); // CheckMetadataHash: disabled
        call.encode_to(&mut bytes);
        let whole = bytes.encode();
        assert_eq!(general(call).encode(), whole);
        let decoded = UncheckedExtrinsic::decode_all(&mut &whole[..]).unwrap();
        assert_eq!(decoded.encode(), whole);
    });
}

#[test]
fn a_request_is_the_bytes_that_clients_write() {
    dev().execute_with(|| {
        let ours = request();
        let theirs = ofage_primitives::chain::AdmitRequest {
            gate: ours.gate,
            account: ours.account.clone().into(),
            anchor: ours.anchor,
            valid_on: ours.valid_on,
            expires_at: ours.expires_at,
            nullifier: ours.nullifier,
            issuer_tags: ours.issuer_tags.to_vec(),
            proof: ours.proof.to_vec(),
        };
        assert_eq!(ours.encode(), theirs.encode());
    });
}

#[test]
fn a_signed_transaction_needs_nothing_but_a_signer_with_money() {
    dev().execute_with(|| {
        blocks(1);
        let valid = validate(signed("Eve", 0, remark())).unwrap();
        assert_eq!(valid.provides, [(account("Eve"), 0u32).encode()]);
        let (_, results) = block_of(vec![signed("Eve", 0, remark()), signed("Eve", 1, remark())]);
        assert_eq!(results, [Ok(()), Ok(())]);
        assert_eq!(System::account_nonce(account("Eve")), 2);
        assert_eq!(
            validate(signed("Nobody", 0, remark())),
            Err(InvalidTransaction::Payment.into())
        );
    });
}

#[test]
fn an_admission_in_a_general_transaction_reaches_its_check() {
    dev().execute_with(|| {
        blocks(1);
        assert_eq!(
            validate(general(admit(request()))),
            Err(refused(Refusal::UnknownGate))
        );
        let mut short = request();
        short.proof.pop();
        assert_eq!(
            validate(general(admit(short))),
            Err(refused(Refusal::ProofLength))
        );
        begin(2, GENESIS);
        assert_eq!(
            apply(general(admit(request()))),
            Err(refused(Refusal::UnknownGate))
        );
    });
}

#[test]
fn a_proof_of_zeros_is_refused_by_the_verifier() {
    dev().execute_with(|| {
        let list = pallet_age_registry::Call::create_trust_list {
            name: b"papers".to_vec().try_into().unwrap(),
        };
        block_of(vec![signed("Curator", 0, list)]);
        let gate = pallet_age_gate::Call::create_gate {
            name: b"adults".to_vec().try_into().unwrap(),
            policy: Policy::new(AgeBand::over(18), TrustListId(0)),
            admission_days: 30,
        };
        let fund = pallet_age_gate::Call::fund {
            gate: GateId(0),
            amount: 100 * UNIT,
        };
        let (_, results) = block_of(vec![signed("App", 0, gate), signed("App", 1, fund)]);
        assert_eq!(results, [Ok(()), Ok(())]);
        let anchor = AgeRegistry::anchor(TrustListId(0)).unwrap();
        blocks(1);
        let mut all_but_proved = request();
        all_but_proved.anchor = anchor;
        assert_eq!(
            validate(general(admit(all_but_proved))),
            Err(refused(Refusal::Proof))
        );
    });
}

mod refuses {
    use super::*;

    #[test]
    fn an_admission_without_the_extensions() {
        dev().execute_with(|| {
            blocks(1);
            let bare = || UncheckedExtrinsic::new_bare(admit(request()));
            assert_eq!(
                validate(bare()),
                Err(UnknownTransaction::NoUnsignedValidator.into())
            );
            begin(2, GENESIS);
            // An author that includes it all the same wastes its block: nothing comes of it.
            assert_eq!(apply(bare()), Ok(Err(sp_runtime::DispatchError::BadOrigin)));
        });
    }

    #[test]
    fn an_admission_that_somebody_signed() {
        dev().execute_with(|| {
            blocks(1);
            // It is included and paid for, and does nothing: a signer is not authorized.
            let (_, results) = block_of(vec![signed("Eve", 0, admit(request()))]);
            assert_eq!(results, [Err(sp_runtime::DispatchError::BadOrigin)]);
        });
    }

    #[test]
    fn any_other_call_that_nobody_signed() {
        dev().execute_with(|| {
            blocks(1);
            let calls = [
                remark(),
                RuntimeCall::Balances(pallet_balances::Call::transfer_all {
                    dest: account("Eve").into(),
                    keep_alive: false,
                }),
                RuntimeCall::AgeRegistry(pallet_age_registry::Call::seal_shard {}),
                RuntimeCall::AgeGate(pallet_age_gate::Call::prune {
                    gate: GateId(0),
                    limit: 1,
                }),
            ];
            for call in calls {
                let answer = validate(general(call.clone()));
                assert_eq!(answer, Err(InvalidTransaction::UnknownOrigin.into()), "{call:?}");
                let bare = UncheckedExtrinsic::new_bare(call);
                assert!(validate(bare).is_err());
            }
        });
    }

    #[test]
    fn a_transaction_of_another_chain() {
        let mut other = dev();
        let transaction = dev().execute_with(|| {
            blocks(1);
            signed("Eve", 0, remark())
        });
        other.execute_with(|| {
            begin(1, sp_core::H256::repeat_byte(8));
            Executive::finalize_block();
            assert_eq!(validate(transaction), Err(InvalidTransaction::BadProof.into()));
        });
    }

    #[test]
    fn a_transaction_whose_era_is_over() {
        dev().execute_with(|| {
            blocks(200);
            let stale = UncheckedExtrinsic::new_transaction(
                admit(request()),
                extensions::plain(Era::mortal(4, 1), 0),
            );
            assert!(matches!(
                validate(stale),
                Err(TransactionValidityError::Invalid(
                    InvalidTransaction::AncientBirthBlock | InvalidTransaction::BadProof
                ))
            ));
        });
    }

    #[test]
    fn a_metadata_hash_that_the_runtime_does_not_know() {
        // Built without the feature, the runtime cannot compare, and says so instead of passing it.
        if option_env!("RUNTIME_METADATA_HASH").is_some() {
            return;
        }
        dev().execute_with(|| {
            blocks(1);
            let mut extension = extensions::plain(Era::Immortal, 0);
            extension.9 = frame_metadata_hash_extension::CheckMetadataHash::new(true);
            let call = admit(request());
            let transaction = UncheckedExtrinsic::new_transaction(call, extension);
            let answer = Executive::validate_transaction(TransactionSource::External, transaction, GENESIS);
            assert!(answer.is_err());
        });
    }
}
