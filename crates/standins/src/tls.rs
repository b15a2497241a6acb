//! TLS of a stand-in, with certificates that protect nothing.
//!
//! The key is published here on purpose. The certificates are for `127.0.0.1`, run from 2020 until 2120, and
//! were made by `tls/make.py`.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The root that the certificate of a stand-in leads back to.
pub const ROOT_PEM: &str = include_str!("../tls/root.pem");
/// Another root, under which there is no stand-in.
pub const STRANGER_PEM: &str = include_str!("../tls/stranger.pem");
const CERTIFICATE_PEM: &[u8] = include_bytes!("../tls/standin.pem");
const KEY_PEM: &[u8] = include_bytes!("../tls/standin.key");

pub(crate) fn accept(stream: TcpStream) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
    let chain = CertificateDer::pem_slice_iter(CERTIFICATE_PEM).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_slice(KEY_PEM).map_err(io::Error::other)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(io::Error::other)?;
    let connection = ServerConnection::new(Arc::new(config)).map_err(io::Error::other)?;
    Ok(StreamOwned::new(connection, stream))
}
