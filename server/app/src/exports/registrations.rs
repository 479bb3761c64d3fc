//! What a resident takes part in, for their copy of everything.

use nahraum_domain::private::Private;
use nahraum_formats::{RegistrationExport, registrations_json};
use nahraum_store::registrations::{self as store, Own};

use crate::{App, Call, Refusal};

/// All registrations of the caller, as JSON.
///
/// # Errors
/// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
pub(super) async fn of_caller(app: &App, call: &Call) -> Result<Private<Vec<u8>>, Refusal> {
    let all = app.as_resident(call, |tx, caller| Ok(store::own(tx, caller, None, i64::MAX)?)).await?;
    let all: Vec<_> = all.iter().map(export).collect();
    Ok(Private::new(registrations_json(&all)))
}

fn export(own: &Own) -> RegistrationExport<'_> {
    let text = own.offer.texts.iter().find(|text| text.language == own.offer.language);
    RegistrationExport {
        id: own.id,
        offer: own.offer.id,
        title: text.map_or("", |text| &text.words.title),
        organisation: &own.offer.organisation_name,
        date: own.date.as_ref().map(|date| (date.id, date.starts_at, date.state)),
        state: own.state,
        code: &own.code,
        needs: &own.needs,
        name: own.contact.name.as_ref().map(|name| name.reveal().as_str()),
        phone: own.contact.phone.as_ref().map(|phone| phone.reveal().as_str()),
        created_at: own.created_at,
    }
}
