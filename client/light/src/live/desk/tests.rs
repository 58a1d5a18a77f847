use core::slice::from_ref;

use super::*;
use crate::live::fixtures::*;

/// A desk, and what it tells.
struct Office {
    desk: Desk,
    known: watch::Receiver<Known>,
    news: broadcast::Receiver<FinalizedHeader>,
}

/// A request that went out.
struct Sent {
    id: u64,
    method: String,
    params: Value,
}

impl Office {
    fn new() -> Self {
        let (know, known) = watch::channel(Known::default());
        let (tell, news) = broadcast::channel(64);
        Self {
            desk: Desk::new(know, tell),
            known,
            news,
        }
    }

    /// Follows as subscription `s`.
    fn following() -> Self {
        let mut office = Self::new();
        office.follow("s");
        office
    }

    fn follow(&mut self, subscription: &str) {
        self.desk.follow();
        let sent = self.sent();
        assert_eq!(methods(&sent), ["chainHead_v1_follow"]);
        self.hear(&answer(sent[0].id, &json!(subscription)));
    }

    fn hear(&mut self, message: &str) {
        self.desk.hear(message).unwrap();
    }

    fn sent(&mut self) -> Vec<Sent> {
        let requests = self.desk.outgoing();
        let read = |text: &String| {
            let request: Value = serde_json::from_str(text).unwrap();
            Sent {
                id: request["id"].as_u64().unwrap(),
                method: request["method"].as_str().unwrap().to_owned(),
                params: request["params"].clone(),
            }
        };
        requests.iter().map(read).collect()
    }

    /// Answers requests for headers, in this order.
    fn give(&mut self, requests: &[Sent], headers: &[Vec<u8>]) {
        for (sent, header) in requests.iter().zip(headers) {
            assert_eq!(sent.method, "chainHead_v1_header");
            self.hear(&answer(sent.id, &json!(rpc::hex(header))));
        }
    }

    fn head(&self) -> Option<u32> {
        self.known.borrow().head.as_ref().map(FinalizedHeader::number)
    }

    fn told(&mut self) -> Vec<u32> {
        core::iter::from_fn(|| self.news.try_recv().ok())
            .map(|header| header.number())
            .collect()
    }

    fn ask(&mut self) -> oneshot::Receiver<Result<Value, LiveError>> {
        let (answer, answered) = oneshot::channel();
        self.desk.ask(Question {
            method: "state_call",
            params: json!([]),
            answer,
        });
        answered
    }
}

fn methods(sent: &[Sent]) -> Vec<&str> {
    sent.iter().map(|sent| sent.method.as_str()).collect()
}

#[test]
fn final_blocks_are_told_in_order_and_let_go() {
    let mut office = Office::following();
    let (first, second, third) = (header(5, 0), header(6, 0), header(7, 0));
    office.hear(&initialized("s", from_ref(&first)));
    let requests = office.sent();
    office.give(&requests, &[first]);
    assert_eq!((office.head(), office.told()), (Some(5), vec![5]));
    assert_eq!(methods(&office.sent()), ["chainHead_v1_unpin"]);

    let stale = header(7, 9);
    office.hear(&finalized(
        "s",
        &[second.clone(), third.clone()],
        from_ref(&stale),
    ));
    let requests = office.sent();
    assert_eq!(
        methods(&requests),
        ["chainHead_v1_header", "chainHead_v1_header", "chainHead_v1_unpin"]
    );
    assert_eq!(requests[2].params, json!(["s", [rpc::hex(&hash(&stale))]]));
    // The later one's answer comes first, and waits.
    office.give(&requests[1..2], from_ref(&third));
    assert_eq!((office.head(), office.told()), (Some(5), vec![]));
    office.give(&requests[..1], from_ref(&second));
    assert_eq!((office.head(), office.told()), (Some(7), vec![6, 7]));
    let unpinned = json!(["s", [rpc::hex(&hash(&second)), rpc::hex(&hash(&third))]]);
    assert_eq!(office.sent()[0].params, unpinned);
}

#[test]
fn a_header_of_another_block_is_not_believed() {
    for wrong in [header(5, 1), vec![], vec![0; 3], header(6, 0)] {
        let mut office = Office::following();
        office.hear(&initialized("s", &[header(5, 0)]));
        let requests = office.sent();
        office.give(&requests, &[wrong]);
        assert_eq!((office.head(), office.told()), (None, vec![]));
        assert_eq!(methods(&office.sent()), ["chainHead_v1_unfollow"]);
        assert!(office.desk.is_off());
    }
}

#[test]
fn a_header_that_is_refused_or_missing_leads_to_a_new_start() {
    for absent in [
        |id| refusal(id, "unknown or unpinned block"),
        |id| answer(id, &Value::Null),
        |id| answer(id, &json!({ "header": 1 })),
    ] {
        let mut office = Office::following();
        office.hear(&initialized("s", &[header(5, 0)]));
        let id = office.sent()[0].id;
        office.hear(&absent(id));
        assert!(office.desk.is_off());
    }
}

