use ciborium::Value;
use coset::{iana, AsCborValue, CborSerializable, CoseKeyBuilder, CoseSign1Builder, HeaderBuilder};

use super::*;
use crate::{
    jws,
    keys::sha256,
    testing::{challenge, source, status_list, trust, Authority, Key, Leaf, Signer, MDL_READER, NOW},
    Channel,
};

mod published;

const LICENCE: &str = "org.iso.18013.5.1.mDL";
const AGE: &str = "eu.europa.ec.av.1";

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(
        entries
            .into_iter()
            .map(|(name, value)| (text(name), value))
            .collect(),
    )
}

fn moment(text_of: &str) -> Value {
    Value::Tag(0, Box::new(text(text_of)))
}

fn date(text_of: &str) -> Value {
    Value::Tag(1004, Box::new(text(text_of)))
}

/// An element as its issuer embeds it.
fn item(number: i64, name: &str, value: Value) -> Value {
    cbor::embed(cbor::encode(&map(vec![
        ("digestID", number.into()),
        ("random", Value::Bytes(vec![number as u8; 16])),
        ("elementIdentifier", text(name)),
        ("elementValue", value),
    ])))
}

/// A document that is going to be presented.
struct Mdoc {
    kind: String,
    object_kind: String,
    namespace: String,
    items: Vec<Value>,
    /// Digests that are signed; those of the items if there are none.
    digests: Option<Vec<(i64, Vec<u8>)>>,
    times: [String; 3],
    status: Option<Value>,
    extra: Vec<(Value, Value)>,
    signer: Signer,
    authority: Authority,
    holder: Key,
    /// Who signs for the device, if not the holder.
    impostor: Option<Key>,
    transcript: Vec<u8>,
}

impl Mdoc {
    fn new(kind: &str, namespace: &str, items: Vec<Value>) -> Self {
        let authority = Authority::new("iaca");
        Self {
            kind: kind.to_owned(),
            object_kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            items,
            digests: None,
            times: [
                "2026-11-01T00:00:00Z",
                "2026-11-01T00:00:00Z",
                "2027-02-01T00:00:00Z",
            ]
            .map(str::to_owned),
            status: None,
            extra: Vec::new(),
            signer: authority.sign(&Leaf::default()),
            authority,
            holder: Key::new(),
            impostor: None,
            transcript: challenge().session_transcript(),
        }
    }

    /// Over 18, as the European Union's age verification attests it.
    fn adult() -> Self {
        Self::new(AGE, AGE, vec![item(0, "age_over_18", true.into())])
    }

    fn licence() -> Self {
        let items = vec![
            item(0, "birth_date", date("1990-05-06")),
            item(1, "age_over_21", true.into()),
        ];
        Self::new(LICENCE, "org.iso.18013.5.1", items)
    }

    fn object(&self) -> Value {
        let digest = |item: &Value| sha256(&cbor::encode(item)).to_vec();
        let own = || {
            self.items
                .iter()
                .enumerate()
                .map(|(at, item)| (at as i64, digest(item)))
                .collect()
        };
        let digests = self.digests.clone().unwrap_or_else(own);
        let digests = digests
            .into_iter()
            .map(|(number, digest)| (number.into(), Value::Bytes(digest)));
        let (x, y) = self.holder.coordinates();
        let key = CoseKeyBuilder::new_ec2_pub_key(iana::EllipticCurve::P_256, x.to_vec(), y.to_vec()).build();
        let [signed, from, until] = &self.times;
        let mut object = vec![
            ("version", text("1.0")),
            ("digestAlgorithm", text("SHA-256")),
            (
                "valueDigests",
                Value::Map(vec![(text(&self.namespace), Value::Map(digests.collect()))]),
            ),
            (
                "deviceKeyInfo",
                map(vec![("deviceKey", key.to_cbor_value().unwrap())]),
            ),
            ("docType", text(&self.object_kind)),
            (
                "validityInfo",
                map(vec![
                    ("signed", moment(signed)),
                    ("validFrom", moment(from)),
                    ("validUntil", moment(until)),
                ]),
            ),
        ];
        if let Some(status) = &self.status {
            object.push(("status", status.clone()));
        }
        let mut object = map(object);
        object.as_map_mut().unwrap().extend(self.extra.clone());
        object
    }

