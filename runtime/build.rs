//! Compiles the runtime to WebAssembly for the crates that embed it, unless `SKIP_WASM_BUILD` is set.

fn main() {
    // The target folder is often outside of the repository, where the builder would not find `Cargo.lock`, and would
    // take other versions than it names.
    const HINT: &str = "WASM_BUILD_WORKSPACE_HINT";
    println!("cargo::rerun-if-env-changed={HINT}");
    if std::env::var_os(HINT).is_none() {
        std::env::set_var(HINT, concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    }
    // The next version of the runtime, with which tests rehearse an upgrade. First, so that the builder's project is
    // left as the true one needs it.
    #[cfg(all(feature = "std", not(feature = "metadata-hash")))]
    substrate_wasm_builder::WasmBuilder::init_with_defaults()
        .enable_feature("rehearsal")
        .set_file_name("rehearsal.rs")
        .build();
    #[cfg(all(feature = "std", feature = "metadata-hash"))]
    substrate_wasm_builder::WasmBuilder::init_with_defaults()
        .enable_metadata_hash("UNIT", 12)
        .build();
    #[cfg(all(feature = "std", not(feature = "metadata-hash")))]
    substrate_wasm_builder::WasmBuilder::build_using_defaults();
}
