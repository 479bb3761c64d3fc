//! `nahraum config`: all values and where each came from, in the form of a configuration file.

use super::{
    key::Key,
    settings::{Origin, Settings, Value},
};

/// The values as TOML. Secrets are dots in a comment, so that the output can be shown to others and still be used as
/// the beginning of a file.
pub(super) fn dump(settings: &Settings) -> String {
    let mut text = String::new();
    let mut section = "";
    for key in settings.keys() {
        if key.section() != section {
            section = key.section();
            text.push_str(&format!("{}[{section}]\n", if text.is_empty() { "" } else { "\n" }));
        }
        text.push_str(&line(key, settings));
        text.push('\n');
    }
    text
}

fn line(key: &Key, settings: &Settings) -> String {
    let name = key.short();
    match settings.get(key) {
        None => format!("# {name} =  # not set"),
        // A default is printed in the documentation; it is no secret.
        Some((_, origin)) if key.secret && *origin != Origin::Default => format!("# {name} = •••  # {origin}"),
        Some((value, origin)) => format!("{name} = {}  # {origin}", toml(value)),
    }
}

fn toml(value: &Value) -> String {
    match value {
        Value::Text(text) => toml::Value::from(text.as_str()),
        Value::Number(number) => toml::Value::from(*number),
        Value::Switch(switch) => toml::Value::from(*switch),
        Value::List(entries) => toml::Value::from(entries.clone()),
    }
    .to_string()
}
