//! Random bytes of the operating system.

use ofage_primitives::secrets::{HolderSalt, HolderSecret};
use zeroize::Zeroizing;

/// The operating system gives no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes; nothing secret can be made on it now")]
pub struct NoRandomness;

/// Random bytes, wiped from memory when they are dropped.
///
/// # Errors
/// [`NoRandomness`].
pub fn bytes<const N: usize>() -> Result<Zeroizing<[u8; N]>, NoRandomness> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut bytes[..]).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

pub(crate) fn secret() -> Result<HolderSecret, NoRandomness> {
    Ok(HolderSecret::from_uniform(&*bytes::<64>()?))
}

pub(crate) fn salt() -> Result<HolderSalt, NoRandomness> {
    Ok(HolderSalt::from_uniform(&*bytes::<64>()?))
}
