//! The configuration as an operator meets it: precedence, refusals and the words they are told in.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use super::*;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A configuration file in a folder of its own; the folder goes when the handle goes.
fn file(text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("nahraum.toml");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    (dir, path)
}

fn load(text: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let (_dir, path) = file(text, 0o600);
    Config::load(Some(&path), pairs(environment), pairs(flags))
}

fn refusal(text: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> String {
    load(text, environment, flags).unwrap_err().to_string()
}

#[test]
fn without_a_word_everything_has_its_default() {
    let config = Config::load(None, [], []).unwrap();
    assert_eq!(config.server.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(config.server.public_url.as_str(), "http://127.0.0.1:8080");
    assert!(
        matches!(&config.database.url, DatabaseUrl::Sqlite(path) if path == &PathBuf::from("/var/lib/nahraum/nahraum.db"))
    );
    assert_eq!(config.secrets.root_key_file, PathBuf::from("/var/lib/nahraum/root.key"));
    assert!(config.tls.is_none() && config.mail.is_none());
    config.check(Mode::Demo).unwrap();
    config.check(Mode::Serve).unwrap();
}

#[test]
fn flags_win_over_environment_over_file_over_default() {
    let text = "[server]\nworkers = 3\nshutdown_timeout_seconds = 3\nbind = \"127.0.0.1:3\"\n";
    let environment = [("NAHRAUM_SERVER__WORKERS", "4"), ("NAHRAUM_SERVER__BIND", "127.0.0.1:4"), ("PATH", "/bin")];
    let config = load(text, &environment, &[("server.bind", "127.0.0.1:5")]).unwrap();
    assert_eq!(config.server.shutdown_timeout.as_secs(), 3);
    assert_eq!(config.server.workers, 4);
    assert_eq!(config.server.bind.port(), 5);
    assert_eq!(config.secrets.hashing_workers, 2);
}

#[test]
fn defaults_move_with_the_data_folder() {
    let config = load("", &[("NAHRAUM_STORAGE__DATA_DIR", "/srv/n/")], &[]).unwrap();
    assert_eq!(config.secrets.root_key_file, PathBuf::from("/srv/n/root.key"));
    assert!(config.dump().contains("url = \"sqlite:/srv/n/nahraum.db\"  # default"), "{}", config.dump());
}

#[test]
fn unknown_names_stop_the_start_and_say_what_was_meant() {
    let text = "bind = \"127.0.0.1:1\"\n[server]\npublic_ulr = \"http://127.0.0.1\"\n\n[databse]\nurl = \"sqlite:x\"\n";
    assert_eq!(
        refusal(
            text,
            &[("NAHRAUM_SERVER_BIND", "127.0.0.1:1"), ("NAHRAUM_CONFIG", "/x")],
            &[("server.worker", "1"), ("xyzzy", "1")]
        ),
        "nahraum.toml line 1: unknown key `bind`; did you mean `server.bind`?\n\
         nahraum.toml line 5: unknown section `[databse]`; did you mean `[database]`?\n\
         nahraum.toml line 3: unknown key `server.public_ulr`; did you mean `server.public_url`?\n\
         environment: unknown variable `NAHRAUM_SERVER_BIND`; did you mean `NAHRAUM_SERVER__BIND`?\n\
         command line: unknown key `server.worker`; did you mean `server.workers`?\n\
         command line: unknown key `xyzzy`"
    );
}

#[test]
fn wrong_values_name_the_key_what_it_expects_and_what_came() {
    let text =
        "[server]\nworkers = \"two\"\nbind = 8080\ntrusted_proxies = [\"10.0.0.0/40\"]\n[log]\nlevel = \"loud\"\n";
    assert_eq!(
        refusal(text, &[("NAHRAUM_MAIL__ENABLED", "yes")], &[("database.connections", "0")]),
        "nahraum.toml line 3: server.bind expects an IP address with a port such as \"127.0.0.1:8080\", got the number 8080\n\
         nahraum.toml line 2: server.workers expects a whole number from 1 to 64, got the text \"two\"\n\
         environment NAHRAUM_MAIL__ENABLED: mail.enabled expects true or false, got the text \"yes\"\n\
         nahraum.toml line 4: server.trusted_proxies expects IP addresses or ranges such as [\"10.0.0.0/8\"], got the text \"10.0.0.0/40\"\n\
         command line: database.connections expects a whole number from 1 to 200, got the number 0\n\
         nahraum.toml line 6: log.level expects \"error\", \"warn\", \"info\", \"debug\" or \"trace\", got the text \"loud\""
    );
}

#[test]
fn broken_toml_names_the_line_and_quotes_nothing() {
    let text = "[mail]\npassword = \"geheim\" geheim\n";
    let refusal = refusal(text, &[], &[]);
    assert!(refusal.starts_with("nahraum.toml line 2: ") && !refusal.contains("geheim"), "{refusal}");
}

#[test]
fn a_file_with_a_secret_must_be_closed() {
    let (_dir, open) = file("[database]\nurl = \"postgres://n:geheim@db/n\"\n", 0o644);
    let refusal = Config::load(Some(&open), [], []).unwrap_err().to_string();
    assert!(refusal.contains("others can read it (mode 0644)"), "{refusal}");
    let (_dir, open) = file("[server]\nworkers = 2\n", 0o644);
    Config::load(Some(&open), [], []).unwrap();
}

#[test]
fn secrets_come_from_files_and_never_from_the_command_line() {
    let (_dir, path) = file("postgres://n:geheim@db/n\n", 0o600);
    let named = [("NAHRAUM_DATABASE__URL_FILE", path.to_str().unwrap())];
    let config = load("", &named, &[]).unwrap();
    assert!(matches!(&config.database.url, DatabaseUrl::Postgres(url) if url.reveal() == "postgres://n:geheim@db/n"));
    assert!(!config.dump().contains("geheim") && !format!("{config:?}").contains("geheim"));
    assert!(config.dump().contains("# url = •••  # "), "{}", config.dump());

    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refusal("", &named, &[]).contains("others can read it"));
    let both = [named[0], ("NAHRAUM_DATABASE__URL", "sqlite:x")];
    assert!(refusal("", &both, &[]).contains("are both set; keep one of them"));
    assert!(refusal("", &[], &[("mail.password", "geheim")]).contains("is a secret, and command lines are visible"));
    // Only secrets have a file form.
    assert!(refusal("", &[("NAHRAUM_SERVER__BIND_FILE", "/x")], &[]).contains("did you mean `NAHRAUM_SERVER__BIND`?"));
}

#[test]
fn a_wrong_secret_is_not_quoted() {
    let refusal = refusal("[mail]\npassword = 123456\n", &[("DATABASE_URL", "mysql://n:geheim@db/n")], &[]);
    assert!(!refusal.contains("geheim") && !refusal.contains("123456"), "{refusal}");
    assert!(refusal.contains("environment DATABASE_URL: database.url expects \"sqlite:\" and a path"), "{refusal}");
}

#[test]
fn the_platforms_variable_for_the_database_is_understood_and_ours_wins() {
    let platform = ("DATABASE_URL", "postgres://platform/n");
    let url = |environment: &[(&str, &str)]| match load("", environment, &[]).unwrap().database.url {
        DatabaseUrl::Postgres(url) => url.into_revealed(),
        DatabaseUrl::Sqlite(path) => path.display().to_string(),
    };
    assert_eq!(url(&[platform]), "postgres://platform/n");
    assert_eq!(url(&[("NAHRAUM_DATABASE__URL", "sqlite:/ours"), platform]), "/ours");
    assert_eq!(url(&[("NAHRAUM_DATABASE__URL", ""), platform]), "postgres://platform/n");
}

#[test]
fn mail_needs_its_words_when_it_is_enabled() {
    assert_eq!(
        refusal("[mail]\nenabled = true\nusername = \"n\"\n", &[], &[]),
        "mail.smtp_host is missing: mail.enabled = true needs the host name of the mail relay\n\
         mail.from is missing: mail.enabled = true needs a mail address such as \"bescheid@example.org\"\n\
         mail.username and mail.password belong together: set both, or neither for a relay without login"
    );
    let base = "[mail]\nenabled = true\nfrom = \"a@example.org\"\ntls = \"none\"\n";
    assert!(refusal(&format!("{base}smtp_host = \"relay.example.org\"\n"), &[], &[]).contains("in the clear"));
    let sink = load(&format!("{base}smtp_host = \"127.0.0.1\"\n"), &[], &[]).unwrap();
    sink.check(Mode::Demo).unwrap();
    assert!(sink.check(Mode::Serve).unwrap_err().to_string().contains("for the demo only"));
    let injected = load(&format!("{base}smtp_host = \"127.0.0.1\"\napp_name = \"a\\r\\nBcc: b\"\n"), &[], &[]);
    assert!(injected.unwrap_err().to_string().contains("mail.app_name expects"));
}

#[test]
fn an_unsafe_server_does_not_start() {
    let tls: &[(&str, &str)] = &[("tls.certificate", "/c.pem"), ("tls.private_key", "/k.pem")];
    let proxy: &[(&str, &str)] = &[("server.trusted_proxies", "10.0.0.1")];
    let far: &[(&str, &str)] = &[("server.bind", "0.0.0.0:443")];
    let https: &[(&str, &str)] = &[("server.public_url", "https://befunde.example.org")];
    let http: &[(&str, &str)] = &[("server.public_url", "http://befunde.example.org")];
    let internet: &[(&str, &str)] = &[("server.trusted_proxies", "0.0.0.0/0")];
    type Pairs<'a> = &'a [(&'a str, &'a str)];
    let cases: &[(&[Pairs<'_>], Option<&str>)] = &[
        (&[https, tls], None),
        (&[https, tls, far], None),
        (&[https, proxy], None),
        (&[https, proxy, far], None),
        (&[http], Some("findings travel over https only")),
        (&[http, proxy], Some("findings travel over https only")),
        (&[far], Some("server.bind is 0.0.0.0:443, which others can reach")),
        (&[https], Some("nothing here speaks TLS")),
        (&[tls], Some("it has to begin with https")),
        (&[https, internet], Some("trusts the whole internet")),
    ];
    for (parts, reason) in cases {
        let checked = Config::load(None, [], pairs(&parts.concat())).unwrap().check(Mode::Serve);
        match reason {
            None => checked.unwrap(),
            Some(reason) => {
                let refusal = checked.unwrap_err().to_string();
                assert!(refusal.contains(reason), "{parts:?}: {refusal}");
            }
        }
    }
    let demo = Config::load(None, [], pairs(far)).unwrap().check(Mode::Demo).unwrap_err();
    assert!(demo.to_string().starts_with("the demo listens on this machine only"), "{demo}");
    let half = Config::load(None, [], pairs(&tls[..1])).unwrap_err();
    assert!(half.to_string().contains("belong together"), "{half}");
}

#[test]
fn the_dump_is_a_configuration_file_again() {
    let first = load("[server]\ntrusted_proxies = [\"10.0.0.1\"]\n", &[("NAHRAUM_LOG__LEVEL", "debug")], &[]).unwrap();
    assert!(first.dump().contains("trusted_proxies = [\"10.0.0.1\"]  # nahraum.toml line 2"), "{}", first.dump());
    assert!(first.dump().contains("level = \"debug\"  # environment NAHRAUM_LOG__LEVEL"));
    let second = load(first.dump(), &[], &[]).unwrap();
    assert_eq!(second.log.level, tracing::Level::DEBUG);
}

#[test]
fn the_example_file_names_every_key_with_its_default_and_loads() {
    let example = include_str!("../../../ops/nahraum.example.toml");
    let mut section = String::new();
    let mut shown = std::collections::BTreeMap::new();
    for line in example.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.to_owned();
        } else if let Some((name, value)) = line.trim_start_matches('#').split_once(" = ") {
            shown.entry(format!("{section}.{name}")).or_insert(value.to_owned());
        }
    }
    let defaults = Config::load(None, [], []).unwrap();
    for key in keys() {
        let value = shown.remove(key.name).unwrap_or_else(|| panic!("the example does not name {}", key.name));
        let default = format!("\n{} = {value}  # default\n", key.short());
        assert!(key.default.is_none() || format!("\n{}", defaults.dump()).contains(&default), "{} {value}", key.name);
    }
    assert!(shown.is_empty(), "the example names unknown keys: {shown:?}");
    load(example, &[], &[]).unwrap();
    let uncommented: String = example
        .lines()
        .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
        .fold(String::new(), |mut text, line| {
            text.push_str(line);
            text.push('\n');
            text
        });
    load(&uncommented, &[], &[]).unwrap();
}

#[test]
fn what_soon_runs_out_is_said_before() {
    let text = "[about]\nsecurity_contacts = [\"mailto:a@example.org\"]\nsecurity_expires = \"2027-06-30\"\n";
    let config = load(text, &[], &[]).unwrap();
    let said = |now: &str| config.warnings(now.parse().unwrap());
    assert!(said("2027-05-31T00:00:00Z").is_empty());
    assert!(said("2027-06-01T00:00:00Z")[0].contains("runs out on 2027-06-30"));
    assert!(said("2027-07-01T00:00:00Z")[0].contains("ran out on 2027-06-30"));
    let half = load("[about]\nsecurity_expires = \"2027-06-30\"\n", &[], &[]).unwrap_err().to_string();
    assert!(half.contains("belong together"), "{half}");
    let wrong = "[about]\nimprint_url = \"javascript:alert(1)\"\n[apps]\nios = [\"app\"]\nandroid = [\"app\"]\n";
    let wrong = load(wrong, &[], &[]).unwrap_err().to_string();
    for key in ["about.imprint_url", "apps.ios", "apps.android"] {
        assert!(wrong.contains(key), "{wrong}");
    }
}
