use super::*;
use crate::credential::tests::{attributes, credential};
use ofage_primitives::{
    binding::ShortText, chain::GateInfo, policy::AgeBand, Binding, GateId, Policy, TrustListId,
};
use proptest::prelude::*;
use std::fs;

const GENESIS: GenesisHash = GenesisHash([7; 32]);
mod issuing;
mod proving;
mod refreshing;

const WORDS: &str = "correct horse battery staple";

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn path(&self) -> PathBuf {
        self.0.path().join("wallet.age")
    }
    fn create(&self) -> Wallet {
        Wallet::create(&self.path(), Passphrase::quick(WORDS)).unwrap()
    }
    fn open(&self, words: &str) -> Result<Wallet, WalletError> {
        Wallet::open(&self.path(), Passphrase::quick(words))
    }
}

fn today() -> Day {
    "2026-11-24".parse().unwrap()
}

fn gate(age: AgeBand, slots: u8) -> GateInfo {
    let mut policy = Policy::new(age, TrustListId(0));
    policy.slots = slots;
    GateInfo {
        id: GateId(0),
        owner: [0; 32],
        name: Vec::new(),
        policy,
        sponsor_balance: 0,
        admissions: 0,
        admission_days: 30,
        closed: false,
    }
}

fn ask(gate: &GateInfo, account: u8) -> Ask {
    Ask::gate(
        GENESIS,
        gate,
        crate::account::Account([account; 32]),
        100,
        today(),
    )
    .unwrap()
}

mod the_file {
    use super::*;

    #[test]
    fn comes_back_as_it_was() {
        let place = Place::new();
        let mut wallet = place.create();
        let mine = credential(&wallet.content.secret, attributes("1990-05-06"));
        let attestation = mine.attestation;
        let identity = wallet.identity(&GENESIS, IssuerIndex(4));
        wallet.import(mine).unwrap();
        drop(wallet);
        let wallet = place.open(WORDS).unwrap();
        assert_eq!(wallet.identity(&GENESIS, IssuerIndex(4)), identity);
        assert_eq!(wallet.credentials()[0].attestation, attestation);
    }

    #[test]
    fn of_before_there_were_decoys_is_read() {
        let place = Place::new();
        let wallet = place.create();
        let mut json = serde_json::to_value(&wallet.content).unwrap();
        for added in ["decoys", "holdings"] {
            json.as_object_mut().unwrap().remove(added).unwrap();
        }
        let read: Content = serde_json::from_value(json).unwrap();
        assert!(read.decoys == DECOYS && read.seed.is_none() && read.holdings.is_empty());
    }

