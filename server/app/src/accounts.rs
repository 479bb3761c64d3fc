//! Room accounts: the resident's own settings, and the roles behind a caller.

use nahraum_domain::{
    ids::PracticeId,
    private::Private,
    release::{Discretion, Wish},
};
use nahraum_store::{
    Caller, Tx,
    accounts::{self as store, AccountChange},
    findings,
};

pub use nahraum_store::accounts::Account;
use nahraum_texts::Language;

use crate::{App, Call, Refusal, refusal::Failure};

impl App {
    /// The caller's own account.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn account(&self, call: &Call) -> Result<Account, Refusal> {
        self.in_own_or_anothers_place(call, |tx, caller| Ok(store::own(tx, caller)?)).await
    }

    /// Changes the caller's settings. An empty address takes the address away.
    ///
    /// # Errors
    /// As [`App::account`], and [`Refusal::Invalid`].
    pub async fn change_account(
        &self,
        call: &Call,
        language: Option<&str>,
        notice_address: Option<&str>,
        notify_first_access: Option<bool>,
        release: Option<Wish>,
    ) -> Result<Account, Refusal> {
        let language = language.map(|tag| known_language("/language", tag)).transpose()?;
        let change = AccountChange {
            language: language.map(|l| l.tag().to_owned()),
            notice_address: notice_address.map(|text| mail_address("/notice_address", text)).transpose()?,
            notify_first_access,
            release,
        };
        self.in_own_or_anothers_place_writing(call, move |tx, caller| {
            match (caller.acts_by(), &change) {
                (None, _) => store::change(tx, caller, &change)?,
                // Nothing else is to be changed in somebody's place, least of all where they are told something.
                (
                    Some(_),
                    AccountChange { language: None, notice_address: None, notify_first_access: None, release },
                ) => {
                    release.map_or(Ok(()), |wish| findings::wish(tx, caller, wish))?;
                }
                (Some(_), _) => return Err(Refusal::Forbidden.into()),
            }
            Ok(store::own(tx, caller)?)
        })
        .await
    }

    /// How the findings of one of the caller's practices come from now on. Takes a fresh sign-in: it hides, and shows.
    ///
    /// # Errors
    /// As [`App::account`], [`Refusal::StepUpRequired`], and [`Refusal::NotFound`] for a practice that is none of theirs.
    pub async fn set_discretion(&self, call: &Call, practice: PracticeId, wanted: Discretion) -> Result<(), Refusal> {
        self.write_fresh(call, move |tx, caller| {
            caller.resident().ok_or(Refusal::Forbidden)?;
            if findings::set_discretion(tx, caller, practice, wanted)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }

    /// A unit of work about a resident's own things, for the resident and for who acts in their place. What it does must be
    /// right for both: all that asks [`App::as_resident`] refuses the latter.
    pub(crate) async fn in_own_or_anothers_place<R: Send + 'static>(
        &self,
        call: &Call,
        work: impl for<'t> FnOnce(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        self.read(call, |tx, caller| {
            caller.principal().ok_or(Refusal::Forbidden)?;
            work(tx, caller)
        })
        .await
    }

    /// [`App::in_own_or_anothers_place`], writing.
    pub(crate) async fn in_own_or_anothers_place_writing<R: Send + 'static>(
        &self,
        call: &Call,
        mut work: impl for<'t> FnMut(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        self.write(call, move |tx, caller| {
            caller.principal().ok_or(Refusal::Forbidden)?;
            work(tx, caller)
        })
        .await
    }

    /// A unit of work for a resident in person; anyone else is refused, whatever they ask for.
    pub(crate) async fn as_resident<R: Send + 'static>(
        &self,
        call: &Call,
        work: impl for<'t> FnOnce(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        self.read(call, |tx, caller| {
            caller.resident().ok_or(Refusal::Forbidden)?;
            work(tx, caller)
        })
        .await
    }

    /// [`App::as_resident`], writing.
    pub(crate) async fn as_resident_writing<R: Send + 'static>(
        &self,
        call: &Call,
        mut work: impl for<'t> FnMut(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        self.write(call, move |tx, caller| {
            caller.resident().ok_or(Refusal::Forbidden)?;
            work(tx, caller)
        })
        .await
    }
}

/// The language with this tag.
pub(crate) fn known_language(pointer: &'static str, tag: &str) -> Result<Language, Refusal> {
    Language::parse(tag).ok_or_else(|| {
        Refusal::invalid(
            pointer,
            "unknown-language",
            "This language is not spoken here; GET /v1/server lists those that are.",
        )
    })
}

/// The language to speak to the caller: the one asked for, or the one in their settings.
pub(crate) fn language_of(tx: &mut Tx<'_>, caller: &Caller<'_>, asked: Option<Language>) -> Result<Language, Failure> {
    match asked {
        Some(language) => Ok(language),
        None => Ok(Language::parse(&store::language(tx, caller)?).unwrap_or(Language::De)),
    }
}

/// A mail address that a relay can be given. Deliberately little is checked: what counts is that a mail arrives.
pub(crate) fn mail_address(pointer: &'static str, text: &str) -> Result<Option<Private<String>>, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let plain =
        text.chars().all(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, '<' | '>' | ',' | ';' | '"'));
    let shaped = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains('@')
    });
    if plain && shaped && text.len() <= 254 {
        Ok(Some(Private::new(text.to_owned())))
    } else {
        Err(Refusal::invalid(pointer, "invalid-address", "This does not look like a mail address."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["a@example.org", "frau.k+post@mail.example.org"] {
            assert!(mail_address("/notice_address", good).unwrap().is_some(), "{good}");
        }
        assert_eq!(mail_address("/notice_address", " ").unwrap(), None);
        for bad in ["a", "a@b", "a@.org", "a@b.org\r\nBcc: c@d.org", "<a@b.org>", "a@b.org,c@d.org", "a@b@c.org"] {
            assert!(mail_address("/notice_address", bad).is_err(), "{bad}");
        }
    }
}
