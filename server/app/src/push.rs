//! Room push: the phone in the resident's hand asks to be woken when something is new.

use std::net::IpAddr;

use nahraum_domain::{audit::statement::hex, network::is_public, private::Private, push::PushState};
use nahraum_secrets::{NotAPushTarget, PushEndpoint, PushTarget, random_bytes};
use nahraum_store::push::{self as store, Subscribed, Subscription};

use crate::{App, Call, Refusal};

/// What a phone says about where it is to be woken: an address and its keys, as its push service and its operating system gave them.
#[derive(Debug)]
pub struct Wanted {
    /// The address at the push service.
    pub endpoint: Private<String>,
    /// The phone's key, in base64url.
    pub p256dh: Private<String>,
    /// The secret it shares with who writes to it, in base64url.
    pub auth: Private<String>,
}

impl App {
    /// Whether the phone in the caller's hand is woken.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn push_state(&self, call: &Call) -> Result<PushState, Refusal> {
        self.as_resident(call, |tx, caller| Ok(store::state(tx, caller)?)).await
    }

    /// The phone in the caller's hand wants to be woken there. A code is pushed to it, for [`App::confirm_push`].
    ///
    /// # Errors
    /// As [`App::push_state`]; [`Refusal::PushUnavailable`] where the operator sends none; [`Refusal::Invalid`]; and
    /// [`Refusal::TryLater`] when it was somewhere else seconds ago.
    pub async fn subscribe_push(&self, call: &Call, wanted: &Wanted) -> Result<PushState, Refusal> {
        let wanted = self.subscription(wanted);
        let code = Private::new(hex(&random_bytes::<16>(self.random())));
        let subscribed = self.as_resident_writing(call, move |tx, caller| {
            // Inside, so that who may not ask hears that first.
            let wanted = wanted.as_ref().map_err(Refusal::clone)?;
            Ok(store::subscribe(tx, caller, wanted, &code)?)
        });
        match subscribed.await? {
            Subscribed::Known(state) => Ok(state),
            Subscribed::New => Ok(PushState::Waiting),
            Subscribed::TooSoon(at) => Err(Refusal::TryLater(at)),
        }
    }

    /// The phone in the caller's hand shows the code that was pushed to it.
    ///
    /// # Errors
    /// As [`App::push_state`], and [`Refusal::Invalid`] for another code, or after an hour.
    pub async fn confirm_push(&self, call: &Call, code: &Private<String>) -> Result<PushState, Refusal> {
        let code = code.clone();
        let right =
            self.as_resident_writing(call, move |tx, caller| Ok(store::confirm(tx, caller, code.reveal())?)).await?;
        if right {
            Ok(PushState::On)
        } else {
            Err(Refusal::invalid("/code", "wrong-code", "It is not the code of the last hour for this phone."))
        }
    }

    /// The phone in the caller's hand is not woken any more.
    ///
    /// # Errors
    /// As [`App::push_state`].
    pub async fn unsubscribe_push(&self, call: &Call) -> Result<(), Refusal> {
        self.as_resident_writing(call, |tx, caller| Ok(store::unsubscribe(tx, caller)?)).await
    }

    fn subscription(&self, wanted: &Wanted) -> Result<Subscription, Refusal> {
        if self.settings().push.is_none() {
            return Err(Refusal::PushUnavailable);
        }
        let endpoint = PushEndpoint::parse(wanted.endpoint.reveal()).map_err(|_| {
            Refusal::invalid(
                "/endpoint",
                "invalid",
                "An https address of at most 1,024 characters, without user and fragment.",
            )
        })?;
        // A name is looked up when something is sent, and its addresses are judged then.
        if endpoint.ip().is_some_and(|address| !self.may_push_to(address)) {
            return Err(Refusal::invalid("/endpoint", "not-public", "This server pushes to public addresses only."));
        }
        let target = PushTarget::parse(wanted.p256dh.reveal(), wanted.auth.reveal()).map_err(|wrong| match wrong {
            NotAPushTarget::Auth => {
                Refusal::invalid("/auth", "invalid", "Sixteen bytes in base64url, without padding.")
            }
            NotAPushTarget::Key | NotAPushTarget::TooLong => {
                Refusal::invalid("/p256dh", "invalid", "An uncompressed point on P-256 in base64url, without padding.")
            }
        })?;
        Ok(Subscription { endpoint, target })
    }

    /// Whether pushes go to this address: one of the public internet, or of a network that the operator has named.
    #[must_use]
    pub fn may_push_to(&self, address: IpAddr) -> bool {
        let inner = self.settings().push.as_ref().map_or(&[][..], |push| &push.private_networks);
        is_public(address) || inner.iter().any(|range| range.contains(address))
    }
}
