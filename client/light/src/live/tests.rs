use std::collections::VecDeque;

use codec::Encode;

use super::{fixtures::*, *};
use crate::RootError;

/// Long enough never to end in a test that waits for an answer that comes.
const LONG: Duration = Duration::from_secs(600);
/// Ends at once in a test that waits for what never comes.
const SHORT: Duration = Duration::from_millis(1);
const GENESIS: [u8; 32] = [9; 32];

type Node = Box<dyn FnMut(u64, &str, &Value) -> Vec<String> + Send>;

/// A light client made up: what it says to each request.
struct Fake {
    node: Node,
    messages: VecDeque<String>,
}

/// A message after which there is nothing more.
const END: &str = "end";
/// A message at which the client breaks.
const BREAK: &str = "break";

impl Line for Fake {
    fn send(&mut self, request: String) -> Result<(), LiveError> {
        let request: Value = serde_json::from_str(&request).unwrap();
        let (id, method) = (
            request["id"].as_u64().unwrap(),
            request["method"].as_str().unwrap(),
        );
        self.messages.extend((self.node)(id, method, &request["params"]));
        Ok(())
    }

    async fn next(&mut self) -> Option<String> {
        match self.messages.pop_front() {
            Some(message) if message == END => None,
            Some(message) if message == BREAK => panic!("as smoldot does when its own task is gone"),
            Some(message) => Some(message),
            None => core::future::pending().await,
        }
    }
}

/// A client on whose chain block 5 is final, and that says of everything else what `more` does.
fn at_block_5(mut more: impl FnMut(u64, &str, &Value) -> Vec<String> + Send + 'static) -> Node {
    Box::new(move |id, method, params| match method {
        "chainSpec_v1_genesisHash" => vec![answer(id, &json!(rpc::hex(&GENESIS)))],
        "chainHead_v1_follow" => vec![answer(id, &json!("s")), initialized("s", &[header(5, 0)])],
        "chainHead_v1_header" => vec![answer(id, &json!(rpc::hex(&header(5, 0))))],
        "chainHead_v1_unpin" => vec![answer(id, &Value::Null)],
        _ => more(id, method, params),
    })
}

async fn over(node: Node, patience: Duration, progress: Progress) -> Result<Live, LiveError> {
    let waits = Waits {
        patience,
        pause: Duration::ZERO,
    };
    let (_, progress) = watch::channel(progress);
    let line = Fake {
        node,
        messages: VecDeque::new(),
    };
    Live::over(line, waits, progress, Meter::default()).await
}

async fn live(node: Node) -> Live {
    over(node, LONG, Progress::default()).await.unwrap()
}

fn silent(_: u64, _: &str, _: &Value) -> Vec<String> {
    Vec::new()
}

/// The header in the form of `chain_getHeader`.
fn spelled(number: u32) -> Value {
    let header = header(number, 0);
    let decoded = smoldot::header::decode(&header, crate::NUMBER_BYTES).unwrap();
    let logs: Vec<String> = decoded
        .digest
        .logs()
        .map(|log| {
            let bytes = log.scale_encoding(crate::NUMBER_BYTES);
            rpc::hex(&bytes.fold(Vec::new(), |all, part| [all, part.as_ref().to_vec()].concat()))
        })
        .collect();
    json!({
        "parentHash": rpc::hex(decoded.parent_hash),
        "number": format!("0x{number:x}"),
        "stateRoot": rpc::hex(decoded.state_root),
        "extrinsicsRoot": rpc::hex(decoded.extrinsics_root),
        "digest": { "logs": logs },
    })
}

#[tokio::test]
async fn it_tells_the_chain_and_its_newest_final_block() {
    let live = live(at_block_5(silent)).await;
    assert_eq!(live.genesis(), GenesisHash(GENESIS));
    let head = live.finalized().await.unwrap();
    assert_eq!((head.number(), head.hash()), (5, hash(&header(5, 0))));
    assert_eq!(live.block_hash(5).await, Ok(head.hash()));
    assert_eq!(live.block_hash(0).await, Ok(GENESIS));
}

