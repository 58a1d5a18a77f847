//! The sparse form against its derivation and against `halo2_poseidon`.

use super::*;
use ff::{Field, FromUniformBytes, PrimeField};
use halo2_poseidon::{ConstantLength, Hash, P128Pow5T3, Spec};
use proptest::prelude::*;
use std::{
    borrow::ToOwned,
    fmt::Write,
    format, fs,
    string::{String, ToString},
    vec,
    vec::Vec,
};

type Matrix = [[Fp; 3]; 3];

struct Derived {
    first: Vec<Vec<Fp>>,
    partial: Vec<Vec<Fp>>,
    mix: Vec<Vec<Fp>>,
    last: Vec<Vec<Fp>>,
    mds: Vec<Vec<Fp>>,
}

fn apply(matrix: &Matrix, v: [Fp; 3]) -> [Fp; 3] {
    [0, 1, 2].map(|i| (0..3).map(|j| matrix[i][j] * v[j]).sum())
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    [0, 1, 2].map(|i| [0, 1, 2].map(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
}

/// Derives the tables, as the module's documentation says, from the constants of `halo2_poseidon`.
fn derive() -> Derived {
    let (constants, mds, _) = <P128Pow5T3 as Spec<Fp, 3, 2>>::constants();
    let (zero, one) = (Fp::ZERO, Fp::ONE);
    let mut passed_on = [zero; 3];
    let mut rest: Matrix = [[one, zero, zero], [zero, one, zero], [zero, zero, one]];
    let mut partial = Vec::new();
    for round in &constants[4..60] {
        let total = [0, 1, 2].map(|i| round[i] + passed_on[i]);
        passed_on = apply(&mds, [zero, total[1], total[2]]);
        let m = product(&mds, &rest);
        let determinant = (m[1][1] * m[2][2] - m[1][2] * m[2][1]).invert().unwrap();
        let w0 = (m[2][2] * m[1][0] - m[1][2] * m[2][0]) * determinant;
        let w1 = (m[1][1] * m[2][0] - m[2][1] * m[1][0]) * determinant;
        partial.push(vec![total[0], m[0][0], m[0][1], m[0][2], w0, w1]);
        rest = [
            [one, zero, zero],
            [zero, m[1][1], m[1][2]],
            [zero, m[2][1], m[2][2]],
        ];
    }
    let mut last: Vec<Vec<Fp>> = constants[60..].iter().map(|r| r.to_vec()).collect();
    last[0].iter_mut().zip(passed_on).for_each(|(c, p)| *c += p);
    Derived {
        first: constants[..4].iter().map(|r| r.to_vec()).collect(),
        partial,
        mix: vec![rest[1][1..].to_vec(), rest[2][1..].to_vec()],
        last,
        mds: mds.iter().map(|r| r.to_vec()).collect(),
    }
}

fn table(name: &str, doc: &str, rows: &[Vec<Fp>]) -> String {
    let mut out = format!(
        "/// {doc}\n#[rustfmt::skip]\npub(super) const {name}: [[Fp; {}]; {}] = [\n",
        rows[0].len(),
        rows.len()
    );
    for row in rows {
        out.push_str("    [\n");
        for value in row {
            let repr = value.to_repr();
            let limbs: Vec<String> = repr
                .chunks(8)
                .map(|c| format!("0x{:016x}", u64::from_le_bytes(c.try_into().unwrap())))
                .collect();
            writeln!(out, "        f([{}]),", limbs.join(", ")).unwrap();
        }
        out.push_str("    ],\n");
    }
    out + "];\n"
}

#[test]
fn the_tables_follow_from_the_stock_constants() {
    let d = derive();
    let head = "//! Constants of the sparse form of the permutation. Derived and checked by the tests of `super`; do not edit.\n\n\
                use crate::Fp;\n\nconst fn f(limbs: [u64; 4]) -> Fp {\n    Fp::from_raw(limbs)\n}\n\n";
    let tables = [
        table("FIRST", "Round constants of the first four full rounds.", &d.first),
        table(
            "PARTIAL",
            "Each partial round: constant of word 0, then the sparse matrix `[[m, v0, v1], [w0, 1, 0], [w1, 0, 1]]` as \
             `m, v0, v1, w0, w1`.",
            &d.partial,
        ),
        table("MIX", "What the sparse matrices leave to be applied to words 1 and 2 after the last partial round.", &d.mix),
        table("LAST", "Round constants of the last four full rounds, with those that partial rounds passed on.", &d.last),
        table("MDS", "The full matrix.", &d.mds),
    ];
    let expected = head.to_owned() + &tables.join("\n");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/poseidon/tables.rs");
    if std::env::var_os("OFAGE_REGENERATE").is_some() {
        fs::write(path, &expected).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap() == expected,
        "run this test with OFAGE_REGENERATE=1"
    );
}

fn arb_field() -> impl Strategy<Value = Fp> {
    prop_oneof![
        8 => any::<[u8; 64]>().prop_map(|b| Fp::from_uniform_bytes(&b)),
        1 => any::<u8>().prop_map(|b| Fp::from(u64::from(b))),
        1 => any::<u8>().prop_map(|b| -Fp::from(u64::from(b))),
    ]
}

proptest! {
    #[test]
    fn stock_poseidon_is_the_same_on_its_own_capacity(a in arb_field(), b in arb_field()) {
        let stock = Hash::<_, P128Pow5T3, ConstantLength<2>, 3, 2>::init().hash([a, b]);
        prop_assert_eq!(hash_with_capacity(Fp::from_u128(2 << 64), a, b), stock);
    }

    #[test]
    fn a_layer_is_the_hashes_of_its_pairs(pairs in proptest::collection::vec((arb_field(), arb_field()), 0..9)) {
        let layer: Vec<[Element; 2]> = pairs.iter().map(|(a, b)| [(*a).into(), (*b).into()]).collect();
        let one_by_one: Vec<Element> = pairs.iter().map(|(a, b)| hash(Domain::CapNode, *a, *b).into()).collect();
        prop_assert_eq!(NativeHasher::hash_layer(Domain::CapNode, &layer), one_by_one);
    }
}

#[test]
fn our_own_tags_give_the_pinned_values() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/poseidon.json");
    let vectors: Vec<serde_json::Value> = Domain::ALL
        .iter()
        .map(|d| {
            let out = hash_elements(*d, Element::from_u64(1), Element::from_u64(2));
            serde_json::json!({ "domain": *d as u8, "name": format!("{d:?}"), "a": Element::from_u64(1).to_string(),
                "b": Element::from_u64(2).to_string(), "hash": out.to_string() })
        })
        .collect();
    let expected = serde_json::to_string_pretty(&vectors).unwrap() + "\n";
    if std::env::var_os("OFAGE_REGENERATE").is_some() {
        fs::write(path, &expected).unwrap();
    }
    assert_eq!(
        fs::read_to_string(path).unwrap(),
        expected,
        "a hash tag or constant changed; that needs a new version"
    );
}
