//! Places that were offered and not taken go to the next who waits, people are reminded of tomorrow, and what is over is forgotten.

use jiff::SignedDuration;
use nahraum_store::{System, registrations as store};

use crate::{App, Refusal};

/// How many registrations one round looks at.
const ROUND: i64 = 100;

/// How long after a date it is kept what people needed there and how they could be reached.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl App {
    /// One round. Blocking; returns how many registrations were looked at. Call again at once while it is not zero.
    ///
    /// # Errors
    /// The database's trouble.
    pub fn tend_registrations(&self) -> Result<usize, Refusal> {
        let system = System::because("an answer that does not come is nobody's act, and nobody asks for a reminder");
        let before = self.moment(None).now - KEPT;
        self.operate(|tx| {
            let expired = store::run_out(tx, &system, ROUND)?;
            let reminded = store::remind(tx, &system, ROUND)?;
            let forgotten = store::forget_old(tx, &system, before)?;
            Ok(expired.saturating_add(reminded).saturating_add(forgotten))
        })
    }
}
