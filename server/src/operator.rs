//! What the operator does on the machine itself: organisations and their people, migrations, looking at the configuration.

use std::{
    io::{self, BufReader, Write},
    path::Path,
    sync::Arc,
};

use nahraum_app::{Clock, Refusal, organisations::Organisation};
use nahraum_domain::{ids::OrganisationId, organisations::Duty};
use nahraum_secrets::{HashError, OsRandom, Random, RootSecret, Secret, SecretKind, check_new_password};

use crate::{
    cli::{ConfigArgs, OperatorCommand, OrganisationCommand, StaffCommand, StaffLogin, read_password},
    clock::SystemClock,
    config::{Config, DatabaseUrl, Mode},
    databases, healthcheck, logging, tls,
    wiring::{House, Purpose, Trouble},
};

type Environment = [(String, String)];

/// Writes lines to standard output. When nobody reads them any more (`nahraum openapi | head`) that is no trouble.
///
/// # Errors
/// When standard output is broken in any other way.
pub(crate) fn say(text: &str) -> Result<(), Trouble> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Trouble::Io { what: String::from("standard output cannot be written"), cause: error })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// `nahraum migrate`.
///
/// # Errors
/// When the configuration or the database is wrong.
pub(crate) fn migrate(only_status: bool, args: &ConfigArgs, environment: &Environment) -> Result<(), Trouble> {
    let config = args.load(environment.iter().cloned())?;
    logging::start(&config.log);
    let nothing_there = [&config.database.url, &config.keys.url]
        .into_iter()
        .any(|url| matches!(url, DatabaseUrl::Sqlite(path) if !path.exists()));
    if only_status && nothing_there {
        return say("There is no database or no key store yet; `nahraum migrate` or `nahraum serve` makes them.");
    }
    // Migrations touch no sealed column, so they need no root key, and a machine that only migrates gets none.
    let no_key = RootSecret::from_random(&OsRandom);
    let random: Arc<dyn Random> = Arc::new(OsRandom);
    let store = databases::open(&config, no_key.keys(), &random)?;
    let pending = store.pending_migrations()?;
    if pending.is_empty() {
        return say("The database is up to date.");
    }
    let names = pending.join("\n  ");
    if only_status {
        return say(&format!("The database lacks {}:\n  {names}", pending.len()));
    }
    store.migrate()?;
    say(&format!("The database is up to date now. New:\n  {names}"))
}

/// `nahraum openapi`.
///
/// # Errors
/// When standard output is broken.
pub(crate) fn openapi() -> Result<(), Trouble> {
    say(nahraum_web::openapi::document().trim_end())
}

/// `nahraum check-config`.
///
/// # Errors
/// Everything that is wrong.
pub(crate) fn check_config(args: &ConfigArgs, environment: &Environment) -> Result<(), Trouble> {
    let config = args.load(environment.iter().cloned())?;
    config.check(Mode::Serve)?;
    config.tls.as_ref().map(tls::Served::load).transpose()?;
    for warning in config.warnings(SystemClock.now()) {
        say(&format!("Soon: {warning}"))?;
    }
    say("The configuration is good.")
}

/// `nahraum config`.
///
/// # Errors
/// When the configuration cannot be read.
pub(crate) fn show_config(args: &ConfigArgs, environment: &Environment) -> Result<(), Trouble> {
    say(args.load(environment.iter().cloned())?.dump().trim_end())
}

/// `nahraum healthcheck`.
///
/// # Errors
/// When the server is not ready.
pub(crate) fn healthcheck(args: &ConfigArgs, environment: &Environment) -> Result<(), Trouble> {
    Ok(healthcheck::run(&args.load(environment.iter().cloned())?)?)
}

/// `nahraum organisation …`.
///
/// # Errors
/// When the database is not there, or the name is none.
pub(crate) fn organisation(command: OrganisationCommand, environment: &Environment) -> Result<(), Trouble> {
    match command {
        OrganisationCommand::Add { kind, name, config } => {
            let name = shown_name(&name)?;
            say(&house(&config, environment)?.app.operator_add_organisation(kind, name)?.to_string())
        }
        OrganisationCommand::List { config } => {
            for Organisation { id, kind, name } in house(&config, environment)?.app.operator_organisations()? {
                say(&format!("{id}  {:18}  {name}", kind.as_str()))?;
            }
            Ok(())
        }
    }
}

/// `nahraum staff …`.
///
/// # Errors
/// When the database is not there, the person is not, or the password is too weak.
pub(crate) fn staff(command: StaffCommand, environment: &Environment) -> Result<(), Trouble> {
    match command {
        StaffCommand::Add { organisation, who, password_file } => {
            add_staff(organisation, &who, password_file.as_deref(), environment)
        }
        StaffCommand::Invite { organisation, who } => {
            let login = login_name(&who.login)?;
            let house = house(&who.config, environment)?;
            organisation_name(&house, organisation)?;
            match house.app.operator_invite_staff(organisation, login) {
                Err(Refusal::StateConflict) => Err(Trouble::Failed(format!("the login {login} is taken"))),
                other => say(other?.expose()),
            }
        }
        StaffCommand::Reset(who) => {
            let secret = known(&who, house(&who.config, environment)?.app.operator_reset_staff(&who.login))?;
            say(secret.expose())
        }
        StaffCommand::List { organisation, config } => {
            let house = house(&config, environment)?;
            organisation_name(&house, organisation)?;
            for member in house.app.operator_members(organisation)? {
                let locked = member.locked_at.map_or_else(String::new, |at| format!("  locked {at}"));
                say(&format!("{:32}  since {}{locked}", member.login, member.since))?;
            }
            Ok(())
        }
        StaffCommand::Join { organisation, duty, who } => set_member(organisation, &who, true, duty, environment),
        StaffCommand::Leave { organisation, who } => set_member(organisation, &who, false, None, environment),
        StaffCommand::Lock(who) => set_locked(&who, true, environment),
        StaffCommand::Unlock(who) => set_locked(&who, false, environment),
        StaffCommand::EndSessions(who) => {
            let ended = known(&who, house(&who.config, environment)?.app.operator_end_sessions(&who.login))?;
            say(&format!("{ended} sessions ended"))
        }
    }
}

