//! Who asked what, and which blocks became final: all that is remembered between two messages, without input or output.

use std::collections::{HashMap, VecDeque};

use serde_json::{json, Value};
use tokio::sync::{broadcast, oneshot, watch};

use super::{
    rpc::{self, Event, Heard, MAX_BLOCKS},
    LiveError,
};
use crate::{
    header::{Claimed, HeaderError},
    FinalizedHeader,
};

/// Most questions of callers that may be open; more are refused.
pub(super) const MAX_OPEN: usize = 256;

/// A caller's question, and where its answer goes.
pub(super) struct Question {
    pub(super) method: &'static str,
    pub(super) params: Value,
    pub(super) answer: oneshot::Sender<Result<Value, LiveError>>,
}

/// What is known of the chain. It ends with an error that nothing can mend.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) head: Option<FinalizedHeader>,
    pub(super) end: Option<LiveError>,
}

/// Whose a request was.
enum Asker {
    Caller(oneshot::Sender<Result<Value, LiveError>>),
    Follow,
    Header([u8; 32]),
    Nobody,
}

/// Whether news of the chain come in.
enum Follow {
    Off,
    Asked,
    On {
        subscription: String,
        /// Final blocks, oldest first, whose headers are awaited.
        blocks: VecDeque<Block>,
    },
}

struct Block {
    hash: [u8; 32],
    header: Option<Vec<u8>>,
}

pub(super) struct Desk {
    next_id: u64,
    open: HashMap<u64, Asker>,
    follow: Follow,
    outgoing: Vec<String>,
    known: watch::Sender<Known>,
    news: broadcast::Sender<FinalizedHeader>,
}

impl Desk {
    pub(super) fn new(known: watch::Sender<Known>, news: broadcast::Sender<FinalizedHeader>) -> Self {
        Self {
            next_id: 0,
            open: HashMap::new(),
            follow: Follow::Off,
            outgoing: Vec::new(),
            known,
            news,
        }
    }

    /// The requests to send now.
    pub(super) fn outgoing(&mut self) -> Vec<String> {
        core::mem::take(&mut self.outgoing)
    }

    /// Whether no news are to come unless they are asked for.
    pub(super) fn is_off(&self) -> bool {
        matches!(self.follow, Follow::Off)
    }

    /// Asks for news of the chain.
    pub(super) fn follow(&mut self) {
        // Without the runtime: what is final does not wait for its download.
        self.send("chainHead_v1_follow", &json!([false]), Asker::Follow);
        self.follow = Follow::Asked;
    }

    /// Puts a caller's question.
    pub(super) fn ask(&mut self, question: Question) {
        // A caller whose patience ended no longer listens.
        self.open
            .retain(|_, asker| !matches!(asker, Asker::Caller(answer) if answer.is_closed()));
        let callers = self
            .open
            .values()
            .filter(|asker| matches!(asker, Asker::Caller(_)));
        if callers.count() >= MAX_OPEN {
            // Who no longer listens need not know.
            let _ = question.answer.send(Err(LiveError::Busy));
            return;
        }
        self.send(question.method, &question.params, Asker::Caller(question.answer));
    }

    /// Takes a message. An error is the end.
    pub(super) fn hear(&mut self, text: &str) -> Result<(), LiveError> {
        match rpc::hear(text) {
            Some(Heard::Answer(id, result)) => self.answer(id, result),
            Some(Heard::Event(subscription, event)) => self.event(&subscription, event),
            None => Ok(()),
        }
    }

    fn send(&mut self, method: &str, params: &Value, asker: Asker) {
        let id = self.next_id;
        self.next_id += 1;
        self.outgoing.push(rpc::request(id, method, params));
        self.open.insert(id, asker);
    }

    fn answer(&mut self, id: u64, result: Result<Value, String>) -> Result<(), LiveError> {
        // An answer to no request, or a second one, is nobody's.
        match self.open.remove(&id) {
            Some(Asker::Caller(answer)) => {
                // Who no longer listens need not know.
                let _ = answer.send(result.map_err(LiveError::Refused));
            }
            Some(Asker::Follow) => {
                self.follow = match result.ok().as_ref().and_then(rpc::subscription) {
                    Some(subscription) => Follow::On {
                        subscription,
                        blocks: VecDeque::new(),
                    },
                    None => Follow::Off,
                }
            }
            Some(Asker::Header(hash)) => {
                let header = result.ok().as_ref().and_then(rpc::bytes);
                return self.header(hash, header);
            }
            Some(Asker::Nobody) | None => {}
        }
        Ok(())
    }

