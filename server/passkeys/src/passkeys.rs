//! The two ceremonies: registering a passkey and signing in with one.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};
use webauthn_rs::prelude::{
    Credential, Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    Url, Uuid, Webauthn, WebauthnBuilder,
};

use crate::{CEREMONY_LIFETIME, PasskeyError, WrongAddress, decoy};

/// No browser answers more. Checked before anything is parsed.
const MAX_ANSWER: usize = 16 * 1024;

/// Passkeys for one public address.
pub struct Passkeys(Webauthn);

/// Who registers a passkey. The authenticator keeps and shows this.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// An id that says nothing (WebAuthn, 14.6.1): not the login, and not used for anything else.
    pub handle: [u8; 16],
    /// The login.
    pub login: &'a str,
    /// The name that the person recognises.
    pub shown: &'a str,
}

/// The first half of a ceremony.
pub struct Ceremony {
    /// JSON for `navigator.credentials.create` or `.get`: `{"publicKey": …}`, with bytes as base64url.
    pub options: String,
    /// For the database: to be taken once, and not after [`CEREMONY_LIFETIME`].
    pub state: Vec<u8>,
}

/// A passkey that was just registered.
#[derive(Debug)]
pub struct NewPasskey {
    /// Names the key, for everybody; unique over all people.
    pub credential_id: Vec<u8>,
    /// The key, to be stored. Public, and opaque to everybody else.
    pub stored: Vec<u8>,
}

/// A passkey that somebody just signed in with.
#[derive(Debug)]
pub struct UsedPasskey {
    /// Which one.
    pub credential_id: Vec<u8>,
    /// Takes the place of what is stored, in the same transaction: its counter has moved.
    pub stored: Vec<u8>,
}

impl Passkeys {
    /// For a public address, such as `https://nahraum.example`. Its name is what passkeys are bound to: whoever changes it
    /// loses all of them. `product` is what authenticators show.
    ///
    /// # Errors
    /// [`WrongAddress`] when there is no name in it.
    pub fn new(public_url: &str, product: &str) -> Result<Self, WrongAddress> {
        let url = Url::parse(public_url).map_err(|_| WrongAddress)?;
        let name = url.domain().ok_or(WrongAddress)?;
        let builder = WebauthnBuilder::new(name, &url).map_err(|_| WrongAddress)?;
        builder.rp_name(product).timeout(CEREMONY_LIFETIME).build().map(Self).map_err(|_| WrongAddress)
    }

    /// Begins to register a passkey. `existing` are the stored keys of this person: none of them is taken twice.
    ///
    /// # Errors
    /// [`PasskeyError::Corrupt`] when one of those cannot be read.
    pub fn start_registration(&self, person: Person<'_>, existing: &[&[u8]]) -> Result<Ceremony, PasskeyError> {
        let existing = passkeys(existing)?.iter().map(|passkey| passkey.cred_id().clone()).collect();
        let handle = Uuid::from_bytes(person.handle);
        let (options, state) = self.0.start_passkey_registration(handle, person.login, person.shown, Some(existing))?;
        ceremony(&options, &state)
    }

