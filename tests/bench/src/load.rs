//! A closed loop: each connection sends the next request as soon as the last one is answered.

use std::{net::SocketAddr, sync::Barrier, thread, time::Duration};

use crate::{Outcome, Trouble, clock::Stopwatch, http::Client};

/// What to send, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
    pub(crate) duration: Duration,
    /// Sent in turn, each connection beginning at another place.
    pub(crate) requests: &'a [Vec<u8>],
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) elapsed: Duration,
    /// Of every answer, sorted.
    latencies: Vec<Duration>,
}

impl Load<'_> {
    /// Runs it. An answer that is not 200 ends it: what an error costs is not what is measured.
    pub(crate) fn run(&self) -> Outcome<Measured> {
        let begin = Barrier::new(self.connections + 1);
        let (results, elapsed) = thread::scope(|scope| {
            let begin = &begin;
            let threads: Vec<_> =
                (0..self.connections).map(|number| scope.spawn(move || self.connection(number, begin))).collect();
            begin.wait();
            let watch = Stopwatch::start();
            let results: Vec<_> = threads.into_iter().map(thread::ScopedJoinHandle::join).collect();
            (results, watch.elapsed())
        });
        let mut measured = Measured { elapsed, latencies: Vec::new() };
        for result in results {
            measured.latencies.extend(result.map_err(|_| "a connection's thread died")??);
        }
        measured.latencies.sort_unstable();
        Ok(measured)
    }

    fn connection(&self, number: usize, begin: &Barrier) -> Outcome<Vec<Duration>> {
        let mut client = Client::new(self.address);
        let connected = client.connect().map(drop).map_err(Trouble::from);
        begin.wait();
        connected?;
        let mut latencies = Vec::new();
        let first = number * self.requests.len() / self.connections;
        let (watch, mut before) = (Stopwatch::start(), Duration::ZERO);
        for request in self.requests.iter().cycle().skip(first) {
            client.exchange(request)?.expect(200)?;
            let now = watch.elapsed();
            latencies.push(now.saturating_sub(before));
            before = now;
            if now >= self.duration {
                break;
            }
        }
        Ok(latencies)
    }
}

impl Measured {
    pub(crate) const fn completed(&self) -> usize {
        self.latencies.len()
    }

    /// The latency that this share of all requests, in thousandths, did not exceed.
    pub(crate) fn quantile(&self, thousandths: usize) -> Duration {
        quantile(&self.latencies, thousandths)
    }
}

/// A quantile of sorted durations; zero when there are none.
pub(crate) fn quantile(sorted: &[Duration], thousandths: usize) -> Duration {
    let at = (sorted.len() * thousandths).div_ceil(1000).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_smallest_value_that_so_many_do_not_exceed() {
        let sorted: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(quantile(&sorted, 500), Duration::from_millis(100));
        assert_eq!(quantile(&sorted, 990), Duration::from_millis(198));
        assert_eq!(quantile(&sorted, 1000), Duration::from_millis(200));
        assert_eq!(quantile(&[], 500), Duration::ZERO);
    }
}
