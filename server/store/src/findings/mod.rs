//! Room findings: storing, reading, and everything that happens to a finding on its way.

mod blobs;
mod holds;
mod index;
mod keys;
mod known;
mod lifecycle;
mod linked;
mod orders;
mod read;
mod receipts;
mod record;
mod release;
mod seen;
mod shared;
mod stored;
mod trends;
mod unlink;
mod upload;
mod whole;

pub use blobs::{Content, PART, StoredFile};
pub use holds::{Hold, hold_rules, rules_for_upload, set_hold_rules};
pub use known::{KnownReport, duplicate, report_with_key};
pub use lifecycle::{Openings, RecallReason, assign, expire, recall, reject, withdraw};
pub use linked::{Linked, list_linked, open_linked};
pub use orders::forget_orders;
pub use read::{Filter, ListPage, Position, content, content_part, list, mark_read, open, replaces};
pub use receipts::{InboxItem, ReceiptRecord, inbox, inbox_count, receipt, receipt_for_sender, receipts};
pub use record::{WithDocument, everything, export, export_in_parts, export_values};
pub use release::{Waiting, adjust, release_due, set_discretion, talked, waiting, wish};
pub use shared::{content_shared, list_shared, open_shared, preview};
pub use trends::trend;
pub use upload::{Destination, NewFinding, store_finding, supersede};

pub(crate) use lifecycle::{deliver_waiting, destroy_files, waits_for};
pub(crate) use linked::linked;
pub(crate) use orders::{KeyedPatient, patients_of_order};
pub(crate) use release::discretion;
pub(crate) use seen::{entries, opened, seen, states};
pub(crate) use shared::open_to;
pub(crate) use unlink::take_from;