/// `nahraum operator bootstrap`.
///
/// # Errors
/// When there is an operator already, or the database is not there.
pub(crate) fn bootstrap(command: OperatorCommand, environment: &Environment) -> Result<(), Trouble> {
    let OperatorCommand::Bootstrap { who, name } = command;
    let (login, name) = (login_name(&who.login)?, shown_name(&name)?);
    match house(&who.config, environment)?.app.operator_bootstrap(name, login) {
        Err(Refusal::StateConflict) => Err(Trouble::Failed(String::from(
            "there is an operator already, or the login is taken; `nahraum staff invite` and `nahraum staff reset` help",
        ))),
        other => say(other?.expose()),
    }
}

fn add_staff(
    organisation: OrganisationId,
    who: &StaffLogin,
    password_file: Option<&Path>,
    environment: &Environment,
) -> Result<(), Trouble> {
    let login = login_name(&who.login)?;
    let password = read_password(password_file, BufReader::new(io::stdin()))?;
    let password = Secret::new(password.into_revealed());
    let house = house(&who.config, environment)?;
    if house.is_for_real() {
        let instead = "findings are real here, so nobody sets somebody else's password; use `nahraum staff invite`";
        return Err(Trouble::Refused(String::from(instead)));
    }
    let name = organisation_name(&house, organisation)?;
    check_new_password(&password, &[login, &name]).map_err(|weak| Trouble::Failed(weak.to_string()))?;
    let hash = house.ground.hasher.hash_blocking(SecretKind::Password, password).map_err(hashing_failed)?;
    match house.app.operator_add_staff(organisation, login, &hash) {
        Err(Refusal::StateConflict) => Err(Trouble::Failed(format!("the login {login} is taken"))),
        other => say(&other?.to_string()),
    }
}

fn set_member(
    organisation: OrganisationId,
    who: &StaffLogin,
    works: bool,
    duty: Option<Duty>,
    environment: &Environment,
) -> Result<(), Trouble> {
    let house = house(&who.config, environment)?;
    organisation_name(&house, organisation)?;
    match house.app.operator_set_member(organisation, &who.login, works, duty) {
        Err(Refusal::NotFound) => {
            Err(Trouble::Failed(format!("there is no login {}, or it does not work there", who.login)))
        }
        other => Ok(other?),
    }
}

fn set_locked(who: &StaffLogin, locked: bool, environment: &Environment) -> Result<(), Trouble> {
    known(who, house(&who.config, environment)?.app.operator_set_staff_locked(&who.login, locked))
}

/// What became of somebody named by their login.
fn known<R>(who: &StaffLogin, done: Result<R, Refusal>) -> Result<R, Trouble> {
    match done {
        Err(Refusal::NotFound) => Err(Trouble::Failed(format!("there is no login {}", who.login))),
        other => Ok(other?),
    }
}

pub(crate) fn house(args: &ConfigArgs, environment: &Environment) -> Result<House, Trouble> {
    let config: Config = args.load(environment.iter().cloned())?;
    logging::start(&config.log);
    House::open(&config, environment, Purpose::Operate)
}

fn organisation_name(house: &House, id: OrganisationId) -> Result<String, Trouble> {
    let all = house.app.operator_organisations()?;
    all.into_iter().find(|known| known.id == id).map(|known| known.name).ok_or_else(|| {
        Trouble::Failed(format!("there is no organisation {id}; `nahraum organisation list` shows those there are"))
    })
}

/// A name that residents see: one line of 1 to 120 characters.
fn shown_name(name: &str) -> Result<&str, Trouble> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
        return Err(Trouble::Failed(String::from("an organisation's name has 1 to 120 characters on one line")));
    }
    Ok(name)
}

/// What people type to sign in: 1 to 64 visible characters without spaces.
fn login_name(login: &str) -> Result<&str, Trouble> {
    if login.is_empty() || login.chars().count() > 64 || login.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Trouble::Failed(String::from("a login has 1 to 64 characters and no spaces")));
    }
    Ok(login)
}

fn hashing_failed(error: HashError) -> Trouble {
    Trouble::Failed(format!("the password could not be hashed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_logins_are_visible_words() {
        assert_eq!(shown_name(" Praxis am Markt ").unwrap(), "Praxis am Markt");
        assert!(shown_name(" ").is_err() && shown_name("a\nb").is_err() && shown_name(&"x".repeat(121)).is_err());
        assert_eq!(login_name("empfang@praxis").unwrap(), "empfang@praxis");
        assert!(login_name("").is_err() && login_name("zwei worte").is_err() && login_name(&"x".repeat(65)).is_err());
    }
}
