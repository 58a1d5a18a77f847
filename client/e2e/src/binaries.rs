//! Where the binaries under test are.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};

/// The node: `$OFAGE_NODE_BIN`, or `ofage-node` where the running test or tool was built.
pub fn node() -> Result<PathBuf> {
    find("OFAGE_NODE_BIN", "ofage-node")
}

/// The command: `$OFAGE_BIN`, or `ofage` where the running test or tool was built.
pub fn ofage() -> Result<PathBuf> {
    find("OFAGE_BIN", "ofage")
}

/// The next version of the runtime, for rehearsing an upgrade: `$OFAGE_NEXT_RUNTIME`, or where the build of the node left it.
pub fn next_runtime() -> Result<PathBuf> {
    const BUILT: &str = "wbuild/ofage-runtime/rehearsal.rs.compact.compressed.wasm";
    let path = match env::var_os("OFAGE_NEXT_RUNTIME") {
        Some(path) => PathBuf::from(path),
        None => node()?.with_file_name(BUILT),
    };
    if !path.is_file() {
        bail!(
            "{} is not there: build the node without SKIP_WASM_BUILD, or name the file in OFAGE_NEXT_RUNTIME",
            path.display()
        );
    }
    Ok(path)
}

fn find(variable: &str, name: &str) -> Result<PathBuf> {
    let path = match env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => {
            // A test executable is <target>/release/deps/<test>; a tool that measures is in <target>/release itself.
            let running = env::current_exe().context("the path of this program is not known")?;
            let folders = running.ancestors().skip(1).take(2);
            let found = folders
                .map(|folder| folder.join(name))
                .find(|path| path.is_file());
            found.unwrap_or_else(|| Path::new(name).to_owned())
        }
    };
    if !path.is_file() {
        bail!(
            "{} is not there: build it with `cargo build --release -p ofage-node -p ofage-cli`, or name it in {variable}",
            path.display()
        );
    }
    Ok(path)
}
