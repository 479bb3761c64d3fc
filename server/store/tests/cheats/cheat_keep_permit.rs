//! A permit carried out of its unit of work, to be used when the facts have changed.
use nahraum_domain::ids::FindingId;
use nahraum_store::sessions::Presented;
use nahraum_store::{Moment, Store, StoreError, actions, sessions};

async fn keep(store: &Store, moment: Moment, token: Presented, id: FindingId) {
    let kept: Result<_, StoreError> = store
        .read(moment, move |tx| {
            let caller = sessions::authenticate(tx, &token)?;
            tx.permit::<actions::OpenFinding>(&caller, id)
        })
        .await;
    drop(kept);
}

fn main() {}
