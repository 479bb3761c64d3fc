//! Numbers as people read them, and as JSON.

use std::{fs, io::Write, path::Path, time::Duration};

use serde_json::Value;

use crate::Outcome;

/// A table in Markdown.
#[derive(Debug)]
pub(crate) struct Table(Vec<Vec<String>>);

impl Table {
    pub(crate) fn new(head: &[&str]) -> Self {
        Self(vec![head.iter().map(|&cell| cell.to_owned()).collect(), head.iter().map(|_| "---".to_owned()).collect()])
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.0.push(cells);
    }

    /// Prints it to standard output.
    pub(crate) fn print(&self) -> Outcome<()> {
        let text: String = self.0.iter().map(|cells| format!("| {} |\n", cells.join(" | "))).collect();
        Ok(std::io::stdout().write_all(text.as_bytes())?)
    }
}

/// Writes the numbers to the file, if one was named.
pub(crate) fn write_json(file: Option<&Path>, numbers: &Value) -> Outcome<()> {
    let Some(file) = file else { return Ok(()) };
    Ok(fs::write(file, format!("{numbers:#}\n"))?)
}

/// Milliseconds.
pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// MiB from KiB.
pub(crate) fn mib(kib: u64) -> f64 {
    real(kib) / 1024.0
}

/// A count as a real number. Nothing counted here comes near the limit.
pub(crate) fn real(count: impl TryInto<u32>) -> f64 {
    f64::from(count.try_into().unwrap_or(u32::MAX))
}

/// The middle one, or the upper of the two in the middle; zero when there are none.
pub(crate) fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!([median([3.0, 1.0, 2.0]), median([2.0, 1.0]), median([])], [2.0, 2.0, 0.0]);
    }
}
