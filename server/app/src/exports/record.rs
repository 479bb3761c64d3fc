//! A copy of everything that is kept for a resident: one archive, made while it is sent.
//!
//! What is in it is decided once, at the start. Each finding goes out by a permit and a line in the access log of its own,
//! which is durable before its first byte. A finding that is taken back before its turn is left out and named; what goes
//! wrong later ends the archive without its last file, so that it never looks whole.

use std::{collections::VecDeque, sync::Arc};

use jiff::Timestamp;
use nahraum_domain::{
    audit::statement::hex,
    calendar,
    disclosure::{self, FindingRecord, SummaryRecord},
    finding::FindingState,
    ids::ResidentId,
    private::Private,
};
use nahraum_formats::{
    Archive, ArchiveError, CorrectionExport, ExportedDocument, LogProofs, Manifest, QuestionExport,
    archive::{file_name, link},
    corrections_json, decisions_json, fhir_consent, log_begin, log_end, log_entry, questions_json,
};
use nahraum_print::{FindingFiles, RecordPage, record_readme};
use nahraum_store::{
    actions,
    audit::{self as log, Filter},
    corrections::{self, Correction},
    findings as store,
};
use nahraum_texts::Language;

use super::{
    bundle, decisions, registrations,
    running::{LONGEST, Place},
};
use crate::{
    App, Call, Refusal,
    accounts::language_of,
    audit::{EXPORT_PAGE, PAPER, line, row},
    findings::Document,
    questions::Question,
    sessions::require_fresh,
};

/// The form of the archive.
const FORMAT: &str = "nahraum-export-1";

/// So many bytes are worth sending.
const ENOUGH: usize = 64 * 1024;

/// A copy under way. Ask for the next piece until there is none; an error means that it broke off.
pub struct RecordExport {
    app: App,
    _place: Place,
    resident: ResidentId,
    language: Language,
    made_at: Timestamp,
    key: String,
    archive: Archive,
    page: RecordPage,
    left_out: Vec<(String, &'static str)>,
    findings: usize,
    /// How many entries the access log has, once it was read.
    entries: i64,
    todo: VecDeque<SummaryRecord>,
    stage: Stage,
}

/// What comes next.
enum Stage {
    Findings,
    /// In the middle of a document, at this part.
    Document(Box<FindingRecord>, Arc<Document>, u64, Paths),
    Decisions,
    LogBegin,
    /// Behind the entry with this number; whether it is none of those that are written.
    Log(i64, bool),
    Page,
    Manifest,
    Over,
    /// Something went wrong, and nothing comes any more.
    Broken,
}

/// Where the files of a finding go.
struct Paths {
    document: Option<String>,
    fhir: String,
}

impl std::fmt::Debug for RecordExport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecordExport(•••)")
    }
}

impl From<ArchiveError> for Refusal {
    fn from(error: ArchiveError) -> Self {
        tracing::error!(%error, "a copy of everything broke off");
        Self::Internal
    }
}

