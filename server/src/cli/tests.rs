//! The command line as people type it.

use std::{fs, os::unix::fs::PermissionsExt};

use clap::CommandFactory;

use super::*;

fn parsed(line: &str) -> Result<Command, clap::Error> {
    let cli = Cli::try_parse_from(line.split_whitespace())?;
    Ok(cli.command.unwrap_or_else(|| Command::Demo(DemoArgs::default())))
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn the_first_page_of_help_is_the_one_in_the_repository() {
    let help = Cli::command().term_width(100).render_help().to_string();
    assert_eq!(help, include_str!("help.txt"));
    assert!(help.lines().all(|line| line.chars().count() <= 110));
    for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = command.get_name();
        assert!(help.contains(&format!("\n  {name} ")), "{name} is missing on the first page");
        assert!(command.get_about().is_some(), "{name}");
    }
}

#[test]
fn without_a_command_it_is_the_demo() {
    let Ok(Command::Demo(demo)) = parsed("nahraum") else { panic!() };
    assert_eq!((demo.port, demo.bind.is_loopback(), demo.fresh), (8080, true, false));
    let config = Config::load(None, [], demo.overrides(Path::new("/tmp/demo"))).unwrap();
    config.check(crate::config::Mode::Demo).unwrap();
    assert_eq!(config.storage.data_dir, Path::new("/tmp/demo"));
}

#[test]
fn the_demo_takes_its_own_address_port_and_folder() {
    let Ok(Command::Demo(demo)) = parsed("nahraum demo --bind ::1 --port 9000 --fresh --data-dir d") else { panic!() };
    assert!(demo.fresh && demo.data_dir.is_some());
    assert!(demo.overrides(Path::new("d")).contains(&("server.bind".into(), "[::1]:9000".into())));
}

#[test]
fn every_command_can_be_typed() {
    let id = "0193a1b2-0000-7000-8000-00000000000a";
    for line in [
        "nahraum serve --config n.toml --set server.workers=4 --set log.level=debug",
        "nahraum migrate",
        "nahraum migrate --status",
        "nahraum check-config",
        "nahraum config",
        "nahraum organisation add --kind practice --name Praxis",
        "nahraum organisation list",
        &format!("nahraum staff add --organisation {id} --login empfang --password-file p"),
        "nahraum staff lock --login empfang",
        "nahraum staff unlock --login empfang",
        "nahraum openapi",
        &format!("nahraum audit affected --from 2026-11-22T08:00:00Z --to 2026-11-23T08:00:00Z --actor {id} --json"),
        "nahraum healthcheck",
    ] {
        parsed(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    for line in ["nahraum srve", "nahraum serve --set workers", "nahraum staff join --organisation x --login y"] {
        assert_eq!(parsed(line).unwrap_err().exit_code(), 2, "{line}");
    }
}

#[test]
fn set_reaches_the_configuration() {
    let Ok(Command::Serve(args)) = parsed("nahraum serve --set server.workers=4") else { panic!() };
    let config = args.load([(String::from("NAHRAUM_SERVER__WORKERS"), String::from("3"))]).unwrap();
    assert_eq!(config.server.workers, 4);
}

#[test]
fn a_password_comes_from_a_closed_file_or_from_standard_input() {
    assert_eq!(read_password(None, "geheim\nmehr\n".as_bytes()).unwrap().reveal(), "geheim");
    assert_eq!(read_password(None, "mit Leerzeichen \r\n".as_bytes()).unwrap().reveal(), "mit Leerzeichen ");
    assert!(matches!(read_password(None, "\n".as_bytes()), Err(PasswordError::Empty)));
    assert!(matches!(read_password(None, "".as_bytes()), Err(PasswordError::Empty)));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    fs::write(&file, "geheim\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(read_password(Some(&file), "".as_bytes()).unwrap().reveal(), "geheim");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(read_password(Some(&file), "".as_bytes()), Err(PasswordError::File(_))));
}
