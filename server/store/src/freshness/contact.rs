//! Where the mail about an organisation's offers goes.

use diesel::{insert_into, prelude::*, update};
use nahraum_domain::{ids::OrganisationId, offers::freshness::Told, private::Private};

use crate::{
    access::{Caller, Tx},
    db::types::Sql,
    error::StoreError,
    offers::publisher,
    schema::{offers, publishers},
};

/// Where an organisation is written to, and in which language.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    /// The address; none when it is not written to.
    pub mail: Option<Private<String>>,
    /// The language, as a tag; none when nobody has said.
    pub language: Option<String>,
}

/// The contact of the caller's organisation.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller publishes nothing; otherwise the database's.
pub fn contact(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Contact, StoreError> {
    let (_, organisation) = publisher(caller)?;
    of(tx, organisation)
}

/// The contact of an organisation.
pub(super) fn of(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Contact, StoreError> {
    let row: Option<(Option<String>, Option<String>)> = publishers::table
        .find(Sql(organisation))
        .select((publishers::contact_mail, publishers::language))
        .first(tx.conn())
        .optional()?;
    Ok(row.map_or_else(Contact::default, |(mail, language)| Contact { mail: mail.map(Private::new), language }))
}

/// Gives the caller's organisation another contact. Where there was no address before, everything that is due is told to the new one.
///
/// # Errors
/// As [`contact`].
pub fn set_contact(tx: &mut Tx<'_>, caller: &Caller<'_>, contact: &Contact) -> Result<(), StoreError> {
    let (_, organisation) = publisher(caller)?;
    let before = of(tx, organisation)?;
    let values = (
        publishers::contact_mail.eq(contact.mail.as_ref().map(|mail| mail.reveal())),
        publishers::language.eq(contact.language.as_deref()),
    );
    if update(publishers::table.find(Sql(organisation))).set(values).execute(tx.conn())? == 0 {
        let id = publishers::organisation_id.eq(Sql(organisation));
        insert_into(publishers::table).values((id, values)).execute(tx.conn())?;
    }
    if before.mail.is_none() && contact.mail.is_some() {
        let told = offers::table
            .filter(offers::organisation_id.eq(Sql(organisation)))
            .filter(offers::told.lt(Told::Leaving.number()));
        update(told).set(offers::told.eq(Told::Nothing.number())).execute(tx.conn())?;
    }
    Ok(())
}
