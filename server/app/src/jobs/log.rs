//! Tending the access log: linking, comparing what was shown with what was written down, checkpoints.

use std::sync::atomic::Ordering;

use nahraum_domain::audit::statement::hex;
use nahraum_store::{System, audit};

use crate::{App, Refusal};

/// How often the log is checked by an entry of its own, in microseconds: once a day.
const CHECK_EVERY: i64 = 24 * 60 * 60 * 1_000_000;

/// How many first meetings one round announces.
const ROUND: i64 = 100;

impl App {
    /// One round: links what waits, compares the answers given with the entries written, checks once a day that the log
    /// takes entries, and tells residents of new parties. Blocking; returns how many parties were looked at.
    ///
    /// Alarms are lines of the technical log with the field `alarm`: `access-log` and `reconciliation`.
    ///
    /// # Errors
    /// The database's trouble, or the log's.
    pub fn tend_log(&self) -> Result<usize, Refusal> {
        let system = System::because("the server keeps its own log whole, without anyone asking");
        self.store().access_log().settle_blocking()?;
        self.check_log(&system)?;
        self.reconcile(&system)?;
        self.operate(|tx| Ok(audit::announce(tx, &system, ROUND)?))
    }

    /// Writes the answers given since the last time beside the entries written.
    fn reconcile(&self, system: &System) -> Result<(), Refusal> {
        let answers = self.answers().swap(0, Ordering::Relaxed);
        if answers == 0 {
            return Ok(());
        }
        let process = self.store().access_log().process();
        match self.operate(|tx| Ok(audit::count_answers(tx, system, process, answers)?)) {
            Ok(None) => Ok(()),
            Ok(Some(gap)) => {
                tracing::error!(
                    alarm = "reconciliation",
                    answers = gap.answers,
                    unsealed = gap.unsealed,
                    "more health data was shown than was written down"
                );
                Ok(())
            }
            Err(refusal) => {
                self.answers().fetch_add(answers, Ordering::Relaxed);
                Err(refusal)
            }
        }
    }

    /// Once a day an entry about nobody takes the way of all others, and must be found in the log.
    fn check_log(&self, system: &System) -> Result<(), Refusal> {
        let now = self.moment(None).now.as_microsecond();
        let last = self.checked_at().load(Ordering::Relaxed);
        if last <= now && now.saturating_sub(last) < CHECK_EVERY {
            return Ok(());
        }
        let sealed = self.operate(|tx| Ok(audit::check_entry(tx, system)))?;
        let request = sealed.unseal_blocking(self.store().access_log())?;
        self.count_answer();
        if self.operate(|tx| Ok(audit::has_entry(tx, request)?))? {
            self.checked_at().store(now, Ordering::Relaxed);
        } else {
            tracing::error!(alarm = "access-log", "the daily check entry is not in the log");
        }
        Ok(())
    }

    /// Signs where the log ends. Gives the checkpoint as one line of JSON, to be kept outside the database. Blocking.
    ///
    /// # Errors
    /// The database's trouble, or the log's.
    pub fn checkpoint_log(&self) -> Result<String, Refusal> {
        let system = System::because("the server signs its own log, without anyone asking");
        self.store().access_log().settle_blocking()?;
        let signed = self.operate(|tx| Ok(audit::checkpoint(tx, &system)?))?;
        Ok(line(&signed.checkpoint.text(), &signed.signature))
    }
}

/// The signed text with its signature as one more member.
fn line(text: &str, signature: &[u8]) -> String {
    format!("{},\"signature\":\"{}\"}}", text.trim_end_matches('}'), hex(signature))
}
