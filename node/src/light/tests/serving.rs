//! What clients get, and how many of them.

use super::toy::{anchor, Toy, NEWEST};
use crate::light::rpc::{LightRpc, AT_A_TIME, PLACES};
use jsonrpsee::{
    core::server::{MethodResponse, MethodsError},
    types::{Id, Params},
    ConnectionId, Extensions, MethodCallback, Methods,
};
use serde_json::{json, value::RawValue, Value};

struct Server(Methods);

impl Server {
    fn over(toy: Toy) -> Self {
        Self(LightRpc::new(toy).into_module())
    }

    /// The answer, which no connection took yet.
    async fn answer(&self, method: &str, params: &Value) -> MethodResponse {
        let Some(MethodCallback::Async(method)) = self.0.method(method) else {
            panic!("it is asynchronous");
        };
        let text = params.to_string();
        let params = Params::new(Some(&text)).into_owned();
        method(
            Id::Number(1),
            params,
            ConnectionId(0),
            usize::MAX,
            Extensions::new(),
        )
        .await
    }

    async fn ask(&self, method: &str, params: Value) -> Result<Value, (i32, String, Value)> {
        let params = match params {
            Value::Array(params) => params,
            _ => panic!("parameters go by position"),
        };
        let answer: Result<Value, _> = self.0.call(method, params).await;
        answer.map_err(|error| match error {
            MethodsError::JsonRpc(error) => (
                error.code(),
                error.message().to_owned(),
                error
                    .data()
                    .map(|data: &RawValue| serde_json::from_str(data.get()).unwrap())
                    .unwrap_or_default(),
            ),
            other => panic!("{other}"),
        })
    }

    async fn code(&self, method: &str, params: Value) -> i32 {
        self.ask(method, params).await.expect_err("it should refuse").0
    }
}

const PARTS: &str = "ofage_bundleParts";
const HANDOFFS: &str = "ofage_handoffs";
const AUTHORITIES: &str = "ofage_authorities";

/// What is asked for an anchor of a block.
fn about(block: u32) -> Value {
    json!([2, anchor(block), 1])
}

#[tokio::test]
async fn the_three_answers() {
    let server = Server::over(Toy::new());
    assert_eq!(server.ask(PARTS, about(7)).await.unwrap()["number"], NEWEST);
    let found = server.ask(HANDOFFS, json!([1, 64])).await.unwrap();
    assert_eq!(found["handoffs"].as_array().unwrap().len(), 3);
    assert_eq!(server.ask(AUTHORITIES, json!([])).await.unwrap()["set"], 4);
}

#[tokio::test]
async fn an_answer_keeps_its_place_until_its_connection_took_it_or_is_gone() {
    let server = Server::over(Toy::new());
    let none = json!([]);
    let mut waiting = Vec::new();
    for _ in 0..PLACES {
        let answer = server.answer(AUTHORITIES, &none).await;
        assert!(answer.is_success());
        waiting.push(answer);
    }
    for (method, params) in [
        (PARTS, about(7)),
        (HANDOFFS, json!([1, 64])),
        (AUTHORITIES, none.clone()),
    ] {
        let (code, message, data) = server.ask(method, params).await.unwrap_err();
        assert!(code == 9105 && message.contains("many others"), "{message}");
        assert_eq!(data, json!({ "finalized": NEWEST + 1 }));
    }

    // One is taken, the connection of another is gone.
    let (_, taken) = waiting.pop().unwrap().into_parts();
    taken.unwrap().notify(true);
    drop(waiting.pop());
    // Until the tasks that give the places back ran, on this thread.
    tokio::task::yield_now().await;
    for _ in 0..2 {
        let answer = server.answer(AUTHORITIES, &none).await;
        assert!(answer.is_success());
        waiting.push(answer);
    }
    assert_eq!(
        server.answer(AUTHORITIES, &none).await.as_error_code(),
        Some(9105)
    );
}

#[tokio::test]
async fn a_request_that_is_refused_keeps_no_place() {
    let server = Server::over(Toy::new());
    for _ in 0..=PLACES {
        assert_eq!(server.code(HANDOFFS, json!([0, 0])).await, -32602);
    }
    assert!(server.ask(AUTHORITIES, json!([])).await.is_ok());
}

#[tokio::test]
async fn requests_wait_while_as_many_as_may_are_answered() {
    let toy = Toy::new();
    let key = toy.shut();
    let server = Server::over(toy);
    let none = json!([]);
    let mut waiting = Vec::new();
    for _ in 0..=AT_A_TIME {
        let mut asked = Box::pin(server.answer(AUTHORITIES, &none));
        assert!(futures::poll!(&mut asked).is_pending());
        waiting.push(asked);
    }
    drop(key);
    for asked in waiting {
        assert!(asked.await.is_success());
    }
}

