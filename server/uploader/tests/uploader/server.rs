//! A server that knows pairing, tokens and uploads as the real one does, as far as this program can tell. It verifies every
//! proof and assertion, notes every fault, and keeps answers by their idempotency key. It does not recognise contents by
//! themselves: what is sent under two keys is stored twice, and a test sees it.

use std::{
    collections::{HashMap, HashSet},
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// What the server does with uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As it should.
    Good,
    /// Every connection is closed at once.
    Away,
    /// 503, and come back in so many seconds.
    Busy(u64),
    /// 429, and come back in so many seconds.
    TooOften(u64),
    /// Stores, and closes the connection without an answer.
    LosesAnswers,
    /// A page of somebody else's network.
    Hotel,
    /// Waits so many milliseconds, stores, and waits again, so that there is time for something to happen.
    Slow(u64),
}

/// One stored upload.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) content: Vec<u8>,
    pub(crate) media_type: String,
    pub(crate) query: String,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) mood: Option<Mood>,
    /// Public keys by client.
    pub(crate) clients: HashMap<String, Value>,
    /// The thumbprint that a token is bound to.
    tokens: HashMap<String, String>,
    seen: HashSet<String>,
    answers: HashMap<String, (Vec<u8>, u16, String)>,
    pub(crate) stored: Vec<Stored>,
    /// Every upload that arrived, also repeated ones: the idempotency keys.
    pub(crate) keys: Vec<String>,
    pub(crate) faults: Vec<String>,
    /// Everything that came in, bodies aside.
    pub(crate) heads: String,
    /// The first proof of each kind is sent back for a nonce.
    pub(crate) wants_nonce: bool,
    /// How far the server's clock is ahead, in seconds.
    pub(crate) ahead: i64,
    pub(crate) bad_assertions: usize,
    pub(crate) tokens_given: usize,
    /// What a person of the practice says to the next pairing, and after how many questions.
    pub(crate) approval: Option<(bool, usize)>,
    pairing: Option<Value>,
    /// Something in between puts a key of its own in place of ours.
    pub(crate) swaps_keys: bool,
    /// Clients that renew their key get no answer.
    pub(crate) loses_renewals: bool,
    pub(crate) renewals: usize,
    pub(crate) attempts_at: Vec<SystemTime>,
}

impl State {
    /// No token is good any more.
    pub(crate) fn end_tokens(&mut self) {
        self.tokens.clear();
    }
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) port: u16,
    scheme: &'static str,
    state: Arc<Mutex<State>>,
}

pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// What a connection can do.
pub(crate) trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

