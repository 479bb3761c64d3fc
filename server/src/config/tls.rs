//! `[tls]`: the server's certificate, when it ends TLS itself instead of leaving that to a reverse proxy.

use std::path::PathBuf;

use super::{key::Key, settings::Settings};

/// The certificate chain as PEM, the server's own certificate first.
const CERTIFICATE: Key = Key::text("tls.certificate", "the path of a PEM file");
/// The private key as PEM (PKCS#8, SEC1 or PKCS#1), readable by the server's user only.
const PRIVATE_KEY: Key = Key::text("tls.private_key", "the path of a PEM file");
/// The key that takes over when the other one is lost, as PEM. Only its pin is needed here: the file may hold the public key.
const BACKUP_KEY: Key = Key::text("tls.backup_key", "the path of a PEM file");

pub(super) const KEYS: &[Key] = &[CERTIFICATE, PRIVATE_KEY, BACKUP_KEY];

/// Certificate and key of the listener.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    /// PEM file with the chain, own certificate first.
    pub certificate: PathBuf,
    /// PEM file with the private key.
    pub private_key: PathBuf,
    /// PEM file with the backup key, or with its public half.
    pub backup_key: Option<PathBuf>,
}

pub(super) fn read(settings: &mut Settings) -> Option<Tls> {
    let certificate = settings.text(&CERTIFICATE, |text| Some(PathBuf::from(text)));
    let private_key = settings.text(&PRIVATE_KEY, |text| Some(PathBuf::from(text)));
    let backup_key = settings.text(&BACKUP_KEY, |text| Some(PathBuf::from(text)));
    if certificate.is_some() != private_key.is_some() {
        settings.problems.push(String::from(
            "tls.certificate and tls.private_key belong together: set both, or neither when a reverse proxy ends TLS",
        ));
    }
    Some(Tls { certificate: certificate?, private_key: private_key?, backup_key })
}
