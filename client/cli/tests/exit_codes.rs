//! The exit codes that scripts rely on, of the real command without a node.

use std::process::Command;

#[test]
fn the_exit_code_tells_what_was_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let run = |line: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_ofage"))
            .args(line.split(' '))
            .current_dir(dir.path())
            .env_remove("OFAGE_NODE")
            .output()
            .unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    std::fs::write(dir.path().join("words"), "correct horse battery staple\n").unwrap();
    std::fs::write(dir.path().join("junk"), "{}").unwrap();
    assert_eq!(run("--help").0, 0);
    assert_eq!(run("wallet prove").0, 2);
    assert_eq!(run("policy --list 0").0, 2);
    assert_eq!(run("policy --policy junk").0, 3);
    assert_eq!(run("wallet import missing --offline").0, 3);
    assert_eq!(run("wallet import junk --offline").0, 3);
    assert_eq!(run("chain status --node ws://127.0.0.1:1").0, 4);
    assert_eq!(run("wallet list --passphrase-file words").0, 5);
    assert_eq!(run("issuer seal --key-file junk").0, 5);
    let (code, stdout) = run("chain status --node ws://127.0.0.1:1 --json");
    let document: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, document["error"]["kind"].as_str()), (4, Some("chain")));
    let (code, stdout) = run("verify junk --gate 0 --account dev:Bob --json");
    let document: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, document["reason"].as_str()), (1, Some("malformed")));
    let (code, stdout) = run("policy --list 0 --over 18 --slots 2");
    let document: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, document["slots"].as_u64()), (0, Some(2)));
}
