//! Sweeping: what waited too long is destroyed, what is over is deleted.

use jiff::SignedDuration;
use nahraum_store::{System, audit, findings, idempotency, sessions};

use crate::{App, Refusal};

/// How many findings one round destroys.
const ROUND: i64 = 50;

/// How long idempotency keys are kept (SR-I09).
const KEYS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long ended sessions are kept, for the operator's questions.
const SESSIONS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long the access log is kept: three years (SR-L04, § 309 SGB V as the yardstick).
const LOG_KEPT_YEARS: i64 = 3;

/// How many lines of the log one round deletes.
const LOG_ROUND: i64 = 1_000;

impl App {
    /// One round of sweeping. Blocking; returns how many findings expired. Call again at once while it is not zero.
    ///
    /// # Errors
    /// The database's trouble.
    pub fn sweep(&self) -> Result<usize, Refusal> {
        let system = System::because("what waited too long is destroyed, whoever's it was");
        let now = self.moment(None).now;
        let today = now.to_zoned(jiff::tz::TimeZone::UTC);
        let log_before = today.checked_sub(jiff::Span::new().years(LOG_KEPT_YEARS)).map_or(now, |z| z.timestamp());
        self.operate(|tx| {
            if log_before < now {
                audit::prune(tx, &system, log_before, LOG_ROUND)?;
            }
            sessions::sweep(tx, &system, now - SESSIONS_KEPT)?;
            idempotency::sweep(tx, &system, now - KEYS_KEPT)?;
            Ok(findings::expire(tx, &system, ROUND)?)
        })
    }
}