#[tokio::test]
async fn listeners_hear_of_new_final_blocks_also_after_a_stop() {
    let mut follows = 0;
    let live = live(Box::new(move |id, method, params| match method {
        "chainSpec_v1_genesisHash" => vec![answer(id, &json!(rpc::hex(&GENESIS)))],
        "chainHead_v1_follow" => {
            follows += 1;
            let name = format!("s{follows}");
            vec![
                answer(id, &json!(name)),
                initialized(&name, &[header(4 + follows, 0)]),
            ]
        }
        "chainHead_v1_header" => {
            let header = header(4 + follows, 0);
            assert_eq!(params[1], rpc::hex(&hash(&header)));
            let mut messages = vec![answer(id, &json!(rpc::hex(&header)))];
            if follows < 3 {
                messages.push(event(&format!("s{follows}"), &json!({ "event": "stop" })));
            }
            messages
        }
        _ => Vec::new(),
    }))
    .await;
    let mut news = live.subscribe();
    while live.known.borrow().head.as_ref().map(FinalizedHeader::number) != Some(7) {
        news.recv().await.unwrap();
    }
}

#[tokio::test]
async fn an_error_says_how_far_the_client_got() {
    let why = |node, progress| async move {
        let live = over(node, SHORT, progress).await?;
        live.call([0; 32], "Core_version", &[]).await.map(|_| ())
    };
    let waited = |reached| {
        Err(LiveError::Patience {
            after: SHORT,
            reached,
        })
    };
    let connected = Progress {
        peers: 1,
        syncing: None,
    };
    let syncing = Progress {
        peers: 1,
        syncing: Some((7, 9)),
    };
    let mute = || -> Node { Box::new(silent) };
    assert_eq!(why(mute(), Progress::default()).await, waited(Reached::NoPeer));
    assert_eq!(why(mute(), connected).await, waited(Reached::NoFinalBlock));
    assert_eq!(
        why(mute(), syncing).await,
        waited(Reached::Syncing { at: 7, target: 9 })
    );

    let mut live = live(at_block_5(silent)).await;
    live.finalized().await.unwrap();
    live.waits.patience = SHORT;
    live.progress = watch::channel(connected).1;
    let answered = live.call([0; 32], "Core_version", &[]).await;
    assert_eq!(answered.map(|_| ()), waited(Reached::NoAnswer { finalized: 5 }));
}

#[tokio::test]
async fn a_block_far_ahead_is_not_waited_for() {
    let mut live = live(at_block_5(silent)).await;
    live.finalized().await.unwrap();
    let far = 5 + AHEAD + 1;
    assert_eq!(
        live.block_hash(far).await,
        Err(LiveError::NotFinal {
            number: far,
            finalized: 5
        })
    );
    live.waits.patience = SHORT;
    assert_eq!(
        live.block_hash(6).await,
        Err(LiveError::NotFinal {
            number: 6,
            finalized: 5
        })
    );
}

#[tokio::test]
async fn whoever_asks_learns_of_the_end() {
    for last in [END, BREAK] {
        let live = live(at_block_5(move |_, _, _| vec![last.to_owned()])).await;
        live.finalized().await.unwrap();
        assert_eq!(
            live.call([0; 32], "Core_version", &[]).await,
            Err(LiveError::Ended)
        );
        assert_eq!(live.finalized().await, Err(LiveError::Ended));
        assert_eq!(live.database().await, Err(LiveError::Ended));
    }
}

#[tokio::test]
async fn after_two_final_blocks_of_one_height_nothing_is_believed() {
    let live = live(Box::new(|id, method, params| match method {
        "chainSpec_v1_genesisHash" => vec![answer(id, &json!(rpc::hex(&GENESIS)))],
        "chainHead_v1_follow" => {
            vec![
                answer(id, &json!("s")),
                initialized("s", &[header(5, 0), header(5, 1)]),
            ]
        }
        "chainHead_v1_header" => {
            let salt = u8::from(params[1] != rpc::hex(&hash(&header(5, 0))));
            vec![answer(id, &json!(rpc::hex(&header(5, salt))))]
        }
        _ => Vec::new(),
    }))
    .await;
    let mut known = live.known.clone();
    known.wait_for(|known| known.end.is_some()).await.unwrap();
    assert_eq!(live.finalized().await, Err(LiveError::Contradiction(5)));
    assert_eq!(live.block_hash(1).await, Err(LiveError::Contradiction(5)));
    assert_eq!(
        live.call([0; 32], "Core_version", &[]).await,
        Err(LiveError::Contradiction(5))
    );
}

