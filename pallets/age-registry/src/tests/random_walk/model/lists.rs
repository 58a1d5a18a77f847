//! Trust lists and who is on them.

use super::{Model, Outcome};
use crate::{mock::*, Error, Event};
use ofage_primitives::{IssuerIndex, TrustListId};

pub(in super::super) struct List {
    pub(in super::super) curator: u8,
    pub(in super::super) offered_to: Option<u8>,
    pub(in super::super) frozen: bool,
    pub(in super::super) positions: Vec<Option<u32>>,
    vacant: Vec<u16>,
    pub(in super::super) valid_from: u32,
}

impl Model {
    /// Who is in the tree of a list: its members that are not suspended.
    pub(in super::super) fn members(&self, list: usize) -> Vec<Option<u32>> {
        let is_in = |issuer: &u32| !self.issuers[*issuer as usize].suspended;
        let positions = self.lists[list].positions.iter();
        positions.map(|issuer| issuer.filter(is_in)).collect()
    }

    fn touch_list(&mut self, list: u32) -> Result<(), Error<Test>> {
        if self.dirty_lists.len() >= MAX_DIRTY_LISTS as usize && !self.dirty_lists.contains(&list) {
            return Err(Error::TooManyDirtyLists);
        }
        self.dirty_lists.insert(list);
        Ok(())
    }

    pub(in super::super) fn create_list(&mut self, curator: u8) -> Outcome {
        let list = self.lists.len() as u32;
        self.touch_list(list)?;
        self.lists.push(List {
            curator,
            offered_to: None,
            frozen: false,
            positions: Vec::new(),
            vacant: Vec::new(),
            valid_from: 0,
        });
        Ok(vec![Event::TrustListCreated {
            list: TrustListId(list),
            curator: account(curator),
        }])
    }

    pub(in super::super) fn consent(&mut self, caller: u8, list: u32) -> Outcome {
        let at = self.controlled_by(caller)?;
        if !self.issuers[at as usize].is_active() {
            return Err(Error::IssuerNotActive);
        }
        if list as usize >= self.lists.len() {
            return Err(Error::UnknownTrustList);
        }
        let consents = &mut self.issuers[at as usize].consents;
        if consents.contains_key(&list) {
            return Err(Error::AlreadyConsented);
        }
        if consents.len() == MAX_LISTS as usize {
            return Err(Error::TooManyLists);
        }
        consents.insert(list, None);
        Ok(vec![Event::ConsentGiven {
            list: TrustListId(list),
            issuer: IssuerIndex(at),
        }])
    }

    pub(in super::super) fn withdraw(&mut self, caller: u8, list: u32) -> Outcome {
        let at = self.controlled_by(caller)?;
        let listing = self.issuers[at as usize].consents.get(&list).copied();
        let mut events = Vec::new();
        if let Some(position) = listing.ok_or(Error::NotConsented)? {
            self.touch_list(list)?;
            events.push(self.take_off(list, at, position));
        }
        self.issuers[at as usize].consents.remove(&list);
        events.push(Event::ConsentWithdrawn {
            list: TrustListId(list),
            issuer: IssuerIndex(at),
        });
        Ok(events)
    }

    fn take_off(&mut self, list: u32, issuer: u32, position: u16) -> Event<Test> {
        let found = &mut self.lists[list as usize];
        found.positions[usize::from(position)] = None;
        found.vacant.push(position);
        found.valid_from = now();
        self.issuers[issuer as usize].consents.insert(list, None);
        Event::MemberRemoved {
            list: TrustListId(list),
            issuer: IssuerIndex(issuer),
            position,
        }
    }

    /// A list of the caller's.
    fn kept_by(&mut self, caller: u8, list: u32) -> Result<&mut List, Error<Test>> {
        match self.lists.get_mut(list as usize) {
            None => Err(Error::UnknownTrustList),
            Some(found) if found.curator != caller => Err(Error::NotCurator),
            Some(found) => Ok(found),
        }
    }

    /// That a list of the caller's may change.
    fn changed_by(&mut self, caller: u8, list: u32) -> Result<(), Error<Test>> {
        match self.kept_by(caller, list)?.frozen {
            true => Err(Error::ListFrozen),
            false => Ok(()),
        }
    }

    pub(in super::super) fn add(&mut self, caller: u8, list: u32, issuer: u32) -> Outcome {
        self.changed_by(caller, list)?;
        let record = self.issuers.get(issuer as usize).ok_or(Error::UnknownIssuer)?;
        if !record.is_active() {
            return Err(Error::IssuerNotActive);
        }
        match record.consents.get(&list) {
            None => return Err(Error::NotConsented),
            Some(Some(_)) => return Err(Error::AlreadyListed),
            Some(None) => self.touch_list(list)?,
        }
        let found = &mut self.lists[list as usize];
        let position = found.vacant.pop().unwrap_or_else(|| {
            found.positions.push(None);
            found.positions.len() as u16 - 1
        });
        found.positions[usize::from(position)] = Some(issuer);
        self.issuers[issuer as usize]
            .consents
            .insert(list, Some(position));
        Ok(vec![Event::MemberAdded {
            list: TrustListId(list),
            issuer: IssuerIndex(issuer),
            position,
        }])
    }

    pub(in super::super) fn remove(&mut self, caller: u8, list: u32, issuer: u32) -> Outcome {
        self.changed_by(caller, list)?;
        let record = self.issuers.get(issuer as usize);
        let position = record.and_then(|record| record.consents.get(&list).copied().flatten());
        let position = position.ok_or(Error::NotListed)?;
        self.touch_list(list)?;
        Ok(vec![self.take_off(list, issuer, position)])
    }

    pub(in super::super) fn offer(&mut self, caller: u8, list: u32, to: Option<u8>) -> Outcome {
        let found = self.kept_by(caller, list)?;
        if to == Some(caller) {
            return Err(Error::CuratorUnchanged);
        }
        found.offered_to = to;
        Ok(vec![Event::ListOffered {
            list: TrustListId(list),
            to: to.map(account),
        }])
    }

    pub(in super::super) fn accept(&mut self, caller: u8, list: u32) -> Outcome {
        let found = self.lists.get_mut(list as usize).ok_or(Error::UnknownTrustList)?;
        if found.offered_to != Some(caller) {
            return Err(Error::NotOffered);
        }
        (found.curator, found.offered_to) = (caller, None);
        Ok(vec![Event::ListHandedOver {
            list: TrustListId(list),
            curator: account(caller),
        }])
    }

    pub(in super::super) fn freeze(&mut self, caller: u8, list: u32) -> Outcome {
        let found = self.kept_by(caller, list)?;
        if core::mem::replace(&mut found.frozen, true) {
            return Err(Error::ListFrozen);
        }
        Ok(vec![Event::ListFrozen {
            list: TrustListId(list),
        }])
    }
}
