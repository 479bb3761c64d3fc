//! What lets this program in: where the server is, who we are there, and the key. One private file, replaced in one step.

use std::{fs, io, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    durable,
    key::{BadKey, SigningKey},
};

/// From when on a key can be renewed, counted from when it was let in: the server says 60 days, and 90 until its end.
const RENEWABLE: SignedDuration = SignedDuration::from_hours(60 * 24 + 1);
/// When a key ends.
const END: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Access {
    /// Where the server is reached.
    pub(crate) server: String,
    /// What the server calls itself: proofs and assertions are made out to this address.
    pub(crate) issuer: String,
    /// Our name there.
    pub(crate) client_id: String,
    /// Since when the key is good.
    pub(crate) key_since: Timestamp,
    /// The key (PKCS#8, base64).
    key: String,
    /// The key that is about to take its place: made, kept, and perhaps known to the server already.
    next_key: Option<String>,
    /// Certificates to trust in place of the machine's (PEM).
    pub(crate) trusted: Option<String>,
    /// We were told that we may not come in, and do not ask again before this moment: bad tries are counted.
    pub(crate) not_before: Option<Timestamp>,
}

/// Why there is no access.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAccess {
    /// Nobody has let this program in.
    #[error(
        "Dieses Programm ist noch mit keiner Praxis verbunden. Der erste Schritt: nahraum-uploader pair --server …"
    )]
    NotPaired,
    /// The file is damaged.
    #[error("Die Zugangsdatei ist beschädigt. Bitte neu verbinden: nahraum-uploader pair --again …")]
    Damaged,
    /// The disk's.
    #[error("Die Zugangsdatei ist nicht lesbar: {0}")]
    Disk(#[from] io::Error),
}

impl From<BadKey> for NoAccess {
    fn from(_: BadKey) -> Self {
        Self::Damaged
    }
}

impl Access {
    /// A new one, let in at this moment.
    pub(crate) fn new(server: String, issuer: String, client_id: String, key: &SigningKey, now: Timestamp) -> Self {
        let key = STANDARD.encode(key.pkcs8());
        Self { server, issuer, client_id, key_since: now, key, next_key: None, trusted: None, not_before: None }
    }

    /// Reads the file.
    pub(crate) fn load(path: &Path) -> Result<Self, NoAccess> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(NoAccess::NotPaired),
            Err(error) => return Err(error.into()),
        };
        serde_json::from_slice(&bytes).map_err(|_| NoAccess::Damaged)
    }

    /// Writes the file.
    pub(crate) fn save(&self, path: &Path) -> Result<(), NoAccess> {
        let text = serde_json::to_vec_pretty(self).map_err(|_| NoAccess::Damaged)?;
        Ok(durable::write(path, &text)?)
    }

    /// The key.
    pub(crate) fn key(&self) -> Result<SigningKey, NoAccess> {
        read(&self.key)
    }

    /// The key that is about to take its place.
    pub(crate) fn next_key(&self) -> Result<Option<SigningKey>, NoAccess> {
        self.next_key.as_deref().map(read).transpose()
    }

    /// This key is about to take the place of ours, or no key is.
    pub(crate) fn set_next_key(&mut self, key: Option<&SigningKey>) {
        self.next_key = key.map(|key| STANDARD.encode(key.pkcs8()));
    }

    /// The next key is ours from now on.
    pub(crate) fn promote(&mut self, now: Timestamp) {
        if let Some(next) = self.next_key.take() {
            self.key = next;
            self.key_since = now;
        }
    }

    /// Whether the key should be renewed.
    pub(crate) fn wants_renewal(&self, now: Timestamp) -> bool {
        now.duration_since(self.key_since) >= RENEWABLE
    }

    /// When the key ends, if nothing renews it.
    pub(crate) fn ends_at(&self) -> Timestamp {
        self.key_since.saturating_add(END).unwrap_or(Timestamp::MAX)
    }
}

fn read(text: &str) -> Result<SigningKey, NoAccess> {
    let bytes = STANDARD.decode(text).map_err(|_| NoAccess::Damaged)?;
    Ok(SigningKey::from_pkcs8(&bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn a_key_is_renewed_from_day_sixty_on_and_takes_its_place_in_one_step() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.json");
        assert!(matches!(Access::load(&path), Err(NoAccess::NotPaired)));
        let (old, new) =
            (SigningKey::generate(&Random::system()).unwrap(), SigningKey::generate(&Random::system()).unwrap());
        let then: Timestamp = "2026-11-27T08:00:00Z".parse().unwrap();
        let mut access = Access::new("https://a".into(), "https://a".into(), "me".into(), &old, then);
        let day = |days: i64| then + SignedDuration::from_hours(24 * days);
        assert!(!access.wants_renewal(day(60)) && access.wants_renewal(day(61)));
        access.set_next_key(Some(&new));
        access.save(&path).unwrap();
        let mut kept = Access::load(&path).unwrap();
        assert_eq!(kept.next_key().unwrap().unwrap().fingerprint(), new.fingerprint());
        kept.promote(day(61));
        assert_eq!(kept.key().unwrap().fingerprint(), new.fingerprint());
        assert!(kept.next_key().unwrap().is_none() && !kept.wants_renewal(day(62)));
        fs::write(&path, b"{}").unwrap();
        assert!(matches!(Access::load(&path), Err(NoAccess::Damaged)));
    }
}
