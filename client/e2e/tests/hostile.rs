//! A node that is sent what no client sends.

use anyhow::{ensure, Result};
use ofage_e2e::{rpc, Node};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_node_survives_what_strangers_send() -> Result<()> {
    let mut node = Node::start()?;
    let before = node.best()?;

    // Not JSON-RPC.
    let deep = [b'['; 100_000];
    let bodies: [&[u8]; 7] = [
        b"",
        b"\0",
        b"{",
        b"[]",
        b"{\"jsonrpc\":\"2.0\"}",
        &deep,
        "{\"method\":\"\u{202e}\"}".as_bytes(),
    ];
    for body in bodies {
        // Any answer is good, a closed connection too.
        let _ = rpc::post(node.port(), body);
    }
    let huge = vec![b' '; 32 * 1024 * 1024];
    let _ = rpc::post(node.port(), &huge);

    // Not extrinsics.
    let long = format!("0x{}", "ff".repeat(1024 * 1024));
    for bytes in [
        "",
        "0x",
        "0x0",
        "zz",
        "0x00",
        "0x04",
        "0xff",
        "0xfeffffff",
        "0x0445",
        "0x084500",
        "0x0c450000",
        &long,
    ] {
        let answer = node.rpc("author_submitExtrinsic", json!([bytes]));
        ensure!(
            !matches!(answer, Ok(Ok(_))),
            "the node took the extrinsic {:.20}",
            bytes
        );
    }
    for params in [json!([]), json!({}), json!([1]), json!([null]), json!([[]])] {
        let answer = node.rpc("author_submitExtrinsic", params.clone())?;
        ensure!(answer.is_err(), "the node took {params}");
    }

    // Runtime functions with arguments that are none, and ones that are not there.
    let functions = [
        "genesis",
        "anchor",
        "anchor_status",
        "issuer",
        "shard",
        "shards",
        "gate",
        "admission",
        "nullifier_admission",
    ];
    for function in functions {
        for bytes in [
            "0xff",
            "0x",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        ] {
            // With no arguments needed, the answer may be good.
            let _ = node.rpc("state_call", json!([format!("AgeRegistryApi_{function}"), bytes]))?;
        }
    }
    ensure!(node
        .rpc("state_call", json!(["AgeRegistryApi_no_such", "0x"]))?
        .is_err());
    // More shards than there are, or than one answer holds.
    for arguments in ["0x00000000ffffffff", "0xffffffffffffffff"] {
        let _ = node.rpc("state_call", json!(["AgeRegistryApi_shards", arguments]))?;
    }

    node.assert_alive()?;
    node.wait_for_final(before + 2).await?;
    ensure!(
        !node.log().contains("This is a bug. Please report it"),
        "the node panicked:\n{}",
        node.log()
    );
    Ok(())
}
