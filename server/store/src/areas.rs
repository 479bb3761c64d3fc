//! Room areas: districts, quarters, postcodes, by the keys of their own schemes. Everybody may know them.

use diesel::{insert_into, prelude::*, update};
use nahraum_domain::ids::AreaId;

use crate::{
    access::{System, Tx},
    db::types::Sql,
    error::StoreError,
    schema::areas as rows,
};

/// An area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// The area.
    pub id: AreaId,
    /// Whose key it is: `ags8`, `plz`, `custom`, …
    pub scheme: String,
    /// Its key there.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// The area it is a part of.
    pub parent: Option<AreaId>,
    /// How many live there.
    pub population: Option<i32>,
}

type Row = (Sql<AreaId>, String, String, String, Option<Sql<AreaId>>, Option<i32>);

/// All areas, by scheme and key.
///
/// # Errors
/// The database's.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Area>, StoreError> {
    let found: Vec<Row> = rows::table
        .order((rows::scheme, rows::key))
        .select((rows::id, rows::scheme, rows::key, rows::name, rows::parent_id, rows::population))
        .load(tx.conn())?;
    let read = |(id, scheme, key, name, parent, population): Row| Area {
        id: id.0,
        scheme,
        key,
        name,
        parent: parent.map(|id| id.0),
        population,
    };
    Ok(found.into_iter().map(read).collect())
}

/// Whether there is an area.
///
/// # Errors
/// The database's.
pub fn is_there(tx: &mut Tx<'_>, id: AreaId) -> Result<bool, StoreError> {
    let found: i64 = rows::table.find(Sql(id)).count().get_result(tx.conn())?;
    Ok(found > 0)
}

/// Adds an area that is part of no other one.
///
/// # Errors
/// The database's; [`crate::DatabaseError::Unique`] when it is there.
pub fn add(tx: &mut Tx<'_>, _system: &System, scheme: &str, key: &str, name: &str) -> Result<AreaId, StoreError> {
    let id = tx.new_id(AreaId::new);
    insert_into(rows::table)
        .values((rows::id.eq(Sql(id)), rows::scheme.eq(scheme), rows::key.eq(key), rows::name.eq(name)))
        .execute(tx.conn())?;
    Ok(id)
}

/// Says what an area is called, what it is a part of, and how many live there.
///
/// # Errors
/// The database's.
pub fn change(
    tx: &mut Tx<'_>,
    _system: &System,
    id: AreaId,
    name: &str,
    parent: Option<AreaId>,
    population: Option<i32>,
) -> Result<(), StoreError> {
    update(rows::table.find(Sql(id)))
        .set((rows::name.eq(name), rows::parent_id.eq(parent.map(Sql)), rows::population.eq(population)))
        .execute(tx.conn())?;
    Ok(())
}
