//! Background jobs: threads that send notices and sweep, without a person asking. What they do stands in
//! [`nahraum_app::jobs`]; here is only when. Waiting is real time; what is due is decided by the application's clock.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use nahraum_app::{App, Mailer, Pusher, Refusal, jobs::NoticeWords};

use crate::{audit, tls::Served};

/// How often the outbox and the phones to be woken are looked at.
const OUTBOX: Duration = Duration::from_secs(1);

/// How often what is over is swept away.
const SWEEP: Duration = Duration::from_secs(60);

/// How often phones are looked at whose registration ends soon.
const REMINDERS: Duration = Duration::from_secs(60);

/// How often somebody looks who has to be asked about a new text, and what has run out.
const TEXTS: Duration = Duration::from_secs(5);

/// How often somebody looks whether the dates of offers have to be written on.
const DATES: Duration = Duration::from_secs(5);

/// How often somebody looks what nobody has confirmed.
const FRESHNESS: Duration = Duration::from_secs(5);

/// How often somebody looks whether a day is over whose searches have to be added up.
const NEEDS: Duration = Duration::from_secs(5);

/// How often somebody looks whether an offered place has run out, or somebody has to be reminded.
const PLACES: Duration = Duration::from_secs(5);

/// How often the access log is tended.
const LOG: Duration = Duration::from_secs(5);

/// How often the files of the certificate are looked at.
const CERTIFICATE: Duration = Duration::from_secs(4);

/// How often the end of the access log is signed.
const CHECKPOINT: Duration = Duration::from_secs(60 * 60);

/// How long the end of a running round is waited for. What was cut off is done again after the next start: a notice
/// has the same Message-ID then.
const PATIENCE: Duration = Duration::from_secs(5);

/// What leaves the server by itself, where the operator lets it.
pub(crate) struct WaysOut {
    /// Mail.
    pub(crate) mailer: Option<Arc<dyn Mailer>>,
    /// Pushes.
    pub(crate) pusher: Option<Arc<dyn Pusher>>,
}

/// The threads that work beside the server.
pub(crate) struct Jobs(Vec<Job>);

struct Job {
    /// Dropping it ends the wait.
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Jobs {
    /// Starts them. Without a mailer no mail is sent, and at most one notice waits for each resident. `served` is the
    /// certificate, when the server ends TLS.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(crate) fn start(
        app: &App,
        data_dir: &Path,
        served: Option<Arc<Served>>,
        out: WaysOut,
        words: NoticeWords,
    ) -> io::Result<Self> {
        let (sweeper, keeper, signer, folder) = (app.clone(), app.clone(), app.clone(), data_dir.to_owned());
        let (reminder, asker, writer, checker) = (app.clone(), app.clone(), app.clone(), app.clone());
        let WaysOut { mailer, pusher } = out;
        let (adder, host, can_mail) = (app.clone(), app.clone(), mailer.is_some());
        let mut jobs = vec![
            Job::start("sweep", SWEEP, move || sweeper.sweep())?,
            Job::start("reminders", REMINDERS, move || reminder.remind())?,
            Job::start("texts", TEXTS, move || asker.ask_about_texts())?,
            Job::start("dates", DATES, move || writer.write_schedules_on())?,
            Job::start("freshness", FRESHNESS, move || checker.keep_fresh(can_mail))?,
            Job::start("needs", NEEDS, move || adder.add_unmet())?,
            Job::start("places", PLACES, move || host.tend_registrations())?,
            Job::start("access-log-keeper", LOG, move || keeper.tend_log())?,
            Job::start("checkpoint", CHECKPOINT, move || {
                if let Err(trouble) = audit::sign(&signer, &folder) {
                    tracing::error!(alarm = "access-log", %trouble, "the access log could not be signed");
                }
                Ok(0)
            })?,
        ];
        if let Some(served) = served {
            let app = app.clone();
            jobs.push(Job::start("certificate", CERTIFICATE, move || {
                served.look(app.clock().now());
                Ok(0)
            })?);
        }
        if let Some(mailer) = mailer {
            let app = app.clone();
            jobs.push(Job::start("outbox", OUTBOX, move || {
                // One after the other: whichever waits, the other is not held up for good.
                let notices = app.send_due_notices(&*mailer, &words);
                let checks = app.send_due_checks(&*mailer, &words);
                Ok(notices?.saturating_add(checks?))
            })?);
        }
        if let Some(pusher) = pusher {
            let app = app.clone();
            jobs.push(Job::start("pushes", OUTBOX, move || app.send_due_pushes(&*pusher))?);
        }
        Ok(Self(jobs))
    }

    /// Ends them: at once when they wait, else after the round they are in.
    pub(crate) async fn stop(self) {
        let threads: Vec<_> = self.0.into_iter().map(|Job { stop, thread }| (drop(stop), thread).1).collect();
        let all_ended = async {
            while !threads.iter().all(JoinHandle::is_finished) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, all_ended).await.is_err() {
            tracing::warn!("a background job was cut off; it goes on after the next start");
        }
    }
}

impl Job {
    /// Does `round` at once and then every `pause`; while a round says that it found something, without a pause.
    fn start(
        name: &'static str,
        pause: Duration,
        mut round: impl FnMut() -> Result<usize, Refusal> + Send + 'static,
    ) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel::<()>();
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            loop {
                // A round that panics has been reported by the hook; the next one may fare better.
                let found = match catch_unwind(AssertUnwindSafe(&mut round)) {
                    Ok(Ok(found)) => found,
                    Ok(Err(refusal)) => {
                        tracing::warn!(job = name, ?refusal, "a background job failed and will try again");
                        0
                    }
                    Err(_) => 0,
                };
                let wait = if found > 0 { Duration::ZERO } else { pause };
                match stopped.recv_timeout(wait) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        })?;
        Ok(Self { stop, thread })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_round_that_found_something_is_followed_by_another_and_a_wait_ends_at_once() {
        let rounds = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&rounds);
        let job =
            Job::start("test", Duration::from_secs(3_600), move || match counted.fetch_add(1, Ordering::SeqCst) {
                0 => Ok(3),
                1 => panic!("a defect"),
                _ => Err(Refusal::Internal),
            });
        let job = job.unwrap();
        while rounds.load(Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(Jobs(vec![job]).stop());
        assert_eq!(rounds.load(Ordering::SeqCst), 2);
    }
}
