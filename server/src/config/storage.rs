//! `[storage]`: the one folder the server writes to.

use std::path::PathBuf;

use super::{key::Key, settings::Settings};

/// Database, key and everything else that lasts, unless another key says otherwise.
const DATA_DIR: Key = Key::text("storage.data_dir", "the path of a folder").or("/var/lib/nahraum");

pub(super) const KEYS: &[Key] = &[DATA_DIR];

/// The one folder the server writes to.
#[derive(Debug, Clone)]
pub(crate) struct Storage {
    /// The folder; it has to belong to the server's user.
    pub data_dir: PathBuf,
}

pub(super) fn read(settings: &mut Settings) -> Option<Storage> {
    let data_dir = settings.text(&DATA_DIR, |text| Some(PathBuf::from(text)))?;
    settings.place_defaults(&data_dir);
    Some(Storage { data_dir })
}
