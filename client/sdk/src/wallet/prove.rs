//! Answering a question with a proof.

use std::time::{Duration, Instant};

use ofage_primitives::{
    chain::GateInfo, hashes, Anchor, Attributes, Binding, Bounds, CircuitId, Context, Day,
    DesignatedVerifier, GenesisHash, Policy, Presentation, PresentationError,
};
use ofage_prover::{Prover, Witness};

use super::{
    menu::{self, MenuError},
    Wallet, WalletError,
};
use crate::{
    account::Account,
    credential::Credential,
    request::Challenge,
    witness::{Paths, Registry, WitnessError},
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
    /// Issuers that the trust list must hold.
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
    #[error("{0} has had another proof of age from this wallet; together the two would narrow your age down. Repeat with --consent-narrowing if you agree")]
    Narrowing(String),
    /// The trust list is too short.
    #[error("the trust list holds {found} issuers; with fewer than {needed}, a proof tells much about who knows you. Repeat with --min-issuers {found} if you agree")]
    FewIssuers {
        /// On the list.
        found: usize,
        /// Wanted.
        needed: usize,
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
    /// No paths.
    #[error(transparent)]
    Witness(#[from] WitnessError),
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
            Self::Witness(WitnessError::Chain(_) | WitnessError::Leaves(_))
                | Self::Prover(_)
                | Self::Wallet(_)
        )
    }
}

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

impl Wallet {
    /// Decides whether to answer, and in which slot; without the chain.
    ///
    /// # Errors
    /// [`ProveError`]: not on the menu, narrowing, no slot.
    pub fn plan(&self, ask: &Ask, slot: SlotChoice, consent: Consent) -> Result<Planned, ProveError> {
        menu::check(&ask.policy)?;
        let slots = ask.policy.slots;
        let history = self.history(&ask.context.scope(&ask.genesis));
        if !consent.narrowing && history.is_some_and(|history| history.narrows(ask.policy.age)) {
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
            return Err(ProveError::NoCredential(
                "it holds none of this chain that is still valid",
            ));
        }
        Ok(Planned { slot })
    }

    /// Proves, writes down what was disclosed, and only then gives the presentation out.
    ///
    /// # Errors
    /// [`ProveError`].
    pub async fn prove(
        &mut self,
        ask: &Ask,
        planned: Planned,
        consent: Consent,
        registry: &Registry<'_>,
        prover: &Prover,
        progress: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<Proved, ProveError> {
        let found = registry.list().members.iter().flatten().count();
        if found < consent.min_issuers {
            return Err(ProveError::FewIssuers {
                found,
                needed: consent.min_issuers,
            });
        }
        let anchor = registry.anchor();
        let mut presentation = self.unproved(ask, anchor);
        let bounds = ask
            .policy
            .bounds(ask.valid_on, ask.until)
            .map_err(PresentationError::from)?;
        let credential = self.choose(ask, &bounds, registry)?.clone();
        let place = (credential.shard, credential.leaf);
        let paths = registry
            .paths(credential.issuer, place, credential.attestation, progress)
            .await?;
        let scope = ask.context.scope(&ask.genesis);
        let issuer = credential.issuer_id();
        let (nullifier, tag) = hashes::nullifier_and_tag(&self.content.secret, scope, planned.slot, issuer);
        presentation.nullifier = nullifier;
        presentation.issuer_tag = tag;
        let inputs = presentation.public_inputs(&ask.genesis)?;
        let witness = self.witness(&credential, paths, planned.slot);
        let started = Instant::now();
        presentation.proof = prover.prove(&inputs, &witness)?.into_bytes();
        let proving = started.elapsed();
        self.history_mut(scope, &ask.context, ask.genesis).note(
            planned.slot,
            &ask.binding,
            ask.policy.age,
            ask.valid_on,
        );
        self.save()?;
        Ok(Proved {
            presentation,
            proving,
        })
    }

    /// A credential of a listed issuer that meets the policy.
    fn choose(&self, ask: &Ask, bounds: &Bounds, registry: &Registry<'_>) -> Result<&Credential, ProveError> {
        let mut reason = "none is of an issuer on the trust list";
        for credential in self
            .usable(ask.genesis, ask.valid_on)
            .filter(|c| registry.lists(c.issuer))
        {
            match unmet(&credential.attributes, bounds) {
                None => return Ok(credential),
                Some(why) => reason = why,
            }
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
            nullifier: ofage_primitives::Nullifier::from_element(zero),
            issuer_tag: ofage_primitives::IssuerTag::from_element(zero),
            proof: Vec::new(),
        }
    }

    fn witness(&self, credential: &Credential, paths: Paths, slot: u8) -> Witness {
        Witness {
            secret: self.content.secret.clone(),
            attributes: credential.attributes,
            ext: credential.ext(),
            issuer_id: credential.issuer_id(),
            shard_path: paths.shard,
            cap_path: paths.cap,
            trust_path: paths.trust,
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
