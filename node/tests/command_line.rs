//! The binary as an operator meets it.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Output, Stdio},
};

fn node(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ofage-node"))
        .args(args)
        .output()
        .expect("the node was built with this test")
}

fn error_of(args: &[&str]) -> String {
    let output = node(args);
    assert!(!output.status.success(), "{args:?} should have failed");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are text")
}

#[test]
fn help_and_version_are_there() {
    let help = node(&["--help"]);
    assert!(help.status.success());
    assert!(String::from_utf8_lossy(&help.stdout).contains("export-chain-spec"));
    let version = node(&["--version"]);
    assert!(version.status.success());
    assert!(String::from_utf8_lossy(&version.stdout).contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_exported_specification_has_no_name_of_this_machine_and_makes_the_same_chain() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("local.json");
    assert!(node(&[
        "export-chain-spec",
        "--chain",
        "local",
        "--raw",
        "--output",
        text(&file)
    ])
    .status
    .success());
    let again = node(&["export-chain-spec", "--chain", text(&file), "--raw"]);
    assert!(again.status.success());
    assert_eq!(
        String::from_utf8_lossy(&again.stdout),
        std::fs::read_to_string(&file).unwrap()
    );
}

#[test]
fn the_database_of_a_new_chain_holds_its_genesis_and_can_be_purged() {
    let folder = tempfile::tempdir().unwrap();
    let place = ["--chain", "dev", "--base-path", text(folder.path())];
    // Nothing to take back, but the database is made.
    assert!(node(&[&["revert"], &place[..], &["1"]].concat()).status.success());

    let info = node(&[&["chain-info"], &place[..]].concat());
    assert!(info.status.success(), "{}", String::from_utf8_lossy(&info.stderr));
    let info: serde_json::Value = serde_json::from_slice(&info.stdout).expect("chain-info prints JSON");
    assert_eq!(info["best_number"], 0);
    assert_eq!(info["best_hash"], info["genesis_hash"]);

    assert!(node(&[&["purge-chain", "-y"], &place[..]].concat())
        .status
        .success());
    assert!(!folder.path().join("chains/ofage_dev/paritydb").exists());
}

#[test]
fn a_node_that_is_told_to_stop_leaves_no_task_behind() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ofage-node"))
        .args([
            "--dev",
            "--rpc-port",
            "0",
            "--listen-addr",
            "/ip4/127.0.0.1/tcp/0",
        ])
        .args(["--no-mdns", "--no-prometheus"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the node was built with this test");
    let mut log = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut seen = String::new();
    // Ends with the log too, if the node does not start.
    while log.read_line(&mut seen).unwrap() > 0 && !seen.contains("Imported #1") {}
    let told = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    log.read_to_string(&mut seen).unwrap();
    let status = child.wait().unwrap();
    assert!(told.success() && status.success(), "{status}:\n{seen}");
    assert!(!seen.contains("still running after waiting"), "{seen}");
    assert!(!seen.contains("panicked"), "{seen}");
}

mod rejects {
    use super::*;

    #[test]
    fn a_start_without_a_chain() {
        assert!(error_of(&[]).contains("--chain"));
        assert!(error_of(&["--validator"]).contains("--chain"));
    }

    #[test]
    fn a_chain_that_is_not_there() {
        assert!(error_of(&["--chain", "no-such-chain"]).contains("no-such-chain"));
    }

    #[test]
    fn a_validator_without_a_network_key_and_says_how_to_make_one() {
        let folder = tempfile::tempdir().unwrap();
        let error = error_of(&[
            "--chain",
            "local",
            "--validator",
            "--base-path",
            text(folder.path()),
        ]);
        assert!(error.contains("generate-node-key"), "{error}");
    }

    #[test]
    fn rocksdb() {
        assert!(error_of(&["--dev", "--database", "rocksdb"]).contains("paritydb"));
    }

    #[test]
    fn files_of_blocks_that_hold_none() {
        let folder = tempfile::tempdir().unwrap();
        let (base, file) = (folder.path().join("base"), folder.path().join("blocks"));
        std::fs::write(&file, [0xff; 64]).unwrap();
        for binary in [&[][..], &["--binary"]] {
            let place = [
                "import-blocks",
                "--chain",
                "dev",
                "--base-path",
                text(&base),
                text(&file),
            ];
            error_of(&[&place[..], binary].concat());
        }
    }
}
