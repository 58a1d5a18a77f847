//! The issuance service, and a wallet that speaks to it without any of the wallet's code.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{bail, ensure, Context, Result};
use ofage_primitives::HolderSecret;
use ofage_sdk::{
    credential::Credential,
    issuance::messages::{
        AccessToken, CredentialOffer, CredentialRequest, CredentialResponse, DeferredRequest, Evidence,
        IssuerMetadata, IssuerUrl, NonceResponse, Notification, NotificationEvent, OfferLink, TokenRequest,
        TokenResponse, TransactionId, ISSUER_METADATA,
    },
    ownership::{self, Claim},
    random,
};
use serde_json::{json, Value};

use crate::{binaries, process, rpc, Ofage};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// `ofage issuer serve` for the issuer of the development key Issuer1, killed when it is dropped.
pub struct Service {
    child: Child,
    directory: PathBuf,
    node: String,
    more: Vec<String>,
    /// Where wallets connect.
    pub port: u16,
    admin: u16,
    token: String,
    /// Its name.
    pub url: IssuerUrl,
}

impl Service {
    /// Starts it in the command's directory, with further arguments.
    pub fn start(ofage: &Ofage, node: &str, more: &[&str]) -> Result<Self> {
        let directory = ofage.path("");
        let more: Vec<String> = more.iter().map(|&argument| argument.to_owned()).collect();
        let (child, ready) = spawn(&directory, node, &more, (0, 0))?;
        let port = |field: &str| -> Result<u16> {
            let address = ready[field].as_str().context("no address")?;
            Ok(address.rsplit_once(':').context("no port")?.1.parse()?)
        };
        let token = fs::read_to_string(ofage.path("admin.token"))?.trim().to_owned();
        Ok(Self {
            child,
            directory,
            node: node.to_owned(),
            more,
            port: port("listening")?,
            admin: port("admin")?,
            token,
            url: ready["url"].as_str().context("no url")?.parse()?,
        })
    }

    /// Kills it, so that it can do nothing more, and starts it again at the same addresses.
    pub fn kill_and_restart(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        self.spawn_again()
    }

    /// Ends it as an operator does, and starts it again at the same addresses.
    pub fn restart(&mut self) -> Result<()> {
        process::end(&mut self.child, "-TERM", "ofage issuer serve")?;
        self.spawn_again()
    }

    fn spawn_again(&mut self) -> Result<()> {
        (self.child, _) = spawn(&self.directory, &self.node, &self.more, (self.port, self.admin))?;
        Ok(())
    }

