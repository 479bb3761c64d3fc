//! Where a service is: the first of its locations.

use super::{Reading, object::Object};
use crate::offer_list::{ListedAddress, ListedPlace};

/// The longest way that is told, in characters.
const WAY: usize = 500;

/// Reads it; gives how one gets there, if that is said, and adds when it is open if the service does not say that itself.
pub(super) fn read<'a>(from: &mut Object<'a>, times: &mut Vec<Object<'a>>, doing: &mut Reading) -> Option<String> {
    let mut there = from.list("service_at_locations").into_iter();
    let mut first = there.next()?;
    if there.next().is_some() {
        let detail = "There are several locations; the first one was taken. An offer here has one place.";
        doing.notice("first-location", &["service_at_locations"], detail);
    }
    first.pass_over(&["id", "service_id", "location_id", "metadata"]);
    let location = first.object("location");
    if !from.has("schedules") {
        times.extend(first.list("schedules"));
    }
    first.left(&doing.base, &mut doing.left);
    let mut location = location?;
    location.pass_over(&["id", "organization_id", "metadata"]);
    let way = location.text("transportation").map(|way| super::one_line(&way));
    doing.facts.online = location.text("location_type").map(|kind| kind == "virtual");
    let is_virtual = doing.facts.online == Some(true);
    let name = location.text("name");
    let place = address(&mut location, doing)
        .map(|address| ListedPlace { name: name.unwrap_or_else(|| address.street.clone()), address: Some(address) });
    if place.is_none() && !is_virtual {
        doing.notice("no-address", &["service_at_locations"], "The location has no address, and gives no place.");
    }
    doing.facts.place = if is_virtual { Some(None) } else { place.map(Some) };
    location.left(&doing.base, &mut doing.left);
    if way.as_ref().is_some_and(|way| way.chars().count() > WAY) {
        doing.notice("way-cut", &["service_at_locations"], "The way is cut after 500 characters.");
    }
    way.map(|way| way.chars().take(WAY).collect())
}

/// The first address, one to which people can come if there is one.
fn address(location: &mut Object<'_>, doing: &mut Reading) -> Option<ListedAddress> {
    let position = position(location, doing);
    let mut found: Option<(bool, ListedAddress)> = None;
    for mut address in location.list("addresses") {
        address.pass_over(&["id", "location_id", "metadata", "region", "state_province", "country"]);
        let physical = address.text("address_type").is_none_or(|kind| kind == "physical");
        let lines = [address.text("address_1"), address.text("address_2")];
        let street = lines.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let own = ListedAddress {
            street,
            postcode: address.text("postal_code").unwrap_or_default(),
            city: address.text("city").unwrap_or_default(),
            position,
        };
        if found.as_ref().is_none_or(|(better, _)| physical && !better) {
            found = Some((physical, own));
        }
        address.left(&doing.base, &mut doing.left);
    }
    if found.as_ref().is_some_and(|(physical, _)| !physical) {
        doing.notice(
            "postal-address",
            &["service_at_locations"],
            "Only an address for letters is known; look whether it is there.",
        );
    }
    found.map(|(_, address)| address)
}

fn position(location: &mut Object<'_>, doing: &mut Reading) -> Option<(f64, f64)> {
    let mut degrees = |name| location.text(name)?.parse::<f64>().ok();
    let found = degrees("latitude").zip(degrees("longitude"))?;
    if (-90.0..=90.0).contains(&found.0) && (-180.0..=180.0).contains(&found.1) {
        return Some(found);
    }
    doing.notice("position-left-out", &["service_at_locations"], "The position is nowhere on earth.");
    None
}
