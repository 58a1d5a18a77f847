use serde_json::{json, Value};

use super::*;
use crate::{
    testing::{
        challenge, disclosure, source, status_list, trust, Authority, Key, Leaf, Signer, CLIENT, NOW,
        TLS_SERVER,
    },
    Channel,
};

mod published;
mod status;

const VCT: &str = "urn:eudi:pid:1";

/// A PID that is going to be presented.
struct Pid {
    header: Value,
    payload: Value,
    disclosures: Vec<String>,
    binding: Value,
    binding_header: Value,
    issuer: Key,
    holder: Key,
}

impl Pid {
    /// Over 18, and born on a day; both disclosed.
    fn new() -> Self {
        let (over, over_digest) = disclosure(&json!(["s1", "18", true]));
        let (ages, ages_digest) = disclosure(&json!(["s2", "age_equal_or_over", {"_sd": [over_digest]}]));
        let (birth, birth_digest) = disclosure(&json!(["s3", "birthdate", "1990-05-06"]));
        let (_, name) = disclosure(&json!(["s4", "given_name", "Erika"]));
        let (issuer, holder) = (Key::new(), Key::new());
        Self {
            header: json!({"alg": "ES256", "typ": "dc+sd-jwt"}),
            payload: json!({
                "iss": "https://pid.example", "vct": VCT, "iat": NOW.0 - 86_400, "exp": NOW.0 + 86_400,
                "cnf": {"jwk": holder.jwk()}, "_sd_alg": "sha-256", "_sd": [ages_digest, birth_digest, name],
            }),
            disclosures: vec![ages, over, birth],
            binding: json!({"nonce": challenge().nonce(), "aud": CLIENT, "iat": NOW.0 - 5}),
            binding_header: json!({"alg": "ES256", "typ": "kb+jwt"}),
            issuer,
            holder,
        }
    }

    fn signed_by(mut self, signer: Signer) -> Self {
        use base64::{engine::general_purpose::STANDARD, Engine};
        let chain: Vec<_> = signer.chain.iter().map(|der| STANDARD.encode(der)).collect();
        self.header["x5c"] = json!(chain);
        self.issuer = signer.key;
        self
    }

    fn selection(&self) -> String {
        let mut text = self.issuer.jws(&self.header, &self.payload) + "~";
        for disclosure in &self.disclosures {
            text += disclosure;
            text += "~";
        }
        text
    }

    fn presentation(&self) -> String {
        let selection = self.selection();
        let mut binding = self.binding.clone();
        if binding.get("sd_hash").is_none() {
            binding["sd_hash"] = json!(jws::text(&sha256(selection.as_bytes())));
        }
        selection + &self.holder.jws(&self.binding_header, &binding)
    }

    fn trust(&self) -> Trust {
        let mut source = source(Format::SdJwt, VCT);
        source.keys.push(self.issuer.public());
        trust(source)
    }

    fn check(&self) -> Result<Evidence, Refusal> {
        self.check_with(&self.trust())
    }

    fn check_with(&self, trust: &Trust) -> Result<Evidence, Refusal> {
        check(
            &self.presentation(),
            &challenge(),
            trust,
            &StatusLists::default(),
            NOW,
        )
    }

    fn refusal(&self) -> Refusal {
        self.check().err().expect("refused")
    }
}

/// Refused after a change.
fn refused(change: impl FnOnce(&mut Pid)) -> Refusal {
    let mut pid = Pid::new();
    change(&mut pid);
    pid.refusal()
}

#[test]
fn a_birth_date_is_exact() {
    let evidence = Pid::new().check().ok().unwrap();
    let birth = evidence.birth().exact().unwrap();
    assert_eq!(birth.to_string(), "1990-05-06");
    assert_eq!((evidence.source(), evidence.format()), ("test", Format::SdJwt));
}

#[test]
fn over_18_is_a_bound() {
    let mut pid = Pid::new();
    pid.disclosures.pop();
    let evidence = pid.check().ok().unwrap();
    assert_eq!(evidence.birth().exact(), None);
    assert_eq!(evidence.birth().latest().to_string(), "2008-11-27");
}

#[test]
fn one_credential_has_one_name() {
    let pid = Pid::new();
    let (first, second) = (pid.check().ok().unwrap(), pid.check().ok().unwrap());
    assert_eq!(first.credential(), second.credential());
    let other = Pid::new().check().ok().unwrap();
    assert_ne!(first.credential(), other.credential());
}

