//! Health data that has been read and may not be seen yet.

use nahraum_domain::audit::LogEntry;

use crate::access::log::{AccessLog, NotLogged};

/// A value that can only be taken out after its line in the access log is durable (SR-L01).
///
/// There is no other way to the value, so "no entry, no content" holds by construction: forgetting to log does not
/// compile into anything that shows data.
#[must_use = "health data that nobody unseals was read for nothing"]
pub struct Sealed<T> {
    value: T,
    entries: Vec<LogEntry>,
}

impl<T> Sealed<T> {
    pub(crate) fn new(value: T, entry: LogEntry) -> Self {
        Self { value, entries: vec![entry] }
    }

    /// For a value that shows several findings: each gets its line.
    pub(crate) const fn with_all(value: T, entries: Vec<LogEntry>) -> Self {
        Self { value, entries }
    }

    /// The same, with something beside it that is no health data.
    pub fn beside<E>(self, extra: E) -> Sealed<(T, E)> {
        Sealed { value: (self.value, extra), entries: self.entries }
    }

    /// Several as one: the lines of all of them have to be durable.
    pub fn all(several: Vec<Self>) -> Sealed<Vec<T>> {
        let (values, entries): (Vec<T>, Vec<_>) = several.into_iter().map(|one| (one.value, one.entries)).unzip();
        Sealed { value: values, entries: entries.into_iter().flatten().collect() }
    }

    /// Writes the lines, waits until they are durable, and hands out the value.
    ///
    /// # Errors
    /// When they could not be made durable. The value is dropped then.
    pub async fn unseal(self, log: &AccessLog) -> Result<T, NotLogged> {
        log.record_unsealing(self.entries).await?;
        Ok(self.value)
    }

    /// [`Sealed::unseal`] for background jobs on threads of their own.
    ///
    /// # Errors
    /// As there.
    pub fn unseal_blocking(self, log: &AccessLog) -> Result<T, NotLogged> {
        log.record_unsealing_blocking(self.entries)?;
        Ok(self.value)
    }
}

impl<T> std::fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(•••)")
    }
}
