//! A curious issuer, who pools all it has with a verifier: does any of it lead to a customer's nullifier?
//!
//! The attacker has what an issuer ever held of its customers (commitments, attributes, salts, leaves, proofs of ownership
//! and what they are tied to), and all public inputs of one customer's proof. It hashes whatever it has with whatever it
//! has, under every tag there is, once and twice, and uses each value as if it were the secret. No such search is a
//! proof; it notices when a change makes a value that the issuer knows an ingredient of nullifiers. The controls show that
//! it would.

use std::collections::BTreeSet;

use ff::{Field, PrimeField};
use ofage_circuit::{sample, Witness};
use ofage_primitives::{
    attributes::Parts,
    binding::ShortText,
    hash_to_field, hashes, poseidon,
    secrets::{HolderSalt, HolderSecret},
    Attributes, Domain, Element, Ext, Fp, GenesisHash, IssuerIndex, PublicInputs,
};
use ofage_sdk::ownership::{self, Claim};

const GENESIS: GenesisHash = GenesisHash([5; 32]);
const ISSUER: IssuerIndex = IssuerIndex(3);
const CUSTOMERS: u8 = 3;
const VICTIM: u8 = 1;

fn uniform(customer: u8, what: &str) -> [u8; 64] {
    let half = |n: u8| hash_to_field(b"curious", &[&[customer, n], what.as_bytes()]).to_bytes();
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&half(0));
    bytes[32..].copy_from_slice(&half(1));
    bytes
}

fn secret(customer: u8) -> HolderSecret {
    HolderSecret::from_uniform(&uniform(customer, "secret"))
}

fn claim(nonce: u8) -> Claim {
    Claim {
        genesis: GENESIS,
        issuer: ISSUER,
        audience: ShortText::new("https://issuer.example".into()).unwrap(),
        nonce: [nonce; 32],
    }
}

/// A set of elements, told apart by their bytes.
#[derive(Clone, Default)]
struct Known(BTreeSet<[u8; 32]>);

impl Known {
    fn add(&mut self, element: Fp) {
        self.0.insert(element.to_repr());
    }

    fn has(&self, element: Fp) -> bool {
        self.0.contains(&element.to_repr())
    }

    fn all(&self) -> Vec<Fp> {
        let read = |bytes: &[u8; 32]| Element::from_bytes(*bytes).unwrap().into();
        self.0.iter().map(read).collect()
    }
}

/// What the issuer has of one customer.
fn remember(known: &mut Known, customer: u8, attributes: &Attributes) {
    let salt = HolderSalt::from_uniform(&uniform(customer, "salt"));
    let ext = Ext::commit(&salt);
    let (identity, proof) = ownership::prove(&secret(customer), &claim(customer)).unwrap();
    let packed = Fp::from(attributes.pack());
    known.add(identity.into());
    known.add(packed);
    known.add(salt.expose_field());
    known.add(ext.expose_field());
    known.add(poseidon::hash(Domain::Attributes, packed, ext.expose_field()));
    known.add(hashes::attestation(identity, attributes, &ext).into());
    known.add(claim(customer).signal().into());
    known.add(hashes::issuer_id(&GENESIS, ISSUER).into());
    // Scalars of the proof; its points are elements of the other field, and nearly all of this one too. One customer's, for
    // the sake of time.
    let proof = proof.as_bytes().chunks_exact(32).filter(|_| customer == VICTIM);
    for piece in proof {
        if let Ok(element) = Element::from_bytes(piece.try_into().unwrap()) {
            known.add(element.into());
        }
    }
    let Parts {
        earliest_birth,
        latest_birth,
        checked_on,
        enrolled_on,
        expires_on,
        assurance,
        flags,
    } = attributes.parts();
    for day in [earliest_birth, latest_birth, checked_on, enrolled_on, expires_on] {
        known.add(Fp::from(u64::from(day.number())));
    }
    known.add(Fp::from(u64::from(assurance.level())));
    known.add(Fp::from(u64::from(flags.0)));
}

/// The issuer's customers, and the victim's later proof.
fn scene() -> (Known, PublicInputs, Witness) {
    let (inputs, mut witness) = sample::sample(9);
    witness.secret = secret(VICTIM);
    witness.issuer_id = hashes::issuer_id(&GENESIS, ISSUER);
    witness.ext = Ext::commit(&HolderSalt::from_uniform(&uniform(VICTIM, "salt")));
    let inputs = sample::settle(inputs, &witness);
    ofage_circuit::statement::check(&inputs, &witness).unwrap();
    let mut known = Known::default();
    for customer in 0..CUSTOMERS {
        remember(&mut known, customer, &witness.attributes);
    }
    for slot in 0..inputs.bounds.slots {
        known.add(Fp::from(u64::from(slot)));
    }
    known.add(Fp::ZERO);
    // All public inputs but the two that are to be found.
    let targets = targets(&inputs);
    for field in inputs.to_fields().into_iter().filter(|f| !targets.has(*f)) {
        known.add(field);
    }
    (known, inputs, witness)
}