    fn document(&self) -> Value {
        let es256 = || HeaderBuilder::new().algorithm(iana::Algorithm::ES256).build();
        let chain = match &self.signer.chain[..] {
            [one] => Value::Bytes(one.clone()),
            chain => Value::Array(chain.iter().cloned().map(Value::Bytes).collect()),
        };
        let issuer = CoseSign1Builder::new()
            .protected(es256())
            .unprotected(HeaderBuilder::new().value(33, chain).build())
            .payload(cbor::encode(&cbor::embed(cbor::encode(&self.object()))))
            .create_signature(&[], |message| self.signer.key.sign(message))
            .build();
        let namespaces = cbor::embed(cbor::encode(&Value::Map(Vec::new())));
        let device = device_signature(
            self.impostor.as_ref().unwrap_or(&self.holder),
            &self.transcript,
            &self.kind,
            &namespaces,
        );
        map(vec![
            ("docType", text(&self.kind)),
            (
                "issuerSigned",
                map(vec![
                    (
                        "nameSpaces",
                        Value::Map(vec![(text(&self.namespace), Value::Array(self.items.clone()))]),
                    ),
                    ("issuerAuth", issuer.to_cbor_value().unwrap()),
                ]),
            ),
            (
                "deviceSigned",
                map(vec![
                    ("nameSpaces", namespaces),
                    ("deviceAuth", map(vec![("deviceSignature", device)])),
                ]),
            ),
        ])
    }

    fn response(&self) -> Value {
        map(vec![
            ("version", text("1.0")),
            ("documents", Value::Array(vec![self.document()])),
            ("status", 0.into()),
        ])
    }

    fn trust(&self) -> Trust {
        let mut source = source(Format::Mdoc, &self.kind);
        source.anchors.push(self.authority.anchor());
        trust(source)
    }

    fn check(&self) -> Result<Evidence, Refusal> {
        self.check_with(&self.trust())
    }

    fn check_with(&self, trust: &Trust) -> Result<Evidence, Refusal> {
        judge(&self.response(), trust)
    }

    fn refusal(&self) -> Refusal {
        self.check().err().expect("refused")
    }
}

fn device_signature(key: &Key, transcript: &[u8], kind: &str, namespaces: &Value) -> Value {
    let authentication = Value::Array(vec![
        text("DeviceAuthentication"),
        cbor::decode(transcript).unwrap(),
        text(kind),
        namespaces.clone(),
    ]);
    let payload = cbor::encode(&cbor::embed(cbor::encode(&authentication)));
    CoseSign1Builder::new()
        .protected(HeaderBuilder::new().algorithm(iana::Algorithm::ES256).build())
        .create_detached_signature(&payload, &[], |message| key.sign(message))
        .build()
        .to_cbor_value()
        .unwrap()
}

fn judge(response: &Value, trust: &Trust) -> Result<Evidence, Refusal> {
    let transcript = challenge().session_transcript();
    check(
        &cbor::encode(response),
        &transcript,
        trust,
        &StatusLists::default(),
        NOW,
    )
}

/// The value under a path of names and places.
fn at<'a>(value: &'a mut Value, path: &[&str]) -> &'a mut Value {
    path.iter().fold(value, |value, name| match value {
        Value::Map(entries) => {
            let found = entries.iter_mut().find(|(key, _)| key.as_text() == Some(name));
            &mut found.unwrap().1
        }
        Value::Array(elements) => &mut elements[name.parse::<usize>().unwrap()],
        _ => panic!("no such path"),
    })
}

fn refused(change: impl FnOnce(&mut Mdoc)) -> Refusal {
    let mut mdoc = Mdoc::licence();
    change(&mut mdoc);
    mdoc.refusal()
}

/// Refused after a change of what is sent, which nobody signs again.
fn altered(change: impl FnOnce(&mut Value)) -> Refusal {
    let mdoc = Mdoc::licence();
    let mut response = mdoc.response();
    change(&mut response);
    judge(&response, &mdoc.trust()).err().expect("refused")
}

#[test]
fn a_licence_tells_the_day() {
    let evidence = Mdoc::licence().check().ok().unwrap();
    assert_eq!(evidence.birth().exact().unwrap().to_string(), "1990-05-06");
    assert_eq!(evidence.format(), Format::Mdoc);
}

#[test]
fn the_unions_attestation_tells_18() {
    let evidence = Mdoc::adult().check().ok().unwrap();
    assert_eq!(evidence.birth().latest().to_string(), "2008-11-27");
    assert_eq!(evidence.birth().exact(), None);
}

