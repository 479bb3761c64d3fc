//! Deciding anew what the rules of residents opened, when they change while it is written down.

use nahraum_store::{NotLogged, Sealed};

use crate::{App, Refusal};

/// How often something is decided anew when the rules change while it is written down.
const TRIES: u32 = 4;

impl App {
    /// Reads by rules of residents. When they change before that is written down, it is decided anew.
    pub(crate) async fn decide_anew<R>(
        &self,
        read: impl AsyncFn() -> Result<Sealed<R>, Refusal>,
    ) -> Result<R, Refusal> {
        let mut last = Refusal::Internal;
        for _ in 0..TRIES {
            let sealed = read().await?;
            match sealed.unseal(self.store().access_log()).await {
                Ok(value) => return Ok(value),
                Err(error @ NotLogged::Stale) => last = error.into(),
                Err(error @ NotLogged::Unavailable) => return Err(error.into()),
            }
        }
        Err(last)
    }
}
