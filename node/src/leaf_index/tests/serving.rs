//! What wallets get.

use super::{
    following::{toy, Node},
    toy::Toy,
};
use crate::leaf_index::{
    rpc::{LeafRpc, PLACES},
    Phase,
};
use jsonrpsee::{
    core::server::{MethodResponse, MethodsError},
    types::{Id, Params},
    ConnectionId, Extensions, MethodCallback, Methods,
};
use serde_json::{json, Value};
use std::sync::Arc;

struct Server {
    toy: Arc<Toy>,
    node: Node,
    methods: Methods,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
        let mut node = Node::start(&toy, folder.path());
        node.run();
        let methods = LeafRpc::new(toy.clone(), node.shared.clone()).into_module();
        Self {
            toy,
            node,
            methods,
            _folder: folder,
        }
    }

    async fn ask(&self, shards: &[u32], at: Option<u32>) -> Result<Value, (i32, String)> {
        let answer: Result<Value, _> = self.methods.call("ofage_shardLeaves", (shards, at)).await;
        answer.map_err(|error| match error {
            MethodsError::JsonRpc(error) => (error.code(), error.message().to_owned()),
            other => panic!("{other}"),
        })
    }

    async fn refusal(&self, shards: &[u32], at: Option<u32>) -> i32 {
        self.ask(shards, at).await.expect_err("it should refuse").0
    }

    /// The answer, which no connection took yet.
    async fn answer(&self, shards: &'static str) -> MethodResponse {
        let Some(MethodCallback::Async(method)) = self.methods.method("ofage_shardLeaves") else {
            panic!("it is asynchronous");
        };
        let params = Params::new(Some(shards));
        method(
            Id::Number(1),
            params,
            ConnectionId(0),
            usize::MAX,
            Extensions::new(),
        )
        .await
    }

    async fn status(&self) -> Value {
        self.methods.call("ofage_indexStatus", [(); 0]).await.unwrap()
    }
}

fn digits(leaves: &[[u8; 32]]) -> String {
    format!("0x{}", hex::encode(leaves.as_flattened()))
}

#[tokio::test]
async fn whole_shards_as_of_a_block() {
    let server = Server::start();
    for at in [1, 2, 3, 7] {
        let hash = format!("0x{at:02x}000000{}", "01".repeat(28));
        let expected = |shard| digits(&server.toy.leaves_at(shard, at).unwrap());
        assert_eq!(
            server.ask(&[1, 0], Some(at)).await.unwrap(),
            json!({
                "block": at,
                "hash": hash,
                "shards": [
                    { "shard": 1, "leaves": expected(1) },
                    { "shard": 0, "leaves": expected(0) },
                ],
            })
        );
    }
    let newest = server.ask(&[3], None).await.unwrap();
    assert_eq!(newest["block"], 7);
    assert_eq!(
        newest["shards"][0]["leaves"].as_str().unwrap().len(),
        2 + 64 * 4096
    );
}

#[tokio::test]
async fn how_far_it_is() {
    let server = Server::start();
    assert_eq!(
        server.status().await,
        json!({ "indexed": 7, "finalized": 7, "shards": 5, "leaves": 4112, "rebuilding": false, "problem": null })
    );
}

#[tokio::test]
async fn a_final_block_that_is_about_to_be_indexed_is_waited_for() {
    let mut server = Server::start();
    assert!(server.toy.attest(0, 1));
    server.toy.end_block();
    let methods = server.methods.clone();
    let asked = tokio::spawn(async move {
        let answer: Result<Value, _> = methods.call("ofage_shardLeaves", ([0u32], Some(8u32))).await;
        answer
    });
    // Polled once, it waits.
    tokio::task::yield_now().await;
    server.node.run();
    assert_eq!(asked.await.unwrap().unwrap()["block"], 8);
}

#[tokio::test]
async fn leaves_that_do_not_give_their_root_are_not_served_and_the_index_is_rebuilt() {
    let mut server = Server::start();
    server.node.store().spoil(ofage_primitives::ShardIndex(0));
    assert_eq!(server.refusal(&[0], None).await, 9005);
    assert_eq!(
        server.refusal(&[1], None).await,
        9002,
        "nothing is served until it is rebuilt"
    );
    // This process built it itself, so there is no reason to believe that it would do better.
    server.node.run();
    assert!(matches!(server.node.shared.status().phase, Phase::Stopped(_)));
    assert_eq!(server.refusal(&[1], None).await, 9005);
    assert!(server.status().await["problem"].is_string());
}

