//! Getting an attestation from an issuer's service: OpenID4VCI 1.0, pre-authorized code, deferred issuance.
//!
//! What the wallet is owed is written into it, encrypted like all else, as soon as the code is used up: a wallet that is
//! stopped goes on later. It believes nothing that a service says of itself but its endpoints: the issuer's number is held
//! against the chain, and the credential is checked like one from a file.

use reqwest::Url;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use ofage_primitives::{GenesisHash, IssuerIndex};

use super::{Wallet, WalletError};
use crate::{
    credential::{Credential, CredentialError},
    document,
    http::{self, Answer, HttpError, Message},
    issuance::messages::{
        AccessToken, AuthorizationMetadata, CredentialOffer, CredentialRequest, CredentialResponse,
        DeferredRequest, ErrorBody, ErrorCode, Evidence, IssuerMetadata, IssuerUrl, Label, MessageError,
        NonceResponse, Notification, NotificationEvent, NotificationId, OfferLink, TokenRequest,
        TokenResponse, TransactionId, TxCode, TxCodeHint, AUTHORIZATION_METADATA, ISSUER_METADATA,
        MAX_MESSAGE,
    },
    ownership::{Claim, OwnershipError},
};

/// Times that a nonce is fetched anew when the service says that it is too old.
const NONCES: usize = 2;

/// No credential, for now or for good.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssuanceError {
    /// The service cannot be asked.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It says something else than the standard.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// It says no.
    #[error("the service says no: {}{description}", .reason.name())]
    Refused {
        /// Why.
        reason: ErrorCode,
        /// What it says about it, after a blank; or nothing.
        description: String,
    },
    /// It is busy, or down.
    #[error(
        "the service cannot answer now (status {status}); try again later (ofage wallet request --resume)"
    )]
    Later {
        /// Its answer.
        status: u16,
        /// In how many seconds it wants to be asked again.
        retry_after: Option<u64>,
    },
    /// It wants a code besides.
    #[error("the offer needs a transaction code, which the issuer sent to you otherwise; give it too")]
    NoTxCode,
    /// The proof of ownership could not be made.
    #[error(transparent)]
    Ownership(#[from] OwnershipError),
    /// A credential that was not asked for.
    #[error("the service sent a credential of another chain or issuer; do not go on with it")]
    Other,
    /// The credential is none that the wallet takes.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The wallet could not be written.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}

/// An offer that was looked at: who makes it, by their own account. No `Debug`: it holds the code.
pub struct Offered {
    offer: CredentialOffer,
    metadata: IssuerMetadata,
    token: Url,
}

impl Offered {
    /// Reads a link, and asks the service about itself. The code is not used.
    ///
    /// # Errors
    /// [`IssuanceError`].
    pub async fn look_at(link: &str) -> Result<Self, IssuanceError> {
        let offer = match link.trim().parse()? {
            OfferLink::Offer(offer) => *offer,
            OfferLink::Address(url) => {
                let answer = http::ask(&url, Message::Get, None, MAX_MESSAGE).await?;
                CredentialOffer::from_json(&good(answer)?)?
            }
        };
        let (metadata, token) = describe(&offer.issuer).await?;
        if !offer.offers(&metadata.configuration) {
            return Err(MessageError::OtherOffer.into());
        }
        Ok(Self {
            offer,
            metadata,
            token,
        })
    }

    /// The service.
    pub fn service(&self) -> &IssuerUrl {
        &self.offer.issuer
    }

    /// What it calls itself.
    pub fn name(&self) -> Option<&Label> {
        self.metadata.name.as_ref()
    }

    /// The chain and the issuer that it says it is: to be held against the chain.
    pub fn issuer(&self) -> (GenesisHash, IssuerIndex) {
        (self.metadata.genesis, self.metadata.index)
    }

    /// What the holder has to type, if anything.
    pub fn tx_code(&self) -> Option<&TxCodeHint> {
        self.offer.tx_code.as_ref()
    }
}

/// What the service at a URL says about itself.
async fn describe(service: &IssuerUrl) -> Result<(IssuerMetadata, Url), IssuanceError> {
    let get = |kind: &'static str| async move {
        let answer = http::ask(&service.well_known(kind), Message::Get, None, MAX_MESSAGE).await?;
        good(answer)
    };
    let metadata = IssuerMetadata::from_json(&get(ISSUER_METADATA).await?, service)?;
    let authorization = AuthorizationMetadata::from_json(&get(AUTHORIZATION_METADATA).await?, service)?;
    Ok((metadata, authorization.token))
}