#[test]
fn a_pid_may_be_a_document() {
    let kind = "eu.europa.ec.eudi.pid.1";
    let items = vec![
        item(0, "age_birth_year", 1990.into()),
        item(1, "family_name", text("Doe")),
    ];
    let evidence = Mdoc::new(kind, kind, items).check().ok().unwrap();
    assert_eq!(evidence.birth().earliest().to_string(), "1990-01-01");
}

#[test]
fn a_minor_is_bounded_from_below() {
    let mut mdoc = Mdoc::adult();
    mdoc.items = vec![
        item(0, "age_over_18", false.into()),
        item(1, "age_over_13", true.into()),
    ];
    let evidence = mdoc.check().ok().unwrap();
    // Counted at the signing, 2026-11-01.
    assert_eq!(evidence.birth().earliest().to_string(), "2008-11-02");
    assert_eq!(evidence.birth().latest().to_string(), "2013-11-27");
}

mod signers {
    use super::*;

    fn with(leaf: Leaf, kind: fn() -> Mdoc) -> Option<Refusal> {
        let mut mdoc = kind();
        mdoc.signer = mdoc.authority.sign(&leaf);
        mdoc.check().err()
    }

    #[test]
    fn foreign_ones_do_not_count() {
        let other = Authority::new("iaca");
        assert_eq!(
            refused(|mdoc| mdoc.signer = other.sign(&Leaf::default())),
            Refusal::Foreign
        );
        let key = Key::new();
        assert_eq!(refused(|mdoc| mdoc.signer.key = key), Refusal::IssuerSignature);
        let mdoc = Mdoc::licence();
        let mut trust = mdoc.trust();
        trust.sources[0].types = vec![AGE.to_owned()];
        assert_eq!(mdoc.check_with(&trust).err(), Some(Refusal::Type));
    }

    #[test]
    fn revoked_ones_do_not_count() {
        let mdoc = Mdoc::licence();
        let mut trust = mdoc.trust();
        trust.lists = vec![mdoc.authority.revoke(&[7], 2030).0];
        assert_eq!(mdoc.check_with(&trust).err(), Some(Refusal::SignerRevoked));
        trust.lists = vec![mdoc.authority.revoke(&[6], 2030).0];
        assert!(mdoc.check_with(&trust).is_ok());
        trust.revoked.insert(sha256(&mdoc.signer.chain[0]));
        assert_eq!(mdoc.check_with(&trust).err(), Some(Refusal::SignerRevoked));
    }

    #[test]
    fn licences_are_signed_by_those_who_may() {
        let none = || Leaf {
            purposes: Vec::new(),
            ..Leaf::default()
        };
        let reader = || Leaf {
            purposes: vec![MDL_READER.to_vec()],
            ..Leaf::default()
        };
        assert_eq!(with(none(), Mdoc::licence), Some(Refusal::Foreign));
        assert_eq!(with(reader(), Mdoc::licence), Some(Refusal::Foreign));
        assert_eq!(with(none(), Mdoc::adult), None);
        assert_eq!(with(reader(), Mdoc::adult), Some(Refusal::Foreign));
    }

    #[test]
    fn sign_while_they_may() {
        let expired = Leaf {
            years: (2024, 2026),
            ..Leaf::default()
        };
        assert_eq!(with(expired, Mdoc::licence), Some(Refusal::SignerExpired));
        // Signed before its certificate began.
        let early = |mdoc: &mut Mdoc| mdoc.times[0] = "2024-12-31T23:59:59Z".to_owned();
        assert_eq!(refused(early), Refusal::SignerExpired);
    }

    #[test]
    fn a_chain_is_well_formed() {
        assert_eq!(refused(|mdoc| mdoc.signer.chain.clear()), Refusal::Malformed);
        assert_eq!(
            refused(|mdoc| mdoc.signer.chain = vec![vec![1]]),
            Refusal::Foreign
        );
        assert_eq!(
            refused(|mdoc| mdoc.signer.chain = vec![vec![1]; 9]),
            Refusal::Malformed
        );
        let unprotected = ["documents", "0", "issuerSigned", "issuerAuth", "1"];
        let refusal = altered(|response| *at(response, &unprotected) = Value::Map(Vec::new()));
        assert_eq!(refusal, Refusal::Malformed);
    }
}

mod elements {
    use super::*;

    const ITEMS: [&str; 5] = [
        "documents",
        "0",
        "issuerSigned",
        "nameSpaces",
        "org.iso.18013.5.1",
    ];

