//! Files that are damaged, of something else or readable by others, and moments at which things cross.

use super::*;
use redb::TableDefinition;

/// A register in which every table has something, and its bytes.
fn full(spot: &Spot) -> Vec<u8> {
    let register = spot.open();
    attest(&register, 3, &[row(1), row(2), row(3)]);
    register.forget("ref-2").unwrap();
    register.take(&anew(1, 8), Reissue::SameEvidence).unwrap();
    register
        .plan(Some(ShardIndex(3)), 3, call(8), 9)
        .unwrap()
        .unwrap();
    register.land(ShardIndex(3)).unwrap();
    take(&register, &[row(4), row(5)]);
    register
        .plan(Some(ShardIndex(3)), 4, call(9), 1)
        .unwrap()
        .unwrap();
    drop(register);
    fs::read(spot.path()).unwrap()
}

/// Everything that a command reads of a register.
fn read_all(register: &Register) -> Result<(), RegisterError> {
    register.pending()?;
    register.waiting()?;
    register.replaced(99)?;
    register.undelivered(99)?;
    for n in 1..6 {
        let reference = format!("ref-{n}");
        register.standing(&reference)?;
        register.identity(&reference)?;
        register.credential(&reference)?;
        register.held((ShardIndex(3), LeafIndex(n)))?;
    }
    register.begin_import()?;
    register.take(&row(9), Reissue::No)?;
    register.forget("ref-3")?;
    register.discard()
}

mod a_damaged_file {
    use super::*;

    /// Whether it is told, rather than trusted or ending the process.
    fn is_told(spot: &Spot, bytes: &[u8]) -> bool {
        fs::write(spot.path(), bytes).unwrap();
        let read = || Register::open(&spot.path(), GENESIS, ISSUER).and_then(|register| read_all(&register));
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
            .expect("a panic")
            .is_err()
    }

    #[test]
    fn that_was_cut_off_is_told() {
        let spot = Spot::new();
        let whole = full(&spot);
        for cut in [1, 10, 63, 64, 100, 320, 4_096, whole.len() / 2, whole.len() - 1] {
            assert!(is_told(&spot, &whole[..cut]), "{cut} of {} bytes", whole.len());
        }
    }

    #[test]
    fn does_not_end_the_process() {
        let spot = Spot::new();
        let whole = full(&spot);
        let used: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
        let mut told = 0;
        for at in used.iter().step_by(used.len() / 300 + 1) {
            let mut changed = whole.clone();
            changed[*at] ^= 0xa5;
            told += u32::from(is_told(&spot, &changed));
        }
        assert!(told > 20, "only {told}");
    }
}

#[test]
fn another_programs_database_is_left_as_it_is() {
    const OTHER: TableDefinition<'_, &str, u64> = TableDefinition::new("of something else");
    let spot = Spot::new();
    let database = Database::create(spot.path()).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(OTHER).unwrap().insert("a", 1).unwrap();
    transaction.commit().unwrap();
    drop(database);
    assert!(matches!(
        Register::open(&spot.path(), GENESIS, ISSUER),
        Err(RegisterError::Foreign(_))
    ));
    let database = Database::create(spot.path()).unwrap();
    let read = database.begin_read().unwrap();
    let names: Vec<String> = read
        .list_tables()
        .unwrap()
        .map(|table| redb::TableHandle::name(&table).to_owned())
        .collect();
    assert_eq!(names, ["of something else"]);
}

#[test]
fn a_file_that_was_replaced_while_it_was_opened_is_not_worked_with() {
    let spot = Spot::new();
    let register = spot.open();
    // A second process has opened the file, and not locked it yet.
    let file = fs::File::options()
        .read(true)
        .write(true)
        .open(spot.path())
        .unwrap();
    drop(register.shred().unwrap());
    assert!(matches!(
        super::super::open_file(&spot.path(), file),
        Err(RegisterError::Busy(_))
    ));
    spot.open();
}

