//! What an answer of Stripe says: good, to be tried again, or final.
//!
//! Pure, so that every status and every odd body is a line in a table. It knows Stripe's error object and headers, not
//! what was asked for.

use std::time::Duration;

use countersign_domain::Instant;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::budget::Limit;
use super::client::{Failed, StripeError};
use super::permissions::named_permission;
use crate::get::{Answer, GetError};
use crate::redact::server_text;

/// A good answer.
#[derive(Debug)]
pub(super) struct Body {
    /// The JSON.
    pub json: Value,
    /// The server's clock when it answered, if it said so.
    pub served_at: Option<Instant>,
}

/// What a good answer looks like. Anything else with a good status came from somewhere between us and Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expects {
    /// A list with its data.
    List,
    /// An object that says its kind.
    Object,
    /// Any JSON object: the second generation of Stripe's API has its own forms.
    Anything,
}

impl Expects {
    fn is_met_by(self, json: &Value) -> bool {
        let word = json.get("object").and_then(Value::as_str);
        match self {
            Self::List => {
                let (data, has_more) = (json.get("data"), json.get("has_more"));
                word == Some("list") && data.is_some_and(Value::is_array) && has_more.is_some_and(Value::is_boolean)
            }
            Self::Object => word.is_some(),
            Self::Anything => json.is_object(),
        }
    }
}

/// The verdict on one try.
pub(super) enum Verdict {
    Good(Body),
    Bad(Failed),
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorWords,
}

#[derive(Deserialize, Default)]
struct ErrorWords {
    code: Option<String>,
    message: Option<String>,
    param: Option<String>,
}

/// Judges one try.
pub(super) fn judge(path: &'static str, expects: Expects, answer: Result<Answer, GetError>, key: &str) -> Verdict {
    let answer = match answer {
        Ok(answer) => answer,
        Err(cause) => {
            let is_transient = !matches!(cause, GetError::TooLarge { .. });
            let error = StripeError::NoAnswer { path, cause };
            return Verdict::Bad(Failed {
                error,
                status: None,
                request_id: None,
                is_transient,
                retry_after: None,
                limit: None,
            });
        }
    };
    let bad = |what| StripeError::BadAnswer { path, status: answer.status, what };
    let error = match (answer.status, answer.is_json().then(|| serde_json::from_slice::<Value>(&answer.body))) {
        (200..=299, Some(Ok(json))) if expects.is_met_by(&json) => {
            let served_at = answer.header("date").and_then(|text| chrono::DateTime::parse_from_rfc2822(text).ok());
            return Verdict::Good(Body { json, served_at: served_at.map(Into::into) });
        }
        (429, _) => StripeError::RateLimited { path, retry_after: retry_after(&answer) },
        (409 | 424 | 500..=599, _) => StripeError::ServerFailed {
            path,
            status: answer.status,
            request_id: answer.header("request-id").map(server_text),
        },
        (_, None) => bad("not JSON by its content type"),
        (_, Some(Err(_))) => bad("broken JSON"),
        (200..=299, Some(Ok(_))) => bad("JSON, but not what was asked for"),
        (400..=499, Some(Ok(json))) => refusal(path, answer.status, json, key),
        _ => bad("an unexpected status, such as a redirect"),
    };
    Verdict::Bad(failed(error, &answer))
}

fn failed(error: StripeError, answer: &Answer) -> Failed {
    let by_itself = matches!(
        error,
        StripeError::RateLimited { .. } | StripeError::ServerFailed { .. } | StripeError::BadAnswer { .. }
    );
    // A body that is not Stripe's, or only half of it, says that something stood in between: its headers prove nothing.
    let is_whole = answer.is_json() && serde_json::from_slice::<IgnoredAny>(&answer.body).is_ok();
    let is_transient = match answer.header("stripe-should-retry") {
        Some("true") => true,
        Some("false") if is_whole => false,
        _ => by_itself,
    };
    let limit = matches!(error, StripeError::RateLimited { .. })
        .then(|| Limit::of_reason(answer.header("stripe-rate-limited-reason")));
    Failed {
        error,
        status: Some(answer.status),
        request_id: answer.header("request-id").map(server_text),
        is_transient,
        retry_after: retry_after(answer),
        limit,
    }
}

