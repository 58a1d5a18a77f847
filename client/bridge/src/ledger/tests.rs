use super::*;
use crate::settings::for_tests;

const NOW: Moment = Moment(1_795_780_800);

fn credential(byte: u8) -> CredentialId {
    CredentialId([byte; 32])
}

#[test]
fn a_request_is_answered_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let ledger = Ledger::open(&path).unwrap();
    let (state, asked) = ledger.ask(&for_tests(), 600, NOW).unwrap();
    let (other, _) = ledger.ask(&for_tests(), 600, NOW).unwrap();
    assert_ne!(state, other);
    drop(ledger);
    let ledger = Ledger::open(&path).unwrap();
    let taken = ledger.take(&state, &for_tests()).unwrap();
    assert!(taken == asked, "what was asked has to be answered");
    assert!(matches!(
        ledger.take(&state, &for_tests()),
        Err(LedgerError::NoRequest)
    ));
    ledger.put_back(&state, &taken).unwrap();
    assert!(ledger.take(&state, &for_tests()).unwrap() == asked);
}

#[test]
fn old_requests_are_swept() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger")).unwrap();
    ledger.ask(&for_tests(), 600, NOW).unwrap();
    ledger.ask(&for_tests(), 600, Moment(NOW.0 + 600)).unwrap();
    assert_eq!(ledger.counts().unwrap(), (2, 0));
    ledger.ask(&for_tests(), 600, Moment(NOW.0 + 601)).unwrap();
    assert_eq!(ledger.counts().unwrap(), (2, 0));
}

#[test]
fn a_credential_serves_one_customer() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger")).unwrap();
    let today = NOW.day();
    assert_eq!(ledger.note(credential(1), "ann", today).unwrap(), Taken::Ours);
    assert_eq!(ledger.note(credential(1), "ann", today).unwrap(), Taken::Ours);
    assert_eq!(ledger.note(credential(1), "bob", today).unwrap(), Taken::Theirs);
    assert_eq!(ledger.note(credential(2), "bob", today).unwrap(), Taken::Ours);
}

#[test]
fn what_is_forgotten_is_gone_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let mut ledger = Ledger::open(&path).unwrap();
    let today = NOW.day();
    for byte in 1..=50 {
        let reference = format!("customer-{byte}-of-fifty");
        ledger.note(credential(byte), &reference, today).unwrap();
    }
    assert_eq!(ledger.forget("customer-7-of-fifty").unwrap(), 1);
    assert_eq!(ledger.forget("customer-7-of-fifty").unwrap(), 0);
    assert_eq!(ledger.counts().unwrap(), (0, 49));
    drop(ledger);
    let has = |wanted: &[u8]| {
        let file = fs::read(&path).unwrap();
        file.windows(wanted.len()).any(|bytes| bytes == wanted)
    };
    assert!(has(b"customer-8-of-fifty"));
    assert!(!has(b"customer-7-of-fifty") && !has(&[7; 32]));
    let mut ledger = Ledger::open(&path).unwrap();
    assert_eq!(ledger.forget_before(today).unwrap(), 0);
    assert_eq!(ledger.forget_before(today.checked_add(1).unwrap()).unwrap(), 49);
}

#[test]
fn other_files_are_not_ledgers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    fs::write(&path, vec![7; 8_192]).unwrap();
    assert!(matches!(Ledger::open(&path), Err(LedgerError::Other(_))));
    let missing = folder.path().join("missing").join("ledger");
    assert!(matches!(Ledger::open(&missing), Err(LedgerError::Io { .. })));
    let path = folder.path().join("busy");
    let _held = Ledger::open(&path).unwrap();
    assert!(matches!(Ledger::open(&path), Err(LedgerError::Busy(_))));
}

#[cfg(unix)]
#[test]
fn a_ledger_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    Ledger::open(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
