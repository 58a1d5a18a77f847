use super::*;
use ofage_primitives::Element;

fn secret(n: u8) -> HolderSecret {
    HolderSecret::from_uniform(&[n; 64])
}

fn claim() -> Claim {
    Claim {
        genesis: GenesisHash([1; 32]),
        issuer: IssuerIndex(2),
        audience: ShortText::new("https://issuer.example".into()).unwrap(),
        nonce: [3; 32],
    }
}

#[test]
fn an_owner_is_believed_and_the_proof_survives_text_and_json() {
    let (identity, proof) = prove(&secret(1), &claim()).unwrap();
    assert_eq!(check(&claim(), identity, &proof), Ok(()));
    let text = proof.to_string();
    assert_eq!(text.len(), PROOF_DIGITS);
    assert_eq!(text.parse::<OwnershipProof>().unwrap(), proof);
    let json = serde_json::to_string(&proof).unwrap();
    assert_eq!(serde_json::from_str::<OwnershipProof>(&json).unwrap(), proof);
}

mod rejects {
    use super::*;

    #[test]
    fn a_proof_for_another_claim() {
        let (identity, proof) = prove(&secret(1), &claim()).unwrap();
        let other = |change: &dyn Fn(&mut Claim)| {
            let mut claim = claim();
            change(&mut claim);
            claim
        };
        for changed in [
            other(&|c| c.genesis = GenesisHash([9; 32])),
            other(&|c| c.issuer = IssuerIndex(9)),
            other(&|c| c.audience = ShortText::new("https://issuer.example/".into()).unwrap()),
            other(&|c| c.nonce[31] ^= 1),
        ] {
            assert_eq!(check(&changed, identity, &proof), Err(OwnershipRefused));
        }
    }

    #[test]
    fn anothers_commitment() {
        let (mine, proof) = prove(&secret(1), &claim()).unwrap();
        let (theirs, _) = prove(&secret(2), &claim()).unwrap();
        assert_ne!(mine, theirs);
        assert_eq!(check(&claim(), theirs, &proof), Err(OwnershipRefused));
        let nobodys = IdentityCommitment::from_element(Element::from_u64(7));
        assert_eq!(check(&claim(), nobodys, &proof), Err(OwnershipRefused));
    }

    #[test]
    fn a_request_of_one_customer_for_another() {
        let file = |reference| Claim::for_file(GenesisHash([1; 32]), IssuerIndex(2), reference).unwrap();
        let (identity, proof) = prove(&secret(1), &file("customer-1")).unwrap();
        assert_eq!(check(&file("customer-1"), identity, &proof), Ok(()));
        assert_eq!(
            check(&file("customer-2"), identity, &proof),
            Err(OwnershipRefused)
        );
        let mut service = file("customer-1");
        service.nonce = [3; 32];
        assert_eq!(check(&service, identity, &proof), Err(OwnershipRefused));
    }

    #[test]
    fn texts_that_are_no_proofs() {
        let (_, proof) = prove(&secret(1), &claim()).unwrap();
        let text = proof.to_string();
        for bad in [
            String::new(),
            text[1..].to_owned(),
            format!("{text}="),
            format!("{}+", &text[1..]),
            "A".repeat(1 << 20),
        ] {
            assert_eq!(bad.parse::<OwnershipProof>(), Err(OwnershipRefused));
        }
        let zeros = OwnershipProof::from_bytes(&[0; PROOF_LENGTH]).unwrap();
        let (identity, _) = prove(&secret(1), &claim()).unwrap();
        assert_eq!(check(&claim(), identity, &zeros), Err(OwnershipRefused));
    }

    #[test]
    fn references_that_are_too_long() {
        let long = "x".repeat(251);
        let refused = Claim::for_file(GenesisHash([1; 32]), IssuerIndex(2), &long);
        assert_eq!(refused, Err(OwnershipError::LongReference(250)));
    }
}

/// The tag and the encoding are part of the protocol.
#[test]
fn the_signal_is_pinned() {
    assert_eq!(
        claim().signal().to_string(),
        "0xab407a26a32dcfcde56ea365ca985baf7bf9fb6f6210a31575cbcd0ae391433f"
    );
}
