//! T-20: the password goes to the right server, encrypted, or nowhere; and no server can hold or fill the program.
//!
//! The right server is a real one; the wrong ones are fakes that write down what they hear.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use countersign_domain::billing::{RowKind, SchemaProfile};
use countersign_domain::failure::Code;
use countersign_domain::workspace::DatabasePlace;
use countersign_sources::billing_db::{BillingReader, PostgresReader};

use crate::cluster::{Cluster, DATABASE, SUPERUSER, reader};
use crate::fake::{CANARY, Fake, columns, done, message, parsed, row};

/// The longest any server may keep us. **Units**: as said.
const LIMIT: Duration = Duration::from_secs(10);
/// The statement that reads the settings back: after BEGIN and eight settings.
const CHECK: usize = 9;

/// Logs in with the canary and gives the code of what came of it.
async fn attempt(fake: &Fake, host: &str, ca_file: &str) -> Code {
    let started = Instant::now();
    let refused = match reader(&fake.place(host, ca_file), "", Some(CANARY), true) {
        Ok(reader) => reader.tables().await.unwrap_err(),
        Err(refused) => refused,
    };
    assert!(started.elapsed() < LIMIT, "{:?}", started.elapsed());
    let mut told = format!("{refused} {refused:?}");
    let mut cause = std::error::Error::source(&refused);
    while let Some(next) = cause {
        told.push_str(&next.to_string());
        cause = next.source();
    }
    assert!(!told.contains(CANARY), "{told}");
    assert!(!fake.has_heard(CANARY), "the password was heard: {told}");
    refused.code()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_encryption_hears_no_password() {
    let authority = Certificates::make();
    let no_tls = Fake::serve(|caller| {
        caller.hear(8)?;
        caller.say(b"N")?;
        caller.hear_all()
    });
    assert_eq!(attempt(&no_tls, "localhost", &authority.file("ca.pem")).await, Code::PgTlsRequired);
    assert_eq!(no_tls.bytes_heard(), 8, "the request for TLS and nothing else");

    // On this computer itself no encryption is needed, but even here nobody is told the password in clear.
    let clear = Fake::serve(|caller| {
        caller.hear_startup()?;
        caller.say(&message(b'R', &3_u32.to_be_bytes()))?;
        caller.hear_all()
    });
    assert_eq!(attempt(&clear, "127.0.0.1", "").await, Code::PgTlsRequired);
    assert!(clear.has_heard("reader"), "it did come to the login");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_a_wrong_certificate_hears_no_password() {
    let authority = Certificates::make();
    let ca = &authority.file("ca.pem");
    // One certificate ends in the second it was made in.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    for (certificate, host, ca_file) in [
        ("self.pem", "localhost", ca),
        ("other_host.pem", "localhost", ca),
        ("expired.pem", "localhost", ca),
        ("right.pem", "127.0.0.1", ca),
        ("right.pem", "localhost", &authority.file("self.pem")),
    ] {
        let fake = Fake::with_certificate(&authority.path(certificate), &authority.path("server.key"));
        assert_eq!(attempt(&fake, host, ca_file).await, Code::PgTlsUntrusted, "{certificate} for {host}");
    }
    for bad_file in ["/nonexistent/ca.pem", &authority.file("server.key")] {
        let fake = Fake::with_certificate(&authority.path("right.pem"), &authority.path("server.key"));
        assert_eq!(attempt(&fake, "localhost", bad_file).await, Code::PgTlsUntrusted, "{bad_file}");
    }
    // The fake does hear a password when all is well, so the silence above proves something.
    let fake = Fake::with_certificate(&authority.path("right.pem"), &authority.path("server.key"));
    let reader = reader(&fake.place("localhost", ca), "", Some(CANARY), true).unwrap();
    assert!(reader.tables().await.is_err());
    assert!(fake.has_heard(CANARY));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_proper_server_is_left_soon() {
    let authority = Certificates::make();
    let ca = &authority.file("ca.pem");
    let garbage = |greeting: &'static [u8]| {
        Fake::serve(move |caller| {
            caller.hear(8)?;
            caller.say(greeting)?;
            caller.say(&[0xff; 4096])?;
            caller.hang_up()
        })
    };
    for greeting in [b"HTTP/1.1 400".as_slice(), b"S", b"E", b""] {
        assert_eq!(attempt(&garbage(greeting), "localhost", ca).await, Code::PgUnreachable, "{greeting:?}");
        assert_eq!(attempt(&garbage(greeting), "localhost", "").await, Code::PgUnreachable, "{greeting:?}");
    }
    let hangs_up = Fake::serve(|caller| caller.hear(8).map(|_| ()));
    assert_eq!(attempt(&hangs_up, "localhost", ca).await, Code::PgUnreachable);
    assert_eq!(attempt(&hangs_up, "localhost", "").await, Code::PgUnreachable);

    let bomb = Fake::serve(|caller| {
        caller.hear_startup()?;
        caller.say(&message(b'R', &[&10_u32.to_be_bytes(), b"SCRAM-SHA-256\0\0".as_slice()].concat()))?;
        let (_, first) = caller.hear_message()?;
        let first = String::from_utf8_lossy(&first).into_owned();
        let nonce = first.split_once("r=").unwrap().1;
        let challenge = format!("r={nonce}server,s=c2FsdA==,i=2147483647");
        caller.say(&message(b'R', &[&11_u32.to_be_bytes(), challenge.as_bytes()].concat()))?;
        caller.hear_all()
    });
    assert_eq!(attempt(&bomb, "localhost", "").await, Code::PgUnreachable);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_can_fill_or_break_the_program() {
    let answering = |answer: Vec<u8>| {
        Fake::serve(move |caller| {
            caller.let_in()?;
            caller.answer(CHECK, &answer)?;
            caller.hang_up()
        })
    };
    let head = || [parsed(), columns(&["name", "value"])].concat();
    let short_row = [head(), message(b'D', &[0, 1, 0, 0, 0, 1, b'x']), done()].concat();
    let row_past_its_end = [head(), message(b'D', &[0, 2, 0, 0, 0, 99, b'x']), done()].concat();
    let cut_mid_row = [head(), row(&["transaction_read_only", "on"])[..12].to_vec(), done()].concat();
    for answer in [short_row, row_past_its_end, cut_mid_row] {
        assert_eq!(attempt(&answering(answer), "localhost", "").await, Code::PgUnreachable);
    }
    // A row that claims a gigabyte, and goes on sending it.
    let endless = Fake::serve(|caller| {
        caller.let_in()?;
        let gigabyte = 1_u32 << 30;
        caller.answer(
            CHECK,
            &[parsed(), columns(&["name", "value"]), vec![b'D'], gigabyte.to_be_bytes().to_vec()].concat(),
        )?;
        loop {
            caller.say(&[0; 1 << 16])?;
        }
    });
    assert_eq!(attempt(&endless, "localhost", "").await, Code::PgUnreachable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_may_write_is_not_used() {
    for (name, value) in
        [("transaction_read_only", "off"), ("transaction_isolation", "read committed"), ("statement_timeout", "0")]
    {
        let fake = Fake::serve(move |caller| {
            caller.let_in()?;
            caller.answer(CHECK, &[parsed(), columns(&["name", "value"]), row(&[name, value]), done()].concat())?;
            caller.hear_all()
        });
        assert_eq!(attempt(&fake, "localhost", "").await, Code::PgNotReadOnly, "{name}");
        assert!(!fake.has_heard("pg_roles"), "nothing was read after it");
    }
    // No word about the settings is as good as a wrong one.
    let mute = Fake::serve(|caller| {
        caller.let_in()?;
        caller.answer(CHECK, &[parsed(), columns(&["name", "value"]), done()].concat())?;
        caller.hear_all()
    });
    assert_eq!(attempt(&mute, "localhost", "").await, Code::PgNotReadOnly);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_server_is_reached_encrypted() {
    let authority = Certificates::make();
    let password = authority.path("password");
    std::fs::write(&password, SUPERUSER).unwrap();
    for file in ["", "password", "right.pem", "server.key"] {
        authority.share(file);
    }
    let init = ["--auth=scram-sha-256", &format!("--pwfile={}", password.display())];
    let (certificate, key) = (authority.path("right.pem"), authority.path("server.key"));
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", certificate.display()),
        format!("ssl_key_file={}", key.display()),
    ];
    let cluster = Cluster::start_with(&init, &settings.iter().map(String::as_str).collect::<Vec<_>>(), &[&key]);
    cluster.psql(DATABASE, "CREATE ROLE r LOGIN PASSWORD 'right'; GRANT pg_read_all_data TO r;");
    let place = |host: &str, ca_file: &str, user: &str| DatabasePlace::Postgres {
        host: host.to_owned(),
        port: cluster.port.to_string(),
        user: user.to_owned(),
        database: DATABASE.to_owned(),
        ca_file: ca_file.to_owned(),
        socket: String::new(),
    };
    let encrypted = reader(&place("localhost", &authority.file("ca.pem"), "r"), "", Some("right"), false).unwrap();
    assert!(encrypted.identity().await.unwrap().is_encrypted);
    let sessions = "SELECT count(*) FROM pg_stat_ssl AS s JOIN pg_stat_activity AS a USING (pid)
                    WHERE a.usename = 'r' AND s.ssl AND s.version IN ('TLSv1.2', 'TLSv1.3')";
    assert_eq!(cluster.ask(sessions), "1");
    let plain = reader(&place("localhost", "", "r"), "", Some("right"), false).unwrap();
    assert!(!plain.identity().await.unwrap().is_encrypted);

    stopping_is_encrypted_too(&cluster, &encrypted).await;
    for (user, password) in [("r", Some("wrong")), ("nobody", Some("right")), ("r", None), ("r", Some(""))] {
        let place = place("localhost", &authority.file("ca.pem"), user);
        let refused = reader(&place, "", password, false).unwrap().tables().await.unwrap_err();
        assert_eq!(refused.code(), Code::PgAuth, "{user} {password:?}: {refused:?}");
    }
}

/// A statement that waits for a lock is stopped by a second, encrypted connection.
async fn stopping_is_encrypted_too(cluster: &Cluster, reader: &PostgresReader) {
    cluster.psql(DATABASE, include_str!("devflowhub.sql"));
    let mut holder = cluster.somebody().await;
    #[expect(clippy::disallowed_methods, reason = "this session is not ours: it plays somebody who changes a table")]
    let lock = holder.transaction().await.unwrap();
    lock.execute(r#"LOCK TABLE public."Invoice" IN ACCESS EXCLUSIVE MODE"#, &[]).await.unwrap();
    let waiting = reader.count(SchemaProfile::Devflowhub, RowKind::BillingInvoice);
    assert!(tokio::time::timeout(Duration::from_millis(600), waiting).await.is_err());
    let started = Instant::now();
    while !cluster.logged(0).iter().any(|line| line.message == "canceling statement due to user request") {
        assert!(started.elapsed() < LIMIT);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A certificate authority of a test's own, and servers' certificates that are right and wrong.
struct Certificates(tempfile::TempDir);

impl Certificates {
    fn make() -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        for key in ["ca.key", "server.key"] {
            made.openssl(&format!("ecparam -name prime256v1 -genkey -noout -out {key}"));
        }
        made.openssl("req -x509 -key ca.key -out ca.pem -days 2 -subj /CN=authority");
        let own_name = "-subj /CN=self -addext subjectAltName=DNS:localhost";
        made.openssl(&format!("req -x509 -key server.key -out self.pem -days 2 {own_name}"));
        for (file, host, days) in
            [("right", "localhost", 2), ("other_host", "other.example", 2), ("expired", "localhost", 0)]
        {
            std::fs::write(made.path("names"), format!("subjectAltName=DNS:{host}\n")).unwrap();
            made.openssl(&format!("req -new -key server.key -out {file}.csr -subj /CN={host}"));
            let signed = format!("-CA ca.pem -CAkey ca.key -CAcreateserial -days {days} -extfile names");
            made.openssl(&format!("x509 -req -in {file}.csr -out {file}.pem {signed}"));
        }
        made
    }

    fn openssl(&self, arguments: &str) {
        let made = Command::new("openssl").args(arguments.split(' ')).current_dir(self.0.path()).output();
        let made = made.expect("this test makes certificates with the program `openssl`");
        assert!(made.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&made.stderr));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Lets everybody read it, the server's user among them.
    fn share(&self, name: &str) {
        let mode = if self.path(name).is_dir() { 0o755 } else { 0o644 };
        std::fs::set_permissions(self.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    }
}
