//! Answering a question with a proof.

use std::time::{Duration, Instant};

use ofage_primitives::{
    chain::GateInfo, hashes, tree::TrustPath, Anchor, Attributes, Binding, Bounds, CircuitId, Context, Day,
    DesignatedVerifier, GenesisHash, IssuerIndex, IssuerTag, Nullifier, Policy, Presentation,
    PresentationError,
};
use ofage_prover::{Prover, Witness};

use super::{
    history::Disclosure,
    holdings::{RefreshError, Refreshed, Snapshot, When},
    menu::{self, MenuError},
    Wallet, WalletError,
};
use crate::{
    account::Account,
    credential::Credential,
    request::Challenge,
    retrieval::{KnownList, Paths, RetrievalError, Source, Standing},
};

/// What is asked, by whom and for which account.
#[derive(Clone, Debug)]
pub struct Ask {
    genesis: GenesisHash,
    context: Context,
    policy: Policy,
    binding: Binding,
    nonce: [u8; 32],
    expires_at: u64,
    valid_on: Day,
    until: Day,
}

/// Which slot to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotChoice {
    /// The account's own, or the first free one.
    Auto,
    /// This one, whatever it was used for.
    Forced(u8),
}

/// What the holder allows beyond the usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Whether a context may learn more than it knows.
    pub narrowing: bool,
    /// Issuers that the trust list must hold, beside those that a policy asks for after the first.
    pub min_issuers: usize,
}

impl Default for Consent {
    fn default() -> Self {
        Self {
            narrowing: false,
            min_issuers: menu::MIN_ISSUERS,
        }
    }
}

