//! Reminding: residents hear before the registration of a phone ends (SR-S06), and before and when somebody may do less in
//! somebody's place.

use nahraum_store::{System, devices, shares};

use crate::{App, Refusal};

/// How many phones, and how many permissions, one round looks at.
const ROUND: i64 = 100;

impl App {
    /// One round of reminders. Blocking; returns how many phones and permissions were looked at. Call again at once while it is not zero.
    ///
    /// # Errors
    /// The database's trouble.
    pub fn remind(&self) -> Result<usize, Refusal> {
        let system = System::because("nobody asks for a reminder");
        self.operate(|tx| Ok(devices::remind(tx, &system, ROUND)? + shares::announce_steps(tx, &system, ROUND)?))
    }
}
