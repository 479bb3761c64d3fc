//! Small forms that headers and claims share.

use serde::{Deserialize, Deserializer, de::IgnoredAny};

/// Whether a member is there, whatever it holds, `null` included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Present(pub bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

/// `aud`: one text or several (RFC 7519, 4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Audience {
    /// Whether one of `ours` is named.
    pub(crate) fn names_one_of(&self, ours: &[&str]) -> bool {
        match self {
            Self::One(one) => ours.contains(&one.as_str()),
            Self::Several(several) => several.iter().any(|one| ours.contains(&one.as_str())),
        }
    }
}
