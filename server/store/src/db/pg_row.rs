//! The rows of a PostgreSQL answer, as diesel reads them.

use std::{num::NonZeroU32, ops::Range, sync::Arc, vec};

use diesel::{
    QueryResult,
    pg::{Pg, PgValue},
    row::{Field, PartialRow, Row as DieselRow, RowIndex, RowSealed},
};
use tokio_postgres::{
    Row,
    types::{FromSql, Type},
};

/// All rows of one answer.
pub(crate) struct WireRows {
    rows: vec::IntoIter<Row>,
    /// The types of the columns, which diesel asks for with every value.
    oids: Arc<[NonZeroU32]>,
}

impl WireRows {
    pub(super) fn new(rows: Vec<Row>) -> Self {
        let columns = rows.first().map(Row::columns).unwrap_or_default();
        // A column without a type does not occur in the protocol; OID 1 stands for none of diesel's types.
        let oids = columns.iter().map(|column| NonZeroU32::new(column.type_().oid()).unwrap_or(NonZeroU32::MIN));
        Self { oids: oids.collect(), rows: rows.into_iter() }
    }
}

impl Iterator for WireRows {
    type Item = QueryResult<WireRow>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        Some(Ok(WireRow { row, oids: Arc::clone(&self.oids) }))
    }
}

/// One row.
pub(crate) struct WireRow {
    row: Row,
    oids: Arc<[NonZeroU32]>,
}

/// One value of a row.
pub(crate) struct WireField<'a> {
    row: &'a WireRow,
    index: usize,
}

/// The bytes of a value, whatever its type.
struct Bytes<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Bytes<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl RowSealed for WireRow {}

impl RowIndex<usize> for WireRow {
    fn idx(&self, index: usize) -> Option<usize> {
        (index < self.row.len()).then_some(index)
    }
}

impl<'a> RowIndex<&'a str> for WireRow {
    fn idx(&self, name: &'a str) -> Option<usize> {
        self.row.columns().iter().position(|column| column.name() == name)
    }
}

impl<'a> DieselRow<'a, Pg> for WireRow {
    type Field<'b>
        = WireField<'b>
    where
        Self: 'b,
        'a: 'b;
    type InnerPartialRow = Self;

    fn field_count(&self) -> usize {
        self.row.len()
    }

    fn get<'b, I>(&'b self, index: I) -> Option<Self::Field<'b>>
    where
        'a: 'b,
        Self: RowIndex<I>,
    {
        let index = self.idx(index)?;
        Some(WireField { row: self, index })
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self::InnerPartialRow> {
        PartialRow::new(self, range)
    }
}

impl<'a> Field<'a, Pg> for WireField<'a> {
    fn field_name(&self) -> Option<&str> {
        self.row.row.columns().get(self.index).map(tokio_postgres::Column::name)
    }

    fn value(&self) -> Option<PgValue<'_>> {
        // Cannot fail: the index was checked, and `Bytes` takes every type.
        let Bytes(raw) = self.row.row.try_get::<_, Option<Bytes<'_>>>(self.index).ok()??;
        Some(PgValue::new(raw, self.row.oids.get(self.index)?))
    }
}
