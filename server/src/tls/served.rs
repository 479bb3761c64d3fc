//! The certificate that the listeners show, exchanged without a restart (SR-K08): on SIGHUP, and when its files change.
//!
//! A pair that does not fit keeps the old one. Whoever is connected stays: TLS asks for a certificate only once, in the
//! handshake.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use jiff::{SignedDuration, Timestamp};
use nahraum_secrets::sha256;
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use x509_parser::parse_x509_certificate;

use super::{TlsError, chain_of, pins, provider};
use crate::config::{Tls, read_private_file, read_public_file};

/// From which time before its end on a certificate raises an alarm (SR-K08).
const RUNS_OUT: SignedDuration = SignedDuration::from_hours(21 * 24);

/// How often an alarm about the same certificate is repeated.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// A certificate with its key, exchanged while connections are open.
pub(crate) struct Served {
    files: Tls,
    current: RwLock<Current>,
    watch: Mutex<Watch>,
}

#[derive(Clone)]
struct Current {
    key: Arc<CertifiedKey>,
    ends: Timestamp,
}

/// What the files held, as digests.
struct Watch {
    /// When they were looked at before.
    seen: [u8; 32],
    /// When they were last tried, whether that went well or not.
    tried: [u8; 32],
    /// When the end of the certificate was last told.
    warned: Option<Timestamp>,
}

/// Both files as they lie there.
struct Pair {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Served {
    /// Reads certificate and key for the first time.
    ///
    /// # Errors
    /// When a file cannot be read, is no PEM, the key is readable by others, or key and certificate do not match.
    pub(crate) fn load(files: &Tls) -> Result<Arc<Self>, TlsError> {
        let pair = Pair::read(files)?;
        let digest = pair.digest();
        let current = RwLock::new(pair.current(files)?);
        let watch = Mutex::new(Watch { seen: digest, tried: digest, warned: None });
        Ok(Arc::new(Self { files: files.clone(), current, watch }))
    }

    /// Tries the files now: the operator has said so.
    pub(crate) fn reload(&self, now: Timestamp) {
        let read = Pair::read(&self.files);
        let digest = digest_of(&read);
        {
            let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
            watch.seen = digest;
            watch.tried = digest;
        }
        self.exchange(read, now);
        self.warn(now);
    }

    /// Looks at the files, every few seconds, and tries them when they have changed since they were tried. Not before they
    /// were the same twice: whoever renews writes one file after the other.
    pub(crate) fn look(&self, now: Timestamp) {
        let read = Pair::read(&self.files);
        let digest = digest_of(&read);
        let settled = {
            let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
            let settled = watch.seen == digest && watch.tried != digest;
            watch.seen = digest;
            if settled {
                watch.tried = digest;
            }
            settled
        };
        if settled {
            self.exchange(read, now);
        }
        self.warn(now);
    }

    /// Puts a pair in the place of the one that is shown, or says why not.
    fn exchange(&self, read: Result<Pair, TlsError>, now: Timestamp) {
        let new = read.and_then(|pair| pair.current(&self.files));
        let new = new.and_then(|new| if new.ends <= now { Err(TlsError::RanOut(new.ends)) } else { Ok(new) });
        let new = match new {
            Ok(new) => new,
            Err(error) => {
                tracing::error!(alarm = "tls-certificate", %error, "the certificate was not exchanged, the old one stays");
                return;
            }
        };
        let (ends, pin) = (new.ends, pins::pin(&new.key));
        let pinned = pin == pins::pin(&self.current().key) || pin == pins::backup(&self.files).ok().flatten();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        self.watch.lock().unwrap_or_else(PoisonError::into_inner).warned = None;
        tracing::info!(event = "tls_certificate_exchanged", %ends, pinned, "the certificate was exchanged");
        if !pinned {
            tracing::error!(
                alarm = "tls-certificate",
                "the new key is neither the old one nor the backup: apps that pin keys refuse it"
            );
        }
    }

    /// An alarm when the certificate runs out soon, once a day.
    fn warn(&self, now: Timestamp) {
        let ends = self.current().ends;
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let told = watch.warned.is_some_and(|last| now.duration_since(last).abs() < AGAIN);
        if ends.duration_since(now) <= RUNS_OUT && !told {
            watch.warned = Some(now);
            let days = ends.duration_since(now).as_hours().div_euclid(24);
            tracing::error!(alarm = "tls-certificate", days, %ends, "the certificate runs out soon");
        }
    }

    /// The pair that is shown.
    pub(super) fn key(&self) -> Arc<CertifiedKey> {
        self.current().key
    }

    fn current(&self) -> Current {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Pair {
    fn read(files: &Tls) -> Result<Self, TlsError> {
        Ok(Self { certificate: read_public_file(&files.certificate)?, key: read_private_file(&files.private_key)? })
    }

    fn digest(&self) -> [u8; 32] {
        sha256(&[sha256(&self.certificate), sha256(&self.key)].concat())
    }

    fn current(&self, files: &Tls) -> Result<Current, TlsError> {
        let chain = chain_of(&self.certificate, &files.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|_| TlsError::NotPem { path: files.private_key.clone(), expected: "private key" })?;
        let ends = chain.first().and_then(end_of);
        let ends = ends.ok_or_else(|| TlsError::NotPem { path: files.certificate.clone(), expected: "certificate" })?;
        Ok(Current { key: Arc::new(CertifiedKey::from_der(chain, key, &provider())?), ends })
    }
}

/// What lies there; files that cannot be read are a state of its own, so that each trouble is told once.
fn digest_of(read: &Result<Pair, TlsError>) -> [u8; 32] {
    match read {
        Ok(pair) => pair.digest(),
        Err(error) => sha256(error.to_string().as_bytes()),
    }
}

fn end_of(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let (_, parsed) = parse_x509_certificate(certificate).ok()?;
    Timestamp::from_second(parsed.validity().not_after.timestamp()).ok()
}

impl ResolvesServerCert for Served {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current().key)
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Served({})", self.files.certificate.display())
    }
}

#[cfg(test)]
#[path = "served_tests.rs"]
mod tests;
