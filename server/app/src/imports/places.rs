//! Which place a list means: one of the organisation's, by its id, its name or its address, or a new one.

use std::collections::HashMap;

use nahraum_domain::{
    ids::PlaceId,
    offers::places::{Access, AddressVisibility, Position},
};
use nahraum_formats::offer_list::{Faults, ListedAddress, ListedPlace, Notice, Spot};
use nahraum_store::{
    Caller, StoreError, Tx,
    places::{self as store, Place, PlaceFacts},
};

use super::facts::told;
use crate::{Refusal, places::checked};

/// How many places of an organisation are looked at.
const MOST_PLACES: i64 = 5_000;

/// What two names of the same place have in common.
type Address = (String, String, String);

/// The places of an organisation.
pub(super) struct Places(Vec<Place>);

/// A place that an offer has.
#[derive(Debug, Clone)]
pub(super) enum Meant {
    /// One that stands.
    Known(PlaceId),
    /// One that has to be made.
    New(Box<PlaceFacts>),
}

fn address(name: &str, street: &str, postcode: &str) -> Address {
    let alike = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    (alike(name), alike(street), alike(postcode))
}

impl Places {
    pub(super) fn of(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Self, StoreError> {
        Ok(Self(store::list(tx, caller, None, MOST_PLACES)?))
    }

    /// The place that is meant; none when there is something wrong with it.
    pub(super) fn find(
        &self,
        listed: &ListedPlace,
        at: &Spot,
        notices: &mut Vec<Notice>,
        faults: &mut Faults,
    ) -> Option<Meant> {
        let Some(there) = &listed.address else { return self.by_name(&listed.name, at, faults) };
        let wanted = address(&listed.name, &there.street, &there.postcode);
        let fits = |place: &&Place| address(&place.facts.name, &place.facts.street, &place.facts.postcode) == wanted;
        if let Some(known) = self.0.iter().find(fits) {
            return Some(Meant::Known(known.id));
        }
        match new(listed, there) {
            Ok(facts) => {
                let detail =
                    "The place is new here: everybody is told its address, and nothing is known of its access.";
                notices.push(Notice { code: "place-new", fields: vec!["place".to_owned()], detail });
                Some(Meant::New(Box::new(facts)))
            }
            Err(refusal) => {
                told(at, refusal, faults);
                None
            }
        }
    }

    fn by_name(&self, name: &str, at: &Spot, faults: &mut Faults) -> Option<Meant> {
        let is_meant = |place: &&Place| place.id.to_string() == name || place.facts.name == name;
        let mut found = self.0.iter().filter(is_meant);
        match (found.next(), found.next()) {
            (Some(one), None) => return Some(Meant::Known(one.id)),
            (None, _) => {
                let detail = "The organisation has no such place; give its address, and it becomes one.";
                faults.add(at, "place", "unknown-place", detail);
            }
            (Some(_), Some(_)) => {
                faults.add(
                    at,
                    "place",
                    "ambiguous-place",
                    "There are several of that name; give the id, or the address.",
                );
            }
        }
        None
    }
}

fn new(listed: &ListedPlace, there: &ListedAddress) -> Result<PlaceFacts, Refusal> {
    let detail = "Decimal degrees, from -90 to 90 north and from -180 to 180 east.";
    let beyond = || Refusal::invalid("/position", "out-of-range", detail);
    let position =
        there.position.map(|(latitude, longitude)| Position::of_degrees(latitude, longitude).ok_or_else(beyond));
    checked(&PlaceFacts {
        name: listed.name.clone(),
        street: there.street.clone(),
        postcode: there.postcode.clone(),
        city: there.city.clone(),
        position: position.transpose()?,
        area: None,
        address_visibility: AddressVisibility::Public,
        wheelchair: Access::Unknown,
        toilet: Access::Unknown,
        step_free: false,
    })
}

/// The places that a list has made so far.
#[derive(Default)]
pub(super) struct Made(HashMap<Address, PlaceId>);

impl Made {
    /// The id of a place, which is made if it is not there yet.
    pub(super) fn id(&mut self, tx: &mut Tx<'_>, caller: &Caller<'_>, meant: &Meant) -> Result<PlaceId, StoreError> {
        let facts = match meant {
            Meant::Known(id) => return Ok(*id),
            Meant::New(facts) => facts,
        };
        let key = address(&facts.name, &facts.street, &facts.postcode);
        if let Some(id) = self.0.get(&key) {
            return Ok(*id);
        }
        let id = store::create(tx, caller, facts)?.ok_or(StoreError::Corrupt("places.area_id"))?.id;
        self.0.insert(key, id);
        Ok(id)
    }
}
