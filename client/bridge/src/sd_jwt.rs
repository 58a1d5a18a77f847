//! SD-JWT VC with key binding, in the shape of the EUDI PID.
//!
//! Rules of [RFC 9901], section 7.1 and 7.3, and of draft-ietf-oauth-sd-jwt-vc: the type, times, holder's key and status
//! are the issuer's own words, never a disclosure.
//!
//! [RFC 9901]: https://www.rfc-editor.org/rfc/rfc9901

mod disclosures;
#[cfg(test)]
mod tests;

use ofage_primitives::Day;

use crate::{
    birth::Facts,
    jws::{self, seconds, string, Jws, Object},
    keys::{sha256, PublicKey},
    status::Reference,
    trust::{Purpose, Source},
    Challenge, CredentialId, Evidence, Format, Moment, Refusal, StatusLists, Trust,
};

/// Types of the issuer's token: the second is what drafts before 2024-11 called it.
const TYPES: [&str; 2] = ["dc+sd-jwt", "vc+sd-jwt"];
/// Claims that must not be disclosed selectively.
const PLAIN: [&str; 8] = [
    "iss",
    "nbf",
    "exp",
    "iat",
    "cnf",
    "vct",
    "vct#integrity",
    "status",
];

/// Checks an SD-JWT with key binding, and takes what it says of the birth.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn check(
    text: &str,
    challenge: &Challenge,
    trust: &Trust,
    status: &StatusLists,
    now: Moment,
) -> Result<Evidence, Refusal> {
    let (selection, binding) = text.rsplit_once('~').ok_or(Refusal::Malformed)?;
    if binding.is_empty() {
        return Err(Refusal::NoHolderBinding);
    }
    let mut parts = selection.split('~');
    let token = Jws::parse(parts.next().unwrap_or_default())?;
    if !TYPES.contains(&token.typ()) {
        return Err(Refusal::Type);
    }
    let vct = string(&token.payload, "vct")?.ok_or(Refusal::Type)?;
    let sources = trust.sources(Format::SdJwt, vct)?;
    let source = signed_by(&token, string(&token.payload, "iss")?, &sources, trust, now)?;
    let claims = disclosures::disclosed(&token.payload, parts)?;
    check_times(&token.payload, now)?;

    let jwk = token.payload.get("cnf").and_then(|cnf| cnf.get("jwk"));
    let key = jwk
        .and_then(PublicKey::from_jwk)
        .ok_or(Refusal::NoHolderBinding)?;
    // The tilde before the key binding belongs to what the holder signed.
    check_binding(binding, &text[..=selection.len()], &key, challenge, now)?;
    let reference = Reference::from_json(token.payload.get("status"));
    status.check(reference, source, trust, now)?;

    let signed = seconds(&token.payload, "iat")?.map(Moment);
    Ok(Evidence {
        birth: facts(&claims)?.birth(signed, now)?,
        credential: CredentialId(key.digest()),
        format: Format::SdJwt,
        source: source.name.clone(),
        assurance: source.assurance,
        flags: source.flags,
    })
}

/// Finds the source that signed a token: by one of its keys, or by a certificate that its root vouches for.
pub(crate) fn signed_by<'a>(
    token: &Jws<'_>,
    iss: Option<&str>,
    sources: &[&'a Source],
    trust: &Trust,
    now: Moment,
) -> Result<&'a Source, Refusal> {
    let named = |source: &&&Source| source.iss.is_none() || source.iss.as_deref() == iss;
    let sources: Vec<&Source> = sources.iter().filter(named).copied().collect();
    for source in &sources {
        if let Some(key) = source.keys.iter().find(|key| token.is_signed_by(key)) {
            return match trust.is_revoked(key) {
                true => Err(Refusal::SignerRevoked),
                false => Ok(source),
            };
        }
    }
    let Some(chain) = token.certificates()? else {
        // By name it is a source's own, so it was altered, or the source has changed its keys.
        return match sources.iter().any(|source| !source.keys.is_empty()) {
            true => Err(Refusal::IssuerSignature),
            false => Err(Refusal::Foreign),
        };
    };
    let signer = trust.signer(&sources, &chain, Purpose::Json, now)?;
    match token.is_signed_by(&signer.key) {
        true => Ok(signer.source),
        false => Err(Refusal::IssuerSignature),
    }
}

fn check_times(payload: &Object, now: Moment) -> Result<(), Refusal> {
    for name in ["iat", "nbf"] {
        if seconds(payload, name)?.is_some_and(|from| !Moment(from).has_come(now)) {
            return Err(Refusal::NotYetValid);
        }
    }
    if seconds(payload, "exp")?.is_some_and(|until| now.0 >= until) {
        return Err(Refusal::Expired);
    }
    Ok(())
}

/// Checks that the holder signed this selection, for this request.
fn check_binding(
    binding: &str,
    selection: &str,
    key: &PublicKey,
    challenge: &Challenge,
    now: Moment,
) -> Result<(), Refusal> {
    let binding = Jws::parse(binding)?;
    if binding.typ() != "kb+jwt" {
        return Err(Refusal::NoHolderBinding);
    }
    if !binding.is_signed_by(key) {
        return Err(Refusal::HolderSignature);
    }
    let claim = |name| string(&binding.payload, name);
    if claim("aud")? != Some(&challenge.audience()) {
        return Err(Refusal::WrongAudience);
    }
    if claim("nonce")? != Some(challenge.nonce()) {
        return Err(Refusal::WrongNonce);
    }
    if claim("sd_hash")? != Some(&jws::text(&sha256(selection.as_bytes()))) {
        return Err(Refusal::WrongSelection);
    }
    let made = seconds(&binding.payload, "iat")?.ok_or(Refusal::OldBinding)?;
    let over = seconds(&binding.payload, "exp")?.is_some_and(|until| now.0 >= until);
    if over || !challenge.is_answered_at(Moment(made), now) {
        return Err(Refusal::OldBinding);
    }
    Ok(())
}

/// What the claims say of the birth.
fn facts(claims: &Object) -> Result<Facts, Refusal> {
    let mut facts = Facts::default();
    match string(claims, "birthdate")? {
        // OpenID Connect lets the year stand alone.
        Some(year) if year.len() == 4 => {
            facts.birth_year = Some(year.parse().map_err(|_| Refusal::Malformed)?)
        }
        Some(date) => facts.birth_date = Some(date.parse::<Day>().map_err(|_| Refusal::Malformed)?),
        None => {}
    }
    if let Some(year) = claims.get("age_birth_year") {
        let year = year.as_u64().and_then(|year| u32::try_from(year).ok());
        facts.birth_year = Some(year.ok_or(Refusal::Malformed)?);
    }
    if let Some(ages) = claims.get("age_equal_or_over") {
        for (age, reached) in ages.as_object().ok_or(Refusal::Malformed)? {
            facts.reached(age, reached.as_bool())?;
        }
    }
    for (name, value) in claims {
        facts.age_over(name, value.as_bool())?;
    }
    Ok(facts)
}
