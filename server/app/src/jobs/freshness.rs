//! Keeping the catalogue true: what nobody confirms sinks and is archived, and its organisation is written to.

use nahraum_domain::calendar;
use nahraum_store::{
    System,
    freshness::{self as store, DueMail, MailOffer},
    notifications::Sent,
};
use nahraum_texts::{CheckMail, Language, appointment, check_mail};

use super::{NoticeWords, outbox::outcome};
use crate::{
    App, Refusal,
    ports::{Mailer, OutgoingMail},
};

/// How many offers one round lets sink, archives, and looks at for each reminder.
const ROUND: i64 = 100;

/// How many mails one round sends.
const MAILS: i64 = 20;

impl App {
    /// One round of keeping the catalogue true. Blocking; returns how many offers were looked at. Call again at once while it is not
    /// zero. `can_mail`: whether mail is configured; without it organisations find what is due in their own list.
    ///
    /// # Errors
    /// The database's trouble.
    pub fn keep_fresh(&self, can_mail: bool) -> Result<usize, Refusal> {
        let system = System::because("nobody asks for what they forget, and a day passes by itself");
        let sunk = self.operate(|tx| Ok(store::sink(tx, &system, ROUND)?))?;
        let archived = self.operate(|tx| Ok(store::archive(tx, &system, ROUND)?))?;
        if archived > 0 {
            tracing::info!(event = "offers_archived", archived, "offers that nobody had confirmed were archived");
        }
        let told = self.operate(|tx| Ok(store::write_mails(tx, &system, ROUND, can_mail)?))?;
        Ok(sunk.saturating_add(archived).saturating_add(told))
    }

    /// Sends the mails to organisations that are due. Blocking; returns how many were tried. Call again at once while it is not zero.
    ///
    /// # Errors
    /// The database's trouble. Mails that were taken come back when their lease is over.
    pub fn send_due_checks(&self, mailer: &dyn Mailer, words: &NoticeWords) -> Result<usize, Refusal> {
        let system = System::because("mails are sent by the server itself, after the commit that wrote them");
        let due = self.operate(|tx| Ok(store::lease(tx, &system, MAILS)?))?;
        for mail in &due {
            let sent = self.send_check(mailer, words, mail);
            self.operate(|tx| Ok(store::settle(tx, &system, mail.id, sent)?))?;
        }
        Ok(due.len())
    }

    fn send_check(&self, mailer: &dyn Mailer, words: &NoticeWords, mail: &DueMail) -> Sent {
        // Nobody to write to any more, or somebody has confirmed everything meanwhile.
        let Some(to) = mail.to.clone().filter(|_| !mail.due.is_empty() || !mail.gone.is_empty()) else {
            return Sent::GivenUp;
        };
        let language = mail.language.as_deref().and_then(Language::parse).unwrap_or(Language::De);
        let name = |offer: &MailOffer| if offer.sensitive { appointment(language) } else { &offer.title }.to_owned();
        let text = check_mail(
            language,
            &CheckMail {
                app_name: &words.app_name,
                organisation: &mail.organisation,
                link: &format!("{}/offer-checks/{}", words.link, mail.token.expose()),
                until: calendar::day(mail.until),
                due: mail.due.iter().map(|offer| (name(offer), offer.due)).collect(),
                gone: mail.gone.iter().map(name).collect(),
            },
        );
        let now = self.moment(None).now;
        let result = mailer.send(&OutgoingMail {
            to,
            subject: text.subject,
            body: text.body,
            language: language.tag().to_owned(),
            message_id: mail.id.to_string(),
            date: now,
        });
        outcome(result, &mail.id, mail.attempts, now)
    }
}
