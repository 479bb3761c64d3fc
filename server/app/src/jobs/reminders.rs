//! Reminding: residents hear before the registration of a phone ends (SR-S06).

use nahraum_store::{System, devices};

use crate::{App, Refusal};

/// How many phones one round looks at.
const ROUND: i64 = 100;

impl App {
    /// One round of reminders. Blocking; returns how many phones were looked at. Call again at once while it is not zero.
    ///
    /// # Errors
    /// The database's trouble.
    pub fn remind(&self) -> Result<usize, Refusal> {
        let system = System::because("nobody asks for a reminder");
        self.operate(|tx| Ok(devices::remind(tx, &system, ROUND)?))
    }
}