fn retry_after(answer: &Answer) -> Option<Duration> {
    answer.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

fn refusal(path: &'static str, status: u16, json: Value, key: &str) -> StripeError {
    let Ok(ErrorBody { error: ErrorWords { code, message, param } }) = serde_json::from_value(json) else {
        return StripeError::BadAnswer { path, status, what: "no error object of Stripe" };
    };
    let message = message.unwrap_or_default();
    let says = server_text(&message);
    let is_missing = code.as_deref() == Some("resource_missing");
    let is_about_cursor = matches!(param.as_deref(), Some("starting_after" | "ending_before"));
    match status {
        401 => StripeError::KeyRejected { key: key.to_owned(), says },
        403 => StripeError::NotPermitted { path, permission: named_permission(&message), says },
        404 if is_missing => StripeError::Missing { path },
        404 => StripeError::NotOffered { path },
        400 if is_about_cursor => StripeError::CursorGone { path },
        _ => StripeError::Refused { path, status, code: code.map(|code| server_text(&code)), says },
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    fn answer(status: u16, kind: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut map = HeaderMap::new();
        for (name, value) in [("content-type", kind)].iter().chain(headers) {
            map.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        Answer { status, headers: map, body: body.as_bytes().to_vec() }
    }

    /// Words an error shortly: its variant, whether it is tried again, and the limit that was hit.
    fn verdict(answer: Answer) -> String {
        match judge("/v1/x", Expects::Anything, Ok(answer), "sk_test_…7xQ2") {
            Verdict::Good(body) => format!("good {}", body.json),
            Verdict::Bad(failed) => {
                let variant = format!("{:?}", failed.error);
                let variant = variant.split([' ', '{']).next().unwrap_or_default().to_owned();
                let again = if failed.is_transient { "again" } else { "final" };
                match failed.limit {
                    Some(limit) => format!("{variant} {again} {limit:?}"),
                    None => format!("{variant} {again}"),
                }
            }
        }
    }

    #[test]
    fn every_status_has_its_verdict() {
        let json = "application/json";
        let words = |code: &str, param: &str| {
            format!(r#"{{"error":{{"type":"invalid_request_error","code":{code},"message":"m","param":{param}}}}}"#)
        };
        let missing = words(r#""resource_missing""#, r#""id""#);
        for (status, kind, headers, body, expected) in [
            (200, json, &[][..], r#"{"a":1}"#.to_owned(), r#"good {"a":1}"#),
            (200, "application/json; charset=utf-8", &[], "{}".to_owned(), "good {}"),
            (200, json, &[], r#"{"a":"#.to_owned(), "BadAnswer again"),
            (200, json, &[], String::new(), "BadAnswer again"),
            (200, json, &[], "[]".to_owned(), "BadAnswer again"),
            (200, "text/html", &[], "<html>".to_owned(), "BadAnswer again"),
            (302, "text/html", &[("location", "http://evil.example")], String::new(), "BadAnswer again"),
            (400, json, &[], words("null", r#""limit""#), "Refused final"),
            (400, json, &[], words(r#""resource_missing""#, r#""starting_after""#), "CursorGone final"),
            (400, json, &[], words("null", r#""starting_after""#), "CursorGone final"),
            (401, json, &[], words("null", "null"), "KeyRejected final"),
            (403, json, &[], words("null", "null"), "NotPermitted final"),
            (404, json, &[], missing, "Missing final"),
            (404, json, &[], words("null", "null"), "NotOffered final"),
            (404, "text/html", &[], "<html>not here".to_owned(), "BadAnswer again"),
            (404, json, &[], "{}".to_owned(), "BadAnswer again"),
            (409, json, &[], words("null", "null"), "ServerFailed again"),
            (424, json, &[], String::new(), "ServerFailed again"),
            (429, json, &[], words(r#""lock_timeout""#, "null"), "RateLimited again Object"),
            (429, json, &[("stripe-rate-limited-reason", "global-rate")], String::new(), "RateLimited again Rate"),
            (500, json, &[], String::new(), "ServerFailed again"),
            (503, "text/html", &[], "<html>".to_owned(), "ServerFailed again"),
            (500, json, &[("stripe-should-retry", "false")], words("null", "null"), "ServerFailed final"),
            (503, "text/html", &[("stripe-should-retry", "false")], "<html>".to_owned(), "ServerFailed again"),
            (404, json, &[("stripe-should-retry", "false")], r#"{"err"#.to_owned(), "BadAnswer again"),
            (400, json, &[("stripe-should-retry", "true")], words("null", "null"), "Refused again"),
        ] {
            assert_eq!(verdict(answer(status, kind, headers, &body)), expected, "{status} {body}");
        }
    }

    #[test]
    fn the_servers_words_are_redacted() {
        let body = r#"{"error":{"message":"Invalid API Key provided: sk_test_*****abcd"}}"#;
        let Verdict::Bad(failed) =
            judge("/v1/x", Expects::Object, Ok(answer(401, "application/json", &[], body)), "sk_test_…7xQ2")
        else {
            panic!("a 401 is not good");
        };
        let text = failed.error.to_string();
        assert_eq!(
            text,
            "Stripe does not accept the key sk_test_…7xQ2: Invalid API Key provided: [redacted:stripe_key]"
        );
    }

    #[test]
    fn clock_and_wait_are_read_from_the_headers() {
        let headers = [("date", "Fri, 20 Nov 2026 10:00:00 GMT")];
        let good = answer(200, "application/json", &headers, "{}");
        let Verdict::Good(body) = judge("/v1/x", Expects::Anything, Ok(good), "") else {
            panic!("a 200 is good");
        };
        assert_eq!(body.served_at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-11-20T10:00:00+00:00"));
        let waits = answer(429, "application/json", &[("retry-after", "7")], "");
        assert_eq!(retry_after(&waits), Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_good_status_alone_is_not_a_good_answer() {
        for (expects, body, is_met) in [
            (Expects::List, r#"{"object":"list","data":[],"has_more":false}"#, true),
            (Expects::List, r#"{"object":"list","data":[]}"#, false),
            (Expects::List, r#"{"object":"list","data":{},"has_more":false}"#, false),
            (Expects::List, r#"{"object":"customer","id":"cus_1"}"#, false),
            (Expects::Object, r#"{"object":"customer","id":"cus_1"}"#, true),
            (Expects::Object, r#"{"login":"please"}"#, false),
            (Expects::Anything, r#"{"data":[],"next_page_url":null}"#, true),
            (Expects::Anything, "[]", false),
        ] {
            assert_eq!(expects.is_met_by(&serde_json::from_str(body).unwrap()), is_met, "{expects:?} {body}");
        }
    }
}
