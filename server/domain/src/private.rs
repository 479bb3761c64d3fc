//! Health data and personal words: values that cannot be printed by accident.

use std::fmt;

/// A value that must not reach a log, a panic message or a debug print.
///
/// `Debug` shows `•••`; there is no `Display` and no serialisation. [`Private::reveal`] and [`Private::into_revealed`]
/// are the one door, and a tidy rule pins the files that use it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for storing it or for handing it to the person it belongs to.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// [`Private::reveal`], giving the wrapper up.
    pub fn into_revealed(self) -> T {
        self.0
    }

    /// Applies a function inside the wrapper.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Private<U> {
        Private(f(self.0))
    }
}

impl<T> From<T> for Private<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_value_prints_dots() {
        let title = Private::new(String::from("HIV-Test"));
        assert_eq!(format!("{title:?} {:?}", Some(&title)), "••• Some(•••)");
    }
}