#[test]
fn a_year_may_stand_alone() {
    let mut pid = Pid::new();
    pid.payload["birthdate"] = json!("1963");
    pid.disclosures.truncate(0);
    let evidence = pid.check().ok().unwrap();
    assert_eq!(evidence.birth().earliest().to_string(), "1963-01-01");
    assert_eq!(evidence.birth().latest().to_string(), "1963-12-31");
}

mod signers {
    use super::*;

    fn anchored(authority: &Authority) -> Trust {
        let mut source = source(Format::SdJwt, VCT);
        source.anchors.push(authority.anchor());
        trust(source)
    }

    fn pid(authority: &Authority, leaf: &Leaf) -> Pid {
        Pid::new().signed_by(authority.sign(leaf))
    }

    #[test]
    fn a_root_vouches() {
        let root = Authority::new("root");
        assert!(pid(&root, &Leaf::default()).check_with(&anchored(&root)).is_ok());
    }

    #[test]
    fn foreign_ones_do_not_count() {
        let (root, other) = (Authority::new("root"), Authority::new("root"));
        let pid = pid(&other, &Leaf::default());
        assert_eq!(pid.check_with(&anchored(&root)).err(), Some(Refusal::Foreign));
        // A key that nobody pinned, and no certificate.
        assert_eq!(
            Pid::new().check_with(&anchored(&root)).err(),
            Some(Refusal::Foreign)
        );
        let mut trust = Pid::new().trust();
        assert_eq!(
            Pid::new().check_with(&trust).err(),
            Some(Refusal::IssuerSignature)
        );
        // A root of another type of credential.
        trust.sources[0].types = vec!["urn:other".to_owned()];
        assert_eq!(Pid::new().check_with(&trust).err(), Some(Refusal::Type));
    }

    #[test]
    fn the_name_of_the_issuer_has_to_fit() {
        let root = Authority::new("root");
        let pid = pid(&root, &Leaf::default());
        let mut trust = anchored(&root);
        trust.sources[0].iss = Some("https://pid.example".to_owned());
        assert!(pid.check_with(&trust).is_ok());
        trust.sources[0].iss = Some("https://other.example".to_owned());
        assert_eq!(pid.check_with(&trust).err(), Some(Refusal::Foreign));
    }

    #[test]
    fn revoked_ones_do_not_count() {
        let root = Authority::new("root");
        let pid = pid(&root, &Leaf::default());
        let mut trust = anchored(&root);
        trust.lists = vec![root.revoke(&[8], 2030).0];
        assert!(pid.check_with(&trust).is_ok());
        trust.lists = vec![root.revoke(&[7], 2030).0];
        assert_eq!(pid.check_with(&trust).err(), Some(Refusal::SignerRevoked));
        trust.lists.clear();
        // A list that has run out says nothing.
        trust.lists = vec![root.revoke(&[], 2026).0];
        assert_eq!(pid.check_with(&trust).err(), Some(Refusal::RevocationList));
        trust.lists.clear();
        trust.needs_lists = true;
        assert_eq!(pid.check_with(&trust).err(), Some(Refusal::RevocationList));
        trust.lists = vec![Authority::new("another").revoke(&[], 2030).0];
        assert_eq!(pid.check_with(&trust).err(), Some(Refusal::RevocationList));
        trust.lists = vec![root.revoke(&[], 2030).0];
        assert!(pid.check_with(&trust).is_ok());
        // By the settings: a certificate, and a pinned key.
        let chain = pid.header["x5c"][0].as_str().unwrap();
        use base64::{engine::general_purpose::STANDARD, Engine};
        trust.revoked.insert(sha256(&STANDARD.decode(chain).unwrap()));
        assert_eq!(pid.check_with(&trust).err(), Some(Refusal::SignerRevoked));
        let pinned = Pid::new();
        let mut trust = pinned.trust();
        trust.revoked.insert(pinned.issuer.public().thumbprint());
        assert_eq!(pinned.check_with(&trust).err(), Some(Refusal::SignerRevoked));
    }

    #[test]
    fn a_list_of_a_namesake_revokes_nobody_and_excuses_nobody() {
        let (root, namesake) = (Authority::new("root"), Authority::new("root"));
        let pid = pid(&root, &Leaf::default());
        let mut trust = anchored(&root);
        trust.lists = vec![namesake.revoke(&[], 2030).0];
        assert!(pid.check_with(&trust).is_err());
    }