/// No proof. To whoever asked, all of these look the same: no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// Not on the menu.
    #[error("the question is not one that wallets answer: {0}")]
    Menu(#[from] MenuError),
    /// It would narrow down what was disclosed.
    #[error("{0} has had another proof of age from this wallet; together the two would narrow your age down, or tell of more issuers. Repeat with --consent-narrowing if you agree")]
    Narrowing(String),
    /// The trust list is too short.
    #[error("the trust list holds {found} issuers at the block that the proof is for; with fewer than {needed}, a proof tells much about who knows you. If it grew lately, repeat with --newest; or with --min-issuers {consent} if you agree")]
    FewIssuers {
        /// On the list.
        found: usize,
        /// Wanted.
        needed: usize,
        /// What to agree to.
        consent: usize,
    },
    /// Every slot is another account's.
    #[error("all {0} slots of this wallet are used by other accounts there; one secret verifies no more")]
    NoSlot(u8),
    /// A forced slot outside the policy.
    #[error("slot {slot} is not below {slots}, the number of slots that the policy allows")]
    SlotRange {
        /// The slot.
        slot: u8,
        /// The policy's slots.
        slots: u8,
    },
    /// No credential fits.
    #[error("no credential of this wallet proves this ({0}); what does not hold cannot be proved")]
    NoCredential(&'static str),
    /// The challenge is over.
    #[error("the challenge has expired; ask for a new one")]
    Expired,
    /// No such bounds.
    #[error(transparent)]
    Presentation(#[from] PresentationError),
    /// The wallet has nothing to prove against.
    #[error("the wallet has not fetched what the proof needs; run `ofage wallet refresh`")]
    NotPrepared,
    /// What the proof needs cannot be fetched.
    #[error(transparent)]
    Retrieval(#[from] RetrievalError),
    /// The prover failed.
    #[error("the proof could not be made: {0}")]
    Prover(#[from] ofage_prover::ProveError),
    /// What was proved could not be written down, so nothing is handed out.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}

impl ProveError {
    /// Whether the answer is "no", as opposed to a failure on the way.
    pub fn is_no(&self) -> bool {
        !matches!(
            self,
            Self::Retrieval(RetrievalError::Chain(_) | RetrievalError::Leaves(_))
                | Self::NotPrepared
                | Self::Prover(_)
                | Self::Wallet(_)
        )
    }
}

impl From<RefreshError> for ProveError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Retrieval(error) => error.into(),
            RefreshError::Wallet(error) => error.into(),
            RefreshError::Nothing => Self::NoCredential(NONE),
        }
    }
}

/// Why a wallet without credentials proves nothing.
const NONE: &str = "it holds none of this chain that is still valid";

impl Ask {
    /// A gate's question for an account of the chain, answered until block `expires_at`.
    pub fn gate(
        genesis: GenesisHash,
        gate: &GateInfo,
        account: Account,
        expires_at: u32,
        today: Day,
    ) -> Option<Self> {
        Some(Self {
            genesis,
            context: Context::Gate(gate.id),
            policy: gate.policy.clone(),
            binding: Binding::ChainAccount(account.0),
            nonce: [0; 32],
            expires_at: u64::from(expires_at),
            valid_on: today,
            until: crate::verify::gate_until(today, gate.admission_days)?,
        })
    }

    /// An app's question.
    ///
    /// # Errors
    /// [`ProveError::Expired`].
    pub fn challenge(challenge: &Challenge, now: u64, today: Day) -> Result<Self, ProveError> {
        if challenge.expires_at < now {
            return Err(ProveError::Expired);
        }
        Ok(Self {
            genesis: challenge.genesis,
            context: challenge.context(),
            policy: challenge.policy.clone(),
            binding: challenge.binding.clone(),
            nonce: challenge.nonce,
            expires_at: challenge.expires_at,
            valid_on: today,
            until: today,
        })
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The context.
    pub fn context(&self) -> &Context {
        &self.context
    }
}

/// An answer to a question, written down in the wallet.
pub struct Proved {
    /// What goes to whoever asked.
    pub presentation: Presentation,
    /// How long the proof alone took to make.
    pub proving: Duration,
}

/// A question that the wallet is willing to answer, in a slot. Only [`Wallet::plan`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    slot: u8,
}

impl Planned {
    /// The slot.
    pub fn slot(&self) -> u8 {
        self.slot
    }
}

/// A credential that counts, with the paths to the anchor's registry root.
struct Held<'a> {
    credential: &'a Credential,
    paths: &'a Paths,
}

impl Wallet {
    /// Decides whether to answer, and in which slot; without the chain.
    ///
    /// # Errors
    /// [`ProveError`]: not on the menu, narrowing, no slot.
    pub fn plan(&self, ask: &Ask, slot: SlotChoice, consent: Consent) -> Result<Planned, ProveError> {
        menu::check(&ask.policy)?;
        let slots = ask.policy.slots;
        let history = self.history(&ask.context.scope(&ask.genesis));
        if !consent.narrowing
            && history.is_some_and(|history| history.narrows(ask.policy.age, ask.policy.issuers))
        {
            return Err(ProveError::Narrowing(describe(&ask.context)));
        }
        let slot = match slot {
            SlotChoice::Forced(slot) if slot >= slots => return Err(ProveError::SlotRange { slot, slots }),
            SlotChoice::Forced(slot) => slot,
            SlotChoice::Auto => match history {
                Some(history) => history
                    .slot_for(&ask.binding, slots)
                    .ok_or(ProveError::NoSlot(slots))?,
                None => 0,
            },
        };
        if self.usable(ask.genesis, ask.valid_on).next().is_none() {
            return Err(ProveError::NoCredential(NONE));
        }
        Ok(Planned { slot })
    }

    /// Makes sure that the wallet has what a proof for this question needs, as [`refresh`](Self::refresh) does.
    ///
    /// While the epoch lasts, it asks the node for nothing that depends on the holder. It fetches again for a policy that
    /// takes only younger anchors, and when the epoch's anchor does not count any more; what it has of the epoch stays for
    /// others.
    ///
    /// # Errors
    /// [`ProveError`].
    pub async fn prepare_for<S: Source>(
        &mut self,
        ask: &Ask,
        source: &S,
        when: When,
        progress: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<Refreshed, ProveError> {
        let needs = (ask.policy.trust_list, ask.policy.oldest_anchor);
        Ok(self.prepare(source, needs, when, progress).await?)
    }

    /// Proves with what [`prepare_for`](Self::prepare_for) fetched, writes down what was disclosed, and only then gives the
    /// presentation out.
    ///
    /// # Errors
    /// [`ProveError`].
    pub fn prove(
        &mut self,
        ask: &Ask,
        planned: Planned,
        consent: Consent,
        prover: &Prover,
    ) -> Result<Proved, ProveError> {
        let bounds = ask
            .policy
            .bounds(ask.valid_on, ask.until)
            .map_err(PresentationError::from)?;
        let (mut presentation, witnesses) = self.assemble(ask, planned, consent, &bounds)?;
        let inputs = presentation.public_inputs(&ask.genesis)?;
        let started = Instant::now();
        presentation.proof = prover.prove_joint(&inputs, &witnesses)?.into_bytes();
        let proving = started.elapsed();
        let scope = ask.context.scope(&ask.genesis);
        let disclosure = Disclosure {
            on: ask.valid_on,
            age: ask.policy.age,
            issuers: ask.policy.issuers,
        };
        self.history_mut(scope, &ask.context, ask.genesis)
            .note(planned.slot, &ask.binding, disclosure);
        self.save()?;
        Ok(Proved {
            presentation,
            proving,
        })
    }

    /// The presentation but for its proof, and what only the prover sees, in the order of the issuer tags.
    fn assemble(
        &self,
        ask: &Ask,
        planned: Planned,
        consent: Consent,
        bounds: &Bounds,
    ) -> Result<(Presentation, Vec<Witness>), ProveError> {
        let (snapshot, list) = self.prepared(ask).ok_or(ProveError::NotPrepared)?;
        let issuers = usize::from(ask.policy.issuers);
        let further = issuers.saturating_sub(1);
        let (found, needed) = (list.count(), consent.min_issuers.saturating_add(further));
        if found < needed {
            return Err(ProveError::FewIssuers {
                found,
                needed,
                consent: found.saturating_sub(further),
            });
        }
        let chosen = self.choose(ask, bounds, snapshot, list)?;
        let numbers: Vec<IssuerIndex> = chosen.iter().map(|held| held.credential.issuer).collect();
        let trust = list
            .paths(&ask.genesis, &numbers)
            .ok_or(ProveError::NotPrepared)?;
        let scope = ask.context.scope(&ask.genesis);
        let mut presentation = self.unproved(ask, snapshot.anchor(list));
        let mut tagged: Vec<(IssuerTag, Witness)> = Vec::with_capacity(issuers);
        for (held, trust) in chosen.into_iter().zip(trust) {
            let issuer = held.credential.issuer_id();
            let (nullifier, tag) =
                hashes::nullifier_and_tag(&self.content.secret, scope, planned.slot, issuer);
            presentation.nullifier = nullifier;
            tagged.push((tag, self.witness(&held, trust, planned.slot)));
        }
        // Ascending, so that the order tells nothing of the wallet.
        tagged.sort_by_key(|(tag, _)| *tag);
        let (tags, witnesses) = tagged.into_iter().unzip();
        presentation.issuer_tags = tags;
        Ok((presentation, witnesses))
    }

    /// What was fetched for a question.
    fn prepared(&self, ask: &Ask) -> Option<(&Snapshot, &KnownList)> {
        let mut holdings = self.content.holdings.iter();
        let holdings = holdings.find(|holdings| holdings.genesis == ask.genesis)?;
        let snapshot = holdings.ready()?;
        Some((snapshot, snapshot.lists.get(&ask.policy.trust_list)?))
    }

    /// As many credentials as the policy asks for, of different listed issuers, each of which meets it.
    fn choose<'a>(
        &'a self,
        ask: &Ask,
        bounds: &Bounds,
        snapshot: &'a Snapshot,
        list: &KnownList,
    ) -> Result<Vec<Held<'a>>, ProveError> {
        let mut reason = "none is of an issuer on the trust list";
        let mut chosen: Vec<Held<'a>> = Vec::new();
        for credential in self.usable(ask.genesis, ask.valid_on) {
            let is_taken = chosen
                .iter()
                .any(|held| held.credential.issuer == credential.issuer);
            if is_taken || !list.holds(credential.issuer) {
                continue;
            }
            if let Some(why) = unmet(&credential.attributes, bounds) {
                reason = why;
                continue;
            }
            match snapshot.standing(&credential.attestation) {
                Some(Standing::Good(paths)) => chosen.push(Held { credential, paths }),
                Some(Standing::Revoked) => {
                    reason = "the issuer revoked the attestation; ask it for a new one";
                }
                Some(Standing::ShardRevoked) => {
                    reason =
                        "the issuer revoked many attestations at once, this one too; ask it for a new one";
                }
                Some(Standing::Missing) | None => {
                    reason = "the chain did not hold the attestation when the wallet looked; wait until it is final";
                }
            }
            if chosen.len() == usize::from(ask.policy.issuers) {
                return Ok(chosen);
            }
        }
        if !chosen.is_empty() {
            reason = "too few issuers on the trust list have attested it";
        }
        Err(ProveError::NoCredential(reason))
    }

    fn unproved(&self, ask: &Ask, anchor: Anchor) -> Presentation {
        let zero = ofage_primitives::Element::ZERO;
        Presentation {
            version: ofage_primitives::presentation::VERSION,
            circuit: CircuitId::V1,
            context: ask.context.clone(),
            policy: ask.policy.clone(),
            anchor,
            binding: ask.binding.clone(),
            nonce: ask.nonce,
            expires_at: ask.expires_at,
            valid_on: ask.valid_on,
            until: ask.until,
            designated_verifier: DesignatedVerifier::public(),
            nullifier: Nullifier::from_element(zero),
            issuer_tags: Vec::new(),
            proof: Vec::new(),
        }
    }

    fn witness(&self, held: &Held<'_>, trust: TrustPath, slot: u8) -> Witness {
        Witness {
            secret: self.content.secret.clone(),
            attributes: held.credential.attributes,
            ext: held.credential.ext(),
            issuer_id: held.credential.issuer_id(),
            shard_path: held.paths.shard.clone(),
            cap_path: held.paths.cap.clone(),
            trust_path: trust,
            slot,
            designated: None,
        }
    }
}

