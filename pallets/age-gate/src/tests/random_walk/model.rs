//! The pallet again, as lists of what is there: too simple to be wrong.

use crate::{mock::*, refusal::code_at, Error, Event, Refusal};
use ofage_primitives::{AgeBand, CircuitId, Day, GateId, Policy};
use std::collections::{BTreeMap, BTreeSet};

/// What is asked of the pallet, where the pallet is `Result<(), String>`: the name of the error, or none.
pub(super) type Answer = Result<(), String>;

/// What a gate asks, in a few numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Terms {
    pub(super) over: u8,
    pub(super) issuers: u8,
    pub(super) days: u16,
}

impl Terms {
    pub(super) fn policy(self) -> Policy {
        Policy {
            issuers: self.issuers,
            ..Policy::new(AgeBand::over(self.over), LIST)
        }
    }
}

/// An admission on record, ended or not.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) nullifier: u8,
    pub(super) account: u8,
    pub(super) until: Day,
}

/// A gate.
pub(super) struct Room {
    pub(super) owner: u8,
    pub(super) terms: Terms,
    pub(super) open: bool,
    pub(super) record: Vec<Entry>,
    /// All money on its sponsor account, held or not.
    pub(super) money: u64,
}

impl Room {
    /// What it can spend.
    pub(super) fn spendable(&self) -> u64 {
        let held = self.record.len() as u64 * ADMISSION_DEPOSIT;
        (self.money - held).saturating_sub(EXISTENTIAL_DEPOSIT)
    }
}

/// A holder's request: for whom, by a proof for which terms.
#[derive(Clone, Copy)]
pub(super) struct Ask {
    pub(super) nullifier: u8,
    pub(super) account: u8,
    pub(super) terms: Terms,
    pub(super) valid_on: Day,
}

/// All of it.
#[derive(Default)]
pub(super) struct Model {
    pub(super) rooms: BTreeMap<u32, Room>,
    pub(super) created: u32,
    pub(super) disabled: bool,
    pub(super) fees: u64,
    /// What owners have beside deposits.
    pub(super) purses: BTreeMap<u8, u64>,
    /// Events since somebody looked.
    pub(super) events: Vec<Event<Test>>,
}

fn no(error: Error<Test>) -> Answer {
    Err(format!("{error:?}"))
}

impl Model {
    fn owned(&mut self, caller: u8, gate: u32) -> Result<&mut Room, String> {
        let room = self
            .rooms
            .get_mut(&gate)
            .ok_or(format!("{:?}", Error::<Test>::UnknownGate))?;
        if room.owner == caller {
            Ok(room)
        } else {
            Err(format!("{:?}", Error::<Test>::NotOwner))
        }
    }

    pub(super) fn create(&mut self, owner: u8, terms: Terms) -> Answer {
        if terms.days == 0 || terms.days > MAX_DAYS {
            return no(Error::InvalidAdmissionDays);
        }
        *self.purses.get_mut(&owner).unwrap() -= GATE_DEPOSIT;
        let room = Room {
            owner,
            terms,
            open: true,
            record: Vec::new(),
            money: 0,
        };
        self.rooms.insert(self.created, room);
        self.events.push(Event::GateCreated {
            gate: GateId(self.created),
            owner: account(owner),
        });
        self.created += 1;
        Ok(())
    }

    pub(super) fn fund(&mut self, funder: u8, gate: u32, amount: u64) -> Answer {
        let Some(room) = self.rooms.get_mut(&gate) else {
            return no(Error::UnknownGate);
        };
        if !room.open {
            return no(Error::GateClosed);
        }
        room.money += amount;
        *self.purses.get_mut(&funder).unwrap() -= amount;
        self.events.push(Event::GateFunded {
            gate: GateId(gate),
            funder: account(funder),
            amount,
        });
        Ok(())
    }

    pub(super) fn update(&mut self, caller: u8, gate: u32, terms: Terms) -> Answer {
        let room = self.owned(caller, gate)?;
        if !room.open {
            return no(Error::GateClosed);
        }
        if terms.days == 0 || terms.days > MAX_DAYS {
            return no(Error::InvalidAdmissionDays);
        }
        room.terms = terms;
        self.events.push(Event::GateUpdated { gate: GateId(gate) });
        Ok(())
    }

    pub(super) fn close(&mut self, caller: u8, gate: u32) -> Answer {
        let room = self.owned(caller, gate)?;
        if !room.open {
            return no(Error::GateClosed);
        }
        room.open = false;
        self.events.push(Event::GateClosed { gate: GateId(gate) });
        Ok(())
    }

    pub(super) fn withdraw(&mut self, caller: u8, gate: u32, amount: u64) -> Answer {
        let room = self.owned(caller, gate)?;
        if amount > room.spendable() {
            return Err("Token".into());
        }
        room.money -= amount;
        *self.purses.get_mut(&caller).unwrap() += amount;
        self.events.push(Event::GateWithdrawn {
            gate: GateId(gate),
            amount,
        });
        Ok(())
    }

