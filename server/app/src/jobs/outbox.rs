//! Sending what waits in the outbox: "something new is there", never what it is.

use std::fmt::Display;

use jiff::{SignedDuration, Timestamp};
use nahraum_store::{
    System,
    notifications::{self, DueNotice, MAX_ATTEMPTS, Sent},
};
use nahraum_texts::{Language, notice_mail};

use crate::{
    App, Refusal,
    ports::{MailError, Mailer, OutgoingMail},
};

/// How many notices one round takes.
const ROUND: i64 = 20;

/// What a notice says beside its fixed words.
#[derive(Debug, Clone)]
pub struct NoticeWords {
    /// The name of the app.
    pub app_name: String,
    /// The address of the server, without any id.
    pub link: String,
}

impl App {
    /// Sends the notices that are due. Blocking; returns how many were tried. Call again at once while it is not zero.
    ///
    /// # Errors
    /// The database's trouble. Notices that were taken come back when their lease is over.
    pub fn send_due_notices(&self, mailer: &dyn Mailer, words: &NoticeWords) -> Result<usize, Refusal> {
        let system = System::because("notices are sent by the server itself, after the commit that wrote them");
        let due = self.operate(|tx| Ok(notifications::lease(tx, &system, ROUND)?))?;
        for notice in &due {
            let sent = self.send_one(mailer, words, notice);
            self.operate(|tx| Ok(notifications::settle(tx, &system, notice.id, sent)?))?;
        }
        Ok(due.len())
    }

    fn send_one(&self, mailer: &dyn Mailer, words: &NoticeWords, notice: &DueNotice) -> Sent {
        let language = Language::parse(&notice.language).unwrap_or(Language::De);
        let text = notice_mail(language, &words.app_name, &words.link);
        let now = self.moment(None).now;
        let result = mailer.send(&OutgoingMail {
            to: notice.address.clone(),
            subject: text.subject,
            body: text.body,
            language: language.tag().to_owned(),
            message_id: notice.id.to_string(),
            date: now,
        });
        outcome(result, &notice.id, notice.attempts, now)
    }
}

/// What becomes of a mail after a try: trouble that may pass is waited for.
pub(super) fn outcome(result: Result<(), MailError>, mail: &dyn Display, attempts: i32, now: Timestamp) -> Sent {
    match result {
        Ok(()) => Sent::Yes,
        Err(MailError::Permanent(reason)) => {
            tracing::warn!(notice = %mail, reason, "a notice was refused for good");
            Sent::GivenUp
        }
        Err(MailError::Temporary(reason)) => {
            let attempts = attempts.saturating_add(1);
            tracing::warn!(notice = %mail, attempts, reason, "a notice could not be sent yet");
            next_try(now, attempts).map_or(Sent::GivenUp, Sent::Later)
        }
    }
}

/// When it is tried again after so many tries; never, after ten.
pub(super) fn next_try(now: Timestamp, attempts: i32) -> Option<Timestamp> {
    (attempts < MAX_ATTEMPTS).then(|| retry_at(now, attempts))
}

/// The wait doubles: 5 s, 10 s, 20 s … (SR-M02).
fn retry_at(now: Timestamp, attempts: i32) -> Timestamp {
    let exponent = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(10);
    now + SignedDuration::from_secs(5_i64.saturating_mul(2_i64.saturating_pow(exponent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles() {
        let now = Timestamp::UNIX_EPOCH;
        let waits: Vec<i64> = (1..=4).map(|n| retry_at(now, n).as_second()).collect();
        assert_eq!(waits, [5, 10, 20, 40]);
    }
}
