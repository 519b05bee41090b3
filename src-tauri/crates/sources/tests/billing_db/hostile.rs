//! Names and fields that try to be more than names and fields.
//!
//! Every text goes into every field a person or a file from a colleague could fill, against a real server.

use countersign_domain::billing::{RowKind, SchemaProfile};
use countersign_domain::workspace::DatabasePlace;
use countersign_sources::billing_db::{BillingReader, PageRequest, PastedAddress};

use crate::cluster::{Cluster, DATABASE, reader};

/// Texts that mean something to SQL, to connection strings, to a shell, or to nobody.
const TEXTS: [&str; 30] = [
    "public; DROP TABLE \"Invoice\"",
    "public\"; INSERT INTO trap.sprung VALUES ('x'); --",
    "\"Invoice\"",
    "public.\"Invoice\"",
    "(SELECT trap.spring('x'))",
    "pg_catalog, public",
    "billing options='-c default_transaction_read_only=off'",
    "billing host=10.0.0.1",
    "' OR '1'='1",
    "'; SELECT trap.spring_as_definer('x'); --",
    "$$; SELECT 1; $$",
    "$1",
    "%s",
    "%I",
    "{relation}",
    "{Invoice}",
    "\\copy trap.sprung from program 'id'",
    "x/**/UNION/**/SELECT",
    "a\0b",
    "a\nb",
    "a\tb",
    "a\u{202e}b",
    "ｐｕｂｌｉｃ",
    "пublic",
    "1public",
    "-public",
    " public",
    "a,b",
    "U&\"\\0070ublic\"",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

/// The fewest texts that have to be refused.
const REFUSED_MIN: usize = 200;

pub async fn names_and_fields_are_refused(cluster: &Cluster) {
    let mut refused = 0;
    for text in TEXTS {
        for (place, schema) in places(cluster, text) {
            let answer = match reader(&place, &schema, None, true) {
                Ok(reader) => reader.tables().await,
                Err(refused) => Err(refused),
            };
            assert!(answer.is_err(), "{place:?} {schema:?}");
            refused += 1;
        }
        for parameter in ["options", "service", text] {
            let encoded: String =
                url::form_urlencoded::Serializer::new(String::new()).append_pair(parameter, text).finish();
            let url = format!("postgresql://writer@localhost/{DATABASE}?{encoded}");
            assert!(PastedAddress::take_apart(&url).is_err(), "{url}");
            refused += 1;
        }
    }
    assert!(refused >= REFUSED_MIN, "{refused}");
    values_stay_values(cluster).await;
}

/// The place that works, with the text in one field at a time.
fn places(cluster: &Cluster, text: &str) -> Vec<(DatabasePlace, String)> {
    let fields = ["host", "port", "user", "database", "ca_file", "socket", "schema"];
    let good = [
        String::new(),
        cluster.port.to_string(),
        "writer".to_owned(),
        DATABASE.to_owned(),
        String::new(),
        cluster.socket().display().to_string(),
        String::new(),
    ];
    let mut places = Vec::new();
    for at in 0..fields.len() {
        let mut values = good.clone();
        text.clone_into(&mut values[at]);
        // A host is asked for without the socket, a CA file with a host.
        if fields[at] == "host" || fields[at] == "ca_file" {
            values[5].clear();
        }
        if fields[at] == "ca_file" {
            "localhost".clone_into(&mut values[0]);
        }
        let [host, port, user, database, ca_file, socket, schema] = values;
        places.push((DatabasePlace::Postgres { host, port, user, database, ca_file, socket }, schema));
    }
    places
}

/// Keys and ids are compared, whatever they say.
async fn values_stay_values(cluster: &Cluster) {
    let reader = cluster.reader("writer", "", true);
    let harmless: Vec<&str> = TEXTS.into_iter().filter(|text| !text.contains('\0')).collect();
    for kind in [RowKind::BillingInvoice, RowKind::BillingEvent] {
        let found = reader.rows_by_stripe_id(SchemaProfile::Devflowhub, kind, &harmless).await.unwrap();
        assert!(found.is_empty());
    }
    for text in harmless {
        let request = PageRequest { kind: RowKind::BillingInvoice, after: Some(text), changed_since: None };
        reader.page(SchemaProfile::Devflowhub, request).await.unwrap();
    }
}
