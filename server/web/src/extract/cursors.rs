//! Paging cursors: sealed, and bound to who asks, for which list, with which filter.

use std::{fmt::Display, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use nahraum_app::{App, Call, Refusal};
use serde::{Serialize, de::DeserializeOwned};

use crate::problem::Failure;

/// Seals and opens the cursors of one list for one caller.
pub(crate) struct Cursors<'a> {
    app: &'a App,
    context: Option<String>,
}

impl<'a> Cursors<'a> {
    /// The cursors of the operation with this filter, for the session of this call. A cursor does not survive a new
    /// sign-in, so nobody can use one that somebody else has left behind.
    pub(crate) fn new(app: &'a App, call: &Call, operation: &'static str, filter: &impl Serialize) -> Self {
        let who = call.holder().map(|holder| STANDARD_NO_PAD.encode(holder));
        // JSON quotes its texts, so that no two contexts are written alike
        let in_place = call.acts_by.map(|by| by.to_string());
        Self { app, context: serde_json::to_string(&(operation, who, in_place, filter)).ok() }
    }

    /// The cursors of an operation whose positions are good for one person only by themselves, in whatever session.
    pub(crate) fn for_good(app: &'a App, operation: &'static str) -> Self {
        Self { app, context: Some(operation.to_owned()) }
    }

    /// The position in a cursor, if there is one.
    ///
    /// # Errors
    /// `cursor-mismatch` when the cursor is not of this list, filter and session.
    pub(crate) fn open<P: DeserializeOwned>(&self, cursor: Option<&str>) -> Result<Option<P>, Failure> {
        let Some(cursor) = cursor else { return Ok(None) };
        let position = self.app.cursors().open(self.context()?, cursor).map_err(|_| Failure::of("cursor-mismatch"))?;
        serde_json::from_slice(&position).map(Some).map_err(|_| Failure::of("cursor-mismatch"))
    }

    /// The cursor for a position. No health data: a cursor is sealed and not encrypted.
    ///
    /// # Errors
    /// `internal` when the position cannot be written as JSON.
    pub(crate) fn seal(&self, position: &impl Serialize) -> Result<String, Failure> {
        let position = serde_json::to_vec(position).map_err(|_| Failure::from(Refusal::Internal))?;
        Ok(self.app.cursors().seal(self.context()?, &position))
    }

    /// The id in a cursor, for lists that are ordered by it.
    ///
    /// # Errors
    /// As [`Cursors::open`].
    pub(crate) fn id<I: FromStr>(&self, cursor: Option<&str>) -> Result<Option<I>, Failure> {
        let id = self.open::<String>(cursor)?;
        id.map(|id| id.parse().map_err(|_| Failure::of("cursor-mismatch"))).transpose()
    }

    /// The cursor for an id.
    ///
    /// # Errors
    /// As [`Cursors::seal`].
    pub(crate) fn seal_id(&self, id: &impl Display) -> Result<String, Failure> {
        self.seal(&id.to_string())
    }

    fn context(&self) -> Result<&str, Failure> {
        self.context.as_deref().ok_or_else(|| Refusal::Internal.into())
    }
}
