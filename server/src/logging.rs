//! Log lines: JSON or text on standard error, one event a line, ids and numbers only (SR-L06).
//!
//! Only our own crates follow the configured level. Libraries speak from `warn` on: at finer levels they print what
//! passes through them, and that is findings, addresses and passwords.

use std::{
    io::{self, Write},
    panic::PanicHookInfo,
};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Log, LogFormat};

/// Starts logging for the process and replaces the panic hook. A second call changes nothing.
pub(crate) fn start(log: &Log) {
    let own = LevelFilter::from_level(log.level);
    // A target of the filter is a beginning: `nahraum` means every crate of this house.
    // What a client sends must not look like a fault of ours: actix calls every malformed request an error. The door
    // logs what reaches it, and the listener what does not.
    let filter = Targets::new()
        .with_default(LevelFilter::WARN.min(own))
        .with_target("nahraum", own)
        .with_target("actix_http", LevelFilter::OFF)
        // It prints what clients sent when that is wrong.
        .with_target("webauthn_rs", LevelFilter::OFF);
    let started = tracing_subscriber::registry().with(lines(log.format, io::stderr).with_filter(filter)).try_init();
    if started.is_ok() {
        std::panic::set_hook(Box::new(report_panic));
    }
}

type Lines<S> = Box<dyn Layer<S> + Send + Sync>;

fn lines<S, M, W>(format: LogFormat, to: M) -> Lines<S>
where
    S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span>,
    M: Fn() -> W + Send + Sync + 'static,
    W: Write + 'static,
{
    let layer = fmt::layer().with_ansi(false).with_writer(move || OneLine(to()));
    match format {
        LogFormat::Json => layer.json().flatten_event(true).with_current_span(false).boxed(),
        LogFormat::Text => layer.boxed(),
    }
}

/// Writes each event as exactly one line. An event arrives in one piece with its line end; any other line break or
/// terminal command came from a value, and is the usual way to forge log entries.
struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let body = event.strip_suffix(b"\n").unwrap_or(event);
        let mut line = Vec::with_capacity(event.len());
        for byte in body {
            if byte.is_ascii_control() {
                line.extend(byte.escape_ascii());
            } else {
                line.push(*byte);
            }
        }
        line.push(b'\n');
        self.0.write_all(&line)?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Reports where a panic happened and not what it said: the message may quote the value that caused it.
fn report_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
    let thread = std::thread::current();
    tracing::error!(place, thread = thread.name().unwrap_or_default(), "a defect in the program stopped this task");
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(format: LogFormat, event: impl FnOnce()) -> String {
        let sink = Sink::default();
        let copy = sink.clone();
        let subscriber = tracing_subscriber::registry().with(lines(format, move || copy.clone()));
        tracing::subscriber::with_default(subscriber, event);
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_json_line_is_one_object_in_utc() {
        let text = written(LogFormat::Json, || tracing::info!(status = 200, "answered"));
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&line["message"], &line["status"], &line["level"]),
            (&"answered".into(), &200.into(), &"INFO".into())
        );
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{text}");
    }

    #[test]
    fn a_line_break_in_a_value_cannot_forge_a_line() {
        for format in [LogFormat::Json, LogFormat::Text] {
            let forged = "x\r\n2026-01-01T00:00:00Z ERROR forged\u{1b}[2J";
            let text = written(format, || tracing::info!(value = forged, shown = %forged, "{forged}"));
            assert_eq!(text.matches('\n').count(), 1, "{text}");
            assert!(!text.contains('\r') && !text.contains('\u{1b}'), "{text:?}");
        }
    }

    #[test]
    fn a_panic_is_reported_without_its_message() {
        let usual = std::panic::take_hook();
        let text = written(LogFormat::Json, || {
            std::panic::set_hook(Box::new(report_panic));
            let stopped = std::panic::catch_unwind(|| panic!("finding of Frau Muster"));
            assert!(stopped.is_err());
        });
        std::panic::set_hook(usual);
        assert!(text.contains("logging.rs:") && text.contains("a defect"), "{text}");
        assert!(!text.contains("Muster"), "{text}");
    }
}
