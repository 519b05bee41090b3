//! That something happened. Payloads are hints in an old rendering; only the header is kept.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::ids::{CustomerId, EventId};

/// An event's header with its delivery status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Its type, for example `invoice.paid`.
    pub kind: String,
    /// When it was made.
    pub created_at: Instant,
    /// The version its payload was rendered in.
    pub api_version: Option<String>,
    /// Deliveries without a 2xx answer so far, over all endpoints.
    pub pending_webhooks: u32,
    /// The word in the object's `object` field, for example `invoice`.
    pub object_kind: Option<String>,
    /// The object it is about; `invoice.upcoming` has none.
    pub object_id: Option<String>,
    /// The customer the object belongs to, where the payload says so.
    pub customer: Option<CustomerId>,
    /// The request that caused it.
    pub request_id: Option<String>,
}
