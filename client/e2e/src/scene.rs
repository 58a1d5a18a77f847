//! A chain with everything in place: two issuers on a trust list, a gate "18+", an adult and a 17-year-old with
//! attestations. Built through `ofage-sdk`, as an application would.

use anyhow::{ensure, Context as _, Result};
use ofage_primitives::{
    chain::{AdmitRequest, GateInfo},
    policy::AgeBand,
    Assurance, Binding, Context, Flags, GateId, IssuerIndex, Policy, Presentation, TrustListId,
};
use ofage_prover::Prover;
use ofage_sdk::{
    account::{Account, Signer},
    chain::{AdmitError, Call, Chain, Landed},
    clock,
    issuer::{
        attest::{Attester, MAX_BATCH},
        intake,
        register::{Register, Reissue, Taken},
    },
    sample::{Person, Sample},
    verify::{store::MemoryStore, Expected, Verified, Verifier, VerifyError},
    wallet::{Ask, Consent, Passphrase, ProveError, SlotChoice, Wallet, When},
};
use tempfile::TempDir;

use crate::Node;

/// Accounts that the gates give to one holder.
pub const SLOTS: u8 = 2;
/// What the holders' wallets are locked with.
pub const PASSPHRASE: &str = "correct horse battery staple";
/// Made-up people who are attested beside the two.
const CROWD: u32 = 40;
/// Blocks for which the gate takes a proof.
const VALID_BLOCKS: u32 = 100;
/// Paid into each gate, in units of 10^12: more than any test uses.
const SPONSORED: u128 = 100_000_000_000_000;
const ADMISSION_DAYS: u16 = 30;

/// The chain and everybody on it.
pub struct Scene {
    /// The node.
    pub node: Node,
    /// What the SDK sees of it.
    pub chain: Chain,
    /// Attests the adult.
    pub bank: IssuerIndex,
    /// Attests the 17-year-old.
    pub school: IssuerIndex,
    /// Lists both.
    pub list: TrustListId,
    /// Asks for 18 or older, [`SLOTS`] accounts a person.
    pub gate: GateId,
    /// Another app's gate with the same policy.
    pub other_gate: GateId,
    /// 34 years old.
    pub adult: Wallet,
    /// 17 years old.
    pub teen: Wallet,
    /// Files of the issuers and wallets.
    pub dir: TempDir,
    prover: Prover,
    verifier: Verifier,
}

/// An account of the development presets.
pub fn account(name: &str) -> Result<Account> {
    Ok(Signer::dev(name)?.account())
}

impl Scene {
    /// Starts a chain and sets everything up on it; the gates take anchors of at most `oldest_anchor` blocks.
    pub async fn set(oldest_anchor: u32) -> Result<Self> {
        Self::set_on(Node::start()?, oldest_anchor).await
    }

    /// The same on the chain of a node that runs already, on which nothing was set up yet.
    pub async fn set_on(node: Node, oldest_anchor: u32) -> Result<Self> {
        let chain = Chain::connect(&node.url()).await?;
        let dir = TempDir::with_prefix("ofage-e2e-scene-")?;

        let curator = Signer::dev("Curator")?;
        let list = async {
            let landed = chain
                .submit(&curator, &Call::create_trust_list(b"papers"))
                .await?;
            number(&landed, "TrustListCreated", "list").map(TrustListId)
        };
        let (bank, school, list) =
            tokio::try_join!(register(&chain, "Issuer1"), register(&chain, "Issuer2"), list)?;

        let mut adult = wallet(&dir, "adult")?;
        let mut teen = wallet(&dir, "teen")?;
        tokio::try_join!(
            attest(&chain, &dir, ("Issuer1", bank), ("adult", 34, &mut adult)),
            attest(&chain, &dir, ("Issuer2", school), ("teen", 17, &mut teen)),
        )?;

        let mut policy = Policy::new(AgeBand::over(18), list);
        policy.slots = SLOTS;
        policy.oldest_anchor = oldest_anchor;
        let (gate, other_gate, ..) = tokio::try_join!(
            create_gate(&chain, "App", &policy),
            create_gate(&chain, "Sponsor", &policy),
            consent(&chain, "Issuer1", list),
            consent(&chain, "Issuer2", list),
        )?;
        for issuer in [bank, school] {
            chain.submit(&curator, &Call::add_member(list, issuer)).await?;
        }
        let (prover, verifier) = (Prover::new(), Verifier::new());
        Ok(Self {
            node,
            chain,
            bank,
            school,
            list,
            gate,
            other_gate,
            adult,
            teen,
            dir,
            prover,
            verifier,
        })
    }

    /// Restarts the node, and connects to it again.
    pub async fn restart(&mut self) -> Result<()> {
        self.node.restart()?;
        self.reconnect().await
    }

    /// Connects to the node again: to one that was restarted, or whose runtime was upgraded.
    pub async fn reconnect(&mut self) -> Result<()> {
        self.chain = Chain::connect(&self.node.url()).await?;
        Ok(())
    }

    /// A gate, as the chain has it.
    pub async fn gate_info(&self, gate: GateId) -> Result<GateInfo> {
        let head = self.chain.finalized().await?;
        self.chain.at(head).gate(gate).await?.context("the gate is gone")
    }

    /// What the gate asks of an account.
    pub async fn ask(&self, account: Account) -> Result<Ask> {
        let gate = self.gate_info(self.gate).await?;
        let expires_at = self.chain.finalized().await?.number + VALID_BLOCKS;
        Ask::gate(self.chain.genesis(), &gate, account, expires_at, clock::today()?)
            .context("the gate's admissions end after the last day")
    }

