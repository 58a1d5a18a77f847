//! The memo is a set of a bounded size.

use super::*;
use std::{sync::Arc, thread};

fn key(n: u32) -> Key {
    Key::of(CircuitId::V1, &n.to_le_bytes(), &[])
}

#[test]
fn what_was_inserted_is_remembered_and_nothing_else() {
    let memo = Memo::new(4);
    assert!(!memo.contains(&key(1)));
    memo.insert(key(1));
    assert!(memo.contains(&key(1)));
    assert!(!memo.contains(&key(2)));
}

#[test]
fn the_oldest_leave_when_it_is_full() {
    let memo = Memo::new(3);
    for n in 0..100 {
        memo.insert(key(n));
        // A second time changes nothing: neither order nor size.
        memo.insert(key(n));
        let entries = memo.lock();
        assert!(entries.known.len() <= 3);
        assert_eq!(entries.known.len(), entries.order.len());
    }
    let remembered: Vec<u32> = (0..100).filter(|n| memo.contains(&key(*n))).collect();
    assert_eq!(remembered, [97, 98, 99]);
}

#[test]
fn one_without_room_remembers_nothing() {
    let memo = Memo::new(0);
    memo.insert(key(1));
    assert!(!memo.contains(&key(1)));
}

#[test]
fn keys_tell_circuits_inputs_and_proofs_apart() {
    let of = |circuit, inputs: &[u8], proof: &[u8]| Key::of(CircuitId(circuit), inputs, proof);
    let all = [
        of(1, b"ab", b"cd"),
        of(2, b"ab", b"cd"),
        of(1, b"ac", b"cd"),
        of(1, b"ab", b"ce"),
        of(1, b"abc", b"d"),
        of(1, b"a", b"bcd"),
        of(1, b"", b"abcd"),
        of(1, b"abcd", b""),
        of(1, b"ab", b"cd\0"),
    ];
    let distinct: HashSet<Key> = all.into_iter().collect();
    assert_eq!(distinct.len(), all.len());
}

#[test]
fn a_thread_that_panics_with_the_lock_leaves_an_empty_memo_that_works() {
    let memo = Arc::new(Memo::new(4));
    memo.insert(key(1));
    let held = Arc::clone(&memo);
    let died = thread::spawn(move || {
        let _entries = held.entries.lock().unwrap();
        panic!("while holding the lock");
    });
    assert!(died.join().is_err());
    assert!(!memo.contains(&key(1)));
    memo.insert(key(2));
    assert!(memo.contains(&key(2)));
    assert!(!memo.entries.is_poisoned());
}

#[test]
fn many_threads_keep_it_within_its_bound() {
    let memo = Memo::new(50);
    thread::scope(|scope| {
        for start in 0..4 {
            let memo = &memo;
            scope.spawn(move || {
                for n in (start * 50)..(start * 50 + 100) {
                    memo.insert(key(n));
                    memo.contains(&key(n / 2));
                }
            });
        }
    });
    let entries = memo.lock();
    assert_eq!(entries.known.len(), 50);
    assert!(entries.order.iter().all(|key| entries.known.contains(key)));
}
