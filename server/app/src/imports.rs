//! Room imports: lists of offers that an organisation brings along. First one is told what a list would do, then it is done: all of it
//! or nothing.
//!
//! What an offer is known by is kept for each organisation, so that importing again changes the same offers. What a list does not say
//! stays as it is, and so does every offer that is not in it.

mod apply;
mod facts;
mod places;
mod plan;

use nahraum_domain::{calendar, ids::OfferId};
use nahraum_formats::{
    offer_list::{Faults, ListedOffer, MOST_SCHEDULES, OfferList, read_offers},
    recurrence::Recurrence,
};

pub use nahraum_formats::offer_list::{ListFault, Notice, Spot};

use crate::{App, Call, Refusal, imports::plan::Planned, refusal::Failure, schedules};

/// A list to import.
#[derive(Debug)]
pub struct Order {
    /// The file.
    pub bytes: Vec<u8>,
    /// Whether nothing is to be done yet.
    pub dry_run: bool,
    /// What new offers are when the list does not say.
    pub defaults: Defaults,
}

/// What new offers are when a list does not say, as words.
#[derive(Debug, Default, Clone)]
pub struct Defaults {
    /// The language of the texts.
    pub language: Option<String>,
    /// The kind.
    pub kind: Option<String>,
    /// What they are about.
    pub topics: Vec<String>,
    /// How much care they need.
    pub sensitivity: Option<String>,
    /// What they cost.
    pub cost: Option<String>,
}

/// What becomes of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It becomes a draft.
    New,
    /// It is changed.
    Changed,
    /// It says what it said.
    Unchanged,
    /// It is archived here and stays so.
    Archived,
}

impl Effect {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Archived => "archived",
        }
    }
}

/// What a list does to one offer.
#[derive(Debug)]
pub struct ImportedOffer {
    /// Where it stands in the list.
    pub at: Spot,
    /// What its organisation knows it by.
    pub key: String,
    /// The offer; none for one that is not there yet.
    pub offer: Option<OfferId>,
    /// What becomes of it.
    pub effect: Effect,
    /// What is another than before: `facts`, `text:` with a language, `schedules`.
    pub changes: Vec<String>,
    /// What one has to know.
    pub notices: Vec<Notice>,
}

/// What a list does, or would do.
#[derive(Debug, Default)]
pub struct Imported {
    /// Its offers, in the order of the list; with faults those that are good.
    pub offers: Vec<ImportedOffer>,
    /// What is wrong. Then nothing was done.
    pub faults: Vec<ListFault>,
    /// How many faults there are beside them.
    pub more_faults: usize,
}

/// An offer of a list, with its dates.
#[derive(Debug)]
struct Prepared {
    listed: ListedOffer,
    schedules: Option<Vec<schedules::Checked>>,
}

impl App {
    /// Imports a list of offers for the organisation of the caller, or says what that would do. New offers are drafts; changed ones
    /// follow the rules for a change by hand. With a fault anywhere nothing is done.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`]. What is wrong with the list is no error, but what it is told.
    pub async fn import_offers(&self, call: &Call, order: Order) -> Result<Imported, Refusal> {
        self.may_publish(call).await?;
        let Order { bytes, dry_run, defaults } = order;
        let now = call.moment.now;
        let read = move || {
            let today = calendar::day(now);
            prepared(read_offers(&bytes, today), now)
        };
        let (prepared, faults) = tokio::task::spawn_blocking(read).await.map_err(|_| Refusal::Internal)?;
        let (first, more) = faults.into_parts();
        let bad = !first.is_empty();
        let work = move |tx: &mut nahraum_store::Tx<'_>, caller: &nahraum_store::Caller<'_>| {
            let mut faults = Faults::resumed(first.clone(), more);
            let planned = plan::all(tx, caller, &prepared, &defaults, &mut faults)?;
            let ids = if dry_run || !faults.is_empty() {
                planned.iter().map(Planned::known).collect()
            } else {
                apply::all(tx, caller, &planned)?
            };
            let offers = planned.into_iter().zip(ids).map(|(planned, offer)| planned.told(offer)).collect();
            let (faults, more_faults) = faults.into_parts();
            Ok::<_, Failure>(Imported { offers, faults, more_faults })
        };
        let done = if dry_run || bad {
            self.as_publisher(call, work).await
        } else {
            self.as_publisher_writing(call, work).await
        };
        let done = done?;
        if !dry_run && done.faults.is_empty() {
            let (request, many) = (call.moment.request, done.offers.len());
            tracing::info!(event = "offers_imported", %request, many, "a list of offers was imported");
        }
        Ok(done)
    }
}

/// Looks at the rules of a list, which takes its time: no more of them than there can be, and none once enough are wrong.
fn prepared(list: OfferList, now: jiff::Timestamp) -> (Vec<Prepared>, Faults) {
    let OfferList { offers, mut faults, .. } = list;
    let mut looked_at = 0;
    let prepare = |listed: ListedOffer| {
        looked_at += listed.schedules.as_ref().map_or(0, Vec::len);
        let schedules = checked(&listed, looked_at, now, &mut faults);
        Prepared { listed, schedules }
    };
    let prepared = offers.into_iter().map(prepare).collect();
    (prepared, faults)
}

/// The schedules of an offer; none when the list does not say.
fn checked(
    listed: &ListedOffer,
    looked_at: usize,
    now: jiff::Timestamp,
    faults: &mut Faults,
) -> Option<Vec<schedules::Checked>> {
    let wanted = listed.schedules.as_ref()?;
    if wanted.len() > schedules::MOST_SCHEDULES || looked_at > MOST_SCHEDULES {
        let detail = "At most 20 schedules of an offer, and 2000 in a list.";
        facts::told(&listed.at, Refusal::invalid("/schedules", "too-many", detail), faults);
    }
    if faults.is_full() || wanted.len() > schedules::MOST_SCHEDULES || looked_at > MOST_SCHEDULES {
        return None;
    }
    let mut check = |wanted: &schedules::WantedRecurrence| match Recurrence::parse(wanted) {
        Ok(good) => Some((None, schedules::plan(wanted, &good), schedules::dates(&good, now))),
        Err(why) => {
            facts::told(&listed.at, schedules::refused(why), faults);
            None
        }
    };
    Some(wanted.iter().filter_map(&mut check).collect())
}
