//! What an upgrade does to the state that it finds, in the block that applies it.
//!
//! Each migration belongs to a pallet, lies in its `migrations`, and runs on exactly one version of that pallet's
//! storage: on any other it does nothing. So a chain may skip runtimes, and a migration stays in the list until every
//! chain has it behind it. New ones go to the end.

use crate::Runtime;

/// All of them, in their order.
pub type All = (pallet_age_registry::migrations::v2::Migrate<Runtime>,);