    #[test]
    fn certificates_have_their_time_and_their_use() {
        let root = Authority::new("root");
        let trust = anchored(&root);
        let with = |leaf: Leaf| pid(&root, &leaf).check_with(&trust).err();
        let leaf = Leaf::default;
        assert_eq!(
            with(Leaf {
                years: (2024, 2026),
                ..leaf()
            }),
            Some(Refusal::SignerExpired)
        );
        assert_eq!(
            with(Leaf {
                years: (2027, 2029),
                ..leaf()
            }),
            Some(Refusal::SignerExpired)
        );
        let tls = vec![TLS_SERVER.to_vec()];
        assert_eq!(
            with(Leaf {
                purposes: tls,
                ..leaf()
            }),
            Some(Refusal::Foreign)
        );
        assert_eq!(
            with(Leaf {
                purposes: Vec::new(),
                ..leaf()
            }),
            None
        );
        let agreement = vec![rcgen::KeyUsagePurpose::KeyAgreement];
        assert_eq!(
            with(Leaf {
                usages: agreement,
                ..leaf()
            }),
            Some(Refusal::Foreign)
        );
        assert_eq!(
            with(Leaf {
                is_authority: true,
                ..leaf()
            }),
            Some(Refusal::Foreign)
        );
        let gone = Authority::lasting("root", (2024, 2026));
        let pid = pid(&gone, &leaf());
        assert_eq!(
            pid.check_with(&anchored(&gone)).err(),
            Some(Refusal::SignerExpired)
        );
    }

    #[test]
    fn a_chain_is_not_a_signature() {
        let root = Authority::new("root");
        let mut pid = pid(&root, &Leaf::default());
        pid.issuer = Key::new();
        assert_eq!(
            pid.check_with(&anchored(&root)).err(),
            Some(Refusal::IssuerSignature)
        );
        pid.header["x5c"] = json!([]);
        assert_eq!(pid.check_with(&anchored(&root)).err(), Some(Refusal::Malformed));
        pid.header["x5c"] = json!(["AAAA"]);
        assert_eq!(pid.check_with(&anchored(&root)).err(), Some(Refusal::Foreign));
        pid.header["x5c"] = json!("AAAA");
        assert_eq!(pid.check_with(&anchored(&root)).err(), Some(Refusal::Malformed));
    }
}

mod tokens {
    use super::*;

    #[test]
    fn have_a_type_and_an_algorithm() {
        assert_eq!(refused(|pid| pid.header["typ"] = json!("JWT")), Refusal::Type);
        assert_eq!(
            refused(|pid| pid.header["alg"] = json!("none")),
            Refusal::Algorithm
        );
        assert_eq!(
            refused(|pid| pid.header["alg"] = json!("HS256")),
            Refusal::Algorithm
        );
        assert_eq!(
            refused(|pid| pid.header["alg"] = json!("ES384")),
            Refusal::IssuerSignature
        );
        assert_eq!(
            refused(|pid| pid.header["crit"] = json!(["x"])),
            Refusal::Algorithm
        );
        assert_eq!(
            refused(|pid| pid.payload["vct"] = json!("urn:other")),
            Refusal::Type
        );
        assert_eq!(refused(|pid| pid.payload["vct"] = json!(1)), Refusal::Malformed);
        assert_eq!(
            refused(|pid| pid.payload["_sd_alg"] = json!("md5")),
            Refusal::Algorithm
        );
        assert_eq!(
            refused(|pid| pid.payload["_sd_alg"] = json!(256)),
            Refusal::Algorithm
        );
    }

    #[test]
    fn have_their_time() {
        assert_eq!(refused(|pid| pid.payload["exp"] = json!(NOW.0)), Refusal::Expired);
        assert_eq!(
            refused(|pid| pid.payload["exp"] = json!("never")),
            Refusal::Malformed
        );
        assert_eq!(
            refused(|pid| pid.payload["nbf"] = json!(NOW.0 + 301)),
            Refusal::NotYetValid
        );
        assert_eq!(
            refused(|pid| pid.payload["iat"] = json!(NOW.0 + 301)),
            Refusal::NotYetValid
        );
        assert_eq!(refused(|pid| pid.payload["iat"] = json!(-1)), Refusal::Malformed);
    }

    #[test]
    fn every_byte_counts() {
        let pid = Pid::new();
        let (trust, text) = (pid.trust(), pid.presentation());
        let judge = |text: &str| check(text, &challenge(), &trust, &StatusLists::default(), NOW);
        assert!(judge(&text).is_ok());
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).unwrap();
            // The last digit of a signature holds bits that decode to nothing, which strict base64 refuses to be set.
            assert!(judge(&altered).is_err(), "byte {at}");
        }
        for at in 0..text.len() {
            assert!(judge(&text[..at]).is_err(), "cut at {at}");
        }
        assert!(judge(&(text.clone() + "A")).is_err());
        assert!(judge(&(text + "~")).is_err());
    }
}

