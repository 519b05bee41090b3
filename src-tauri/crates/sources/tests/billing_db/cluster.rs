//! A real PostgreSQL server of its own, in a temporary folder, reached through a Unix socket.
//!
//! The server refuses to run as root, so root becomes `nobody` for it. It ends with the test, by the process id the
//! server wrote itself. Nothing here goes through the code that is tested.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use countersign_domain::workspace::DatabasePlace;
use countersign_sources::billing_db::{BillingError, DatabaseAddress, PostgresReader};
use secrecy::SecretString;
use tempfile::TempDir;

/// The superuser of every test server.
pub const SUPERUSER: &str = "su";
/// The database of every test server.
pub const DATABASE: &str = "billing";
/// The oldest server the product promises to read.
const OLDEST_MAJOR: u32 = 15;

pub struct Cluster {
    folder: TempDir,
    binaries: PathBuf,
    /// User and group the server runs as, when that is not us.
    identity: Option<(u32, u32)>,
    pub port: u16,
}

/// A line of the server's log.
pub struct Logged {
    pub application: String,
    pub message: String,
}

impl Cluster {
    /// Starts a server that trusts whoever comes through its socket.
    pub fn start() -> Self {
        Self::start_with(&["--auth=trust"], &[], &[])
    }

    /// Starts a server; `init` goes to initdb, `settings` and the files only it may read go to the server.
    pub fn start_with(init: &[&str], settings: &[&str], own: &[&Path]) -> Self {
        let cluster = Self::empty();
        let data = cluster.data();
        let data = data.to_str().unwrap();
        let made = cluster.run(
            "initdb",
            &[init, &["-D", data, "-U", SUPERUSER, "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]].concat(),
        );
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        own.iter().for_each(|file| cluster.give(file));
        cluster.launch(settings);
        cluster.psql("postgres", &format!("CREATE DATABASE {DATABASE}"));
        cluster
    }

    /// Starts a second server that repeats what this one does.
    pub fn replica(&self) -> Self {
        let replica = Self::empty();
        let (data, socket, port) = (replica.data(), self.socket(), self.port.to_string());
        let from = ["-h", socket.to_str().unwrap(), "-p", &port, "-U", SUPERUSER];
        let to = ["-D", data.to_str().unwrap(), "-R", "--no-sync", "--checkpoint=fast"];
        let copied = replica.run("pg_basebackup", &[from.as_slice(), &to].concat());
        assert!(copied.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&copied.stderr));
        replica.launch(&[]);
        replica
    }

    fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let identity = (folder.path().metadata().unwrap().uid() == 0).then(nobody);
        if let Some((user, group)) = identity {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        Self { folder, binaries: binaries(), identity, port: free_port() }
    }

    fn launch(&self, settings: &[&str]) {
        let fixed = [
            "listen_addresses=",
            "fsync=off",
            "autovacuum=off",
            "log_statement=all",
            "logging_collector=on",
            "log_destination=jsonlog",
            "log_directory=log",
            "log_filename=server.log",
        ];
        let socket = format!("unix_socket_directories={}", self.socket().display());
        let port = format!("port={}", self.port);
        let mut options = String::new();
        for setting in fixed.iter().chain(settings).copied().chain([socket.as_str(), port.as_str()]) {
            options.push_str(&format!(" -c {setting}"));
        }
        let data = self.data();
        let log = self.socket().join("start.log");
        let arguments = ["-D", data.to_str().unwrap(), "-o", &options, "-l", log.to_str().unwrap(), "-w", "start"];
        let started = self.run("pg_ctl", &arguments);
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        assert!(started.status.success(), "pg_ctl start: {}", said());
    }

    /// The folder the socket lies in, beside the data.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The server's data.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Makes a file one that only the server may read.
    fn give(&self, path: &Path) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
        if let Some((user, group)) = self.identity {
            chown(path, Some(user), Some(group)).unwrap();
        }
    }

    /// Asks as the superuser, with the system's own names whatever the database prefers.
    pub fn ask(&self, sql: &str) -> String {
        self.psql_with(DATABASE, sql, "-c search_path=pg_catalog")
    }

