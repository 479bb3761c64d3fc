//! `nahraum keys …`: the inventory, the rotation, the erasure of a resident; and what a restored database must forget.

use std::fmt::Write as _;

use nahraum_app::Refusal;
use nahraum_domain::ids::{ApprovalId, ResidentId};
use nahraum_secrets::inventory;
use nahraum_store::KeyStock;

use crate::{
    cli::KeysCommand,
    operator::{house, say},
    wiring::{House, Trouble},
};

/// Does what was asked.
///
/// # Errors
/// When a database is not there or refuses.
pub(crate) fn run(command: KeysCommand, environment: &[(String, String)]) -> Result<(), Trouble> {
    match command {
        KeysCommand::List { config } => say(page(&house(&config, environment)?.ground.store.key_stock()?).trim_end()),
        KeysCommand::Rotate { batch, config } => rotate(&house(&config, environment)?, batch),
        KeysCommand::Destroy { resident, approval, config } => {
            destroy(&house(&config, environment)?, resident, approval)
        }
    }
}

/// The kinds of keys, from the code, and what lies in the key store.
fn page(stock: &KeyStock) -> String {
    let mut page = String::from("Kinds of keys:\n");
    for key in inventory() {
        line(&mut page, format_args!("  {:<26} {:<32} {}", key.name, key.origin, key.use_for));
    }
    page.push_str("\nKey encryption keys in the key store:\n");
    for kek in &stock.keks {
        let destroyed = kek.destroyed_at.map_or(String::new(), |at| format!("  destroyed {at:.0}"));
        let (id, state, made, keys) = (kek.id, kek.state.as_str(), kek.created_at, kek.keys);
        line(&mut page, format_args!("  {id}  {state:<12}  {keys:>8} keys  made {made:.0}{destroyed}"));
    }
    page.push_str("\nSubject keys:\n");
    for (kind, count) in stock.subjects {
        line(&mut page, format_args!("  {kind:<10} {count:>8}"));
    }
    line(&mut page, format_args!("\nErased residents in the ledger: {}", stock.erased));
    page
}

fn line(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ok = writeln!(page, "{text}").is_ok();
}

fn rotate(house: &House, batch: i64) -> Result<(), Trouble> {
    let now = house.moment().now;
    let rotation = house.ground.store.begin_key_rotation(now)?;
    tracing::info!(key = %rotation.to, resumed = rotation.resumed, "a key encryption key takes over");
    let mut keys = 0;
    loop {
        match house.ground.store.rotate_some_keys(batch)? {
            0 => break,
            some => keys += some,
        }
    }
    let destroyed = house.ground.store.end_key_rotation(house.moment().now)?;
    tracing::info!(key = %rotation.to, keys, destroyed, "the rotation is complete");
    let again = if rotation.resumed { " (going on with a rotation that had not ended)" } else { "" };
    say(&format!("{} has taken over {keys} keys{again}; destroyed: {destroyed}.", rotation.to))
}

fn destroy(house: &House, resident: ResidentId, approval: ApprovalId) -> Result<(), Trouble> {
    let was_there = match house.app.operator_erase_resident(resident, approval) {
        Err(Refusal::StateConflict) => {
            return Err(Trouble::Failed(format!(
                "no second person has agreed to the erasure of {resident} with the approval {approval} within the last half \
                 hour, or it was used; nothing was done"
            )));
        }
        other => other?,
    };
    tracing::info!(%resident, %approval, was_there, "a resident was erased");
    say(if was_there {
        "Erased: the key is destroyed, and everything that was stored is gone."
    } else {
        "There is no such resident in the database; the ledger remembers the id all the same."
    })
}

/// Erases again whom a restored database brought back.
///
/// # Errors
/// The databases' trouble: then it is better not to start.
pub(crate) fn replay_erasures(house: &House) -> Result<(), Trouble> {
    let erased = house.app.replay_erasures()?;
    if erased > 0 {
        tracing::warn!(erased, "a restored database held residents who had been erased; they are erased again");
    }
    Ok(())
}
