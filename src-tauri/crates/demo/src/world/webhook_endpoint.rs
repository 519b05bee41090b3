//! Where Stripe delivers events to.
//!
//! Nothing is ever sent: whether a delivery succeeded is kept with the event.

use serde_json::{Value, json};

use super::{EventKind, Named, No, Object, World, kept_in};

/// An endpoint of the application.
#[derive(Debug, Clone)]
pub(crate) struct WebhookEndpoint {
    pub(crate) url: &'static str,
    pub(crate) description: &'static str,
    pub(crate) events: &'static [EventKind],
    pub(crate) api_version: Option<&'static str>,
    pub(crate) created: i64,
    pub(crate) is_enabled: bool,
}

impl Named for WebhookEndpoint {
    const PREFIX: &'static str = "we_1";
    const LENGTH: usize = 23;
}

impl Object for WebhookEndpoint {
    const WORD: &'static str = "webhook_endpoint";
    kept_in!(webhook_endpoints);

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self, no: No<Self>, world: &World) -> Value {
        json!({
            "id": world.id(no),
            "object": Self::WORD,
            "api_version": self.api_version,
            "application": null,
            "created": self.created,
            "description": self.description,
            "enabled_events": self.events.iter().map(|kind| kind.word()).collect::<Vec<_>>(),
            "livemode": false,
            "metadata": {},
            "status": if self.is_enabled { "enabled" } else { "disabled" },
            "url": self.url,
        })
    }
}
