//! What the service does with a wallet's messages, without HTTP.

use std::sync::Arc;

use ofage_sdk::{
    issuance::messages::{
        AccessToken, Code, CredentialRequest, CredentialResponse, DeferredRequest, ErrorCode, IssuerUrl,
        NonceResponse, Notification, NotificationEvent, NotificationId, TokenRequest, TokenResponse,
        TransactionId, TxCode,
    },
    random,
};
use tokio::sync::{Mutex, Notify, Semaphore};
use zeroize::Zeroizing;

use super::{
    answer::Fault,
    nonces,
    registry::{Registry, RegistryError, Standing},
    store::{may_collect_again, Applied, Apply, Hash, State, Store, Transaction, Unredeemed, Unused},
};

/// How long a token counts, in seconds: a week, in which even a chain that stands still is mended.
pub(super) const TOKEN_LIFE: u64 = 7 * 24 * 60 * 60;
/// Most proofs that wait to be looked at.
const MAX_CHECKS: usize = 64;

/// What keyed hashes are for.
mod purpose {
    pub(super) const CODE: &[u8; 16] = b"ofage code    v1";
    pub(super) const TX_CODE: &[u8; 16] = b"ofage tx_code v1";
    pub(super) const TOKEN: &[u8; 16] = b"ofage token   v1";
    pub(super) const TRANSACTION: &[u8; 16] = b"ofage txn id  v1";
    pub(super) const NEW_TRANSACTION: &[u8; 16] = b"ofage txn new v1";
    pub(super) const NEW_NOTIFICATION: &[u8; 16] = b"ofage notify  v1";
}

async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, RegistryError> + Send + 'static,
) -> Result<T, RegistryError> {
    let done = tokio::task::spawn_blocking(act).await;
    done.unwrap_or_else(|_| Err(RegistryError("the register's thread has ended".into())))
}

/// The service's state and its neighbours.
pub(super) struct Desk<R> {
    pub(super) registry: Arc<R>,
    pub(super) store: Store,
    pub(super) url: IssuerUrl,
    pub(super) clock: fn() -> u64,
    /// Seconds that wallets are told to wait before they ask again.
    pub(super) interval: u32,
    /// Wakes the batcher.
    pub(super) work: Notify,
    /// Held while customers go from the store to the register, or out of both.
    pub(super) moving: Mutex<()>,
    /// As many proofs are looked at at a time as there are processors for it.
    checks: Arc<Semaphore>,
    waiting_checks: Semaphore,
}

impl<R: Registry> Desk<R> {
    pub(super) fn new(
        registry: Arc<R>,
        store: Store,
        url: IssuerUrl,
        clock: fn() -> u64,
        interval: u32,
        processors: usize,
    ) -> Self {
        Self {
            registry,
            store,
            url,
            clock,
            interval,
            work: Notify::new(),
            moving: Mutex::new(()),
            checks: Arc::new(Semaphore::new(processors.max(1))),
            waiting_checks: Semaphore::new(MAX_CHECKS),
        }
    }

    pub(super) fn now(&self) -> u64 {
        (self.clock)()
    }

    pub(super) fn code_hash(&self, code: &Code) -> Hash {
        self.store.secret().mac(purpose::CODE, code.expose().as_bytes())
    }

    /// A transaction code has few digits, so it is hashed with the code, which the store does not have.
    pub(super) fn tx_code_hash(&self, code: &Code, tx_code: &TxCode) -> Hash {
        let both = Zeroizing::new(format!("{}\0{}", code.expose(), tx_code.expose()));
        self.store.secret().mac(purpose::TX_CODE, both.as_bytes())
    }

    fn token_hash(&self, token: &AccessToken) -> Hash {
        self.store.secret().mac(purpose::TOKEN, token.expose().as_bytes())
    }

    fn transaction_hash(&self, id: &TransactionId) -> Hash {
        self.store
            .secret()
            .mac(purpose::TRANSACTION, id.expose().as_bytes())
    }

    /// The one transaction id of a token: a wallet that lost the answer, and asks again, gets it again.
    fn transaction_id(&self, token: &AccessToken) -> Result<TransactionId, Fault> {
        self.derived(purpose::NEW_TRANSACTION, token)?
            .parse()
            .map_err(|_| Fault::server("an id could not be made"))
    }