mod refuses {
    use super::*;

    #[tokio::test]
    async fn a_request_that_waited_too_long_for_others() {
        let toy = Toy::new();
        let key = toy.shut();
        let server = Server(LightRpc::new(toy).impatient().into_module());
        let none = json!([]);
        let mut waiting = Vec::new();
        for _ in 0..AT_A_TIME {
            let mut asked = Box::pin(server.answer(AUTHORITIES, &none));
            assert!(futures::poll!(&mut asked).is_pending());
            waiting.push(asked);
        }
        assert_eq!(server.code(AUTHORITIES, json!([])).await, 9105);
        drop(key);
        for asked in waiting {
            assert!(asked.await.is_success());
        }
        assert!(server.ask(AUTHORITIES, json!([])).await.is_ok());
    }

    #[tokio::test]
    async fn a_request_beyond_its_places_while_others_wait() {
        let toy = Toy::new();
        let key = toy.shut();
        let server = Server::over(toy);
        let none = json!([]);
        let mut waiting = Vec::new();
        for _ in 0..PLACES {
            let mut asked = Box::pin(server.answer(AUTHORITIES, &none));
            assert!(futures::poll!(&mut asked).is_pending());
            waiting.push(asked);
        }
        assert_eq!(server.code(AUTHORITIES, json!([])).await, 9105);
        // Whoever gives up gives the place back.
        drop(waiting.pop());
        let mut asked = Box::pin(server.answer(AUTHORITIES, &none));
        assert!(futures::poll!(&mut asked).is_pending());
        waiting.push(asked);
        drop(key);
        for answer in futures::future::join_all(waiting).await {
            assert!(answer.is_success());
        }
    }

    #[tokio::test]
    async fn what_is_not_provable_and_says_when_to_ask_again() {
        let server = Server::over(Toy::new());
        let (code, message, data) = server.ask(PARTS, about(NEWEST + 9)).await.unwrap_err();
        assert!(
            code == 9101 && message.contains("after block 459 is final"),
            "{message}"
        );
        assert_eq!(data, json!({ "finalized": NEWEST + 1 }));
        let mut toy = Toy::new();
        toy.newest = None;
        assert_eq!(Server::over(toy).code(AUTHORITIES, json!([])).await, 9101);
    }

    #[tokio::test]
    async fn a_state_that_is_gone() {
        let mut toy = Toy::new();
        toy.has_state = false;
        assert_eq!(Server::over(toy).code(PARTS, about(7)).await, 9102);
    }

    #[tokio::test]
    async fn sets_of_the_future_and_of_a_past_that_it_forgot() {
        let mut toy = Toy::new();
        assert_eq!(Server::over(Toy::new()).code(HANDOFFS, json!([5, 1])).await, 9103);
        toy.forgotten = 1;
        assert_eq!(Server::over(toy).code(HANDOFFS, json!([0, 1])).await, 9104);
    }

    #[tokio::test]
    async fn parameters_that_are_none() {
        let server = Server::over(Toy::new());
        let mut other = json!(anchor(7));
        other["more"] = json!(1);
        let mut high = json!(anchor(7));
        high["registry_root"] = json!(format!("0x{}", "ff".repeat(32)));
        for params in [
            json!([]),
            json!([2, other, 1]),
            json!([2, high, 1]),
            json!([2, anchor(7), 1 << 16]),
            json!([-1, anchor(7), 1]),
        ] {
            assert_eq!(server.code(PARTS, params.clone()).await, -32602, "{params}");
        }
        for params in [
            json!([-1, 1]),
            json!([0, 65]),
            json!([0, 1_u64 << 32]),
            json!(["0", 1]),
        ] {
            assert_eq!(server.code(HANDOFFS, params.clone()).await, -32602, "{params}");
        }
    }

    #[tokio::test]
    async fn one_request_only_when_it_panics() {
        let mut toy = Toy::new();
        toy.panics = true;
        let server = Server::over(toy);
        for _ in 0..=PLACES {
            let (code, message, _) = server.ask(AUTHORITIES, json!([])).await.unwrap_err();
            assert!(code == 9105 && message.contains("panicked"), "{message}");
        }
        assert!(server.ask(HANDOFFS, json!([0, 1])).await.is_ok());
    }
}