impl App {
    /// Begins a copy of everything that is kept for the caller. Needs a fresh sign-in (SR-A08).
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`]; [`Refusal::TryLater`] and
    /// [`Refusal::Overloaded`] when too many are made at once.
    pub async fn export_everything(&self, call: &Call) -> Result<RecordExport, Refusal> {
        let asked = call.language;
        let (all, (resident, language)) = self
            .read_by_rules(call, move |tx, caller| {
                let scope = tx.scope::<actions::ExportEverything>(caller)?;
                require_fresh(tx, caller)?;
                let resident = caller.principal().ok_or(Refusal::Forbidden)?;
                let language = language_of(tx, caller, asked)?;
                Ok(store::everything(tx, &scope)?.beside((resident, language)))
            })
            .await?;
        let made_at = call.moment.now;
        let place = Place::take(self, resident, made_at)?;
        let todo = disclosure::list_to_owner(all).into_inner();
        let as_of = calendar::local(made_at);
        Ok(RecordExport {
            app: self.clone(),
            _place: place,
            resident,
            language,
            made_at,
            key: hex(self.log_key().as_bytes()),
            archive: Archive::new(as_of),
            page: RecordPage::new(language, self.settings().app_name.clone(), as_of),
            left_out: Vec::new(),
            findings: 0,
            entries: 0,
            todo: todo.into(),
            stage: Stage::Findings,
        })
    }
}

impl RecordExport {
    /// The next bytes of the archive; none when it is complete.
    ///
    /// # Errors
    /// When it broke off. What was sent before must then be ended in a way that cannot be taken for its end.
    pub async fn next(&mut self, call: &Call) -> Result<Option<Private<Vec<u8>>>, Refusal> {
        let mut ready = Vec::new();
        while ready.len() < ENOUGH && !matches!(self.stage, Stage::Over) {
            if self.app.clock().now().duration_since(self.made_at) >= LONGEST {
                return Err(Refusal::Overloaded { retry_after_seconds: 1 });
            }
            ready.append(&mut self.step(call).await?);
        }
        Ok((!ready.is_empty()).then(|| Private::new(ready)))
    }

    async fn step(&mut self, call: &Call) -> Result<Vec<u8>, Refusal> {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Broken) {
            Stage::Findings => self.next_finding(call).await?,
            Stage::Document(record, document, part, paths) => {
                self.document_part(call, record, document, part, paths).await?
            }
            Stage::Decisions => self.decisions(call).await?,
            Stage::LogBegin => self.log_begin(call).await?,
            Stage::Log(after, at_start) => self.log_entries(call, after, at_start).await?,
            Stage::Page => self.page()?,
            Stage::Manifest => return self.manifest(call).await,
            Stage::Over => Stage::Over,
            Stage::Broken => return Err(Refusal::Internal),
        };
        Ok(self.archive.take())
    }

    /// Opens the next finding, by a line in the log of its own.
    async fn next_finding(&mut self, call: &Call) -> Result<Stage, Refusal> {
        let Some(summary) = self.todo.pop_front() else { return Ok(Stage::Decisions) };
        if summary.state == FindingState::Recalled {
            self.page.stub(&summary);
            self.left_out.push((summary.id.to_string(), "recalled"));
            return Ok(Stage::Findings);
        }
        let id = summary.id;
        let work = self.app.read_by_rules(call, move |tx, caller| {
            let permit = tx.permit::<actions::ExportFinding>(caller, id)?;
            Ok(store::export_in_parts(tx, &permit)?)
        });
        let (record, content) = work.await?;
        let record = call.disclose(record).into_inner();
        if !record.summary.state.has_content() {
            self.page.left_out(&record.summary);
            self.left_out.push((id.to_string(), "recalled-meanwhile"));
            return Ok(Stage::Findings);
        }
        self.findings = self.findings.saturating_add(1);
        let document = content.map(Document::from);
        let paths = self.paths(&record, document.as_ref());
        match (document, &paths.document) {
            (Some(document), Some(path)) => {
                self.archive.begin(path)?;
                Ok(Stage::Document(Box::new(record), Arc::new(document), 0, paths))
            }
            (_, _) => self.finding(record, &paths).await,
        }
    }

    fn paths(&self, record: &FindingRecord, document: Option<&Document>) -> Paths {
        let summary = &record.summary;
        let title = summary.title.as_ref().map_or(summary.class.name, |title| title.reveal());
        let name = |extension| file_name(self.findings, &summary.date.to_string(), title, extension);
        Paths {
            document: document.map(|document| format!("documents/{}", name(document.media_type().extension()))),
            fhir: format!("fhir/{}", name("fhir.json")),
        }
    }

    /// One part of a document. What was taken back in the middle breaks the archive off.
    async fn document_part(
        &mut self,
        call: &Call,
        record: Box<FindingRecord>,
        document: Arc<Document>,
        part: u64,
        paths: Paths,
    ) -> Result<Stage, Refusal> {
        if part.saturating_mul(Document::PART_SIZE) < document.size() {
            let bytes = self.app.document_part(call, &document, part).await?;
            self.archive.write(bytes.reveal())?;
            return Ok(Stage::Document(record, document, part.saturating_add(1), paths));
        }
        if self.archive.end().is_none_or(|file| file.sha256 != document.sha256()) {
            tracing::error!("a stored document is not the one that was sent");
            return Err(Refusal::Internal);
        }
        self.finding(*record, &paths).await
    }

    /// A finding as FHIR, with a link to its document, and in words.
    async fn finding(&mut self, record: FindingRecord, paths: &Paths) -> Result<Stage, Refusal> {
        let to_document = paths.document.as_deref().map(link);
        let files = FindingFiles { document: to_document.as_deref(), fhir: &link(&paths.fhir) };
        self.page.finding(&record, files);
        let beside = to_document.map(|path| format!("../{path}"));
        let (resident, now) = (self.resident, self.made_at);
        let write = move || {
            let document = record.summary.document.zip(beside.as_deref());
            let beside = document.map(|(file, path)| ExportedDocument::Beside(file.media_type, path, file.size));
            bundle(&record, beside, resident, now)
        };
        let bytes = tokio::task::spawn_blocking(write).await.map_err(|_| Refusal::Internal)?;
        self.archive.add(&paths.fhir, bytes.reveal())?;
        Ok(Stage::Findings)
    }

    async fn decisions(&mut self, call: &Call) -> Result<Stage, Refusal> {
        let all = self.app.in_own_or_anothers_place(call, decisions::load).await?;
        let kept_by = self.app.settings().public_url.as_str();
        let exports: Vec<_> = all.iter().map(|decision| decision.export(self.resident, kept_by)).collect();
        self.archive.add("decisions.json", &decisions_json(&exports))?;
        for (decision, export) in all.iter().zip(&exports) {
            self.archive.add(&format!("decisions/{}.fhir.json", decision.id), &fhir_consent(export))?;
            self.page.decision(&decision.line(self.language));
        }
        if call.acts_by.is_some() {
            // What was asked to be corrected and what somebody takes part in is the person's alone, and the log cannot be verified without the entries about
            // what is closed to who takes this away.
            self.left_out.extend(
                ["corrections.json", "registrations.json", "offers.json", "questions.json", "access-log.json"]
                    .map(|file| (file.to_owned(), "taken-away-in-place")),
            );
            return Ok(Stage::Page);
        }
        let asked = self.app.as_resident(call, |tx, caller| Ok(corrections::own(tx, caller, i64::MAX)?)).await?;
        let asked: Vec<_> = asked.iter().map(correction).collect();
        self.archive.add("corrections.json", &corrections_json(&asked))?;
        let taking_part = registrations::of_caller(&self.app, call).await?;
        self.archive.add("registrations.json", taking_part.reveal())?;
        let offers = registrations::offers_of_caller(&self.app, call).await?;
        self.archive.add("offers.json", offers.reveal())?;
        let questions = self.app.questions(call).await?;
        self.archive.add("questions.json", &questions_json(&questions.iter().map(question).collect::<Vec<_>>()))?;
        Ok(Stage::LogBegin)
    }

    /// Where the log ends is read once; entries of what comes later are not in it.
    async fn log_begin(&mut self, call: &Call) -> Result<Stage, Refusal> {
        self.app.store().access_log().settle().await?;
        let language = self.language;
        let (entries, statement, begins_after, checkpoint) = self
            .app
            .as_resident(call, move |tx, caller| {
                let (entries, _) = log::own(tx, caller, &Filter::default(), None, i64::from(PAPER))?;
                let statement = log::statement(tx, caller)?;
                Ok((entries, statement, log::own_anchor(tx, caller)?, log::newest_checkpoint(tx)?))
            })
            .await?;
        for entry in entries {
            self.page.entry(&row(language, line(language, entry)));
        }
        let statement = (statement.statement.own.count, statement.statement.text(), hex(&statement.signature));
        let checkpoint = checkpoint.map(|signed| (signed.checkpoint.text(), hex(&signed.signature)));
        self.entries = statement.0;
        self.archive.begin("access-log.json")?;
        let begin = log_begin(&LogProofs {
            key: &self.key,
            begins_after: &hex(&begins_after.hash),
            statement: (&statement.1, &statement.2),
            checkpoint: checkpoint.as_ref().map(|(text, signature)| (text.as_str(), signature.as_str())),
        });
        self.archive.write(begin.as_bytes())?;
        Ok(Stage::Log(begins_after.count, true))
    }

    async fn log_entries(&mut self, call: &Call, after: i64, at_start: bool) -> Result<Stage, Refusal> {
        let page =
            self.app.as_resident(call, move |tx, caller| Ok(log::entries_of(tx, caller, after, EXPORT_PAGE)?)).await?;
        let mut at = after;
        for entry in page.into_iter().filter(|entry| entry.number <= self.entries) {
            // Pruned in the meantime: what is left does not follow what was signed.
            if entry.number != at.saturating_add(1) {
                return Err(Refusal::Overloaded { retry_after_seconds: 1 });
            }
            let is_first = at_start && at == after;
            at = entry.number;
            let text = log_entry(is_first, entry.number, entry.seq, &entry.body, &entry.hash);
            self.archive.write(text.as_bytes())?;
        }
        if at < self.entries {
            if at == after {
                return Err(Refusal::Internal);
            }
            return Ok(Stage::Log(at, false));
        }
        self.archive.write(log_end().as_bytes())?;
        Ok(Stage::Page)
    }

    fn page(&mut self) -> Result<Stage, Refusal> {
        let app_name = self.app.settings().app_name.clone();
        let as_of = calendar::local(self.made_at);
        self.archive.add("README.txt", record_readme(self.language, &app_name, as_of, &self.key).as_bytes())?;
        self.archive.begin("index.html")?;
        let page = std::mem::replace(&mut self.page, RecordPage::new(self.language, app_name, as_of));
        for piece in page.finish(self.entries, &self.key) {
            self.archive.write(piece.reveal().as_bytes())?;
        }
        Ok(Stage::Manifest)
    }

    /// The last file, signed, and with it the list that makes it an archive.
    async fn manifest(&mut self, call: &Call) -> Result<Vec<u8>, Refusal> {
        let (resident, made_at) = (self.resident.to_string(), self.made_at.to_string());
        let listing = self.archive.listing(FORMAT, &resident, &made_at);
        let signature = self
            .app
            .in_own_or_anothers_place(call, move |tx, caller| Ok(log::sign_listing(tx, caller, &listing)))
            .await?;
        let archive = std::mem::replace(&mut self.archive, Archive::new(jiff::civil::DateTime::MIN));
        let bytes = archive.finish(&Manifest {
            format: FORMAT,
            resident: &resident,
            made_at: &made_at,
            findings: self.findings,
            left_out: &self.left_out,
            key: &self.key,
            signature: &hex(&signature),
        })?;
        self.stage = Stage::Over;
        Ok(bytes)
    }
}

fn correction(asked: &Correction) -> CorrectionExport<'_> {
    CorrectionExport {
        id: asked.id,
        finding: asked.finding,
        practice: &asked.practice.name,
        stage: asked.stage,
        said: asked.said.reveal(),
        reason: asked.reason.as_ref().map(|reason| reason.reveal().as_str()),
        asked_at: asked.asked_at,
        answered_at: asked.answered_at,
    }
}

fn question(asked: &Question) -> QuestionExport<'_> {
    QuestionExport {
        id: asked.id,
        said: asked.said.reveal(),
        finding: asked.finding,
        written_at: asked.written_at,
        answered_at: asked.answered_at,
    }
}
