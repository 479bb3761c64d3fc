//! Room summaries: findings in brief on paper, for the next visit, with their values signed.

use std::collections::HashSet;

use nahraum_domain::{calendar, disclosure::FindingRecord, ids::FindingId, private::Private};
use nahraum_formats::summary_claims;
use nahraum_print::{SummarizedFinding, SummaryPaper, findings_summary};
use nahraum_store::{Sealed, actions, audit, findings as store};

use crate::{App, Call, Refusal, accounts::language_of, paper::printed, refusal::Failure};

/// How many findings are on one paper at most.
const MOST: usize = 20;

/// The type of what is in a square, in its header.
const SQUARE_TYPE: &str = "nahraum-summary+jwt";

impl App {
    /// Some of the caller's findings in brief, in the caller's language and in the order given, as PDF.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`] if one of them is not there; [`Refusal::Invalid`].
    pub async fn print_summary(&self, call: &Call, findings: Vec<FindingId>) -> Result<Private<Vec<u8>>, Refusal> {
        let different = findings.iter().collect::<HashSet<_>>().len();
        if !(1..=MOST).contains(&findings.len()) || different != findings.len() {
            return Err(Refusal::invalid("/finding_ids", "out-of-range", "1 to 20 findings, each once."));
        }
        let asked = call.language;
        let (records, language) = self
            .read_by_rules(call, move |tx, caller| {
                let read = |id: &FindingId| {
                    let permit = tx.permit::<actions::ExportFinding>(caller, *id)?;
                    Ok(store::export_values(tx, &permit)?)
                };
                let read: Result<Vec<_>, Failure> = findings.iter().map(read).collect();
                let read = Sealed::all(read?);
                Ok(read.beside(language_of(tx, caller, asked)?))
            })
            .await?;
        let records: Vec<FindingRecord> =
            records.into_iter().map(|record| call.disclose(record).into_inner()).collect();
        let now = call.moment.now;
        let issuer = &self.settings().public_url;
        let page = format!("{issuer}/paper");
        let claims: Vec<_> = records.iter().map(|record| summary_claims(record, issuer, now)).collect();
        let signed = self
            .in_own_or_anothers_place(call, move |tx, caller| {
                let sign = |packed: &Vec<u8>| audit::sign_deflated(tx, caller, SQUARE_TYPE, packed);
                Ok(claims.iter().map(|claims| claims.iter().map(sign).collect()).collect::<Vec<_>>())
            })
            .await?;
        // A phone's camera opens the page with what stands behind the #, which stays in the browser.
        let address = |jws: String| format!("{page}#{jws}");
        let squares = signed.into_iter().map(|signed: Vec<String>| signed.into_iter().map(address).collect());
        let findings = records.into_iter().zip(squares);
        let findings = findings.map(|(finding, squares)| SummarizedFinding { finding, squares }).collect();
        let app_name = self.settings().app_name.clone();
        let paper = SummaryPaper { language, app_name, as_of: calendar::local(now), page, findings };
        printed("summary", move || findings_summary(&paper, now)).await
    }
}
