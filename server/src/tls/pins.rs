//! `nahraum tls …`: the pins that apps may check (SR-K09), and the key that takes over when the other one is lost.
//!
//! A pin is the SHA-256 of a public key (SPKI) in base64, as RFC 7469, 2.4 has it.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use nahraum_secrets::{OsRandom, sha256, tls_key_pem};
use rustls::{
    crypto::aws_lc_rs::sign::any_supported_type,
    pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer, pem::PemObject},
    sign::CertifiedKey,
};

use super::{Served, TlsError};
use crate::{
    cli::TlsCommand,
    config::{Tls, read_private_file, read_public_file},
    operator::say,
    wiring::Trouble,
};

/// Does what was asked.
///
/// # Errors
/// When a file is missing, or there is a key already.
pub(crate) fn run(command: &TlsCommand, environment: &[(String, String)]) -> Result<(), Trouble> {
    let (TlsCommand::Pins(args) | TlsCommand::BackupKey(args)) = command;
    let tls = args.load(environment.iter().cloned())?.tls;
    let tls = tls.ok_or_else(|| Trouble::Refused(String::from("[tls] is not set: whoever ends TLS has the keys")))?;
    match command {
        TlsCommand::Pins(_) => show(&tls),
        TlsCommand::BackupKey(_) => make_backup(&tls),
    }
}

fn show(tls: &Tls) -> Result<(), Trouble> {
    let active = pin(&Served::load(tls)?.key()).ok_or_else(|| not_a_key(&tls.private_key))?;
    let backup = backup(tls)?.ok_or_else(no_backup)?;
    if active == backup {
        return Err(Trouble::Refused(String::from("the backup key is the active one; make another one")));
    }
    say(&format!("pin-sha256=\"{active}\"  active\npin-sha256=\"{backup}\"  backup"))
}

fn make_backup(tls: &Tls) -> Result<(), Trouble> {
    let path = tls.backup_key.as_ref().ok_or_else(no_backup)?;
    let pem = tls_key_pem(&OsRandom).ok_or_else(|| Trouble::Failed(String::from("no key could be made")))?;
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()));
    written.map_err(Trouble::io(format!("the key {} cannot be made", path.display())))?;
    show(tls)
}

fn no_backup() -> Trouble {
    Trouble::Refused(String::from(
        "tls.backup_key names no file; set it, and make the key with: nahraum tls backup-key",
    ))
}

fn not_a_key(path: &Path) -> TlsError {
    TlsError::NotPem { path: PathBuf::from(path), expected: "key" }
}

/// The pin of a key that is shown.
pub(super) fn pin(key: &CertifiedKey) -> Option<String> {
    key.key.public_key().map(|public| pin_of(&public))
}

/// The pin of the backup key, if there is one: of a private key, or of its public half.
pub(super) fn backup(tls: &Tls) -> Result<Option<String>, TlsError> {
    let Some(path) = &tls.backup_key else { return Ok(None) };
    if let Ok(public) = SubjectPublicKeyInfoDer::from_pem_slice(&read_public_file(path)?) {
        return Ok(Some(pin_of(&public)));
    }
    let key = PrivateKeyDer::from_pem_slice(&read_private_file(path)?).map_err(|_| not_a_key(path))?;
    let key = any_supported_type(&key)?;
    Ok(key.public_key().map(|public| pin_of(&public)))
}

fn pin_of(public: &SubjectPublicKeyInfoDer<'_>) -> String {
    STANDARD.encode(sha256(public))
}
