//! Room device links: letting a second phone in with the first (security paper, b4).

use nahraum_domain::{ids::DeviceLinkId, private::Private};
use nahraum_secrets::{OneTimeCode, OneTimeKind, Pin, PinFacts, SecretKind};
use nahraum_store::{
    device_links::{self as store, Typed},
    devices::{Holder, NewDevice},
};

pub use nahraum_store::device_links::{Claim, Link};

use crate::{App, Call, Refusal, activations::weak_pin, devices::device_name, refusal::Failure};

/// What a new phone brings along.
#[derive(Debug)]
pub struct NewPhone {
    /// What it has scanned or read.
    pub code: Private<String>,
    /// The secret it has made, where no proof of a key is needed.
    pub device_secret: Option<Private<String>>,
    /// A name for it.
    pub device_name: Option<Private<String>>,
    /// Six digits for this phone.
    pub pin: Private<String>,
}

impl App {
    /// Begins to let another phone in. The sign-in must be fresh (SR-A08). Gives what the QR code says.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`], [`Refusal::TooManyDevices`].
    pub async fn begin_device_link(&self, call: &Call) -> Result<(Link, Private<String>), Refusal> {
        let code = OneTimeCode::generate(self.random(), OneTimeKind::DeviceLink);
        let hash = code.hash();
        let link = self
            .write_fresh(call, move |tx, caller| {
                caller.resident().ok_or(Refusal::Forbidden)?;
                Ok(store::begin(tx, caller, &hash)?.ok_or(Refusal::TooManyDevices)?)
            })
            .await?;
        Ok((link, self.one_time_link(&code)))
    }

    /// What the QR code of a one-time code says.
    pub(crate) fn one_time_link(&self, code: &OneTimeCode) -> Private<String> {
        let settings = self.settings();
        Private::new(format!("{}/a#{}", settings.public_url, code.fragment(&settings.instance).expose()))
    }

    /// One of the caller's links, to see whether a phone has claimed it.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn device_link(&self, call: &Call, id: DeviceLinkId) -> Result<Link, Refusal> {
        self.as_resident(call, move |tx, caller| Ok(store::own(tx, caller, id)?.ok_or(Refusal::NotFound)?)).await
    }

    /// The resident types the number that the new phone shows. Three wrong ones end the link.
    ///
    /// # Errors
    /// As [`App::device_link`], [`Refusal::StepUpRequired`], [`Refusal::WrongNumber`], [`Refusal::NothingToConfirm`],
    /// [`Refusal::TooManyDevices`].
    pub async fn confirm_device_link(&self, call: &Call, id: DeviceLinkId, number: &str) -> Result<(), Refusal> {
        let said: Option<i32> = number.trim().parse().ok();
        let typed = self
            .write_fresh(call, move |tx, caller| {
                caller.resident().ok_or(Refusal::Forbidden)?;
                Ok(store::confirm(tx, caller, id, said.unwrap_or_default())?.ok_or(Refusal::NotFound)?)
            })
            .await?;
        match typed {
            Typed::Yes => Ok(()),
            Typed::Wrong => Err(Refusal::WrongNumber),
            Typed::NotClaimed => Err(Refusal::NothingToConfirm),
            Typed::TooManyDevices => Err(Refusal::TooManyDevices),
        }
    }

    /// The new phone shows the code it has scanned, and gets a number to show.
    ///
    /// # Errors
    /// [`Refusal::CodeFailed`] for everything about the code; [`Refusal::Invalid`] for what the resident chooses.
    pub async fn claim_device_link(&self, call: &Call, phone: NewPhone) -> Result<Claim, Refusal> {
        let facts = PinFacts { birth_date: None, code: None };
        let (code, new) = self.newcomer(call, phone, OneTimeKind::DeviceLink, &facts).await?;
        let hash = code.hash();
        let claimed: Result<_, Failure> =
            self.store().write(call.moment, move |tx| Ok(store::claim(tx, &hash, &new)?)).await;
        self.settle(claimed).await?.ok_or_else(|| self.bad_code(call))
    }

    /// The new phone asks whether it is in.
    ///
    /// # Errors
    /// [`Refusal::CodeFailed`] when it is not, and will not be.
    pub async fn poll_device_link(
        &self,
        call: &Call,
        code: &Private<String>,
        secret: Option<&Private<String>>,
    ) -> Result<Claim, Refusal> {
        let (hash, holder) = self.shown_again(call, code, secret, OneTimeKind::DeviceLink)?;
        let done: Result<_, Failure> =
            self.store().write(call.moment, move |tx| Ok(store::poll(tx, &hash, &holder)?)).await;
        self.settle(done).await?.ok_or_else(|| self.bad_code(call))
    }

    /// A new phone's code and what will be stored of it.
    pub(crate) async fn newcomer(
        &self,
        call: &Call,
        phone: NewPhone,
        kind: OneTimeKind,
        facts: &PinFacts<'_>,
    ) -> Result<(OneTimeCode, NewDevice), Refusal> {
        let holder = self.new_holder(call, phone.device_secret.as_ref())?;
        let name = phone.device_name.as_ref().map(|name| device_name("/device_name", name.reveal())).transpose()?;
        let pin = Pin::choose(phone.pin.reveal(), facts).map_err(weak_pin)?.into_secret();
        let code = OneTimeCode::parse(phone.code.reveal(), kind).map_err(|_| self.bad_code(call))?;
        let pin = self.hasher().hash(SecretKind::Pin, pin).await?;
        Ok((code, NewDevice { holder, pin, name: name.flatten() }))
    }

    /// The code and the holder of a phone that asks again.
    pub(crate) fn shown_again(
        &self,
        call: &Call,
        code: &Private<String>,
        secret: Option<&Private<String>>,
        kind: OneTimeKind,
    ) -> Result<(nahraum_secrets::OneTimeHash, Holder), Refusal> {
        let holder = self.new_holder(call, secret)?;
        let code = OneTimeCode::parse(code.reveal(), kind).map_err(|_| self.bad_code(call))?;
        Ok((code.hash(), holder))
    }

    pub(crate) fn bad_code(&self, call: &Call) -> Refusal {
        self.wrong_code(call);
        Refusal::CodeFailed
    }
}
