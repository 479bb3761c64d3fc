//! TLS as clients speak it: an authority of the test's own, and connections that may show a certificate.

use std::{
    fs,
    io::{self, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, pem::PemObject},
};

use crate::{
    http::Call,
    proof_maker::SigningKey,
    raw::{self, RawReply},
};

/// Whoever signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// Certificate and key of a server, in a folder of its own.
pub(crate) struct Files {
    _dir: tempfile::TempDir,
    pub(crate) chain: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    /// One with this name.
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate for 127.0.0.1 with the key, and the authority's own behind it.
    pub(crate) fn chain_for(&self, key: &KeyPair) -> String {
        let params = CertificateParams::new(vec![String::from("127.0.0.1")]).expect("a name");
        params.signed_by(key, &self.issuer).expect("a certificate").pem() + &self.pem
    }

    /// The same, as files.
    pub(crate) fn files_for(&self, key: &KeyPair) -> Files {
        let dir = tempfile::tempdir().expect("a folder");
        let files = Files { chain: dir.path().join("chain.pem"), key: dir.path().join("key.pem"), _dir: dir };
        files.lay(&self.chain_for(key), key);
        files
    }
}

impl Files {
    /// Puts these in the place of what was there.
    pub(crate) fn lay(&self, chain: &str, key: &KeyPair) {
        fs::write(&self.chain, chain).expect("a file");
        fs::write(&self.key, key.serialize_pem()).expect("a file");
        fs::set_permissions(&self.key, fs::Permissions::from_mode(0o600)).expect("a closed file");
    }

    /// The server's certificate as it lies there.
    pub(crate) fn leaf(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(&self.chain).expect("a certificate")
    }

    /// For a server's setup.
    pub(crate) fn setup(&self) -> Option<(PathBuf, PathBuf)> {
        Some((self.chain.clone(), self.key.clone()))
    }
}

/// The last certificate of a file.
pub(crate) fn root_of(chain: &Path) -> CertificateDer<'static> {
    let all = CertificateDer::pem_file_iter(chain).expect("a file");
    all.last().expect("a certificate").expect("a certificate")
}

/// The certificate and key that a client shows.
pub(crate) type Shown = (CertificateDer<'static>, PrivateKeyDer<'static>);

/// A client's certificate in PEM form, with its key.
pub(crate) fn shown(pem: &str, key: &SigningKey) -> Shown {
    let der = match key {
        SigningKey::Es256(pair) => pair.to_pkcs8v1().expect("a key").as_ref().to_vec(),
        SigningKey::EdDsa(pair) => pair.to_pkcs8v1().expect("a key").as_ref().to_vec(),
    };
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
    (certificate, PrivatePkcs8KeyDer::from(der).into())
}

/// A connection on which requests follow each other.
pub(crate) struct Line(StreamOwned<ClientConnection, TcpStream>);

impl Line {
    /// Opens one to the port, trusting the root of this chain, in this version of TLS, showing a certificate or none.
    pub(crate) fn open(
        port: u16,
        chain: &Path,
        version: &'static SupportedProtocolVersion,
        shown: Option<Shown>,
    ) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(root_of(chain)).expect("a root");
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[version])
            .expect("a version")
            .with_root_certificates(roots);
        let config = match shown {
            Some((certificate, key)) => config.with_client_auth_cert(vec![certificate], key).expect("a pair"),
            None => config.with_no_client_auth(),
        };
        let name = ServerName::try_from("127.0.0.1").expect("a name");
        let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
        let mut line = StreamOwned::new(connection, raw::try_connect(port)?);
        while line.conn.is_handshaking() {
            line.conn.complete_io(&mut line.sock)?;
        }
        Ok(Self(line))
    }

    /// The certificate that the server has shown.
    pub(crate) fn peer(&self) -> CertificateDer<'static> {
        self.0.conn.peer_certificates().expect("a certificate")[0].clone().into_owned()
    }

    /// Sends some bytes.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).and_then(|()| self.0.flush())
    }

    /// Reads an answer.
    pub(crate) fn answer(&mut self) -> RawReply {
        raw::read(&mut self.0)
    }

    /// Asks, and reads the answer.
    pub(crate) fn ask(&mut self, call: &Call<'_>) -> RawReply {
        raw::exchange(&mut self.0, &call.raw())
    }

    /// The sentence with which the server ends a connection that it does not want.
    pub(crate) fn alert(mut self) -> String {
        let mut nothing = [0; 1];
        match io::Read::read(&mut self.0, &mut nothing) {
            Err(error) => error.to_string(),
            Ok(read) => panic!("no alert, but {read} bytes"),
        }
    }
}
