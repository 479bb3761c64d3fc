//! `nahraum audit affected`: the answer for a breach, as a table for people and as JSON.

use std::{collections::HashSet, fmt::Write as _};

use jiff::Timestamp;
use nahraum_domain::{
    audit::{ActorParts, affected::Tally},
    ids::{ActorId, OrganisationId, ResidentId},
};
use nahraum_store::{
    StoreError,
    audit::{Answer, Question, affected},
};
use serde_json::{Value, json};

use crate::{cli::AffectedArgs, operator::say, wiring::Trouble};

type Row = (ResidentId, ActorParts, Tally);

/// What is told.
struct Report<'a> {
    asked: &'a AffectedArgs,
    rows: Vec<Row>,
    answer: Answer,
}

/// Reads the log and tells who was affected.
///
/// # Errors
/// When the question is none, or the database is not there.
pub(super) fn run(asked: &AffectedArgs, environment: &super::Environment) -> Result<(), Trouble> {
    if asked.from >= asked.to {
        return Err(Trouble::Failed(String::from("--from has to be before --to")));
    }
    let (house, _) = super::open(&asked.config, environment)?;
    let AffectedArgs { from, to, actor, organisation, .. } = *asked;
    let question = Question { from, to, actor, organisation };
    let moment = house.app.begin(None);
    let answer: Result<Answer, StoreError> = house.ground.store.read_blocking(moment, |tx| affected(tx, &question));
    let answer = answer?;
    let mut rows = answer.affected.rows();
    rows.retain(|(resident, by, _)| !(asked.by_others && is_own(*resident, by)));
    // Nobody reads this in silence: that it was asked for stands in the technical log, and whom it named does not.
    tracing::info!(%from, %to, rows = rows.len(), "a report was made on who was affected");
    let report = Report { asked, rows, answer };
    say(&if asked.json { report.json().to_string() } else { report.table() })
}

/// Whether a resident did it with what is their own.
fn is_own(resident: ResidentId, by: &ActorParts) -> bool {
    by.kind == "resident" && by.id.as_ref() == Some(resident.as_bytes())
}

fn actor_id(by: &ActorParts) -> Option<String> {
    by.id.map(|id| ActorId::from_bytes(id).to_string())
}

fn organisation_id(by: &ActorParts) -> Option<String> {
    by.organisation.map(|id| OrganisationId::from_bytes(id).to_string())
}

/// A stored instant as text; the number itself when it is none.
fn instant(micros: i64) -> String {
    Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |at| at.to_string())
}

impl Report<'_> {
    /// How many residents something was shown or changed of.
    fn affected(&self) -> usize {
        let affected = self.rows.iter().filter(|(.., tally)| tally.is_affected());
        affected.map(|(resident, ..)| *resident).collect::<HashSet<_>>().len()
    }

    fn json(&self) -> Value {
        let rows = self.rows.iter().map(|(resident, by, tally)| {
            json!({
                "resident": resident.to_string(),
                "actor": by.kind,
                "actor_id": actor_id(by),
                "organisation": organisation_id(by),
                "looks": tally.looks,
                "downloads": tally.downloads,
                "changes": tally.changes,
                "refused": tally.refused,
                "first": instant(tally.first),
                "last": instant(tally.last),
            })
        });
        json!({
            "from": self.asked.from.to_string(),
            "to": self.asked.to.to_string(),
            "entries": self.answer.affected.entries(),
            "affected": self.affected(),
            "rows": rows.collect::<Vec<_>>(),
            "about_nobody": self.answer.affected.nobodys(),
            "waiting": self.answer.waiting,
        })
    }

    fn table(&self) -> String {
        let AffectedArgs { from, to, .. } = self.asked;
        let mut page = format!(
            "From {from} until before {to}: {} entries. Residents of whom something was shown or changed: {}.\n",
            self.answer.affected.entries(),
            self.affected()
        );
        if !self.rows.is_empty() {
            line(&mut page, ["resident", "by", "actor", "organisation"], ["looks", "downloads", "changes", "refused"]);
        }
        for (resident, by, tally) in &self.rows {
            let (actor, organisation) = (actor_id(by), organisation_id(by));
            let dash = |id: &Option<String>| id.clone().unwrap_or_else(|| String::from("-"));
            let by = if is_own(*resident, by) { "themself" } else { by.kind };
            let who = [&resident.to_string(), by, &dash(&actor), &dash(&organisation)];
            let Tally { looks, downloads, changes, refused, .. } = tally;
            let counts = [looks, downloads, changes, refused].map(u64::to_string);
            line(&mut page, who, counts.each_ref().map(String::as_str));
        }
        let nobodys = self.answer.affected.nobodys();
        if nobodys > 0 {
            page.push_str(&format!(
                "{nobodys} entries name no resident: looks into an inbox, and findings whose owner was not known.\n"
            ));
        }
        if self.answer.waiting > 0 {
            page.push_str(&format!("{} entries wait to be linked; ask again in a minute.\n", self.answer.waiting));
        }
        page.truncate(page.trim_end().len());
        page
    }
}

fn line(page: &mut String, who: [&str; 4], counts: [&str; 4]) {
    let [resident, by, actor, organisation] = who;
    let [looks, downloads, changes, refused] = counts;
    // Writing to a string cannot fail.
    let _ok = writeln!(
        page,
        "{resident:<36}  {by:<8}  {actor:<36}  {organisation:<36}  {looks:>7}  {downloads:>9}  {changes:>7}  {refused:>7}"
    )
    .is_ok();
}
