//! What becomes of storage that an older runtime wrote.
//!
//! Each change of a stored type, or of what an item means, raises [`STORAGE_VERSION`](crate::pallet::STORAGE_VERSION)
//! and gets a module of its own:
//!
//! 1. `vN` has the types of version `N - 1` as they were, with `#[storage_alias]` for the items that hold them. Types
//!    of today change again; what lies in old states does not.
//! 2. It turns each old value into a new one, by [`UncheckedOnRuntimeUpgrade`], wrapped into `vN::Migrate`, a
//!    [`VersionedMigration`] from `N - 1` to `N`: that one runs once and only on that version, in whatever order
//!    runtimes follow each other. It gives the weight of all that it read and wrote.
//! 3. `pre_upgrade` and `post_upgrade` compare before and after, for `try-runtime` on the state of a real chain.
//! 4. A test runs it over raw storage that the last runtime of version `N - 1` wrote
//!    (`src/tests/migrating/`), runs it again, and checks the invariants and what clients read.
//! 5. The runtime lists it behind the older ones. None is ever edited, and one is removed when no chain can have the
//!    old version any more.
//!
//! A migration of this kind does all in one block, before anything else of it. That is right for what is small, or known to be. One
//! that walks the shards of a full registry does not fit a block: it goes in steps, by `pallet-migrations` and
//! `SteppedMigration`, during which no transactions are taken.
//!
//! [`UncheckedOnRuntimeUpgrade`]: frame_support::traits::UncheckedOnRuntimeUpgrade
//! [`VersionedMigration`]: frame_support::migrations::VersionedMigration

pub mod v2;
