//! Room wishes: what people miss in the district, and searches that found nothing. The district office reads counts of months that are over,
//! by the rules of disclosure control.

mod unmet;

use jiff::{Timestamp, civil::Date};
use nahraum_domain::{calendar, ids::AreaId, network::Network, private::Private, statistics};
use nahraum_store::{
    Tx, areas,
    catalogue::{Found, Mark},
    wishes::{self as store, Wish},
};
use nahraum_texts::is_topic;

pub(crate) use self::unmet::Unmet;
use crate::{
    App, Call, Refusal,
    catalogue::AskedFilter,
    feedback::{language, one_more_voice, own_words},
    refusal::Failure,
};

/// The most texts of one month.
const TEXTS: i64 = 500;

/// What somebody misses, as it came.
#[derive(Debug)]
pub struct AskedWish {
    /// What it would be about.
    pub topic: String,
    /// Where.
    pub area: Option<String>,
    /// In which language.
    pub language: String,
    /// Their own words.
    pub text: Option<Private<String>>,
}

/// What was missed in a month that is over. What is not told is below ten, zero included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The topic; none when only an area was asked for.
    pub topic: Option<String>,
    /// The area; none when none was named.
    pub area: Option<AreaId>,
    /// How many wishes.
    pub wishes: Option<i64>,
    /// How many searches.
    pub searches: Option<i64>,
}

/// Somebody's own words about what they miss.
#[derive(Debug)]
pub struct WishText {
    /// What it would be about.
    pub topic: String,
    /// In which language.
    pub language: String,
    /// The words.
    pub text: Private<String>,
}

impl App {
    /// Takes what somebody misses. Nobody is asked who they are, and nothing is kept that leads to them.
    ///
    /// # Errors
    /// [`Refusal::Invalid`]; [`Refusal::TryLater`] when too much came from the same network today.
    pub async fn make_wish(&self, call: &Call, network: Network, asked: AskedWish) -> Result<(), Refusal> {
        let unknown_area = || Refusal::invalid("/area_id", "unknown-area", "There is no such area.");
        if !is_topic(&asked.topic) {
            return Err(Refusal::invalid("/topic", "unknown-topic", "A word of GET /v1/topics."));
        }
        let area = asked.area.map(|id| id.parse().map_err(|_| unknown_area())).transpose()?;
        let language = language("/lang", &asked.language)?;
        let wish = Wish { topic: asked.topic, area, language, text: own_words("/text", asked.text)? };
        let done: Result<(), Failure> = self
            .store()
            .write(call.moment, move |tx| {
                one_more_voice(tx, network)?;
                if store::wish(tx, &wish)? { Ok(()) } else { Err(unknown_area().into()) }
            })
            .await;
        self.settle(done).await
    }

    /// [`App::find_offers`], for a search: one that finds nothing counts for its topics in its area, and for nothing else of it.
    ///
    /// # Errors
    /// As [`App::find_offers`].
    pub async fn search_offers(
        &self,
        call: &Call,
        asked: AskedFilter,
        after: Option<Mark>,
        limit: u32,
    ) -> Result<(Vec<Found>, Option<Mark>), Refusal> {
        let (topics, area) = (asked.topics.clone(), asked.area.as_ref().and_then(|id| id.parse().ok()));
        let found = self.find_offers(call, asked, after, limit).await?;
        if after.is_none() && found.0.is_empty() {
            self.count_unmet(call, topics, area).await?;
        }
        Ok(found)
    }

    async fn count_unmet(&self, call: &Call, topics: Vec<String>, area: Option<AreaId>) -> Result<(), Refusal> {
        if let Some(area) = area {
            // What nobody loaded is no area: it must not be counted, and not fill the memory.
            if !self.public(call, move |tx| Ok(areas::is_there(tx, area)?)).await? {
                return Ok(());
            }
        }
        self.unmet().count(calendar::day(call.moment.now), topics, area);
        Ok(())
    }

    /// What was missed in a month that is over, by topic and area: only what may be told. For the district office.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::Invalid`] for a month that is not over.
    pub async fn needs(&self, call: &Call, month: &str) -> Result<Vec<Need>, Refusal> {
        let month = month.to_owned();
        self.as_district(call, move |tx| {
            require_closed(&month, tx.now())?;
            let missed = store::missed(tx, &month)?;
            let need = |((topic, area), missed): (store::Sought, store::Missed)| Need {
                topic: Some(topic).filter(|topic| !topic.is_empty()),
                area,
                wishes: statistics::published(missed.wishes),
                searches: statistics::published(missed.searches),
            };
            // A line in which nothing is told would tell that there is something.
            let told = |need: &Need| need.wishes.is_some() || need.searches.is_some();
            Ok(missed.into_iter().map(need).filter(told).collect())
        })
        .await
    }

    /// What people wrote in a month that is over, without where. For the district office.
    ///
    /// # Errors
    /// As [`App::needs`].
    pub async fn wish_texts(&self, call: &Call, month: &str) -> Result<Vec<WishText>, Refusal> {
        let month = month.to_owned();
        self.as_district(call, move |tx| {
            require_closed(&month, tx.now())?;
            let texts = store::texts(tx, &month, TEXTS)?.into_iter();
            Ok(texts.map(|(topic, language, text)| WishText { topic, language, text }).collect())
        })
        .await
    }

    async fn as_district<R: Send + 'static>(
        &self,
        call: &Call,
        work: impl for<'t> FnOnce(&mut Tx<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        self.read(
            call,
            |tx, caller| {
                if store::may_read(tx, caller)? { work(tx) } else { Err(Refusal::Forbidden.into()) }
            },
        )
        .await
    }
}

/// The month must be over: what goes on would change with each person who joins.
fn require_closed(month: &str, now: Timestamp) -> Result<(), Refusal> {
    let is_month = month.len() == 7 && format!("{month}-01").parse::<Date>().is_ok();
    if is_month && month < calendar::month(now).as_str() {
        Ok(())
    } else {
        Err(Refusal::invalid("month", "month-not-over", "A month that is over, such as 2026-10."))
    }
}
