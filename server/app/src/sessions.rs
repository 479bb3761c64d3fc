//! Room sessions: signing in and out.

use nahraum_domain::{
    ids::{DeviceId, StaffId},
    throttle::{self, Gate},
};
use nahraum_secrets::{DeviceSecret, Pin, Secret, SecretKind, Verified};
use nahraum_store::sessions::{self as store, StoredCredential};

pub use nahraum_store::sessions::OpenedSession;

use crate::{App, Call, Refusal, refusal::Failure};

impl App {
    /// Signs a resident in: the secret of their phone, and their PIN.
    ///
    /// # Errors
    /// [`Refusal::SignInFailed`], [`Refusal::TryLater`], or [`Refusal::Overloaded`].
    pub async fn sign_in_resident(&self, call: &Call, device: &str, pin: &str) -> Result<OpenedSession, Refusal> {
        let device = DeviceSecret::parse(device).map_err(|_| Refusal::SignInFailed)?.hash();
        let pin = Pin::parse(pin).map_err(|_| Refusal::SignInFailed)?.into_secret();
        let stored: Result<_, Failure> =
            self.store().read(call.moment, move |tx| Ok(store::device_credential(tx, &device)?)).await;
        let stored = self.settle(stored).await?;
        // The gate only tells a holder of the phone's secret anything; a stranger gets the uniform answer.
        match stored.as_ref().map(|s| throttle::pin_gate(s.failures, call.moment.now)) {
            Some(Gate::Wait(until)) => return Err(Refusal::TryLater(until)),
            Some(Gate::Unbound) | None | Some(Gate::Open) => {}
        }
        match self.check(SecretKind::Pin, pin, stored.as_ref()).await? {
            Some(device) => self.open(call, move |tx| store::open_for_device(tx, &device)).await,
            None => {
                self.count_device_failure(call, stored.map(|s| s.id)).await?;
                Err(Refusal::SignInFailed)
            }
        }
    }

    async fn count_device_failure(&self, call: &Call, device: Option<DeviceId>) -> Result<(), Refusal> {
        let Some(device) = device else { return Ok(()) };
        let now = call.moment.now;
        let counted: Result<(), Failure> = self
            .store()
            .write(call.moment, move |tx| {
                let failures = throttle::Failures { count: store::device_failed(tx, device)?, last_at: Some(now) };
                if throttle::pin_gate(failures, now) == Gate::Unbound {
                    store::unbind_device(tx, device)?;
                }
                Ok(())
            })
            .await;
        self.settle(counted).await
    }

    /// Signs a person of a practice in.
    ///
    /// # Errors
    /// [`Refusal::SignInFailed`], [`Refusal::TryLater`], or [`Refusal::Overloaded`].
    pub async fn sign_in_staff(&self, call: &Call, login: String, password: Secret) -> Result<OpenedSession, Refusal> {
        let stored: Result<_, Failure> =
            self.store().read(call.moment, move |tx| Ok(store::staff_credential(tx, &login)?)).await;
        let stored = self.settle(stored).await?;
        if let Some(Gate::Wait(until)) = stored.as_ref().map(|s| throttle::staff_gate(s.failures, call.moment.now)) {
            return Err(Refusal::TryLater(until));
        }
        match self.check(SecretKind::Password, password, stored.as_ref()).await? {
            Some(person) => self.open(call, move |tx| store::open_for_staff(tx, &person)).await,
            None => {
                self.count_staff_failure(call, stored.map(|s| s.id)).await?;
                Err(Refusal::SignInFailed)
            }
        }
    }

    async fn count_staff_failure(&self, call: &Call, person: Option<StaffId>) -> Result<(), Refusal> {
        let Some(person) = person else { return Ok(()) };
        let counted: Result<(), Failure> =
            self.store().write(call.moment, move |tx| Ok(store::staff_failed(tx, person)?)).await;
        self.settle(counted).await
    }

    /// Checks a secret; costs the same whether anything is stored or not (SR-A07).
    async fn check<I: Copy>(
        &self,
        kind: SecretKind,
        secret: Secret,
        stored: Option<&StoredCredential<I>>,
    ) -> Result<Option<Verified<I>>, Refusal> {
        Ok(self.hasher().verify_for(kind, secret, stored.map(|s| (s.id, &s.hash))).await?)
    }

    async fn open(
        &self,
        call: &Call,
        mut open: impl FnMut(&mut nahraum_store::Tx<'_>) -> Result<OpenedSession, nahraum_store::StoreError>
        + Send
        + 'static,
    ) -> Result<OpenedSession, Refusal> {
        let opened: Result<_, Failure> = self.store().write(call.moment, move |tx| Ok(open(tx)?)).await;
        self.settle(opened).await
    }

    /// Ends the caller's session. It is over with the next request.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`]; [`Refusal::Forbidden`] for an upload credential, which has no session: the practice
    /// takes it away.
    pub async fn sign_out(&self, call: &Call) -> Result<(), Refusal> {
        self.write(call, |tx, caller| {
            let session = caller.session().ok_or(Refusal::Forbidden)?;
            Ok(store::end(tx, session)?)
        })
        .await
    }
}
