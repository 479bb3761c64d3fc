//! The access log of a resident as somebody reads it who acts in their place: without what tells of things that are closed to
//! them. It has numbers of its own, because gaps would tell as well.

use std::collections::HashSet;

use nahraum_domain::{
    audit::chain::Position,
    ids::{ConsentId, ResidentId},
};

use super::view::{Entry, Filter, page};
use crate::{
    access::{Caller, Tx},
    error::StoreError,
    shares::{acting::Window, own_open},
};

/// How many entries are read at once.
const PAGE: i64 = 1_000;

/// A page of what is open to the caller, newest first, at most `limit` lines with a number below `before`; and how much there
/// is, without a hash, which would be one of other entries.
pub(super) fn own(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    resident: ResidentId,
    window: &Window,
    filter: &Filter,
    (before, limit): (Option<i64>, i64),
) -> Result<(Vec<Entry>, Position), StoreError> {
    let rules: HashSet<ConsentId> = own_open(tx, caller)?.iter().map(|stored| stored.rule.id).collect();
    let mut entries = Vec::new();
    let mut below = None;
    loop {
        let (page, _) = page(tx, resident, &Filter::default(), below, PAGE)?;
        let (full, last) = (i64::try_from(page.len()).is_ok_and(|n| n == PAGE), page.last().map(|entry| entry.number));
        entries.extend(page.into_iter().filter(|entry| is_open(entry, window, &rules)));
        below = last;
        if !full {
            break;
        }
    }
    for (entry, number) in entries.iter_mut().rev().zip(1..) {
        entry.number = number;
    }
    let count = i64::try_from(entries.len()).map_err(|_| StoreError::Corrupt("access_log.number"))?;
    entries.retain(|entry| before.is_none_or(|before| entry.number < before) && filter.matches(entry));
    entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok((entries, Position { count, hash: [0; 32] }))
}

/// Whether an entry tells of nothing that is closed. One about neither a finding nor a rule could name a practice all of whose
/// findings are.
fn is_open(entry: &Entry, window: &Window, rules: &HashSet<ConsentId>) -> bool {
    let finding = entry.finding.is_none_or(|finding| window.opens(finding));
    let rule = entry.consent.is_none_or(|rule| rules.contains(&rule));
    let names_nobody = entry.organisation.is_none() || entry.finding.is_some() || entry.consent.is_some();
    finding && rule && names_nobody
}
