//! Issuers and their keys.

use super::{Model, Outcome};
use crate::{mock::*, Error, Event};
use ofage_primitives::{chain::IssuerStatus, IssuerIndex, ShardIndex};
use std::collections::BTreeMap;

pub(in super::super) struct Issuer {
    pub(in super::super) controller: u8,
    pub(in super::super) attester: u8,
    pub(in super::super) serving: bool,
    pub(in super::super) metadata: Vec<u8>,
    pub(in super::super) deposit: u64,
    pub(in super::super) last_shard: Option<u32>,
    /// Lists that it consents to, and its positions.
    pub(in super::super) consents: BTreeMap<u32, Option<u16>>,
    pub(in super::super) suspended: bool,
    pub(in super::super) retired_at: Option<u32>,
}

impl Issuer {
    pub(in super::super) fn status(&self) -> IssuerStatus {
        match (self.suspended, self.retired_at) {
            (true, _) => IssuerStatus::Suspended,
            (false, Some(_)) => IssuerStatus::Retired,
            (false, None) => IssuerStatus::Active,
        }
    }

    pub(super) fn is_active(&self) -> bool {
        self.status() == IssuerStatus::Active
    }

    pub(in super::super) fn listed(&self) -> Vec<u32> {
        let listed = self.consents.iter().filter(|(_, position)| position.is_some());
        listed.map(|(list, _)| *list).collect()
    }
}

impl Model {
    /// The issuer that an account controls or attests for.
    pub(in super::super) fn issuer_of(&self, account: u8) -> Option<u32> {
        let found = self
            .issuers
            .iter()
            .position(|i| i.controller == account || (i.serving && i.attester == account));
        found.map(|at| at as u32)
    }

    pub(super) fn controlled_by(&self, account: u8) -> Result<u32, Error<Test>> {
        self.issuer_of(account)
            .filter(|at| self.issuers[*at as usize].controller == account)
            .ok_or(Error::NotController)
    }

    fn issuer(&mut self, at: u32) -> Result<&mut Issuer, Error<Test>> {
        self.issuers.get_mut(at as usize).ok_or(Error::UnknownIssuer)
    }

    pub(in super::super) fn register(&mut self, controller: u8, attester: u8) -> Outcome {
        if self.issuer_of(controller).is_some() || self.issuer_of(attester).is_some() {
            return Err(Error::AccountTaken);
        }
        let issuer = IssuerIndex(self.issuers.len() as u32);
        self.issuers.push(Issuer {
            controller,
            attester,
            serving: controller == attester,
            metadata: b"Bank".to_vec(),
            deposit: ISSUER_DEPOSIT,
            last_shard: None,
            consents: BTreeMap::new(),
            suspended: false,
            retired_at: None,
        });
        let (controller, attester) = (account(controller), account(attester));
        Ok(vec![Event::IssuerRegistered {
            issuer,
            controller,
            attester,
        }])
    }

    pub(in super::super) fn become_attester(&mut self, caller: u8, issuer: u32) -> Outcome {
        let taken = self.issuer_of(caller).is_some();
        let named = self.issuer(issuer)?;
        if named.serving || named.attester != caller {
            return Err(Error::NotNamed);
        }
        if taken {
            return Err(Error::AccountTaken);
        }
        named.serving = true;
        Ok(vec![Event::AttesterAccepted {
            issuer: IssuerIndex(issuer),
            attester: account(caller),
        }])
    }

    /// Seals the open shard of an issuer, if it has one.
    fn seal_last(&mut self, at: u32) -> Option<Event<Test>> {
        let index = self.issuers[at as usize].last_shard?;
        let shard = &mut self.shards[index as usize];
        core::mem::take(&mut shard.open).then_some(Event::ShardSealed {
            issuer: IssuerIndex(at),
            shard: ShardIndex(index),
        })
    }

