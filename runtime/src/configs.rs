//! How each pallet is configured, by area.

pub mod consensus;
pub mod governance;
pub mod money;
pub mod registry;
pub mod system;
