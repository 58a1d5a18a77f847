//! The routes over a light client that answers from memory.

use std::sync::{
    atomic::{AtomicUsize, Ordering},
    Arc, Mutex,
};

use axum::{
    body::{to_bytes, Body},
    http::{header, Method, Request, StatusCode},
    Router,
};
use ofage_light::{
    live::{LiveError, Reached},
    AnchorClaim, AuthoritySet, Checkpoint, ProofError, RootError,
};
use ofage_primitives::{
    Anchor, CircuitId, Element, GateId, GenesisHash, RegistryRoot, TrustListId, TrustListRoot,
};
use serde_json::{json, Value};
use tokio::sync::Notify;
use tower::ServiceExt;

use super::{
    ring::{Ring, CAPACITY},
    routes::{MAX_BODY, MAX_PAGE, MAX_QUESTIONS, PAGE},
    *,
};

const NOW: u64 = 1_800_000_000;
const HEAD: u32 = 1_000;
/// Fifty blocks.
const MAX_STATE_AGE: u64 = 300;
const GENESIS: GenesisHash = GenesisHash([7; 32]);
const SLOT: u64 = 6;

/// Block `number`, as old as its distance to [`HEAD`] tells.
fn root(number: u32) -> FinalRoot {
    FinalRoot {
        number,
        hash: [1; 32],
        registry_root: RegistryRoot::from_element(Element::from_u64(u64::from(number))),
        time: NOW + SLOT * u64::from(number) - SLOT * u64::from(HEAD),
    }
}

/// What the light client says to questions that go on to the network.
#[derive(Default)]
struct Fake {
    anchor: Mutex<Option<LiveError>>,
    checkpoints: AtomicUsize,
    /// Questions about gates wait for it, if it is there.
    gates_wait: Option<Arc<Notify>>,
    waiting: AtomicUsize,
}

impl Roots for Fake {
    fn genesis(&self) -> GenesisHash {
        GENESIS
    }

    async fn block(&self, number: u32) -> Result<FinalRoot, LiveError> {
        match number {
            ..100 => Err(LiveError::Forgotten(number)),
            100..=HEAD => Ok(root(number)),
            _ => Err(LiveError::NotFinal {
                number,
                finalized: HEAD,
            }),
        }
    }

    async fn gate(&self, _: GateId) -> Result<Option<Gate>, LiveError> {
        if let Some(wait) = &self.gates_wait {
            self.waiting.fetch_add(1, Ordering::SeqCst);
            wait.notified().await;
        }
        Ok(None)
    }

    async fn anchor(&self, claim: AnchorClaim) -> Result<FinalRoot, LiveError> {
        match &*self.anchor.lock().unwrap() {
            Some(error) => Err(error.clone()),
            None if claim == self::claim() => Ok(root(HEAD)),
            None => Err(LiveError::Root(RootError::RegistryRoot)),
        }
    }

    async fn checkpoint(&self) -> Result<Checkpoint, LiveError> {
        self.checkpoints.fetch_add(1, Ordering::SeqCst);
        let set = AuthoritySet::new(3, vec![[1; 32], [2; 32]]).unwrap();
        Ok(Checkpoint::new(GENESIS, HEAD, [1; 32], set, Some(NOW)).unwrap())
    }
}

fn config() -> Config {
    Config {
        listen: ([127, 0, 0, 1], 0).into(),
        allow_remote: false,
        max_state_age: MAX_STATE_AGE,
        clock: || NOW,
    }
}

/// A server that saw blocks become final.
fn server_of(fake: Fake, blocks: impl IntoIterator<Item = u32>) -> (Router, Arc<Service<Fake>>, Arc<Fake>) {
    let fake = Arc::new(fake);
    let (app, service) = router(fake.clone(), config());
    blocks.into_iter().for_each(|number| service.push(root(number)));
    (app, service, fake)
}

fn server() -> Router {
    server_of(Fake::default(), 900..=HEAD).0
}

