//! What the circuit is put together from: the table of arithmetic, and the hashes in their lanes.

pub(crate) mod arithmetic;
pub(crate) mod hashing;
