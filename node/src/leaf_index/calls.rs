//! Reading calls and events of the runtime.
//!
//! They are read with the types of the runtime that is built into this node. What a later runtime writes otherwise is
//! not understood; then the registry root does not come out, and the index stops until the node is upgraded.

use super::block::{Action, Call, Outcome, Range};
use codec::{DecodeAll, Encode};
use frame_system::{EventRecord, Phase};
use ofage_runtime::{opaque, Address, Hash, Runtime, RuntimeCall, RuntimeEvent, UncheckedExtrinsic};
use pallet_age_registry::{Call as RegistryCall, Event as RegistryEvent};
use sp_runtime::generic::Preamble;
use std::collections::BTreeMap;

/// The calls of a block that change leaves if they succeed.
pub(crate) fn calls(body: &[opaque::UncheckedExtrinsic]) -> Vec<Call> {
    (0..)
        .zip(body)
        .filter_map(|(number, bytes)| {
            let extrinsic = UncheckedExtrinsic::decode_all(&mut &bytes.encode()[..]).ok()?;
            let Preamble::Signed(Address::Id(signer), ..) = extrinsic.preamble else {
                return None;
            };
            Some(Call {
                extrinsic: number,
                signer: signer.into(),
                action: action(extrinsic.function)?,
            })
        })
        .collect()
}

fn action(call: RuntimeCall) -> Option<Action> {
    let RuntimeCall::AgeRegistry(call) = call else {
        return None;
    };
    Some(match call {
        RegistryCall::attest { shard, start, leaves } => Action::Attest {
            shard,
            start,
            leaves: leaves.into_inner(),
        },
        RegistryCall::revoke {
            shard,
            position,
            leaf,
            siblings,
        } => Action::Revoke {
            shard,
            leaves: vec![(position, leaf)],
            siblings: siblings.to_vec(),
        },
        RegistryCall::revoke_batch {
            shard,
            leaves,
            siblings,
        } => Action::Revoke {
            shard,
            leaves: leaves.into_inner(),
            siblings: siblings.into_inner(),
        },
        RegistryCall::revoke_shards { from, to, count } => Action::RevokeShards(Range { from, to, count }),
        RegistryCall::restore_shards { from, to, count } => Action::RestoreShards(Range { from, to, count }),
        _ => return None,
    })
}

/// What became of each call, by the events of their block; `None` when these cannot be read.
pub(crate) fn outcomes(calls: &[Call], events: &[u8]) -> Option<Vec<Outcome>> {
    let records = Vec::<EventRecord<RuntimeEvent, Hash>>::decode_all(&mut &*events).ok()?;
    let mut by_extrinsic: BTreeMap<u32, Vec<RegistryEvent<Runtime>>> = BTreeMap::new();
    for record in records {
        if let (Phase::ApplyExtrinsic(number), RuntimeEvent::AgeRegistry(event)) =
            (record.phase, record.event)
        {
            by_extrinsic.entry(number).or_default().push(event);
        }
    }
    let outcome = |call: &Call| {
        let events = by_extrinsic.get(&call.extrinsic)?;
        events.iter().find_map(|event| of_event(&call.action, event))
    };
    Some(
        calls
            .iter()
            .map(|call| outcome(call).unwrap_or(Outcome::Failed))
            .collect(),
    )
}

/// What an event says about a call of its transaction.
fn of_event(action: &Action, event: &RegistryEvent<Runtime>) -> Option<Outcome> {
    match (action, event) {
        (Action::Attest { .. }, RegistryEvent::Attested { issuer, shard, .. }) => {
            Some(Outcome::Attested(*issuer, *shard))
        }
        (Action::Revoke { .. }, RegistryEvent::Revoked { .. } | RegistryEvent::BatchRevoked { .. })
        | (Action::RevokeShards(_), RegistryEvent::ShardsRevoked { .. })
        | (Action::RestoreShards(_), RegistryEvent::ShardsRestored { .. }) => Some(Outcome::Done),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ofage_primitives::{chain::ShardChoice, Attestation, Element, IssuerIndex, ShardIndex};
    use ofage_runtime::{extensions, Signature};
    use sp_core::sr25519;
    use sp_runtime::generic::Era;

    fn batch() -> RuntimeCall {
        let leaves = vec![Attestation::from_element(Element::from_u64(1)); 2];
        RegistryCall::attest {
            shard: ShardChoice::Next,
            start: 0,
            leaves: leaves.try_into().expect("two fit"),
        }
        .into()
    }

    fn signed(call: RuntimeCall) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_signed(
            call,
            Address::Id([3; 32].into()),
            Signature::Sr25519(sr25519::Signature::default()),
            extensions::plain(Era::Immortal, 0),
        )
    }

    fn opaque(extrinsic: &UncheckedExtrinsic) -> opaque::UncheckedExtrinsic {
        opaque::UncheckedExtrinsic::decode_all(&mut &extrinsic.encode()[..]).expect("it is one")
    }

    fn body() -> Vec<opaque::UncheckedExtrinsic> {
        let remark = frame_system::Call::remark { remark: vec![1] };
        let revocation = RegistryCall::revoke_shards {
            from: ShardIndex(0),
            to: ShardIndex(4),
            count: 2,
        };
        vec![
            opaque(&UncheckedExtrinsic::new_bare(batch())),
            opaque(&signed(remark.into())),
            opaque(&signed(batch())),
            opaque::UncheckedExtrinsic::from_blob(vec![0xff; 40]),
            opaque(&signed(revocation.into())),
            opaque(&signed(RegistryCall::seal_shard {}.into())),
        ]
    }

    #[test]
    fn only_signed_calls_that_change_leaves_are_read() {
        let calls = calls(&body());
        let places: Vec<u32> = calls.iter().map(|call| call.extrinsic).collect();
        assert_eq!(places, [2, 4]);
        assert!(calls.iter().all(|call| call.signer == [3; 32]));
        assert!(matches!(&calls[0].action, Action::Attest { leaves, .. } if leaves.len() == 2));
        assert!(matches!(calls[1].action, Action::RevokeShards(range) if range.to == ShardIndex(4)));
    }

    fn event(phase: Phase, event: RegistryEvent<Runtime>) -> EventRecord<RuntimeEvent, Hash> {
        EventRecord {
            phase,
            event: event.into(),
            topics: Vec::new(),
        }
    }

    #[test]
    fn a_call_succeeded_if_its_transaction_has_its_event() {
        let attested = RegistryEvent::Attested {
            issuer: IssuerIndex(6),
            shard: ShardIndex(9),
            start: 0,
            count: 2,
        };
        let outcomes_of = |phase| outcomes(&calls(&body()), &vec![event(phase, attested.clone())].encode());
        let found = outcomes_of(Phase::ApplyExtrinsic(2));
        assert!(
            found
                == Some(vec![
                    Outcome::Attested(IssuerIndex(6), ShardIndex(9)),
                    Outcome::Failed
                ])
        );
        for phase in [
            Phase::ApplyExtrinsic(4),
            Phase::ApplyExtrinsic(1),
            Phase::Finalization,
        ] {
            assert!(outcomes_of(phase) == Some(vec![Outcome::Failed; 2]));
        }
    }

    #[test]
    fn events_that_cannot_be_read_say_nothing() {
        assert!(outcomes(&calls(&body()), &[1, 2, 3]).is_none());
        let none = Vec::<EventRecord<RuntimeEvent, Hash>>::new().encode();
        assert!(outcomes(&calls(&body()), &[none, vec![0]].concat()).is_none());
    }
}