async fn ask(app: &Router, method: Method, path: &str, body: impl Into<Body>) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status();
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/json",
        "{path}"
    );
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let document: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(status.is_success(), document.get("error").is_none(), "{document}");
    (status, document)
}

async fn look(app: &Router, path: &str) -> (StatusCode, Value) {
    ask(app, Method::GET, path, Body::empty()).await
}

/// Expects a fault, and gives its status and code.
async fn fault(app: &Router, method: Method, path: &str, body: impl Into<Body>) -> (u16, String) {
    let (status, document) = ask(app, method, path, body).await;
    let code = document["error"]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("{document}"));
    assert!(!document["error"]["message"].as_str().unwrap().is_empty());
    (status.as_u16(), code.to_owned())
}

fn claim() -> AnchorClaim {
    AnchorClaim {
        list: TrustListId(2),
        anchor: Anchor {
            block: 950,
            registry_root: RegistryRoot::from_element(Element::from_u64(950)),
            trust_list_root: TrustListRoot::from_element(Element::from_u64(5)),
        },
        circuit: CircuitId(1),
    }
}

fn question() -> Value {
    let AnchorClaim {
        list,
        anchor,
        circuit,
    } = claim();
    json!({ "list": list, "anchor": anchor, "circuit": circuit })
}

async fn ask_anchor(app: &Router, question: &Value) -> (StatusCode, Value) {
    ask(app, Method::POST, "/v1/anchors", question.to_string()).await
}

/// Status and code of the answer to a request with these headers.
async fn with_headers(method: Method, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(question().to_string())).unwrap();
    let response = server().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let document: Value = serde_json::from_slice(&body).unwrap();
    let code = document["error"]["code"].as_str().unwrap_or_default();
    (status, code.to_owned())
}

mod a_web_page {
    use super::*;

    const LOCAL: (&str, &str) = ("host", "127.0.0.1:8080");
    const JSON: (&str, &str) = ("content-type", "application/json");

    #[tokio::test]
    async fn that_has_a_name_lead_here_is_not_answered() {
        for host in [
            "evil.example",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "10.0.0.1",
            "user@evil.example",
            "",
        ] {
            let refused = with_headers(Method::GET, "/v1/head", &[("host", host)]).await;
            assert_eq!(refused, (421, "host".into()), "{host}");
        }
        let refused = with_headers(Method::GET, "/v1/head", &[]).await;
        assert_eq!(refused, (421, "host".into()));
        for host in [
            "127.0.0.1:8080",
            "localhost:1",
            "LOCALHOST",
            "[::1]:8080",
            "127.0.0.1",
        ] {
            let answered = with_headers(Method::GET, "/v1/head", &[("host", host)]).await;
            assert_eq!(answered.0, 200, "{host}");
        }
    }

    #[tokio::test]
    async fn of_any_site_is_not_answered() {
        let origin = ("origin", "https://evil.example");
        for headers in [&[LOCAL, origin][..], &[LOCAL, ("origin", "null")]] {
            let refused = with_headers(Method::GET, "/health", headers).await;
            assert_eq!(refused, (403, "origin".into()));
        }
    }

    #[tokio::test]
    async fn cannot_ask_without_saying_that_it_is_json() {
        let plain = [LOCAL, ("content-type", "text/plain")];
        for headers in [&[LOCAL][..], &plain] {
            let refused = with_headers(Method::POST, "/v1/anchors", headers).await;
            assert_eq!(refused, (415, "content-type".into()));
        }
        let answered = with_headers(Method::POST, "/v1/anchors", &[LOCAL, JSON]).await;
        assert_eq!(answered.0, 200);
    }
}