#[test]
fn after_a_stop_it_follows_again_and_tells_nothing_twice() {
    let mut office = Office::following();
    let first = header(5, 0);
    office.hear(&initialized("s", from_ref(&first)));
    let requests = office.sent();
    office.give(&requests, from_ref(&first));
    assert_eq!(office.told(), [5]);
    office.hear(&finalized("s", &[header(6, 0)], &[]));
    let late = office.sent();
    office.hear(&event("s", &json!({ "event": "stop" })));
    assert!(office.desk.is_off());
    // There is nothing to leave, and an answer for what stopped changes nothing.
    assert!(office.sent().is_empty());
    office.follow("t");
    office.give(&late[1..], &[header(6, 0)]);
    assert!(office.told().is_empty());

    // The old subscription's events are nobody's.
    office.hear(&finalized("s", &[header(6, 0)], &[]));
    assert!(office.sent().is_empty());
    office.hear(&initialized("t", &[header(4, 0), first, header(9, 0)]));
    let requests = office.sent();
    office.give(&requests, &[header(4, 0), header(5, 0), header(9, 0)]);
    assert_eq!((office.head(), office.told()), (Some(9), vec![9]));
}

#[test]
fn two_final_blocks_of_one_height_are_the_end() {
    let mut office = Office::following();
    office.hear(&initialized("s", &[header(5, 0), header(5, 1)]));
    let requests = office.sent();
    office.give(&requests[..1], &[header(5, 0)]);
    let other = answer(requests[1].id, &json!(rpc::hex(&header(5, 1))));
    assert_eq!(office.desk.hear(&other), Err(LiveError::Contradiction(5)));
    assert_eq!(office.head(), Some(5));
}

#[test]
fn a_final_header_of_another_kind_of_chain_is_the_end() {
    let mut office = Office::following();
    let foreign = header_with(5, 0, &[]);
    office.hear(&initialized("s", from_ref(&foreign)));
    let id = office.sent()[0].id;
    assert!(matches!(
        office.desk.hear(&answer(id, &json!(rpc::hex(&foreign)))),
        Err(LiveError::Header(_))
    ));
}

#[test]
fn the_first_block_is_no_news() {
    let mut office = Office::following();
    let genesis = header_with(0, 0, &[]);
    office.hear(&initialized("s", &[genesis.clone(), header(1, 0)]));
    let requests = office.sent();
    office.give(&requests, &[genesis, header(1, 0)]);
    assert_eq!((office.head(), office.told()), (Some(1), vec![1]));
}

#[test]
fn strange_events_lead_to_a_new_start() {
    for strange in [
        json!({ "event": "finalized" }),
        json!({ "event": "initialized", "finalizedBlockHashes": ["0x00"] }),
        json!("stop"),
    ] {
        let mut office = Office::following();
        office.hear(&event("s", &strange));
        assert_eq!(methods(&office.sent()), ["chainHead_v1_unfollow"]);
        assert!(office.desk.is_off());
    }
}

#[test]
fn blocks_that_wait_for_headers_are_bounded() {
    let mut office = Office::following();
    let many = vec![header(5, 0); MAX_BLOCKS];
    office.hear(&initialized("s", &many));
    assert_eq!(office.sent().len(), MAX_BLOCKS);
    office.hear(&finalized("s", &[header(6, 0)], &[]));
    assert_eq!(methods(&office.sent()), ["chainHead_v1_unfollow"]);
    assert!(office.desk.open.len() <= 1);
}

#[test]
fn a_refused_follow_is_tried_again() {
    let mut office = Office::new();
    for strange in [Value::Null, json!(1), json!("s".repeat(1_000))] {
        office.desk.follow();
        let id = office.sent()[0].id;
        assert!(!office.desk.is_off());
        office.hear(&answer(id, &strange));
        assert!(office.desk.is_off());
    }
}

#[test]
fn answers_find_who_asked() {
    let mut office = Office::new();
    let (mut first, mut second) = (office.ask(), office.ask());
    let sent = office.sent();
    assert_ne!(sent[0].id, sent[1].id);
    office.hear(&answer(sent[1].id, &json!("second")));
    // Answers to nothing, and to what is answered, are nobody's.
    office.hear(&answer(1_000, &json!("nobody")));
    office.hear(&answer(sent[1].id, &json!("again")));
    assert_eq!(second.try_recv().unwrap(), Ok(json!("second")));
    assert!(first.try_recv().is_err());
    office.hear(&refusal(sent[0].id, "no"));
    assert_eq!(
        first.try_recv().unwrap(),
        Err(LiveError::Refused("no".to_owned()))
    );
}

#[test]
fn open_questions_are_bounded_and_those_of_nobody_forgotten() {
    let mut office = Office::new();
    let waiting: Vec<_> = (0..MAX_OPEN).map(|_| office.ask()).collect();
    assert_eq!(office.ask().try_recv().unwrap(), Err(LiveError::Busy));
    drop(waiting);
    let mut asked = office.ask();
    assert!(asked.try_recv().is_err());
    assert_eq!(office.desk.open.len(), 1);
}
