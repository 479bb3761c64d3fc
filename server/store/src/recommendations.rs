//! Room recommendations: offers that people at work recommend to a resident, in the resident's record. Which offer it is lies under the
//! resident's key, and no table of an offer leads here.

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    access::Basis,
    audit::{LogAction, LogEntry},
    ids::{OfferId, OrganisationId, RecommendationId, ResidentId},
    private::Private,
    recommendations::RecommendationState,
};

use crate::{
    access::{Caller, Tx, log},
    catalogue::{self, Listed},
    db::types::{Instant, Sql},
    error::StoreError,
    notifications,
    offers::publisher,
    schema::{organisations, recommendations as rows},
    shares::Received,
    vault::{Place, Subject},
};

const OFFER: &str = "recommendations.offer";
const SAID: &str = "recommendations.said";

/// The most that one organisation has recommended to one resident at a time.
const MOST: i64 = 50;

/// An offer that was recommended.
#[derive(Debug)]
pub struct Recommendation {
    /// The recommendation.
    pub id: RecommendationId,
    /// Which offer.
    pub offer: Private<OfferId>,
    /// What everybody is told of the offer; none when it is not public any more.
    pub listed: Option<Listed>,
    /// Who recommends it.
    pub organisation: OrganisationId,
    /// What people call them.
    pub organisation_name: String,
    /// Why, in their words.
    pub said: Option<Private<String>>,
    /// What the resident makes of it.
    pub state: RecommendationState,
    /// When it was recommended.
    pub made_at: Timestamp,
}

/// On what a recommendation rests.
#[derive(Debug, Clone, Copy)]
pub enum Ground<'a> {
    /// The resident is a patient of the caller's practice.
    Patient(ResidentId),
    /// The resident has let the caller see findings.
    Share(&'a Received),
}

/// What became of a recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// It lies in the resident's record.
    Yes(RecommendationId),
    /// There is no such public offer.
    NoOffer,
    /// There are fifty of this organisation already.
    TooMany,
}

/// The caller recommends an offer. The resident is told that something is new, and sees in the log who it was.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is nobody at work; otherwise the database's.
pub fn make(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    ground: Ground<'_>,
    offer: OfferId,
    said: Option<&Private<String>>,
) -> Result<Made, StoreError> {
    let (person, organisation) = publisher(caller)?;
    let (resident, basis, consent) = match ground {
        Ground::Patient(resident) => (resident, Basis::TreatmentDelivery, None),
        Ground::Share(share) => (share.owner(), Basis::of(share.purpose), Some(share.id)),
    };
    if catalogue::first(tx, offer)?.is_none() {
        return Ok(Made::NoOffer);
    }
    let there: i64 = rows::table
        .filter(rows::resident_id.eq(Sql(resident)))
        .filter(rows::organisation_id.eq(Sql(organisation)))
        .count()
        .get_result(tx.conn())?;
    if there >= MOST {
        return Ok(Made::TooMany);
    }
    let id = tx.new_id(RecommendationId::new);
    let seal = |column, text: &str| {
        tx.vault().seal_text(Subject::Resident(resident), Place { column, row: id.as_bytes() }, text)
    };
    let offer = seal(OFFER, &offer.to_string())?;
    let said = said.map(|said| seal(SAID, said.reveal())).transpose()?;
    insert_into(rows::table)
        .values((
            rows::id.eq(Sql(id)),
            rows::resident_id.eq(Sql(resident)),
            rows::organisation_id.eq(Sql(organisation)),
            rows::staff_id.eq(Sql(person)),
            rows::offer_sealed.eq(offer),
            rows::said_sealed.eq(said),
            rows::state.eq(RecommendationState::New.as_str()),
            rows::made_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    notifications::something_new(tx, resident)?;
    let entry =
        LogEntry { resident: Some(resident), basis: Some(basis), consent, ..tx.entry(caller, LogAction::Recommend) };
    log::insert_with(tx, &entry)?;
    Ok(Made::Yes(id))
}

type Row = (Sql<RecommendationId>, Sql<OrganisationId>, String, Vec<u8>, Option<Vec<u8>>, String, Instant);

/// What was recommended to the caller, newest first.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<Recommendation>, StoreError> {
    let mut all = made_to(tx, caller)?;
    let ids: Vec<OfferId> = all.iter().map(|one| *one.offer.reveal()).collect();
    let listed = catalogue::each(tx, &ids)?;
    for one in &mut all {
        // The same offer can be recommended twice.
        one.listed = listed.get(one.offer.reveal()).cloned();
    }
    Ok(all)
}

/// [`own`], without what everybody is told of the offers.
pub(crate) fn made_to(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<Recommendation>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let found: Vec<Row> = rows::table
        .inner_join(organisations::table)
        .filter(rows::resident_id.eq(Sql(resident)))
        .order(rows::id.desc())
        .select((
            rows::id,
            rows::organisation_id,
            organisations::name,
            rows::offer_sealed,
            rows::said_sealed,
            rows::state,
            rows::made_at,
        ))
        .load(tx.conn())?;
    found.into_iter().map(|row| read(tx, resident, row)).collect()
}

fn read(tx: &Tx<'_>, resident: ResidentId, row: Row) -> Result<Recommendation, StoreError> {
    let (Sql(id), Sql(organisation), organisation_name, offer, said, state, made_at) = row;
    let open = |column, sealed| {
        tx.vault().open_text(Subject::Resident(resident), Place { column, row: id.as_bytes() }, sealed)
    };
    let offer = open(OFFER, offer)?.parse().map_err(|_| StoreError::Corrupt("recommendations.offer_sealed"))?;
    Ok(Recommendation {
        id,
        offer: Private::new(offer),
        listed: None,
        organisation,
        organisation_name,
        said: said.map(|sealed| open(SAID, sealed).map(Private::new)).transpose()?,
        state: RecommendationState::parse(&state).ok_or(StoreError::Corrupt("recommendations.state"))?,
        made_at: made_at.timestamp(),
    })
}

/// The caller says what they make of a recommendation. Returns whether there is one.
///
/// # Errors
/// As [`own`].
pub fn say(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: RecommendationId,
    state: RecommendationState,
) -> Result<bool, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let own = rows::table.filter(rows::id.eq(Sql(id))).filter(rows::resident_id.eq(Sql(resident)));
    Ok(update(own).set(rows::state.eq(state.as_str())).execute(tx.conn())? > 0)
}

/// The caller throws a recommendation away. Returns whether there was one.
///
/// # Errors
/// As [`own`].
pub fn throw_away(tx: &mut Tx<'_>, caller: &Caller<'_>, id: RecommendationId) -> Result<bool, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let own = rows::table.filter(rows::id.eq(Sql(id))).filter(rows::resident_id.eq(Sql(resident)));
    Ok(delete(own).execute(tx.conn())? > 0)
}