#[tokio::test]
async fn a_header_is_known_by_its_hash() {
    let live = live(at_block_5(|id, method, params| {
        assert_eq!(
            (method, &params[0]),
            ("chain_getHeader", &json!(rpc::hex(&hash(&header(5, 0)))))
        );
        vec![answer(id, &spelled(5))]
    }))
    .await;
    assert_eq!(live.header(5).await, live.finalized().await);
}

#[tokio::test]
async fn a_header_of_another_block_is_refused() {
    let mut longer = spelled(5);
    longer["digest"]["logs"] = json!([]);
    for other in [spelled(6), longer, json!({ "number": "5" }), Value::Null] {
        let live = live(at_block_5(move |id, _, _| vec![answer(id, &other)])).await;
        assert_eq!(live.header(5).await, Err(LiveError::Strange));
    }
}

/// A chain on which these are the only values.
fn state(entries: Vec<(Vec<u8>, Vec<u8>)>) -> Node {
    at_block_5(move |id, method, params| {
        assert_eq!(method, "state_queryStorageAt");
        assert_eq!(params[1], rpc::hex(&hash(&header(5, 0))));
        let value = |key: &Value| {
            let found = entries.iter().find(|(name, _)| *key == rpc::hex(name));
            json!([key, found.map(|(_, value)| rpc::hex(value))])
        };
        // In another order than they were asked for.
        let changes: Vec<Value> = params[0].as_array().unwrap().iter().rev().map(value).collect();
        vec![answer(id, &json!([{ "block": params[1], "changes": changes }]))]
    })
}

fn versions() -> Vec<(Vec<u8>, Vec<u8>)> {
    vec![
        (storage::registry_version(), storage::REGISTRY_VERSION.encode()),
        (storage::gate_version(), storage::GATE_VERSION.encode()),
    ]
}

#[tokio::test]
async fn the_state_tells_the_hashes_that_it_remembers() {
    let live = live(state(vec![
        (storage::block_hash(4), vec![4; 32]),
        (storage::block_hash(3), vec![3; 31]),
    ]))
    .await;
    assert_eq!(live.block_hash(4).await, Ok([4; 32]));
    assert_eq!(live.block_hash(3).await, Err(LiveError::Strange));
    assert_eq!(live.block_hash(2).await, Err(LiveError::Forgotten(2)));
}

#[tokio::test]
async fn the_state_decides_about_anchors_and_gates() {
    let root = ofage_primitives::RegistryRoot::decode_all(&mut &[1u8; 32][..]).unwrap();
    let list_root = ofage_primitives::TrustListRoot::decode_all(&mut &[2u8; 32][..]).unwrap();
    let claim = |block| AnchorClaim {
        list: ofage_primitives::TrustListId(0),
        anchor: ofage_primitives::Anchor {
            block,
            registry_root: root,
            trust_list_root: list_root,
        },
        circuit: ofage_primitives::CircuitId::V1,
    };
    let strange = live(state(vec![])).await;
    assert_eq!(strange.anchor(claim(4)).await, Err(RootError::Layout.into()));
    assert_eq!(strange.gate(GateId(0)).await, Err(RootError::Layout.into()));
    // The block's own header names another root.
    assert_eq!(
        strange.anchor(claim(5)).await,
        Err(RootError::RegistryRoot.into())
    );

    let mut entries = versions();
    let empty = live(state(entries.clone())).await;
    assert_eq!(empty.anchor(claim(4)).await, Err(RootError::RegistryRoot.into()));
    assert_eq!(empty.gate(GateId(0)).await, Ok(None));

    let span = ofage_primitives::chain::RootSpan {
        from: 4,
        superseded_at: Some(5),
    };
    entries.push((storage::root_history(root), vec![span].encode()));
    let unlisted = live(state(entries)).await;
    assert_eq!(
        unlisted.anchor(claim(4)).await,
        Err(RootError::TrustListRoot.into())
    );
    assert_eq!(
        unlisted.anchor(claim(3)).await,
        Err(RootError::RegistryRoot.into())
    );
}

