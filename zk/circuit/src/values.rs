//! Every value of the circuit, computed once before the rows are written (the floor planner writes them twice).

// Hashes are boxed so that moving them from list to list leaves no copy of a secret in freed memory.
#![allow(clippy::vec_box)]

use crate::{
    gadget::arithmetic::Operand,
    layout::{Chain, Op, Path, Plan},
    rounds::{trace, Trace},
    witness::{Attribute, Raw, FIELDS, SHIFTS},
};
use ff::{Field, PrimeField};
use ofage_primitives::{Domain, Fp, PublicInputs};
use zeroize::Zeroize;

/// One hash of a lane. No `Debug`; wiped when dropped.
pub(crate) struct HashValues {
    /// The node that a step starts from; zero elsewhere.
    pub(crate) node: Fp,
    /// Left and right input.
    pub(crate) inputs: [Fp; 2],
    /// The states.
    pub(crate) trace: Trace,
}

impl HashValues {
    pub(crate) fn boxed(node: Fp, inputs: [Fp; 2], capacity: Fp) -> Box<Self> {
        let trace = trace(capacity, inputs[0], inputs[1]);
        Box::new(Self { node, inputs, trace })
    }

    fn wipe(&mut self) {
        self.node.zeroize();
        self.inputs.iter_mut().for_each(Zeroize::zeroize);
        self.trace.wipe();
    }
}

impl Drop for HashValues {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// A value that tests exchange, as a cheating prover would; everything after it follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// An input of a hash: 0 is the left one.
    Input(Chain, usize),
    /// The node at which a path starts.
    Leaf(Path),
}

/// All values. No `Debug`; wiped when dropped.
pub(crate) struct Values {
    pub(crate) raw: Raw,
    pub(crate) public: [Fp; PublicInputs::COUNT],
    /// By slot and lane.
    pub(crate) hashes: Vec<Vec<Box<HashValues>>>,
    /// Outputs of the hashes that are not steps, by [`Chain`].
    chain: [Fp; Chain::ALL.len()],
    /// Ends of the paths, by [`Path`].
    roots: [Fp; Path::ALL.len()],
}

/// The capacity of the hash that an operation stands for. That of an idle lane is arbitrary.
pub(crate) fn capacity(op: Op) -> Fp {
    match op {
        Op::Chain(chain) => chain.domain(),
        Op::Step { path, .. } => path.tree().domain(),
        Op::Idle => Domain::CapNode,
    }
    .capacity()
}

impl Values {
    /// Computes all values from whatever the prover claims.
    pub(crate) fn new(plan: &Plan, public: [Fp; PublicInputs::COUNT], raw: Raw) -> Self {
        Self::new_with(plan, public, raw, |_, _| {})
    }

    /// The same with values that `cheat` may exchange; tests make cheating provers of it.
    pub(crate) fn new_with(
        plan: &Plan,
        public: [Fp; PublicInputs::COUNT],
        raw: Raw,
        mut cheat: impl FnMut(Spot, &mut Fp),
    ) -> Self {
        let mut chain: Vec<Box<HashValues>> = Vec::new();
        let mut paths: [Vec<Box<HashValues>>; 3] = Default::default();
        let output = |chain: &[Box<HashValues>], name: Chain| chain[name as usize].trace.output;
        for name in Chain::ALL {
            let mut inputs = match name {
                Chain::Identity => [raw.secret, raw.issuer_id],
                Chain::Attributes => [raw.packed, raw.ext],
                Chain::Attestation => [output(&chain, Chain::Identity), output(&chain, Chain::Attributes)],
                Chain::App => [raw.secret, raw.scope],
                Chain::Slot => [output(&chain, Chain::App), raw.slot],
                Chain::Nullifier => [output(&chain, Chain::Slot), Fp::ZERO],
                Chain::IssuerTag => [output(&chain, Chain::Slot), raw.issuer_id],
                Chain::DesignatedVerifier => [raw.verifier_secret, Fp::ZERO],
                Chain::CapLeaf => {
                    let mut leaf = output(&chain, Chain::Attestation);
                    cheat(Spot::Leaf(Path::Shard), &mut leaf);
                    climb(&mut paths, &raw, Path::Shard, leaf);
                    [end(&paths, Path::Shard), raw.issuer_id]
                }
            };
            for (side, input) in inputs.iter_mut().enumerate() {
                cheat(Spot::Input(name, side), input);
            }
            chain.push(HashValues::boxed(Fp::ZERO, inputs, name.domain().capacity()));
        }
        climb(&mut paths, &raw, Path::Cap, output(&chain, Chain::CapLeaf));
        let mut issuer_id = raw.issuer_id;
        cheat(Spot::Leaf(Path::Trust), &mut issuer_id);
        climb(&mut paths, &raw, Path::Trust, issuer_id);
        let roots = Path::ALL.map(|path| end(&paths, path));
        let outputs = Chain::ALL.map(|name| output(&chain, name));
        Self {
            hashes: arrange(plan, chain, paths),
            raw,
            public,
            chain: outputs,
            roots,
        }
    }

    /// What is not wiped with its hash or with `raw`.
    fn wipe(&mut self) {
        self.chain
            .iter_mut()
            .chain(&mut self.roots)
            .for_each(Zeroize::zeroize);
    }

