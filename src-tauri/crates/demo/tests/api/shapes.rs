//! Every object that is served, held against the tables in `tests/shapes`, in both directions.
//! A field too many is as wrong as a field too few.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use super::*;

/// The version the tables are of.
const PINNED: &str = "2026-10-28.endive";

/// One object's table: path of a part, the fields of the part, each with what it is.
type Table = BTreeMap<String, BTreeMap<String, String>>;

/// Reads a table, and sorts its lines by the part they are of. Entries of an array are its field `[]`.
fn table(text: &str) -> Table {
    let lines: BTreeMap<String, String> = toml::from_str(text).unwrap();
    let mut table = Table::new();
    for (path, line) in lines {
        let (above, field) = match path.strip_suffix("[]") {
            Some(array) => (array, "[]"),
            None => path.rsplit_once('.').unwrap_or(("", &path)),
        };
        table.entry(above.to_owned()).or_default().insert(field.to_owned(), line);
    }
    table
}

fn tables() -> BTreeMap<String, Rc<Table>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let toml = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let read = |path: std::path::PathBuf| {
        let word = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (word, Rc::new(table(&std::fs::read_to_string(&path).unwrap())))
    };
    toml.map(read).collect()
}

/// What a line of a table says.
struct Spec<'t> {
    kind: &'t str,
    may_be_null: bool,
    may_be_absent: bool,
    rest: &'t str,
}

impl<'t> Spec<'t> {
    fn read(line: &'t str) -> Self {
        let (head, rest) = line.split_once(' ').unwrap_or((line, ""));
        let kind = head.trim_end_matches('~').trim_end_matches('?');
        Self { kind, may_be_null: head.contains('?'), may_be_absent: head.ends_with('~'), rest }
    }
}

/// Holds objects against the tables and gathers what is wrong.
struct Scale {
    tables: BTreeMap<String, Rc<Table>>,
    wrong: BTreeSet<String>,
    weighed: BTreeSet<String>,
}

impl Scale {
    fn new() -> Self {
        Self { tables: tables(), wrong: BTreeSet::new(), weighed: BTreeSet::new() }
    }

    fn weigh(&mut self, word: &str, object: &Value) {
        self.weighed.insert(word.to_owned());
        match self.tables.get(word).cloned() {
            Some(table) => self.fields(word, &table, "", object),
            None => self.complain(word, "", "there is no table of it"),
        }
    }

    fn complain(&mut self, word: &str, path: &str, what: &str) {
        self.wrong.insert(format!("{word}.{path}: {what}"));
    }

    /// Checks the fields below a path, both ways.
    fn fields(&mut self, word: &str, table: &Table, above: &str, value: &Value) {
        let Some(fields) = value.as_object() else { return self.complain(word, above, "not an object") };
        let Some(listed) = table.get(above) else { return };
        let path_of = |field: &str| if above.is_empty() { field.to_owned() } else { format!("{above}.{field}") };
        for field in fields.keys().filter(|field| !listed.contains_key(*field)) {
            self.complain(word, &path_of(field), "served, but not in the table");
        }
        for (field, line) in listed.iter().filter(|(field, _)| *field != "[]") {
            let spec = Spec::read(line);
            match fields.get(field) {
                None if spec.may_be_absent => {}
                None => self.complain(word, &path_of(field), "missing"),
                Some(Value::Null) if spec.may_be_null => {}
                Some(Value::Null) => self.complain(word, &path_of(field), "null"),
                Some(value) => self.value(word, table, &path_of(field), &spec, value),
            }
        }
    }

    fn value(&mut self, word: &str, table: &Table, path: &str, spec: &Spec<'_>, value: &Value) {
        let is_good = match spec.kind {
            "string" => value.is_string(),
            "integer" => value.is_i64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "decimal" => value.as_str().is_some_and(|text| text.parse::<f64>().is_ok()),
            "array" => value.is_array(),
            "object" | "map" | "ref" | "list" => value.is_object(),
            "any" => true,
            constant => constant.strip_prefix('=').is_some_and(|wanted| match value {
                Value::String(text) => text == wanted,
                other => wanted == "true" && *other == Value::Bool(true),
            }),
        };
        if !is_good {
            return self.complain(word, path, &format!("{value} is not of {}", spec.kind));
        }
        match spec.kind {
            "string" if !spec.rest.is_empty() && !spec.rest.split('|').any(|known| value == known) => {
                self.complain(word, path, &format!("{value} is not among {}", spec.rest));
            }
            "object" => self.fields(word, table, path, value),
            "ref" if spec.rest != "any" => self.weigh(spec.rest, value),
            "list" => self.list(word, path, value),
            "array" => {
                let Some(line) = table.get(path).and_then(|part| part.get("[]")) else { return };
                let inside = format!("{path}[]");
                for entry in value.as_array().into_iter().flatten() {
                    self.value(word, table, &inside, &Spec::read(line), entry);
                }
            }
            _ => {}
        }
    }

    fn list(&mut self, word: &str, path: &str, list: &Value) {
        let keys: Vec<&String> = list.as_object().unwrap().keys().collect();
        if keys != ["data", "has_more", "object", "url"] {
            self.complain(word, path, &format!("a list of {keys:?}"));
        }
        for entry in list["data"].as_array().unwrap() {
            self.weigh(entry["object"].as_str().unwrap(), entry);
        }
    }
}

#[tokio::test]
async fn every_served_object_has_the_fields_of_the_pinned_version() {
    let api = start(options(120)).await;
    let mut scale = Scale::new();
    for path in ["account", "balance", "tax/settings"] {
        let object = api.get(&format!("/v1/{path}")).await.body;
        scale.weigh(object["object"].as_str().unwrap(), &object);
    }
    for path in LISTS {
        for object in api.walk(&format!("/v1/{path}"), 100).await {
            scale.weigh(object["object"].as_str().unwrap(), &object);
            let payload = &object["data"]["object"];
            if object["api_version"] == PINNED && payload["object"] != "checkout.session" {
                scale.weigh(payload["object"].as_str().unwrap(), payload);
            }
        }
    }
    for path in ["subscriptions?status=all&expand[]=data.discounts", "prices?active=false", "customers/{deleted}"] {
        let deleted = api.walk("/v1/events?type=customer.deleted", 10).await;
        let path = path.replace("{deleted}", deleted[0]["data"]["object"]["id"].as_str().unwrap());
        let body = api.get(&format!("/v1/{path}")).await.body;
        match body["data"].as_array() {
            Some(data) => data.iter().for_each(|object| {
                for discount in object["discounts"].as_array().into_iter().flatten() {
                    scale.weigh("discount", discount);
                }
            }),
            None => scale.weigh("deleted_customer", &body),
        }
    }
    assert!(scale.wrong.is_empty(), "{:#?}", scale.wrong);
    let unweighed: Vec<&String> = scale.tables.keys().filter(|word| !scale.weighed.contains(*word)).collect();
    assert!(unweighed.is_empty(), "no object of {unweighed:?} was served");
}

/// Every list that is not empty in this company.
const LISTS: &[&str] = &[
    "balance_transactions",
    "billing/meters",
    "billing_portal/configurations",
    "charges",
    "coupons",
    "customers",
    "disputes",
    "events",
    "invoice_payments",
    "invoices",
    "payment_intents",
    "payment_method_configurations",
    "prices",
    "products",
    "promotion_codes",
    "refunds",
    "subscriptions?status=all",
    "tax/registrations",
    "tax_rates",
    "webhook_endpoints",
];