    #[test]
    fn holds_nothing_readable() {
        let place = Place::new();
        let mut wallet = place.create();
        wallet
            .import(credential(&wallet.content.secret, attributes("1990-05-06")))
            .unwrap();
        let text = fs::read_to_string(place.path()).unwrap();
        assert!(text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
        let secret = hex::encode(wallet.content.secret.expose_bytes());
        for private in ["1990", "credentials", &secret] {
            assert!(!text.contains(private));
        }
    }

    #[test]
    fn does_not_open_with_other_words() {
        let place = Place::new();
        drop(place.create());
        let error = place.open("correct horse battery stable").err().unwrap();
        assert!(matches!(error, WalletError::Passphrase), "{error}");
        assert!(!format!("{error} {error:?}").contains("horse"));
    }

    #[test]
    fn is_not_overwritten_and_not_invented() {
        let place = Place::new();
        assert!(matches!(place.open(WORDS), Err(WalletError::Missing(_))));
        drop(place.create());
        let again = Wallet::create(&place.path(), Passphrase::quick(WORDS))
            .err()
            .unwrap();
        assert!(matches!(again, WalletError::Exists(_)));
        let nowhere = place.0.path().join("no-such-directory/wallet.age");
        let error = Wallet::create(&nowhere, Passphrase::quick(WORDS)).err().unwrap();
        assert!(matches!(error, WalletError::Io { .. }), "{error}");
    }

    #[test]
    fn is_opened_by_one_process_at_a_time() {
        let place = Place::new();
        let _open = place.create();
        assert!(matches!(place.open(WORDS), Err(WalletError::Busy(_))));
    }

    #[test]
    fn is_refused_when_cut_off_anywhere() {
        let place = Place::new();
        drop(place.create());
        let whole = fs::read(place.path()).unwrap();
        for end in (0..whole.len().saturating_sub(1)).step_by(29) {
            fs::write(place.path(), &whole[..end]).unwrap();
            assert!(place.open(WORDS).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn is_refused_when_it_asks_for_absurd_work() {
        let place = Place::new();
        let sealed = b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 40\n\
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n0123456789abcdef0123";
        fs::write(place.path(), sealed).unwrap();
        assert!(matches!(
            place.open(WORDS),
            Err(WalletError::Work(_) | WalletError::Damaged(_))
        ));
    }

    #[test]
    fn needs_words_worth_the_name() {
        let short = zeroize::Zeroizing::new("1234567".to_owned());
        assert!(Passphrase::new(short).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn is_refused_when_a_byte_changes(at in 0usize..700, with in any::<u8>()) {
            let place = Place::new();
            drop(place.create());
            let mut bytes = fs::read(place.path()).unwrap();
            let at = at % bytes.len();
            prop_assume!(bytes[at] != with && !bytes[at].is_ascii_whitespace() && !with.is_ascii_whitespace());
            bytes[at] = with;
            fs::write(place.path(), bytes).unwrap();
            prop_assert!(place.open(WORDS).is_err());
        }
    }
}

mod import {
    use super::*;

    #[test]
    fn takes_what_is_mine_once() {
        let place = Place::new();
        let mut wallet = place.create();
        let mine = credential(&wallet.content.secret, attributes("1990-05-06"));
        wallet.import(mine.clone()).unwrap();
        let again = wallet.import(mine).err().unwrap();
        assert!(matches!(again, ImportError::Credential(CredentialError::Known)));
    }

    #[test]
    fn refuses_what_is_another_wallets() {
        let place = Place::new();
        let mut wallet = place.create();
        let other = credential(&random::secret().unwrap(), attributes("1990-05-06"));
        let error = wallet.import(other).err().unwrap();
        assert!(matches!(error, ImportError::Credential(CredentialError::NotMine)));
        assert!(wallet.credentials().is_empty());
    }
}

mod planning {
    use super::*;

    fn wallet(place: &Place) -> Wallet {
        let mut wallet = place.create();
        wallet
            .import(credential(&wallet.content.secret, attributes("1990-05-06")))
            .unwrap();
        wallet
    }

    /// What proving does once the proof is made.
    fn answered(wallet: &mut Wallet, ask: &Ask, slot: u8, account: u8) {
        let scope = ask.context().scope(&GENESIS);
        let binding = Binding::ChainAccount([account; 32]);
        let disclosure = history::Disclosure {
            on: today(),
            age: ask.policy().age,
            issuers: ask.policy().issuers,
        };
        wallet
            .history_mut(scope, ask.context(), GENESIS)
            .note(slot, &binding, disclosure);
    }

    #[test]
    fn two_slots_serve_two_accounts_and_no_third() {
        let place = Place::new();
        let mut wallet = wallet(&place);
        let gate = gate(AgeBand::over(18), 2);
        for account in 0..2 {
            let ask = ask(&gate, account);
            let planned = wallet.plan(&ask, SlotChoice::Auto, Consent::default()).unwrap();
            assert_eq!(planned.slot(), account);
            answered(&mut wallet, &ask, planned.slot(), account);
        }
        let third = wallet.plan(&ask(&gate, 2), SlotChoice::Auto, Consent::default());
        assert!(matches!(third, Err(ProveError::NoSlot(2))));
        // The second account again is the second slot again.
        assert_eq!(
            wallet
                .plan(&ask(&gate, 1), SlotChoice::Auto, Consent::default())
                .unwrap()
                .slot(),
            1
        );
        let forced = wallet
            .plan(&ask(&gate, 2), SlotChoice::Forced(0), Consent::default())
            .unwrap();
        assert_eq!(forced.slot(), 0);
        let beyond = wallet.plan(&ask(&gate, 2), SlotChoice::Forced(2), Consent::default());
        assert!(matches!(beyond, Err(ProveError::SlotRange { slot: 2, slots: 2 })));
    }

    #[test]
    fn bisection_needs_consent() {
        let place = Place::new();
        let mut wallet = wallet(&place);
        let first = ask(&gate(AgeBand::over(18), 1), 0);
        answered(&mut wallet, &first, 0, 0);
        let narrower = ask(&gate(AgeBand::over(30), 1), 0);
        let refused = wallet.plan(&narrower, SlotChoice::Auto, Consent::default());
        assert!(matches!(refused, Err(ProveError::Narrowing(_))));
        let agreed = Consent {
            narrowing: true,
            ..Consent::default()
        };
        wallet.plan(&narrower, SlotChoice::Auto, agreed).unwrap();
        // Another context starts anew.
        let mut elsewhere = gate(AgeBand::over(30), 1);
        elsewhere.id = GateId(1);
        wallet
            .plan(&ask(&elsewhere, 0), SlotChoice::Auto, Consent::default())
            .unwrap();
    }

    #[test]
    fn odd_questions_and_missing_credentials_get_no_answer() {
        let place = Place::new();
        let mut odd = gate(AgeBand::over(18), 1);
        odd.policy.checked_within = Some(17);
        let wallet = wallet(&place);
        assert!(matches!(
            wallet.plan(&ask(&odd, 0), SlotChoice::Auto, Consent::default()),
            Err(ProveError::Menu(_))
        ));
        let empty = Place::new();
        let none = empty.create().plan(
            &ask(&gate(AgeBand::over(18), 1), 0),
            SlotChoice::Auto,
            Consent::default(),
        );
        assert!(matches!(none, Err(ProveError::NoCredential(_))));
    }

    #[test]
    fn an_expired_challenge_is_not_answered() {
        let challenge = crate::request::Challenge::new(
            GENESIS,
            ShortText::new("https://chat.example".into()).unwrap(),
            gate(AgeBand::over(18), 1).policy,
            Binding::ChainAccount([0; 32]),
            1000,
        )
        .unwrap();
        assert!(Ask::challenge(&challenge, 1000, today()).is_ok());
        assert!(matches!(
            Ask::challenge(&challenge, 1001, today()),
            Err(ProveError::Expired)
        ));
    }
}
