//! Both engines end in the same schema: same tables, columns, types, nullability, keys and indexes. A twin that was
//! forgotten or mistyped fails here and not in a practice.

use std::collections::BTreeSet;

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};

use super::{Sample, both, both_of};
use crate::db::{Conn, DatabaseError, Schema};

/// One fact about the schema, as a line that reads the same for both engines.
#[derive(QueryableByName)]
struct Fact {
    #[diesel(sql_type = Text)]
    fact: String,
}

const SQLITE: [&str; 3] = [
    // `TEXT` keys of SQLite may be null unless they say otherwise; ours do, or are STRICT primary keys.
    "SELECT m.name || '.' || c.name || ' ' || lower(c.type) || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN ' not null' \
     ELSE '' END || CASE WHEN c.pk > 0 THEN ' key' || c.pk ELSE '' END AS fact \
     FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' \
     AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
    "SELECT m.name || ' (' || (SELECT group_concat(name, ',') FROM (SELECT i.name FROM pragma_index_info(l.name) i \
     ORDER BY i.seqno)) || ')' || CASE WHEN l.\"unique\" = 1 THEN ' unique' ELSE '' END AS fact \
     FROM sqlite_master m JOIN pragma_index_list(m.name) l WHERE m.type = 'table' AND l.origin <> 'pk' \
     AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
    "SELECT m.name || '.' || f.\"from\" || ' -> ' || f.\"table\" || '.' || f.\"to\" AS fact \
     FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
];

const POSTGRES: [&str; 3] = [
    "SELECT c.table_name || '.' || c.column_name || ' ' || CASE c.data_type WHEN 'bytea' THEN 'blob' \
     WHEN 'bigint' THEN 'integer' ELSE c.data_type END || CASE c.is_nullable WHEN 'NO' THEN ' not null' ELSE '' END || \
     coalesce((SELECT ' key' || k.ordinal_position FROM information_schema.key_column_usage k \
     JOIN information_schema.table_constraints t USING (constraint_name, table_schema) \
     WHERE t.constraint_type = 'PRIMARY KEY' AND k.table_name = c.table_name AND k.column_name = c.column_name), '') AS fact \
     FROM information_schema.columns c WHERE c.table_schema = 'public' AND c.table_name NOT LIKE '\\_\\_%'",
    "SELECT t.relname || ' (' || (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY \
     AS k(att, n) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.att) || ')' || \
     CASE WHEN i.indisunique THEN ' unique' ELSE '' END AS fact \
     FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace s ON s.oid = t.relnamespace \
     WHERE s.nspname = 'public' AND NOT i.indisprimary AND t.relname NOT LIKE '\\_\\_%'",
    "SELECT c.conrelid::regclass || '.' || a.attname || ' -> ' || c.confrelid::regclass || '.' || b.attname AS fact \
     FROM pg_constraint c CROSS JOIN unnest(c.conkey, c.confkey) AS k(own, theirs) \
     JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own \
     JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.theirs WHERE c.contype = 'f'",
];

fn reflect(conn: &mut Conn) -> Result<BTreeSet<String>, DatabaseError> {
    let queries = match conn {
        Conn::Sqlite(_) => SQLITE,
        Conn::Postgres(_) => POSTGRES,
    };
    let mut facts = BTreeSet::new();
    for query in queries {
        let rows: Vec<Fact> = match conn {
            Conn::Sqlite(c) => sql_query(query).load(c)?,
            Conn::Postgres(c) => sql_query(query).load(c)?,
        };
        facts.extend(rows.into_iter().map(|row| row.fact));
    }
    Ok(facts)
}

#[test]
fn both_engines_end_in_the_same_schema() {
    alike(&both(), "findings.id blob not null key1");
}

#[test]
fn both_engines_end_in_the_same_key_store() {
    alike(&both_of(Schema::Keys), "subject_keys.key_wrapped blob not null");
}

fn alike(samples: &[Sample], known: &str) {
    let schemas: Vec<BTreeSet<String>> = samples.iter().map(|sample| sample.db.read(reflect).unwrap()).collect();
    let Some((sqlite, others)) = schemas.split_first() else { panic!("no engine") };
    assert!(sqlite.iter().any(|fact| fact.starts_with(known)), "{sqlite:#?}");
    for postgres in others {
        let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
        assert_eq!((only(sqlite, postgres), only(postgres, sqlite)), (Vec::new(), Vec::new()));
    }
}