mod holders {
    use super::*;

    #[test]
    fn have_to_prove_their_key() {
        let pid = Pid::new();
        let judge = |text: &str| check(text, &challenge(), &pid.trust(), &StatusLists::default(), NOW).err();
        assert_eq!(judge(&pid.selection()), Some(Refusal::NoHolderBinding));
        assert_eq!(refused(|pid| pid.holder = Key::new()), Refusal::HolderSignature);
        assert_eq!(
            refused(|pid| pid.payload["cnf"] = json!({})),
            Refusal::NoHolderBinding
        );
        let with_private = |pid: &mut Pid| pid.payload["cnf"]["jwk"]["d"] = json!("AA");
        assert_eq!(refused(with_private), Refusal::NoHolderBinding);
        let typ = |pid: &mut Pid| pid.binding_header["typ"] = json!("JWT");
        assert_eq!(refused(typ), Refusal::NoHolderBinding);
    }

    #[test]
    fn answer_this_request() {
        assert_eq!(
            refused(|pid| pid.binding["nonce"] = json!("other")),
            Refusal::WrongNonce
        );
        assert_eq!(
            refused(|pid| pid.binding["aud"] = json!("other")),
            Refusal::WrongAudience
        );
        assert_eq!(
            refused(|pid| pid.binding["aud"] = json!([CLIENT])),
            Refusal::Malformed
        );
        assert_eq!(
            refused(|pid| pid.binding["sd_hash"] = json!("other")),
            Refusal::WrongSelection
        );
        let mut without = Pid::new();
        without.binding = json!({"aud": CLIENT, "iat": NOW.0});
        assert_eq!(without.refusal(), Refusal::WrongNonce);
    }

    #[test]
    fn sign_while_it_counts() {
        assert_eq!(
            refused(|pid| pid.binding["iat"] = json!(NOW.0 - 60 - 301)),
            Refusal::OldBinding
        );
        assert_eq!(
            refused(|pid| pid.binding["iat"] = json!(NOW.0 + 301)),
            Refusal::OldBinding
        );
        assert_eq!(
            refused(|pid| pid.binding["iat"] = Value::Null),
            Refusal::Malformed
        );
        assert_eq!(
            refused(|pid| pid.binding["exp"] = json!(NOW.0)),
            Refusal::OldBinding
        );
        let pid = Pid::new();
        let late = Moment(challenge().until().0 + 1);
        let text = pid.presentation();
        let refusal = crate::check(
            text.as_bytes(),
            &challenge(),
            &pid.trust(),
            &StatusLists::default(),
            late,
        );
        assert_eq!(refusal.err(), Some(Refusal::ChallengeExpired));
    }

    #[test]
    fn cannot_add_or_drop_disclosures_after_signing() {
        let pid = Pid::new();
        let text = pid.presentation();
        let judge = |text: &str| check(text, &challenge(), &pid.trust(), &StatusLists::default(), NOW).err();
        let without = text.replace(&format!("~{}", pid.disclosures[2]), "");
        assert_eq!(judge(&without), Some(Refusal::WrongSelection));
        let twice = text.replacen('~', &format!("~{}~", pid.disclosures[2]), 1);
        assert_eq!(judge(&twice), Some(Refusal::Tampered));
    }

    #[test]
    fn on_the_web_name_the_origin() {
        let mut pid = Pid::new();
        let channel = Channel::Browser {
            origin: "https://issuer.example".to_owned(),
        };
        let asked = Challenge {
            channel,
            ..challenge()
        };
        let judge = |pid: &Pid| {
            check(
                &pid.presentation(),
                &asked,
                &pid.trust(),
                &StatusLists::default(),
                NOW,
            )
            .err()
        };
        assert_eq!(judge(&pid), Some(Refusal::WrongAudience));
        pid.binding["aud"] = json!("origin:https://issuer.example");
        assert_eq!(judge(&pid), None);
    }
}

mod disclosures {
    use super::*;

    fn with(parts: &Value) -> Refusal {
        refused(|pid| pid.disclosures.push(disclosure(parts).0))
    }

    fn signed(parts: &Value) -> Refusal {
        refused(|pid| {
            let (text, digest) = disclosure(parts);
            pid.payload["_sd"].as_array_mut().unwrap().push(json!(digest));
            pid.disclosures.push(text);
        })
    }

