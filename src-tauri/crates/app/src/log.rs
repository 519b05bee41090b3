//! The log: JSON lines in the profile's folder, a few files, nothing secret in them.
//!
//! Every line passes the redaction filter before it is written, as the last of several nets. Personal values and amounts
//! are not logged in the first place.

use std::io::{self, Write};
use std::path::Path;

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::app::App;

/// Files kept; one a day.
const FILES_MAX: usize = 14;
/// What is logged: our crates at `info`, libraries only when they warn. Their own chatter may hold headers.
const LEVELS: &str = "warn,countersign=info,countersign_app=info,countersign_sources=info,countersign_store=info,\
    countersign_probes=info,countersign_demo=warn,countersign_window=info,hyper=off,rustls=off,tokio_postgres=off,zbus=off";

/// Begins to log into the profile's folder. Without the folder the program works all the same.
pub fn begin(app: &App) {
    let folder = app.log_folder();
    if app.stores().is_err() || make_private(&folder).is_err() {
        return;
    }
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("countersign")
        .filename_suffix("log")
        .max_log_files(FILES_MAX)
        .build(folder);
    let Ok(files) = files else { return };
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_env_filter(EnvFilter::new(LEVELS))
        .with_writer(Redacting(files))
        .finish();
    // A second program in the same process, as in tests, keeps the first one's log.
    let _already_logging = tracing::subscriber::set_global_default(subscriber);
}

fn make_private(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    #[cfg(unix)]
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// Writes lines without what must not be in them.
struct Redacting<W>(W);

struct Line<W: Write>(W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Redacting<W> {
    type Writer = Line<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Line(self.0.make_writer())
    }
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The subscriber writes a whole line at once, so a secret is never cut in two.
        let text = countersign_sources::redact::redacted(&String::from_utf8_lossy(bytes));
        self.0.write_all(text.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_gets_through() {
        let mut kept = Vec::new();
        let mut line = Line(&mut kept);
        line.write_all(
            concat!(r#"{"key":"sk_li"#, r#"ve_abcdefghijklmnop1234","url":"postgres://u:hunter2@h/d"}"#).as_bytes(),
        )
        .unwrap();
        let text = String::from_utf8(kept).unwrap();
        assert!(!text.contains("abcdefghijklmnop") && !text.contains("hunter2"), "{text}");
    }
}
