//! Where a billing database is, field by field, and how a pasted address is taken apart into these fields.
//!
//! There is no connection string inside the program, so no field can smuggle in a parameter. The password is not part
//! of an address; it comes from the keychain and goes straight to the connection. An address is never stored; the
//! plain fields of `DatabasePlace` are, and an address is what they amount to.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use countersign_domain::workspace::DatabasePlace;
use secrecy::SecretString;
use url::Url;

use super::error::BillingError;
use super::name::SchemaName;

/// The longest field. **Units**: bytes. DNS names end at 253, PostgreSQL's names at 63, socket paths at 107.
const FIELD_BYTES_MAX: usize = 253;
/// The longest address that is taken apart. **Units**: bytes.
const URL_BYTES_MAX: usize = 2_048;
/// The port PostgreSQL listens on unless told otherwise.
const DEFAULT_PORT: u16 = 5432;

/// A billing database on a PostgreSQL server; every field of it has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseAddress {
    pub(super) route: Route,
    pub(super) database: String,
    pub(super) user: String,
    pub(super) schema: SchemaName,
}

/// The way to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// Over the network.
    Tcp {
        /// Name or number of the host; the name the certificate has to carry.
        host: String,
        /// The port.
        port: u16,
        /// How the way is protected.
        encryption: Encryption,
    },
    /// Through a Unix socket.
    Socket {
        /// The folder the socket lies in.
        folder: PathBuf,
        /// The port, which is part of the socket's name.
        port: u16,
    },
}

/// How a network route is protected. There is no "encrypt, but do not check".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Encryption {
    /// TLS 1.2 or later; certificate and host name are checked.
    Verified {
        /// Who vouches for the certificate: this file (PEM), or else the computer's own trust store.
        ca_file: Option<PathBuf>,
    },
    /// None, and the peer has to be this computer.
    LoopbackOnly,
}

impl Route {
    /// Makes a network route: unencrypted only to this computer and only when no CA file is given.
    fn tcp(host: String, port: u16, ca_file: Option<PathBuf>) -> Self {
        let is_here = host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        let encryption = match ca_file {
            None if is_here => Encryption::LoopbackOnly,
            ca_file => Encryption::Verified { ca_file },
        };
        Self::Tcp { host, port, encryption }
    }

    /// Says whether what is sent is protected from others on the network.
    pub(super) fn is_encrypted(&self) -> bool {
        matches!(self, Self::Tcp { encryption: Encryption::Verified { .. }, .. })
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port, .. } => write!(f, "{host}:{port}"),
            Self::Socket { folder, port } => write!(f, "{}:{port}", folder.display()),
        }
    }
}

impl DatabaseAddress {
    /// Checks the fields of a place before anything is opened.
    ///
    /// **Shape**: an empty schema is `public`, an empty port 5432.
    /// **Errors**: `OptionRefused` naming the field; `NameInvalid` for the schema.
    pub fn of(place: &DatabasePlace, schema: &str) -> Result<Self, BillingError> {
        let DatabasePlace::Postgres { host, port, user, database, ca_file, socket } = place else {
            return Err(BillingError::refused("kind", "the place is not a PostgreSQL server"));
        };
        plain("database", database)?;
        plain("user", user)?;
        let port = if port.is_empty() { DEFAULT_PORT } else { port_of(port)? };
        let route = match (host.as_str(), socket.as_str()) {
            (host, "") => Route::tcp(checked_host(host)?, port, optional(ca_file).map(PathBuf::from)),
            ("", socket) => Route::Socket { folder: checked_folder(socket)?, port },
            _ => return Err(BillingError::refused("socket", "there is a host as well, and only one of them can be")),
        };
        let schema = if schema.is_empty() { SchemaName::default() } else { SchemaName::parse(schema)? };
        Ok(Self { route, database: database.clone(), user: user.clone(), schema })
    }

    /// Names the database for messages, without the user.
    pub(super) fn place(&self) -> Box<str> {
        format!("database {} on {}", self.database, self.route).into()
    }
}

/// What a pasted address says.
#[derive(Default)]
pub struct PastedAddress {
    /// Host name or address.
    pub host: String,
    /// Port, empty when not said.
    pub port: String,
    /// Role.
    pub user: String,
    /// Database.
    pub database: String,
    /// File with the certificate authority to trust, empty when not said.
    pub ca_file: String,
    /// Folder of a local socket.
    pub socket: String,
    /// The schema, empty when not said.
    pub schema: String,
    /// The password, for the keychain.
    pub password: Option<SecretString>,
}

