//! What handlers get out of a request. Every no is a [`Failure`](crate::problem::Failure), so that it becomes a problem.
//!
//! The order of a handler's arguments is the order of the checks: first who asks, then what, then the body.

mod caller;
mod cursors;
mod form;
mod json;
mod paced;
mod parameters;
mod sender;
mod strict_json;

pub(crate) use caller::{ActingHeader, Anyone, Asked, Signed};
pub(crate) use cursors::Cursors;
pub(crate) use form::Form;
pub(crate) use json::{Json, refuse_announced, refuse_encodings};
pub(crate) use paced::{Paced, failure_of_payload};
pub(crate) use parameters::{
    IdempotencyHeader, IdempotencyKey, Limit, Page, Path, Paths, Query, parse_date, parse_id, unknown_parameter,
};
pub use sender::Proxies;
pub(crate) use sender::Sender;
pub(crate) use strict_json::from_slice;