fn targets(inputs: &PublicInputs) -> Known {
    let mut targets = Known::default();
    targets.add(inputs.nullifier.into());
    targets.add(inputs.issuer_tag.into());
    targets
}

/// Whether two things that are known hash to a target, under any tag.
fn hashes_to(known: &Known, targets: &Known) -> bool {
    let all = known.all();
    let under_any_tag = |a: &Fp, b: &Fp| {
        let mut domains = Domain::ALL.iter();
        domains.any(|domain| targets.has(poseidon::hash(*domain, *a, *b)))
    };
    all.iter().any(|a| all.iter().any(|b| under_any_tag(a, b)))
}

/// The same with two hashes, under any two tags, where the second inputs are those that nullifiers and tags take.
fn hashes_twice_to(known: &Known, inputs: &PublicInputs, targets: &Known) -> bool {
    let rights = [Fp::ZERO, hashes::issuer_id(&GENESIS, ISSUER).into()];
    let slots = (0..inputs.bounds.slots).map(|slot| Fp::from(u64::from(slot)));
    let middles: Vec<Fp> = slots.chain([inputs.scope.into()]).collect();
    let ends_there = |middle: Fp| {
        Domain::ALL.iter().any(|domain| {
            let mut rights = rights.iter();
            rights.any(|right| targets.has(poseidon::hash(*domain, middle, *right)))
        })
    };
    known.all().iter().any(|a| {
        middles.iter().any(|b| {
            let mut domains = Domain::ALL.iter();
            domains.any(|domain| ends_there(poseidon::hash(*domain, *a, *b)))
        })
    })
}

/// Whether a thing that is known is the secret behind a target, as nullifiers and tags are derived.
fn is_secret_of(known: &Known, inputs: &PublicInputs, targets: &Known) -> bool {
    let (scope, issuer) = (inputs.scope.into(), hashes::issuer_id(&GENESIS, ISSUER).into());
    known.all().into_iter().any(|secret| {
        let app = poseidon::hash(Domain::App, secret, scope);
        (0..inputs.bounds.slots).any(|slot| {
            let key = poseidon::hash(Domain::Slot, app, Fp::from(u64::from(slot)));
            targets.has(poseidon::hash(Domain::Nullifier, key, Fp::ZERO))
                || targets.has(poseidon::hash(Domain::IssuerTag, key, issuer))
        })
    })
}

#[test]
fn nothing_that_an_issuer_has_leads_to_a_customers_nullifier() {
    let (known, inputs, _) = scene();
    let targets = targets(&inputs);
    assert!(known.0.len() > 60, "{} values", known.0.len());
    assert!(!hashes_to(&known, &targets));
    assert!(!hashes_twice_to(&known, &inputs, &targets));
    assert!(!is_secret_of(&known, &inputs, &targets));
}

/// With any one value of the derivation among what is known, the search finds the customer.
#[test]
fn the_search_finds_a_customer_whose_secret_is_known() {
    let (known, inputs, witness) = scene();
    let targets = targets(&inputs);
    let with = |extra: Fp| {
        let mut more = known.clone();
        more.add(extra);
        more
    };
    let secret = witness.secret.expose_field();
    assert!(is_secret_of(&with(secret), &inputs, &targets));
    let app = poseidon::hash(Domain::App, secret, inputs.scope.into());
    assert!(hashes_twice_to(&with(app), &inputs, &targets));
    let key = poseidon::hash(Domain::Slot, app, Fp::from(u64::from(witness.slot)));
    assert!(hashes_to(&with(key), &targets));
}

/// Two proofs of ownership of one customer share nothing but what they are about.
#[test]
fn two_proofs_of_ownership_have_no_piece_in_common() {
    let pieces = |nonce| -> BTreeSet<Vec<u8>> {
        let (_, proof) = ownership::prove(&secret(VICTIM), &claim(nonce)).unwrap();
        let pieces = proof.as_bytes().chunks_exact(32);
        // The value of the selector that this circuit never switches on is zero in every proof.
        pieces
            .filter(|piece| **piece != [0; 32])
            .map(<[u8]>::to_vec)
            .collect()
    };
    for (a, b) in [(1, 1), (1, 2)] {
        assert!(pieces(a).is_disjoint(&pieces(b)));
    }
}
