//! The description of an API in OpenAPI's JSON: which routes there are, so that those without a test can be named.
//!
//! Only paths and methods are read; references, schemas and servers are nobody's question here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::Value;

use super::bounds::{Deadline, Refused};
use super::{Claim, Kind, Reading, Report, figure, json};

/// What OpenAPI calls the methods of a path; other keys of a path are no routes.
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options"];
/// Most routes of one description.
const ROUTES_MAX: usize = 5_000;
/// Most parts of a path; one with more is named by no test.
const PARTS_MAX: usize = 64;

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

/// Reads the routes.
///
/// **Errors**: in a sentence, more routes than are compared.
pub(super) fn read(text: &str) -> Result<Option<Reading>, String> {
    let Some(Description { openapi, paths }) = json(text) else { return Ok(None) };
    let is_method = |method: &String| METHODS.contains(&method.to_lowercase().as_str());
    let of_path = |(path, methods): (String, BTreeMap<String, Value>)| {
        let methods = methods.into_keys().filter(is_method);
        methods.map(move |method| Route { method: method.to_lowercase(), path: path.clone() }).collect::<Vec<_>>()
    };
    let all: Vec<Route> = paths.into_iter().flat_map(of_path).take(ROUTES_MAX + 1).collect();
    if all.len() > ROUTES_MAX {
        return Err(format!("It describes more than {ROUTES_MAX} routes."));
    }
    let figures = vec![figure("routes", all.len()), figure("OpenAPI", openapi)];
    Ok(Some(Reading::new(Kind::Routes, figures, Claim::default(), Report::Routes(Routes { all }))))
}

impl Route {
    /// Names it as people do: `GET /plans/{id}`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }
}

/// The routes of an API by the parts of their paths: a text is compared with all of them at once.
pub(super) struct Paths<'a> {
    routes: &'a Routes,
    nodes: Vec<Node>,
    /// Routes that nothing has named so far.
    missing: BTreeSet<usize>,
}

/// Where some paths have come to.
#[derive(Default)]
struct Node {
    /// Where each part leads that is written out.
    parts: HashMap<String, usize>,
    /// Where a parameter leads, which any part stands for.
    any: Option<usize>,
    /// Routes whose path ends here.
    ends: Vec<usize>,
}

impl<'a> Paths<'a> {
    pub(super) fn of(routes: &'a Routes) -> Self {
        let mut paths = Self { routes, nodes: vec![Node::default()], missing: (0..routes.all.len()).collect() };
        for (place, route) in routes.all.iter().enumerate() {
            let path = route.path.to_lowercase();
            let parts: Vec<&str> = path.trim_end_matches('/').split('/').skip(1).take(PARTS_MAX + 1).collect();
            if parts.len() <= PARTS_MAX {
                let end = parts.into_iter().fold(0, |node, part| paths.below(node, part));
                if let Some(node) = paths.nodes.get_mut(end) {
                    node.ends.push(place);
                }
            }
        }
        paths
    }

    /// Finds where a part leads, or makes it.
    fn below(&mut self, node: usize, part: &str) -> usize {
        let next = self.nodes.len();
        let Some(node) = self.nodes.get_mut(node) else { return next };
        let found = match part.starts_with('{') && part.ends_with('}') {
            true => *node.any.get_or_insert(next),
            false => *node.parts.entry(part.to_owned()).or_insert(next),
        };
        if found == next {
            self.nodes.push(Node::default());
        }
        found
    }

    /// Takes note of the routes that a text in lower case names: by their path with anything for its parameters, and where
    /// a method stands before that, by this one. What stands before the path in an address does not matter.
    ///
    /// **Errors**: [`Refused::TooSlow`].
    pub(super) fn look_in(&mut self, text: &str, until: Deadline) -> Result<(), Refused> {
        let (mut begins, mut word) = (0, None);
        until.check()?;
        if self.missing.is_empty() {
            return Ok(());
        }
        for (at, c) in text.char_indices() {
            if !is_of_address(c) {
                (begins, word) = (at + c.len_utf8(), None);
            } else if c == '/' {
                let before = || text.get(..begins).unwrap_or_default().trim_end();
                let word = *word.get_or_insert_with(|| last_word(before()));
                self.take(text.get(at..).unwrap_or_default(), word, until)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, text: &str, word: &str, until: Deadline) -> Result<(), Refused> {
        let mut open = vec![(0, text)];
        while let Some((node, rest)) = open.pop() {
            until.check()?;
            let Some(node) = self.nodes.get(node) else { continue };
            if !rest.starts_with('/') || rest.len() == 1 {
                let methods = |place: &&usize| self.routes.all.get(**place).map(|route| route.method.as_str());
                let is_meant = |place: &&usize| !METHODS.contains(&word) || methods(place) == Some(word);
                for place in node.ends.iter().filter(is_meant) {
                    self.missing.remove(place);
                }
            }
            let Some(after) = rest.strip_prefix('/') else { continue };
            let end = after.find(|c: char| c == '/' || !is_of_address(c)).unwrap_or(after.len());
            let (part, next) = after.split_at(end);
            if !part.is_empty() {
                open.extend(node.any.map(|node| (node, next)));
                open.extend(node.parts.get(part.trim_end_matches('.')).map(|node| (*node, next)));
            }
        }
        Ok(())
    }

    /// Lists the routes that nothing named, in the order of the description.
    pub(super) fn missing(&self) -> impl Iterator<Item = &'a Route> {
        self.missing.iter().filter_map(|place| self.routes.all.get(*place))
    }
}

fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
}

fn is_of_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/-_.:{}$[]".contains(c)
}

#[cfg(test)]
mod tests {
    use super::super::TIME_MAX;
    use super::*;

    #[test]
    fn a_case_names_a_route_by_its_path_and_method() {
        let route = |method: &str, path: &str| Route { method: method.to_owned(), path: path.to_owned() };
        let is_named = |route: Route, text: &str| {
            let routes = Routes { all: vec![route] };
            let mut paths = Paths::of(&routes);
            paths.look_in(text, Deadline::after(TIME_MAX)).unwrap();
            paths.missing().next().is_none()
        };
        for (text, wanted) in [
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
            assert_eq!(is_named(route("get", "/API/plans/{id}"), text), wanted, "{text}");
        }
        assert!(is_named(route("post", "/webhook/"), "post /webhook refuses a bad signature"));
        assert!(!is_named(route("post", "/web"), "post /webhook refuses a bad signature"));
        assert!(!is_named(route("post", &"/a".repeat(PARTS_MAX + 1)), &"/a".repeat(PARTS_MAX + 1)));
    }

    #[test]
    fn many_cases_are_compared_with_many_routes_in_time_and_stop_when_it_is_over() {
        let route = |n: usize| Route { method: "get".to_owned(), path: format!("/api/{{tenant}}/things/{n}/{{id}}") };
        let routes = Routes { all: (0..ROUTES_MAX).map(route).collect() };
        let mut paths = Paths::of(&routes);
        for n in 1..20_000 {
            paths
                .look_in(&format!("get /api/a/things/{}/7 gives one", n % ROUTES_MAX), Deadline::after(TIME_MAX))
                .unwrap();
            if n % ROUTES_MAX == 0 {
                break;
            }
            paths.look_in("post /api/a/things/0/7 is another method", Deadline::after(TIME_MAX)).unwrap();
        }
        assert_eq!(paths.missing().count(), 0);
        let mut paths = Paths::of(&routes);
        let over = Deadline::after(std::time::Duration::ZERO);
        assert_eq!(paths.look_in("get /api", over), Err(Refused::TooSlow));
    }
}
