//! The description of an API in OpenAPI's JSON: which routes there are, so that those without a test can be named.
//!
//! Only paths and methods are read; references, schemas and servers are nobody's question here.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Claim, Kind, Reading, Report, figure, json};

/// What OpenAPI calls the methods of a path; other keys of a path are no routes.
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options"];
/// Most routes of one description.
const ROUTES_MAX: usize = 5_000;

/// One route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    /// Its method, in lower case.
    pub method: String,
    /// Its path, as it is written: `/plans/{id}`.
    pub path: String,
}

/// The routes of an API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Routes {
    pub all: Vec<Route>,
}

#[derive(Deserialize)]
struct Description {
    #[serde(alias = "swagger")]
    openapi: String,
    paths: BTreeMap<String, BTreeMap<String, Value>>,
}

pub(super) fn read(text: &str) -> Option<Reading> {
    let Description { openapi, paths } = json(text)?;
    let is_method = |method: &String| METHODS.contains(&method.to_lowercase().as_str());
    let of_path = |(path, methods): (String, BTreeMap<String, Value>)| {
        let methods = methods.into_keys().filter(is_method);
        methods.map(move |method| Route { method: method.to_lowercase(), path: path.clone() }).collect::<Vec<_>>()
    };
    let all: Vec<Route> = paths.into_iter().flat_map(of_path).take(ROUTES_MAX).collect();
    let figures = vec![figure("routes", all.len()), figure("OpenAPI", openapi)];
    Some(Reading::new(Kind::Routes, figures, Claim::default(), Report::Routes(Routes { all })))
}

impl Route {
    /// Names it as people do: `GET /plans/{id}`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// Says whether a text in lower case names the route: its path with anything for its parameters, and where a method
    /// stands before that, this one. What stands before the path in an address does not matter.
    pub(super) fn is_named_in(&self, text: &str) -> bool {
        let path = self.path.to_lowercase();
        text.match_indices('/').filter_map(|(at, _)| text.split_at_checked(at)).any(|(before, rest)| {
            let before = before.trim_end_matches(is_of_address).trim_end();
            let word = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            begins(rest, &path) && (!METHODS.contains(&word) || word == self.method)
        })
    }
}

fn is_of_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/-_.:{}$[]".contains(c)
}

/// Says whether a text begins with a path and does not go on with more of one.
fn begins(text: &str, path: &str) -> bool {
    let mut rest = text;
    let mut parts = path.trim_end_matches('/').split('/');
    parts.next();
    for part in parts {
        let Some(after) = rest.strip_prefix('/') else { return false };
        let end = after.find(|c: char| c == '/' || !is_of_address(c)).unwrap_or(after.len());
        let (found, next) = after.split_at(end);
        let is_parameter = part.starts_with('{') && part.ends_with('}');
        if found.is_empty() || !(is_parameter || found.trim_end_matches('.') == part) {
            return false;
        }
        rest = next;
    }
    !rest.starts_with('/') || rest.len() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_names_a_route_by_its_path_and_method() {
        let route = |method: &str, path: &str| Route { method: method.to_owned(), path: path.to_owned() };
        let plan = route("get", "/api/plans/{id}");
        for (text, is_named) in [
            ("get /api/plans/:id gives a plan", true),
            ("get /api/plans/42 gives a plan", true),
            ("/api/plans/{id} refuses strangers", true),
            ("post /api/plans/42 is refused", false),
            ("get /api/plans gives all", false),
            ("get /api/plans/42/prices gives prices", false),
            ("get v1/api/plans/42.", true),
            ("plans are listed", false),
            ("people get a plan by delete /api/plans/42", false),
            ("post http://localhost:3000/api/plans/42", false),
            ("get http://localhost:3000/api/plans/42", true),
        ] {
            assert_eq!(plan.is_named_in(text), is_named, "{text}");
        }
        assert!(route("post", "/webhook/").is_named_in("post /webhook refuses a bad signature"));
        assert!(!route("post", "/web").is_named_in("post /webhook refuses a bad signature"));
    }
}
