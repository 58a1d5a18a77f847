//! Long random histories of all calls by several owners, against a model too simple to be wrong.

mod model;

use super::{batch, check_batch_from, check_from, dispatch};
use crate::{
    mock::*, pallet::MAX_PRUNE, refusal::code_at, Admissions, AdmittedInBlock, Event, Gates, IsAdmitted,
    NextGate, Refusal, Request,
};
use frame_support::{
    assert_ok,
    dispatch::RawOrigin,
    pallet_prelude::{InvalidTransaction, TransactionSource::InBlock},
    traits::fungible::Inspect,
};
use model::{Answer, Ask, Entry, Model, Terms};
use ofage_primitives::{policy::MAX_ISSUERS, CircuitId, GateId};
use sp_runtime::{DispatchError, DispatchResult};
use std::collections::BTreeSet;

/// Holders and accounts: few, so that they meet often.
const PEOPLE: u8 = 5;
/// Who keeps gates.
const OWNERS: [u8; 3] = [OWNER, 210, 211];
const STEPS: u32 = 400;
const SEEDS: u64 = 32;

/// Numbers that look random and are the same every time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// A history, the model of it, and what happened so far.
struct Walk {
    dice: Dice,
    model: Model,
    seen: BTreeSet<String>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut model = Model::default();
        for owner in OWNERS {
            let rich = RuntimeOrigin::signed(account(OWNER));
            if owner != OWNER {
                assert_ok!(Balances::transfer_keep_alive(rich, account(owner), 100_000_000));
            }
        }
        for owner in OWNERS {
            model.purses.insert(owner, Balances::balance(&account(owner)));
        }
        System::reset_events();
        Self {
            dice: Dice(seed),
            model,
            seen: BTreeSet::new(),
        }
    }

    /// One of the gates; now and then one that is not there, or not any more.
    fn gate(&mut self) -> u32 {
        let there: Vec<u32> = self.model.rooms.keys().copied().collect();
        if there.is_empty() || self.dice.below(16) == 0 {
            self.dice.below(u64::from(self.model.created) + 1) as u32
        } else {
            self.dice.of(&there)
        }
    }

    /// Mostly the owner of the gate.
    fn caller(&mut self, gate: u32) -> u8 {
        match self.model.rooms.get(&gate) {
            Some(room) if self.dice.below(6) > 0 => room.owner,
            _ => self.dice.of(&OWNERS),
        }
    }

    fn terms(&mut self) -> Terms {
        Terms {
            over: self.dice.of(&[18, 21]),
            issuers: self.dice.of(&[1, 1, 2, 3, MAX_ISSUERS]),
            days: self.dice.of(&[1, 7, 30, 30, 30, MAX_DAYS, MAX_DAYS + 1, 0]),
        }
    }

    /// A request; mostly by a proof for what the gate asks.
    fn ask(&mut self, gate: u32) -> (Ask, Request<Test>) {
        let fitting = self.model.rooms.get(&gate).map(|room| room.terms);
        let mut terms = match fitting {
            Some(terms) if self.dice.below(12) > 0 => terms,
            _ => self.terms(),
        };
        terms.days = fitting.map_or(DAYS, |terms| terms.days);
        let nullifier = self.dice.below(PEOPLE.into()) as u8;
        // Mostly one's own account, so that there are renewals.
        let account = if self.dice.below(3) > 0 {
            nullifier
        } else {
            self.dice.below(PEOPLE.into()) as u8
        };
        let mut wish = Wish::of(nullifier).for_account(account);
        wish.gate = GateId(gate);
        if self.dice.below(4) == 0 {
            wish.valid_on = wish.valid_on.checked_sub(1).unwrap();
        }
        let ask = Ask {
            nullifier,
            account,
            terms,
            valid_on: wish.valid_on,
        };
        (ask, bounded(wish.request_for(&terms.policy(), terms.days)))
    }

    fn request(&mut self) {
        let gate = self.gate();
        let (ask, request) = self.ask(gate);
        match self.model.judge(gate, &ask, AgeGate::today()) {
            Ok(()) => {
                assert_ok!(check_from(InBlock, &request));
                let fee = AgeGate::admission_fee(ask.terms.issuers);
                assert_ok!(dispatch(&request));
                self.model.admit(gate, &[ask], fee);
                self.seen.insert("admitted".into());
            }
            Err(refusal) => {
                self.seen.insert(format!("{refusal:?}"));
                let refused = Err(InvalidTransaction::Custom(refusal.code()).into());
                assert_eq!(check_from(InBlock, &request), refused);
            }
        }
    }

    /// A batch that was found to hold never fails when it is dispatched.
    fn batch(&mut self) {
        let gate = self.gate();
        let size = 1 + self.dice.below(4);
        let (asks, requests): (Vec<_>, Vec<_>) = (0..size).map(|_| self.ask(gate)).unzip();
        match self.model.judge_batch(gate, &asks, AgeGate::today()) {
            Ok(()) => {
                assert_ok!(check_batch_from(InBlock, &requests));
                let fee = AgeGate::batch_fee(size as u32, asks[0].terms.issuers);
                assert_ok!(AgeGate::admit_batch(
                    RawOrigin::Authorized.into(),
                    batch(&requests)
                ));
                self.model.admit(gate, &asks, fee);
                self.seen.insert(format!("batch of {size}"));
            }
            Err(code) => {
                if code >= code_at(0) {
                    self.seen.insert("refused in a batch".into());
                }
                let refused = Err(InvalidTransaction::Custom(code).into());
                assert_eq!(check_batch_from(InBlock, &requests), refused);
            }
        }
    }

    /// Prunes, and compares with what may go: ended admissions, at most as many as the limit, all if it is high.
    fn prune(&mut self) {
        let gate = self.gate();
        let limit = self.dice.of(&[0, 1, 2, 7, MAX_PRUNE]);
        let (id, today) = (GateId(gate), AgeGate::today());
        let pruner = RuntimeOrigin::signed(account(99));
        let caught_up = Gates::<Test>::get(id).map(|gate| gate.pruned_before >= today);
        let result = AgeGate::prune(pruner, id, limit);
        if caught_up != Some(false) || limit == 0 {
            assert!(result.is_err());
            self.seen.insert("nothing to prune".into());
            return;
        }
        assert_ok!(result);
        let room = self.model.rooms.get_mut(&gate).unwrap();
        let stays = |e: &Entry| Admissions::<Test>::contains_key(id, account(e.account));
        let gone: Vec<Entry> = room.record.iter().filter(|e| !stays(e)).copied().collect();
        room.record.retain(stays);
        assert!(gone.iter().all(|e| e.until < today), "nobody goes before the end");
        assert!(gone.len() <= limit as usize);
        let ended_stays = room.record.iter().any(|e| e.until < today);
        assert!(!ended_stays || limit < MAX_PRUNE);
        if !gone.is_empty() {
            self.seen.insert("pruned".into());
        }
        self.model.events.push(Event::Pruned {
            gate: id,
            admissions: gone.len() as u32,
        });
    }

    /// Compares what a signed call says with what the model says.
    fn compare(&mut self, name: &str, result: DispatchResult, expected: Answer) {
        let told = result.map_err(|error| match error {
            DispatchError::Module(error) => error.message.unwrap_or("").to_owned(),
            DispatchError::Token(_) | DispatchError::Arithmetic(_) => "Token".into(),
            other => format!("{other:?}"),
        });
        assert_eq!(told, expected, "{name}");
        self.seen
            .insert(expected.map_or_else(|error| format!("{name}: {error}"), |()| name.to_owned()));
    }

    fn signed_call(&mut self) {
        let gate = self.gate();
        let caller = self.caller(gate);
        let (id, origin) = (GateId(gate), RuntimeOrigin::signed(account(caller)));
        let deposit_and_fee = AgeGate::admission_fee(1) + ADMISSION_DEPOSIT;
        match self.dice.below(14) {
            0 if self.model.rooms.len() < 4 => {
                let terms = self.terms();
                let name = b"Lounge".to_vec().try_into().unwrap();
                let result = AgeGate::create_gate(origin, name, terms.policy(), terms.days);
                let expected = self.model.create(caller, terms);
                self.compare("create_gate", result, expected);
            }
            0..=4 => {
                let amount = EXISTENTIAL_DEPOSIT + self.dice.below(6 * deposit_and_fee);
                let result = AgeGate::fund(origin, id, amount);
                let expected = self.model.fund(caller, gate, amount);
                self.compare("fund", result, expected);
            }
            5..=6 => {
                let terms = self.terms();
                let result = AgeGate::update_gate(origin, id, terms.policy(), terms.days);
                let expected = self.model.update(caller, gate, terms);
                self.compare("update_gate", result, expected);
            }
            7 if self.dice.below(3) == 0 => {
                let result = AgeGate::close_gate(origin, id);
                let expected = self.model.close(caller, gate);
                self.compare("close_gate", result, expected);
            }
            8..=9 => {
                let spendable = self.model.rooms.get(&gate).map_or(0, |room| room.spendable());
                let less = 1 + self.dice.below(2 * deposit_and_fee);
                let amount = self.dice.of(&[less, spendable.max(1), spendable + 1]);
                let result = AgeGate::withdraw(origin, id, amount);
                let expected = self.model.withdraw(caller, gate, amount);
                self.compare("withdraw", result, expected);
            }
            10..=12 => {
                let result = AgeGate::remove_gate(origin, id);
                let expected = self.model.remove(caller, gate);
                self.compare("remove_gate", result, expected);
            }
            _ => {
                let governor = RuntimeOrigin::signed(account(GOVERNOR));
                // An emergency is soon over, or nobody would be admitted.
                let disable = !self.model.disabled && self.dice.below(4) == 0;
                let result = if disable {
                    AgeGate::disable_circuit(governor, CircuitId::V1)
                } else {
                    AgeGate::enable_circuit(governor, CircuitId::V1)
                };
                let expected = self.model.switch(disable);
                self.compare("circuit", result, expected);
            }
        }
    }

    /// Everything that the model knows is so, and nothing else is there.
    fn agree(&mut self) {
        AgeGate::do_try_state().unwrap();
        let events: Vec<Event<Test>> = System::events()
            .into_iter()
            .filter_map(|record| match record.event {
                RuntimeEvent::AgeGate(event) => Some(event),
                _ => None,
            })
            .collect();
        assert_eq!(events, core::mem::take(&mut self.model.events));
        System::reset_events();

        assert_eq!(NextGate::<Test>::get(), self.model.created);
        assert_eq!(Gates::<Test>::iter().count(), self.model.rooms.len());
        assert_eq!(AgeGate::circuit_enabled(CircuitId::V1), !self.model.disabled);
        let today = AgeGate::today();
        for (number, room) in &self.model.rooms {
            let id = GateId(*number);
            let stored = gate(id);
            assert_eq!(stored.owner, account(room.owner));
            assert_eq!(stored.policy, room.terms.policy());
            assert_eq!(stored.admission_days, room.terms.days);
            assert_eq!(stored.status.is_open(), room.open);
            assert_eq!(stored.admissions as usize, room.record.len());
            assert_eq!(AgeGate::sponsor_balance(id), room.spendable());
            let held = room.record.len() as u64 * ADMISSION_DEPOSIT;
            assert_eq!(sponsor(id), (room.money - held, held));
            for person in 0..PEOPLE {
                let entry = room.record.iter().find(|e| e.account == person);
                let until = entry.map(|e| e.until);
                let on_record = Admissions::<Test>::get(id, account(person));
                assert_eq!(on_record.map(|admission| admission.until), until);
                let live = until.is_some_and(|until| until >= today);
                assert_eq!(AgeGate::is_admitted(id, &account(person)), live);
            }
        }
        for number in (0..self.model.created).filter(|n| !self.model.rooms.contains_key(n)) {
            assert_eq!(sponsor(GateId(number)), (0, 0), "a removed gate keeps no money");
        }
        for (owner, purse) in &self.model.purses {
            assert_eq!(Balances::balance(&account(*owner)), *purse);
        }
        assert_eq!(world().fees, self.model.fees);
    }
}