    #[test]
    fn are_what_was_signed() {
        let younger = item(0, "birth_date", date("1950-05-06"));
        let refusal = altered(|response| at(response, &ITEMS).as_array_mut().unwrap()[0] = younger);
        assert_eq!(refusal, Refusal::Tampered);
        let more = item(2, "age_over_65", true.into());
        let refusal = altered(|response| at(response, &ITEMS).as_array_mut().unwrap().push(more));
        assert_eq!(refusal, Refusal::Tampered);
    }

    #[test]
    fn stand_once() {
        let refusal = altered(|response| {
            let items = at(response, &ITEMS).as_array_mut().unwrap();
            items.push(items[0].clone());
        });
        assert_eq!(refusal, Refusal::Tampered);
        // Also if the issuer signed two of a name.
        let twice = refused(|mdoc| mdoc.items.push(item(2, "birth_date", date("1950-05-06"))));
        assert_eq!(twice, Refusal::Tampered);
    }

    #[test]
    fn may_be_left_out() {
        let mdoc = Mdoc::licence();
        let mut response = mdoc.response();
        at(&mut response, &ITEMS).as_array_mut().unwrap().remove(0);
        let evidence = judge(&response, &mdoc.trust()).ok().unwrap();
        assert_eq!(evidence.birth().latest().to_string(), "2005-11-27");
        at(&mut response, &ITEMS).as_array_mut().unwrap().clear();
        assert_eq!(judge(&response, &mdoc.trust()).err(), Some(Refusal::NoAge));
        let none = at(&mut response, &ITEMS[..3]).as_map_mut().unwrap();
        none.retain(|(name, _)| name.as_text() != Some("nameSpaces"));
        assert_eq!(judge(&response, &mdoc.trust()).err(), Some(Refusal::NoAge));
    }

    #[test]
    fn of_other_namespaces_say_nothing() {
        let mut mdoc = Mdoc::licence();
        mdoc.namespace = "org.iso.18013.5.1.US".to_owned();
        assert_eq!(mdoc.refusal(), Refusal::NoAge);
        // A namespace that the object does not know.
        let refusal = altered(|response| {
            let namespaces = at(response, &ITEMS[..4]).as_map_mut().unwrap();
            namespaces.push((
                text("other"),
                Value::Array(vec![item(0, "age_over_18", true.into())]),
            ));
        });
        assert_eq!(refusal, Refusal::Tampered);
    }

    #[test]
    fn are_of_the_right_kind() {
        for (name, value) in [
            ("birth_date", 19_900_506.into()),
            ("birth_date", date("1990-13-06")),
            ("age_over_18", 1.into()),
            ("age_over_x", true.into()),
            ("age_birth_year", text("1990")),
            ("age_birth_year", (-1).into()),
        ] {
            let refusal = refused(|mdoc| mdoc.items = vec![item(0, name, value)]);
            assert_eq!(refusal, Refusal::Malformed, "{name}");
        }
    }

    #[test]
    fn that_the_device_adds_say_nothing() {
        let mut mdoc = Mdoc::adult();
        mdoc.items.clear();
        let mut response = mdoc.response();
        let own = map(vec![(AGE, map(vec![("age_over_18", true.into())]))]);
        let namespaces = cbor::embed(cbor::encode(&own));
        let device = device_signature(&mdoc.holder, &mdoc.transcript, AGE, &namespaces);
        *at(&mut response, &["documents", "0", "deviceSigned", "nameSpaces"]) = namespaces;
        *at(
            &mut response,
            &["documents", "0", "deviceSigned", "deviceAuth", "deviceSignature"],
        ) = device;
        assert_eq!(judge(&response, &mdoc.trust()).err(), Some(Refusal::NoAge));
    }
}

mod objects {
    use super::*;

    #[test]
    fn are_of_the_type_that_is_said() {
        let other = |mdoc: &mut Mdoc| mdoc.object_kind = AGE.to_owned();
        assert_eq!(refused(other), Refusal::Tampered);
        let unknown = |mdoc: &mut Mdoc| mdoc.kind = "org.example.1".to_owned();
        assert_eq!(refused(unknown), Refusal::Type);
    }

