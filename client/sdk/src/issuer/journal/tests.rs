use super::*;
use crate::credential::tests::attributes;
use ofage_primitives::Element;
use std::{fs, path::PathBuf};

const GENESIS: GenesisHash = GenesisHash([7; 32]);
const ISSUER: IssuerIndex = IssuerIndex(2);

fn row(n: u64) -> Row {
    Row {
        line: n,
        reference: format!("ref-{n}"),
        identity: IdentityCommitment::from_element(Element::from_u64(n)),
        attributes: attributes("1990-05-06"),
    }
}

fn open(path: &Path) -> Journal {
    Journal::open(path, GENESIS, ISSUER).unwrap()
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn path(&self) -> PathBuf {
        self.0.path().join("journal")
    }
}

#[test]
fn a_landed_batch_gives_credentials_with_their_places() {
    let place = Place::new();
    let mut journal = open(&place.path());
    journal.plan(None, 0, 7, vec![row(1), row(2)]).unwrap();
    assert!(journal.credential("ref-1").is_none(), "not before it is final");
    journal.land(ShardIndex(9), 17).unwrap();
    journal.plan(Some(ShardIndex(9)), 2, 8, vec![row(3)]).unwrap();
    journal.land(ShardIndex(9), 18).unwrap();
    drop(journal);
    let journal = open(&place.path());
    for (reference, leaf) in [("ref-1", 0), ("ref-2", 1), ("ref-3", 2)] {
        let credential = journal.credential(reference).unwrap();
        assert!(credential.shard == ShardIndex(9) && credential.leaf == LeafIndex(leaf));
    }
    assert!(matches!(journal.known(&row(1)), Known::Same));
    assert!(matches!(journal.known(&row(4)), Known::New));
    assert!(journal.has_identity(row(3).identity) && !journal.has_identity(row(4).identity));
    let other = Row {
        attributes: attributes("1990-05-07"),
        ..row(1)
    };
    assert!(matches!(journal.known(&other), Known::Changed(_)));
}

#[test]
fn a_crash_after_planning_keeps_the_batch_with_its_salts() {
    let place = Place::new();
    let mut journal = open(&place.path());
    let leaves = journal.plan(None, 0, 7, vec![row(1), row(2)]).unwrap().leaves();
    drop(journal);
    let mut journal = open(&place.path());
    let pending = journal.pending().unwrap();
    assert!(pending.leaves() == leaves && pending.start == 0 && pending.shard.is_none());
    journal.discard().unwrap();
    assert!(journal.pending().is_none());
    assert!(matches!(journal.known(&row(1)), Known::New));
}

#[test]
fn a_line_that_a_crash_cut_off_is_dropped_wherever_it_ends() {
    let place = Place::new();
    let mut journal = open(&place.path());
    journal.plan(None, 0, 7, vec![row(1)]).unwrap();
    journal.land(ShardIndex(0), 5).unwrap();
    let before = fs::read(place.path()).unwrap();
    journal.plan(Some(ShardIndex(0)), 1, 8, vec![row(2)]).unwrap();
    let after = fs::read(place.path()).unwrap();
    drop(journal);
    for end in [before.len() + 1, before.len() + 40, after.len() - 1] {
        fs::write(place.path(), &after[..end]).unwrap();
        let mut journal = open(&place.path());
        assert!(journal.pending().is_none());
        assert!(journal.credential("ref-1").is_some());
        // And it goes on where it stood.
        journal.plan(Some(ShardIndex(0)), 1, 8, vec![row(3)]).unwrap();
        drop(journal);
        assert!(open(&place.path()).pending().is_some());
    }
}

#[test]
fn other_files_and_other_issuers_are_refused() {
    let place = Place::new();
    drop(open(&place.path()));
    let foreign = Journal::open(&place.path(), GENESIS, IssuerIndex(3))
        .err()
        .unwrap();
    assert!(matches!(foreign, JournalError::Foreign(_)));
    let foreign = Journal::open(&place.path(), GenesisHash([8; 32]), ISSUER)
        .err()
        .unwrap();
    assert!(matches!(foreign, JournalError::Foreign(_)));
    for text in [
        "{}\n",
        "not a journal\n",
        "{\"landed\":{\"shard\":0,\"block\":1}}\n",
        "\"dropped\"\n",
    ] {
        fs::write(place.path(), text).unwrap();
        let error = Journal::open(&place.path(), GENESIS, ISSUER).err().unwrap();
        assert!(matches!(error, JournalError::Malformed { line: 1, .. }), "{text}");
    }
}

#[test]
fn two_processes_cannot_write_one_journal() {
    let place = Place::new();
    let _journal = open(&place.path());
    let second = Journal::open(&place.path(), GENESIS, ISSUER).err().unwrap();
    assert!(matches!(second, JournalError::Busy(_)));
}

