//! Where events are sent.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::ids::WebhookEndpointId;
use crate::open_enum;

open_enum! {
    /// Whether an endpoint receives anything.
    pub enum EndpointStatus {
        /// Events are sent.
        Enabled = "enabled",
        /// Events are not sent and not queued.
        Disabled = "disabled",
    }
}

/// A webhook endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookEndpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Its address.
    pub url: String,
    /// Whether it receives anything.
    pub status: EndpointStatus,
    /// Selected types; `*` is all that need no explicit selection.
    pub enabled_events: Vec<String>,
    /// The version payloads are rendered in; `None` is the account's default.
    pub api_version: Option<String>,
    /// Set for the endpoint of a Connect application.
    pub application: Option<String>,
    /// What the merchant wrote.
    pub description: Option<String>,
    /// Whether it is a live one.
    pub is_live: bool,
    /// When it was made.
    pub created_at: Option<Instant>,
}

impl WebhookEndpoint {
    /// Says whether the type is sent here. `*` selects every type this program checks for.
    #[must_use]
    pub fn selects(&self, kind: &str) -> bool {
        self.enabled_events.iter().any(|selected| selected == kind || selected == "*")
    }
}
