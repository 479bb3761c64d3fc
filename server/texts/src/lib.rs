//! Words for people: every sentence the server says, in every language it speaks.
//!
//! The words are data (`data/*.toml`, one file a language, German first; what laboratory values are stands in
//! `glossary/*.json`); this crate only chooses and fills them in.
//! Nothing here decides anything. Titles of API problems live with the API, not here.

mod access_log;
mod catalogue;
mod checks;
mod consent;
mod glossary;
mod html;
mod lab;
mod language;
mod language_names;
mod offers;
mod record;
mod security;
mod summary;
mod topics;
mod withdrawals;
mod words;

pub use access_log::{AccessLine, ActorKind, LogSheetTexts, access_sentence, basis_sentence, log_sheet_texts};
pub use catalogue::{Origin, Provenance, Review, provenance};
pub use checks::{CheckMail, CheckTexts, check_mail, check_texts, unconfirmed_notice};
pub use consent::{BASE_PURPOSE, ConsentText, consent_hash, consent_purposes, consent_text, consent_text_of};
pub use glossary::{
    GlossaryEdition, GlossaryEntry, GlossaryGroup, glossary_edition, glossary_entries, glossary_entry, glossary_groups,
};
pub use html::escape_html;
pub use lab::{LabTexts, lab_texts, place_text, status_text};
pub use language::{Direction, Language, accepted};
pub use language_names::language_name;
pub use offers::{appointment, interpreter, machine_notice, stale_notice};
pub use record::{RecordTexts, record_texts};
pub use security::{SheetTexts, security_sentence, sheet_texts};
pub use summary::{SummaryTexts, summary_texts};
pub use topics::{Topic, is_topic, topics};
pub use withdrawals::consequence_sentence;
pub use words::{
    Banner, Mail, SlipTexts, banner, fill, isolate, kind_label, localize_digits, long_date, notice_mail, slip_texts,
    update_sentence,
};
