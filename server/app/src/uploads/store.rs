//! Carrying out the plans of one file, in one unit of work.

use jiff::Timestamp;
use nahraum_domain::{
    calendar,
    consent::period,
    finding::{MediaType, ReadFinding, SourceFormat},
    holds::HoldRules,
    ids::FindingId,
};
use nahraum_store::{
    Caller, Scope, Tx, actions,
    findings::{self, NewFinding, ReceiptRecord, StoredFile},
};

use super::{
    Item, Outcome, Parsed, Uploaded,
    plan::{self, Act, Plan},
};
use crate::refusal::Failure;

pub(super) fn store_all<'t>(tx: &mut Tx<'t>, caller: &Caller<'t>, parsed: &Parsed) -> Result<Uploaded, Failure> {
    let scope = tx.scope::<actions::UploadFinding>(caller)?;
    let rules = findings::rules_for_upload(tx, &scope)?;
    let done = plan::each(tx, caller, &scope, parsed, |tx, plan, item| {
        carry_out(tx, caller, &scope, (parsed, &rules), item, &plan)
    })?;
    let outcome = |done| match done {
        Ok((receipt, duplicate)) => Outcome::Kept(Box::new(receipt), duplicate),
        Err(refused) => Outcome::Refused(refused),
    };
    Ok(Uploaded { outcomes: done.into_iter().map(outcome).collect() })
}

/// Until when a finding that arrives now is held back at most.
pub(super) fn held_until(rules: &HoldRules, parsed: &Parsed, read: &ReadFinding, now: Timestamp) -> Option<Timestamp> {
    rules.days_for(read, parsed.details.hold_days).and_then(|days| period::of_days(now, days).until)
}

fn carry_out<'t>(
    tx: &mut Tx<'t>,
    caller: &Caller<'t>,
    scope: &Scope<'t, actions::UploadFinding>,
    (parsed, rules): (&Parsed, &HoldRules),
    item: &Item,
    plan: &Plan,
) -> Result<(ReceiptRecord, bool), Failure> {
    let read = &item.read;
    let new = NewFinding {
        read,
        original: StoredFile {
            bytes: parsed.original(read),
            media_type: media_type(read.source_format),
            sha256: item.original,
        },
        upload_sha256: parsed.sha256,
        content_sha256: item.content,
        embedded: read.embedded.as_ref().zip(item.document),
        destination: plan.destination,
        reason: plan.reason,
        date: read.clinical_date.unwrap_or_else(|| calendar::day(tx.now())),
        replaces: None,
        held_until: held_until(rules, parsed, read, tx.now()),
    };
    match plan.act {
        Act::Store => {
            let id = findings::store_finding(tx, scope, &new)?;
            Ok((findings::receipt_for_sender(tx, scope, id)?, false))
        }
        Act::Replace(old) => {
            let permit = tx.permit::<actions::ReplaceFinding>(caller, old)?;
            let id = findings::store_finding(tx, scope, &NewFinding { replaces: Some(old), ..new })?;
            findings::supersede(tx, permit, id)?;
            Ok((findings::receipt_for_sender(tx, scope, id)?, false))
        }
        Act::Nothing(old) => Ok((findings::receipt_for_sender(tx, scope, old)?, true)),
        Act::Withdraw(old) => Ok((withdraw(tx, caller, scope, old)?, false)),
        Act::Retract(old) => {
            withdraw(tx, caller, scope, old)?;
            let id = findings::store_finding(tx, scope, &new)?;
            Ok((findings::receipt_for_sender(tx, scope, id)?, false))
        }
    }
}

/// Takes a finding back, and what came before it: an older version says the same of the wrong person.
fn withdraw<'t>(
    tx: &mut Tx<'t>,
    caller: &Caller<'t>,
    scope: &Scope<'t, actions::UploadFinding>,
    newest: FindingId,
) -> Result<ReceiptRecord, Failure> {
    let permit = tx.permit::<actions::WithdrawFinding>(caller, newest)?;
    let receipt = findings::withdraw(tx, permit)?;
    let mut before = receipt.replaces;
    while let Some(id) = before {
        let old = findings::receipt_for_sender(tx, scope, id)?;
        if old.state.has_content() {
            let permit = tx.permit::<actions::WithdrawFinding>(caller, id)?;
            findings::withdraw(tx, permit)?;
        }
        before = old.replaces;
    }
    Ok(receipt)
}

const fn media_type(format: SourceFormat) -> &'static str {
    match format {
        SourceFormat::Pdf => MediaType::Pdf.as_str(),
        SourceFormat::Jpeg => MediaType::Jpeg.as_str(),
        SourceFormat::Png => MediaType::Png.as_str(),
        SourceFormat::FhirR4 => "application/fhir+json",
        SourceFormat::Hl7V2 => "x-application/hl7-v2+er7",
        SourceFormat::Cda => "application/cda+xml",
        // No type is registered for these.
        SourceFormat::Ldt2 | SourceFormat::Ldt3 | SourceFormat::Gdt => "application/octet-stream",
    }
}
