//! Room findings, the resident's side: list, open, download, read marks, trends.

use nahraum_domain::{
    disclosure::{self, Disclosed, FindingRecord, SummaryRecord, TrendRecord},
    finding::MediaType,
    ids::FindingId,
    private::Private,
    release::Treatment,
    understanding::{Change, changes},
};
use nahraum_store::{
    Sealed, actions,
    findings::{self as store, Content},
};
use nahraum_texts::Language;

pub use nahraum_store::findings::{Filter, Position, Waiting};

use crate::{App, Call, Refusal, accounts::language_of, refusal::Failure, sessions::require_fresh};

/// How many points a trend shows at most: the newest.
const TREND_POINTS: i64 = 200;

/// How many findings that wait are shown at most.
const WAITING_SHOWN: i64 = 200;

/// A page of the list.
#[derive(Debug)]
pub struct FindingPage {
    /// The findings, newest first.
    pub items: Disclosed<Vec<SummaryRecord>>,
    /// Where to go on, if there is more.
    pub next: Option<Position>,
    /// The language to label them in.
    pub language: Language,
}

/// What differs between a finding and the version whose place it took.
#[derive(Debug)]
pub struct FindingDifferences {
    /// The older version.
    pub compared_with: FindingId,
    /// What differs.
    pub items: Vec<Change>,
}

/// A document that may be downloaded, part by part.
#[derive(Debug)]
pub struct Document(Content);

impl From<Content> for Document {
    fn from(content: Content) -> Self {
        Self(content)
    }
}

impl Document {
    /// The size of its parts in bytes; the last one may be shorter.
    pub const PART_SIZE: u64 = store::PART;

    /// Its type.
    #[must_use]
    pub const fn media_type(&self) -> MediaType {
        self.0.document().media_type
    }

    /// Its size in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.0.document().size
    }

    /// SHA-256 of its bytes.
    #[must_use]
    pub const fn sha256(&self) -> [u8; 32] {
        self.0.document().sha256
    }

    /// When it arrived.
    #[must_use]
    pub const fn received_at(&self) -> jiff::Timestamp {
        self.0.received_at()
    }
}

impl Call {
    /// One finding as whoever makes this call sees it: its owner, or somebody in their place.
    pub(crate) fn disclose(&self, record: FindingRecord) -> Disclosed<FindingRecord> {
        match self.acts_by {
            None => disclosure::finding_to_owner(record),
            Some(_) => disclosure::finding_in_place(record),
        }
    }
}

impl App {
    /// A page of the caller's findings, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`]; [`Refusal::StepUpRequired`] for what is put away.
    pub async fn list_findings(
        &self,
        call: &Call,
        filter: Filter,
        after: Option<Position>,
        limit: u32,
    ) -> Result<FindingPage, Refusal> {
        let asked = call.language;
        let (page, language) = self
            .read_by_rules(call, move |tx, caller| {
                let scope = tx.scope::<actions::ListFindings>(caller)?;
                if filter.put_away {
                    // What a resident has put away they have put away for themself.
                    caller.resident().ok_or(Refusal::Forbidden)?;
                    require_fresh(tx, caller)?;
                }
                let language = language_of(tx, caller, asked)?;
                Ok(store::list(tx, &scope, &filter, after, limit)?.beside(language))
            })
            .await?;
        Ok(FindingPage { items: disclosure::list_to_owner(page.items), next: page.next, language })
    }