#[tokio::test]
async fn a_light_client_that_ended_is_not_healthy_and_answers_nothing() {
    let (app, service, _) = server_of(Fake::default(), 900..=HEAD);
    assert_eq!(look(&app, "/health").await.0, StatusCode::OK);
    service.end(LiveError::Contradiction(HEAD));
    for path in [
        "/health",
        "/v1/head",
        "/v1/roots",
        "/v1/roots/950",
        "/v1/checkpoint",
        "/v1/gates/1",
    ] {
        assert_eq!(
            fault(&app, Method::GET, path, "").await,
            (503, "ended".into()),
            "{path}"
        );
    }
    let (status, _) = ask_anchor(&app, &question()).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
}

mod answers {
    use super::*;

    #[tokio::test]
    async fn the_newest_final_block_with_its_age() {
        let (app, ring, _) = server_of(Fake::default(), 900..HEAD);
        let (status, head) = look(&app, "/v1/head").await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!((&head["number"], &head["age_seconds"]), (&json!(999), &json!(6)));
        assert_eq!(head["hash"], json!(format!("0x{}", "01".repeat(32))));
        assert_eq!(head["registry_root"], json!(root(999).registry_root));
        ring.push(root(HEAD));
        let (_, head) = look(&app, "/v1/head").await;
        assert_eq!((&head["number"], &head["age_seconds"]), (&json!(1000), &json!(0)));
        let (_, health) = look(&app, "/health").await;
        assert_eq!(health["healthy"], json!(true));
        assert_eq!(health["genesis"], json!(GENESIS.to_string()));
    }

    #[tokio::test]
    async fn pages_that_join_without_gap_or_overlap() {
        let app = server();
        let (mut from, mut seen) = (900, Vec::new());
        loop {
            let (_, page) = look(&app, &format!("/v1/roots?from={from}&limit=40")).await;
            assert_eq!((&page["oldest"], &page["newest"]), (&json!(900), &json!(1000)));
            let roots = page["roots"].as_array().unwrap();
            assert!(roots.len() <= 40);
            seen.extend(roots.iter().map(|root| root["number"].as_u64().unwrap()));
            match page["next"].as_u64() {
                Some(next) => from = next,
                None => break,
            }
        }
        assert_eq!(seen, (900..=1000).collect::<Vec<u64>>());
        let (_, newest) = look(&app, "/v1/roots").await;
        assert_eq!(newest["roots"].as_array().unwrap().len(), PAGE);
        assert_eq!(newest["roots"][PAGE - 1]["number"], json!(1000));
        let (_, after) = look(&app, "/v1/roots?from=1001").await;
        assert_eq!((&after["roots"], &after["next"]), (&json!([]), &Value::Null));
    }

    #[tokio::test]
    async fn a_block_that_was_seen_and_one_that_was_not() {
        let app = server();
        for number in [950, 100] {
            let (status, block) = look(&app, &format!("/v1/roots/{number}")).await;
            assert_eq!((status, &block["number"]), (StatusCode::OK, &json!(number)));
        }
        assert_eq!(
            fault(&app, Method::GET, "/v1/roots/99", "").await,
            (404, "unknown-block".into())
        );
        assert_eq!(
            fault(&app, Method::GET, "/v1/roots/1001", "").await,
            (404, "not-final".into())
        );
        assert_eq!(
            fault(&app, Method::GET, "/v1/gates/4", "").await,
            (404, "no-gate".into())
        );
    }

    #[tokio::test]
    async fn an_anchor_that_counts_with_the_block_that_proves_it() {
        let (status, answer) = ask_anchor(&server(), &question()).await;
        assert_eq!((status, &answer["counts"]), (StatusCode::OK, &json!(true)));
        assert_eq!(answer["proved_at"]["number"], json!(1000));
        assert_eq!(answer["proved_at"]["time"], json!(NOW));
        assert_eq!(answer["age_seconds"], json!(0));
    }