#[test]
#[cfg(unix)]
fn a_backup_that_others_can_read_is_the_owners_again() {
    use std::os::unix::fs::PermissionsExt;
    let spot = Spot::new();
    drop(spot.open());
    fs::set_permissions(spot.path(), fs::Permissions::from_mode(0o644)).unwrap();
    drop(spot.open());
    let mode = fs::metadata(spot.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_reissue_on_its_way_does_not_stop_the_handing_out() {
    let spot = Spot::new();
    let register = spot.open();
    attest(&register, 3, &[row(1), row(2), row(3)]);
    register.take(&anew(1, 8), Reissue::SameEvidence).unwrap();
    register
        .plan(Some(ShardIndex(3)), 3, call(8), 9)
        .unwrap()
        .unwrap();
    let names = |most| -> Vec<String> {
        let found = register.undelivered(most).unwrap();
        found.into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(9), ["ref-2", "ref-3"]);
    assert_eq!(names(1), ["ref-2"]);
    register.land(ShardIndex(3)).unwrap();
    assert_eq!(names(9), ["ref-1", "ref-2", "ref-3"]);
}

#[test]
fn rows_of_an_import_that_failed_do_not_keep_a_batch_from_being_dropped() {
    let spot = Spot::new();
    let register = spot.open();
    take(&register, &[row(1)]);
    register.plan(None, 0, call(1), 9).unwrap().unwrap();
    register.begin_import().unwrap();
    register.stage(&[row(2)], Reissue::No).unwrap();
    drop(register);
    let register = spot.open();
    register.discard().unwrap();
    assert_eq!(register.waiting().unwrap(), 1);
    assert_eq!(register.standing("ref-1").unwrap(), Some(Standing::Waiting));
    assert_eq!(register.standing("ref-2").unwrap(), None);
}

#[test]
fn who_is_revoked_is_not_brought_back_by_a_row_that_waits() {
    let spot = Spot::new();
    let register = spot.open();
    attest(&register, 3, &[row(1)]);
    register.take(&anew(1, 8), Reissue::SameEvidence).unwrap();
    register.revoke(ShardIndex(3), &[0]).unwrap();
    assert_eq!(register.standing("ref-1").unwrap(), Some(Standing::Revoked));
    assert_eq!(register.waiting().unwrap(), 0);
    assert_eq!(register.plan(None, 0, call(8), 9).unwrap(), None);
}

#[test]
fn a_place_that_was_replaced_does_not_wait_for_its_revocation_with_a_newer_row() {
    let spot = Spot::new();
    let register = spot.open();
    attest(&register, 3, &[row(1)]);
    register.take(&anew(1, 8), Reissue::SameEvidence).unwrap();
    register
        .plan(Some(ShardIndex(3)), 1, call(8), 9)
        .unwrap()
        .unwrap();
    register.land(ShardIndex(3)).unwrap();
    register.take(&anew(1, 9), Reissue::SameEvidence).unwrap();
    register.revoke(ShardIndex(3), &[0]).unwrap();
    assert_eq!(register.standing("ref-1").unwrap(), Some(Standing::Waiting));
}

#[test]
fn nothing_leads_to_who_is_forgotten_entirely() {
    let spot = Spot::new();
    let register = spot.open();
    attest(&register, 3, &[row(1)]);
    register.take(&anew(1, 8), Reissue::SameEvidence).unwrap();
    register
        .plan(Some(ShardIndex(3)), 1, call(8), 9)
        .unwrap()
        .unwrap();
    register.land(ShardIndex(3)).unwrap();
    // The newer attestation is revoked before the one that it replaced.
    register.revoke(ShardIndex(3), &[1]).unwrap();
    assert_eq!(register.forget("ref-1").unwrap(), Forgotten::Entirely);
    register.revoke(ShardIndex(3), &[0]).unwrap();
    drop(register.shred().unwrap());
    let bytes = fs::read(spot.path()).unwrap();
    assert!(!bytes.windows(5).any(|window| window == b"ref-1"));
}

#[test]
fn what_was_deleted_is_known_to_be_in_the_file_until_that_is_written_anew() {
    let spot = Spot::new();
    let register = spot.open();
    attest(&register, 3, &[row(1), row(2)]);
    assert!(!register.has_remains().unwrap());
    register.forget("nobody").unwrap();
    assert!(!register.has_remains().unwrap());
    register.forget("ref-1").unwrap();
    assert!(register.has_remains().unwrap());
    drop(register);
    let register = spot.open();
    assert!(register.has_remains().unwrap());
    let register = register.shred().unwrap();
    assert!(!register.has_remains().unwrap());
    register.forget("ref-1").unwrap();
    assert!(!register.has_remains().unwrap(), "nothing was left to delete");
    register.revoke(ShardIndex(3), &[1]).unwrap();
    register.forget("ref-2").unwrap();
    assert!(register.has_remains().unwrap());
}