    fn event(&mut self, to: &str, event: Event) -> Result<(), LiveError> {
        let Follow::On { subscription, blocks } = &mut self.follow else {
            return Ok(());
        };
        if subscription != to {
            return Ok(());
        }
        let (finalized, pruned) = match event {
            Event::Other => return Ok(()),
            // The subscription is gone already.
            Event::Stop => {
                self.off();
                return Ok(());
            }
            Event::Strange => {
                self.leave();
                return Ok(());
            }
            Event::Initialized(finalized) => (finalized, Vec::new()),
            Event::Finalized { finalized, pruned } => (finalized, pruned),
        };
        if blocks.len() + finalized.len() > MAX_BLOCKS {
            self.leave();
            return Ok(());
        }
        blocks.extend(finalized.iter().map(|&hash| Block { hash, header: None }));
        let subscription = subscription.clone();
        for hash in finalized {
            self.send(
                "chainHead_v1_header",
                &json!([subscription, rpc::hex(&hash)]),
                Asker::Header(hash),
            );
        }
        self.unpin(&pruned);
        Ok(())
    }

    /// Takes the header of a final block, and tells of those that it was the last to wait for.
    fn header(&mut self, hash: [u8; 32], header: Option<Vec<u8>>) -> Result<(), LiveError> {
        let Follow::On { blocks, .. } = &mut self.follow else {
            return Ok(());
        };
        // None waits for the header of a subscription that was left.
        let Some(block) = blocks
            .iter_mut()
            .find(|block| block.hash == hash && block.header.is_none())
        else {
            return Ok(());
        };
        let Some(header) = header else {
            self.leave();
            return Ok(());
        };
        block.header = Some(header);
        let mut done = Vec::new();
        while let Some(Block { header: Some(_), .. }) = blocks.front() {
            done.extend(blocks.pop_front());
        }
        for block in &done {
            if !self.finalized(block)? {
                self.leave();
                return Ok(());
            }
        }
        self.unpin(&done.iter().map(|block| block.hash).collect::<Vec<_>>());
        Ok(())
    }

    /// Tells of a final block; `false` if the header is of another block, or none.
    fn finalized(&self, block: &Block) -> Result<bool, LiveError> {
        let bytes = block.header.as_deref().unwrap_or_default();
        let claimed = match Claimed::read(bytes) {
            Ok(claimed) if claimed.hash == block.hash => claimed,
            Ok(_) | Err(HeaderError::Malformed | HeaderError::TooLong) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let known = self
            .known
            .borrow()
            .head
            .as_ref()
            .map(|head| (head.number(), head.hash()));
        match known {
            Some((number, hash)) if number == claimed.number && hash != claimed.hash => {
                return Err(LiveError::Contradiction(number));
            }
            // A new subscription begins with a block that may be known.
            Some((number, _)) if number >= claimed.number => return Ok(true),
            // The first block holds no root, and nobody's slot.
            _ if claimed.number == 0 => return Ok(true),
            _ => {}
        }
        let header = claimed.finalized()?;
        self.known.send_modify(|known| known.head = Some(header.clone()));
        // There may be nobody to tell.
        let _ = self.news.send(header);
        Ok(true)
    }

    /// Gives up a subscription that is not understood.
    fn leave(&mut self) {
        if let Some(subscription) = self.off() {
            self.send("chainHead_v1_unfollow", &json!([subscription]), Asker::Nobody);
        }
    }

    /// Forgets the subscription, and gives its name.
    fn off(&mut self) -> Option<String> {
        self.open.retain(|_, asker| !matches!(asker, Asker::Header(_)));
        match core::mem::replace(&mut self.follow, Follow::Off) {
            Follow::On { subscription, .. } => Some(subscription),
            Follow::Off | Follow::Asked => None,
        }
    }

    /// Lets go of blocks, which the light client keeps until then.
    fn unpin(&mut self, hashes: &[[u8; 32]]) {
        let Follow::On { subscription, .. } = &self.follow else {
            return;
        };
        if !hashes.is_empty() {
            let hashes: Vec<String> = hashes.iter().map(|hash| rpc::hex(hash)).collect();
            let params = json!([subscription, hashes]);
            self.send("chainHead_v1_unpin", &params, Asker::Nobody);
        }
    }
}

#[cfg(test)]
mod tests;
