//! Where requests wait for each other before they begin, so that they do not get into each other's way.

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard, OwnedSemaphorePermit, Semaphore};

use crate::Refusal;

/// How much of uploads may be in memory at once, in MiB. One file of the largest size fits twice.
const UPLOAD_MEMORY_MIB: usize = 80;

/// The gates of this process.
pub(crate) struct Gates {
    upload_memory: Arc<Semaphore>,
    publishing: Mutex<()>,
}

impl Gates {
    pub(crate) fn new() -> Self {
        Self { upload_memory: Arc::new(Semaphore::new(UPLOAD_MEMORY_MIB)), publishing: Mutex::new(()) }
    }

    /// Waits until an upload of so many MiB fits beside the others.
    pub(crate) async fn upload(&self, mib: u32) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.upload_memory).acquire_many_owned(mib).await.map_err(|_| Refusal::Internal)
    }

    /// Waits until nobody else in this process publishes. Every change of what is public draws its number from the same row: on PostgreSQL who
    /// comes second there has lost and begins anew, and under load lost until it was told to come again later.
    pub(crate) async fn publish(&self) -> MutexGuard<'_, ()> {
        self.publishing.lock().await
    }
}
