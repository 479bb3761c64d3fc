//! Consent texts: those that come with the program, and those that the operator or the district office publishes.

use jiff::civil::Date;
use nahraum_domain::{
    consent::texts::{self as rules, NotOneVersion, NotPublished},
    ids::ConsentId,
};
use nahraum_store::{
    DatabaseError, StoreError, Tx,
    consents::{self as store, AgreedText},
};
use nahraum_texts::{
    ConsentText, Language, Origin, Review, consent_hash, consent_purposes, consent_text, consent_text_of, provenance,
};

pub use nahraum_store::consents::{Agreement, Count, Publication};

use super::{ShownText, checks};
use crate::{App, Call, Refusal, pages::cut, refusal::Failure};

/// The most paragraphs of a text.
const MOST_PARAGRAPHS: usize = 30;

/// A text as it is shown.
#[derive(Debug, Clone)]
pub struct Text {
    /// What it is for.
    pub purpose: String,
    /// Its version.
    pub version: u32,
    /// Its language.
    pub language: Language,
    /// The heading.
    pub title: String,
    /// The text.
    pub paragraphs: Vec<String>,
    /// SHA-256 of its canonical form, in lower-case hex.
    pub sha256: String,
    /// That of the German text it translates.
    pub translation_of: Option<String>,
    /// What is different from the version before.
    pub change: Option<String>,
    /// How far people have checked it: `original`, `reviewed` or `unreviewed`.
    pub review: String,
    /// When and by whom it was published; none for a text that comes with the program.
    pub publication: Option<Publication>,
}

/// A version to publish, as it comes in.
#[derive(Debug)]
pub struct NewVersion {
    /// What it is for.
    pub purpose: String,
    /// Its number.
    pub version: u32,
    /// Whether everybody who has agreed to an older one is asked again: `none` or `again`.
    pub asking: String,
    /// The last day on which a yes to an older one counts.
    pub last_day: Option<Date>,
    /// The texts.
    pub texts: Vec<NewText>,
}

/// One text of it.
#[derive(Debug)]
pub struct NewText {
    /// The language, as a tag.
    pub language: String,
    /// The heading.
    pub title: String,
    /// The text.
    pub paragraphs: Vec<String>,
    /// What is different from the version before.
    pub change: Option<String>,
    /// Whether somebody who speaks the language has checked it: `reviewed` or `unreviewed`.
    pub review: Option<String>,
}

/// The newest version for a purpose, wherever it comes from.
pub(crate) fn newest(tx: &mut Tx<'_>, purpose: &str) -> Result<Option<u32>, Failure> {
    let published = store::newest(tx, purpose)?.and_then(|version| u32::try_from(version).ok());
    Ok(published.max(consent_text(purpose, Language::De).map(|text| text.version)))
}

/// A text, in this language if it is there, in German otherwise. What was published counts before what comes with a program.
pub(crate) fn find(tx: &mut Tx<'_>, purpose: &str, version: u32, language: Language) -> Result<Option<Text>, Failure> {
    let number = i32::try_from(version).map_err(|_| Refusal::NotFound)?;
    let Some(stored) = store::text(tx, purpose, number, language.tag())? else {
        return Ok(consent_text_of(purpose, version, language).map(bundled));
    };
    let text = stored.text;
    Ok(Some(Text {
        purpose: purpose.to_owned(),
        version,
        language: Language::parse(&text.language).unwrap_or(Language::De),
        title: text.title,
        paragraphs: text.paragraphs,
        sha256: text.sha256,
        translation_of: text.translation_of,
        change: text.change,
        review: text.review,
        publication: Some(stored.publication),
    }))
}

fn bundled(text: &ConsentText) -> Text {
    let checked = provenance(text.language);
    let review = match (checked.origin, checked.review) {
        (Origin::Original, _) => Origin::Original.as_str(),
        (Origin::MachineAssisted, review @ (Review::Reviewed | Review::Unreviewed)) => review.as_str(),
    };
    Text {
        purpose: text.purpose.clone(),
        version: text.version,
        language: text.language,
        title: text.title.clone(),
        paragraphs: text.paragraphs.clone(),
        sha256: text.sha256.clone(),
        translation_of: text.translation_of.clone(),
        change: None,
        review: review.to_owned(),
        publication: None,
    }
}