    fn notification_id(&self, token: &AccessToken) -> Result<NotificationId, Fault> {
        self.derived(purpose::NEW_NOTIFICATION, token)?
            .parse()
            .map_err(|_| Fault::server("an id could not be made"))
    }

    fn derived(&self, purpose: &[u8; 16], token: &AccessToken) -> Result<String, Fault> {
        Ok(hex::encode(
            self.store.secret().mac(purpose, token.expose().as_bytes()),
        ))
    }

    /// Redeems a code.
    pub(super) async fn redeem(&self, request: TokenRequest) -> Result<TokenResponse, Fault> {
        let token = AccessToken::random()?;
        let code = self.code_hash(&request.code);
        let tx_code = request
            .tx_code
            .as_ref()
            .map(|tx_code| self.tx_code_hash(&request.code, tx_code));
        let hash = self.token_hash(&token);
        let redeemed = self
            .store
            .redeem(code, tx_code, hash, self.now(), TOKEN_LIFE)
            .await?;
        redeemed.map_err(|reason| match reason {
            Unredeemed::Code => Fault::bad(
                ErrorCode::InvalidGrant,
                "the code is wrong, used up or too old; ask the issuer for a new offer",
            ),
            Unredeemed::TxCode => Fault::bad(ErrorCode::InvalidGrant, "the transaction code is wrong"),
            Unredeemed::NoTxCode => Fault::bad(
                ErrorCode::InvalidRequest,
                "a transaction code is needed; the issuer told it",
            ),
            Unredeemed::SurplusTxCode => {
                Fault::bad(ErrorCode::InvalidRequest, "this offer has no transaction code")
            }
        })?;
        Ok(TokenResponse::new(token, TOKEN_LIFE))
    }

    /// A fresh nonce.
    pub(super) fn nonce(&self) -> Result<NonceResponse, Fault> {
        let c_nonce = nonces::fresh(self.store.secret(), self.now())?;
        Ok(NonceResponse { c_nonce })
    }

    /// Takes a request for a credential, if its proof is good.
    ///
    /// The cheap checks come first. The nonce and one of the token's attempts are used up before the proof is looked at,
    /// so that nobody has the same proof checked twice, and a token buys few checks.
    pub(super) async fn request(&self, token: AccessToken, body: &[u8]) -> Result<CredentialResponse, Fault> {
        let session = self.token_hash(&token);
        let now = self.now();
        if !self.store.has_session(session, now)? {
            return Err(Fault::token());
        }
        let request = CredentialRequest::from_json(body).map_err(|code| {
            Fault::bad(
                code,
                "the request is not one for an Ofage attestation with one proof of ownership",
            )
        })?;
        let stale = Fault::bad(
            ErrorCode::InvalidNonce,
            "the nonce is wrong, used up or too old; fetch a fresh one",
        );
        let evidence = request.evidence;
        let nonce = nonces::check(self.store.secret(), &evidence.nonce, now).ok_or(stale)?;
        let place = self.waiting_checks.try_acquire();
        let _place =
            place.map_err(|_| Fault::unavailable("too many proofs wait to be looked at; ask again"))?;
        match self.store.attempt(session, nonce, now).await? {
            Ok(()) => {}
            Err(Unused::Token) => return Err(Fault::token()),
            Err(Unused::Nonce) => return Err(stale),
            Err(Unused::Attempts) => {
                return Err(Fault::bad(
                    ErrorCode::CredentialRequestDenied,
                    "too many proofs were wrong; ask the issuer for a new offer",
                ));
            }
        }
        let identity = evidence.identity;
        let (registry, url) = (self.registry.clone(), self.url.clone());
        let permit = self.checks.clone().acquire_owned().await;
        let permit = permit.map_err(|_| Fault::unavailable("the service is about to stop"))?;
        let owns = tokio::task::spawn_blocking(move || {
            // The place is given back when the check is over, also when the wallet has gone away.
            let _permit = permit;
            registry.owns(&url, &evidence)
        });
        if !owns.await.unwrap_or(false) {
            return Err(Fault::bad(
                ErrorCode::InvalidProof,
                "the proof of ownership is wrong, or for another service, issuer or nonce",
            ));
        }
        let transaction = self.transaction_id(&token)?;
        let apply = Apply {
            token: session,
            id: self.transaction_hash(&transaction),
            identity,
            now: self.now(),
        };
        match self.store.apply(apply).await? {
            Applied::Accepted => {}
            Applied::Token => return Err(Fault::token()),
            Applied::Other => {
                return Err(Fault::bad(
                    ErrorCode::CredentialRequestDenied,
                    "the offer was taken for another commitment",
                ));
            }
        }
        self.work.notify_one();
        self.look(&token, transaction).await
    }

