//! The index of leaves in a real node: served, lost and rebuilt, and the state that is left checked.

use codec::Encode;
use ofage_primitives::{
    chain::ShardChoice,
    tree::{DenseTree, ShardPath, Tree},
    Attestation, Element, ShardIndex,
};
use ofage_runtime::{
    extensions, Address, RuntimeCall, Signature, SignedPayload, UncheckedExtrinsic, VERSION,
};
use pallet_age_registry::Call;
use serde_json::{json, Value};
use sp_core::{sr25519, Pair, H256};
use sp_runtime::generic::Era;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

/// A validator of the chain `dev`; killed when dropped.
struct Node {
    child: Child,
    log: BufReader<ChildStderr>,
    seen: Vec<String>,
    port: u16,
}

impl Node {
    fn start(base: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ofage-node"))
            .args([
                "--chain",
                "dev",
                "--alice",
                "--validator",
                "--force-authoring",
                "--base-path",
            ])
            .arg(base)
            .args([
                "--rpc-port",
                "0",
                "--listen-addr",
                "/ip4/127.0.0.1/tcp/0",
                "--no-prometheus",
            ])
            .args([
                "--unsafe-force-node-key-generation",
                "--no-mdns",
                "--no-hardware-benchmarks",
            ])
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the node was built with this test");
        let log = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut node = Self {
            child,
            log,
            seen: Vec::new(),
            port: 0,
        };
        let line = node.wait("Running JSON-RPC server: addr=127.0.0.1:");
        let digits = line.rsplit_once("127.0.0.1:").expect("it was waited for").1;
        node.port = digits
            .chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
            .parse()
            .expect("a port");
        node
    }

    /// A line of the log with `text`, which may be there already.
    fn wait(&mut self, text: &str) -> String {
        match self.seen.iter().find(|line| line.contains(text)) {
            Some(line) => line.clone(),
            None => self.wait_for_another(text),
        }
    }