/// The first demand that attributes do not meet; the order and the wording tell the holder, not the asker.
fn unmet(attributes: &Attributes, bounds: &Bounds) -> Option<&'static str> {
    let parts = attributes.parts();
    if parts.latest_birth > bounds.born_on_or_before {
        Some("too young for it, or not known to be old enough")
    } else if parts.earliest_birth < bounds.born_on_or_after {
        Some("too old for it, or not known to be young enough")
    } else if parts.checked_on < bounds.checked_on_or_after {
        Some("the evidence is too old")
    } else if parts.checked_on > bounds.valid_on {
        Some("it is dated in the future")
    } else if parts.enrolled_on > bounds.enrolled_on_or_before {
        Some("the enrolment is too recent")
    } else if parts.expires_on < bounds.valid_on {
        Some("it has expired")
    } else if parts.assurance < bounds.min_assurance {
        Some("the assurance is too weak")
    } else if !parts.flags.contains(bounds.flags_required) {
        Some("a required flag is missing")
    } else if parts.flags.intersects(bounds.flags_forbidden) {
        Some("a forbidden flag is set")
    } else {
        None
    }
}

/// A context in words.
pub(crate) fn describe(context: &Context) -> String {
    match context {
        Context::Gate(gate) => format!("gate {gate}"),
        Context::Origin(origin) => origin.as_str().to_owned(),
    }
}