    /// Ends what [`start_registration`](Self::start_registration) began. `existing` are the stored keys of this person as
    /// they are now. Whether somebody else has the same credential id is for the caller to see.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn finish_registration(
        &self,
        state: &[u8],
        answer: &str,
        existing: &[&[u8]],
    ) -> Result<NewPasskey, PasskeyError> {
        let state: PasskeyRegistration = read(state).ok_or(PasskeyError::Corrupt)?;
        let answer: RegisterPublicKeyCredential = answered(answer)?;
        if passkeys(existing)?.iter().any(|passkey| passkey.cred_id().as_slice() == answer.raw_id) {
            return Err(PasskeyError::AlreadyRegistered);
        }
        let passkey = self.0.finish_passkey_registration(&answer, &state)?;
        if passkey.cred_id().as_slice() != answer.raw_id {
            return Err(PasskeyError::Refused);
        }
        // how a key is plugged in would be told to everybody who knows the login, and no decoy could say it
        let mut credential = Credential::from(passkey);
        credential.transports = None;
        let passkey = Passkey::from(credential);
        Ok(NewPasskey { credential_id: passkey.cred_id().to_vec(), stored: written(&passkey)? })
    }

    /// Begins a sign-in with one of the stored keys of a person. For a login that does not exist or has none, there is
    /// [`start_decoy`](Self::start_decoy).
    ///
    /// # Errors
    /// [`PasskeyError::Unknown`] without a key, [`PasskeyError::Corrupt`] when one cannot be read.
    pub fn start_authentication(&self, stored: &[&[u8]]) -> Result<Ceremony, PasskeyError> {
        if stored.is_empty() {
            return Err(PasskeyError::Unknown);
        }
        let (options, state) = self.0.start_passkey_authentication(&passkeys(stored)?)?;
        ceremony(&options, &state)
    }

    /// Begins a sign-in that cannot succeed, for a login that nobody has: its options tell a stranger nothing (SR-A07).
    /// `credential_ids` have to be the same whenever the same login is asked for, and to look random: one or two keyed
    /// hashes of it. The state is kept and taken like any other, with no stored keys at the end.
    ///
    /// # Errors
    /// [`PasskeyError::Unknown`] without an id.
    pub fn start_decoy(&self, credential_ids: &[&[u8]]) -> Result<Ceremony, PasskeyError> {
        if credential_ids.is_empty() {
            return Err(PasskeyError::Unknown);
        }
        let decoys: Option<Vec<_>> = credential_ids.iter().map(|id| decoy::with_id(id)).collect();
        let (options, state) = self.0.start_passkey_authentication(&decoys.ok_or(PasskeyError::Corrupt)?)?;
        ceremony(&options, &state)
    }

    /// Ends what [`start_authentication`](Self::start_authentication) began. `stored` are the keys of the person as they
    /// are now: one that was removed in between opens nothing, and the counter has to be above the one of now.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn finish_authentication(
        &self,
        state: &[u8],
        answer: &str,
        stored: &[&[u8]],
    ) -> Result<UsedPasskey, PasskeyError> {
        let state: PasskeyAuthentication = read(state).ok_or(PasskeyError::Corrupt)?;
        let answer: PublicKeyCredential = answered(answer)?;
        let result = self.0.finish_passkey_authentication(&answer, &state)?;
        let mut passkey = passkeys(stored)?
            .into_iter()
            .find(|passkey| passkey.cred_id() == result.cred_id())
            .ok_or(PasskeyError::Unknown)?;
        if !result.user_verified() {
            return Err(PasskeyError::UserNotVerified);
        }
        // the state knows the counter of the beginning only, and two ceremonies can run at the same time
        let last = Credential::from(passkey.clone()).counter;
        if (last > 0 || result.counter() > 0) && result.counter() <= last {
            return Err(PasskeyError::CounterWentBack);
        }
        passkey.update_credential(&result).ok_or(PasskeyError::Unknown)?;
        Ok(UsedPasskey { credential_id: passkey.cred_id().to_vec(), stored: written(&passkey)? })
    }
}

fn ceremony(options: &impl Serialize, state: &impl Serialize) -> Result<Ceremony, PasskeyError> {
    let options = serde_json::to_string(options).map_err(|_| PasskeyError::Corrupt)?;
    Ok(Ceremony { options, state: written(state)? })
}

fn passkeys(stored: &[&[u8]]) -> Result<Vec<Passkey>, PasskeyError> {
    stored.iter().map(|bytes| read(bytes).ok_or(PasskeyError::Corrupt)).collect()
}

fn answered<T: DeserializeOwned>(answer: &str) -> Result<T, PasskeyError> {
    if answer.len() > MAX_ANSWER {
        return Err(PasskeyError::Malformed);
    }
    read(answer.as_bytes()).ok_or(PasskeyError::Malformed)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

fn written(value: &impl Serialize) -> Result<Vec<u8>, PasskeyError> {
    serde_json::to_vec(value).map_err(|_| PasskeyError::Corrupt)
}

impl fmt::Debug for Passkeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Passkeys").field(&self.0.get_allowed_origins()).finish()
    }
}

impl fmt::Debug for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ceremony(•••)")
    }
}
