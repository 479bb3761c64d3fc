//! The exchange of certificates, with the time as an argument.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use rcgen::{CertificateParams, KeyPair};
use time::OffsetDateTime;

use super::*;

const NOW: i64 = 1_795_000_000;
const DAY: i64 = 86_400;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(NOW + second).unwrap()
}

fn files(dir: &Path) -> Tls {
    let tls = Tls { certificate: dir.join("certificate.pem"), private_key: dir.join("key.pem"), backup_key: None };
    lay(&tls, &KeyPair::generate().unwrap(), 90 * DAY);
    tls
}

/// Lays a certificate for the key that is good for so many seconds from now on.
fn lay(tls: &Tls, key: &KeyPair, seconds: i64) {
    let mut params = CertificateParams::new(vec![String::from("localhost")]).unwrap();
    params.not_after = OffsetDateTime::from_unix_timestamp(NOW + seconds).unwrap();
    fs::write(&tls.certificate, params.self_signed(key).unwrap().pem()).unwrap();
    lay_key(&tls.private_key, key);
}

fn lay_key(path: &Path, key: &KeyPair) {
    fs::write(path, key.serialize_pem()).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn shown(served: &Served) -> CertificateDer<'static> {
    served.key().cert[0].clone()
}

/// What happens in the log meanwhile.
fn log_of(act: impl FnOnce()) -> String {
    let sink = super::super::tests::Sink::default();
    let copy = sink.clone();
    let log = tracing_subscriber::fmt().with_writer(move || copy.clone()).with_ansi(false).finish();
    tracing::subscriber::with_default(log, act);
    sink.text()
}

#[test]
fn sr_k08_changed_files_are_taken_when_they_have_settled() {
    let dir = tempfile::tempdir().unwrap();
    let tls = files(dir.path());
    let served = Served::load(&tls).unwrap();
    let first = shown(&served);
    assert_eq!(log_of(|| served.look(at(0))), "");
    lay(&tls, &KeyPair::generate().unwrap(), 60 * DAY);
    served.look(at(4));
    assert_eq!(shown(&served), first, "they may be half written");
    let log = log_of(|| served.look(at(8)));
    assert_ne!(shown(&served), first);
    assert!(log.contains("tls_certificate_exchanged"), "{log}");
    assert_eq!(log_of(|| served.look(at(12))), "");
    lay(&tls, &KeyPair::generate().unwrap(), 61 * DAY);
    let second = shown(&served);
    served.reload(at(13));
    assert_ne!(shown(&served), second, "SIGHUP waits for nothing");
}

#[test]
fn sr_k08_a_wrong_pair_keeps_the_old_one_and_is_told_once() {
    let dir = tempfile::tempdir().unwrap();
    let tls = files(dir.path());
    let key = KeyPair::generate().unwrap();
    let served = Served::load(&tls).unwrap();
    let first = shown(&served);
    type Damage<'a> = Box<dyn Fn() + 'a>;
    let damages: [(&str, Damage<'_>); 5] = [
        ("do not go together", Box::new(|| lay_key(&tls.private_key, &KeyPair::generate().unwrap()))),
        ("holds no certificate", Box::new(|| fs::write(&tls.certificate, "-----BEGIN").unwrap())),
        ("cannot be read", Box::new(|| fs::remove_file(&tls.certificate).unwrap())),
        ("has run out", Box::new(|| lay(&tls, &key, -1))),
        (
            "others can read it",
            Box::new(|| fs::set_permissions(&tls.private_key, fs::Permissions::from_mode(0o644)).unwrap()),
        ),
    ];
    for (second, (reason, damage)) in (0..).zip(&damages) {
        damage();
        let log = log_of(|| {
            for round in 0..4 {
                served.look(at(second * 60 + round * 4));
            }
        });
        assert_eq!(log.matches("alarm=\"tls-certificate\"").count(), 1, "{reason}: {log}");
        assert!(log.contains(reason), "{reason}: {log}");
        assert_eq!(shown(&served), first, "{reason}");
    }
    fs::set_permissions(&tls.private_key, fs::Permissions::from_mode(0o600)).unwrap();
    lay(&tls, &key, 90 * DAY);
    served.look(at(999));
    served.look(at(1_003));
    assert_ne!(shown(&served), first, "and goes on when it is mended");
}

#[test]
fn sr_k08_a_certificate_that_runs_out_within_21_days_raises_an_alarm_each_day() {
    let dir = tempfile::tempdir().unwrap();
    let tls = files(dir.path());
    let served = Served::load(&tls).unwrap();
    let alarms = |second: i64| log_of(|| served.look(at(second))).matches("runs out soon").count();
    assert_eq!(alarms(69 * DAY - 1), 0);
    assert_eq!(alarms(69 * DAY), 1);
    assert_eq!(alarms(70 * DAY - 1), 0);
    assert_eq!(alarms(70 * DAY), 1);
    lay(&tls, &KeyPair::generate().unwrap(), 160 * DAY);
    served.reload(at(70 * DAY + 1));
    assert_eq!(alarms(72 * DAY), 0);
}

#[test]
fn sr_k09_a_key_that_no_app_has_pinned_raises_an_alarm() {
    let dir = tempfile::tempdir().unwrap();
    let backup = KeyPair::generate().unwrap();
    let mut tls = files(dir.path());
    let path = dir.path().join("backup.pem");
    fs::write(&path, backup.public_key_pem()).unwrap();
    tls.backup_key = Some(path);
    let active = KeyPair::generate().unwrap();
    lay(&tls, &active, 30 * DAY);
    let served = Served::load(&tls).unwrap();
    let told = |key: &KeyPair, days: i64| {
        lay(&tls, key, days * DAY);
        log_of(|| served.reload(at(0))).contains("apps that pin keys refuse it")
    };
    assert!(!told(&active, 31), "renewed");
    assert!(!told(&backup, 32), "the backup takes over");
    assert!(told(&KeyPair::generate().unwrap(), 33));
}