#[tokio::test]
async fn values_that_no_node_had_are_asked_for_again() {
    let mut times = 0;
    let live = live(at_block_5(move |id, method, params| {
        assert_eq!(method, "state_queryStorageAt");
        let key = rpc::hex(&storage::block_hash(4));
        assert_eq!(*params, json!([[key], rpc::hex(&hash(&header(5, 0)))]));
        times += 1;
        match times {
            1 | 2 => vec![refusal(id, "no node had it")],
            _ => vec![answer(id, &json!([{ "changes": [[key, rpc::hex(&[4; 32])]] }]))],
        }
    }))
    .await;
    assert_eq!(live.block_hash(4).await, Ok([4; 32]));
}

#[tokio::test]
async fn a_call_gives_bytes_or_says_why_not() {
    let live = live(at_block_5(|id, method, params| {
        assert_eq!(method, "state_call");
        assert_eq!(*params, json!([params[0], "0x0102", rpc::hex(&[7; 32])]));
        match params[0].as_str().unwrap() {
            "Good_one" => vec![answer(id, &json!("0x2a"))],
            _ => vec![refusal(id, "no such method")],
        }
    }))
    .await;
    assert_eq!(live.call([7; 32], "Good_one", &[1, 2]).await, Ok(vec![42]));
    assert_eq!(
        live.call([7; 32], "Bad_one", &[1, 2]).await,
        Err(LiveError::Refused("no such method".to_owned()))
    );
}

#[tokio::test]
async fn hostile_answers_are_errors() {
    for hostile in [
        Value::Null,
        json!(true),
        json!(-1),
        json!(""),
        json!("0x0"),
        json!("0xzz"),
        json!("00"),
        json!(["0x00"]),
        json!([]),
        json!([{}]),
        json!([{ "changes": [] }]),
        json!([{ "changes": null }]),
        json!([{ "changes": [[]] }]),
        json!([{ "changes": [["0x00", "0x00"]] }]),
        json!([{ "changes": [[rpc::hex(&storage::block_hash(4)), 1]] }]),
        json!([{ "changes": [[rpc::hex(&storage::block_hash(4)), "00"]] }]),
        json!([{ "changes": [[rpc::hex(&storage::block_hash(4))]] }]),
        json!([{ "changes": vec![[rpc::hex(&storage::block_hash(4)), rpc::hex(&[4; 32])]; 2] }]),
        json!({ "number": "0x100000000", "digest": { "logs": [] } }),
    ] {
        let said = hostile.clone();
        let live = live(at_block_5(move |id, _, _| vec![answer(id, &said)])).await;
        live.finalized().await.unwrap();
        assert!(
            live.call([0; 32], "Core_version", &[]).await.is_err(),
            "{hostile}"
        );
        assert!(live.checkpoint().await.is_err(), "{hostile}");
        assert!(live.header(5).await.is_err(), "{hostile}");
        assert!(live.block_hash(4).await.is_err(), "{hostile}");
        assert!(live.gate(GateId(1)).await.is_err(), "{hostile}");
    }
}

/// What the two calls of a checkpoint answer.
fn authorities(set: &impl Encode, id: &impl Encode) -> Node {
    let (set, id) = (rpc::hex(&set.encode()), rpc::hex(&id.encode()));
    at_block_5(move |request, method, params| {
        assert_eq!(method, "state_call");
        assert_eq!(params[2], rpc::hex(&hash(&header(5, 0))));
        match params[0].as_str().unwrap() {
            "GrandpaApi_grandpa_authorities" => vec![answer(request, &json!(set))],
            "GrandpaApi_current_set_id" => vec![answer(request, &json!(id))],
            other => panic!("{other}"),
        }
    })
}

