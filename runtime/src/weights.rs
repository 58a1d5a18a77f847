//! What the calls of this project's pallets cost. Calls of the SDK's pallets have the SDK's own measurements.

pub mod pallet_age_gate;
pub mod pallet_age_registry;
pub mod pallet_validator_set;