    /// Looks whether a credential is ready.
    pub(super) async fn deferred(
        &self,
        token: AccessToken,
        request: DeferredRequest,
    ) -> Result<CredentialResponse, Fault> {
        if !self.store.has_session(self.token_hash(&token), self.now())? {
            return Err(Fault::token());
        }
        self.look(&token, request.transaction_id).await
    }

    async fn look(
        &self,
        token: &AccessToken,
        transaction: TransactionId,
    ) -> Result<CredentialResponse, Fault> {
        const UNKNOWN: Fault = Fault::bad(
            ErrorCode::InvalidTransactionId,
            "there is no such transaction, or its credential was handed out",
        );
        const DENIED: Fault = Fault::bad(
            ErrorCode::CredentialRequestDenied,
            "the issuer does not attest this; ask it why",
        );
        let id = self.transaction_hash(&transaction);
        let known = self.store.transaction(id)?;
        let row = known
            .filter(|row| row.session == self.token_hash(token))
            .ok_or(UNKNOWN)?;
        let deferred = |transaction| {
            Ok(CredentialResponse::Deferred {
                transaction,
                interval: self.interval,
            })
        };
        match row.state {
            State::Queued => return deferred(transaction),
            State::Refused => return Err(DENIED),
            State::Collected(at) if may_collect_again(at, self.now()) => {}
            State::Collected(_) | State::Done => return Err(UNKNOWN),
            State::Taken => {}
        }
        match self.registry.standing(&row.reference, Some(row.identity))? {
            Standing::Waiting => deferred(transaction),
            Standing::Final(credential) => {
                if row.state == State::Taken {
                    self.store.collected(id, self.now()).await?;
                }
                Ok(CredentialResponse::Issued {
                    credential,
                    notification: Some(self.notification_id(token)?),
                })
            }
            Standing::Forgotten | Standing::Revoked | Standing::Unknown => Err(DENIED),
        }
    }

    /// Hears what became of a credential.
    pub(super) async fn notified(&self, token: AccessToken, notification: Notification) -> Result<(), Fault> {
        let session = self.token_hash(&token);
        if !self.store.has_session(session, self.now())? {
            return Err(Fault::token());
        }
        let unknown = Fault::bad(
            ErrorCode::InvalidNotificationId,
            "no credential was handed out under this id",
        );
        if notification.notification_id.expose() != self.notification_id(&token)?.expose() {
            return Err(unknown);
        }
        let id = self.transaction_hash(&self.transaction_id(&token)?);
        let row: Transaction = self.store.transaction(id)?.ok_or(unknown)?;
        match (row.state, notification.event) {
            (State::Collected(_), NotificationEvent::CredentialAccepted) => {
                self.delivered(row.reference).await?;
                self.store.done(id).await?;
                Ok(())
            }
            // Told twice is told once. A wallet that could not take it may fetch it again for a while.
            (State::Collected(_) | State::Done, _) => Ok(()),
            _ => Err(unknown),
        }
    }

    /// Tells the register that a holder has the credential. It writes to its disk, so it has a thread of its own.
    pub(super) async fn delivered(&self, reference: String) -> Result<(), RegistryError> {
        let registry = self.registry.clone();
        blocking(move || registry.delivered(&reference)).await
    }

    /// Has the register forget a customer.
    pub(super) async fn forget(&self, reference: String) -> Result<bool, RegistryError> {
        let registry = self.registry.clone();
        blocking(move || registry.forget(&reference)).await
    }

    /// A transaction code of six digits, all equally likely.
    pub(super) fn new_tx_code() -> Result<TxCode, Fault> {
        const CODES: u32 = 1_000_000;
        loop {
            let number = u32::from_le_bytes(*random::bytes::<4>()?);
            // The last, incomplete round of numbers would make some codes likelier.
            if number < u32::MAX / CODES * CODES {
                let text = Zeroizing::new(format!("{:06}", number % CODES));
                return text
                    .parse()
                    .map_err(|_| Fault::server("a code could not be made"));
            }
        }
    }
}
