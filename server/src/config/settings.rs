//! All values before they get their types: collected from defaults, file, environment and command line, each with
//! the place it came from, and every problem noted instead of stopping at the first.

use std::{collections::BTreeMap, fmt, path::Path};

use toml::de::{DeTable, DeValue};

use super::{
    key::{Key, Kind},
    private_file::{read_private_file, read_public_file},
    suggest::suggestion,
};

/// Variables that begin with `NAHRAUM_` and are not keys: they are read before or beside the configuration.
const OTHER_VARIABLES: [&str; 3] = ["NAHRAUM_CONFIG", "NAHRAUM_TEST_CLOCK_FILE", "NAHRAUM_TEST_QUICK_HASHES"];

/// The variable that hosting platforms set for the database.
const DATABASE_URL: &str = "DATABASE_URL";

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// Nobody said anything.
    Default,
    /// The configuration file.
    File { name: String, line: usize },
    /// An environment variable.
    Variable(String),
    /// A file that an environment variable ending in `_FILE` names.
    SecretFile { variable: String, path: String },
    /// The command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { name, line } => write!(f, "{name} line {line}"),
            Self::Variable(variable) => write!(f, "environment {variable}"),
            Self::SecretFile { variable, path } => write!(f, "{path}, named by {variable}"),
            Self::Flag => f.write_str("command line"),
        }
    }
}

/// A value whose shape fits its key.
pub(super) enum Value {
    Text(String),
    Number(i64),
    Switch(bool),
    List(Vec<String>),
}

/// The collected values and everything that was wrong with them.
pub(super) struct Settings {
    keys: Vec<Key>,
    values: BTreeMap<&'static str, (Value, Origin)>,
    pub(super) problems: Vec<String>,
}

impl Settings {
    /// Starts with the defaults.
    pub(super) fn new(keys: Vec<Key>) -> Self {
        let mut settings = Self { keys, values: BTreeMap::new(), problems: Vec::new() };
        for key in settings.keys.clone() {
            if let Some(default) = key.default {
                settings.set_text(&key, default, Origin::Default);
            }
        }
        settings
    }

    /// All keys, section by section.
    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// A value and where it came from.
    pub(super) fn get(&self, key: &Key) -> Option<&(Value, Origin)> {
        self.values.get(key.name)
    }