/// What a service owes to the wallet. No `Debug`: it holds a token.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Owed {
    service: IssuerUrl,
    #[serde(with = "document::genesis")]
    genesis: GenesisHash,
    issuer: IssuerIndex,
    token: AccessToken,
    /// None until the service took the request.
    #[serde(default)]
    transaction: Option<TransactionId>,
}

/// A request on its way, as its holder sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwedBy {
    /// The service.
    pub service: IssuerUrl,
    /// The issuer.
    pub issuer: IssuerIndex,
}

/// What came of asking. No `Debug`: it may be the credential.
pub enum Collected {
    /// The credential, checked by itself: the chain is still to be asked. [`Wallet::settle`] ends the matter.
    Credential(Box<Credential>, Option<NotificationId>),
    /// Not ready.
    NotYet {
        /// In how many seconds to ask again.
        interval: u32,
    },
}

impl Wallet {
    /// Redeems an offer: its code is used up then, and what the service owes is in the wallet.
    ///
    /// # Errors
    /// [`IssuanceError`].
    pub async fn redeem(&mut self, offered: Offered, tx_code: Option<TxCode>) -> Result<(), IssuanceError> {
        if offered.offer.tx_code.is_some() && tx_code.is_none() {
            return Err(IssuanceError::NoTxCode);
        }
        let form = TokenRequest {
            code: offered.offer.code,
            tx_code,
        };
        let form = form.to_form();
        let answer = http::ask(&offered.token, Message::Form(&form), None, MAX_MESSAGE).await?;
        let token = TokenResponse::from_json(&good(answer)?)?;
        self.content.owed.push(Owed {
            service: offered.offer.issuer,
            genesis: offered.metadata.genesis,
            issuer: offered.metadata.index,
            token: token.access_token,
            transaction: None,
        });
        Ok(self.save()?)
    }

    /// What services owe to the wallet, oldest first.
    pub fn owed(&self) -> Vec<OwedBy> {
        let by = |owed: &Owed| OwedBy {
            service: owed.service.clone(),
            issuer: owed.issuer,
        };
        self.content.owed.iter().map(by).collect()
    }

    /// Asks for what a service owes, by its place in [`owed`](Self::owed): proves the ownership of the commitment the first
    /// time, and asks whether the credential is ready after that.
    ///
    /// # Errors
    /// [`IssuanceError`]. With [`IssuanceError::Refused`] for a reason that is final, nothing is owed any more.
    ///
    /// # Panics
    /// When there is no such place.
    pub async fn collect(&mut self, place: usize) -> Result<Collected, IssuanceError> {
        let owed = self.content.owed[place].clone();
        let (metadata, _) = describe(&owed.service).await?;
        if (metadata.genesis, metadata.index) != (owed.genesis, owed.issuer) {
            return Err(IssuanceError::Other);
        }
        let response = match &owed.transaction {
            Some(transaction) => {
                let request = DeferredRequest {
                    transaction_id: transaction.clone(),
                };
                let body = Zeroizing::new(json(&request));
                let answer = http::ask(
                    &metadata.deferred,
                    Message::Json(&body),
                    Some(owed.token.expose()),
                    MAX_MESSAGE,
                );
                good(answer.await?)
            }
            None => self.ask_first(&owed, &metadata).await,
        };
        let response = match response {
            Err(error @ IssuanceError::Refused { reason, .. }) if reason.is_final() => {
                // The code, the transaction or the request is gone; nothing will come of it.
                self.content.owed.remove(place);
                self.save()?;
                return Err(error);
            }
            response => CredentialResponse::from_json(&response?)?,
        };
        match response {
            CredentialResponse::Deferred {
                transaction,
                interval,
            } => {
                if self.content.owed[place]
                    .transaction
                    .as_ref()
                    .map(TransactionId::expose)
                    != Some(transaction.expose())
                {
                    self.content.owed[place].transaction = Some(transaction);
                    self.save()?;
                }
                Ok(Collected::NotYet { interval })
            }
            CredentialResponse::Issued {
                credential,
                notification,
            } => {
                if (credential.genesis, credential.issuer) != (owed.genesis, owed.issuer) {
                    return Err(IssuanceError::Other);
                }
                credential.check(&self.content.secret)?;
                Ok(Collected::Credential(credential, notification))
            }
        }
    }