    /// Waits for another line of the log with `text`.
    fn wait_for_another(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(
                self.log.read_line(&mut line).unwrap() > 0,
                "the node ended without '{text}':\n{}",
                self.seen.concat()
            );
            self.seen.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Waits until a block that was not there yet is final.
    fn wait_for_another_final_block(&mut self) {
        self.wait_for_another("Imported #");
        let newest = self.ask("chain_getHeader", json!([])).unwrap()["number"].clone();
        let newest = u32::from_str_radix(newest.as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
        while self.finalized() < newest {
            self.wait_for_another("Imported #");
        }
    }

    fn finalized(&self) -> u32 {
        let hash = self.ask("chain_getFinalizedHead", json!([])).unwrap();
        let header = self.ask("chain_getHeader", json!([hash])).unwrap();
        u32::from_str_radix(header["number"].as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
    }

    /// A call of the RPC; the error's code when it refuses.
    fn ask(&self, method: &str, params: Value) -> Result<Value, i64> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let port = self.port;
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let json = &answer[answer.find('{').unwrap()..=answer.rfind('}').unwrap()];
        let json: Value = serde_json::from_str(json).unwrap();
        match json.get("result") {
            Some(result) => Ok(result.clone()),
            None => Err(json["error"]["code"].as_i64().unwrap()),
        }
    }

    /// Sends a call, signed by Alice.
    fn send(&self, nonce: u32, call: impl Into<RuntimeCall>) {
        let call = call.into();
        let genesis = self.ask("chain_getBlockHash", json!([0])).unwrap();
        let genesis: H256 = genesis.as_str().unwrap().parse().unwrap();
        let (spec, transactions) = (VERSION.spec_version, VERSION.transaction_version);
        let extension = extensions::plain(Era::Immortal, nonce);
        let implicit = ((), spec, transactions, genesis, genesis, (), (), (), (), None, ());
        let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
        let alice = alice();
        let signature = payload.using_encoded(|bytes| alice.sign(bytes));
        let extrinsic = UncheckedExtrinsic::new_signed(
            call,
            Address::Id(alice.public().into()),
            Signature::Sr25519(signature),
            extension,
        );
        let bytes = format!("0x{}", hex::encode(extrinsic.encode()));
        self.ask("author_submitExtrinsic", json!([bytes])).unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

fn alice() -> sr25519::Pair {
    sr25519::Pair::from_string("//Alice", None).unwrap()
}

fn leaves(range: std::ops::Range<u64>) -> Vec<Attestation> {
    range
        .map(|n| Attestation::from_element(Element::from_u64(n)))
        .collect()
}

fn digits(leaves: &[Attestation]) -> String {
    leaves.iter().fold("0x".to_owned(), |mut text, leaf| {
        text.push_str(&hex::encode(leaf.to_bytes()));
        text
    })
}

fn check_state(base: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ofage-node"))
        .args(["check-state", "--chain", "dev", "--json", "--base-path"])
        .arg(base)
        .output()
        .expect("the node was built with this test")
}

#[test]
fn leaves_are_served_and_an_index_that_was_lost_or_killed_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("chains/ofage_dev/leaf-index");
    let mut node = Node::start(folder.path(), &[]);
    let mut all = leaves(1..6);
    let tree = DenseTree::new(Tree::Shard, all.iter().map(|leaf| leaf.element()).collect()).unwrap();
    let path: ShardPath = tree.path(1).unwrap();
    let batch = |range| leaves(range).try_into().unwrap();
    node.send(
        0,
        Call::register {
            metadata: b"a bank".to_vec().try_into().unwrap(),
            attester: alice().public().into(),
        },
    );
    let attest = |shard, start, leaves| Call::attest { shard, start, leaves };
    node.send(1, attest(ShardChoice::Next, 0, batch(1..6)));
    // Fails: it starts elsewhere.
    node.send(2, attest(ShardChoice::Open(ShardIndex(0)), 3, batch(50..52)));
    let revoke = || Call::revoke {
        shard: ShardIndex(0),
        position: 1,
        leaf: all[1],
        siblings: Box::new(*path.siblings()),
    };
    node.send(3, revoke());
    // Fails: it is revoked already.
    node.send(4, revoke());
    node.send(5, attest(ShardChoice::Open(ShardIndex(0)), 5, batch(90..92)));
    node.wait_for_another_final_block();

    all[1] = Attestation::from_element(Tree::empty_leaf());
    all.extend(leaves(90..92));
    let at = node.finalized();
    let answer = node.ask("ofage_shardLeaves", json!([[0], at])).unwrap();
    let shards = json!([{ "shard": 0, "leaves": digits(&all) }]);
    assert_eq!(answer["shards"], shards);
    assert_eq!(
        answer["hash"],
        node.ask("chain_getBlockHash", json!([at])).unwrap()
    );
    let status = node.ask("ofage_indexStatus", json!([])).unwrap();
    assert!(status["shards"] == 1 && status["leaves"] == 7 && status["rebuilding"] == false);
    assert_eq!(node.ask("ofage_shardLeaves", json!([[1], null])), Err(9001));
    assert_eq!(node.ask("ofage_shardLeaves", json!([[0], 1_000_000])), Err(9003));
    assert!(
        !check_state(folder.path()).status.success(),
        "the database is in use"
    );

    // Killed as it is, by SIGKILL, and then without its index; the state of the first blocks is gone by no means yet.
    for is_lost in [false, true] {
        drop(node);
        if is_lost {
            fs::remove_dir_all(&index).unwrap();
        }
        node = Node::start(folder.path(), &[]);
        node.wait("Leaf index: serves 1 shards with 7 leaves");
        let answer = node.ask("ofage_shardLeaves", json!([[0], at])).unwrap();
        assert_eq!(answer["shards"], shards);
    }
    drop(node);

    // A file that holds something else is thrown away.
    fs::write(index.join("leaves.redb"), [0x5a; 5000]).unwrap();
    let mut node = Node::start(folder.path(), &[]);
    node.wait("Rebuilding it from the bodies of blocks");
    node.wait("Leaf index: serves 1 shards with 7 leaves");
    drop(node);

    let output = check_state(folder.path());
    let report: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    assert!(output.status.success(), "{report}");
    assert!(report["holds"] == true && report["block"].as_u64() >= Some(u64::from(at)));

    let node = Node::start(folder.path(), &["--leaf-index", "off"]);
    assert_eq!(node.ask("ofage_shardLeaves", json!([[0], null])), Err(-32601));
    assert_eq!(node.ask("ofage_indexStatus", json!([])), Err(-32601));
}

#[test]
fn the_state_of_a_chain_without_blocks_can_be_checked() {
    let folder = tempfile::tempdir().unwrap();
    let output = check_state(folder.path());
    let report: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    assert!(
        output.status.success() && report["holds"] == true && report["block"] == 0,
        "{report}"
    );
}
