//! What requests do to the tables, each in one step.

use codec::Encode;
use ofage_primitives::Attributes;
use ofage_sdk::issuer::register::Reissue;
use redb::ReadableTable;

use super::{
    schema::{self, kind, Ending, Hash, Offer, Pending, Session, State, Tables, Transaction},
    Identity, StoreError,
};

/// Wrong transaction codes until an offer is void: with six digits, a thief guesses one of 200,000.
const TX_CODE_TRIES: u8 = 5;
/// Proofs that a wallet may try with one token: each costs the service some milliseconds.
const PROOFS: u8 = 8;
/// Time in which a wallet may fetch a credential again that it was given, in seconds: a day, since the answer may have been
/// lost, or the wallet with it. A wallet that says that it has the credential ends it.
pub(in crate::issuance) const COLLECT_AGAIN: u64 = 24 * 60 * 60;
/// Rows that one sweep deletes.
const SWEEP: usize = 1_000;

/// An offer to be kept.
pub(in crate::issuance) struct NewOffer {
    /// Hash of its code.
    pub(in crate::issuance) code: Hash,
    /// The customer.
    pub(in crate::issuance) reference: String,
    /// What is to be attested.
    pub(in crate::issuance) attributes: Attributes,
    /// Whether, and how, it may take the place of the customer's attestation.
    pub(in crate::issuance) reissue: Reissue,
    /// Hash of code and transaction code.
    pub(in crate::issuance) tx_code: Option<Hash>,
    /// Its end.
    pub(in crate::issuance) expires_at: u64,
}

/// Why an offer is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::issuance) enum Withdrawn {
    /// A request of the customer's is in the queue.
    UnderWay,
}

/// Why a code is not redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::issuance) enum Unredeemed {
    /// Never made, used up, too old, or void after wrong transaction codes.
    Code,
    /// The transaction code is wrong.
    TxCode,
    /// A transaction code is missing.
    NoTxCode,
    /// There is none for this offer.
    SurplusTxCode,
}

/// Why a proof is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::issuance) enum Unused {
    /// No such token, or it is too old.
    Token,
    /// The nonce was used.
    Nonce,
    /// Too many proofs were wrong.
    Attempts,
}

/// A request whose proof was good.
pub(in crate::issuance) struct Apply {
    /// Hash of its token.
    pub(in crate::issuance) token: Hash,
    /// Hash of its transaction id.
    pub(in crate::issuance) id: Hash,
    /// The holder.
    pub(in crate::issuance) identity: Identity,
    /// Unix seconds now.
    pub(in crate::issuance) now: u64,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::issuance) enum Applied {
    /// It is in the queue, or beyond.
    Accepted,
    /// The token was used for another commitment.
    Other,
    /// No such token, or it is too old.
    Token,
}

/// A credential that was handed out some time ago.
pub(in crate::issuance) struct Ripe {
    /// Its transaction.
    pub(in crate::issuance) id: Hash,
    /// The customer.
    pub(in crate::issuance) reference: String,
}

fn ends(tables: &mut Tables<'_>, at: u64, kind: u8, key: &Hash) -> Result<(), StoreError> {
    tables.expiry.insert((at, kind, key), ())?;
    Ok(())
}

fn find_offer(tables: &Tables<'_>, code: &Hash) -> Result<Option<Offer>, StoreError> {
    tables
        .offers
        .get(code)?
        .map(|row| schema::offer(row.value()))
        .transpose()
}

fn find_session(tables: &Tables<'_>, token: &Hash, now: u64) -> Result<Option<Session>, StoreError> {
    let session = tables
        .sessions
        .get(token)?
        .map(|row| schema::session(row.value()))
        .transpose()?;
    Ok(session.filter(|session| session.expires_at > now))
}

fn find_transaction(tables: &Tables<'_>, id: &Hash) -> Result<Option<Transaction>, StoreError> {
    tables
        .transactions
        .get(id)?
        .map(|row| schema::transaction(row.value()))
        .transpose()
}

