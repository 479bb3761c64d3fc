//! A body on its way in, with a deadline: nobody may hold a connection by sending slowly (SR-I08).

use std::{
    fmt, io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{error::PayloadError, web::Bytes};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use crate::problem::Failure;

/// How long a body may take in all.
const TOTAL: Duration = Duration::from_secs(120);
/// How long nothing may come.
const IDLE: Duration = Duration::from_secs(20);
/// How long nothing may come of a body that is only thrown away.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a body may take before its average counts.
const START: Duration = Duration::from_secs(10);
/// The slowest average, in bytes per second.
const SLOWEST: u64 = 1024;

/// A body that must not be larger than its limit nor arrive more slowly than 1 KiB/s. Its errors are those of
/// actix-web, so that its readers can be used; [`failure_of_payload`] makes problems of them.
pub(crate) struct Paced<S> {
    body: S,
    limit: u64,
    received: u64,
    began: Instant,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Paced<S> {
    /// A body of at most `limit` bytes. The clock runs from here; it is the runtime's timer, not the Clock port, which
    /// knows no waiting.
    pub(crate) fn new(body: S, limit: u64) -> Self {
        let began = Instant::now();
        let first = began.checked_add(START).unwrap_or(began);
        Self { body, limit, received: 0, began, deadline: Box::pin(sleep_until(first)) }
    }

    /// Reads on and throws away, up to `most` bytes more and as long as they keep coming. Many clients look for an
    /// answer only after they have sent everything; one that is hung up on in the middle never learns why.
    pub(crate) async fn discard(&mut self, most: u64)
    where
        S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    {
        self.limit = self.received.saturating_add(most);
        while let Ok(Some(Ok(_))) = timeout(PATIENCE, self.next()).await {}
    }

    /// When the next bytes must be there: the earliest of idle, average and total.
    fn next_deadline(&self) -> Instant {
        let earned = START.saturating_add(Duration::from_secs(self.received / SLOWEST));
        let average = self.began.checked_add(earned.min(TOTAL));
        let idle = Instant::now().checked_add(IDLE);
        average.into_iter().chain(idle).min().unwrap_or(self.began)
    }
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for Paced<S> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        match Pin::new(&mut this.body).poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => {
                this.received = this.received.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                if this.received > this.limit {
                    return Poll::Ready(Some(Err(PayloadError::Overflow)));
                }
                let next = this.next_deadline();
                this.deadline.as_mut().reset(next);
                // a body that trickles in without a pause still has to keep the average
                if this.deadline.as_mut().poll(context).is_ready() { too_slow() } else { Poll::Ready(Some(Ok(chunk))) }
            }
            Poll::Ready(ended) => Poll::Ready(ended),
            Poll::Pending if this.deadline.as_mut().poll(context).is_ready() => too_slow(),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S> fmt::Debug for Paced<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Paced({} of {} bytes)", self.received, self.limit)
    }
}

fn too_slow() -> Poll<Option<Result<Bytes, PayloadError>>> {
    Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))))
}

/// The problem of a body that did not arrive. `limit` is the one it was read with.
pub(crate) fn failure_of_payload(error: &PayloadError, limit: u64) -> Failure {
    if matches!(error, PayloadError::Overflow) {
        Failure::too_large(limit)
    } else if matches!(error, PayloadError::Io(error) if error.kind() == io::ErrorKind::TimedOut) {
        Failure::of("too-slow")
    } else if matches!(error, PayloadError::UnknownLength | PayloadError::EncodingCorrupted) {
        Failure::of("malformed-request")
    } else {
        // the client is gone, or its frames are broken: nobody will read this
        Failure::of("body-incomplete")
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    /// `count` chunks of `size` bytes, one every `pause`.
    fn body(count: usize, size: usize, pause: Duration) -> impl Stream<Item = Result<Bytes, PayloadError>> + Unpin {
        Box::pin(stream::iter(0..count).then(move |_| async move {
            tokio::time::sleep(pause).await;
            Ok(Bytes::from(vec![b'x'; size]))
        }))
    }

    async fn read(paced: Paced<impl Stream<Item = Result<Bytes, PayloadError>> + Unpin>) -> Result<u64, &'static str> {
        let limit = paced.limit;
        let mut paced = paced;
        let mut total = 0;
        while let Some(chunk) = paced.next().await {
            total += u64::try_from(chunk.map_err(|e| failure_of_payload(&e, limit).code())?.len()).unwrap();
        }
        Ok(total)
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_steady_body_arrives() {
        assert_eq!(read(Paced::new(body(100, 1100, SECOND), 1 << 20)).await, Ok(110_000));
        assert_eq!(read(Paced::new(body(0, 0, SECOND), 10)).await, Ok(0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_trickle_a_pause_and_an_endless_body_end() {
        assert_eq!(read(Paced::new(body(1000, 100, SECOND), 1 << 20)).await, Err("too-slow"));
        assert_eq!(read(Paced::new(body(3, 100_000, 21 * SECOND), 1 << 20)).await, Err("too-slow"));
        assert_eq!(read(Paced::new(body(2, 100_000, 19 * SECOND), 1 << 20)).await, Err("too-slow"), "nothing at first");
        assert_eq!(read(Paced::new(body(130, 10_000, SECOND), 1 << 24)).await, Err("too-slow"), "120 s in all");
    }

    #[tokio::test(start_paused = true)]
    async fn the_limit_is_a_limit() {
        assert_eq!(read(Paced::new(body(4, 25, SECOND), 100)).await, Ok(100));
        assert_eq!(read(Paced::new(body(4, 25, SECOND), 99)).await, Err("too-large"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_is_read_as_long_as_it_comes() {
        let mut coming = Paced::new(body(20, 100_000, SECOND), 10);
        coming.discard(1 << 30).await;
        assert_eq!(coming.received, 2_000_000);
        let mut enough = Paced::new(body(20, 100_000, SECOND), 10);
        enough.discard(250_000).await;
        assert_eq!(enough.received, 300_000);
        let began = Instant::now();
        Paced::new(body(20, 100_000, 9 * SECOND), 10).discard(1 << 30).await;
        assert!(began.elapsed() < 3 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_disappears_is_a_clean_error() {
        let gone = stream::iter([Ok(Bytes::from_static(b"{")), Err(PayloadError::Incomplete(None))]);
        assert_eq!(read(Paced::new(gone, 100)).await, Err("body-incomplete"));
    }
}
