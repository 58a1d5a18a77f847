//! Proofs of several issuers, and what they share with those of one.

use super::*;
use ofage_circuit::sample;
use ofage_primitives::{policy::MAX_ISSUERS, presentation::proof_length_v1, IssuerTag};

type Joint = (JointInputs, Vec<u8>);

/// A proof of one holder, by number of issuers, made once.
fn joint(issuers: usize) -> &'static Joint {
    static JOINT: OnceLock<Vec<Joint>> = OnceLock::new();
    let make = |issuers| {
        let (inputs, witnesses) = sample::joint(1, issuers);
        let proof = Prover::new().prove_joint(&inputs, &witnesses).unwrap();
        (inputs, proof.into_bytes())
    };
    &JOINT.get_or_init(|| (1..=usize::from(MAX_ISSUERS)).map(make).collect())[issuers - 1]
}

/// Proofs of two, one, four and three issuers.
fn mixed() -> Vec<Joint> {
    [2, 1, 4, 3].map(|issuers| joint(issuers).clone()).to_vec()
}

fn verify(engine: &Engine, inputs: &JointInputs, proof: &[u8]) -> bool {
    engine.verify(Form::Joint, V1, &inputs.encode(), proof)
}

fn encoded(proofs: &[Joint]) -> Vec<u8> {
    proofs.iter().flat_map(Encode::encode).collect()
}

/// The answer to a batch as it crossed over: whether all hold, and the bitmap.
fn verify_encoded(engine: &Engine, batch: &[u8], count: usize) -> (bool, Vec<u8>) {
    let mut bits = vec![0xff; bitmap_length(count)];
    (engine.verify_batch(Form::Joint, V1, batch, &mut bits), bits)
}

fn verify_batch(engine: &Engine, proofs: &[Joint]) -> (bool, Vec<u8>) {
    verify_encoded(engine, &encoded(proofs), proofs.len())
}

/// The bytes of inputs with any tags, as an attacker writes them.
fn inputs_with(first: &PublicInputs, tags: &[IssuerTag]) -> Vec<u8> {
    let first = PublicInputs {
        issuer_tag: tags[0],
        ..*first
    };
    (first, tags[1..].to_vec()).encode()
}

#[test]
fn good_proofs_are_accepted_again_and_again() {
    for engine in [with_memo(), without_memo()] {
        for (inputs, proof) in mixed().iter().chain(&mixed()) {
            assert!(verify(&engine, inputs, proof));
        }
        assert_eq!(verify_batch(&engine, &mixed()), (true, vec![0b1111]));
    }
}

/// The proofs that ship with the circuit: what was accepted once is accepted for ever.
#[test]
fn the_stored_proofs_are_accepted() {
    let engine = without_memo();
    let stored: [(&[u8], &[u8]); 3] = [
        (
            include_bytes!("../../../../circuit/fixtures/v1-joint-2.inputs"),
            include_bytes!("../../../../circuit/fixtures/v1-joint-2.proof"),
        ),
        (
            include_bytes!("../../../../circuit/fixtures/v1-joint-3.inputs"),
            include_bytes!("../../../../circuit/fixtures/v1-joint-3.proof"),
        ),
        (
            include_bytes!("../../../../circuit/fixtures/v1-joint-4.inputs"),
            include_bytes!("../../../../circuit/fixtures/v1-joint-4.proof"),
        ),
    ];
    for (inputs, proof) in stored {
        assert!(engine.verify(Form::Joint, V1, inputs, proof));
    }
}

#[test]
fn proofs_of_one_issuer_are_judged_as_by_the_functions_for_those() {
    let (inputs, proof) = &good()[0];
    let as_joint = [inputs.encode(), vec![0]].concat();
    let mut spoilt = proof.clone();
    spoil(&mut spoilt);
    for engine in [with_memo(), without_memo()] {
        for proof in [proof, &spoilt, &proof[1..].to_vec()] {
            assert_eq!(
                engine.verify(Form::Joint, V1, &as_joint, proof),
                engine.verify(Form::Single, V1, &inputs.encode(), proof)
            );
        }
        // Neither takes what is written for the other.
        assert!(!engine.verify(Form::Single, V1, &as_joint, proof));
        assert!(!engine.verify(Form::Joint, V1, &inputs.encode(), proof));
    }
}

mod the_memo {
    use super::*;

    /// A bad proof that is remembered as good is the only one that is taken: so one can see what is remembered.
    fn remembering(inputs: &[u8], proof: &[u8]) -> Engine {
        let engine = with_memo();
        engine.remember(Key::of(CircuitId::V1, inputs, proof));
        engine
    }

    #[test]
    fn keeps_what_held_and_nothing_that_did_not() {
        for issuers in 2..=4 {
            let engine = with_memo();
            let (inputs, proof) = joint(issuers);
            let key = |proof: &[u8]| Key::of(CircuitId::V1, &inputs.encode(), proof);
            let mut spoilt = proof.clone();
            spoil(&mut spoilt);
            assert!(!verify(&engine, inputs, &spoilt));
            assert!(!engine.remembers(&key(&spoilt)) && !engine.remembers(&key(proof)));
            assert!(verify(&engine, inputs, proof));
            assert!(engine.remembers(&key(proof)));
        }
    }