    #[test]
    fn have_their_time() {
        let with = |at: usize, text: &str| refused(|mdoc| mdoc.times[at] = text.to_owned());
        assert_eq!(with(2, "2026-11-27T12:00:00Z"), Refusal::Expired);
        assert_eq!(with(1, "2026-11-27T12:05:01Z"), Refusal::NotYetValid);
        assert_eq!(with(0, "2026-11-27T12:05:01Z"), Refusal::NotYetValid);
        assert_eq!(with(1, "2026-11-27"), Refusal::Malformed);
        assert_eq!(with(0, "yesterday"), Refusal::Malformed);
    }

    #[test]
    fn say_nothing_twice() {
        let again = (text("docType"), text(AGE));
        assert_eq!(refused(|mdoc| mdoc.extra.push(again)), Refusal::Malformed);
    }

    #[test]
    fn may_have_a_status() {
        let uri = "https://iaca.example/status/1";
        let reference = |index: i64| {
            let list = map(vec![("idx", index.into()), ("uri", text(uri))]);
            map(vec![("status_list", list)])
        };
        let mut mdoc = Mdoc::licence();
        mdoc.status = Some(reference(0));
        assert_eq!(mdoc.refusal(), Refusal::StatusNeeded { uri: uri.to_owned() });
        use base64::{engine::general_purpose::STANDARD, Engine};
        let header = serde_json::json!({
            "alg": "ES256", "typ": "statuslist+jwt", "x5c": [STANDARD.encode(&mdoc.signer.chain[0])],
        });
        let payload = serde_json::json!({"sub": uri, "iat": NOW.0 - 60});
        let list = status_list(&mdoc.signer.key, &header, &payload, 1, &[0b10]);
        let transcript = challenge().session_transcript();
        let mut with = |index| {
            mdoc.status = Some(reference(index));
            let lists = StatusLists::new(vec![list.clone()]);
            check(
                &cbor::encode(&mdoc.response()),
                &transcript,
                &mdoc.trust(),
                &lists,
                NOW,
            )
            .err()
        };
        assert_eq!(with(0), None);
        assert_eq!(with(1), Some(Refusal::Revoked));
        assert_eq!(with(-1), Some(Refusal::StatusUnusable));
    }
}

mod devices {
    use super::*;

    const AUTH: [&str; 4] = ["documents", "0", "deviceSigned", "deviceAuth"];

    #[test]
    fn sign_this_session() {
        let holder = |mdoc: &mut Mdoc| mdoc.impostor = Some(Key::new());
        assert_eq!(refused(holder), Refusal::HolderSignature);
        let asked = challenge();
        let others = [
            // Another nonce, another client, another address, another key for answers, another way of asking.
            Challenge::new(
                asked.channel.clone(),
                None,
                "other".to_owned(),
                asked.made,
                asked.until,
            ),
            with_channel("x509_san_dns:other.example", "https://issuer.example/answer"),
            with_channel(crate::testing::CLIENT, "https://issuer.example/other"),
            Challenge::new(
                asked.channel.clone(),
                Some([1; 32]),
                asked.nonce.clone(),
                asked.made,
                asked.until,
            ),
            Challenge {
                channel: Channel::Browser {
                    origin: "https://issuer.example".to_owned(),
                },
                ..challenge()
            },
        ];
        for other in others {
            let refusal = refused(|mdoc| mdoc.transcript = other.session_transcript());
            assert_eq!(refusal, Refusal::HolderSignature);
        }
    }

    use crate::Challenge;

    fn with_channel(client_id: &str, response_uri: &str) -> Challenge {
        let channel = Channel::Redirect {
            client_id: client_id.to_owned(),
            response_uri: response_uri.to_owned(),
        };
        Challenge {
            channel,
            ..challenge()
        }
    }

    #[test]
    fn sign_what_they_say() {
        let other = cbor::embed(cbor::encode(&map(vec![("x", Value::Map(Vec::new()))])));
        let refusal = altered(|response| {
            *at(response, &["documents", "0", "deviceSigned", "nameSpaces"]) = other;
        });
        assert_eq!(refusal, Refusal::HolderSignature);
    }

    #[test]
    fn have_to_sign() {
        assert_eq!(
            altered(|response| *at(response, &AUTH) = Value::Map(Vec::new())),
            Refusal::NoHolderBinding
        );
        let mac = map(vec![("deviceMac", Value::Array(Vec::new()))]);
        assert_eq!(altered(|response| *at(response, &AUTH) = mac), Refusal::DeviceMac);
    }