impl Server {
    /// Listens on a port of 127.0.0.1.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let plain = |stream| -> Option<Box<dyn Stream>> { Some(Box::new(stream)) };
        Self::serve(listener, "http", Arc::new(plain))
    }

    /// Listens with what turns a connection into a stream.
    pub(crate) fn serve(
        listener: TcpListener,
        scheme: &'static str,
        wrap: Arc<dyn Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + Sync>,
    ) -> Self {
        let port = listener.local_addr().unwrap().port();
        let server = Self { port, scheme, state: Arc::default() };
        let own = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (own, wrap) = (own.clone(), Arc::clone(&wrap));
                thread::spawn(move || {
                    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                    if own.state().mood != Some(Mood::Away)
                        && let Some(mut stream) = wrap(stream)
                    {
                        own.answer(&mut *stream);
                    }
                });
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://localhost:{}", self.scheme, self.port)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn feel(&self, mood: Mood) {
        self.state().mood = Some(mood);
    }

    /// How often this content was stored.
    pub(crate) fn count(&self, content: &[u8]) -> usize {
        self.state().stored.iter().filter(|stored| stored.content == content).count()
    }

    /// Fails the test if a request was not as it should be.
    #[track_caller]
    pub(crate) fn no_faults(&self) {
        assert!(self.state().faults.is_empty(), "{:?}", self.state().faults);
    }

    pub(crate) fn now(&self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        i64::try_from(now.as_secs()).unwrap() + self.state().ahead
    }

    fn answer(&self, stream: &mut dyn Stream) {
        let Some(request) = read_request(stream) else { return };
        self.state().heads.push_str(&format!("{} {} {:?}\n", request.method, request.target, request.headers));
        let Some((status, headers, body)) = self.handle(&request) else { return };
        let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(u64::try_from(self.now()).unwrap()));
        let head = format!(
            "HTTP/1.1 {status} X\r\ndate: {date}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
            body.len()
        );
        let _gone = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).and_then(|()| stream.flush());
    }

    fn handle(&self, request: &Request) -> Option<(u16, String, String)> {
        let json = |status, body: Value| Some((status, "content-type: application/json\r\n".into(), body.to_string()));
        let path = request.target.split('?').next().unwrap();
        let mood = self.state().mood.unwrap_or(Mood::Good);
        match (request.method.as_str(), path) {
            (_, _) if mood == Mood::Hotel => {
                Some((200, "content-type: text/html\r\n".into(), "<html>Hotel</html>".into()))
            }
            ("GET", "/.well-known/oauth-authorization-server") => json(200, json!({"issuer": self.url()})),
            ("POST", "/oauth/device_authorization") => self.begin_pairing(request),
            ("POST", "/oauth/token") => self.token(request),
            ("POST", "/oauth/key") => self.renew(request),
            ("POST", "/v1/practice/findings") => self.upload(request, mood),
            _ => {
                self.fault(format!("nobody asks for {} {}", request.method, request.target));
                problem(404, "not-found", None)
            }
        }
    }

    fn fault(&self, fault: String) {
        self.state().faults.push(fault);
    }

    fn begin_pairing(&self, request: &Request) -> Option<(u16, String, String)> {
        let form = form(&request.body);
        let mut jwk: Value = serde_json::from_str(&form["jwk"]).unwrap();
        if form["client_id"] != "nahraum-agent" || form["client_name"].is_empty() {
            self.fault(format!("{form:?}"));
        }
        if self.state().swaps_keys {
            jwk["x"] = jwk["y"].clone();
        }
        let hex: String = thumbprint_bytes(&jwk)[..10].iter().map(|byte| format!("{byte:02x}")).collect();
        let shown = hex.as_bytes().chunks(4).map(|pair| String::from_utf8_lossy(pair).into_owned()).collect::<Vec<_>>();
        self.state().pairing = Some(jwk);
        let body = json!({"device_code": "nrd_device", "user_code": "7K3M-Q2XW", "expires_in": 600, "interval": 1,
            "verification_uri": self.url() + "/pair", "client_id": "client-1", "key_fingerprint": shown.join(" ")});
        Some((200, String::new(), body.to_string()))
    }

    fn token(&self, request: &Request) -> Option<(u16, String, String)> {
        let form = form(&request.body);
        let error = |status, error: &str| Some((status, String::new(), json!({"error": error}).to_string()));
        let thumbprint = match self.proof(request, None) {
            Ok(thumbprint) => thumbprint,
            Err(nonce) => return Some((400, nonce, json!({"error": "use_dpop_nonce"}).to_string())),
        };
        let client = match form["grant_type"].as_str() {
            "client_credentials" => match self.assertion(&form) {
                Some(client) => client,
                None => {
                    self.state().bad_assertions += 1;
                    return error(401, "invalid_client");
                }
            },
            _ => {
                let mut state = self.state();
                match state.approval {
                    Some((good, 0)) => {
                        let Some(jwk) = state.pairing.take() else { return error(400, "invalid_grant") };
                        if !good {
                            return error(400, "access_denied");
                        }
                        state.clients.insert("client-1".into(), jwk);
                        "client-1".to_owned()
                    }
                    Some((good, left)) => {
                        state.approval = Some((good, left - 1));
                        return error(400, if left == 2 { "slow_down" } else { "authorization_pending" });
                    }
                    None => return error(400, "expired_token"),
                }
            }
        };
        let mut state = self.state();
        state.tokens_given += 1;
        let token = format!("nra_{}", state.tokens_given);
        state.tokens.insert(token.clone(), thumbprint);
        let body = json!({"access_token": token, "token_type": "DPoP", "expires_in": 600, "client_id": client});
        Some((200, String::new(), body.to_string()))
    }

    /// The client that an assertion proves.
    fn assertion(&self, form: &HashMap<String, String>) -> Option<String> {
        let text = form.get("client_assertion")?;
        let claims = claims_of(text);
        let client = claims["sub"].as_str()?.to_owned();
        let jwk = self.state().clients.get(&client)?.clone();
        let life = claims["exp"].as_i64()? - self.now();
        let shape = claims["iss"] == claims["sub"]
            && claims["aud"] == json!(self.url() + "/oauth/token")
            && form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        if !shape || !self.state().seen.insert(claims["jti"].as_str()?.to_owned()) {
            self.fault(format!("assertion {claims}"));
        }
        (shape && (-30..=90).contains(&life) && signed(text, &jwk)).then_some(client)
    }

    fn renew(&self, request: &Request) -> Option<(u16, String, String)> {
        let form = form(&request.body);
        let Some(client) = self.assertion(&form) else {
            return Some((401, String::new(), json!({"error": "invalid_client"}).to_string()));
        };
        let mut state = self.state();
        state.renewals += 1;
        state.clients.insert(client, serde_json::from_str(&form["jwk"]).unwrap());
        state.tokens.clear();
        (!state.loses_renewals).then(|| (200, String::new(), "{}".into()))
    }

    /// Verifies the proof of a request and names its key. `Err`: a header with a nonce, which the next one has to hold.
    fn proof(&self, request: &Request, token: Option<&str>) -> Result<String, String> {
        let text = request.headers.get("dpop").cloned().unwrap_or_default();
        let header: Value = part(&text, 0);
        let claims = claims_of(&text);
        let path = request.target.split('?').next().unwrap();
        let ath = token.map(|token| URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes())));
        let nonce = self.state().wants_nonce;
        if nonce && claims["nonce"] != "nonce-1" {
            return Err("dpop-nonce: nonce-1\r\n".into());
        }
        let good = header["typ"] == "dpop+jwt"
            && header["alg"] == "ES256"
            && header["jwk"].get("d").is_none()
            && claims["htm"] == request.method.as_str()
            && claims["htu"] == json!(self.url() + path)
            && (nonce || (claims["iat"].as_i64().unwrap_or(0) - self.now()).abs() <= 60)
            && claims["ath"].as_str() == ath.as_deref()
            && signed(&text, &header["jwk"]);
        let fresh = self.state().seen.insert(claims["jti"].to_string());
        if !good || !fresh {
            self.fault(format!("proof {header} {claims} for {} {}", request.method, request.target));
        }
        Ok(URL_SAFE_NO_PAD.encode(thumbprint_bytes(&header["jwk"])))
    }

    fn upload(&self, request: &Request, mood: Mood) -> Option<(u16, String, String)> {
        self.state().attempts_at.push(SystemTime::now());
        match mood {
            Mood::Busy(seconds) => return problem(503, "overloaded", Some(seconds)),
            Mood::TooOften(seconds) => return problem(429, "try-later", Some(seconds)),
            Mood::Slow(milliseconds) => thread::sleep(Duration::from_millis(milliseconds)),
            Mood::Good | Mood::Away | Mood::LosesAnswers | Mood::Hotel => {}
        }
        let token = request.headers.get("authorization").and_then(|value| value.strip_prefix("DPoP ")).unwrap_or("");
        let thumbprint = match self.proof(request, Some(token)) {
            Ok(thumbprint) => thumbprint,
            Err(nonce) => return problem(401, "proof-refused", None).map(|(s, h, b)| (s, h + &nonce, b)),
        };
        if self.state().tokens.get(token) != Some(&thumbprint) {
            return problem(401, "session-over", None);
        }
        let key = request.headers.get("idempotency-key").cloned().unwrap_or_default();
        if !(1..=64).contains(&key.len()) {
            self.fault(format!("idempotency key {key}"));
        }
        let media_type = request.headers["content-type"].clone();
        let content = content(&media_type, &request.body);
        let answer = self.store(&key, content, media_type, &request.target);
        match mood {
            Mood::LosesAnswers => None,
            Mood::Slow(milliseconds) => {
                thread::sleep(Duration::from_millis(milliseconds));
                answer
            }
            Mood::Good | Mood::Away | Mood::Busy(_) | Mood::TooOften(_) | Mood::Hotel => answer,
        }
    }

    /// What becomes of a content stands in it: `REFUSE`, `PARTLY`, `INBOX`, `FAIL`.
    fn store(&self, key: &str, content: Vec<u8>, media_type: String, target: &str) -> Option<(u16, String, String)> {
        let mut state = self.state();
        state.keys.push(key.to_owned());
        let says = |word: &str| content.windows(word.len()).any(|window| window == word.as_bytes());
        if let Some((before, status, body)) = state.answers.get(key) {
            if *before != content {
                let fault = format!("key {key} for two contents");
                state.faults.push(fault);
                return problem(422, "idempotency-key-reused", None);
            }
            return Some((*status, String::new(), body.clone()));
        }
        if says("FAIL") {
            return problem(500, "internal", None);
        }
        if says("REFUSE") {
            return problem(422, "pdf-encrypted", None);
        }
        let document =
            |word: &str| json!({"state": word, "duplicate": false, "warnings": ["consent-missing"], "sha256": ""});
        let (status, documents) = match () {
            () if says("PARTLY") => (201, json!([document("delivered"), document("refused")])),
            () if says("INBOX") => (202, json!([document("inbox")])),
            () => (201, json!([document("delivered")])),
        };
        let body = json!({"dry_run": false, "documents": documents}).to_string();
        let query = target.split_once('?').map_or("", |(_, query)| query).to_owned();
        state.stored.push(Stored { content: content.clone(), media_type, query });
        state.answers.insert(key.to_owned(), (content, status, body.clone()));
        Some((status, "content-type: application/json\r\n".into(), body))
    }
}