fn find_customer(tables: &Tables<'_>, reference: &str) -> Result<Option<Pending>, StoreError> {
    tables
        .customers
        .get(reference)?
        .map(|row| schema::customer(row.value()))
        .transpose()
}

pub(super) fn offer(tables: &mut Tables<'_>, new: NewOffer) -> Result<Result<(), Withdrawn>, StoreError> {
    let NewOffer {
        code,
        reference,
        attributes,
        reissue,
        tx_code,
        expires_at,
    } = new;
    if let Some(Pending::Transaction(id)) = find_customer(tables, &reference)? {
        // Beyond the queue, the register knows.
        if find_transaction(tables, &id)?.is_some_and(|row| row.state == State::Queued) {
            return Ok(Err(Withdrawn::UnderWay));
        }
    }
    // One person has one offer: an older one, or what it led to, counts no more.
    forget(tables, &reference)?;
    let pending = Pending::Offer(code).encode();
    tables.customers.insert(&*reference, &pending[..])?;
    let row = Offer {
        reference,
        attributes: attributes.pack(),
        renewal: reissue.into(),
        tx_code,
        tries_left: TX_CODE_TRIES,
        expires_at,
    };
    tables.offers.insert(&code, &row.encode()[..])?;
    ends(tables, expires_at, kind::OFFER, &code)?;
    Ok(Ok(()))
}

pub(super) fn redeem(
    tables: &mut Tables<'_>,
    code: Hash,
    tx_code: Option<Hash>,
    token: Hash,
    (now, life): (u64, u64),
) -> Result<Result<(), Unredeemed>, StoreError> {
    let Some(mut offer) = find_offer(tables, &code)?.filter(|offer| offer.expires_at > now) else {
        return Ok(Err(Unredeemed::Code));
    };
    match (offer.tx_code, tx_code) {
        (None, Some(_)) => return Ok(Err(Unredeemed::SurplusTxCode)),
        (Some(_), None) => return Ok(Err(Unredeemed::NoTxCode)),
        (wanted, given) if wanted != given => {
            offer.tries_left = offer.tries_left.saturating_sub(1);
            if offer.tries_left == 0 {
                tables.offers.remove(&code)?;
                tables.customers.remove(&*offer.reference)?;
            } else {
                tables.offers.insert(&code, &offer.encode()[..])?;
            }
            return Ok(Err(Unredeemed::TxCode));
        }
        _ => {}
    }
    tables.offers.remove(&code)?;
    let pending = Pending::Session(token).encode();
    tables.customers.insert(&*offer.reference, &pending[..])?;
    let expires_at = now.saturating_add(life);
    let session = Session {
        reference: offer.reference,
        attributes: offer.attributes,
        renewal: offer.renewal,
        proofs_left: PROOFS,
        transaction: None,
        expires_at,
    };
    tables.sessions.insert(&token, &session.encode()[..])?;
    ends(tables, expires_at, kind::SESSION, &token)?;
    Ok(Ok(()))
}

pub(super) fn attempt(
    tables: &mut Tables<'_>,
    token: Hash,
    (nonce, end): (Hash, u64),
    now: u64,
) -> Result<Result<(), Unused>, StoreError> {
    let Some(mut session) = find_session(tables, &token, now)? else {
        return Ok(Err(Unused::Token));
    };
    if tables.nonces.get(&nonce)?.is_some() {
        return Ok(Err(Unused::Nonce));
    }
    let Some(left) = session.proofs_left.checked_sub(1) else {
        return Ok(Err(Unused::Attempts));
    };
    session.proofs_left = left;
    tables.sessions.insert(&token, &session.encode()[..])?;
    tables.nonces.insert(&nonce, end)?;
    ends(tables, end, kind::NONCE, &nonce)?;
    Ok(Ok(()))
}