impl PastedAddress {
    /// Takes a `postgres://` or `postgresql://` address apart.
    ///
    /// **Shape**: user, password, host, port and database; as parameters also `host`, `port`, `user`, `password`,
    /// `dbname`, `schema` (Prisma's), `sslrootcert`, and `sslmode=verify-full`, which is what is done anyway. The
    /// fields are not judged here but by `DatabaseAddress::of`.
    /// **Errors**: `OptionRefused` naming the first other parameter.
    pub fn take_apart(text: &str) -> Result<Self, BillingError> {
        let malformed = || BillingError::refused("address", "it does not read postgresql://user@host:port/database");
        let text = text.trim();
        if text.len() > URL_BYTES_MAX {
            return Err(malformed());
        }
        let url = Url::parse(text).map_err(|_| malformed())?;
        if !["postgres", "postgresql"].contains(&url.scheme()) || url.fragment().is_some() {
            return Err(malformed());
        }
        let mut pasted = Self {
            port: url.port().map(|port| port.to_string()).unwrap_or_default(),
            database: decoded(url.path().trim_start_matches('/')),
            user: decoded(url.username()),
            password: url.password().map(|password| SecretString::from(decoded(password))),
            ..Self::default()
        };
        pasted.set_host(decoded(url.host_str().unwrap_or_default()).trim_matches(['[', ']']));
        for (name, value) in url.query_pairs() {
            pasted.take(&name, &value)?;
        }
        Ok(pasted)
    }

    /// Gives the place the fields amount to.
    #[must_use]
    pub fn place(&self) -> DatabasePlace {
        let Self { host, port, user, database, ca_file, socket, .. } = self;
        let [host, port, user, database, ca_file, socket] =
            [host, port, user, database, ca_file, socket].map(Clone::clone);
        DatabasePlace::Postgres { host, port, user, database, ca_file, socket }
    }

    /// A host that is a path is the folder of a socket, as everywhere around PostgreSQL.
    fn set_host(&mut self, host: &str) {
        let (host, socket) = if host.starts_with('/') { ("", host) } else { (host, "") };
        (self.host, self.socket) = (host.to_owned(), socket.to_owned());
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), BillingError> {
        match name {
            "host" => self.set_host(value),
            "port" => value.clone_into(&mut self.port),
            "dbname" => value.clone_into(&mut self.database),
            "user" => value.clone_into(&mut self.user),
            "password" => self.password = Some(SecretString::from(value)),
            "schema" => value.clone_into(&mut self.schema),
            "sslrootcert" => value.clone_into(&mut self.ca_file),
            "sslmode" if value == "verify-full" => {}
            "sslmode" => return Err(BillingError::refused(name, "certificates are always checked: verify-full only")),
            _ => return Err(BillingError::refused(name, "this parameter is not used here; remove it")),
        }
        Ok(())
    }
}

fn optional(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn port_of(text: &str) -> Result<u16, BillingError> {
    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| BillingError::refused("port", "it is not 1 to 65535"))
}

fn checked_host(host: &str) -> Result<String, BillingError> {
    plain("host", host)?;
    if host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:".contains(&b)) {
        Ok(host.to_owned())
    } else {
        Err(BillingError::refused("host", "it is not the name or number of one host"))
    }
}

fn checked_folder(folder: &str) -> Result<PathBuf, BillingError> {
    plain("socket", folder)?;
    let folder = PathBuf::from(folder);
    if folder.is_absolute() {
        Ok(folder)
    } else {
        Err(BillingError::refused("socket", "the folder's path has to be absolute"))
    }
}

/// Undoes percent-encoding. A form decoder reads `+` as a space, which an address does not mean.
fn decoded(text: &str) -> String {
    let pair = text.replace('+', "%2B").replace('&', "%26");
    url::form_urlencoded::parse(format!("={pair}").as_bytes()).map(|(_, value)| value.into_owned()).collect()
}

