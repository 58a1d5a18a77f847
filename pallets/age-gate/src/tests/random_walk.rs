//! Long random histories, against a model too simple to be wrong.

use super::{batch, check_batch_from, check_from, include};
use crate::{mock::*, refusal::Refusal, AdmittedInBlock, IsAdmitted, Request};
use frame_support::{
    assert_ok,
    dispatch::RawOrigin,
    pallet_prelude::{InvalidTransaction, TransactionSource::InBlock},
};
use ofage_primitives::{Day, GateId};

/// Holders and accounts: few, so that they meet often.
const PEOPLE: u8 = 6;
const FUNDS: u64 = 100_000_000;

/// Numbers that look random and are the same every time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Who is admitted: nullifier, account, last day.
#[derive(Default)]
struct Model(Vec<(u8, u8, Day)>);

impl Model {
    fn expected(&self, nullifier: u8, account: u8, valid_on: Day, today: Day) -> Result<(), Refusal> {
        let live = |r: &&(u8, u8, Day)| r.2 >= today;
        if self
            .0
            .iter()
            .filter(live)
            .any(|r| r.0 == nullifier && r.1 != account)
        {
            return Err(Refusal::NullifierTaken);
        }
        if self
            .0
            .iter()
            .filter(live)
            .any(|r| r.0 != nullifier && r.1 == account)
        {
            return Err(Refusal::AccountTaken);
        }
        let until = valid_on.checked_add(DAYS.into()).unwrap();
        match self.0.iter().filter(live).find(|r| r.0 == nullifier) {
            Some(r) if until.number() < r.2.number() + u32::from(DAYS / 2) => Err(Refusal::RenewalTooEarly),
            _ => Ok(()),
        }
    }

    fn admit(&mut self, nullifier: u8, account: u8, valid_on: Day) {
        self.0.retain(|r| r.0 != nullifier && r.1 != account);
        self.0
            .push((nullifier, account, valid_on.checked_add(DAYS.into()).unwrap()));
    }
}

fn wish(dice: &mut Dice) -> (u8, u8, Request<Test>) {
    let (nullifier, account) = (dice.below(PEOPLE.into()) as u8, dice.below(PEOPLE.into()) as u8);
    let mut wish = Wish::of(nullifier).for_account(account);
    if dice.below(4) == 0 {
        wish.valid_on = wish.valid_on.checked_sub(1).unwrap();
    }
    (nullifier, account, wish.request())
}

fn one_request(dice: &mut Dice, model: &mut Model) {
    let (nullifier, account, request) = wish(dice);
    let expected = model.expected(nullifier, account, request.valid_on, AgeGate::today());
    match expected {
        Ok(()) => {
            assert_ok!(include(&request));
            model.admit(nullifier, account, request.valid_on);
        }
        Err(refusal) => {
            let refused = Err(InvalidTransaction::Custom(refusal.code()).into());
            assert_eq!(check_from(InBlock, &request), refused);
        }
    }
}

/// A batch that was found to hold never fails when it is dispatched.
fn one_batch(dice: &mut Dice, model: &mut Model) {
    let wishes: Vec<_> = (0..1 + dice.below(4)).map(|_| wish(dice)).collect();
    let requests: Vec<_> = wishes.iter().map(|w| w.2.clone()).collect();
    if check_batch_from(InBlock, &requests).is_ok() {
        assert_ok!(AgeGate::admit_batch(
            RawOrigin::Authorized.into(),
            batch(&requests)
        ));
        for (nullifier, account, request) in wishes {
            model.admit(nullifier, account, request.valid_on);
        }
    }
}

fn walk(seed: u64) {
    run(|| {
        let id = dry_gate(adults(), DAYS);
        fund(id, FUNDS);
        let (mut dice, mut model) = (Dice(seed), Model::default());
        let mut today = 0;
        for _ in 0..400 {
            AdmittedInBlock::<Test>::kill();
            match dice.below(10) {
                0..=4 => one_request(&mut dice, &mut model),
                5..=6 => one_batch(&mut dice, &mut model),
                7 => {
                    let pruner = RuntimeOrigin::signed(account(99));
                    let _ = AgeGate::prune(pruner, id, dice.below(12) as u32);
                }
                _ => {
                    today += [0, 1, 3, 16][dice.below(4) as usize];
                    next_block_on(day(today));
                }
            }
            AgeGate::do_try_state().unwrap();
            for number in 0..PEOPLE {
                let live = model.0.iter().any(|r| r.1 == number && r.2 >= AgeGate::today());
                assert_eq!(AgeGate::is_admitted(GateId(0), &account(number)), live);
            }
            let (free, held) = sponsor(id);
            assert_eq!(free + held + world().fees, FUNDS, "every unit is accounted for");
        }
        assert!(world().fees > 0);
    });
}

#[test]
fn random_histories_agree_with_a_simple_model() {
    for seed in 1..=24u64 {
        walk(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
    }
}