/// What a client says it has shown, checked against what is published: one cannot agree to a text that does not exist, or
/// is not the newest.
pub(crate) fn agreed(tx: &mut Tx<'_>, shown: &ShownText) -> Result<AgreedText, Failure> {
    let language = Language::parse(&shown.language).ok_or(Refusal::ConsentTextUnknown)?;
    if newest(tx, &shown.purpose)? != Some(shown.version) {
        return Err(Refusal::ConsentTextUnknown.into());
    }
    let text = find(tx, &shown.purpose, shown.version, language)?;
    let text = text
        .filter(|text| text.language == language && text.sha256 == shown.sha256)
        .ok_or(Refusal::ConsentTextUnknown)?;
    Ok(AgreedText {
        purpose: text.purpose,
        version: i32::try_from(text.version).map_err(|_| Refusal::Internal)?,
        language: language.tag().to_owned(),
        sha256: text.sha256,
    })
}

/// [`agreed`], for a text that may come along with a decision about something else.
pub(crate) fn shown(tx: &mut Tx<'_>, shown: Option<&ShownText>) -> Result<Option<AgreedText>, Failure> {
    shown.map(|shown| agreed(tx, shown)).transpose()
}

impl App {
    /// The newest text of every purpose, by purpose.
    ///
    /// # Errors
    /// The database's trouble.
    pub async fn consent_texts(&self, call: &Call, language: Language) -> Result<Vec<Text>, Refusal> {
        let found: Result<Vec<Text>, Failure> = self
            .store()
            .read(call.moment, move |tx| {
                let published = store::newest_of_all(tx)?.into_iter().map(|(purpose, _)| purpose);
                let mut purposes = consent_purposes().into_iter().map(str::to_owned).collect::<Vec<_>>();
                purposes.extend(published);
                purposes.sort();
                purposes.dedup();
                let mut texts = Vec::with_capacity(purposes.len());
                for purpose in purposes {
                    let version = newest(tx, &purpose)?.ok_or(Refusal::Internal)?;
                    texts.extend(find(tx, &purpose, version, language)?);
                }
                Ok(texts)
            })
            .await;
        self.settle(found).await
    }

    /// One text: the newest version, if none is named.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn consent_text(
        &self,
        call: &Call,
        purpose: String,
        version: Option<u32>,
        language: Language,
    ) -> Result<Text, Refusal> {
        let found: Result<Text, Failure> = self
            .store()
            .read(call.moment, move |tx| {
                let version = match version {
                    Some(version) => version,
                    None => newest(tx, &purpose)?.ok_or(Refusal::NotFound)?,
                };
                Ok(find(tx, &purpose, version, language)?.ok_or(Refusal::NotFound)?)
            })
            .await;
        self.settle(found).await
    }

    /// The operator or the district office publishes a version, in all its languages at once. The sign-in must be fresh
    /// (SR-A08). Gives the German text.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`], [`Refusal::Invalid`];
    /// [`Refusal::NotNextVersion`] when somebody was faster, or a number was left out.
    pub async fn publish_consent_text(&self, call: &Call, new: NewVersion) -> Result<Text, Refusal> {
        let again = match (new.asking.as_str(), new.last_day) {
            ("none", None) => None,
            ("again", Some(day)) => Some(day),
            ("none" | "again", _) => {
                let detail = "With `again`, and only then, the last day on which an older yes counts.";
                return Err(Refusal::invalid("/old_counts_until", "invalid-day", detail));
            }
            _ => return Err(Refusal::invalid("/asking", "unknown-word", "none or again.")),
        };
        let checked = check(&new)?;
        let published = self
            .write_fresh(call, move |tx, caller| {
                store::publisher(tx, caller)?.ok_or(Refusal::Forbidden)?;
                let last =
                    newest(tx, &checked.purpose)?.map(i32::try_from).transpose().map_err(|_| Refusal::Internal)?;
                let until = rules::publish(checked.version, last, again, tx.now()).map_err(refused)?;
                let version = store::NewVersion { old_counts_until: until, ..checked.clone() };
                match store::publish(tx, caller, &version) {
                    Err(StoreError::Database(DatabaseError::Unique { .. })) => Err(Refusal::NotNextVersion.into()),
                    Err(error) => Err(error.into()),
                    Ok(()) => Ok(find(tx, &version.purpose, new.version, Language::De)?.ok_or(Refusal::Internal)?),
                }
            })
            .await?;
        let (purpose, version, asking) = (&published.purpose, published.version, &new.asking);
        tracing::info!(event = "consent_text_published", request = %call.moment.request, purpose, version, asking);
        Ok(published)
    }

    /// How many answers there are to a version, and a page of them, newest first, for whoever may publish. The newest version,
    /// if none is named.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn consent_agreements(
        &self,
        call: &Call,
        purpose: String,
        version: Option<u32>,
        before: Option<ConsentId>,
        limit: u32,
    ) -> Result<Agreements, Refusal> {
        self.read(call, move |tx, caller| {
            store::publisher(tx, caller)?.ok_or(Refusal::Forbidden)?;
            let newest = newest(tx, &purpose)?.ok_or(Refusal::NotFound)?;
            let version = version.unwrap_or(newest);
            find(tx, &purpose, version, Language::De)?.ok_or(Refusal::NotFound)?;
            let number = i32::try_from(version).map_err(|_| Refusal::NotFound)?;
            let counts = store::counts(tx, &purpose, number)?;
            let mut items = store::agreements(tx, &purpose, number, before, i64::from(limit).saturating_add(1))?;
            let next = cut(&mut items, limit).map(|last| last.id);
            Ok(Agreements { purpose, version, counts, items, next })
        })
        .await
    }
}