    /// Takes the values of a TOML file. A file with a secret in it must be closed to others.
    pub(super) fn read_file(&mut self, path: &Path) {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into());
        let text = match read_public_file(path).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => return self.problems.push(format!("{name} is not UTF-8 text")),
            Err(error) => return self.problems.push(error.to_string()),
        };
        let line = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
        let table = match DeTable::parse(&text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                // The library's own rendering quotes the line, and the line may hold a password.
                let line = error.span().map_or(1, |span| line(span.start));
                return self.problems.push(format!("{name} line {line}: {}", error.message()));
            }
        };
        for (section, content) in &table {
            let at = line(section.span().start);
            let Some(entries) = content.get_ref().as_table() else {
                self.unknown(&format!("{name} line {at}: "), section.get_ref());
                continue;
            };
            if !self.keys.iter().any(|key| key.section() == section.get_ref()) {
                self.unknown_section(&format!("{name} line {at}"), section.get_ref());
                continue;
            }
            for (entry, value) in entries {
                let origin = Origin::File { name: name.clone(), line: line(entry.span().start) };
                self.set_toml(&format!("{}.{}", section.get_ref(), entry.get_ref()), value.get_ref(), origin);
            }
        }
        let secret_inside =
            self.keys.iter().any(|key| key.secret && matches!(self.get(key), Some((_, Origin::File { .. }))));
        if secret_inside && let Err(error) = read_private_file(path) {
            self.problems.push(error.to_string());
        }
    }

    /// Takes the values of the environment: `NAHRAUM_<SECTION>__<KEY>`, for secrets also `…_FILE`, and
    /// `DATABASE_URL`. An empty variable counts as not set, because container files often pass those on.
    pub(super) fn read_environment(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        let ours: BTreeMap<String, String> = variables
            .into_iter()
            .filter(|(name, value)| (name.starts_with("NAHRAUM_") || name == DATABASE_URL) && !value.is_empty())
            .filter(|(name, _)| !OTHER_VARIABLES.contains(&name.as_str()))
            .collect();
        // `DATABASE_URL` sorts before `NAHRAUM_…`: our own name wins when both are set.
        for (name, value) in &ours {
            let wanted = if name == DATABASE_URL { "NAHRAUM_DATABASE__URL" } else { name };
            if let Some(key) = self.keys.iter().copied().find(|key| key.variable() == wanted) {
                self.set_text(&key, value, Origin::Variable(name.clone()));
            } else if let Some(key) = self.secret_of(name) {
                if ours.contains_key(&key.variable()) {
                    self.problems.push(format!("{} and {name} are both set; keep one of them", key.variable()));
                }
                self.read_secret(&key, name, value);
            } else {
                let known = self.keys.iter().map(Key::variable);
                let hint = suggestion(name, known).map_or(String::new(), |best| format!("; did you mean `{best}`?"));
                self.problems.push(format!("environment: unknown variable `{name}`{hint}"));
            }
        }
    }

    /// Takes values from the command line.
    pub(super) fn read_flags(&mut self, flags: impl IntoIterator<Item = (String, String)>) {
        for (name, value) in flags {
            match self.keys.iter().copied().find(|key| key.name == name) {
                Some(key) if key.secret => self.problems.push(format!(
                    "command line: {name} is a secret, and command lines are visible to everyone on the machine; use \
                     {} or {}_FILE",
                    key.variable(),
                    key.variable()
                )),
                Some(key) => self.set_text(&key, &value, Origin::Flag),
                None => self.unknown("command line: ", &name),
            }
        }
    }

    /// Puts the data folder into the defaults that mention it.
    pub(super) fn place_defaults(&mut self, data_dir: &Path) {
        let folder = data_dir.to_string_lossy();
        for (value, origin) in self.values.values_mut() {
            if let (Value::Text(text), Origin::Default) = (value, origin) {
                *text = text.replace("<data_dir>", folder.trim_end_matches('/'));
            }
        }
    }

    /// The text of a key, parsed. `None` when it is not set, or when it is wrong, which is then noted.
    pub(super) fn text<T>(&mut self, key: &Key, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let (Value::Text(text), origin) = self.values.get(key.name)? else { return None };
        let parsed = parse(text);
        if parsed.is_none() {
            let problem = complaint(key, origin, &format!("the text {text:?}"));
            self.problems.push(problem);
        }
        parsed
    }

    /// The number of a key when it lies in the range and fits the type.
    pub(super) fn number<T: TryFrom<i64>>(&mut self, key: &Key, range: std::ops::RangeInclusive<i64>) -> Option<T> {
        let (Value::Number(number), origin) = self.values.get(key.name)? else { return None };
        let fitting = Some(*number).filter(|number| range.contains(number)).and_then(|number| T::try_from(number).ok());
        if fitting.is_none() {
            let problem = complaint(key, origin, &format!("the number {number}"));
            self.problems.push(problem);
        }
        fitting
    }

    /// A switch; one without a default is off.
    pub(super) fn switch(&self, key: &Key) -> bool {
        matches!(self.values.get(key.name), Some((Value::Switch(true), _)))
    }

    /// The entries of a list, each parsed.
    pub(super) fn list<T>(&mut self, key: &Key, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let Some((Value::List(entries), origin)) = self.values.get(key.name) else { return Vec::new() };
        let mut parsed = Vec::new();
        for entry in entries {
            match parse(entry) {
                Some(value) => parsed.push(value),
                None => self.problems.push(complaint(key, origin, &format!("the text {entry:?}"))),
            }
        }
        parsed
    }

    fn secret_of(&self, variable: &str) -> Option<Key> {
        let base = variable.strip_suffix("_FILE")?;
        self.keys.iter().copied().find(|key| key.secret && key.variable() == base)
    }

    fn read_secret(&mut self, key: &Key, variable: &str, path: &str) {
        match read_private_file(Path::new(path)).map(String::from_utf8) {
            Ok(Ok(text)) => {
                let origin = Origin::SecretFile { variable: variable.to_owned(), path: path.to_owned() };
                self.set_text(key, text.trim_end_matches(['\r', '\n']), origin);
            }
            Ok(Err(_)) => self.problems.push(format!("{path}, named by {variable}, is not UTF-8 text")),
            Err(error) => self.problems.push(format!("environment {variable}: {error}")),
        }
    }

    /// A value that is written as text, as in the environment.
    fn set_text(&mut self, key: &Key, text: &str, origin: Origin) {
        let value = match key.kind {
            Kind::Text => Some(Value::Text(text.to_owned())).filter(|_| !text.is_empty()),
            Kind::Number => text.trim().parse().ok().map(Value::Number),
            Kind::Switch => text.trim().parse().ok().map(Value::Switch),
            Kind::List => {
                let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
                Some(Value::List(entries.map(str::to_owned).collect()))
            }
        };
        self.set(key, value, origin, || format!("the text {text:?}"));
    }

    fn set_toml(&mut self, name: &str, value: &DeValue<'_>, origin: Origin) {
        let Some(key) = self.keys.iter().copied().find(|key| key.name == name) else {
            return self.unknown(&format!("{origin}: "), name);
        };
        let fitting = match (key.kind, value) {
            (Kind::Text, DeValue::String(text)) => Some(Value::Text(text.to_string())).filter(|_| !text.is_empty()),
            (Kind::Number, DeValue::Integer(number)) => {
                i64::from_str_radix(number.as_str(), number.radix()).ok().map(Value::Number)
            }
            (Kind::Switch, DeValue::Boolean(switch)) => Some(Value::Switch(*switch)),
            (Kind::List, DeValue::Array(entries)) => entries
                .iter()
                .map(|entry| entry.get_ref().as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
                .map(Value::List),
            (Kind::Text | Kind::Number | Kind::Switch | Kind::List, _) => None,
        };
        self.set(&key, fitting, origin, || describe(value));
    }

    fn set(&mut self, key: &Key, value: Option<Value>, origin: Origin, got: impl FnOnce() -> String) {
        match value {
            Some(value) => {
                self.values.insert(key.name, (value, origin));
            }
            None => self.problems.push(complaint(key, &origin, &got())),
        }
    }

    fn unknown(&mut self, place: &str, name: &str) {
        let known = self.keys.iter().map(|key| key.name.to_owned());
        let hint = suggestion(name, known).map_or(String::new(), |best| format!("; did you mean `{best}`?"));
        self.problems.push(format!("{place}unknown key `{name}`{hint}"));
    }

    fn unknown_section(&mut self, place: &str, section: &str) {
        let known = self.keys.iter().map(|key| key.section().to_owned());
        let hint = suggestion(section, known).map_or(String::new(), |best| format!("; did you mean `[{best}]`?"));
        self.problems.push(format!("{place}: unknown section `[{section}]`{hint}"));
    }
}

/// The sentence about a wrong value; what a secret holds is never part of it.
fn complaint(key: &Key, origin: &Origin, got: &str) -> String {
    let got = if key.secret { "something else (not shown, it is a secret)" } else { got };
    format!("{origin}: {} expects {}, got {got}", key.name, key.expects)
}

fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text {text:?}"),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(switch) => format!("the switch {switch}"),
        DeValue::Datetime(date) => format!("the date {date}"),
        DeValue::Array(_) => String::from("a list of something else"),
        DeValue::Table(_) => String::from("a table"),
    }
}
