//! Gates that ask for several issuers.

use super::*;

#[test]
fn several_issuers_admit_with_one_proof() {
    for issuers in 2..=MAX_ISSUERS {
        scene(|| {
            ask_for(issuers);
            let request = joint_request(issuers, 0);
            let account = request.account.clone();
            assert!(
                validate(general(admit(request.clone()))).is_ok(),
                "{issuers} issuers"
            );
            let (_, results) = block_of(vec![general(admit(request))]);
            assert_eq!(results, [Ok(())]);
            assert!(AgeGate::current_admission(GATE, &account).is_some());
        });
    }
}

#[test]
fn they_admit_in_batches() {
    scene(|| {
        ask_for(MAX_ISSUERS);
        let all = 0..how_many(MAX_ISSUERS);
        let requests: Vec<_> = all.map(|position| joint_request(MAX_ISSUERS, position)).collect();
        let batch = RuntimeCall::AgeGate(pallet_age_gate::Call::admit_batch {
            requests: requests.try_into().unwrap(),
        });
        let (_, results) = block_of(vec![general(batch)]);
        assert_eq!(results, [Ok(())]);
    });
}

mod refuses {
    use super::*;

    #[test]
    fn fewer_or_more_issuers_than_the_gate_asks() {
        for (asked, brought) in [(1, 2), (2, 1), (2, 3), (3, 2), (4, 3)] {
            scene(|| {
                ask_for(asked);
                let answer = validate(general(admit(joint_request(brought, 0))));
                let code = answer.expect_err("it is not what the gate asks");
                assert!(
                    [Refusal::IssuerCount, Refusal::ProofLength]
                        .map(refused)
                        .contains(&code),
                    "{code:?}"
                );
            });
        }
    }

    #[test]
    fn one_issuer_counted_twice() {
        scene(|| {
            ask_for(2);
            let mut request = joint_request(2, 0);
            request.issuer_tags[1] = request.issuer_tags[0];
            let answer = validate(general(admit(request)));
            assert_eq!(answer, Err(refused(Refusal::RepeatedIssuer)));
        });
    }

    #[test]
    fn issuers_in_another_order() {
        scene(|| {
            ask_for(2);
            let mut request = joint_request(2, 0);
            let mut tags = request.issuer_tags.to_vec();
            tags.reverse();
            request.issuer_tags = tags.try_into().unwrap();
            let answer = validate(general(admit(request)));
            assert_eq!(
                answer,
                Err(refused(Refusal::RepeatedIssuer)),
                "one proof has one form"
            );
        });
    }

    #[test]
    fn a_proof_with_another_holders_tag() {
        scene(|| {
            ask_for(MAX_ISSUERS);
            let mut request = joint_request(MAX_ISSUERS, 0);
            request.issuer_tags = joint_request(MAX_ISSUERS, 1).issuer_tags;
            assert_eq!(validate(general(admit(request))), Err(refused(Refusal::Proof)));
        });
    }

    #[test]
    fn a_proof_for_the_policy_before_the_update() {
        scene(|| {
            let old = request(0);
            let update = pallet_age_gate::Call::update_gate {
                gate: GATE,
                policy: ofage_primitives::Policy {
                    slots: 3,
                    ..policy(1)
                },
                admission_days: ADMISSION_DAYS,
            };
            all_done(block_of(vec![signed("App", 1, update)]));
            assert_eq!(validate(general(admit(old))), Err(refused(Refusal::Proof)));
        });
    }
}