/// What publishers see of the answers to a version.
#[derive(Debug)]
pub struct Agreements {
    /// What it is for.
    pub purpose: String,
    /// The version.
    pub version: u32,
    /// How many of each.
    pub counts: Vec<Count>,
    /// A page of them.
    pub items: Vec<Agreement>,
    /// Where to go on.
    pub next: Option<ConsentId>,
}

fn refused(why: NotPublished) -> Refusal {
    match why {
        NotPublished::NotNext => Refusal::NotNextVersion,
        NotPublished::NobodyToAsk => Refusal::invalid("/asking", "nobody-to-ask", "A first version asks nobody again."),
        NotPublished::TooSoon => {
            let detail = "An older yes counts for at least seven more days.";
            Refusal::invalid("/old_counts_until", "too-soon", detail)
        }
    }
}

/// The version as it is stored, if its texts are in order.
fn check(new: &NewVersion) -> Result<store::NewVersion, Refusal> {
    if !rules::is_purpose(&new.purpose) {
        let detail = "2 to 40 of a-z, 0-9 and the hyphen.";
        return Err(Refusal::invalid("/purpose", "invalid-purpose", detail));
    }
    let version = i32::try_from(new.version).map_err(|_| Refusal::NotNextVersion)?;
    let told: Vec<(&str, bool)> =
        new.texts.iter().map(|text| (text.language.as_str(), text.change.is_some())).collect();
    rules::one_version(version, &told).map_err(|why| {
        let (code, detail) = match why {
            NotOneVersion::NoGerman => ("german-missing", "The German text is the binding one and has to be there."),
            NotOneVersion::Twice => ("doubled-language", "Each language once."),
            NotOneVersion::Change => {
                ("change-missing", "`change` in every language for a later version, and in none for the first.")
            }
        };
        Refusal::invalid("/texts", code, detail)
    })?;
    let german = new.texts.iter().find(|text| text.language == "de").map(|text| {
        let text = trimmed(text);
        consent_hash(&text.title, &text.paragraphs)
    });
    let texts = new.texts.iter().map(|text| check_text(text, german.as_deref())).collect::<Result<Vec<_>, _>>()?;
    Ok(store::NewVersion { purpose: new.purpose.clone(), version, old_counts_until: None, texts })
}

struct Trimmed {
    title: String,
    paragraphs: Vec<String>,
}

fn trimmed(text: &NewText) -> Trimmed {
    let paragraphs = text.paragraphs.iter().map(|paragraph| paragraph.trim().to_owned()).collect();
    Trimmed { title: text.title.trim().to_owned(), paragraphs }
}

fn check_text(text: &NewText, german: Option<&str>) -> Result<store::NewText, Refusal> {
    let language = crate::accounts::known_language("/texts", &text.language)?;
    let Trimmed { title, paragraphs } = trimmed(text);
    let sound = checks::is_line(&title, 200)
        && (1..=MOST_PARAGRAPHS).contains(&paragraphs.len())
        && paragraphs.iter().all(|paragraph| checks::is_line(paragraph, 5_000))
        && text.change.as_ref().is_none_or(|change| checks::is_line(change.trim(), 500));
    if !sound {
        // a paragraph has no line feed of its own, so that no two texts have one canonical form
        let detail =
            "A title of 1 to 200 characters, 1 to 30 paragraphs of 1 to 5000, a change of 1 to 500; no line breaks.";
        return Err(Refusal::invalid("/texts", "invalid-length", detail));
    }
    let review = match (language, text.review.as_deref()) {
        (Language::De, _) => Origin::Original.as_str(),
        (_, None | Some("unreviewed")) => Review::Unreviewed.as_str(),
        (_, Some("reviewed")) => Review::Reviewed.as_str(),
        (_, Some(_)) => return Err(Refusal::invalid("/texts", "unknown-word", "reviewed or unreviewed.")),
    };
    Ok(store::NewText {
        language: language.tag().to_owned(),
        sha256: consent_hash(&title, &paragraphs),
        translation_of: german.filter(|_| language != Language::De).map(str::to_owned),
        title,
        paragraphs,
        change: text.change.as_ref().map(|change| change.trim().to_owned()),
        review: review.to_owned(),
    })
}
