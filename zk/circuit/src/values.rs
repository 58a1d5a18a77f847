//! Every value of the circuit, computed once before the rows are written (the floor planner writes them twice).

use crate::{
    gadget::arithmetic::Operand,
    layout::{Chain, Op, Path, Plan},
    rounds::{trace, Trace},
    witness::{Attribute, Raw, FIELDS, SHIFTS},
};
use ff::{Field, PrimeField};
use ofage_primitives::{Domain, Fp, PublicInputs};

/// One hash of a lane.
pub(crate) struct HashValues {
    /// The node that a step starts from; zero elsewhere.
    pub(crate) node: Fp,
    /// Left and right input.
    pub(crate) inputs: [Fp; 2],
    /// The states.
    pub(crate) trace: Trace,
}

/// All values. No `Debug`; wiped when dropped.
pub(crate) struct Values {
    pub(crate) raw: Raw,
    pub(crate) public: [Fp; PublicInputs::COUNT],
    /// By slot and lane.
    pub(crate) hashes: Vec<Vec<HashValues>>,
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
        let mut chain: Vec<HashValues> = Vec::new();
        let mut paths: [Vec<HashValues>; 3] = Default::default();
        let output = |chain: &[HashValues], name: Chain| chain[name as usize].trace.output;
        for name in Chain::ALL {
            let inputs = match name {
                Chain::Identity => [raw.secret, raw.issuer_id],
                Chain::Attributes => [raw.packed, raw.ext],
                Chain::Attestation => [output(&chain, Chain::Identity), output(&chain, Chain::Attributes)],
                Chain::App => [raw.secret, raw.scope],
                Chain::Slot => [output(&chain, Chain::App), raw.slot],
                Chain::Nullifier => [output(&chain, Chain::Slot), Fp::ZERO],
                Chain::IssuerTag => [output(&chain, Chain::Slot), raw.issuer_id],
                Chain::DesignatedVerifier => [raw.verifier_secret, Fp::ZERO],
                Chain::CapLeaf => {
                    climb(&mut paths, &raw, Path::Shard, output(&chain, Chain::Attestation));
                    [end(&paths, Path::Shard), raw.issuer_id]
                }
            };
            let trace = trace(name.domain().capacity(), inputs[0], inputs[1]);
            chain.push(HashValues {
                node: Fp::ZERO,
                inputs,
                trace,
            });
        }
        climb(&mut paths, &raw, Path::Cap, output(&chain, Chain::CapLeaf));
        climb(&mut paths, &raw, Path::Trust, raw.issuer_id);
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
fn climb(paths: &mut [Vec<HashValues>; 3], raw: &Raw, path: Path, leaf: Fp) {
    let capacity = path.tree().domain().capacity();
    let mut node = leaf;
    for children in raw.path(path) {
        let trace = trace(capacity, children[0], children[1]);
        let output = trace.output;
        paths[path as usize].push(HashValues {
            node,
            inputs: *children,
            trace,
        });
        node = output;
    }
}

fn end(paths: &[Vec<HashValues>; 3], path: Path) -> Fp {
    paths[path as usize]
        .last()
        .map_or(Fp::ZERO, |hash| hash.trace.output)
}

/// Puts the hashes into their slots and lanes, and makes those of idle lanes up.
fn arrange(plan: &Plan, chain: Vec<HashValues>, paths: [Vec<HashValues>; 3]) -> Vec<Vec<HashValues>> {
    let mut chain = chain.into_iter();
    let mut paths = paths.map(|steps| steps.into_iter().map(Some).collect::<Vec<_>>());
    let mut rows: Vec<Vec<HashValues>> = Vec::new();
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
                let trace = trace(capacity(*op), node, Fp::ZERO);
                HashValues {
                    node,
                    inputs: [node, Fp::ZERO],
                    trace,
                }
            })
        });
        let row = row.collect();
        rows.push(row);
    }
    rows
}

// The attributes' numbers are the places of their values.
const _: () = assert!(Attribute::Flags as usize + 1 == FIELDS);
