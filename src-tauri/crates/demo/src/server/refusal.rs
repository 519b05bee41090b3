//! How Stripe says no: statuses, error objects, and the headers that go with them.
//!
//! The words are our own; types, codes, params and the parts that clients look for are Stripe's.

use serde_json::{Map, Value, json};

/// A refusal: status, and the error object that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    param: Option<String>,
    /// Which limit was met, for a refusal that says so in a header.
    pub(super) limit: Option<&'static str>,
}

impl Refusal {
    /// Refuses for a reason that has no code.
    pub(super) fn plain(status: u16, message: impl Into<String>) -> Self {
        Self { status, kind: "invalid_request_error", code: None, message: message.into(), param: None, limit: None }
    }

    fn with(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { code: Some(code), ..Self::plain(status, message) }
    }

    fn about(self, param: impl Into<String>) -> Self {
        Self { param: Some(param.into()), ..self }
    }

    /// Refuses a parameter's value.
    pub(super) fn value(param: &str, code: Option<&'static str>, message: impl Into<String>) -> Self {
        Self { code, ..Self::plain(400, message) }.about(param)
    }

    /// Refuses a parameter that no such request takes.
    pub(super) fn unknown_parameter(param: &str) -> Self {
        Self::with(400, "parameter_unknown", format!("Received unknown parameter: {param}")).about(param)
    }

    /// Refuses a reference, in the path (404) or in a parameter (400), to an object that is not there.
    pub(super) fn no_such(status: u16, word: &str, id: &str, param: &str) -> Self {
        Self::with(status, "resource_missing", format!("No such {word}: '{id}'")).about(param)
    }

    /// Refuses a path that leads nowhere.
    pub(super) fn no_route(path: &str) -> Self {
        Self::plain(404, format!("Unrecognized request URL (GET: {path}). Please see https://docs.stripe.com/api."))
    }

    /// Refuses a request without a usable key.
    pub(super) fn key(code: Option<&'static str>, message: impl Into<String>) -> Self {
        Self { code, ..Self::plain(401, message) }
    }

    /// Refuses a request that came too soon or beside too many others.
    pub(super) fn too_many(limit: &'static str) -> Self {
        let message = "Request rate limit exceeded. Slow down, and see https://docs.stripe.com/rate-limits.";
        Self { limit: Some(limit), ..Self::with(429, "rate_limit", message) }
    }

    /// Refuses because an object is held by another request.
    pub(super) fn locked() -> Self {
        let message = "This object cannot be accessed right now because another request is using it.";
        Self::with(429, "lock_timeout", message)
    }

    /// Fails for a reason of the server's own.
    pub(super) fn broken() -> Self {
        let message = "Sorry, something went wrong on our side. You were not charged.";
        Self { kind: "api_error", ..Self::plain(500, message) }
    }

    /// What it says.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Whether asking again may help.
    pub(super) fn should_retry(&self) -> bool {
        self.status == 429 || self.status >= 500
    }

    /// Renders the error object.
    pub(super) fn json(&self, request_id: &str) -> Value {
        let mut error = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                error.insert(key.to_owned(), value);
            }
        };
        put("code", self.code.map(Value::from));
        put(
            "doc_url",
            self.code.map(|code| format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")).into()),
        );
        put("message", Some(self.message.clone().into()));
        put("param", self.param.clone().map(Value::from));
        put("request_log_url", Some(format!("https://dashboard.stripe.com/test/logs/{request_id}").into()));
        put("type", Some(self.kind.into()));
        json!({ "error": error })
    }
}