    /// What a verifier expects of a proof for the gate.
    pub async fn expected(&self, gate: GateId, account: Account) -> Result<Expected> {
        Ok(Expected::gate(
            self.chain.genesis(),
            &self.gate_info(gate).await?,
            account.0,
        ))
    }

    /// The adult's answer, against the newest final block.
    pub async fn prove_adult(&mut self, ask: &Ask, slot: SlotChoice) -> Result<Presentation, ProveError> {
        prove(&self.chain, &self.prover, &mut self.adult, ask, slot).await
    }

    /// The 17-year-old's answer.
    pub async fn prove_teen(&mut self, ask: &Ask) -> Result<Presentation, ProveError> {
        prove(&self.chain, &self.prover, &mut self.teen, ask, SlotChoice::Auto).await
    }

    /// A verifier's decision, off the chain, with an empty memory.
    pub async fn verify(
        &self,
        presentation: &Presentation,
        expected: &Expected,
    ) -> Result<Verified, VerifyError> {
        self.verifier
            .verify(&self.chain, presentation, expected, &mut MemoryStore::default())
            .await
    }

    /// Asks for admission with a presentation for a gate.
    pub async fn admit(&self, presentation: &Presentation) -> Result<Landed, AdmitError> {
        self.chain.admit(&request(presentation)).await
    }

    /// Whether an account is admitted to the gate, at the newest final block.
    pub async fn is_in(&self, account: Account) -> Result<bool> {
        let head = self.chain.finalized().await?;
        Ok(self.chain.at(head).admission(self.gate, account).await?.is_some())
    }
}

/// The admission that a presentation for a gate asks for.
pub fn request(presentation: &Presentation) -> AdmitRequest {
    let (Context::Gate(gate), Binding::ChainAccount(account)) =
        (&presentation.context, &presentation.binding)
    else {
        panic!("the test made a presentation that is not for a gate");
    };
    AdmitRequest {
        gate: *gate,
        account: *account,
        anchor: presentation.anchor,
        valid_on: presentation.valid_on,
        expires_at: u32::try_from(presentation.expires_at).expect("the test proved for a block number"),
        nullifier: presentation.nullifier,
        issuer_tags: presentation.issuer_tags.clone(),
        proof: presentation.proof.clone(),
    }
}

async fn prove(
    chain: &Chain,
    prover: &Prover,
    wallet: &mut Wallet,
    ask: &Ask,
    slot: SlotChoice,
) -> Result<Presentation, ProveError> {
    let consent = Consent::default();
    let planned = wallet.plan(ask, slot, consent)?;
    wallet.prepare_for(ask, chain, When::Now, &mut |_, _| ()).await?;
    Ok(wallet.prove(ask, planned, consent, prover)?.presentation)
}

fn number(landed: &Landed, event: &str, field: &str) -> Result<u32> {
    Ok(u32::try_from(landed.number(event, field)?)?)
}

fn wallet(dir: &TempDir, name: &str) -> Result<Wallet> {
    let passphrase = Passphrase::new(PASSPHRASE.to_owned().into())?;
    Ok(Wallet::create(
        &dir.path().join(name).with_extension("age"),
        passphrase,
    )?)
}

async fn register(chain: &Chain, key: &str) -> Result<IssuerIndex> {
    let signer = Signer::dev(key)?;
    let call = Call::register(format!("an issuer called {key}").as_bytes(), signer.account());
    let landed = chain.submit(&signer, &call).await?;
    chain
        .at(landed.block)
        .issuer_of(signer.account())
        .await?
        .context("registered, and no issuer")
}

async fn consent(chain: &Chain, key: &str, list: TrustListId) -> Result<Landed> {
    Ok(chain.submit(&Signer::dev(key)?, &Call::consent(list)).await?)
}

async fn create_gate(chain: &Chain, key: &str, policy: &Policy) -> Result<GateId> {
    let signer = Signer::dev(key)?;
    let landed = chain
        .submit(
            &signer,
            &Call::create_gate(key.as_bytes(), policy, ADMISSION_DAYS),
        )
        .await?;
    let gate = GateId(number(&landed, "GateCreated", "gate")?);
    chain.submit(&signer, &Call::fund(gate, SPONSORED)).await?;
    Ok(gate)
}

/// Attests a crowd and, among it, the holder of a wallet, who then takes the credential.
async fn attest(
    chain: &Chain,
    dir: &TempDir,
    (key, issuer): (&str, IssuerIndex),
    (name, age, wallet): (&str, u8, &mut Wallet),
) -> Result<()> {
    let person = Person {
        reference: name.to_owned(),
        identity: wallet.identity(&chain.genesis(), issuer),
        age,
    };
    let sample = Sample {
        genesis: chain.genesis(),
        issuer,
        count: CROWD,
        bad: 0,
        people: vec![person],
        assurance: Assurance::Verified,
        flags: Flags::DOCUMENT,
        today: clock::today()?,
    };
    let mut csv = Vec::new();
    sample.write(&mut csv)?;
    let intake = intake::read(&csv[..], clock::today()?)?;
    ensure!(intake.bad.is_empty(), "the sample has bad rows");
    let register = Register::open(&dir.path().join(key), chain.genesis(), issuer)?;
    for row in &intake.rows {
        ensure!(
            register.take(row, Reissue::No)? == Taken::New,
            "a row is taken already"
        );
    }
    let signer = Signer::dev(key)?;
    let attester = Attester::new(chain, &signer).await?;
    attester.settle(&register, MAX_BATCH, &mut |_| ()).await?;
    let credential = register
        .credential(name)?
        .context("attested, and no credential")?;
    wallet.import_checked(credential, chain, &mut |_, _| ()).await?;
    Ok(())
}