    /// Opens one of the caller's findings.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn open_finding(
        &self,
        call: &Call,
        id: FindingId,
    ) -> Result<(Disclosed<FindingRecord>, Language), Refusal> {
        let asked = call.language;
        let (record, language) = self
            .read_by_rules(call, move |tx, caller| {
                let permit = tx.permit::<actions::OpenFinding>(caller, id)?;
                let language = language_of(tx, caller, asked)?;
                Ok(store::open(tx, &permit)?.beside(language))
            })
            .await?;
        Ok((call.disclose(record), language))
    }

    /// What differs between one of the caller's findings and the version whose place it took. None without such a version, or
    /// when its content is gone.
    ///
    /// # Errors
    /// As [`App::open_finding`].
    pub async fn finding_differences(
        &self,
        call: &Call,
        id: FindingId,
    ) -> Result<(Option<FindingDifferences>, Language), Refusal> {
        let asked = call.language;
        let (versions, language) = self
            .read(call, move |tx, caller| {
                // Who acts for somebody sees no other version than the one that is open to them.
                caller.resident().ok_or(Refusal::Forbidden)?;
                let permit = tx.permit::<actions::OpenFinding>(caller, id)?;
                let language = language_of(tx, caller, asked)?;
                let mut versions = vec![store::open(tx, &permit)?];
                if let Some(older) = store::replaces(tx, &permit)? {
                    let permit = tx.permit::<actions::OpenFinding>(caller, older)?;
                    versions.push(store::open(tx, &permit)?);
                }
                Ok((Sealed::all(versions), language))
            })
            .await?;
        let versions = versions.unseal(self.store().access_log()).await?;
        let mut versions = versions.into_iter().map(|record| call.disclose(record).into_inner());
        let (Some(newer), Some(older)) = (versions.next(), versions.next()) else { return Ok((None, language)) };
        let shown = newer.summary.state.has_content() && older.summary.state.has_content();
        let changes = shown.then(|| FindingDifferences {
            compared_with: older.summary.id,
            items: changes(older.observations, newer.observations),
        });
        Ok((changes, language))
    }

    /// The document of one of the caller's findings.
    ///
    /// # Errors
    /// As [`App::open_finding`], [`Refusal::Recalled`] and [`Refusal::NoDocument`].
    pub async fn document(&self, call: &Call, id: FindingId) -> Result<Document, Refusal> {
        let (content, has_content) = self
            .read_by_rules(call, move |tx, caller| {
                let permit = tx.permit::<actions::DownloadContent>(caller, id)?;
                Ok(store::content(tx, &permit)?.beside(permit.state().has_content()))
            })
            .await?;
        if !has_content {
            self.count_answer();
            return Err(Refusal::Recalled);
        }
        content.map(Document).ok_or_else(|| {
            self.count_answer();
            Refusal::NoDocument
        })
    }

    /// One part of a document. Fails when it was taken back in the meantime.
    ///
    /// # Errors
    /// [`Refusal::Recalled`], or the database's trouble.
    pub async fn document_part(
        &self,
        call: &Call,
        document: &std::sync::Arc<Document>,
        part: u64,
    ) -> Result<Private<Vec<u8>>, Refusal> {
        let document = std::sync::Arc::clone(document);
        let bytes: Result<Private<Vec<u8>>, Failure> = self
            .store()
            .read(call.moment, move |tx| {
                store::content_part(tx, &document.0, part)?.ok_or_else(|| Refusal::Recalled.into())
            })
            .await;
        self.settle(bytes).await
    }

    /// Marks one of the caller's findings as read.
    ///
    /// # Errors
    /// As [`App::open_finding`].
    pub async fn mark_finding_read(&self, call: &Call, id: FindingId) -> Result<(), Refusal> {
        self.write(call, move |tx, caller| {
            let permit = tx.permit::<actions::MarkRead>(caller, id)?;
            Ok(store::mark_read(tx, &permit)?)
        })
        .await
    }

    /// The caller decides how one of their findings is treated.
    ///
    /// # Errors
    /// As [`App::open_finding`]. What is put away is not there without a fresh sign-in.
    pub async fn adjust_finding(&self, call: &Call, id: FindingId, treatment: Treatment) -> Result<(), Refusal> {
        self.write(call, move |tx, caller| {
            let permit = tx.permit::<actions::AdjustFinding>(caller, id)?;
            Ok(store::adjust(tx, &permit, treatment)?)
        })
        .await
    }

    /// What of the caller's is there and does not show yet.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn waiting_findings(&self, call: &Call) -> Result<Vec<Waiting>, Refusal> {
        self.as_resident(call, |tx, caller| Ok(store::waiting(tx, caller, WAITING_SHOWN)?)).await
    }

    /// The practice has talked about a finding, so that nothing but the resident's own wish holds it back any more.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::StateConflict`].
    pub async fn release_finding(&self, call: &Call, id: FindingId) -> Result<(), Refusal> {
        self.write(call, move |tx, caller| {
            let permit = tx.permit::<actions::ReleaseFinding>(caller, id)?;
            Ok(store::talked(tx, permit)?)
        })
        .await
    }

    /// One of the caller's values over time, oldest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`] when there is no such value.
    pub async fn trend(
        &self,
        call: &Call,
        system: CodeSystem,
        code: String,
    ) -> Result<(Disclosed<Vec<TrendRecord>>, Language), Refusal> {
        let asked = call.language;
        let (sealed, language) = self
            .read(call, move |tx, caller| {
                let scope = tx.scope::<actions::ReadTrend>(caller)?;
                let language = language_of(tx, caller, asked)?;
                Ok((store::trend(tx, &scope, system.as_str(), &code, TREND_POINTS)?, language))
            })
            .await?;
        let points = disclosure::trend_to_owner(sealed.unseal(self.store().access_log()).await?);
        if points.get().is_empty() {
            self.count_answer();
            return Err(Refusal::NotFound);
        }
        Ok((points, language))
    }
}

/// In whose words a value is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeSystem {
    /// LOINC.
    Loinc,
    /// The sender's own codes.
    Local,
}

impl CodeSystem {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Loinc => "loinc",
            Self::Local => "local",
        }
    }
}