fn problem(status: u16, code: &str, retry_after: Option<u64>) -> Option<(u16, String, String)> {
    let wait = retry_after.map_or_else(String::new, |seconds| format!("retry-after: {seconds}\r\n"));
    let body = json!({"type": "x", "title": "Das PDF ist verschlüsselt.", "status": status, "code": code, "request_id": "request-7"});
    Some((status, format!("content-type: application/problem+json\r\n{wait}"), body.to_string()))
}

/// The file of a form, or the body.
fn content(media_type: &str, body: &[u8]) -> Vec<u8> {
    let Some(boundary) = media_type.strip_prefix("multipart/form-data; boundary=") else { return body.to_vec() };
    let at = |needle: &[u8], from: usize| {
        body[from..].windows(needle.len()).position(|window| window == needle).map(|at| at + from).expect("a part")
    };
    let head = at(b"name=\"file\"", 0);
    let start = at(b"\r\n\r\n", head) + 4;
    let end = at(format!("\r\n--{boundary}--\r\n").as_bytes(), start);
    body[start..end].to_vec()
}

/// Reads one request with a `Content-Length`.
pub(crate) fn read_request(stream: &mut dyn Stream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut parsed = httparse::Request::new(&mut headers);
        if let httparse::Status::Complete(at) = parsed.parse(&bytes).ok()? {
            let headers: HashMap<String, String> = parsed
                .headers
                .iter()
                .map(|header| (header.name.to_lowercase(), String::from_utf8_lossy(header.value).into_owned()))
                .collect();
            let (method, target) = (parsed.method?.to_owned(), parsed.path?.to_owned());
            let length: usize = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
            while bytes.len() < at + length {
                let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
                bytes.extend_from_slice(&buffer[..read]);
            }
            return Some(Request { method, target, headers, body: bytes[at..at + length].to_vec() });
        }
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
    }
}

fn form(body: &[u8]) -> HashMap<String, String> {
    form_urlencoded::parse(body).into_owned().collect()
}

fn part(jws: &str, number: usize) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(jws.split('.').nth(number).unwrap_or_default()).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or(Value::Null)
}

fn claims_of(jws: &str) -> Value {
    part(jws, 1)
}

fn signed(jws: &str, jwk: &Value) -> bool {
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap_or_default()).unwrap_or_default();
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let Some((text, signature)) = jws.rsplit_once('.') else { return false };
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(text.as_bytes(), &signature).is_ok()
}

/// RFC 7638
fn thumbprint_bytes(jwk: &Value) -> Vec<u8> {
    let text = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}
