//! Where the binaries under test are.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};

/// The node: `$OFAGE_NODE_BIN`, or `ofage-node` beside the directory of the running test.
pub fn node() -> Result<PathBuf> {
    find("OFAGE_NODE_BIN", "ofage-node")
}

/// The command: `$OFAGE_BIN`, or `ofage` beside the directory of the running test.
pub fn ofage() -> Result<PathBuf> {
    find("OFAGE_BIN", "ofage")
}

fn find(variable: &str, name: &str) -> Result<PathBuf> {
    let path = match env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => {
            // A test executable is <target>/release/deps/<test>; the binaries are two levels up.
            let test = env::current_exe().context("the path of the running test is not known")?;
            test.ancestors().nth(2).unwrap_or(Path::new(".")).join(name)
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