fn plain(field: &'static str, text: &str) -> Result<(), BillingError> {
    if text.is_empty() || text.len() > FIELD_BYTES_MAX {
        Err(BillingError::refused(field, "it is empty or too long"))
    } else if text.chars().any(char::is_control) {
        Err(BillingError::refused(field, "it holds a control character"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn address(url: &str) -> Result<DatabaseAddress, BillingError> {
        let pasted = PastedAddress::take_apart(url)?;
        DatabaseAddress::of(&pasted.place(), &pasted.schema)
    }

    #[test]
    fn a_pasted_address_is_taken_apart() {
        let url = "postgresql://re%40der:p%40ss+w%26rd@db.example:6432/bil%20ling?schema=app";
        let found = address(url).unwrap();
        assert_eq!((found.user.as_str(), found.database.as_str()), ("re@der", "bil ling"));
        assert_eq!(found.schema.as_str(), "app");
        assert_eq!(found.route, Route::tcp("db.example".to_owned(), 6432, None));
        assert!(found.route.is_encrypted());
        let password = PastedAddress::take_apart(url).unwrap().password.unwrap();
        assert_eq!(password.expose_secret(), "p@ss+w&rd");
    }

    #[test]
    fn only_this_computer_is_reached_without_encryption() {
        let route = |url: &str| address(url).unwrap().route;
        for here in ["localhost", "127.0.0.1", "127.8.0.1", "[::1]"] {
            assert!(!route(&format!("postgres://u@{here}/d")).is_encrypted(), "{here}");
        }
        for there in ["localhost.example", "10.0.0.1", "[::2]", "0.0.0.0"] {
            assert!(route(&format!("postgres://u@{there}/d")).is_encrypted(), "{there}");
        }
        assert!(route("postgres://u@localhost/d?sslrootcert=/ca.pem&sslmode=verify-full").is_encrypted());
        let socket = Route::Socket { folder: "/run/postgresql".into(), port: 5433 };
        assert_eq!(route("postgresql:///d?host=/run/postgresql&user=u&port=5433"), socket);
        assert_eq!(route("postgresql://u@%2Frun%2Fpostgresql:5433/d"), socket);
    }

    #[test]
    fn every_other_parameter_is_refused_by_name() {
        for parameter in [
            "options=-c%20default_transaction_read_only%3Doff",
            "service=x",
            "sslmode=prefer",
            "sslmode=require",
            "sslmode=disable",
            "passfile=/x",
            "target_session_attrs=read-write",
            "application_name=x",
            "hostaddr=10.0.0.1",
            "connection_limit=5",
            "SSLMODE=verify-full",
        ] {
            let refused = address(&format!("postgres://u:canary@h/d?{parameter}")).unwrap_err();
            let name = parameter.split_once('=').unwrap().0;
            assert!(matches!(&refused, BillingError::OptionRefused { option, .. } if &**option == name), "{refused}");
            assert!(!format!("{refused:?}").contains("canary"));
        }
    }

    #[test]
    fn odd_addresses_are_refused() {
        for odd in [
            "",
            "h",
            "mysql://u@h/d",
            "postgres://u@h1,h2/d",
            "postgres://u@h:1,h2:2/d",
            "postgres://h/d",
            "postgres://u@h",
            "postgres:///d?user=u",
            "postgres://u@h/d#f",
            "postgres://u@h/d%00x",
            "postgres://u%0a@h/d",
            "postgres://u@h/d?host=relative/path",
            "postgres://u@h/d?port=70000",
            "postgres://u@h/d?port=0",
            "postgres://u@h/d?schema=a%22b",
        ] {
            assert!(address(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_place_is_a_host_or_a_socket() {
        let place = |host: &str, socket: &str| DatabasePlace::Postgres {
            host: host.to_owned(),
            port: String::new(),
            user: "u".to_owned(),
            database: "d".to_owned(),
            ca_file: String::new(),
            socket: socket.to_owned(),
        };
        assert_eq!(DatabaseAddress::of(&place("h", ""), "").unwrap().schema, SchemaName::default());
        assert!(DatabaseAddress::of(&place("h", "/run"), "").is_err());
        assert!(DatabaseAddress::of(&place("", ""), "").is_err());
        assert!(DatabaseAddress::of(&place("", "run"), "").is_err());
        assert!(DatabaseAddress::of(&DatabasePlace::Sqlite { file: "/f".to_owned() }, "").is_err());
    }
}