fn walk(seed: u64) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    run(|| {
        let mut walk = Walk::new(seed);
        let mut today = 0;
        for _ in 0..STEPS {
            AdmittedInBlock::<Test>::kill();
            match walk.dice.below(20) {
                0..=6 => walk.request(),
                7..=9 => walk.batch(),
                10..=11 => walk.prune(),
                12..=16 => walk.signed_call(),
                _ => {
                    today += walk.dice.of(&[0, 1, 3, 16]);
                    next_block_on(day(today));
                }
            }
            walk.agree();
        }
        seen = walk.seen;
    });
    seen
}

#[test]
fn random_histories_agree_with_a_simple_model() {
    let seen: BTreeSet<String> = (1..=SEEDS)
        .flat_map(|seed| walk(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed)))
        .collect();
    let refusals = [
        Refusal::CircuitDisabled,
        Refusal::UnknownGate,
        Refusal::GateClosed,
        Refusal::IssuerCount,
        Refusal::NullifierTaken,
        Refusal::AccountTaken,
        Refusal::RenewalTooEarly,
        Refusal::SponsorDry,
        Refusal::Proof,
    ];
    let outcomes = [
        "admitted",
        "batch of 1",
        "batch of 4",
        "refused in a batch",
        "pruned",
        "nothing to prune",
        "create_gate",
        "create_gate: InvalidAdmissionDays",
        "fund",
        "fund: GateClosed",
        "update_gate",
        "update_gate: NotOwner",
        "update_gate: GateClosed",
        "close_gate",
        "close_gate: NotOwner",
        "withdraw",
        "withdraw: Token",
        "withdraw: NotOwner",
        "remove_gate",
        "remove_gate: GateOpen",
        "remove_gate: AdmissionsOnRecord",
        "remove_gate: UnknownGate",
        "circuit",
    ];
    let hoped: Vec<String> = refusals
        .iter()
        .map(|refusal| format!("{refusal:?}"))
        .chain(outcomes.map(String::from))
        .collect();
    for outcome in hoped {
        assert!(seen.contains(&outcome), "no walk came by {outcome}: {seen:?}");
    }
}
