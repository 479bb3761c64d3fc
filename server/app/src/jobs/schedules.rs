//! Time goes by: thirteen months of dates have to stand in the table, and what has passed is not next any more.

use nahraum_store::{System, catalogue, schedules as store};

use crate::{
    App, Refusal,
    schedules::{dates, needed_until, recurrence},
};

/// How many schedules one round looks at.
const ROUND: i64 = 20;

/// How many offers with a date that has begun one round looks at. As many can last at the same time before one is overlooked.
const PASSED: i64 = 1_000;

impl App {
    /// One round of writing dates on. Blocking; returns how many schedules were looked at. Call again at once while it is not zero.
    ///
    /// # Errors
    /// The database's trouble.
    pub fn write_schedules_on(&self) -> Result<usize, Refusal> {
        let system = System::because("nobody asks for the dates of next year, and a day passes by itself");
        let now = self.moment(None).now;
        let due = self.operate(|tx| Ok(store::due(tx, &system, needed_until(now), ROUND)?))?;
        for (offer, schedule) in &due {
            let dates = dates(&recurrence(&schedule.plan)?, now);
            self.operate(|tx| Ok(store::write_on(tx, &system, *offer, schedule.id, &dates)?))?;
        }
        let moved = self.operate(|tx| Ok(catalogue::keep_order(tx, &system, PASSED)?))?;
        Ok(due.len().saturating_add(moved))
    }
}
