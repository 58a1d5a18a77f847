//! Why a gate on the chain refuses a request for admission, as a code that clients can tell apart.

/// Lowest code that names a position in a batch.
pub const BATCH_CODE: u8 = 128;

/// Most requests in a batch: as many positions as codes are left for.
pub const MAX_BATCH: u32 = 128;

/// Why a request for admission is refused.
///
/// Reaches clients as `InvalidTransaction::Custom(code)`. Codes are never reused; later reasons have higher ones. A
/// batch is refused for the whole of it with the codes marked *batch*, and otherwise with [`BATCH_CODE`]` + position`
/// of its first bad request; that request sent alone gets its own code. One refusal is no code of this list: when a
/// block has its share of admissions, the answer is `InvalidTransaction::ExhaustsResources`, which keeps the request in
/// the pool for the next block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Refusal {
    /// The proof has not the exact length of the circuit's proofs for that number of issuers. Send it whole and
    /// unpadded.
    ProofLength = 1,
    /// *Batch.* There are no requests in it.
    EmptyBatch = 2,
    /// *Batch.* The requests name different gates. Send one batch for each gate.
    MixedGates = 3,
    /// *Batch.* Two requests share a nullifier or an account. Send the second later, or drop it.
    RepeatedInBatch = 4,
    /// *Batch.* There is no such gate.
    UnknownGate = 5,
    /// *Batch.* The gate takes no more admissions.
    GateClosed = 6,
    /// The request's last block is past. Prove again.
    Expired = 7,
    /// The request's last block is too far ahead. Prove again, for a shorter time.
    ExpiryTooFar = 8,
    /// The proof is for a day that the chain has not reached. Wait, or set the clock, which counts in UTC.
    DayAhead = 9,
    /// The proof is for a day before yesterday. Prove again.
    DayPast = 10,
    /// The anchor is older than the gate's policy allows. Prove again against a newer block.
    AnchorTooOld = 11,
    /// The nullifier is admitted for another account. Use another slot, or wait until that admission ends.
    NullifierTaken = 12,
    /// The account is admitted under another nullifier. It is in already; wait until that admission ends.
    AccountTaken = 13,
    /// The account is admitted, and renewing would not yet win half an admission's length. Renew later.
    RenewalTooEarly = 14,
    /// *Batch.* The gate's sponsor balance does not cover fee and deposit. Ask the gate's owner to fund it.
    SponsorDry = 15,
    /// The anchor's block is not there yet. Wait, or prove against a finalized block.
    AnchorAhead = 16,
    /// The registry root was not current at the anchor's block, or was superseded too long ago. Prove again.
    RegistryRoot = 17,
    /// The trust list's root was not current at the anchor's block, or was superseded too long ago. Prove again.
    TrustListRoot = 18,
    /// The policy reaches outside the supported dates on that day. Ask the gate's owner to change it.
    PolicyUnmeetable = 19,
    /// The proof does not prove what the gate asks, for this account, gate, day and chain.
    Proof = 20,
    /// *Batch.* Governance has disabled the circuit that gates take proofs of. Wait until it is enabled, or for a new one.
    CircuitDisabled = 21,
    /// There are not as many issuer tags as the gate's policy asks for issuers. Prove again, with as many.
    IssuerCount = 22,
    /// An issuer tag is there twice, or the tags do not ascend. Prove again, with distinct issuers.
    RepeatedIssuer = 23,
}

impl Refusal {
    /// Every refusal, in the order of the checks, cheap ones first: what fails several is refused for the first.
    ///
    /// A request without any issuer tag is the exception: it is refused for that before everything else.
    pub const ALL: [Self; 23] = [
        Self::EmptyBatch,
        Self::MixedGates,
        Self::RepeatedIssuer,
        Self::ProofLength,
        Self::RepeatedInBatch,
        Self::CircuitDisabled,
        Self::UnknownGate,
        Self::GateClosed,
        Self::IssuerCount,
        Self::Expired,
        Self::ExpiryTooFar,
        Self::DayAhead,
        Self::DayPast,
        Self::AnchorTooOld,
        Self::NullifierTaken,
        Self::AccountTaken,
        Self::RenewalTooEarly,
        Self::SponsorDry,
        Self::AnchorAhead,
        Self::RegistryRoot,
        Self::TrustListRoot,
        Self::PolicyUnmeetable,
        Self::Proof,
    ];

    /// The code that clients see.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The refusal of a code, if it is one.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }
}

/// The code that refuses a batch because of the request at `position`.
pub fn code_at(position: u32) -> u8 {
    // The bound on batches keeps positions below 128; were it ever larger, the last code would stand for the rest.
    BATCH_CODE.saturating_add(u8::try_from(position).unwrap_or(u8::MAX))
}

/// The position that a code names as the first bad one of a batch, if it names one.
pub const fn position_of(code: u8) -> Option<u8> {
    code.checked_sub(BATCH_CODE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clients out there know them.
    #[test]
    fn codes_are_pinned() {
        use Refusal::*;
        let pinned = [
            ProofLength,
            EmptyBatch,
            MixedGates,
            RepeatedInBatch,
            UnknownGate,
            GateClosed,
            Expired,
            ExpiryTooFar,
            DayAhead,
            DayPast,
            AnchorTooOld,
            NullifierTaken,
            AccountTaken,
            RenewalTooEarly,
            SponsorDry,
            AnchorAhead,
            RegistryRoot,
            TrustListRoot,
            PolicyUnmeetable,
            Proof,
            CircuitDisabled,
            IssuerCount,
            RepeatedIssuer,
        ];
        for (code, refusal) in (1u8..).zip(pinned) {
            assert_eq!(refusal.code(), code);
            assert_eq!(Refusal::from_code(code), Some(refusal));
            assert_eq!(position_of(code), None);
        }
        let mut all = Refusal::ALL.to_vec();
        all.sort_unstable();
        assert_eq!(all, pinned, "each is in the list once");
    }

    #[test]
    fn codes_that_name_a_position_are_no_reasons() {
        for code in (0..=0).chain(24..=u8::MAX) {
            assert_eq!(Refusal::from_code(code), None);
        }
        for position in 0..MAX_BATCH {
            assert_eq!(position_of(code_at(position)).map(u32::from), Some(position));
        }
        assert_eq!(code_at(u32::MAX), u8::MAX);
    }
}
