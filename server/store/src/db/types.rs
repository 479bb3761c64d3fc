//! How words of the domain are stored: ids as 16 bytes, instants as microseconds, days as text.
//!
//! The schema uses diesel's built-in SQL types only, so these work on SQLite, PostgreSQL and the multi connection alike.
//! A stored value that cannot be right is an error that names what was wrong, and never shows the value.

use std::fmt;

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::{BigInt, Binary, Text},
};
use jiff::{Timestamp, civil::Date};
use nahraum_domain::ids;

/// An id of [`nahraum_domain::ids`] in a `Binary` column: the sixteen bytes of the UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub(crate) struct Sql<T: StoredId>(pub(crate) T);

/// A kind of id that can be stored. Implemented for every id of the domain.
pub(crate) trait StoredId: Sized + fmt::Debug {
    /// The type's name, for the error about a stored value that is none.
    const NAME: &'static str;
    /// The sixteen bytes to store.
    fn to_bytes(&self) -> &[u8; 16];
    /// The id from its sixteen bytes.
    fn of_bytes(bytes: [u8; 16]) -> Self;
}

macro_rules! stored_ids {
    ($($id:ident),+ $(,)?) => {$(
        impl StoredId for ids::$id {
            const NAME: &'static str = stringify!($id);
            fn to_bytes(&self) -> &[u8; 16] {
                self.as_bytes()
            }
            fn of_bytes(bytes: [u8; 16]) -> Self {
                Self::from_bytes(bytes)
            }
        }

        impl From<ids::$id> for Sql<ids::$id> {
            fn from(id: ids::$id) -> Self {
                Self(id)
            }
        }

        impl From<Sql<ids::$id>> for ids::$id {
            fn from(stored: Sql<ids::$id>) -> Self {
                stored.0
            }
        }
    )+};
}

stored_ids! {
    ResidentId, DeviceId, OrganisationId, PracticeId, StaffId, CredentialId, PatientId, InvitationId, FindingId, BlobId, SessionId,
    ConsentId, ConsentEventId, DeviceLinkId, EncounterId, CorrectionId, QuestionId, RecommendationId, AreaId, PlaceId, OfferId, ScheduleId, OccurrenceId, RegistrationId, RecoveryId, SecurityEventId, SheetId, AccessLogId, OutboxId, KeyId, ErasureId, RequestId, PasskeyId, CeremonyId, EnrolmentId, ApprovalId, SyncPointId, ShareLinkId, LinkVisitId, FreshnessMailId, FeedbackId, WishId,
}

impl<T: StoredId, DB: Backend> ToSql<Binary, DB> for Sql<T>
where
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <[u8] as ToSql<Binary, DB>>::to_sql(self.0.to_bytes(), out)
    }
}

impl<T: StoredId, DB: Backend> FromSql<Binary, DB> for Sql<T>
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let stored = Vec::<u8>::from_sql(raw)?;
        let bytes = <[u8; 16]>::try_from(stored.as_slice())
            .map_err(|_| format!("a stored {} has {} bytes instead of 16", T::NAME, stored.len()))?;
        Ok(Self(T::of_bytes(bytes)))
    }
}

/// A moment in a `BigInt` column: microseconds since 1970-01-01T00:00:00Z, which is what PostgreSQL keeps as well.
/// What is finer is cut off (rounded towards 1970).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub(crate) struct Instant {
    at: Timestamp,
    micros: i64,
}

impl Instant {
    /// The moment, cut to microseconds.
    pub(crate) const fn timestamp(self) -> Timestamp {
        self.at
    }
}

impl From<Timestamp> for Instant {
    fn from(at: Timestamp) -> Self {
        let micros = at.as_microsecond();
        // Every timestamp, cut to microseconds, is one again.
        Self { at: Timestamp::from_microsecond(micros).unwrap_or(at), micros }
    }
}

impl From<Instant> for Timestamp {
    fn from(stored: Instant) -> Self {
        stored.at
    }
}

impl<DB: Backend> ToSql<BigInt, DB> for Instant
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.micros.to_sql(out)
    }
}

impl<DB: Backend> FromSql<BigInt, DB> for Instant
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_sql(raw)?;
        let at =
            Timestamp::from_microsecond(micros).map_err(|_| "a stored instant lies outside the years -9999 to 9999")?;
        Ok(Self { at, micros })
    }
}

/// A calendar day in a `Text` column: ISO 8601, `2026-11-22`. Sorts as text while the year has four digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub(crate) struct Day {
    date: Date,
    text: String,
}

impl Day {
    /// The day.
    pub(crate) const fn date(&self) -> Date {
        self.date
    }
}

// A day may be somebody's birthday.
impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Day(•••)")
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self { date, text: date.to_string() }
    }
}

impl From<Day> for Date {
    fn from(stored: Day) -> Self {
        stored.date
    }
}

impl<DB: Backend> ToSql<Text, DB> for Day
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.text.as_str().to_sql(out)
    }
}

impl<DB: Backend> FromSql<Text, DB> for Day
where
    String: FromSql<Text, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(raw)?;
        match text.parse::<Date>() {
            // jiff also reads what is longer than a date; one day has one spelling here.
            Ok(date) if date.to_string() == text => Ok(Self { date, text }),
            _ => Err("a stored day is not a date in the form 2026-11-22".into()),
        }
    }
}
