//! What the chain's refusals mean, and what to do about them.

/// What to do about a dispatch error, by its `Pallet::Error` name.
pub fn advice(error: &str) -> &'static str {
    let _ = error;
    "the chain gives no more detail; see the pallet's documentation"
}

/// The number in `Custom error: N`, as nodes write it.
pub(super) fn custom_code(text: &str) -> Option<u8> {
    text.strip_prefix("Custom error: ")
        .and_then(|code| code.trim().parse().ok())
}

/// Why a gate admits nobody with this proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdmitRefusal(u8);

impl AdmitRefusal {
    /// The reason behind a code of the runtime.
    pub fn from_code(code: u8) -> Self {
        Self(code)
    }

    /// A name that programs compare; it never changes.
    pub fn code(&self) -> &'static str {
        "todo"
    }
}

impl std::fmt::Display for AdmitRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}
