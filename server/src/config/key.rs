//! What a configuration key is: its name, the kind of value it takes, its default and the words that explain it.

/// The shape of a value in the file; in the environment and on the command line every value is text and is read as
/// its key's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A TOML string.
    Text,
    /// A TOML integer.
    Number,
    /// `true` or `false`.
    Switch,
    /// A TOML array of strings; in the environment separated by commas.
    List,
}

/// One key. All keys together are the whole configuration: what is not among them is refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    /// Section and name with a dot, as in `server.bind`.
    pub name: &'static str,
    /// The shape of the value.
    pub kind: Kind,
    /// What is used when nobody says anything, written as in the environment. `<data_dir>` stands for
    /// `storage.data_dir`.
    pub default: Option<&'static str>,
    /// What the value has to be, in words that continue "expects …".
    pub expects: &'static str,
    /// Secrets are never shown, never taken from the command line, and can be read from a file of their own.
    pub secret: bool,
}

impl Key {
    const fn new(name: &'static str, kind: Kind, expects: &'static str) -> Self {
        Self { name, kind, default: None, expects, secret: false }
    }

    /// A key that takes text.
    pub(super) const fn text(name: &'static str, expects: &'static str) -> Self {
        Self::new(name, Kind::Text, expects)
    }

    /// A key that takes a whole number.
    pub(super) const fn number(name: &'static str, expects: &'static str) -> Self {
        Self::new(name, Kind::Number, expects)
    }

    /// A key that takes `true` or `false`.
    pub(super) const fn switch(name: &'static str) -> Self {
        Self::new(name, Kind::Switch, "true or false")
    }

    /// A key that takes a list of texts.
    pub(super) const fn list(name: &'static str, expects: &'static str) -> Self {
        Self::new(name, Kind::List, expects)
    }

    /// The same key with a default.
    pub(super) const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    /// The same key as a secret.
    pub(super) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The section's name: the part before the dot.
    pub(super) fn section(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(section, _)| section)
    }

    /// The name inside its section: the part after the dot.
    pub(super) fn short(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, short)| short)
    }

    /// The environment variable of this key: `NAHRAUM_SERVER__PUBLIC_URL` for `server.public_url`.
    pub(super) fn variable(&self) -> String {
        format!("NAHRAUM_{}", self.name.replace('.', "__").to_uppercase())
    }
}
