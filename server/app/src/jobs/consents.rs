//! Asking again: residents hear that a new text waits for their answer, and what has run out is written down.

use nahraum_store::{System, consents};

use crate::{App, Refusal};

/// How many residents, or decisions, one round looks at.
const ROUND: i64 = 100;

impl App {
    /// One round of asking. Blocking; returns how much was looked at. Call again at once while it is not zero.
    ///
    /// Whether an old yes counts does not wait for this: it is decided with every upload.
    ///
    /// # Errors
    /// The database's trouble.
    pub fn ask_about_texts(&self) -> Result<usize, Refusal> {
        let system = System::because("nobody asks to be asked, and a day passes by itself");
        self.operate(|tx| Ok(consents::ask_again(tx, &system, ROUND)? + consents::settle(tx, &system, ROUND)?))
    }
}