pub(super) fn apply(tables: &mut Tables<'_>, apply: Apply) -> Result<Applied, StoreError> {
    let Apply {
        token,
        id,
        identity,
        now,
    } = apply;
    let Some(mut session) = find_session(tables, &token, now)? else {
        return Ok(Applied::Token);
    };
    if let Some(known) = session.transaction {
        let same = find_transaction(tables, &known)?.is_some_and(|other| other.identity == identity);
        return Ok(if same { Applied::Accepted } else { Applied::Other });
    }
    let expires_at = session.expires_at;
    let transaction = Transaction {
        session: token,
        reference: session.reference.clone(),
        packed: session.attributes,
        renewal: session.renewal,
        identity,
        state: State::Queued,
        expires_at,
    };
    tables.transactions.insert(&id, &transaction.encode()[..])?;
    ends(tables, expires_at, kind::TRANSACTION, &id)?;
    let place = tables
        .queue
        .last()?
        .map_or(0, |(place, _)| place.value())
        .saturating_add(1);
    tables.queue.insert(place, &id)?;
    let pending = Pending::Transaction(id).encode();
    tables.customers.insert(&*session.reference, &pending[..])?;
    session.transaction = Some(id);
    tables.sessions.insert(&token, &session.encode()[..])?;
    Ok(Applied::Accepted)
}

/// Puts what the register has, and nobody fetched, into the queue again.
pub(super) fn requeue(tables: &mut Tables<'_>) -> Result<(), StoreError> {
    let mut taken = Vec::new();
    for row in tables.transactions.iter()? {
        let (id, row) = row?;
        if schema::transaction(row.value())?.state == State::Taken {
            taken.push(*id.value());
        }
    }
    let mut place = tables.queue.last()?.map_or(0, |(place, _)| place.value());
    for id in taken {
        advance(tables, &id, |_| State::Queued)?;
        place = place.saturating_add(1);
        tables.queue.insert(place, &id)?;
    }
    Ok(())
}

fn advance(tables: &mut Tables<'_>, id: &Hash, to: impl FnOnce(State) -> State) -> Result<(), StoreError> {
    if let Some(mut transaction) = find_transaction(tables, id)? {
        transaction.state = to(transaction.state);
        tables.transactions.insert(id, &transaction.encode()[..])?;
    }
    Ok(())
}

pub(super) fn taken(tables: &mut Tables<'_>, rows: &[(u64, Hash, State)]) -> Result<(), StoreError> {
    for (place, id, state) in rows {
        tables.queue.remove(place)?;
        advance(tables, id, |_| *state)?;
    }
    Ok(())
}

pub(super) fn collected(tables: &mut Tables<'_>, id: Hash, now: u64) -> Result<(), StoreError> {
    advance(tables, &id, |state| match state {
        State::Taken => State::Collected(now),
        other => other,
    })?;
    // Sooner than the transaction itself, so that the register need not keep it open for so long.
    ends(tables, now.saturating_add(COLLECT_AGAIN), kind::TRANSACTION, &id)
}

pub(super) fn done(tables: &mut Tables<'_>, id: Hash) -> Result<(), StoreError> {
    advance(tables, &id, |_| State::Done)
}

/// Whether a credential that was handed out then may be fetched again now.
pub(in crate::issuance) fn may_collect_again(at: u64, now: u64) -> bool {
    now < at.saturating_add(COLLECT_AGAIN)
}

pub(super) fn forget(tables: &mut Tables<'_>, reference: &str) -> Result<bool, StoreError> {
    let pending = find_customer(tables, reference)?;
    tables.customers.remove(reference)?;
    match pending {
        None => return Ok(false),
        Some(Pending::Offer(code)) => drop(tables.offers.remove(&code)?),
        Some(Pending::Session(token)) => drop(tables.sessions.remove(&token)?),
        Some(Pending::Transaction(id)) => {
            if let Some(transaction) = find_transaction(tables, &id)? {
                tables.sessions.remove(&transaction.session)?;
            }
            // Its place in the queue leads nowhere then, and is passed over.
            tables.transactions.remove(&id)?;
        }
    }
    Ok(true)
}