    /// Proves the ownership of the commitment, with a nonce of the service's.
    async fn ask_first(
        &self,
        owed: &Owed,
        metadata: &IssuerMetadata,
    ) -> Result<Zeroizing<Vec<u8>>, IssuanceError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let answer = http::ask(&metadata.nonce, Message::Form(""), None, MAX_MESSAGE).await?;
            let nonce = match good(answer) {
                // It is asked by everybody, and knows nothing of this request.
                Err(IssuanceError::Refused { .. }) => {
                    return Err(MessageError::Malformed("nonce response").into())
                }
                body => NonceResponse::from_json(&body?)?.c_nonce,
            };
            let claim = Claim {
                genesis: owed.genesis,
                issuer: owed.issuer,
                audience: owed.service.audience(),
                nonce: nonce.0,
            };
            let (identity, proof) = self.prove_ownership(&claim)?;
            let evidence = Evidence {
                identity,
                nonce,
                proof,
            };
            let request = CredentialRequest::new(&metadata.configuration, evidence).to_json();
            let answer = http::ask(
                &metadata.credential,
                Message::Json(&request),
                Some(owed.token.expose()),
                MAX_MESSAGE,
            );
            match good(answer.await?) {
                Err(IssuanceError::Refused {
                    reason: ErrorCode::InvalidNonce,
                    ..
                }) if attempt < NONCES => {}
                outcome => return outcome,
            }
        }
    }

    /// Ends the matter of a service: it owes nothing any more, and hears what became of the credential, if it wants to.
    ///
    /// # Errors
    /// [`WalletError`]. Whether the service hears it does not matter to the wallet.
    ///
    /// # Panics
    /// When there is no such place.
    pub async fn settle(
        &mut self,
        place: usize,
        notification: Option<NotificationId>,
        event: NotificationEvent,
    ) -> Result<(), WalletError> {
        let owed = self.content.owed.remove(place);
        self.save()?;
        let Some(notification_id) = notification else {
            return Ok(());
        };
        let Ok((metadata, _)) = describe(&owed.service).await else {
            return Ok(());
        };
        let notification = Notification {
            notification_id,
            event,
        };
        if let Some(url) = &metadata.notification {
            // Best effort, as said.
            let _ = http::ask(
                url,
                Message::Json(&json(&notification)),
                Some(owed.token.expose()),
                MAX_MESSAGE,
            )
            .await;
        }
        Ok(())
    }
}

fn json(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("a message has only texts for keys; qed")
}

/// The body of an answer that says yes.
fn good(answer: Answer) -> Result<Zeroizing<Vec<u8>>, IssuanceError> {
    match answer.status {
        200..=299 => Ok(answer.body),
        status @ (408 | 425 | 429 | 500..=599) => Err(IssuanceError::Later {
            status,
            retry_after: answer.retry_after,
        }),
        _ => {
            let body = ErrorBody::from_json(&answer.body)?;
            let description = match body.description() {
                "" => String::new(),
                text => format!(" ({text})"),
            };
            Err(IssuanceError::Refused {
                reason: body.error,
                description,
            })
        }
    }
}
