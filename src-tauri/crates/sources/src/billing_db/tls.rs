//! The one way certificates are checked on a connection to a billing database.
//!
//! Either the computer's own trust store or one file vouches; certificate, host name and dates are always checked.
//! There is no switch that skips any of it.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::Cause;

/// The largest CA file that is read. **Units**: bytes. The trust store of a whole system is about 220 kB.
const CA_FILE_BYTES_MAX: u64 = 1 << 20;

/// Makes the connector. Reads the CA file, or the computer's trust store.
///
/// **Errors**: a file that cannot be read or holds no certificate; an empty trust store.
pub(super) fn connector(ca_file: Option<&Path>) -> Result<MakeRustlsConnect, Cause> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let config = match ca_file {
        None => config.with_platform_verifier()?,
        Some(file) => {
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots(file)?), provider).build()?;
            config.with_webpki_verifier(verifier)
        }
    };
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

fn roots(file: &Path) -> Result<RootCertStore, Cause> {
    if std::fs::metadata(file)?.len() > CA_FILE_BYTES_MAX {
        return Err("the CA file is larger than 1 MiB".into());
    }
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file)? {
        roots.add(certificate?)?;
    }
    if roots.is_empty() { Err("the CA file holds no certificate".into()) } else { Ok(roots) }
}