pub(super) fn revoke(tables: &mut Tables<'_>, references: &[String], now: u64) -> Result<(), StoreError> {
    for reference in references {
        // What is still on offer is not to be had any more.
        forget(tables, reference)?;
        tables.revocations.insert(&**reference, now)?;
    }
    Ok(())
}

pub(super) fn revoked(tables: &mut Tables<'_>, references: &[String]) -> Result<(), StoreError> {
    for reference in references {
        tables.revocations.remove(&**reference)?;
    }
    Ok(())
}

pub(super) fn ripe(
    expiry: &impl ReadableTable<Ending<'static>, ()>,
    transactions: &impl ReadableTable<&'static Hash, &'static [u8]>,
    now: u64,
    limit: usize,
) -> Result<Vec<Ripe>, StoreError> {
    let mut ripe = Vec::new();
    for row in expiry.iter()?.take(limit) {
        let (key, _) = row?;
        let (at, what, id) = key.value();
        if at > now {
            break;
        }
        if what != kind::TRANSACTION {
            continue;
        }
        let transaction = transactions
            .get(id)?
            .map(|row| schema::transaction(row.value()))
            .transpose()?;
        if let Some(transaction) = transaction.filter(|one| matches!(one.state, State::Collected(_))) {
            ripe.push(Ripe {
                id: *id,
                reference: transaction.reference,
            });
        }
    }
    Ok(ripe)
}

pub(super) fn sweep(tables: &mut Tables<'_>, now: u64) -> Result<bool, StoreError> {
    let mut due = Vec::new();
    for row in tables.expiry.iter()?.take(SWEEP) {
        let (key, _) = row?;
        let (at, what, id) = key.value();
        if at > now {
            break;
        }
        due.push((at, what, *id));
    }
    for (at, what, id) in &due {
        tables.expiry.remove((*at, *what, id))?;
        match *what {
            kind::OFFER => {
                if let Some(offer) = find_offer(tables, id)? {
                    tables.offers.remove(id)?;
                    release(tables, &offer.reference, Pending::Offer(*id))?;
                }
            }
            kind::SESSION => {
                let session = tables
                    .sessions
                    .remove(id)?
                    .map(|row| schema::session(row.value()));
                if let Some(session) = session.transpose()? {
                    release(tables, &session.reference, Pending::Session(*id))?;
                }
            }
            kind::NONCE => drop(tables.nonces.remove(id)?),
            _ => end_transaction(tables, id, now)?,
        }
    }
    Ok(due.len() == SWEEP)
}

fn end_transaction(tables: &mut Tables<'_>, id: &Hash, now: u64) -> Result<(), StoreError> {
    let Some(transaction) = find_transaction(tables, id)? else {
        return Ok(());
    };
    match transaction.state {
        // Handed out, and the time to fetch it again is over.
        State::Collected(at) if !may_collect_again(at, now) => {}
        State::Done | State::Refused if transaction.expires_at <= now => {}
        State::Collected(_) | State::Done | State::Refused => return Ok(()),
        // It waits for the chain, longer than its token lives: the register has it, or will.
        State::Queued | State::Taken if transaction.expires_at > now => return Ok(()),
        State::Queued => {
            return ends(tables, now.saturating_add(COLLECT_AGAIN), kind::TRANSACTION, id);
        }
        State::Taken => {}
    }
    tables.transactions.remove(id)?;
    tables.sessions.remove(&transaction.session)?;
    release(tables, &transaction.reference, Pending::Transaction(*id))
}

/// Deletes a customer's entry if it is about this.
fn release(tables: &mut Tables<'_>, reference: &str, pending: Pending) -> Result<(), StoreError> {
    if find_customer(tables, reference)? == Some(pending) {
        tables.customers.remove(reference)?;
    }
    Ok(())
}