    #[test]
    fn bring_no_payload_of_their_own() {
        let path = [&AUTH[..], &["deviceSignature", "2"]].concat();
        let refusal = altered(|response| *at(response, &path) = Value::Bytes(vec![1]));
        assert_eq!(refusal, Refusal::Malformed);
    }

    #[test]
    fn use_algorithms_that_are_known() {
        let mut header = HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).build();
        let path = [&AUTH[..], &["deviceSignature", "0"]].concat();
        let bytes = |header: &Header| Value::Bytes(header.clone().to_vec().unwrap());
        let refusal = altered(|response| *at(response, &path) = bytes(&header));
        assert_eq!(refusal, Refusal::Algorithm);
        header.alg = Some(RegisteredLabelWithPrivate::Assigned(iana::Algorithm::ES384));
        let refusal = altered(|response| *at(response, &path) = bytes(&header));
        assert_eq!(refusal, Refusal::HolderSignature);
        header.crit = vec![RegisteredLabelWithPrivate::Text("x".to_owned())];
        let refusal = altered(|response| *at(response, &path) = bytes(&header));
        assert_eq!(refusal, Refusal::Algorithm);
    }
}

mod responses {
    use super::*;

    #[test]
    fn are_of_one_document() {
        let twice = |response: &mut Value| {
            let documents = at(response, &["documents"]).as_array_mut().unwrap();
            documents.push(documents[0].clone());
        };
        assert_eq!(altered(twice), Refusal::Malformed);
        let none = |response: &mut Value| at(response, &["documents"]).as_array_mut().unwrap().clear();
        assert_eq!(altered(none), Refusal::Malformed);
        assert_eq!(
            altered(|response| *at(response, &["status"]) = 10.into()),
            Refusal::Malformed
        );
        assert_eq!(
            altered(|response| *at(response, &["version"]) = text("2.0")),
            Refusal::Malformed
        );
        assert_eq!(altered(|response| *response = Value::Null), Refusal::Malformed);
    }

    #[test]
    fn every_byte_counts() {
        let mdoc = Mdoc::adult();
        let (trust, transcript) = (mdoc.trust(), challenge().session_transcript());
        let bytes = cbor::encode(&mdoc.response());
        let judge = |bytes: &[u8]| check(bytes, &transcript, &trust, &StatusLists::default(), NOW);
        assert!(judge(&bytes).is_ok());
        for at in 0..bytes.len() {
            for bit in [0, 3, 7] {
                let mut altered = bytes.clone();
                altered[at] ^= 1 << bit;
                if let Ok(evidence) = judge(&altered) {
                    // What nobody signs: the minor version of the response, and "no payload", which has two spellings.
                    assert!([b'0', 0xf6].contains(&bytes[at]), "byte {at}");
                    assert_eq!(evidence.birth().latest().to_string(), "2008-11-27");
                }
            }
            assert!(judge(&bytes[..at]).is_err(), "cut at {at}");
        }
        assert!(judge(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn do_not_nest_without_end() {
        let deep = [vec![0x81; 100_000], vec![0]].concat();
        let transcript = challenge().session_transcript();
        let refusal = check(
            &deep,
            &transcript,
            &Mdoc::adult().trust(),
            &StatusLists::default(),
            NOW,
        );
        assert_eq!(refusal.err(), Some(Refusal::Malformed));
        // An array that says it has 2^60 elements.
        let huge = [0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0, 1];
        let refusal = check(
            &huge,
            &transcript,
            &Mdoc::adult().trust(),
            &StatusLists::default(),
            NOW,
        );
        assert_eq!(refusal.err(), Some(Refusal::Malformed));
    }

    #[test]
    fn come_in_base64_too() {
        let mdoc = Mdoc::adult();
        let bytes = cbor::encode(&mdoc.response());
        let judge =
            |bytes: &[u8]| crate::check(bytes, &challenge(), &mdoc.trust(), &StatusLists::default(), NOW);
        assert!(judge(&bytes).is_ok());
        assert!(judge(jws::text(&bytes).as_bytes()).is_ok());
        let late = Moment(challenge().until().0 + 1);
        let refusal = crate::check(&bytes, &challenge(), &mdoc.trust(), &StatusLists::default(), late);
        assert_eq!(refusal.err(), Some(Refusal::ChallengeExpired));
        assert_eq!(judge(b"no base64").err(), Some(Refusal::Malformed));
        assert_eq!(
            judge(&vec![0; crate::MAX_PRESENTATION + 1]).err(),
            Some(Refusal::TooLarge)
        );
    }
}
