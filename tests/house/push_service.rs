//! A push service as the internet has them (RFC 8030), and the phone behind it that reads what only it can read (RFC 8291).

use std::{
    collections::HashMap,
    io::Write,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree},
    hkdf::{HKDF_SHA256, KeyType, Salt},
    signature::{self, ECDSA_P256_SHA256_FIXED},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::KeyPair;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs as provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::{Value, json};

use crate::{
    raw,
    secure::{Authority, Files},
};

/// One push, as it arrived.
#[derive(Clone)]
pub(crate) struct Arrived {
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Arrived {
    /// What its sender says about itself (RFC 8292), after the signature was verified with the key that stands beside it.
    pub(crate) fn sender(&self) -> (String, Value) {
        let (token, key) = self.headers["authorization"].strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(key))
            .verify(signed.as_bytes(), &decode(signature))
            .expect("the sender's signature");
        let claims = serde_json::from_slice(&decode(signed.split_once('.').unwrap().1)).unwrap();
        (key.to_owned(), claims)
    }
}

/// What the service answers from now on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answers {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u32>,
}

/// The service. It ends with the test.
pub(crate) struct PushService {
    port: u16,
    files: Files,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    answers: Arc<Mutex<Answers>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl PushService {
    pub(crate) fn begin() -> Self {
        let (authority, key) = (Authority::new("Push"), KeyPair::generate().expect("a key"));
        let files = authority.files_for(&key);
        let chain = CertificateDer::pem_file_iter(&files.chain).expect("a file").map(|one| one.expect("a certificate"));
        let config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain.collect(), PrivateKeyDer::from_pem_file(&files.key).expect("a key"))
            .expect("a pair");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(Mutex::new(Answers { status: 201, retry_after: None }));
        let over = Arc::new(AtomicBool::new(false));
        let (kept, said, ends) = (Arc::clone(&arrived), Arc::clone(&answers), Arc::clone(&over));
        let config = Arc::new(config);
        let thread = thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let (config, kept, said) = (Arc::clone(&config), Arc::clone(&kept), Arc::clone(&said));
                thread::spawn(move || serve(&config, stream, &kept, &said));
            }
        });
        Self { port, files, arrived, answers, over, thread: Some(thread) }
    }

    /// The section of the server's configuration that leads here.
    pub(crate) fn section(&self) -> String {
        format!(
            "[push]\nenabled = true\ncontact = \"mailto:technik@example.org\"\nprivate_networks = [\"127.0.0.0/8\"]\n\
             root_certificate = {:?}\n",
            self.root().display()
        )
    }

    fn root(&self) -> &Path {
        &self.files.chain
    }

    /// Where its pushes come from, as VAPID names it.
    pub(crate) fn origin(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// What it answers from now on.
    pub(crate) fn answer(&self, status: u16, retry_after: Option<u32>) {
        *self.answers.lock().unwrap() = Answers { status, retry_after };
    }

    /// What has arrived for a phone.
    pub(crate) fn arrived(&self, phone: &WokenPhone) -> Vec<Arrived> {
        let all = self.arrived.lock().unwrap();
        all.iter().filter(|push| push.path == phone.path).cloned().collect()
    }
}

impl Drop for PushService {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _woken = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// Where connections are taken and never answered.
const TARPIT: &str = "/tarpit/";

/// One connection: requests until the other side closes it.
fn serve(config: &Arc<ServerConfig>, stream: TcpStream, kept: &Mutex<Vec<Arrived>>, said: &Mutex<Answers>) {
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    let connection = ServerConnection::new(Arc::clone(config)).expect("a connection");
    let mut line = StreamOwned::new(connection, stream);
    let request = raw::read(&mut line);
    let mut head = request.head.lines();
    let Some(path) = head.next().and_then(|line| line.split(' ').nth(1)) else { return };
    let headers = head.filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()));
    kept.lock().unwrap().push(Arrived { path: path.to_owned(), headers: headers.collect(), body: request.body });
    if path.starts_with(TARPIT) {
        // Longer than the server has patience.
        thread::sleep(Duration::from_secs(12));
        return;
    }
    let Answers { status, retry_after } = *said.lock().unwrap();
    let wait = retry_after.map_or(String::new(), |seconds| format!("retry-after: {seconds}\r\n"));
    let answer = format!("HTTP/1.1 {status} .\r\n{wait}content-length: 0\r\nconnection: close\r\n\r\n");
    let _gone = line.write_all(answer.as_bytes()).and_then(|()| line.flush());
}

/// A phone that is woken: its key, its secret, its address.
pub(crate) struct WokenPhone {
    key: PrivateKey,
    auth: [u8; 16],
    pub(crate) path: String,
}

impl WokenPhone {
    pub(crate) fn new() -> Self {
        let key = PrivateKey::generate(&ECDH_P256).expect("a key");
        let number = crate::house::number();
        Self { key, auth: u128::from(number).to_be_bytes(), path: format!("/wake/{number}") }
    }

    /// One whose push service never answers.
    pub(crate) fn in_a_tarpit() -> Self {
        let phone = Self::new();
        Self { path: format!("{TARPIT}{}", crate::house::number()), ..phone }
    }

    fn public(&self) -> Vec<u8> {
        self.key.compute_public_key().expect("a point").as_ref().to_vec()
    }

    /// What the app tells the server.
    pub(crate) fn subscription(&self, service: &PushService) -> Value {
        self.subscription_at(&format!("{}{}", service.origin(), self.path))
    }

    /// The same, with another address.
    pub(crate) fn subscription_at(&self, endpoint: &str) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"endpoint": endpoint, "p256dh": encode(&self.public()), "auth": encode(&self.auth)})
    }

    /// Reads a message (RFC 8188, RFC 8291).
    pub(crate) fn read(&self, push: &Arrived) -> Value {
        assert_eq!(push.headers["content-encoding"], "aes128gcm");
        let (salt, rest) = push.body.split_at(16);
        let (sender, sealed) = rest[5..].split_at(usize::from(rest[4]));
        let info = [b"WebPush: info\0".as_slice(), &self.public(), sender].concat();
        let shared = agree(&self.key, UnparsedPublicKey::new(&ECDH_P256, sender), (), |shared| {
            Ok(expand::<32>(&self.auth, shared, &info))
        });
        let shared = shared.expect("a shared secret");
        let key = expand::<16>(salt, &shared, b"Content-Encoding: aes128gcm\0");
        let nonce = expand::<NONCE_LEN>(salt, &shared, b"Content-Encoding: nonce\0");
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).expect("a key"));
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        let opened = key.open_in_place(nonce, Aad::empty(), &mut sealed).expect("a message for this phone");
        let (end, message) = opened.split_last().expect("a delimiter");
        assert_eq!(*end, 2, "one record");
        serde_json::from_slice(message).expect("JSON")
    }
}

struct Length<const N: usize>;

impl<const N: usize> KeyType for Length<N> {
    fn len(&self) -> usize {
        N
    }
}

fn expand<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; N] {
    let mut key = [0; N];
    let prk = Salt::new(HKDF_SHA256, salt).extract(secret);
    prk.expand(&[info], Length::<N>).expect("a short key").fill(&mut key).expect("its length");
    key
}
