//! What is wrong on purpose: faults of the wire, and faults of the company's own data.

pub(crate) mod wire;

use crate::world::EventKind;

/// The type of event whose handler fails in the application.
pub(crate) const FAILING_KIND: EventKind = EventKind::SubscriptionDeleted;
