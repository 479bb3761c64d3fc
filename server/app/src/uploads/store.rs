//! Carrying out the plans of one file, in one unit of work.

use nahraum_domain::{
    consent::period,
    finding::{MediaType, ReadFinding, SourceFormat},
    ids::FindingId,
};
use nahraum_secrets::sha256;
use nahraum_store::{
    Caller, Scope, Tx, actions,
    findings::{self, NewFinding, ReceiptRecord, StoredFile},
};

use super::{
    Outcome, Parsed, Uploaded,
    plan::{self, Act, Plan},
};
use crate::refusal::Failure;

pub(super) fn store_all<'t>(tx: &mut Tx<'t>, caller: &Caller<'t>, parsed: &Parsed) -> Result<Uploaded, Failure> {
    let scope = tx.scope::<actions::UploadFinding>(caller)?;
    let mut outcomes = Vec::with_capacity(parsed.findings.len());
    let mut refusal = None;
    for ((read, embedded), content) in parsed.findings.iter().zip(&parsed.hashes).zip(&parsed.contents) {
        outcomes.push(match plan::outlook(tx, caller, &scope, parsed, (read, *content))? {
            Ok(plan) => {
                let hashes = Hashes { embedded: *embedded, content: *content };
                let (receipt, duplicate) = carry_out(tx, caller, &scope, parsed, read, hashes, &plan)?;
                Outcome::Kept(Box::new(receipt), duplicate)
            }
            Err(refused) => {
                refusal.get_or_insert(refused.why);
                Outcome::Refused(refused.preview)
            }
        });
    }
    match refusal {
        Some(refusal) if outcomes.iter().all(|outcome| matches!(outcome, Outcome::Refused(_))) => Err(refusal.into()),
        Some(_) | None => Ok(Uploaded { outcomes }),
    }
}

/// Hashes of one finding: of the document in it, and of what it was read from.
#[derive(Clone, Copy)]
struct Hashes {
    embedded: Option<[u8; 32]>,
    content: [u8; 32],
}

fn carry_out<'t>(
    tx: &mut Tx<'t>,
    caller: &Caller<'t>,
    scope: &Scope<'t, actions::UploadFinding>,
    parsed: &Parsed,
    read: &ReadFinding,
    hashes: Hashes,
    plan: &Plan,
) -> Result<(ReceiptRecord, bool), Failure> {
    let bytes = parsed.original(read);
    let whole = bytes.len() == parsed.bytes.len();
    let new = NewFinding {
        read,
        original: StoredFile {
            bytes,
            media_type: media_type(read.source_format),
            sha256: if whole { parsed.sha256 } else { sha256(bytes) },
        },
        upload_sha256: parsed.sha256,
        content_sha256: hashes.content,
        embedded: read.embedded.as_ref().zip(hashes.embedded),
        destination: plan.destination,
        reason: plan.reason,
        date: read.clinical_date.unwrap_or_else(|| tx.now().to_zoned(jiff::tz::TimeZone::UTC).date()),
        replaces: None,
        held_until: parsed.details.hold_days.and_then(|days| period::of_days(tx.now(), days).until),
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
        // No type is registered for these.
        SourceFormat::Ldt2 | SourceFormat::Ldt3 | SourceFormat::Gdt => "application/octet-stream",
    }
}
