//! Health data that has been read and may not be seen yet.

use nahraum_domain::audit::LogEntry;

use crate::access::log::{AccessLog, LogUnavailable};

/// A value that can only be taken out after its line in the access log is durable (SR-L01).
///
/// There is no other way to the value, so "no entry, no content" holds by construction: forgetting to log does not
/// compile into anything that shows data.
#[must_use = "health data that nobody unseals was read for nothing"]
pub struct Sealed<T> {
    value: T,
    entry: LogEntry,
}

impl<T> Sealed<T> {
    pub(crate) const fn new(value: T, entry: LogEntry) -> Self {
        Self { value, entry }
    }

    /// Writes the line, waits until it is durable, and hands out the value.
    ///
    /// # Errors
    /// When the line could not be made durable. The value is dropped then.
    pub async fn unseal(self, log: &AccessLog) -> Result<T, LogUnavailable> {
        log.record(self.entry).await?;
        Ok(self.value)
    }
}

impl<T> std::fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(•••)")
    }
}
