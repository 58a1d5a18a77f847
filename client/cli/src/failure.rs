//! How a command ends, and its exit code.

use ofage_bridge::{LedgerError, SettingsError};
use ofage_sdk::{
    account::AccountError,
    chain::{AdmitError, ChainError},
    council::CouncilError,
    credential::CredentialError,
    document::DocumentError,
    http::HttpError,
    issuer::{
        attest::AttestError,
        audit::AuditError,
        intake::{CsvError, PostgresError},
        mirror::MirrorError,
        register::RegisterError,
        revoke::RevokeError,
        targets::TargetError,
    },
    key_file::{KeyFileError, WordsError},
    leaves::LeavesError,
    light::{CheckpointError, LightError, LiveError},
    ownership::OwnershipError,
    retrieval::RetrievalError,
    sample::SampleError,
    sealed::ShortPassphrase,
    verify::{StoreError, VerifyError},
    wallet::{issuance::IssuanceError, ImportError, ProveError, RefreshError, WalletError},
};
use ofage_server::{
    issuance::{self, AdminError, IssuerError},
    light::ServeError,
};

/// A fault of this program.
pub(crate) const INTERNAL: u8 = 70;

/// A command that ran to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done, or "yes".
    Yes,
    /// "No": refused, not admitted, not provable.
    No,
    /// The input has faults, which were told.
    BadInput,
}

impl Status {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => Kind::No.code(),
            Self::BadInput => Kind::Input.code(),
        }
    }
}

/// What a command stumbled over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The answer is no.
    No,
    /// The arguments.
    Usage,
    /// A file or its content.
    Input,
    /// The node or the chain.
    Chain,
    /// A wallet, key or passphrase.
    Wallet,
    /// This program.
    Internal,
}

impl Kind {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::No => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Chain => 4,
            Self::Wallet => 5,
            Self::Internal => INTERNAL,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Usage => "usage",
            Self::Input => "input",
            Self::Chain => "chain",
            Self::Wallet => "wallet",
            Self::Internal => "internal",
        }
    }
}

/// A command that did not reach its end.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    /// A name for programs, where there are several reasons for a no.
    pub(crate) code: Option<&'static str>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            code: None,
        }
    }

    /// The answer is no, for a reason that has a name.
    pub(crate) fn no(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code: Some(code),
            ..Self::new(Kind::No, message)
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(Kind::Input, message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message)
    }
}

fn chain(error: &ChainError) -> Kind {
    match error {
        ChainError::OtherChain { .. } => Kind::Input,
        ChainError::TooLong { .. } => Kind::Usage,
        ChainError::Light(error) => live(error),
        _ => Kind::Chain,
    }
}

fn retrieval(error: &RetrievalError) -> Kind {
    match error {
        RetrievalError::Chain(ChainError::OtherChain { .. }) => Kind::Input,
        RetrievalError::Chain(_) | RetrievalError::Leaves(_) => Kind::Chain,
        _ => Kind::No,
    }
}

fn live(error: &LiveError) -> Kind {
    match error {
        LiveError::Spec(_)
        | LiveError::BootNode(_)
        | LiveError::NoBootNode
        | LiveError::Database
        | LiveError::Set(_)
        | LiveError::Checkpoint(_) => Kind::Input,
        _ => Kind::Chain,
    }
}

fn attest(error: &AttestError) -> Kind {
    match error {
        AttestError::Register(_) => Kind::Input,
        AttestError::NotAnIssuer => Kind::Wallet,
        _ => Kind::Chain,
    }
}

fn refresh(error: &RefreshError) -> Kind {
    match error {
        RefreshError::Retrieval(error) => retrieval(error),
        RefreshError::Wallet(_) => Kind::Wallet,
        _ => Kind::Input,
    }
}

macro_rules! failures {
    ($($error:ty => $kind:expr),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                let kind: fn(&$error) -> Kind = $kind;
                Self::new(kind(&error), error.to_string())
            }
        })*
    };
}

