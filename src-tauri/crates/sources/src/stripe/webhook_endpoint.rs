//! Reads webhook endpoints. The signing secret is only in the answer to an endpoint's creation and never read here.

use countersign_domain::stripe::ObjectKind;
use countersign_domain::stripe::webhook_endpoint::{EndpointStatus, WebhookEndpoint};
use serde::Deserialize;
use serde_json::Value;

use super::record::{FromWire, Record, ShapeError, record};
use super::wire::{Fallbacks, Gap, Id, Stamp};

#[derive(Deserialize)]
struct EndpointWire {
    id: Id,
    url: String,
    status: EndpointStatus,
    enabled_events: Vec<String>,
    api_version: Option<String>,
    application: Option<Id>,
    description: Option<String>,
    livemode: bool,
    created: Option<Stamp>,
}

impl FromWire for WebhookEndpoint {
    const KIND: ObjectKind = ObjectKind::WebhookEndpoint;

    fn read(object: Value) -> Result<Record<Self>, ShapeError> {
        record(Self::KIND, &object, endpoint)
    }
}

fn endpoint(wire: EndpointWire, _: &mut Fallbacks) -> Result<WebhookEndpoint, Gap> {
    Ok(WebhookEndpoint {
        id: wire.id.to(),
        url: wire.url,
        status: wire.status,
        enabled_events: wire.enabled_events,
        api_version: wire.api_version,
        application: wire.application.map(Id::to),
        description: wire.description,
        is_live: wire.livemode,
        created_at: wire.created.map(Into::into),
    })
}
