//! Room devices: the resident's phones, and the PIN on the one in their hand.

use nahraum_domain::{ids::DeviceId, private::Private};
use nahraum_secrets::{Pin, PinFacts, SecretKind};
use nahraum_store::{devices as store, sessions};

pub use nahraum_store::devices::Device;

use crate::{App, Call, Refusal, activations::weak_pin};

/// The longest name of a device, in characters.
const MAX_NAME: usize = 60;

impl App {
    /// The caller's phones, the last used first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn devices(&self, call: &Call) -> Result<Vec<Device>, Refusal> {
        self.as_resident(call, |tx, caller| Ok(store::own(tx, caller)?)).await
    }

    /// Gives one of the caller's phones a name, or takes it away with an empty one.
    ///
    /// # Errors
    /// As [`App::devices`], [`Refusal::NotFound`] and [`Refusal::Invalid`].
    pub async fn rename_device(&self, call: &Call, id: DeviceId, name: &str) -> Result<Vec<Device>, Refusal> {
        let name = device_name("/name", name)?;
        self.as_resident_writing(call, move |tx, caller| {
            if !store::rename(tx, caller, id, name.as_ref())? {
                return Err(Refusal::NotFound.into());
            }
            Ok(store::own(tx, caller)?)
        })
        .await
    }

    /// Cuts one of the caller's phones off: everything on it ends with its next request (SR-S07).
    ///
    /// # Errors
    /// As [`App::devices`], and [`Refusal::NotFound`].
    pub async fn cut_off_device(&self, call: &Call, id: DeviceId) -> Result<(), Refusal> {
        self.as_resident_writing(call, move |tx, caller| {
            if store::cut_off(tx, caller, id)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }

    /// Ends every session of the caller but this one. Says how many there were.
    ///
    /// # Errors
    /// As [`App::devices`].
    pub async fn end_other_sessions(&self, call: &Call) -> Result<usize, Refusal> {
        self.as_resident_writing(call, |tx, caller| {
            let resident = caller.resident().ok_or(Refusal::Forbidden)?;
            Ok(sessions::end_others(tx, resident, caller.session().map(|session| session.id))?)
        })
        .await
    }

    /// Sets another PIN on the phone in the caller's hand. The sign-in must be fresh (SR-A08).
    ///
    /// # Errors
    /// As [`App::devices`], [`Refusal::StepUpRequired`], and [`Refusal::Invalid`] for a PIN that is guessed first.
    pub async fn change_pin(&self, call: &Call, pin: &Private<String>) -> Result<(), Refusal> {
        let chosen = Pin::choose(pin.reveal(), &PinFacts { birth_date: None, code: None }).map_err(weak_pin)?;
        // Asked before the hashing, which is expensive, and again when the PIN is stored.
        self.write_fresh(call, |_, caller| Ok(caller.resident().map(drop).ok_or(Refusal::Forbidden)?)).await?;
        let hash = self.hasher().hash(SecretKind::Pin, chosen.into_secret()).await?;
        self.write_fresh(call, move |tx, caller| Ok(store::set_pin(tx, caller, &hash)?)).await
    }
}

/// A name for a phone: 1 to 60 visible characters, or none.
pub(crate) fn device_name(pointer: &'static str, name: &str) -> Result<Option<Private<String>>, Refusal> {
    let name = name.trim();
    if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Refusal::invalid(pointer, "invalid-length", "A name has at most 60 characters on one line."));
    }
    Ok((!name.is_empty()).then(|| Private::new(name.to_owned())))
}
