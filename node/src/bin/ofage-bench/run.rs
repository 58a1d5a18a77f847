//! Runs benchmarks of the wasm runtime and fits a line to each quantity.

use codec::{Decode, Encode};
use frame_benchmarking::{
    Analysis, BenchmarkBatch, BenchmarkList, BenchmarkParameter, BenchmarkResult, BenchmarkSelector,
};
use ofage_runtime::Hashing;
use sc_chain_spec::{ChainSpec, ChainType, GenericChainSpec, NoExtension};
use sc_client_db::BenchmarkingState;
use sc_executor::WasmExecutor;
use sp_core::traits::{CallContext, FetchRuntimeCode, RuntimeCode, WrappedRuntimeCode};
use sp_externalities::Extensions;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::Storage;
use sp_state_machine::StateMachine;

/// What the node's executor offers, and what benchmarks need on top.
type HostFunctions = (
    sp_io::SubstrateHostFunctions,
    ofage_zk_host::HostFunctions,
    frame_benchmarking::benchmarking::HostFunctions,
);

/// Storage information that the runtime sends along with its benchmark list; not used here.
type Metadata = (Vec<BenchmarkList>, Vec<frame_support::traits::StorageInfo>);

/// One benchmark of the runtime.
pub(crate) struct Selected {
    /// The pallet's name in the runtime's benchmark list.
    pub(crate) pallet: String,
    /// The benchmark's name.
    pub(crate) name: String,
    instance: Vec<u8>,
    components: Vec<(BenchmarkParameter, u32, u32)>,
}

/// A fitted quantity: a base and a slope for each component.
pub(crate) struct Fit {
    /// Value with every component at zero.
    pub(crate) base: u128,
    /// Growth for each step of a component, in the order of [`Measured::components`].
    pub(crate) slopes: Vec<u128>,
}

/// The fitted cost of one benchmark.
pub(crate) struct Measured {
    /// The pallet's name in the runtime's benchmark list.
    pub(crate) pallet: String,
    /// The benchmark's name.
    pub(crate) name: String,
    /// Name, lowest and highest value of each component.
    pub(crate) components: Vec<(String, u32, u32)>,
    /// Execution time in picoseconds.
    pub(crate) time: Fit,
    /// Shortest execution time seen, in picoseconds.
    pub(crate) minimum: u128,
    /// Distinct storage reads.
    pub(crate) reads: Fit,
    /// Distinct storage writes.
    pub(crate) writes: Fit,
    /// Storage proof size in bytes.
    pub(crate) proof: Fit,
}

impl Measured {
    /// The measurement as a JSON object; times are picoseconds, sizes bytes.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let fit = |f: &Fit| serde_json::json!({ "base": f.base as u64, "slopes": f.slopes.iter().map(|s| *s as u64).collect::<Vec<_>>() });
        serde_json::json!({
            "pallet": self.pallet,
            "benchmark": self.name,
            "components": self.components.iter().map(|c| serde_json::json!({ "name": c.0, "from": c.1, "to": c.2 })).collect::<Vec<_>>(),
            "ref_time_ps": fit(&self.time),
            "reads": fit(&self.reads),
            "writes": fit(&self.writes),
            "proof_bytes": fit(&self.proof),
        })
    }
}

/// The runtime, its genesis state and the executor.
pub(crate) struct Bench {
    wasm: &'static [u8],
    genesis: Storage,
    executor: WasmExecutor<HostFunctions>,
}

impl Bench {
    /// Loads the runtime built into this binary, with the state of the `dev` preset.
    ///
    /// # Errors
    /// When the binary was built without the wasm runtime, or the preset does not build.
    pub(crate) fn new() -> Result<Self, String> {
        let wasm = ofage_runtime::WASM_BINARY
            .ok_or("this binary has no runtime inside; build it without SKIP_WASM_BUILD")?;
        let spec = GenericChainSpec::<NoExtension, HostFunctions>::builder(wasm, None)
            .with_name("Ofage benchmarks")
            .with_id("ofage_bench")
            .with_chain_type(ChainType::Development)
            .with_genesis_config_preset_name(sp_genesis_builder::DEV_RUNTIME_PRESET)
            .build();
        let genesis = spec.as_storage_builder().build_storage()?;
        Ok(Self {
            wasm,
            genesis,
            executor: WasmExecutor::<HostFunctions>::builder().build(),
        })
    }

    /// The benchmarks that the runtime has.
    pub(crate) fn list(&self) -> Result<Vec<Selected>, String> {
        let (pallets, _): Metadata = self.call(false, "Benchmark_benchmark_metadata", &false.encode())?;
        let mut all = Vec::new();
        for pallet in pallets {
            for benchmark in pallet.benchmarks {
                all.push(Selected {
                    pallet: String::from_utf8_lossy(&pallet.pallet).into_owned(),
                    name: String::from_utf8_lossy(&benchmark.name).into_owned(),
                    instance: pallet.instance.clone(),
                    components: benchmark.components,
                });
            }
        }
        Ok(all)
    }

