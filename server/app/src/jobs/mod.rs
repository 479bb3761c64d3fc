//! Jobs: what happens without a person asking. Each takes the server's own authority and says why.

mod consents;
mod freshness;
mod log;
mod needs;
mod outbox;
mod push;
mod registrations;
mod reminders;
mod schedules;
mod sweep;

pub use outbox::NoticeWords;