    #[test]
    fn is_asked_before_the_verifier() {
        let (inputs, proof) = joint(2);
        let mut spoilt = proof.clone();
        spoil(&mut spoilt);
        let engine = remembering(&inputs.encode(), &spoilt);
        assert!(verify(&engine, inputs, &spoilt));
        assert_eq!(
            verify_batch(&engine, &[(inputs.clone(), spoilt)]),
            (true, vec![1])
        );
    }

    #[test]
    fn is_one_for_both_kinds_of_proofs_for_one_issuer() {
        let (inputs, mut spoilt) = good()[0].clone();
        spoil(&mut spoilt);
        let engine = remembering(&inputs.encode(), &spoilt);
        assert!(engine.verify(Form::Single, V1, &inputs.encode(), &spoilt));
        assert!(verify(&engine, &inputs.into(), &spoilt));
    }

    #[test]
    fn says_nothing_about_other_tags() {
        let engine = with_memo();
        let (inputs, proof) = joint(3);
        assert!(verify(&engine, inputs, proof));
        let tags: Vec<IssuerTag> = inputs.issuer_tags().collect();
        let mut swapped = tags.clone();
        swapped.swap(1, 2);
        let mut other = tags.clone();
        other[2] = IssuerTag::from_element(
            (ofage_primitives::Fp::from(tags[2]) + ofage_primitives::Fp::from(1)).into(),
        );
        for tags in [&tags[..1], &tags[..2], &tags[1..], &swapped, &other] {
            assert!(!engine.verify(Form::Joint, V1, &inputs_with(inputs.first(), tags), proof));
        }
    }

    /// Even if something false were remembered, what has no form of its own is refused before the memo is asked.
    #[test]
    fn is_not_asked_for_tags_that_repeat_or_do_not_ascend() {
        let (inputs, proof) = joint(2);
        let tags: Vec<IssuerTag> = inputs.issuer_tags().collect();
        for tags in [[tags[0], tags[0]], [tags[1], tags[0]]] {
            let encoded = inputs_with(inputs.first(), &tags);
            let engine = remembering(&encoded, proof);
            assert!(!engine.verify(Form::Joint, V1, &encoded, proof));
        }
    }

    #[test]
    fn is_filled_by_batches_proof_by_proof() {
        let engine = with_memo();
        let mut proofs = mixed();
        spoil(&mut proofs[2].1);
        assert_eq!(verify_batch(&engine, &proofs), (false, vec![0b1011]));
        let kept: Vec<bool> = proofs
            .iter()
            .map(|(inputs, proof)| {
                let encoded = match inputs.single() {
                    Some(single) => single.encode(),
                    None => inputs.encode(),
                };
                engine.remembers(&Key::of(CircuitId::V1, &encoded, proof))
            })
            .collect();
        assert_eq!(kept, [true, true, false, true]);
    }

    #[test]
    fn does_not_shift_the_positions_of_a_batch() {
        for known in 0..4 {
            let engine = with_memo();
            assert!(verify(&engine, &mixed()[known].0, &mixed()[known].1));
            let bad = (known + 1) % 4;
            let mut proofs = mixed();
            spoil(&mut proofs[bad].1);
            assert_eq!(
                verify_batch(&engine, &proofs),
                (false, vec![0b1111 & !(1 << bad)])
            );
        }
    }
}

mod refuses {
    use super::*;

    #[test]
    fn circuits_that_it_does_not_know() {
        let (inputs, proof) = joint(2);
        for circuit in [0, 2, u16::MAX] {
            assert!(!with_memo().verify(Form::Joint, circuit, &inputs.encode(), proof));
            let mut bits = [0xff];
            assert!(!with_memo().verify_batch(Form::Joint, circuit, &encoded(&mixed()), &mut bits));
            assert_eq!(bits, [0]);
        }
    }

    #[test]
    fn a_proof_for_another_number_of_issuers() {
        let engine = with_memo();
        for made_for in 1..=4 {
            for shown_for in (1..=4).filter(|issuers| *issuers != made_for) {
                let (inputs, proof) = (&joint(shown_for).0, &joint(made_for).1);
                assert!(!verify(&engine, inputs, proof));
                let mut resized = proof.clone();
                resized.resize(proof_length_v1(shown_for as u8) as usize, 0);
                assert!(!verify(&engine, inputs, &resized));
            }
        }
    }