    pub(in super::super) fn seal(&mut self, caller: u8) -> Outcome {
        let at = self.issuer_of(caller).ok_or(Error::NotAnIssuer)?;
        Ok(vec![self.seal_last(at).ok_or(Error::NoOpenShard)?])
    }

    pub(in super::super) fn rotate(&mut self, caller: u8, attester: u8) -> Outcome {
        let at = self.controlled_by(caller)?;
        let taken = attester != caller && self.issuer_of(attester).is_some();
        let issuer = &mut self.issuers[at as usize];
        if issuer.attester == attester {
            return Err(Error::AttesterUnchanged);
        }
        if taken {
            return Err(Error::AccountTaken);
        }
        (issuer.attester, issuer.serving) = (attester, attester == caller);
        let mut events = Vec::from_iter(self.seal_last(at));
        events.push(Event::AttesterRotated {
            issuer: IssuerIndex(at),
            attester: account(attester),
        });
        Ok(events)
    }

    pub(in super::super) fn describe(&mut self, caller: u8, metadata: &[u8]) -> Outcome {
        if metadata.is_empty() {
            return Err(Error::InvalidMetadata);
        }
        let at = self.controlled_by(caller)?;
        self.issuers[at as usize].metadata = metadata.to_vec();
        Ok(vec![Event::MetadataUpdated {
            issuer: IssuerIndex(at),
        }])
    }

    pub(in super::super) fn retire(&mut self, caller: u8) -> Outcome {
        let at = self.controlled_by(caller)?;
        let issuer = &mut self.issuers[at as usize];
        if !issuer.is_active() {
            return Err(Error::IssuerNotActive);
        }
        issuer.retired_at = Some(now());
        let mut events = Vec::from_iter(self.seal_last(at));
        events.push(Event::IssuerRetired {
            issuer: IssuerIndex(at),
        });
        Ok(events)
    }

    pub(in super::super) fn withdraw_deposit(&mut self, caller: u8) -> Outcome {
        let at = self.controlled_by(caller)?;
        let issuer = &mut self.issuers[at as usize];
        if issuer.suspended {
            return Err(Error::IssuerSuspended);
        }
        if now() < issuer.retired_at.ok_or(Error::NotRetired)? + RETIRE_DELAY {
            return Err(Error::TooEarly);
        }
        match core::mem::take(&mut issuer.deposit) {
            0 => Err(Error::NoDeposit),
            amount => Ok(vec![Event::DepositWithdrawn {
                issuer: IssuerIndex(at),
                amount,
            }]),
        }
    }

    pub(in super::super) fn suspend(&mut self, at: u32) -> Outcome {
        let issuer = self.issuer(at)?;
        if core::mem::replace(&mut issuer.suspended, true) {
            return Err(Error::IssuerSuspended);
        }
        for list in issuer.listed() {
            self.dirty_lists.insert(list);
            self.lists[list as usize].valid_from = now();
        }
        Ok(vec![Event::IssuerSuspended {
            issuer: IssuerIndex(at),
        }])
    }

    pub(in super::super) fn reinstate(&mut self, at: u32) -> Outcome {
        let issuer = self.issuer(at)?;
        if !core::mem::take(&mut issuer.suspended) {
            return Err(Error::NotSuspended);
        }
        let listed = issuer.listed();
        self.dirty_lists.extend(listed);
        Ok(vec![Event::IssuerReinstated {
            issuer: IssuerIndex(at),
        }])
    }

    pub(in super::super) fn slash(&mut self, at: u32, amount: u64) -> Outcome {
        let issuer = self.issuer(at)?;
        if issuer.deposit == 0 {
            return Err(Error::NoDeposit);
        }
        let amount = amount.min(issuer.deposit);
        issuer.deposit -= amount;
        let controller = issuer.controller;
        *self.slashed.entry(controller).or_default() += amount;
        Ok(vec![Event::IssuerSlashed {
            issuer: IssuerIndex(at),
            amount,
        }])
    }
}
