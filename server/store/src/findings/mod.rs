//! Room findings: storing, reading, and everything that happens to a finding on its way.

mod blobs;
mod index;
mod keys;
mod lifecycle;
mod read;
mod receipts;
mod shared;
mod stored;
mod unlink;
mod upload;

pub use blobs::{Content, PART, StoredFile};
pub use lifecycle::{Openings, RecallReason, assign, expire, recall, reject, withdraw};
pub use read::{Filter, ListPage, Position, WithDocument, content, content_part, export, list, mark_read, open, trend};
pub use receipts::{InboxItem, ReceiptRecord, inbox, inbox_count, receipt, receipt_for_sender, receipts};
pub use shared::{content_shared, list_shared, open_shared, preview};
pub use upload::{Destination, KnownReport, NewFinding, duplicate, report_with_key, store_finding, supersede};

pub(crate) use lifecycle::{deliver_waiting, destroy_files, waits_for};
pub(crate) use unlink::take_from;
