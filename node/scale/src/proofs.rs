//! Requests with real proofs, made once and kept.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
};

use anyhow::{Context, Result};
use codec::Encode;
use ofage_primitives::chain::AdmitRequest;
use ofage_prover::Prover;
use sp_io::hashing::blake2_256;

use crate::scene::Statements;

/// A folder of proofs, by the hash of what they prove: those of another chain, day or circuit are not found there.
pub(crate) struct Proofs {
    folder: PathBuf,
}

impl Proofs {
    /// Opens it, and makes it if need be.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The first `count` requests, each with a proof; proves on all threads what is not there yet.
    pub(crate) fn requests(&self, statements: &Statements, count: u32) -> Result<Vec<AdmitRequest>> {
        let prover = Prover::new();
        let next = Mutex::new(0..count);
        let worker = || -> Result<Vec<(u32, AdmitRequest)>> {
            let mut made = Vec::new();
            while let Some(number) = { next.lock().expect("no thread panics with the lock; qed").next() } {
                if number % 250 == 0 {
                    eprintln!("    request {number} of {count}");
                }
                made.push((number, self.request(statements, prover, number)?));
            }
            Ok(made)
        };
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let mut all = Vec::new();
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
            for worker in workers {
                all.extend(worker.join().expect("a prover does not panic; qed")?);
            }
            anyhow::Ok(())
        })?;
        all.sort_by_key(|(number, _)| *number);
        Ok(all.into_iter().map(|(_, request)| request).collect())
    }

    fn request(&self, statements: &Statements, prover: Prover, number: u32) -> Result<AdmitRequest> {
        let (mut request, inputs, witness) = statements.statement(number);
        let name = hex::encode(blake2_256(&(Prover::CIRCUIT, &inputs).encode()));
        let file = self.folder.join(name);
        request.proof = match fs::read(&file) {
            Ok(proof) if proof.len() == ofage_prover::PROOF_LENGTH => proof,
            _ => {
                let proof = prover.prove(&inputs, &witness)?.into_bytes();
                fs::write(&file, &proof).with_context(|| format!("cannot write {}", file.display()))?;
                proof
            }
        };
        Ok(request)
    }
}
