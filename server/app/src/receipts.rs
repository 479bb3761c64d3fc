//! Room receipts: what the practice knows of what it sent, and taking it back.

use nahraum_domain::ids::FindingId;
use nahraum_store::{
    actions,
    findings::{self as store, Openings},
};

pub use nahraum_store::findings::{RecallReason, ReceiptRecord};

use crate::{App, Call, Refusal};

/// A page of receipts, and where to go on.
pub type ReceiptPage = (Vec<ReceiptRecord>, Option<FindingId>);

impl App {
    /// The receipts the caller may see, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn receipts(&self, call: &Call, before: Option<FindingId>, limit: u32) -> Result<ReceiptPage, Refusal> {
        self.read(call, move |tx, caller| {
            let scope = tx.scope::<actions::ListReceipts>(caller)?;
            let mut items = store::receipts(tx, &scope, before, i64::from(limit) + 1)?;
            let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
            let more = items.len() > wanted;
            items.truncate(wanted);
            let next = items.last().filter(|_| more).map(|r| r.id);
            Ok((items, next))
        })
        .await
    }

    /// One receipt.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn receipt(&self, call: &Call, id: FindingId) -> Result<ReceiptRecord, Refusal> {
        self.read(call, move |tx, caller| {
            let permit = tx.permit::<actions::ReadReceipt>(caller, id)?;
            Ok(store::receipt(tx, &permit)?)
        })
        .await
    }

    /// Takes a finding back. Its content is destroyed; a stub and the log stay. Tells who had seen it.
    ///
    /// # Errors
    /// As [`App::receipt`], and [`Refusal::StateConflict`].
    pub async fn recall_finding(
        &self,
        call: &Call,
        id: FindingId,
        reason: RecallReason,
    ) -> Result<(ReceiptRecord, Openings), Refusal> {
        self.write(call, move |tx, caller| {
            let permit = tx.permit::<actions::RecallFinding>(caller, id)?;
            Ok(store::recall(tx, permit, reason)?)
        })
        .await
    }
}
