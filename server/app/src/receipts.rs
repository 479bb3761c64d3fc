//! Room receipts: what the practice knows of what it sent, and taking it back.

use nahraum_domain::ids::FindingId;
use nahraum_store::{
    actions,
    findings::{self as store, Openings},
};

pub use nahraum_store::findings::{Hold, RecallReason, ReceiptRecord};

use crate::{App, Call, Refusal, pages::cut};

/// A page of receipts, and where to go on.
pub type ReceiptPage = (Vec<ReceiptRecord>, Option<FindingId>);

impl App {
    /// The receipts the caller may see, newest first; or only those of findings that the practice holds back.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn receipts(
        &self,
        call: &Call,
        only_held: bool,
        before: Option<FindingId>,
        limit: u32,
    ) -> Result<ReceiptPage, Refusal> {
        let sealed = self
            .read(call, move |tx, caller| {
                let scope = tx.scope::<actions::ListReceipts>(caller)?;
                Ok(store::receipts(tx, &scope, only_held, before, i64::from(limit) + 1)?)
            })
            .await?;
        let mut items = sealed.unseal(self.store().access_log()).await?;
        let next = cut(&mut items, limit).map(|r| r.id);
        Ok((items, next))
    }

    /// One receipt.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn receipt(&self, call: &Call, id: FindingId) -> Result<ReceiptRecord, Refusal> {
        let sealed = self
            .read(call, move |tx, caller| {
                let permit = tx.permit::<actions::ReadReceipt>(caller, id)?;
                Ok(store::receipt(tx, &permit)?)
            })
            .await?;
        Ok(sealed.unseal(self.store().access_log()).await?)
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