    pub(super) fn remove(&mut self, caller: u8, gate: u32) -> Answer {
        let room = self.owned(caller, gate)?;
        if room.open {
            return no(Error::GateOpen);
        }
        if !room.record.is_empty() {
            return no(Error::AdmissionsOnRecord);
        }
        let money = room.money;
        self.rooms.remove(&gate);
        *self.purses.get_mut(&caller).unwrap() += GATE_DEPOSIT + money;
        self.events.push(Event::GateRemoved { gate: GateId(gate) });
        Ok(())
    }

    pub(super) fn switch(&mut self, disable: bool) -> Answer {
        if self.disabled == disable {
            return no(if disable {
                Error::AlreadyDisabled
            } else {
                Error::NotDisabled
            });
        }
        self.disabled = disable;
        let circuit = CircuitId::V1;
        self.events.push(if disable {
            Event::CircuitDisabled { circuit }
        } else {
            Event::CircuitEnabled { circuit }
        });
        Ok(())
    }

    /// What one request meets, but for money and proof.
    fn place(room: &Room, ask: &Ask, today: Day) -> Result<(), Refusal> {
        let live: Vec<&Entry> = room.record.iter().filter(|e| e.until >= today).collect();
        let same = |e: &&&Entry| e.nullifier == ask.nullifier && e.account == ask.account;
        if live
            .iter()
            .any(|e| e.nullifier == ask.nullifier && e.account != ask.account)
        {
            return Err(Refusal::NullifierTaken);
        }
        if live
            .iter()
            .any(|e| e.nullifier != ask.nullifier && e.account == ask.account)
        {
            return Err(Refusal::AccountTaken);
        }
        let until = i64::from(ask.valid_on.number()) + i64::from(room.terms.days);
        match live.iter().find(same) {
            Some(e) if 2 * (until - i64::from(e.until.number())) < i64::from(room.terms.days) => {
                Err(Refusal::RenewalTooEarly)
            }
            _ => Ok(()),
        }
    }

    fn is_new(room: &Room, ask: &Ask) -> bool {
        !room
            .record
            .iter()
            .any(|e| e.nullifier == ask.nullifier && e.account == ask.account)
    }

    /// Whether money and number of issuers are there, and for whom: gives the fee.
    fn afford(room: &Room, asks: &[Ask], fee: u64) -> Result<(), Refusal> {
        let new = asks.iter().filter(|ask| Self::is_new(room, ask)).count() as u64;
        if room.spendable() < fee + new * ADMISSION_DEPOSIT {
            Err(Refusal::SponsorDry)
        } else {
            Ok(())
        }
    }

    fn visit(&self, gate: u32) -> Result<&Room, Refusal> {
        if self.disabled {
            return Err(Refusal::CircuitDisabled);
        }
        match self.rooms.get(&gate) {
            None => Err(Refusal::UnknownGate),
            Some(room) if !room.open => Err(Refusal::GateClosed),
            Some(room) => Ok(room),
        }
    }

    /// What the check of a request says.
    pub(super) fn judge(&self, gate: u32, ask: &Ask, today: Day) -> Result<(), Refusal> {
        let room = self.visit(gate)?;
        if ask.terms.issuers != room.terms.issuers {
            return Err(Refusal::IssuerCount);
        }
        Self::place(room, ask, today)?;
        Self::afford(room, &[*ask], AgeGate::admission_fee(room.terms.issuers))?;
        if ask.terms.over != room.terms.over {
            return Err(Refusal::Proof);
        }
        Ok(())
    }

    /// What the check of a batch says: a code.
    pub(super) fn judge_batch(&self, gate: u32, asks: &[Ask], today: Day) -> Result<(), u8> {
        let nullifiers: BTreeSet<u8> = asks.iter().map(|ask| ask.nullifier).collect();
        let accounts: BTreeSet<u8> = asks.iter().map(|ask| ask.account).collect();
        if nullifiers.len() < asks.len() || accounts.len() < asks.len() {
            return Err(Refusal::RepeatedInBatch.code());
        }
        let room = self.visit(gate).map_err(Refusal::code)?;
        let first_bad = |good: &dyn Fn(&Ask) -> bool| match asks.iter().position(|ask| !good(ask)) {
            Some(position) => Err(code_at(position as u32)),
            None => Ok(()),
        };
        first_bad(&|ask| ask.terms.issuers == room.terms.issuers)?;
        first_bad(&|ask| Self::place(room, ask, today).is_ok())?;
        let fee = AgeGate::batch_fee(asks.len() as u32, room.terms.issuers);
        Self::afford(room, asks, fee).map_err(Refusal::code)?;
        first_bad(&|ask| ask.terms.over == room.terms.over)
    }

    /// Lets in who asks, for one fee.
    pub(super) fn admit(&mut self, gate: u32, asks: &[Ask], fee: u64) {
        let room = self.rooms.get_mut(&gate).unwrap();
        self.fees += fee;
        room.money -= fee;
        for ask in asks {
            let renewed = !Self::is_new(room, ask);
            room.record
                .retain(|e| e.nullifier != ask.nullifier && e.account != ask.account);
            let until = ask.valid_on.checked_add(room.terms.days.into()).unwrap();
            room.record.push(Entry {
                nullifier: ask.nullifier,
                account: ask.account,
                until,
            });
            self.events.push(Event::Admitted {
                gate: GateId(gate),
                account: account(ask.account),
                nullifier: nullifier(ask.nullifier),
                until,
                renewed,
            });
        }
    }
}
