//! TLS, and a certificate that is replaced while the server runs.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use server::{Config, Sockets, config::Tls};

use crate::common::{at_the_root, limits};
use crate::sockets::{config, start_with};

/// Writes a new certificate for `localhost`, signed by itself, and its key.
fn renew(files: &Tls) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(&files.certificate, made.cert.pem()).unwrap();
    fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    made.cert.der().clone()
}

/// Asks for `/healthz`, trusting `certificate` only.
async fn ask(address: SocketAddr, certificate: &CertificateDer<'static>) -> Result<String, String> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let ask = move || {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let client = ClientConnection::new(Arc::new(client), name).unwrap();
        let mut stream = StreamOwned::new(client, TcpStream::connect(address).unwrap());
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    };
    tokio::task::spawn_blocking(ask).await.unwrap().map_err(|error| error.to_string())
}

fn files(dir: &Path) -> Tls {
    Tls { certificate: dir.join("certificate.pem"), key: dir.join("key.pem") }
}

#[tokio::test]
async fn a_certificate_is_replaced_on_sighup_and_a_bad_one_is_not_taken() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let first = renew(&files);
    let config = Config { tls: Some(files.clone()), ..config(limits()) };
    let router = at_the_root();
    let server = start_with(router, &config).await;
    assert!(server.addresses.url.as_str().starts_with("https://"));
    let listen = server.addresses.listen;
    assert!(ask(listen, &first).await.unwrap().starts_with("HTTP/1.1 200"));

    let second = renew(&files);
    hang_up();
    let taken = async {
        while ask(listen, &second).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), taken).await.unwrap();
    assert!(ask(listen, &first).await.is_err());

    fs::write(&files.key, "no key").unwrap();
    hang_up();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(ask(listen, &second).await.is_ok());
}

fn hang_up() {
    let own = std::process::id().to_string();
    assert!(Command::new("kill").args(["-HUP", &own]).status().unwrap().success());
}

#[tokio::test]
async fn files_that_do_not_fit_are_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let missing = Config { tls: Some(files.clone()), ..config(limits()) };
    assert!(Sockets::bind(&missing).await.is_err());
    renew(&files);
    let key = fs::read(&files.key).unwrap();
    renew(&files);
    fs::write(&files.key, key).unwrap();
    assert!(Sockets::bind(&missing).await.is_err(), "the key is another certificate's");
}
