//! Status lists.

use super::*;

const URI: &str = "https://pid.example/status/1";

/// A PID whose status is the one at an index.
fn pid(index: u64) -> Pid {
    let mut pid = Pid::new();
    pid.payload["status"] = json!({"status_list": {"uri": URI, "idx": index}});
    pid
}

fn header() -> Value {
    json!({"alg": "ES256", "typ": "statuslist+jwt"})
}

fn payload() -> Value {
    json!({"sub": URI, "iat": NOW.0 - 60, "exp": NOW.0 + 60, "ttl": 3_600})
}

fn judge(pid: &Pid, lists: Vec<String>) -> Result<Evidence, Refusal> {
    let lists = StatusLists::new(lists);
    check(&pid.presentation(), &challenge(), &pid.trust(), &lists, NOW)
}

#[test]
fn a_status_that_is_named_has_to_be_known() {
    let pid = pid(3);
    let needed = Refusal::StatusNeeded { uri: URI.to_owned() };
    assert_eq!(judge(&pid, Vec::new()).err(), Some(needed.clone()));
    let mut elsewhere = payload();
    elsewhere["sub"] = json!("https://pid.example/status/2");
    let list = status_list(&pid.issuer, &header(), &elsewhere, 1, &[0]);
    assert_eq!(judge(&pid, vec![list]).err(), Some(needed));
    let mut trust = pid.trust();
    trust.ignores_status = true;
    assert!(pid.check_with(&trust).is_ok());
}

#[test]
fn lists_tell_who_is_revoked() {
    // The example of the draft: 1 bit each, 0xb9 0xa3.
    let revoked = [0, 3, 4, 5, 7, 8, 9, 13, 15];
    for index in 0..16 {
        let pid = pid(index);
        let list = status_list(&pid.issuer, &header(), &payload(), 1, &[0xb9, 0xa3]);
        let wanted = revoked.contains(&index).then_some(Refusal::Revoked);
        assert_eq!(judge(&pid, vec![list]).err(), wanted, "index {index}");
    }
    // 2 bits each, 0xc9 0x44 0xf9: 1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3.
    for (index, status) in [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3].into_iter().enumerate() {
        let pid = pid(index as u64);
        let list = status_list(&pid.issuer, &header(), &payload(), 2, &[0xc9, 0x44, 0xf9]);
        let wanted = (status != 0).then_some(Refusal::Revoked);
        assert_eq!(judge(&pid, vec![list]).err(), wanted, "index {index}");
    }
}

#[test]
fn lists_that_cannot_be_used_are_refused() {
    let pid = pid(3);
    let with = |header: &Value, payload: &Value, bits, bytes: &[u8]| {
        judge(&pid, vec![status_list(&pid.issuer, header, payload, bits, bytes)]).err()
    };
    let unusable = Some(Refusal::StatusUnusable);
    assert_eq!(with(&header(), &payload(), 1, &[0]), None);
    assert_eq!(
        with(&json!({"alg": "ES256", "typ": "JWT"}), &payload(), 1, &[0]),
        unusable
    );
    // Too short, or of an impossible form.
    assert_eq!(with(&header(), &payload(), 1, &[]), unusable);
    assert_eq!(with(&header(), &payload(), 4, &[0]), unusable);
    assert_eq!(with(&header(), &payload(), 3, &[0; 8]), unusable);
    assert_eq!(with(&header(), &payload(), 0, &[0; 8]), unusable);
    for (name, value) in [
        ("exp", json!(NOW.0)),
        ("ttl", json!(59)),
        ("iat", json!(NOW.0 + 301)),
        ("iat", json!("today")),
    ] {
        let mut payload = payload();
        payload[name] = value;
        assert_eq!(with(&header(), &payload, 1, &[0]), unusable, "{name}");
    }
    // Signed by somebody else.
    let list = status_list(&Key::new(), &header(), &payload(), 1, &[0]);
    assert_eq!(judge(&pid, vec![list]).err(), unusable);
    assert_eq!(judge(&pid, vec!["list".to_owned()]).err(), unusable);
}

#[test]
fn a_list_that_names_no_end_counts_a_day() {
    let pid = pid(3);
    let made = |before: u64| {
        let payload = json!({"sub": URI, "iat": NOW.0 - before});
        judge(&pid, vec![status_list(&pid.issuer, &header(), &payload, 1, &[0])]).err()
    };
    assert_eq!(made(86_399), None);
    assert_eq!(made(86_400), Some(Refusal::StatusUnusable));
}

#[test]
fn addresses_can_be_shown() {
    for uri in [
        "http://pid.example",
        "https://pid.example/\u{1b}[2J",
        "https://pid.example/a b",
        "list",
    ] {
        let mut pid = Pid::new();
        pid.payload["status"] = json!({"status_list": {"uri": uri, "idx": 0}});
        assert_eq!(pid.refusal(), Refusal::StatusUnusable, "{uri}");
    }
}

#[test]
fn an_index_beyond_the_list_is_no_panic() {
    for index in [8, 1 << 40, u64::MAX] {
        let pid = pid(index);
        let list = status_list(&pid.issuer, &header(), &payload(), 2, &[0; 2]);
        assert_eq!(judge(&pid, vec![list]).err(), Some(Refusal::StatusUnusable));
    }
}

#[test]
fn a_bomb_does_not_go_off() {
    let pid = pid(8 * 17 * 1_024 * 1_024);
    let list = status_list(
        &pid.issuer,
        &header(),
        &payload(),
        1,
        &vec![0; 20 * 1_024 * 1_024],
    );
    assert!(list.len() < 100_000);
    assert_eq!(judge(&pid, vec![list]).err(), Some(Refusal::StatusUnusable));
}

#[test]
fn other_ways_of_telling_a_status_are_not_skipped() {
    let mut pid = Pid::new();
    pid.payload["status"] = json!({"identifier_list": {"uri": URI, "id": "7"}});
    assert_eq!(pid.refusal(), Refusal::StatusUnusable);
}
