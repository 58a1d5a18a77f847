//! A service that is killed, at any moment.

use super::*;
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

/// Tells the child, which is this same program, what to do.
const CHILD: &str = "OFAGE_TEST_ISSUANCE_STORE";

/// In a child process: redeems codes and requests credentials without end, and tells of each that was answered.
#[tokio::test]
async fn child() {
    let Ok(path) = std::env::var(CHILD) else {
        return;
    };
    let store = Store::open(std::path::Path::new(&path), GENESIS, ISSUER).unwrap();
    let attributes = {
        let person: Person = serde_json::from_value(person("x")).unwrap();
        person
            .check(ofage_primitives::Day::from_unix_seconds(NOW).unwrap())
            .unwrap()
            .1
    };
    for n in 0u64.. {
        let (code, token, id) = (key(n, 0), key(n, 1), key(n, 2));
        let offer = store::NewOffer {
            code,
            reference: format!("customer-{n}"),
            attributes,
            reissue: Reissue::No,
            tx_code: None,
            expires_at: NOW + 10_000,
        };
        if store.offer(offer).await.unwrap().is_err()
            || store
                .redeem(code, None, token, NOW, 10_000)
                .await
                .unwrap()
                .is_err()
        {
            continue;
        }
        println!("redeemed {n}");
        let apply = store::Apply {
            token,
            id,
            identity: identity(n + 1),
            now: NOW,
        };
        assert_eq!(store.apply(apply).await.unwrap(), store::Applied::Accepted);
        println!("requested {n}");
    }
}

fn key(n: u64, kind: u8) -> store::Hash {
    let mut key = [kind; 32];
    key[..8].copy_from_slice(&n.to_be_bytes());
    key
}

#[tokio::test]
async fn loses_nothing_that_it_answered_and_redeems_no_code_twice() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let mut told = 0;
    for round in 0..6u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["issuance::tests::crash::child", "--exact", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Another moment each time, wherever it is then.
        let (mut redeemed, mut requested) = (Vec::new(), Vec::new());
        let enough = 40 + 17 * round;
        let mut kill = Some(());
        for line in lines {
            let line = line.unwrap();
            let (list, n) = match line.split_once(' ') {
                Some(("redeemed", n)) => (&mut redeemed, n),
                Some(("requested", n)) => (&mut requested, n),
                _ => continue,
            };
            let Ok(n) = n.parse::<u64>() else {
                continue;
            };
            list.push(n);
            if (redeemed.len() + requested.len()) as u64 >= enough && kill.take().is_some() {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        let store = Store::open(&path, GENESIS, ISSUER).unwrap();
        for n in &redeemed {
            assert!(
                store.has_session(key(*n, 1), NOW).unwrap(),
                "customer {n} lost the session"
            );
            let again = store.redeem(key(*n, 0), None, key(*n, 9), NOW, 10).await.unwrap();
            assert_eq!(again, Err(store::Unredeemed::Code), "customer {n} redeems twice");
        }
        let queued: std::collections::HashSet<_> = store
            .queued(1_000_000)
            .unwrap()
            .into_iter()
            .map(|waiting| waiting.id)
            .collect();
        for n in &requested {
            assert!(
                store.transaction(key(*n, 2)).unwrap().is_some(),
                "customer {n} lost the request"
            );
            assert!(
                queued.contains(&key(*n, 2)),
                "the request of customer {n} would never be attested"
            );
        }
        told += redeemed.len() + requested.len();
        store.close_for_tests();
        // The next child begins anew, with the same customers: theirs are under way, and it passes them over.
        std::fs::remove_file(&path).unwrap();
    }
    assert!(told > 300);
}
