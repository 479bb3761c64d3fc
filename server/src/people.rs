//! From a configuration to what people at work prove themselves with: passkeys for the public address, the list of breached
//! passwords, and whether a password alone is enough.

use std::{fs::File, sync::Arc};

use nahraum_passkeys::Passkeys;
use nahraum_secrets::BreachedPasswords;
use nahraum_store::installation::Kind;

use crate::{config::Config, wiring::Trouble};

/// What is made once for the process.
#[derive(Clone)]
pub(crate) struct People {
    /// Passkeys; none when the public address has no name.
    pub passkeys: Option<Arc<Passkeys>>,
    /// The list of breached passwords, if there is one.
    pub breached: Option<Arc<BreachedPasswords>>,
    /// Whether a password alone is enough.
    pub password_alone: bool,
}

impl People {
    /// Reads the list's beginning and sees that nobody does with a password alone where findings are real.
    ///
    /// # Errors
    /// Why it is better not to start.
    pub(crate) fn new(config: &Config, kind: Kind, app_name: &str) -> Result<Self, Trouble> {
        let password_alone = config.sign_in.password_alone;
        match kind {
            Kind::Production if password_alone => {
                return Err(Trouble::Refused(String::from(
                    "sign_in.second_factor = \"demo\" lets people in with a password alone, and this database is for real \
                     findings; take the line out",
                )));
            }
            Kind::Demo | Kind::Test if password_alone => {
                tracing::warn!("people at work do with a password alone: this database is for invented people only");
            }
            Kind::Production | Kind::Demo | Kind::Test => {}
        }
        let url = config.server.public_url.as_str();
        let passkeys = Passkeys::new(url, app_name).ok().map(Arc::new);
        if passkeys.is_none() && !password_alone {
            tracing::warn!(
                public_url = url,
                "there are no passkeys at an address without a name; see server.public_url"
            );
        }
        Ok(Self { passkeys, breached: breached(config)?.map(Arc::new), password_alone })
    }
}

fn breached(config: &Config) -> Result<Option<BreachedPasswords>, Trouble> {
    let Some(path) = &config.sign_in.breached_passwords_file else { return Ok(None) };
    let list = File::open(path).and_then(BreachedPasswords::open);
    list.map(Some).map_err(Trouble::io(format!("sign_in.breached_passwords_file {}", path.display())))
}