    /// Verifies, tracks and times one benchmark, then fits its cost.
    pub(crate) fn measure(&self, b: &Selected, steps: u32, repeat: u32) -> Result<Measured, String> {
        let (mut timed, mut tracked) = (Vec::new(), Vec::new());
        for (nth, point) in grid(&b.components, steps).iter().enumerate() {
            if nth == 0 {
                self.dispatch(b, point, true, 1, false)?;
            }
            tracked.extend(self.dispatch(b, point, false, 1, true)?);
            timed.extend(self.dispatch(b, point, false, repeat, false)?);
        }
        let fit = |results: &Vec<BenchmarkResult>, what| -> Result<(Fit, u128), String> {
            let a = Analysis::min_squares_iqr(results, what)
                .map_err(|e| format!("{}::{}: {e}", b.pallet, b.name))?;
            Ok((
                Fit {
                    base: a.base,
                    slopes: a.slopes,
                },
                a.minimum,
            ))
        };
        // The analysis gives fitted times in picoseconds, but the minimum in nanoseconds.
        const PICOSECONDS_PER_NANOSECOND: u128 = 1_000;
        let (time, fastest) = fit(&timed, BenchmarkSelector::ExtrinsicTime)?;
        Ok(Measured {
            pallet: b.pallet.clone(),
            name: b.name.clone(),
            components: b
                .components
                .iter()
                .map(|(n, low, high)| (n.to_string(), *low, *high))
                .collect(),
            time,
            minimum: fastest.saturating_mul(PICOSECONDS_PER_NANOSECOND),
            reads: fit(&tracked, BenchmarkSelector::Reads)?.0,
            writes: fit(&tracked, BenchmarkSelector::Writes)?.0,
            proof: fit(&tracked, BenchmarkSelector::ProofSize)?.0,
        })
    }

    fn dispatch(
        &self,
        b: &Selected,
        point: &[(BenchmarkParameter, u32)],
        verify: bool,
        repeats: u32,
        tracking: bool,
    ) -> Result<Vec<BenchmarkResult>, String> {
        let input = (
            b.pallet.as_bytes(),
            &b.instance[..],
            b.name.as_bytes(),
            point.to_vec(),
            verify,
            repeats,
        )
            .encode();
        let batches: Result<Vec<BenchmarkBatch>, String> =
            self.call(tracking, "Benchmark_dispatch_benchmark", &input)?;
        let batches = batches.map_err(|e| format!("{}::{} failed: {e}", b.pallet, b.name))?;
        Ok(batches.into_iter().flat_map(|batch| batch.results).collect())
    }

    fn call<R: Decode>(&self, tracking: bool, method: &str, input: &[u8]) -> Result<R, String> {
        let state = BenchmarkingState::<Hashing>::new(self.genesis.clone(), None, true, tracking)?;
        let code = WrappedRuntimeCode(self.wasm.into());
        let hash = sp_io::hashing::blake2_256(self.wasm).to_vec();
        let runtime = RuntimeCode {
            code_fetcher: &code as &dyn FetchRuntimeCode,
            heap_pages: None,
            hash,
        };
        let mut extensions = Extensions::default();
        extensions.register(KeystoreExt::new(MemoryKeystore::new()));
        if let Some(recorder) = state.recorder() {
            extensions.register(sp_trie::proof_size_extension::ProofSizeExt::new(recorder));
        }
        let mut overlay = Default::default();
        let output = StateMachine::new(
            &state,
            &mut overlay,
            &self.executor,
            method,
            input,
            &mut extensions,
            &runtime,
            CallContext::Offchain,
        )
        .execute()
        .map_err(|e| format!("{method}: {e}; was the runtime built with runtime-benchmarks?"))?;
        R::decode(&mut &output[..]).map_err(|e| format!("{method} answered in an unknown shape: {e}"))
    }
}

/// The points to measure: each component over its range, the others at their highest.
fn grid(components: &[(BenchmarkParameter, u32, u32)], steps: u32) -> Vec<Vec<(BenchmarkParameter, u32)>> {
    if components.is_empty() {
        return vec![Vec::new()];
    }
    let mut points = Vec::new();
    for (name, low, high) in components {
        for step in 0..steps {
            let span = u64::from(high.saturating_sub(*low));
            let value = low + (span * u64::from(step) / u64::from(steps - 1)) as u32;
            points.push(
                components
                    .iter()
                    .map(|(n, _, h)| (*n, if n == name { value } else { *h }))
                    .collect(),
            );
        }
    }
    points
}
