//! The hashes, each in its slot and lane, tied to each other.
//!
//! | hash | left | right | output |
//! |---|---|---|---|
//! | identity | secret | issuer id | left of the attestation |
//! | attributes | packed attributes | ext | right of the attestation |
//! | attestation | identity | attributes | node of the first step of the shard path |
//! | app | secret | scope | left of the slot |
//! | slot | app | slot | left of nullifier and issuer tag: the key |
//! | nullifier | key | zero | public input, unless designated |
//! | issuer tag | key | issuer id | public input, unless designated |
//! | designated verifier | its secret | zero | public input, if designated |
//! | cap leaf | end of the shard path | issuer id | node of the first step of the cap path |
//! | step | child | child | node of the next step |
//!
//! The trust path starts at the issuer id. The ends of cap and trust path are public inputs, unless designated.
//! Secret, issuer id and the verifier's secret are free values whose first use is their definition; `ext` and the
//! siblings occur once.

use super::arithmetic::{Operand, Operands};
use crate::{
    chip::poseidon::{HashCells, PoseidonConfig},
    layout::{rows_per_hash, Chain, Op, Path, Plan},
    values::{capacity, Values},
};
use halo2_proofs::{
    circuit::{Cell, Region, Value},
    plonk::Error,
};
use ofage_primitives::Fp;

/// The cells of all hashes, by slot and lane.
struct Hashes<'p> {
    plan: &'p Plan,
    cells: Vec<Vec<HashCells>>,
}

impl Hashes<'_> {
    fn find(&self, is_it: impl Fn(&Op) -> bool) -> &HashCells {
        let mut all = self
            .plan
            .slots
            .iter()
            .zip(&self.cells)
            .flat_map(|(slot, cells)| slot.ops.iter().zip(cells));
        all.find(|(op, _)| is_it(op))
            .map(|(_, cells)| cells)
            .expect("the plan has every hash; qed")
    }

    fn chain(&self, name: Chain) -> &HashCells {
        self.find(|op| *op == Op::Chain(name))
    }

    fn step(&self, path: Path, level: usize) -> &HashCells {
        self.find(|op| matches!(op, Op::Step { path: p, level: l, .. } if (*p, *l) == (path, level)))
    }

    /// The end of a path.
    fn root(&self, path: Path) -> Cell {
        self.step(path, path.tree().depth() - 1).output
    }

    /// What a step of a path starts from.
    fn node(&self, path: Path, level: usize) -> Cell {
        match (path, level.checked_sub(1)) {
            (_, Some(below)) => self.step(path, below).output,
            (Path::Shard, None) => self.chain(Chain::Attestation).output,
            (Path::Cap, None) => self.chain(Chain::CapLeaf).output,
            (Path::Trust, None) => self.chain(Chain::Identity).right,
        }
    }
}

/// Writes all hashes and ties them to each other and to the rows of arithmetic.
pub(crate) fn assign<const EXTRA: usize>(
    chip: &PoseidonConfig,
    region: &mut Region<'_, Fp>,
    plan: &Plan,
    values: Value<&Values>,
    operands: &Operands,
) -> Result<(), Error> {
    let mut hashes = Hashes {
        plan,
        cells: Vec::new(),
    };
    let mut free_row = plan.slots.first().map_or(0, |slot| slot.row);
    for (number, slot) in plan.slots.iter().enumerate() {
        chip.assign_shared(region, slot.row)?;
        let follows_gap = number == 0 || slot.row != free_row;
        let mut row = Vec::new();
        for (lane, op) in slot.ops.iter().enumerate() {
            let at = (slot.row, lane);
            let hash = values.map(|v| &v.hashes[number][lane]);
            let inputs = [0, 1].map(|side| hash.map(|h| h.inputs[side]));
            let mut cells = chip.assign_hash(region, at, capacity(*op), inputs, hash.map(|h| &h.trace))?;
            if matches!(op, Op::Step { .. }) {
                chip.enable_step(region, at)?;
            }
            // Without a free row, the output before is the node.
            let is_step = lane > 0 || matches!(op, Op::Step { .. });
            if follows_gap && is_step {
                cells.node = Some(chip.assign_node(region, at, hash.map(|h| h.node))?);
            }
            row.push(cells);
        }
        hashes.cells.push(row);
        free_row = slot.row + rows_per_hash(EXTRA);
    }
    tie_steps(region, &hashes)?;
    tie_chain(region, &hashes, operands)
}

/// Ties each node that was written by itself to where it comes from.
fn tie_steps(region: &mut Region<'_, Fp>, hashes: &Hashes<'_>) -> Result<(), Error> {
    for (number, slot) in hashes.plan.slots.iter().enumerate() {
        for (lane, op) in slot.ops.iter().enumerate() {
            let Some(node) = hashes.cells[number][lane].node else {
                continue;
            };
            match op {
                Op::Step { path, level, .. } => region.constrain_equal(node, hashes.node(*path, *level))?,
                // Nothing depends on an idle lane.
                Op::Chain(_) | Op::Idle => {}
            }
        }
    }
    Ok(())
}

fn tie_chain(region: &mut Region<'_, Fp>, hashes: &Hashes<'_>, operands: &Operands) -> Result<(), Error> {
    let chain = |name: Chain| hashes.chain(name);
    let zero = operands.cell(Operand::Zero);
    let secret = chain(Chain::Identity).left;
    let issuer_id = chain(Chain::Identity).right;
    let key = chain(Chain::Slot).output;
    for (cell, other) in [
        (chain(Chain::Attributes).left, operands.cell(Operand::Packed)),
        (chain(Chain::Attestation).left, chain(Chain::Identity).output),
        (chain(Chain::Attestation).right, chain(Chain::Attributes).output),
        (chain(Chain::App).left, secret),
        (chain(Chain::App).right, operands.cell(Operand::Scope)),
        (chain(Chain::Slot).left, chain(Chain::App).output),
        (chain(Chain::Slot).right, operands.cell(Operand::Slot)),
        (chain(Chain::Nullifier).left, key),
        (chain(Chain::Nullifier).right, zero),
        (chain(Chain::IssuerTag).left, key),
        (chain(Chain::IssuerTag).right, issuer_id),
        (chain(Chain::DesignatedVerifier).right, zero),
        (chain(Chain::CapLeaf).left, hashes.root(Path::Shard)),
        (chain(Chain::CapLeaf).right, issuer_id),
        (operands.cell(Operand::RegistryRoot), hashes.root(Path::Cap)),
        (operands.cell(Operand::TrustListRoot), hashes.root(Path::Trust)),
        (operands.cell(Operand::Nullifier), chain(Chain::Nullifier).output),
        (operands.cell(Operand::IssuerTag), chain(Chain::IssuerTag).output),
        (
            operands.cell(Operand::DesignatedVerifier),
            chain(Chain::DesignatedVerifier).output,
        ),
    ] {
        region.constrain_equal(cell, other)?;
    }
    Ok(())
}