    /// Node and children of a step, in the plan of layout (2, 9).
    #[cfg(test)]
    pub(crate) fn step(&self, path: Path, level: usize) -> (Fp, [Fp; 2]) {
        let plan = crate::layout::plan(2, 9);
        let all = plan
            .slots
            .iter()
            .zip(&self.hashes)
            .flat_map(|(slot, hashes)| slot.ops.iter().zip(hashes));
        let is_it = |op: &Op| matches!(op, Op::Step { path: p, level: l, .. } if (*p, *l) == (path, level));
        all.into_iter()
            .find(|(op, _)| is_it(op))
            .map(|(_, hash)| (hash.node, hash.inputs))
            .unwrap()
    }

    /// The value of an operand of arithmetic.
    pub(crate) fn operand(&self, operand: Operand) -> Fp {
        let raw = &self.raw;
        match operand {
            Operand::Zero => Fp::ZERO,
            Operand::Attribute(attribute) => raw.attribute(attribute),
            Operand::Packed => raw.packed,
            Operand::Partial(count) => packed(&raw.attributes, count),
            Operand::Public(row) => self.public[row],
            Operand::ValidOn => raw.valid_on,
            Operand::Slot => raw.slot,
            Operand::IsDesignated => raw.is_designated,
            Operand::Scope => raw.scope,
            Operand::Signal => raw.signal,
            Operand::RegistryRoot => self.roots[Path::Cap as usize],
            Operand::TrustListRoot => self.roots[Path::Trust as usize],
            Operand::Nullifier => self.chain[Chain::Nullifier as usize],
            Operand::IssuerTag => self.chain[Chain::IssuerTag as usize],
            Operand::DesignatedVerifier => self.chain[Chain::DesignatedVerifier as usize],
        }
    }
}

impl Drop for Values {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// The sum of the first `count` attributes, shifted to their places.
fn packed(attributes: &[Fp; FIELDS], count: usize) -> Fp {
    attributes
        .iter()
        .zip(SHIFTS)
        .take(count)
        .map(|(field, shift)| *field * Fp::from_u128(1 << shift))
        .sum()
}

/// Hashes along a path, whether or not each node is among the children.
fn climb(paths: &mut [Vec<Box<HashValues>>; 3], raw: &Raw, path: Path, leaf: Fp) {
    let capacity = path.tree().domain().capacity();
    let mut node = leaf;
    for children in raw.path(path) {
        let hash = HashValues::boxed(node, *children, capacity);
        node = hash.trace.output;
        paths[path as usize].push(hash);
    }
}

fn end(paths: &[Vec<Box<HashValues>>; 3], path: Path) -> Fp {
    paths[path as usize]
        .last()
        .map_or(Fp::ZERO, |hash| hash.trace.output)
}

/// Puts the hashes into their slots and lanes, and makes those of idle lanes up.
fn arrange(
    plan: &Plan,
    chain: Vec<Box<HashValues>>,
    paths: [Vec<Box<HashValues>>; 3],
) -> Vec<Vec<Box<HashValues>>> {
    let mut chain = chain.into_iter();
    let mut paths = paths.map(|steps| steps.into_iter().map(Some).collect::<Vec<_>>());
    let mut rows: Vec<Vec<Box<HashValues>>> = Vec::new();
    for slot in &plan.slots {
        let row = slot.ops.iter().enumerate().map(|(lane, op)| {
            let planned = match op {
                Op::Chain(_) => chain.next(),
                Op::Step { path, level, .. } => paths[*path as usize].get_mut(*level).and_then(Option::take),
                Op::Idle => None,
            };
            planned.unwrap_or_else(|| {
                // An idle lane's hash is a step too: its node is the output before it.
                let node = rows.last().map_or(Fp::ZERO, |row| row[lane].trace.output);
                HashValues::boxed(node, [node, Fp::ZERO], capacity(*op))
            })
        });
        let row = row.collect();
        rows.push(row);
    }
    rows
}

// The attributes' numbers are the places of their values.
const _: () = assert!(Attribute::Flags as usize + 1 == FIELDS);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{layout::plan, sample::sample};

    #[test]
    fn wiping_leaves_nothing_of_the_witness() {
        let (inputs, witness) = sample(1);
        let mut values = Values::new(&plan(2, 9), inputs.to_fields(), Raw::new(&inputs, &witness));
        values.wipe();
        values.raw.wipe();
        values.hashes.iter_mut().flatten().for_each(|hash| hash.wipe());
        let Values {
            raw,
            public,
            hashes,
            chain,
            roots,
        } = &values;
        assert_eq!(public, &inputs.to_fields());
        let of_hashes = hashes.iter().flatten().flat_map(|hash| {
            let HashValues { node, inputs, trace } = &**hash;
            let Trace {
                first,
                partial,
                second,
                output,
            } = trace;
            [*node, *output]
                .into_iter()
                .chain(*inputs)
                .chain(first.iter().chain(partial).chain(second).flatten().copied())
        });
        let Raw {
            secret,
            issuer_id,
            attributes,
            packed,
            ext,
            paths,
            slot,
            is_designated,
            verifier_secret,
            // Public, all three.
            valid_on: _,
            scope: _,
            signal: _,
        } = raw;
        let of_raw = [
            secret,
            issuer_id,
            packed,
            ext,
            slot,
            is_designated,
            verifier_secret,
        ];
        let left = of_hashes
            .chain(of_raw.into_iter().copied())
            .chain(*attributes)
            .chain(paths.iter().flatten().flatten().copied())
            .chain(*chain)
            .chain(*roots)
            .filter(|value| *value != Fp::ZERO);
        assert_eq!(left.count(), 0);
    }
}