    #[test]
    fn have_to_be_signed() {
        assert_eq!(with(&json!(["s", "birthdate", "1950-01-01"])), Refusal::Tampered);
        assert_eq!(with(&json!(["s", "anything", 1])), Refusal::Tampered);
    }

    #[test]
    fn have_one_form() {
        for parts in [
            json!(["s"]),
            json!(["s", "a", "b", "c"]),
            json!([1, "a", "b"]),
            json!(["s", 1, "b"]),
            json!({"s": 1}),
            json!(["s", "_sd", []]),
            json!(["s", "...", "b"]),
        ] {
            assert_eq!(signed(&parts), Refusal::Malformed, "{parts}");
        }
        // An element of an array in the place of a member.
        assert_eq!(signed(&json!(["s", "b"])), Refusal::Tampered);
        assert_eq!(
            refused(|pid| pid.disclosures.push("!".to_owned())),
            Refusal::Malformed
        );
        assert_eq!(
            refused(|pid| pid.disclosures.push(String::new())),
            Refusal::Malformed
        );
    }

    #[test]
    fn take_no_members_place() {
        assert_eq!(signed(&json!(["s", "vct", VCT])), Refusal::Tampered);
        assert_eq!(
            signed(&json!(["s", "birthdate", "1950-01-01"])),
            Refusal::Tampered
        );
    }

    #[test]
    fn are_never_what_the_issuer_must_say_itself() {
        assert_eq!(signed(&json!(["s", "nbf", 1])), Refusal::Tampered);
        assert_eq!(signed(&json!(["s", "status", {}])), Refusal::Tampered);
    }

    #[test]
    fn stand_in_one_place() {
        let twice = refused(|pid| {
            let digest = pid.payload["_sd"][1].clone();
            pid.payload["_sd"].as_array_mut().unwrap().push(digest);
        });
        assert_eq!(twice, Refusal::Tampered);
        // Even if nobody discloses it.
        let twice = refused(|pid| {
            let digest = pid.payload["_sd"][2].clone();
            pid.payload["other"] = json!({"_sd": [digest]});
        });
        assert_eq!(twice, Refusal::Tampered);
        let twice = refused(|pid| {
            let again = pid.disclosures[0].clone();
            pid.disclosures.push(again);
        });
        assert_eq!(twice, Refusal::Tampered);
    }

    #[test]
    fn open_arrays_too() {
        let mut pid = Pid::new();
        let (german, digest) = disclosure(&json!(["s", "DE"]));
        let (_, hidden) = disclosure(&json!(["t", "FR"]));
        pid.payload["nationalities"] = json!([{"...": digest}, {"...": hidden}, "IT"]);
        pid.disclosures.push(german);
        assert!(pid.check().is_ok());
        pid.payload["nationalities"][0]["more"] = json!(1);
        assert_eq!(pid.refusal(), Refusal::Malformed);
    }

    #[test]
    fn do_not_nest_without_end() {
        let mut pid = Pid::new();
        let (mut text, mut digest) = disclosure(&json!(["s", "x", 1]));
        for _ in 0..40 {
            pid.disclosures.push(text);
            (text, digest) = disclosure(&json!(["s", "x", {"_sd": [digest]}]));
        }
        pid.disclosures.push(text);
        pid.payload["_sd"].as_array_mut().unwrap().push(json!(digest));
        assert_eq!(pid.refusal(), Refusal::Malformed);
        let many = refused(|pid| {
            for salt in 0..300 {
                pid.disclosures
                    .push(disclosure(&json!([salt.to_string(), "x", 1])).0);
            }
        });
        assert_eq!(many, Refusal::Malformed);
    }
}

mod ages {
    use super::*;

    #[test]
    fn have_to_be_said() {
        let mut pid = Pid::new();
        pid.disclosures.clear();
        assert_eq!(pid.refusal(), Refusal::NoAge);
    }

    #[test]
    fn are_of_the_right_kind() {
        for (name, value) in [
            ("birthdate", json!(19_900_506)),
            ("birthdate", json!("06.05.1990")),
            ("birthdate", json!("abcd")),
            ("age_equal_or_over", json!(["18"])),
            ("age_equal_or_over", json!({"18": "true"})),
            ("age_equal_or_over", json!({"eighteen": true})),
            ("age_over_18", json!(1)),
            ("age_birth_year", json!("1990")),
            ("age_birth_year", json!(-1)),
        ] {
            let refusal = refused(|pid| {
                pid.disclosures.clear();
                pid.payload[name] = value.clone();
            });
            assert_eq!(refusal, Refusal::Malformed, "{name} {value}");
        }
    }
}