failures! {
    ChainError => chain,
    LiveError => live,
    LightError => |error| match error {
        LightError::Chain(error) => chain(error),
        LightError::FarBehind(_) | LightError::Checkpoint(_) => Kind::Input,
        _ => Kind::Chain,
    },
    issuance::ServeError => |error| match error {
        issuance::ServeError::Store(_) => Kind::Input,
        _ => Kind::Usage,
    },
    IssuerError => |error| match error {
        IssuerError::Attest(error) => attest(error),
        _ => Kind::Input,
    },
    AdminError => |error| match error {
        AdminError::Remote(_) => Kind::Usage,
        AdminError::Token => Kind::Input,
        _ => Kind::Chain,
    },
    SettingsError => |_| Kind::Input,
    LedgerError => |error| match error {
        LedgerError::NoRequest => Kind::No,
        _ => Kind::Input,
    },
    CheckpointError => |_| Kind::Input,
    ServeError => |error| match error {
        ServeError::Live(error) => live(error),
        _ => Kind::Usage,
    },
    DocumentError => |_| Kind::Input,
    CsvError => |_| Kind::Input,
    CredentialError => |_| Kind::Input,
    AccountError => |_| Kind::Usage,
    KeyFileError => |_| Kind::Wallet,
    WordsError => |_| Kind::Wallet,
    ShortPassphrase => |_| Kind::Wallet,
    LeavesError => |_| Kind::Chain,
    RetrievalError => retrieval,
    RefreshError => refresh,
    RegisterError => |_| Kind::Input,
    AuditError => |error| match error {
        AuditError::Chain(error) => chain(error),
        AuditError::NoShard(_) | AuditError::Mirror(MirrorError::Leaves(_)) => Kind::Chain,
        _ => Kind::Input,
    },
    PostgresError => |_| Kind::Input,
    SampleError => |_| Kind::Input,
    StoreError => |_| Kind::Input,
    WalletError => |_| Kind::Wallet,
    AdmitError => |error| match error {
        AdmitError::Refused(_) => Kind::No,
        _ => Kind::Chain,
    },
    AttestError => attest,
    RevokeError => |error| match error {
        RevokeError::NotAnIssuer => Kind::Wallet,
        RevokeError::Chain(_) | RevokeError::Overtaken(_) => Kind::Chain,
        RevokeError::Mirror(MirrorError::Leaves(_)) => Kind::Chain,
        _ => Kind::Input,
    },
    TargetError => |_| Kind::Input,
    OwnershipError => |_| Kind::Input,
    HttpError => |_| Kind::Chain,
    IssuanceError => |error| match error {
        IssuanceError::Refused { .. } => Kind::No,
        IssuanceError::Http(_) | IssuanceError::Later { .. } => Kind::Chain,
        IssuanceError::Wallet(_) => Kind::Wallet,
        _ => Kind::Input,
    },
    CouncilError => |error| match error {
        CouncilError::NotMember(_) => Kind::Wallet,
        CouncilError::NoMotion(_) | CouncilError::TooFewVotes { .. } | CouncilError::NoValidators => {
            Kind::Usage
        }
        _ => Kind::Chain,
    },
    ImportError => |error| match error {
        ImportError::Credential(_) => Kind::Input,
        ImportError::Wallet(_) => Kind::Wallet,
        ImportError::Refresh(error) => refresh(error),
        _ => Kind::Internal,
    },
    ProveError => |error| match error {
        ProveError::Wallet(_) => Kind::Wallet,
        ProveError::Retrieval(error) => retrieval(error),
        ProveError::NotPrepared => Kind::Input,
        ProveError::SlotRange { .. } => Kind::Usage,
        ProveError::Prover(_) => Kind::Internal,
        _ => Kind::No,
    },
    VerifyError => |error| match error {
        VerifyError::No(_) => Kind::No,
        VerifyError::Store(_) => Kind::Input,
        VerifyError::Chain(error) => chain(error),
        _ => Kind::Chain,
    },
    ofage_primitives::DayError => |_| Kind::Internal,
    std::io::Error => |_| Kind::Input,
    serde_json::Error => |_| Kind::Internal,
}
