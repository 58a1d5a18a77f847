//! The questions that a wallet answers.
//!
//! A verifier that may ask anything can single a person out with a few odd questions. So a wallet answers only
//! those on a short menu, which many people would answer alike.

use ofage_primitives::{Flags, Policy, PolicyError};

/// Days within which evidence may be asked for: months and years.
pub const CHECKED_WITHIN: [u16; 6] = [90, 180, 365, 730, 1095, 1825];
/// Days for which an enrolment may have to stand.
pub const ENROLLED_FOR: [u16; 5] = [7, 30, 90, 180, 365];
/// Flags that may be forbidden; several of them at once.
pub const FORBIDDEN: Flags = Flags::ESTIMATE.union(Flags::BRIDGED);
/// Issuers that a trust list needs, unless the holder says otherwise: with a single one, a proof tells the issuer. For a
/// proof of several issuers it needs as many more, else the proof tells that all of them know the holder.
pub const MIN_ISSUERS: usize = 2;

/// A question that is not on the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MenuError {
    /// Nobody could meet it.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// An odd number of days.
    #[error("it asks for evidence of an unusual number of days; wallets answer for {CHECKED_WITHIN:?}")]
    CheckedWithin,
    /// An odd number of days.
    #[error("it asks for an enrolment of an unusual number of days; wallets answer for {ENROLLED_FOR:?}")]
    EnrolledFor,
    /// Several flags, or unassigned ones.
    #[error("it requires an unusual combination of flags; wallets answer for one at a time")]
    Required,
    /// Flags that only few would lack.
    #[error("it forbids unusual flags; wallets answer for estimate and bridged")]
    Forbidden,
}

/// Whether a wallet answers questions of this form.
///
/// Ages are whole years by the policy's form; every level of assurance may be asked for, and every number of issuers that
/// a proof can have.
///
/// # Errors
/// The first part that is not on the menu.
pub fn check(policy: &Policy) -> Result<(), MenuError> {
    policy.validate()?;
    if policy
        .checked_within
        .is_some_and(|days| !CHECKED_WITHIN.contains(&days))
    {
        return Err(MenuError::CheckedWithin);
    }
    if policy
        .enrolled_for
        .is_some_and(|days| !ENROLLED_FOR.contains(&days))
    {
        return Err(MenuError::EnrolledFor);
    }
    let required = policy.flags_required;
    if required != Flags::default() && !Flags::NAMED.iter().any(|(_, flag)| *flag == required) {
        return Err(MenuError::Required);
    }
    if !FORBIDDEN.contains(policy.flags_forbidden) {
        return Err(MenuError::Forbidden);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ofage_primitives::{
        policy::{AgeBand, MAX_ISSUERS},
        TrustListId,
    };

    fn refused(change: impl Fn(&mut Policy)) -> Option<MenuError> {
        let mut policy = Policy::new(AgeBand::over(18), TrustListId(0));
        change(&mut policy);
        check(&policy).err()
    }

    #[test]
    fn usual_questions_are_answered() {
        assert_eq!(refused(|_| {}), None);
        assert_eq!(refused(|p| p.checked_within = Some(365)), None);
        assert_eq!(refused(|p| p.enrolled_for = Some(30)), None);
        assert_eq!(refused(|p| p.issuers = MAX_ISSUERS), None);
        assert_eq!(refused(|p| p.flags_required = Flags::DOCUMENT), None);
        assert_eq!(refused(|p| p.flags_forbidden = FORBIDDEN), None);
    }

    #[test]
    fn odd_questions_are_not() {
        assert_eq!(
            refused(|p| p.checked_within = Some(364)),
            Some(MenuError::CheckedWithin)
        );
        assert_eq!(
            refused(|p| p.enrolled_for = Some(1)),
            Some(MenuError::EnrolledFor)
        );
        assert_eq!(
            refused(|p| p.flags_required = Flags::BANK.union(Flags::TELCO)),
            Some(MenuError::Required)
        );
        assert_eq!(
            refused(|p| p.flags_required = Flags(1 << 15)),
            Some(MenuError::Required)
        );
        assert_eq!(
            refused(|p| p.flags_forbidden = Flags::BANK),
            Some(MenuError::Forbidden)
        );
        assert_eq!(
            refused(|p| p.slots = 0),
            Some(MenuError::Policy(PolicyError::NoSlots))
        );
        assert_eq!(
            refused(|p| p.issuers = MAX_ISSUERS + 1),
            Some(MenuError::Policy(PolicyError::Issuers))
        );
    }
}
