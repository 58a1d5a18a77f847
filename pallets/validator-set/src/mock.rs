//! A runtime with this pallet alone; accounts below 100 have session keys.

// The macros want public types, though tests alone reach them.
#![allow(unreachable_pub)]

use crate as pallet_validator_set;
use frame_support::{derive_impl, parameter_types, traits::ValidatorRegistration};
use frame_system::EnsureRoot;
use sp_runtime::BuildStorage;
use std::cell::RefCell;

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        ValidatorSet: pallet_validator_set,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
}

parameter_types! {
    pub const MaxValidators: u32 = 4;
}

thread_local! {
    static PURGED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Takes the session keys of `account` away.
pub fn purge_keys(account: u64) {
    PURGED.with(|p| p.borrow_mut().push(account));
}

pub struct Keys;

impl ValidatorRegistration<u64> for Keys {
    fn is_registered(id: &u64) -> bool {
        let made_by_a_benchmark = cfg!(feature = "runtime-benchmarks");
        (*id < 100 || made_by_a_benchmark) && PURGED.with(|p| !p.borrow().contains(id))
    }
}

impl pallet_validator_set::Config for Test {
    type ChangeOrigin = EnsureRoot<u64>;
    type Registration = Keys;
    type MaxValidators = MaxValidators;
    type WeightInfo = ();
}

/// State with validators 1, 2 and 3, at block 1 so that events are kept.
pub fn new_test_ext() -> sp_io::TestExternalities {
    PURGED.with(|p| p.borrow_mut().clear());
    let config = RuntimeGenesisConfig {
        validator_set: pallet_validator_set::GenesisConfig {
            validators: vec![1, 2, 3],
        },
        ..Default::default()
    };
    let mut ext: sp_io::TestExternalities = config.build_storage().expect("the genesis is valid").into();
    ext.execute_with(|| System::set_block_number(1));
    ext
}

/// Runs a test, then checks the pallet's invariants.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        test();
        ValidatorSet::do_try_state().expect("invariants hold after every test");
    });
}
