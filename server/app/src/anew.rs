//! Deciding anew what the rules of residents opened, when they change while it is written down.

use nahraum_store::{Caller, NotLogged, Sealed, Tx};

use crate::{App, Call, Refusal, refusal::Failure};

/// How often something is decided anew when the rules change while it is written down.
const TRIES: u32 = 4;

impl App {
    /// Reads what residents have opened. When their rules change before that is written down, it is decided anew: what was
    /// taken back in the meantime is not shown, however far the reading had come.
    pub(crate) async fn read_by_rules<R: Send + 'static>(
        &self,
        call: &Call,
        work: impl for<'t> Fn(&mut Tx<'t>, &Caller<'t>) -> Result<Sealed<R>, Failure> + Clone + Send + 'static,
    ) -> Result<R, Refusal> {
        // Not by `decide_anew`: what an async closure borrows cannot be shown to be `Send` for every lifetime, and tasks wait for this.
        let mut last = Refusal::Internal;
        for _ in 0..TRIES {
            match self.shown(self.read(call, work.clone()).await?).await? {
                Ok(value) => return Ok(value),
                Err(stale) => last = stale,
            }
        }
        Err(last)
    }

    /// [`App::read_by_rules`], for somebody who is known in another way than by a credential.
    pub(crate) async fn decide_anew<R>(
        &self,
        read: impl AsyncFn() -> Result<Sealed<R>, Refusal>,
    ) -> Result<R, Refusal> {
        let mut last = Refusal::Internal;
        for _ in 0..TRIES {
            match self.shown(read().await?).await? {
                Ok(value) => return Ok(value),
                Err(stale) => last = stale,
            }
        }
        Err(last)
    }

    /// What was read; or, inside, that it has to be decided anew.
    async fn shown<R>(&self, sealed: Sealed<R>) -> Result<Result<R, Refusal>, Refusal> {
        match sealed.unseal(self.store().access_log()).await {
            Ok(value) => Ok(Ok(value)),
            Err(error @ NotLogged::Stale) => Ok(Err(error.into())),
            Err(error @ NotLogged::Unavailable) => Err(error.into()),
        }
    }
}
