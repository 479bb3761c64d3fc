//! Room offers: what organisations of the district offer, in facts and in texts, and what their people do with it.
//!
//! Nothing here leads to a resident, and nothing is sealed: what is public is public. What is not public yet is seen by the people
//! of its organisation, and, while it waits for a second person, by the district office.

pub(crate) mod feed;
mod images;
mod lifecycle;
mod load;
mod texts;
mod write;

use jiff::{Timestamp, civil::Date};
use nahraum_domain::{
    calendar,
    ids::{OfferId, OrganisationId, StaffId},
    offers::{
        facts::Facts,
        freshness::Told,
        image::Image,
        lifecycle::{ArchiveReason, Status},
        tags::LanguageTag,
        texts::Origin,
    },
};

pub use self::{
    images::{delete_image, image, own_image, put_image},
    lifecycle::{Stepped, step},
    load::{first, own},
    texts::{TextChange, delete_text, put_text},
    write::{Written, create, make, update},
};
pub(crate) use self::{
    lifecycle::{archive_stale, confirm, reviews_others},
    load::{CHUNK, get, load, status},
};
use crate::{access::Caller, error::StoreError};

/// An offer with everything that is known of it.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The offer.
    pub id: OfferId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// What people call that organisation.
    pub organisation_name: String,
    /// Its facts.
    pub facts: Facts,
    /// Where it stands.
    pub status: Status,
    /// The language that its other texts are made from.
    pub language: LanguageTag,
    /// Which edition of the text in that language it is: rises when it changes in a way that matters.
    pub text_rev: i32,
    /// Rises with every change.
    pub revision: i32,
    /// Its texts, by their tags.
    pub texts: Vec<OfferText>,
    /// Its image, whether it is shown or not.
    pub image: Option<Image>,
    /// When somebody last said that it is true.
    pub verified_on: Option<Date>,
    /// Until when somebody has to say so again.
    pub verify_due: Option<Date>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it became public, the last time.
    pub published_at: Option<Timestamp>,
    /// When it was archived, and why.
    pub archived: Option<(Timestamp, ArchiveReason)>,
    /// Who wanted it to be public, while it waits for a second person.
    pub submitted_by: Option<StaffId>,
}

impl Offer {
    /// Whether somebody has to say within two weeks that it is true, or had to.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        let soon = Told::Soon.due_by(calendar::day(now));
        self.status.is_public() && self.verify_due.is_some() && self.verify_due <= soon
    }

    /// The tags of the texts that may be shown to everybody.
    pub fn shown(&self) -> impl Iterator<Item = &OfferText> {
        self.texts.iter().filter(|text| text.origin.may_be_public(text.language.as_str()))
    }

    /// The image, if the offer's own text says what it shows: nobody who does not see it is left out.
    #[must_use]
    pub fn shown_image(&self) -> Option<&Image> {
        let is_said = self.texts.iter().any(|text| text.language == self.language && !text.image_alt.is_empty());
        self.image.as_ref().filter(|_| is_said)
    }
}

/// What is said of an offer in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferText {
    /// The language.
    pub language: LanguageTag,
    /// What it says.
    pub words: Words,
    /// What the image of the offer shows. Empty: not said.
    pub image_alt: String,
    /// Which edition of the offer's own text it was made from.
    pub made_from_rev: i32,
    /// Where it comes from.
    pub origin: Origin,
    /// The machine that translated it.
    pub engine: Option<String>,
    /// When it was written.
    pub written_at: Timestamp,
}

/// The words of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What it is called.
    pub title: String,
    /// In one or two sentences.
    pub summary: String,
    /// In full, in [the little markup](nahraum_domain::offers::markup) there is.
    pub body: String,
    /// How one gets there.
    pub how_to_come: String,
}

/// The person and the organisation in whose name they publish.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when it is nobody who publishes.
pub(crate) fn publisher(caller: &Caller<'_>) -> Result<(StaffId, OrganisationId), StoreError> {
    caller.publisher().ok_or(StoreError::Unauthenticated)
}
