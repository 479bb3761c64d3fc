//! Values: what was stored comes back, and what cannot be right is named.

use diesel::{connection::SimpleConnection as _, prelude::*};
use jiff::{Timestamp, civil::date};
use nahraum_domain::ids::{FindingId, PatientId};

use super::{
    super::{
        types::{Day, Instant, Sql},
        *,
    },
    Sample, both,
};

diesel::table! {
    samples (id) {
        id -> Binary,
        patient -> Nullable<Binary>,
        at -> BigInt,
        ended -> Nullable<BigInt>,
        born -> Text,
        died -> Nullable<Text>,
        count -> Integer,
        done -> Bool,
        bytes -> Binary,
    }
}

#[derive(Debug, Clone, PartialEq, Queryable, Insertable, Selectable)]
#[diesel(table_name = samples, treat_none_as_default_value = false)]
struct SampleRow {
    id: Sql<FindingId>,
    patient: Option<Sql<PatientId>>,
    at: Instant,
    ended: Option<Instant>,
    born: Day,
    died: Option<Day>,
    count: i32,
    done: bool,
    bytes: Vec<u8>,
}

fn sample_row(n: u8) -> SampleRow {
    SampleRow {
        id: Sql(FindingId::from_bytes([n; 16])),
        patient: n.is_multiple_of(2).then_some(Sql(PatientId::from_bytes([n; 16]))),
        at: Timestamp::from_microsecond(1_795_000_000_123_456 + i64::from(n)).unwrap().into(),
        ended: n.is_multiple_of(2).then_some(Timestamp::MIN.into()),
        born: date(1952, 2, 29).into(),
        died: n.is_multiple_of(2).then_some(date(2026, 11, 22).into()),
        count: i32::from(n),
        done: n % 2 == 1,
        bytes: vec![n; 70_000],
    }
}

fn create_samples(sample: &Sample) {
    let bytes = if sample.is_postgres() { "BYTEA" } else { "BLOB" };
    let sql = format!(
        "CREATE TABLE samples (id {bytes} PRIMARY KEY, patient {bytes}, at BIGINT NOT NULL, ended BIGINT, \
         born TEXT NOT NULL, died TEXT, count INTEGER NOT NULL, done BOOLEAN NOT NULL, bytes {bytes} NOT NULL)"
    );
    sample.db.write(|c| Ok::<_, DatabaseError>(c.batch_execute(&sql)?)).unwrap();
}

#[test]
fn values_come_back_as_they_were() {
    for sample in &both() {
        create_samples(sample);
        let rows: Vec<SampleRow> = (1..=5).map(sample_row).collect();
        sample
            .db
            .write(|c| {
                diesel::insert_into(samples::table).values(rows[0].clone()).execute(c)?;
                // Many rows at once.
                each!(c, |c| diesel::insert_into(samples::table).values(&rows[1..]).execute(c))?;
                Ok::<_, DatabaseError>(())
            })
            .unwrap();
        let (first, rest, found, days) = sample
            .db
            .read(|c| {
                let first = samples::table.find(rows[0].id).select(SampleRow::as_select()).first(c)?;
                let rest: Vec<SampleRow> = samples::table
                    .filter(samples::at.gt(rows[0].at).and(samples::born.eq(&rows[0].born)))
                    .order(samples::id)
                    .load(c)?;
                let ids: Vec<Sql<FindingId>> = vec![rows[1].id, rows[4].id];
                let found: i64 = samples::table.filter(samples::id.eq_any(ids)).count().get_result(c)?;
                let days: Vec<Option<Day>> = samples::table.select(samples::died).order(samples::id).load(c)?;
                Ok::<_, DatabaseError>((first, rest, found, days))
            })
            .unwrap();
        assert_eq!(first, rows[0]);
        assert_eq!(rest, rows[1..]);
        assert_eq!(found, 2);
        assert_eq!(days, rows.iter().map(|row| row.died.clone()).collect::<Vec<_>>());
        assert_eq!(rest[0].at.timestamp().as_microsecond(), 1_795_000_000_123_458);
        assert_eq!(format!("{:?}", rest[0].born), "Day(•••)");
    }
}

#[test]
fn a_wrong_stored_value_is_named_and_not_shown() {
    for sample in &both() {
        create_samples(sample);
        let hex = |bytes: &str| if sample.is_postgres() { format!("'\\x{bytes}'") } else { format!("x'{bytes}'") };
        let wrong = format!(
            "INSERT INTO samples VALUES ({}, NULL, 9223372036854775807, NULL, '1952-02-30', NULL, 1, TRUE, {})",
            hex("00112233"),
            hex("")
        );
        sample.db.write(|c| Ok::<_, DatabaseError>(c.batch_execute(&wrong)?)).unwrap();
        let cause = |error: DatabaseError| {
            let DatabaseError::Corrupt(cause) = error else { panic!("{error:?}") };
            cause.to_string()
        };
        let read = &sample.db;
        let id = read.read(|c| Ok(samples::table.select(samples::id).first::<Sql<FindingId>>(c)?));
        assert!(cause(id.unwrap_err()).contains("a stored FindingId has 4 bytes instead of 16"));
        let at = read.read(|c| Ok(samples::table.select(samples::at).first::<Instant>(c)?));
        assert!(cause(at.unwrap_err()).contains("a stored instant lies outside"));
        let born = read.read(|c| Ok(samples::table.select(samples::born).first::<Day>(c)?));
        let born = cause(born.unwrap_err());
        assert!(born.contains("a stored day is not a date") && !born.contains("1952"), "{born}");
    }
}