#[tokio::test]
async fn an_answer_keeps_its_place_until_its_connection_took_it_or_is_gone() {
    let server = Server::start();
    let mut waiting = Vec::new();
    for _ in 0..PLACES {
        let answer = server.answer("[[0]]").await;
        assert!(answer.is_success());
        waiting.push(answer);
    }
    let refused = server.answer("[[0]]").await;
    assert_eq!(refused.as_error_code(), Some(9005));
    let (code, message) = server.ask(&[0], None).await.unwrap_err();
    assert!(code == 9005 && message.contains("many others"), "{message}");
    assert_eq!(server.status().await["problem"], Value::Null);

    // One is taken, the connection of another is gone.
    let (_, taken) = waiting.pop().unwrap().into_parts();
    taken.unwrap().notify(true);
    drop(waiting.pop());
    // Until the tasks that give the places back ran, on this thread.
    tokio::task::yield_now().await;
    for _ in 0..2 {
        let answer = server.answer("[[0]]").await;
        assert!(answer.is_success());
        waiting.push(answer);
    }
    assert_eq!(server.answer("[[0]]").await.as_error_code(), Some(9005));
}

#[tokio::test]
async fn a_request_that_is_refused_or_given_up_keeps_no_place() {
    let server = Server::start();
    server.toy.end_block();
    for _ in 0..=PLACES {
        assert_eq!(server.refusal(&[u32::MAX], None).await, 9001);
        // Waits for a block that is final and not in the index.
        let mut asked = Box::pin(server.answer("[[0], 8]"));
        assert!(futures::poll!(&mut asked).is_pending());
    }
    assert!(server.answer("[[0]]").await.is_success());
}

mod refuses {
    use super::*;

    #[tokio::test]
    async fn requests_beyond_its_places_while_others_wait_for_a_block() {
        let server = Server::start();
        server.toy.end_block();
        let mut waiting = Vec::new();
        for _ in 0..PLACES {
            let mut asked = Box::pin(server.answer("[[0], 8]"));
            assert!(futures::poll!(&mut asked).is_pending());
            waiting.push(asked);
        }
        assert_eq!(server.refusal(&[0], Some(7)).await, 9005);
    }

    #[tokio::test]
    async fn too_many_shards_none_or_one_twice() {
        let server = Server::start();
        let many: Vec<u32> = (0..17).collect();
        for shards in [&[][..], &many, &[1, 0, 1]] {
            assert_eq!(server.refusal(shards, None).await, -32602);
        }
        assert_eq!(server.refusal(&many[..16], None).await, 9001);
    }

    #[tokio::test]
    async fn a_shard_that_was_not_there_and_remembers_nothing_of_it() {
        let server = Server::start();
        assert_eq!(server.refusal(&[u32::MAX], None).await, 9001);
        assert_eq!(server.refusal(&[2], Some(3)).await, 9001);
        assert!(server
            .node
            .shared
            .is_unverified(ofage_primitives::ShardIndex(u32::MAX)));
    }

    #[tokio::test]
    async fn a_block_that_is_not_final() {
        let server = Server::start();
        assert_eq!(server.refusal(&[0], Some(8)).await, 9003);
        assert_eq!(server.refusal(&[0], Some(u32::MAX)).await, 9003);
    }

    #[tokio::test]
    async fn a_block_that_is_final_and_does_not_come() {
        let mut server = Server::start();
        server.methods = LeafRpc::new(server.toy.clone(), server.node.shared.clone())
            .impatient()
            .into_module();
        server.toy.end_block();
        assert_eq!(server.refusal(&[0], Some(8)).await, 9002);
        assert!(server.ask(&[0], Some(7)).await.is_ok());
    }

    #[tokio::test]
    async fn everything_while_it_is_rebuilt_and_says_how_far_it_is() {
        let server = Server::start();
        let mut status = server.node.shared.status();
        status.phase = Phase::CatchingUp;
        server.node.shared.publish(status);
        let (code, message) = server.ask(&[0], Some(1)).await.unwrap_err();
        assert!(code == 9002 && message.contains("block 7 of 7"), "{message}");
        assert_eq!(server.status().await["rebuilding"], true);
    }

    #[tokio::test]
    async fn everything_without_bodies_and_says_which() {
        let server = Server::start();
        let mut status = server.node.shared.status();
        status.phase = Phase::NoBlock(5);
        server.node.shared.publish(status);
        let (code, message) = server.ask(&[0], Some(1)).await.unwrap_err();
        assert!(code == 9004 && message.contains("block 5"), "{message}");
    }
}
