//! Room freshness: what nobody confirms does not stay. Organisations say that their offers are still true; who does not is written
//! to, and what stays unconfirmed sinks and is archived.

mod confirm;
mod contact;
mod keep;
mod mails;
mod page;

pub use self::{
    confirm::{Answer, confirm},
    contact::{Contact, contact, set_contact},
    keep::{archive, sink, write_mails},
    mails::{DueMail, MailOffer, lease, settle, sweep},
    page::{Page, PageOffer, confirm_page, page},
};