#[test]
fn a_damaged_line_is_named_but_not_repeated() {
    let place = Place::new();
    let mut journal = open(&place.path());
    journal.plan(None, 0, 7, vec![row(1)]).unwrap();
    drop(journal);
    let text = fs::read_to_string(place.path())
        .unwrap()
        .replace("1990-05-06", "1990-55-06");
    fs::write(place.path(), text).unwrap();
    let error = Journal::open(&place.path(), GENESIS, ISSUER).err().unwrap();
    assert!(matches!(error, JournalError::Malformed { line: 2, .. }));
    assert!(!format!("{error} {error:?}").contains("1990"));
}

#[test]
fn batches_end_in_the_order_in_which_they_were_planned() {
    let place = Place::new();
    let mut journal = open(&place.path());
    assert!(matches!(journal.discard(), Err(JournalError::NothingPending)));
    assert!(matches!(
        journal.land(ShardIndex(0), 1),
        Err(JournalError::NothingPending)
    ));
    for n in 1..=3 {
        journal.plan(None, 0, n, vec![row(n)]).unwrap();
    }
    journal.land(ShardIndex(4), 1).unwrap();
    drop(journal);
    let mut journal = open(&place.path());
    assert_eq!(journal.pending().unwrap().nonce, Some(2));
    journal.discard().unwrap();
    assert_eq!(journal.pending().unwrap().nonce, Some(3));
    journal.land(ShardIndex(5), 2).unwrap();
    drop(journal);
    let journal = open(&place.path());
    assert!(journal.pending().is_none());
    assert!(journal.place("ref-1") == Some((ShardIndex(4), LeafIndex(0))));
    assert!(matches!(journal.known(&row(2)), Known::New));
    assert!(journal.place("ref-3") == Some((ShardIndex(5), LeafIndex(0))));
}

#[test]
fn batches_of_journals_without_numbers_are_read() {
    let place = Place::new();
    let mut journal = open(&place.path());
    journal.plan(None, 0, 7, vec![row(1)]).unwrap();
    drop(journal);
    let text = fs::read_to_string(place.path()).unwrap();
    assert!(text.contains("\"nonce\":7,"));
    fs::write(place.path(), text.replace("\"nonce\":7,", "")).unwrap();
    assert_eq!(open(&place.path()).pending().unwrap().nonce, None);
}

mod revocations {
    use super::*;

    /// A journal in which references 1 and 2 are attested.
    fn attested(place: &Place) -> Journal {
        let mut journal = open(&place.path());
        journal.plan(None, 0, 7, vec![row(1), row(2)]).unwrap();
        journal.land(ShardIndex(9), 17).unwrap();
        journal
    }

    #[test]
    fn outlast_the_process_and_end_the_credential() {
        let place = Place::new();
        let mut journal = attested(&place);
        assert!(journal.is_live(ShardIndex(9), 1));
        journal.revoke(ShardIndex(9), &[1, 4000], 20).unwrap();
        drop(journal);
        let journal = open(&place.path());
        assert!(journal.is_live(ShardIndex(9), 0) && !journal.is_live(ShardIndex(9), 1));
        assert!(!journal.is_live(ShardIndex(9), 4000) && !journal.is_live(ShardIndex(8), 0));
        assert!(journal.credential("ref-1").is_some() && journal.credential("ref-2").is_none());
        assert!(journal.place("ref-2") == Some((ShardIndex(9), LeafIndex(1))));
        assert!(!journal.has_identity(row(2).identity));
    }

    #[test]
    fn let_other_data_in_and_the_same_not() {
        let place = Place::new();
        let mut journal = attested(&place);
        journal.revoke(ShardIndex(9), &[0], 20).unwrap();
        assert!(matches!(journal.known(&row(1)), Known::Revoked));
        // The holder lost the old wallet: the new one has another commitment.
        let anew = || Row {
            identity: row(50).identity,
            ..row(1)
        };
        assert!(matches!(journal.known(&anew()), Known::New));
        journal.plan(Some(ShardIndex(9)), 2, 8, vec![anew()]).unwrap();
        journal.land(ShardIndex(9), 21).unwrap();
        // The old place is nobody's now.
        journal.revoke(ShardIndex(9), &[0], 22).unwrap();
        drop(journal);
        let journal = open(&place.path());
        assert!(matches!(journal.known(&anew()), Known::Same));
        assert!(journal.credential("ref-1").unwrap().leaf == LeafIndex(2));
        assert!(journal.is_live(ShardIndex(9), 2) && !journal.is_live(ShardIndex(9), 0));
    }

    #[test]
    fn are_remembered_when_what_replaced_them_is_dropped() {
        let place = Place::new();
        let mut journal = attested(&place);
        journal.revoke(ShardIndex(9), &[0], 20).unwrap();
        let anew = Row {
            identity: row(50).identity,
            ..row(1)
        };
        journal.plan(Some(ShardIndex(9)), 2, 8, vec![anew]).unwrap();
        journal.discard().unwrap();
        assert!(matches!(journal.known(&row(1)), Known::Revoked));
        assert!(journal.place("ref-1") == Some((ShardIndex(9), LeafIndex(0))));
    }
}
