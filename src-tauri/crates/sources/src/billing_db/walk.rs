//! One pass over the rows of a kind, page by page, within a limit.
//!
//! Knows only the reader's trait, so that every job walks the same way over every database. Where a walk stopped is a
//! key that may be kept; the next walk resumes there.

use countersign_domain::Instant;
use countersign_domain::billing::{RowKind, SchemaProfile};

use super::{BillingError, BillingReader, PageRequest, Rows};

/// Rows one walk reads unless the person raises it. **Units**: rows.
pub const ROWS_PER_WALK: usize = 200_000;

/// A pass over the rows of one kind.
pub struct Walk<'r> {
    reader: &'r dyn BillingReader,
    profile: SchemaProfile,
    kind: RowKind,
    changed_since: Option<Instant>,
    after: Option<String>,
    rows_left: usize,
    is_complete: bool,
}

impl<'r> Walk<'r> {
    /// Begins at the first row.
    #[must_use]
    pub fn new(reader: &'r dyn BillingReader, profile: SchemaProfile, kind: RowKind) -> Self {
        let (changed_since, after) = (None, None);
        Self { reader, profile, kind, changed_since, after, rows_left: ROWS_PER_WALK, is_complete: false }
    }

    /// Leaves out what was not written since, as `PageRequest::changed_since` says.
    #[must_use]
    pub fn changed_since(mut self, at: Option<Instant>) -> Self {
        self.changed_since = at;
        self
    }

    /// Begins after the key at which another walk of the same kind stopped.
    #[must_use]
    pub fn resume_after(mut self, key: Option<String>) -> Self {
        self.after = key;
        self
    }

    /// Reads at most so many rows, in whole pages. **Units**: rows.
    #[must_use]
    pub fn rows_max(mut self, rows: usize) -> Self {
        self.rows_left = rows;
        self
    }

    /// Reads the next page; `None` at the end, or at the limit.
    ///
    /// **Errors**: those of `BillingReader::page`; the walk stays where it was and may be tried again.
    pub async fn next(&mut self) -> Result<Option<Rows>, BillingError> {
        if self.is_complete || self.rows_left == 0 {
            return Ok(None);
        }
        let request = PageRequest { kind: self.kind, after: self.after.as_deref(), changed_since: self.changed_since };
        let page = self.reader.page(self.profile, request).await?;
        self.rows_left = self.rows_left.saturating_sub(page.rows.len());
        self.is_complete = page.next.is_none();
        if let Some(key) = page.rows.last_key() {
            self.after = Some(key.to_owned());
        }
        Ok(Some(page.rows))
    }

    /// Gives the key of the last row read: where the next walk resumes.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Says whether every row was seen; false when the limit came first.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }
}
