//! Adding up what was missed: searches that found nothing go from memory into the table when their day is over.

use nahraum_domain::calendar;
use nahraum_store::{System, wishes as store};

use crate::{App, Refusal};

impl App {
    /// One round: adds the searches of a day that is over. Blocking; returns how many topics and areas were counted.
    ///
    /// # Errors
    /// The database's trouble. What was counted is kept then.
    pub fn add_unmet(&self) -> Result<usize, Refusal> {
        let system = System::because("a day passes by itself");
        let now = self.moment(None).now;
        let Some((day, counted)) = self.unmet().take(calendar::day(now)) else { return Ok(0) };
        let month = calendar::month_of(day);
        if let Err(trouble) = self.operate(|tx| Ok(store::add_searches(tx, &system, &month, &counted)?)) {
            self.unmet().put_back(day, counted);
            return Err(trouble);
        }
        Ok(counted.len())
    }
}