#[tokio::test]
async fn a_checkpoint_names_who_finalizes_later_blocks() {
    let live = live(authorities(&vec![([1u8; 32], 1u64), ([2; 32], 1)], &3u64)).await;
    let checkpoint = live.checkpoint().await.unwrap();
    assert_eq!(checkpoint.genesis(), GenesisHash(GENESIS));
    assert_eq!((checkpoint.number(), checkpoint.hash()), (5, hash(&header(5, 0))));
    assert_eq!(
        checkpoint.set(),
        &AuthoritySet::new(3, vec![[1; 32], [2; 32]]).unwrap()
    );
}

#[tokio::test]
async fn authorities_that_are_no_set_make_no_checkpoint() {
    let one = ([1u8; 32], 1u64);
    for (node, why) in [
        (authorities(&vec![([1u8; 32], 2u64)], &3u64), SetError::Weight),
        (authorities(&vec![one, one], &3u64), SetError::Duplicate),
        (
            authorities(&Vec::<([u8; 32], u64)>::new(), &3u64),
            SetError::Empty,
        ),
    ] {
        assert_eq!(
            live(node).await.checkpoint().await.err(),
            Some(LiveError::Set(why))
        );
    }
    for node in [
        authorities(&vec![one], &3u32),
        authorities(&(vec![one], 0u8), &3u64),
    ] {
        assert_eq!(
            live(node).await.checkpoint().await.err(),
            Some(LiveError::Strange)
        );
    }
}

mod a_start {
    use super::*;

    /// A specification with these boot nodes, as far as it matters before the network.
    fn spec(boot_nodes: &[&str]) -> String {
        json!({
            "name": "Test", "id": "test", "bootNodes": boot_nodes,
            "genesis": { "raw": { "top": {}, "childrenDefault": {} } },
        })
        .to_string()
    }

    const NODE: &str = "/ip4/192.0.2.1/tcp/30333/p2p/12D3KooWJtMFFiwSkxcMCEWBA2kn7jVCSTgmLKN1SUhgv4UAm4Nh";

    fn with(spec: &str, more: &[&str]) -> Result<String, LiveError> {
        let more: Vec<String> = more.iter().map(|&node| node.to_owned()).collect();
        spec::with_boot_nodes(spec, &more)
    }

    #[test]
    fn takes_the_boot_nodes_of_the_specification_and_of_the_caller() {
        assert_eq!(with(&spec(&[NODE]), &[]), Ok(spec(&[NODE])));
        let both: Value = serde_json::from_str(&with(&spec(&["/strange"]), &[NODE]).unwrap()).unwrap();
        assert_eq!(both["bootNodes"], json!(["/strange", NODE]));
    }

    #[test]
    fn needs_a_boot_node_that_can_be_used() {
        assert_eq!(with(&spec(&[]), &[]), Err(LiveError::NoBootNode));
        assert_eq!(with(&spec(&["/strange"]), &[]), Err(LiveError::NoBootNode));
        assert_eq!(
            with(&spec(&[NODE]), &[NODE, "127.0.0.1:30333"]),
            Err(LiveError::BootNode("127.0.0.1:30333".to_owned()))
        );
    }

    #[tokio::test]
    async fn refuses_what_is_no_specification() {
        for none in ["", "{", "null", "[]", "{}", r#"{"bootNodes":1}"#] {
            let nodes = [NODE.to_owned()];
            let started = Live::start(none, &nodes, LiveOptions::default()).await;
            assert!(matches!(started.err(), Some(LiveError::Spec(_))), "{none}");
            assert!(
                matches!(genesis_checkpoint(none), Err(LiveError::Spec(_))),
                "{none}"
            );
        }
        // No runtime at its first block.
        assert!(matches!(
            genesis_checkpoint(&spec(&[NODE])),
            Err(LiveError::Spec(_))
        ));
    }

    #[tokio::test]
    async fn refuses_a_database_that_is_too_long() {
        let database = Some("0".repeat(MAX_DATABASE + 1));
        let options = LiveOptions {
            database,
            ..LiveOptions::default()
        };
        let started = Live::start(&spec(&[NODE]), &[], options).await;
        assert_eq!(started.err(), Some(LiveError::Database));
    }
}
