//! What a real server says of its own health is told as it says it.

use countersign_domain::billing::ServerSigns;
use countersign_sources::billing_db::BillingReader;

use crate::cluster::{Cluster, DATABASE};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_tells_what_is_not_valid() {
    let cluster = Cluster::start_with(&["--auth=trust", "--data-checksums"], &[], &[]);
    cluster.psql(DATABASE, include_str!("devflowhub.sql"));
    cluster.psql(DATABASE, "CREATE ROLE r LOGIN; CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.t (a integer);");
    let reader = cluster.reader("r", "", false);
    let fine = ServerSigns { checksum_failures: Some(0), invalid: Vec::new() };
    assert_eq!(reader.signs().await.unwrap(), Some(fine.clone()));
    // A unique index over values that are there twice is left behind, and is not valid; so is a rule nobody checked.
    cluster.psql(
        DATABASE,
        r#"UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = '"User_email_key"'::regclass;
           ALTER TABLE "Invoice" ADD CONSTRAINT "owes" CHECK ("amountDue" < 0) NOT VALID;
           ALTER TABLE elsewhere.t ADD CONSTRAINT other CHECK (a > 0) NOT VALID;"#,
    );
    let invalid = vec!["constraint owes of Invoice".to_owned(), "index User_email_key".to_owned()];
    assert_eq!(reader.signs().await.unwrap(), Some(ServerSigns { invalid, ..fine }));
}