    #[tokio::test]
    async fn an_anchor_that_does_not_count_with_a_reason() {
        let (app, _, fake) = server_of(Fake::default(), [HEAD]);
        let not_final = LiveError::NotFinal {
            number: 1_500,
            finalized: HEAD,
        };
        for (error, reason) in [
            (RootError::RegistryRoot.into(), "anchor-ended"),
            (RootError::TrustListRoot.into(), "anchor-ended"),
            (RootError::CircuitDisabled.into(), "circuit-disabled"),
            (RootError::Future.into(), "anchor-not-final"),
            (not_final, "anchor-not-final"),
        ] {
            *fake.anchor.lock().unwrap() = Some(error);
            let (status, answer) = ask_anchor(&app, &question()).await;
            assert_eq!((status, &answer["counts"]), (StatusCode::OK, &json!(false)));
            assert_eq!(answer["reason"], json!(reason));
            assert!(answer.get("proved_at").is_none());
        }
    }

    #[tokio::test]
    async fn neither_yes_nor_no_when_nothing_is_proved() {
        let (app, _, fake) = server_of(Fake::default(), [HEAD]);
        let silent = LiveError::Patience {
            after: std::time::Duration::from_secs(1),
            reached: Reached::NoPeer,
        };
        for (error, code) in [
            (silent, "network"),
            (LiveError::Busy, "busy"),
            (RootError::Proof(ProofError::Malformed).into(), "state-proof"),
            (RootError::Layout.into(), "state-layout"),
        ] {
            *fake.anchor.lock().unwrap() = Some(error);
            let outcome = fault(&app, Method::POST, "/v1/anchors", question().to_string()).await;
            assert_eq!(outcome, (503, code.into()));
        }
    }

    #[tokio::test]
    async fn a_checkpoint_that_verifiers_read_made_once_a_block() {
        let (app, ring, fake) = server_of(Fake::default(), [HEAD - 1]);
        for _ in 0..3 {
            let (_, answer) = look(&app, "/v1/checkpoint").await;
            let text = answer["checkpoint"].to_string();
            assert_eq!(Checkpoint::from_json(text.as_bytes()).unwrap().number(), HEAD);
        }
        assert_eq!(fake.checkpoints.load(Ordering::SeqCst), 1);
        ring.push(root(HEAD));
        look(&app, "/v1/checkpoint").await;
        assert_eq!(fake.checkpoints.load(Ordering::SeqCst), 2);
    }
}

mod refuses {
    use super::*;

    const ROUTES: [&str; 6] = [
        "/health",
        "/v1/head",
        "/v1/roots",
        "/v1/roots/900",
        "/v1/gates/0",
        "/v1/checkpoint",
    ];

    #[tokio::test]
    async fn everything_while_the_newest_block_is_too_old_and_tells_its_age() {
        // Fifty blocks are taken, one more is not.
        let (young, ..) = server_of(Fake::default(), [900, HEAD - 50]);
        assert_eq!(look(&young, "/v1/head").await.0, StatusCode::OK);
        let (old, ..) = server_of(Fake::default(), [900, HEAD - 51]);
        for route in ROUTES {
            let (status, answer) = look(&old, route).await;
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{route}");
            assert_eq!(answer["error"]["code"], json!("stale"), "{route}");
            assert_eq!(answer["age_seconds"], json!(306), "{route}");
        }
        let (status, answer) = ask_anchor(&old, &question()).await;
        assert_eq!(
            (status, &answer["age_seconds"]),
            (StatusCode::SERVICE_UNAVAILABLE, &json!(306))
        );
    }

