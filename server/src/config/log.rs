//! `[log]`: how much is written, and in which form.

use super::{key::Key, settings::Settings};

/// The least important message that is still written.
const LEVEL: Key = Key::text("log.level", "\"error\", \"warn\", \"info\", \"debug\" or \"trace\"").or("info");
/// One JSON object a line for machines, or plain lines for people.
const FORMAT: Key = Key::text("log.format", "\"json\" or \"text\"").or("json");

pub(super) const KEYS: &[Key] = &[LEVEL, FORMAT];

/// How much is written, and in which form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Log {
    /// The least important level that is written.
    pub level: tracing::Level,
    /// The form of a line.
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// One JSON object a line.
    Json,
    /// Plain text for people.
    Text,
}

pub(super) fn read(settings: &mut Settings) -> Option<Log> {
    let level = settings.text(&LEVEL, |text| match text {
        "error" => Some(tracing::Level::ERROR),
        "warn" => Some(tracing::Level::WARN),
        "info" => Some(tracing::Level::INFO),
        "debug" => Some(tracing::Level::DEBUG),
        "trace" => Some(tracing::Level::TRACE),
        _ => None,
    });
    let format = settings.text(&FORMAT, |text| match text {
        "json" => Some(LogFormat::Json),
        "text" => Some(LogFormat::Text),
        _ => None,
    });
    Some(Log { level: level?, format: format? })
}
