//! Transactions, made ahead and without asking a node.

use codec::Encode;
use ofage_runtime::{
    extensions, AccountId, Address, Hash, Nonce, RuntimeCall, SignedPayload, UncheckedExtrinsic, VERSION,
};
use sp_core::{sr25519, Pair};
use sp_runtime::generic::Era;

/// Who signs, for one chain, with a nonce that counts up.
pub(crate) struct Signer {
    pair: sr25519::Pair,
    account: AccountId,
    genesis: Hash,
    nonce: Nonce,
}

impl Signer {
    /// The published key of a name, which has not signed anything yet.
    pub(crate) fn dev(name: &str, genesis: Hash) -> Self {
        let pair = sr25519::Pair::from_string(&format!("//{name}"), None)
            .expect("names in this program are letters and digits; qed");
        Self {
            account: pair.public().into(),
            pair,
            genesis,
            nonce: 0,
        }
    }

    /// Its account.
    pub(crate) fn account(&self) -> AccountId {
        self.account.clone()
    }

    /// The nonce of its next transaction.
    pub(crate) fn nonce(&self) -> Nonce {
        self.nonce
    }

    /// Signs the next call.
    pub(crate) fn sign(&mut self, call: impl Into<RuntimeCall>) -> Vec<u8> {
        let extension = extensions::plain(Era::Immortal, self.nonce);
        // What each extension has signed beside what it sends, in their order.
        let implicit = (
            (),
            VERSION.spec_version,
            VERSION.transaction_version,
            self.genesis,
            // An immortal transaction is bound to block 0.
            self.genesis,
            (),
            (),
            (),
            (),
            None,
            (),
        );
        let payload = SignedPayload::from_raw(call.into(), extension, implicit);
        let signature = payload.using_encoded(|bytes| self.pair.sign(bytes));
        let (call, extension, _) = payload.deconstruct();
        self.nonce += 1;
        let signer = Address::from(self.account());
        UncheckedExtrinsic::new_signed(call, signer, signature.into(), extension).encode()
    }
}

/// A call in a general transaction, which nobody signs.
pub(crate) fn general(call: impl Into<RuntimeCall>) -> Vec<u8> {
    UncheckedExtrinsic::new_transaction(call.into(), extensions::plain(Era::Immortal, 0)).encode()
}

/// A call in a bare transaction, as authors put them into their blocks.
pub(crate) fn bare(call: impl Into<RuntimeCall>) -> Vec<u8> {
    UncheckedExtrinsic::new_bare(call.into()).encode()
}