    #[test]
    fn inputs_that_are_cut_off_padded_huge_or_not_canonical() {
        let engine = with_memo();
        let (inputs, proof) = joint(2);
        let good = inputs.encode();
        let count_at = PublicInputs::max_encoded_len();
        let mut beyond_the_modulus = good.clone();
        beyond_the_modulus[count_at + 1..].fill(0xff);
        // The number of further tags in two bytes instead of one.
        let padded_count = [&good[..count_at], &[(1 << 2) | 1, 0], &good[count_at + 1..]].concat();
        let mut claims_none = good.clone();
        claims_none[count_at] = 0;
        let mut claims_more = good.clone();
        claims_more[count_at] = 2 << 2;
        for bad in [
            &[][..],
            &good[1..],
            &good[..good.len() - 1],
            &[&good[..], &[0]].concat(),
            &beyond_the_modulus,
            &padded_count,
            &claims_none,
            &claims_more,
            &vec![0; 1 << 24],
        ] {
            assert!(!engine.verify(Form::Joint, V1, bad, proof));
        }
    }

    #[test]
    fn proofs_of_any_other_length() {
        let engine = with_memo();
        let (inputs, proof) = joint(2);
        let padded = [&proof[..], &[0]].concat();
        for bad in [&[][..], &proof[1..], &padded, &vec![0; 1 << 24]] {
            assert!(!verify(&engine, inputs, bad));
        }
    }

    #[test]
    fn batches_without_proofs_cut_off_or_with_another_room_for_the_answer() {
        let engine = with_memo();
        assert!(!engine.verify_batch(Form::Joint, V1, &[], &mut []));
        let batch = encoded(&mixed());
        let mut end = 0;
        let whole: Vec<usize> = mixed()
            .iter()
            .map(|joint| {
                end += joint.encoded_size();
                end
            })
            .collect();
        for cut in (1..batch.len()).step_by(61).filter(|cut| !whole.contains(cut)) {
            assert_eq!(verify_encoded(&engine, &batch[..cut], 4), (false, vec![0]));
        }
        for room in [0, 2, 1000] {
            let mut bits = vec![0xff; room];
            assert!(!engine.verify_batch(Form::Joint, V1, &batch, &mut bits));
            assert_eq!(bits, vec![0; room]);
        }
    }

    #[test]
    fn only_the_bad_proofs_of_a_batch() {
        for engine in [with_memo(), without_memo()] {
            let mut proofs = mixed();
            proofs[0].1.push(0);
            proofs[3].1 = proofs[2].1.clone();
            assert_eq!(verify_batch(&engine, &proofs), (false, vec![0b0110]));
        }
    }

    #[test]
    fn tags_out_of_order_in_a_batch_and_takes_the_others() {
        let (inputs, proof) = joint(2);
        let tags: Vec<IssuerTag> = inputs.issuer_tags().collect();
        let good = (inputs, proof).encode();
        for bad in [[tags[1], tags[0]], [tags[0], tags[0]]] {
            let bad = [inputs_with(inputs.first(), &bad), proof.encode()].concat();
            let batch = [&good[..], &bad, &good].concat();
            assert_eq!(verify_encoded(&with_memo(), &batch, 3), (false, vec![0b101]));
        }
    }

    /// Nobody can tell where such inputs end, so nothing after them can be read.
    #[test]
    fn a_batch_with_more_tags_than_any_proof_has() {
        let (inputs, proof) = joint(2);
        let tags: Vec<IssuerTag> = (1..=5)
            .map(|n| IssuerTag::from_element(Element::from_u64(n)))
            .collect();
        let good = (inputs, proof).encode();
        let bad = [inputs_with(inputs.first(), &tags), proof.encode()].concat();
        let batch = [&good[..], &bad].concat();
        assert_eq!(verify_encoded(&with_memo(), &batch, 2), (false, vec![0]));
    }

    #[test]
    fn batches_of_the_other_kind() {
        let engine = with_memo();
        let singles: Vec<u8> = good().iter().flat_map(Encode::encode).collect();
        assert_eq!(verify_encoded(&engine, &singles, 4), (false, vec![0]));
        let mut bits = [0xff];
        assert!(!engine.verify_batch(Form::Single, V1, &encoded(&mixed()), &mut bits));
        assert_eq!(bits, [0]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn hostile_bytes_never_panic_and_are_never_accepted(
        circuit in any::<u16>(),
        inputs in proptest::collection::vec(any::<u8>(), 0..600),
        proof in proptest::collection::vec(any::<u8>(), 0..10_000),
        room in 0..20usize,
    ) {
        let engine = with_memo();
        prop_assert!(!engine.verify(Form::Joint, circuit, &inputs, &proof));
        let mut bits = vec![0xff; room];
        prop_assert!(!engine.verify_batch(Form::Joint, V1, &[inputs, proof].concat(), &mut bits));
        prop_assert_eq!(bits, vec![0; room]);
    }

    #[test]
    fn altered_batches_never_gain_a_proof(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let proofs = [joint(2).clone(), joint(1).clone()];
        let mut batch = encoded(&proofs);
        let at = at.index(batch.len());
        prop_assume!(batch[at] != to);
        batch[at] = to;
        let (all, bits) = verify_encoded(&with_memo(), &batch, 2);
        prop_assert!(!all);
        // At most the proof that was not altered.
        let unaltered = if at < proofs[0].encoded_size() { 0b10 } else { 0b01 };
        prop_assert!(bits[0] == 0 || bits[0] == unaltered);
    }
}
