//! General transactions (version 5) without a signature, for calls that authorize themselves.
//!
//! A bare transaction never reaches a pallet's `authorize`, and a signed one needs an account with money. A general
//! one carries the transaction extensions instead, each with the value that asks for nothing: it lives on, it pays
//! nothing, nobody signed it.

use codec::{Compact, Encode};
use scale_info::PortableRegistry;
use subxt::{
    ext::{
        frame_decode::extrinsics::{
            best_v5_general_transaction_extension_version, encode_v5_general, TransactionExtensions,
            TransactionExtensionsError,
        },
        scale_encode::EncodeAsType,
        scale_value::Value,
    },
    metadata::Metadata,
};

use super::{Call, ChainError};

/// The extensions of a transaction that nobody signed.
///
/// Those without a value need no entry. An extension that is not known here and has a value makes encoding fail:
/// guessing could ask for something.
struct NoAuthorization;

/// The value of an extension.
enum Neutral {
    /// `Era::Immortal`: the call names its own expiry.
    Immortal,
    /// No account, so no nonce counts.
    Nonce,
    /// No tip.
    NoTip,
    /// No metadata hash to compare.
    NoMetadataHash,
    /// No signature.
    NoSignature,
    /// Known to have no value, but an implicit one, which is not sent.
    Implicit,
}

fn neutral(name: &str) -> Option<Neutral> {
    Some(match name {
        "CheckMortality" | "CheckEra" => Neutral::Immortal,
        "CheckNonce" => Neutral::Nonce,
        "ChargeTransactionPayment" => Neutral::NoTip,
        "CheckMetadataHash" => Neutral::NoMetadataHash,
        "VerifyMultiSignature" | "VerifySignature" => Neutral::NoSignature,
        "CheckSpecVersion" | "CheckTxVersion" | "CheckGenesis" => Neutral::Implicit,
        _ => return None,
    })
}

impl TransactionExtensions<PortableRegistry> for NoAuthorization {
    fn contains_extension(&self, name: &str) -> bool {
        neutral(name).is_some()
    }

    fn encode_extension_value_to(
        &self,
        name: &str,
        type_id: u32,
        types: &PortableRegistry,
        out: &mut Vec<u8>,
    ) -> Result<(), TransactionExtensionsError> {
        match neutral(name).ok_or_else(|| TransactionExtensionsError::NotFound(name.to_owned()))? {
            Neutral::Immortal => 0u8.encode_to(out),
            Neutral::Nonce => Compact(0u64).encode_to(out),
            Neutral::NoTip => Compact(0u128).encode_to(out),
            Neutral::NoMetadataHash => 0u8.encode_to(out),
            Neutral::NoSignature => Value::unnamed_variant("Disabled", [])
                .encode_as_type_to(type_id, types, out)
                .map_err(|error| TransactionExtensionsError::Other {
                    extension_name: name.to_owned(),
                    error: Box::new(error),
                })?,
            Neutral::Implicit => {}
        }
        Ok(())
    }

    fn encode_extension_implicit_to(
        &self,
        name: &str,
        _type_id: u32,
        _types: &PortableRegistry,
        _out: &mut Vec<u8>,
    ) -> Result<(), TransactionExtensionsError> {
        // Implicit values go into what is signed, and nothing is.
        Err(TransactionExtensionsError::NotFound(name.to_owned()))
    }
}

/// Encodes a call as a general transaction that nobody signed.
pub(super) fn encode(call: &Call, metadata: &Metadata) -> Result<Vec<u8>, ChainError> {
    let types = metadata.types();
    let payload = call.payload();
    let failed = |error: subxt::ext::frame_decode::extrinsics::ExtrinsicEncodeError| {
        ChainError::Runtime(format!("{}: {error}", call.name()))
    };
    let version =
        best_v5_general_transaction_extension_version(&NoAuthorization, metadata, types).map_err(failed)?;
    encode_v5_general(
        payload.pallet_name(),
        payload.call_name(),
        payload.call_data(),
        version,
        &NoAuthorization,
        metadata,
        types,
    )
    .map_err(failed)
}
