//! Waking phones: "ask what is new", and nothing else (SR-M01).

use std::thread;

use jiff::{SignedDuration, Timestamp};
use nahraum_domain::push::Urgency;
use nahraum_store::{
    System,
    push::{self, DuePush, Pushed},
};

use super::outbox::next_try;
use crate::{
    App, Refusal,
    ports::{OutgoingPush, PushError, Pusher},
};

/// How many pushes one round takes: all at once, so that a push service that does not answer holds up the others for its own ten seconds
/// and not longer, which is less than a lease.
const ROUND: i64 = 10;

/// The longest that a push service can make this server wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(6);

/// What every push says.
const WAKE: &str = r#"{"v":1}"#;

impl App {
    /// Sends the pushes that are due. Blocking; returns how many were tried. Call again at once while it is not zero.
    ///
    /// # Errors
    /// The database's trouble. Pushes that were taken come back when their lease is over.
    pub fn send_due_pushes(&self, pusher: &dyn Pusher) -> Result<usize, Refusal> {
        let Some(sender) = &self.settings().push else { return Ok(0) };
        let system = System::because("phones are woken by the server itself, after the commit that wrote what is new");
        let due = self.operate(|tx| Ok(push::lease(tx, &system, ROUND)?))?;
        let now = self.moment(None).now;
        let send = |one| self.outgoing(one, &sender.contact, now).and_then(|outgoing| pusher.push(&outgoing));
        let sent: Vec<Result<(), PushError>> = thread::scope(|scope| {
            let all: Vec<_> = due.iter().map(|one| scope.spawn(move || send(one))).collect();
            all.into_iter().map(|one| one.join().unwrap_or_else(|_| Err(defect()))).collect()
        });
        for (one, sent) in due.iter().zip(sent) {
            let pushed = outcome(sent, one, self.moment(None).now);
            self.operate(|tx| Ok(push::settle(tx, &system, one, pushed)?))?;
        }
        Ok(due.len())
    }

    fn outgoing(&self, one: &DuePush, contact: &str, now: Timestamp) -> Result<OutgoingPush, PushError> {
        let message = one
            .code
            .as_ref()
            .map_or_else(|| WAKE.to_owned(), |code| format!(r#"{{"v":1,"code":"{}"}}"#, code.reveal()));
        let authorization = self.push_key().authorization(&one.to.endpoint.origin(), contact, now);
        let body = one.to.target.seal(message.as_bytes(), self.random());
        let refused = || PushError::Refused(String::from("it could not be sealed or signed"));
        Ok(OutgoingPush {
            endpoint: one.to.endpoint.clone(),
            authorization: authorization.ok_or_else(refused)?,
            body: body.map_err(|_| refused())?,
            hurries: one.urgency == Urgency::High,
        })
    }
}

fn defect() -> PushError {
    PushError::Temporary { reason: String::from("sending panicked"), wait: None }
}

/// What becomes of a push after a try: trouble that may pass is waited for.
fn outcome(sent: Result<(), PushError>, push: &DuePush, now: Timestamp) -> Pushed {
    let device = push.device;
    match sent {
        Ok(()) => Pushed::Yes,
        Err(PushError::Gone) => {
            tracing::info!(%device, "a phone is not to be woken there any more");
            Pushed::Gone
        }
        Err(PushError::Refused(reason)) => {
            tracing::warn!(%device, reason, "a push was refused for good");
            Pushed::GivenUp
        }
        Err(PushError::Temporary { reason, wait }) => {
            let attempts = push.attempts.saturating_add(1);
            tracing::warn!(%device, attempts, reason, "a push could not be sent yet");
            let asked = now + wait.unwrap_or(SignedDuration::ZERO).clamp(SignedDuration::ZERO, LONGEST_WAIT);
            next_try(now, attempts).map_or(Pushed::GivenUp, |next| Pushed::Later(next.max(asked)))
        }
    }
}