    /// Runs SQL as the superuser and gives what it answers, unaligned.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        self.psql_with(database, sql, "")
    }

    fn psql_with(&self, database: &str, sql: &str, options: &str) -> String {
        let port = self.port.to_string();
        let socket = self.socket();
        let mut psql = Command::new(self.binaries.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", SUPERUSER, "-d", database, "-p", &port, "-h"])
            .arg(&socket)
            .env("PGPASSWORD", SUPERUSER)
            .env("PGOPTIONS", options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("psql");
        psql.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
        let answer = psql.wait_with_output().unwrap();
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8(answer.stdout).unwrap().trim_end().to_owned()
    }

    /// A session of somebody else, as the superuser.
    pub async fn somebody(&self) -> tokio_postgres::Client {
        let mut config = tokio_postgres::Config::new();
        config.host_path(self.socket()).port(self.port).user(SUPERUSER).dbname(DATABASE).password(SUPERUSER);
        config.options("-c search_path=pg_catalog");
        let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// Everything the database holds, as text.
    pub fn dump(&self) -> String {
        let port = self.port.to_string();
        let socket = self.socket();
        let arguments = ["-U", SUPERUSER, "-p", &port, "-h", socket.to_str().unwrap(), DATABASE];
        let dumped = self.run("pg_dump", &arguments);
        assert!(dumped.status.success(), "pg_dump: {}", String::from_utf8_lossy(&dumped.stderr));
        // Newer releases guard a dump with a random word.
        let text = String::from_utf8(dumped.stdout).unwrap();
        text.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict")).collect()
    }

    /// What the server logged so far, from the given line on.
    pub fn logged(&self, skip: usize) -> Vec<Logged> {
        let text = std::fs::read_to_string(self.data().join("log/server.json")).unwrap();
        let field = |line: &serde_json::Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        text.lines()
            .skip(skip)
            .map(|line| serde_json::from_str(line).unwrap())
            .map(|line: serde_json::Value| Logged {
                application: field(&line, "application_name"),
                message: field(&line, "message"),
            })
            .collect()
    }

    /// The way in through the socket.
    pub fn place(&self, user: &str) -> DatabasePlace {
        DatabasePlace::Postgres {
            host: String::new(),
            port: self.port.to_string(),
            user: user.to_owned(),
            database: DATABASE.to_owned(),
            ca_file: String::new(),
            socket: self.socket().to_str().unwrap().to_owned(),
        }
    }

    /// A reader that logs in as the given role.
    pub fn reader(&self, user: &str, schema: &str, allow_powerful_role: bool) -> PostgresReader {
        reader(&self.place(user), schema, None, allow_powerful_role).unwrap()
    }

    fn run(&self, binary: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.binaries.join(binary));
        if let Some((user, group)) = self.identity {
            command.uid(user).gid(group);
        }
        // Output goes to files: the server keeps what it inherits, and a pipe would never end.
        let out = tempfile::tempfile().unwrap();
        let err = tempfile::tempfile().unwrap();
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command.stdout(out.try_clone().unwrap()).stderr(err.try_clone().unwrap());
        let status = command.status().unwrap_or_else(|error| panic!("{binary}: {error}"));
        Output { status, stdout: whole(out), stderr: whole(err) }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        self.run("pg_ctl", &["-D", data.to_str().unwrap(), "-m", "immediate", "-w", "stop"]);
    }
}

/// A reader for a place.
pub fn reader(
    place: &DatabasePlace,
    schema: &str,
    password: Option<&str>,
    allow_powerful_role: bool,
) -> Result<PostgresReader, BillingError> {
    let address = DatabaseAddress::of(place, schema)?;
    PostgresReader::new(address, password.map(SecretString::from), "test", allow_powerful_role)
}

fn whole(mut file: std::fs::File) -> Vec<u8> {
    use std::io::{Read, Seek};
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

/// Finds the newest PostgreSQL of this computer.
fn binaries() -> PathBuf {
    let found = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(|entry| {
        let path = entry.ok()?.path();
        let major: u32 = path.file_name()?.to_str()?.parse().ok()?;
        (major >= OLDEST_MAJOR && path.join("bin/initdb").exists()).then(|| (major, path.join("bin")))
    });
    match found.max() {
        Some((_, binaries)) => binaries,
        None => panic!(
            "this test starts a PostgreSQL server of its own and found none: there is no initdb of release \
             {OLDEST_MAJOR} or later under /usr/lib/postgresql; install the package `postgresql`"
        ),
    }
}

fn nobody() -> (u32, u32) {
    let id = |flag: &str| {
        let answer = Command::new("id").args([flag, "nobody"]).output().expect("id");
        String::from_utf8(answer.stdout).unwrap().trim().parse().expect("a user named nobody")
    };
    (id("-u"), id("-g"))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