    /// A request to the admin address.
    pub fn admin(&self, method: &str, path: &str, body: &Value) -> Result<(u16, Value)> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("Content-Type", JSON), ("Authorization", &*bearer)];
        answer(rpc::http_with(
            self.admin,
            method,
            path,
            &headers,
            body.to_string().as_bytes(),
        )?)
    }

    /// A request as wallets send them.
    pub fn post(
        &self,
        path: &str,
        kind: &str,
        token: Option<&AccessToken>,
        body: &str,
    ) -> Result<(u16, Value)> {
        let bearer = token.map(|token| format!("Bearer {}", token.expose()));
        let mut headers = vec![("Content-Type", kind)];
        headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
        answer(rpc::http_with(
            self.port,
            "POST",
            path,
            &headers,
            body.as_bytes(),
        )?)
    }

    /// What it says about itself.
    pub fn metadata(&self) -> Result<IssuerMetadata> {
        let path = self.url.well_known(ISSUER_METADATA);
        let (status, body) = rpc::http(self.port, "GET", path.path(), b"")?;
        ensure!(status == 200, "no metadata: {status}");
        Ok(IssuerMetadata::from_json(&body, &self.url)?)
    }

    /// An offer for a customer of that name, who is an adult.
    pub fn offer(&self, reference: &str, options: &Value) -> Result<CredentialOffer> {
        let mut wanted = json!({ "person": {
            "reference": reference,
            "date_of_birth": "1990-05-06",
            "checked_on": "2026-01-01",
            "enrolled_on": "2026-01-01",
            "expires_on": "2040-01-01",
            "assurance": "verified",
            "flags": "bank",
        } });
        for (name, value) in options.as_object().into_iter().flatten() {
            wanted[name] = value.clone();
        }
        let (status, made) = self.admin("POST", "/v1/offers", &json!({ "offers": [wanted] }))?;
        ensure!(status == 200, "{status}: {made}");
        let link = made["offers"][0]["offer"]
            .as_str()
            .with_context(|| format!("no offer: {made}"))?;
        match link.parse()? {
            OfferLink::Offer(offer) => Ok(*offer),
            OfferLink::Address(_) => bail!("the offer is somewhere else"),
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn answer((status, body): (u16, Vec<u8>)) -> Result<(u16, Value)> {
    if body.is_empty() {
        return Ok((status, Value::Null));
    }
    Ok((
        status,
        serde_json::from_slice(&body).context("the answer is not JSON")?,
    ))
}

fn spawn(
    directory: &std::path::Path,
    node: &str,
    more: &[String],
    ports: (u16, u16),
) -> Result<(Child, Value)> {
    let mut child = Command::new(binaries::ofage()?)
        .args(["issuer", "serve", "--register", "register", "--store", "store"])
        .args(["--admin-token-file", "admin.token", "--dev-key", "Issuer1"])
        .args(["--listen", &format!("127.0.0.1:{}", ports.0)])
        .args(["--admin", &format!("127.0.0.1:{}", ports.1)])
        .args(more)
        .current_dir(directory)
        .env("OFAGE_NODE", node)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .context("cannot run ofage issuer serve")?;
    let stdout = child.stdout.take().context("no stdout")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let ready = serde_json::from_str(&line).with_context(|| format!("it ended, or said '{line}'"))?;
    Ok((child, ready))
}

/// A customer with a wallet of the simplest kind.
pub struct Customer {
    /// The wallet's secret.
    pub secret: HolderSecret,
    /// What the issuer offers.
    pub offer: CredentialOffer,
    /// Once the code is redeemed.
    pub token: Option<AccessToken>,
    /// Once the credential is requested.
    pub transaction: Option<TransactionId>,
}

impl Customer {
    /// Somebody with an offer.
    pub fn new(offer: CredentialOffer) -> Result<Self> {
        Ok(Self {
            secret: HolderSecret::from_uniform(&*random::bytes::<64>()?),
            offer,
            token: None,
            transaction: None,
        })
    }

    /// Redeems the code.
    pub fn redeem(&mut self, service: &Service) -> Result<()> {
        let request = TokenRequest {
            code: self.offer.code.clone(),
            tx_code: None,
        };
        let (status, body) = service.post("/token", FORM, None, &request.to_form())?;
        ensure!(status == 200, "{status}: {body}");
        self.token = Some(TokenResponse::from_json(body.to_string().as_bytes())?.access_token);
        Ok(())
    }

    /// A request with a proof of one's own for a fresh nonce.
    pub fn proved(&self, service: &Service) -> Result<CredentialRequest> {
        let metadata = service.metadata()?;
        let (_, body) = service.post("/nonce", JSON, None, "")?;
        let nonce = NonceResponse::from_json(body.to_string().as_bytes())?.c_nonce;
        let claim = Claim {
            genesis: metadata.genesis,
            issuer: metadata.index,
            audience: metadata.issuer.audience(),
            nonce: nonce.0,
        };
        let (identity, proof) = ownership::prove(&self.secret, &claim)?;
        let evidence = Evidence {
            identity,
            nonce,
            proof,
        };
        Ok(CredentialRequest::new(&metadata.configuration, evidence))
    }

    /// Sends a request; gives the status and what was said.
    pub fn send(&self, service: &Service, request: &CredentialRequest) -> Result<(u16, Value)> {
        service.post("/credential", JSON, self.token.as_ref(), &request.to_json())
    }

    /// Requests the credential.
    pub fn request(&mut self, service: &Service) -> Result<()> {
        let (status, body) = self.send(service, &self.proved(service)?)?;
        ensure!(status == 202, "{status}: {body}");
        match CredentialResponse::from_json(body.to_string().as_bytes())? {
            CredentialResponse::Deferred { transaction, .. } => self.transaction = Some(transaction),
            CredentialResponse::Issued { .. } => bail!("it was ready at once"),
        }
        Ok(())
    }

    /// Asks for the credential; gives nothing while it is not ready.
    pub fn fetch(&self, service: &Service) -> Result<Option<Credential>> {
        let transaction_id = self.transaction.clone().context("not requested")?;
        let body = serde_json::to_string(&DeferredRequest { transaction_id })?;
        let (status, body) = service.post("/deferred_credential", JSON, self.token.as_ref(), &body)?;
        ensure!(status == 200 || status == 202, "{status}: {body}");
        match CredentialResponse::from_json(body.to_string().as_bytes())? {
            CredentialResponse::Deferred { .. } => Ok(None),
            CredentialResponse::Issued {
                credential,
                notification,
            } => {
                credential.check(&self.secret)?;
                let told = Notification {
                    notification_id: notification.context("no id")?,
                    event: NotificationEvent::CredentialAccepted,
                };
                let told = serde_json::to_string(&told)?;
                let (status, body) = service.post("/notification", JSON, self.token.as_ref(), &told)?;
                ensure!(status == 204, "{status}: {body}");
                Ok(Some(*credential))
            }
        }
    }
}
