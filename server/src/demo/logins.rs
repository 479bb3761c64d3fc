//! The passwords of the demo's people, hashed.

use std::sync::Arc;

use nahraum_secrets::{HashError, PasswordHash, Secret, SecretKind};
use tokio::task::JoinSet;

use super::{district::DISTRICT, seed_error::SeedError};
use crate::wiring::House;

/// The passwords of everyone who works in the district, hashed: as many at once as the hasher can.
pub(super) async fn hash_passwords(house: &House) -> Result<Vec<(&'static str, PasswordHash)>, SeedError> {
    let mut tasks = JoinSet::new();
    for person in DISTRICT.staff() {
        let hasher = Arc::clone(&house.ground.hasher);
        tasks.spawn(async move {
            let hash = hasher.hash(SecretKind::Password, Secret::new(person.password)).await?;
            Ok::<_, HashError>((person.login, hash))
        });
    }
    let mut hashes = Vec::new();
    while let Some(done) = tasks.join_next().await {
        hashes.push(done??);
    }
    Ok(hashes)
}
