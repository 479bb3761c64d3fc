//! Sweeping: what waited too long is destroyed, what is over is deleted.

use jiff::{SignedDuration, Timestamp};
use nahraum_domain::{calendar, sync::REMEMBERED};
use nahraum_store::{
    System, approvals, audit, authorizations, ceremonies, device_links, encounters, feedback, findings, freshness,
    idempotency, links, push, sessions, software, sync, throttles, wishes,
};

use crate::{App, Refusal};

/// How many findings one round destroys.
const ROUND: i64 = 50;

/// How long idempotency keys are kept (SR-I09).
const KEYS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long an order number finds its patient after the last report: the latest cultures come after two months, and practices
/// count anew.
const ORDERS_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How long ended sessions are kept, for the operator's questions.
const SESSIONS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long wrong tries are kept: they count for a day, and no day is longer than this. Used codes as well, so that a second
/// use is noticed.
const WRONG_TRIES_KEPT: SignedDuration = SignedDuration::from_hours(25);
/// How long links to a second phone are kept after their five minutes.
const LINKS_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How long encounters are kept: longer than the longest conversation, and as long as people ask what it was.
const ENCOUNTERS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How many months what people say about offers and what they miss is kept: long enough to compare a year with the one before.
const VOICES_KEPT: i64 = 36;

/// How long mails to organisations are kept after their page has ended, so that somebody can ask what it was.
const MAILS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long the access log is kept: three years (SR-L04, § 309 SGB V as the yardstick).
const LOG_KEPT_YEARS: i64 = 3;

/// How many lines of the log one round deletes.
const LOG_ROUND: i64 = 1_000;

impl App {
    /// One round of sweeping. Blocking; returns how much was found. Call again at once while it is not zero.
    ///
    /// # Errors
    /// The database's trouble.
    pub fn sweep(&self) -> Result<usize, Refusal> {
        let system = System::because("what waited too long is destroyed, whoever's it was");
        let now = self.moment(None).now;
        let today = now.to_zoned(jiff::tz::TimeZone::UTC);
        let log_before = today.checked_sub(jiff::Span::new().years(LOG_KEPT_YEARS)).ok().map(|z| z.timestamp());
        let expired = self.operate(|tx| {
            sessions::sweep(tx, &system, now - SESSIONS_KEPT)?;
            software::sweep(tx, &system)?;
            ceremonies::sweep(tx, &system, now)?;
            authorizations::sweep(tx, &system, now - WRONG_TRIES_KEPT)?;
            throttles::sweep(tx, &system, now - WRONG_TRIES_KEPT)?;
            device_links::sweep(tx, &system, now - LINKS_KEPT)?;
            encounters::sweep(tx, &system, now - ENCOUNTERS_KEPT)?;
            idempotency::sweep(tx, &system, now - KEYS_KEPT)?;
            sync::sweep(tx, &system, now - REMEMBERED)?;
            push::sweep(tx, &system)?;
            let before = calendar::months_before(now, VOICES_KEPT);
            feedback::sweep(tx, &system, &before)?;
            wishes::sweep(tx, &system, &before)?;
            let mails = freshness::sweep(tx, &system, now - MAILS_KEPT, ROUND)?;
            findings::forget_orders(tx, &system, now - ORDERS_KEPT)?;
            let released = findings::release_due(tx, &system, ROUND)?;
            Ok(mails + released + findings::expire(tx, &system, ROUND)?)
        })?;
        // What two persons have done, and who came with a link, stands as long as the entries of the log about it.
        if let Some(before) = log_before {
            self.operate(|tx| {
                links::sweep(tx, &system, before)?;
                Ok(approvals::sweep(tx, &system, before)?)
            })?;
        }
        let pruned = log_before.map_or(Ok(0), |before| self.prune_log(before))?;
        Ok(expired.saturating_add(pruned))
    }

    /// Deletes what is too old from the front of the access log. More is left when it deletes a whole round.
    fn prune_log(&self, before: Timestamp) -> Result<usize, Refusal> {
        let system = System::because("the log is kept for three years and not longer");
        let pruned = self.operate(|tx| Ok(audit::prune(tx, &system, before, LOG_ROUND)?))?;
        if pruned > 0 {
            tracing::info!(pruned, "entries of the access log were too old and are deleted; the anchor is signed");
        }
        Ok(if i64::try_from(pruned).is_ok_and(|n| n == LOG_ROUND) { pruned } else { 0 })
    }
}