    #[tokio::test]
    async fn everything_before_the_first_block_and_under_a_wrong_clock() {
        let (none, ..) = server_of(Fake::default(), []);
        let (ahead, ..) = server_of(Fake::default(), [HEAD + 11]);
        for route in ROUTES {
            assert_eq!(
                fault(&none, Method::GET, route, "").await,
                (503, "no-block".into())
            );
            assert_eq!(fault(&ahead, Method::GET, route, "").await, (503, "clock".into()));
        }
        // Ten slots ahead are within what clocks may differ.
        let (near, ..) = server_of(Fake::default(), [HEAD + 10]);
        assert_eq!(look(&near, "/v1/head").await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn bodies_that_ask_nothing() {
        let app = server();
        let mut wrong = vec![
            String::new(),
            "null".into(),
            "[]".into(),
            "{}".into(),
            "\u{0}".into(),
            "[".repeat(10_000),
            "{\"list\":".repeat(1_000),
            question().to_string() + "1",
            question().to_string().replacen('{', "{\"list\":2,", 1),
        ];
        for (name, value) in [
            ("list", json!(-1)),
            ("list", json!(1.5)),
            ("list", json!("2")),
            ("list", json!(1u64 << 32)),
            ("circuit", json!(65_536)),
            ("circuit", json!(-1)),
            ("circuit", Value::Null),
            ("anchor", json!([])),
            ("anchor", json!({ "block": 1 })),
            ("more", json!(1)),
        ] {
            let mut question = question();
            question[name] = value;
            wrong.push(question.to_string());
        }
        for (name, value) in [
            ("block", json!(-1)),
            ("block", json!("950")),
            ("registry_root", json!("0x00")),
            // Above the field's modulus.
            ("registry_root", json!(format!("0x{}", "ff".repeat(32)))),
            ("trust_list_root", json!(7)),
            ("more", json!(1)),
        ] {
            let mut question = question();
            question["anchor"][name] = value;
            wrong.push(question.to_string());
        }
        for name in ["list", "anchor", "circuit"] {
            let mut question = question();
            question.as_object_mut().unwrap().remove(name);
            wrong.push(question.to_string());
        }
        for body in wrong {
            let outcome = fault(&app, Method::POST, "/v1/anchors", body.clone()).await;
            assert_eq!(outcome, (400, "body".into()), "{}", &body[..body.len().min(100)]);
        }
        assert_eq!(
            fault(&app, Method::POST, "/v1/anchors", vec![0xff; 3]).await,
            (400, "body".into())
        );
    }

    #[tokio::test]
    async fn a_body_one_byte_too_long() {
        let app = server();
        let mut body = question().to_string();
        body.push_str(&" ".repeat(MAX_BODY - body.len()));
        assert_eq!(
            ask(&app, Method::POST, "/v1/anchors", body.clone()).await.0,
            StatusCode::OK
        );
        body.push(' ');
        assert_eq!(
            fault(&app, Method::POST, "/v1/anchors", body).await,
            (413, "too-large".into())
        );
    }

    #[tokio::test]
    async fn numbers_that_are_none() {
        let app = server();
        for number in [
            "-1",
            "+1",
            "1.0",
            "0x1",
            "1e3",
            "4294967296",
            "%31%30%30%30x",
            "a",
            "%ff",
            "١",
        ] {
            for route in ["/v1/roots", "/v1/gates"] {
                let (status, _) = fault(&app, Method::GET, &path(route, number), "").await;
                assert_eq!(status, 400, "{number}");
            }
        }
        for query in [
            "from=-1",
            "from=",
            "from",
            "limit=0",
            "limit=-1",
            "limit=x",
            "from=4294967296",
            "page=1",
            "from=1&from=2",
            "limit=10&limit=10",
            "FROM=1",
            "from=1;limit=2",
        ] {
            let (status, _) = fault(&app, Method::GET, &format!("/v1/roots?{query}"), "").await;
            assert_eq!(status, 400, "{query}");
        }
        assert_eq!(
            look(&app, &format!("/v1/roots?limit={MAX_PAGE}")).await.0,
            StatusCode::OK
        );
        let over = format!("/v1/roots?limit={}", MAX_PAGE + 1);
        assert_eq!(fault(&app, Method::GET, &over, "").await, (400, "query".into()));
    }

    /// A path as clients write it: digits of other scripts are percent-encoded.
    fn path(route: &str, number: &str) -> String {
        let encoded: String = number
            .bytes()
            .map(|byte| match byte {
                0..=127 => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        format!("{route}/{encoded}")
    }

    #[tokio::test]
    async fn other_routes_and_methods() {
        let app = server();
        for path in ["/", "/v1", "/v1/roots/1/2", "/v2/head", "/v1/head/"] {
            assert_eq!(
                fault(&app, Method::GET, path, "").await,
                (404, "route".into()),
                "{path}"
            );
        }
        for (method, path) in [
            (Method::GET, "/v1/anchors"),
            (Method::POST, "/v1/head"),
            (Method::DELETE, "/v1/roots/1"),
            (Method::OPTIONS, "/v1/anchors"),
        ] {
            assert_eq!(
                fault(&app, method, path, "").await,
                (405, "method".into()),
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn more_questions_than_may_wait_for_the_network() {
        let answered = Arc::new(Notify::new());
        let fake = Fake {
            gates_wait: Some(answered.clone()),
            ..Fake::default()
        };
        let (app, _, fake) = server_of(fake, [HEAD]);
        let open: Vec<_> = (0..MAX_QUESTIONS)
            .map(|_| {
                let app = app.clone();
                tokio::spawn(async move { look(&app, "/v1/gates/0").await.0 })
            })
            .collect();
        while fake.waiting.load(Ordering::SeqCst) < MAX_QUESTIONS {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            fault(&app, Method::GET, "/v1/gates/0", "").await,
            (503, "busy".into())
        );
        assert_eq!(
            fault(&app, Method::GET, "/v1/checkpoint", "").await,
            (503, "busy".into())
        );
        assert_eq!(
            look(&app, "/v1/head").await.0,
            StatusCode::OK,
            "what is known needs no network"
        );
        answered.notify_waiters();
        for question in open {
            assert_eq!(question.await.unwrap(), StatusCode::NOT_FOUND);
        }
        answered.notify_one();
        assert_eq!(
            look(&app, "/v1/gates/0").await.0,
            StatusCode::NOT_FOUND,
            "places are given back"
        );
    }
}

mod ring {
    use super::*;

    #[test]
    fn forgets_the_oldest_and_never_goes_back() {
        let ring = Ring::default();
        let end = CAPACITY as u32 + 5;
        (1..=end).for_each(|number| {
            ring.push(
                FinalRoot {
                    time: 0,
                    ..root(HEAD)
                }
                .numbered(number),
            )
        });
        assert_eq!(ring.oldest(), Some(6));
        assert_eq!(ring.newest().unwrap().number, end);
        ring.push(root(7));
        assert_eq!(ring.newest().unwrap().number, end);
        assert!(ring.get(5).is_none());
        assert_eq!(ring.get(6).unwrap().number, 6);
        assert_eq!(
            ring.page(Some(0), 3)
                .iter()
                .map(|root| root.number)
                .collect::<Vec<_>>(),
            [6, 7, 8]
        );
    }

    impl FinalRoot {
        fn numbered(self, number: u32) -> Self {
            Self { number, ..self }
        }
    }
}

mod connections {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
        sync::oneshot,
    };

    #[tokio::test]
    async fn are_served_until_the_server_is_told_to_stop() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(listen::run(listener, server(), Bounds::default(), async move {
            // A dropped sender stops it as well.
            let _ = stopped.await;
        }));
        let mut idle = TcpStream::connect(address).await.unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET /v1/head HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.contains("\"number\":1000"), "{answer}");
        stop.send(()).unwrap();
        running.await.unwrap();
        let mut rest = Vec::new();
        assert_eq!(
            idle.read_to_end(&mut rest).await.unwrap_or(0),
            0,
            "an idle connection is closed"
        );
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn that_send_too_long_a_head_get_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let running = tokio::spawn(listen::run(
            listener,
            server(),
            Bounds::default(),
            std::future::pending(),
        ));
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "GET /v1/head HTTP/1.1\r\nhost: x\r\nfiller: {}\r\n\r\n",
            "a".repeat(64 * 1_024)
        );
        // The server may close before it has read all.
        let _ = stream.write_all(head.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"),
            "{answer:?}"
        );
        running.abort();
    }
}
