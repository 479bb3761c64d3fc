//! How tests speak HTTP: a request that is built in one line, and an answer that was compared with the contract.

use std::{io::Read as _, path::Path, sync::Arc, time::Duration};

use flate2::read::GzDecoder;
use serde_json::Value;
use ureq::{
    Agent,
    http::{self, HeaderMap, Method, Request},
    tls::{Certificate, RootCerts, TlsConfig},
};

use crate::{
    contract::{self, Contract, Seen},
    secure,
    server::Server,
};

/// A client with a connection pool of its own, that trusts the last certificate of this file.
pub(crate) fn agent(trust: Option<&Path>) -> Agent {
    // Only says whether there is a provider already; there is one in the tree.
    let _there = rustls::crypto::aws_lc_rs::default_provider().install_default().is_err();
    let tls = trust.map_or_else(TlsConfig::default, |chain| {
        let root = secure::root_of(chain);
        let roots = RootCerts::Specific(Arc::new(vec![Certificate::from_der(&root).to_owned()]));
        TlsConfig::builder().root_certs(roots).build()
    });
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(60)))
        .max_idle_age(Duration::from_secs(3))
        .tls_config(tls)
        .build();
    Agent::new_with_config(config)
}

/// A request on its way.
pub(crate) struct Call<'a> {
    server: &'a Server,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl<'a> Call<'a> {
    /// Begins one.
    pub(crate) fn new(server: &'a Server, method: &str, path: &str) -> Self {
        let method = method.parse().expect("a method");
        Self { server, method, path: path.to_owned(), headers: Vec::new(), body: None }
    }

    /// With this credential.
    pub(crate) fn token(self, token: &str) -> Self {
        if token.is_empty() { self } else { self.header("authorization", &format!("Bearer {token}")) }
    }

    /// With this header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this JSON.
    pub(crate) fn json(self, value: &Value) -> Self {
        self.bytes("application/json", value.to_string().into_bytes())
    }

    /// With this form.
    pub(crate) fn form(self, fields: &str) -> Self {
        self.bytes("application/x-www-form-urlencoded", fields.as_bytes().to_vec())
    }

    /// With these bytes.
    pub(crate) fn bytes(mut self, media_type: &str, bytes: Vec<u8>) -> Self {
        self.body = Some(bytes);
        self.header("content-type", media_type)
    }

    /// The same as bytes, for a connection of the test's own.
    pub(crate) fn raw(&self) -> Vec<u8> {
        let body = self.body.as_deref().unwrap_or_default();
        let mut head = format!("{} {} HTTP/1.1\r\nhost: 127.0.0.1\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        [head.as_bytes(), body].concat()
    }

    /// Sends it and compares the answer with the contract.
    pub(crate) fn send(self) -> Reply {
        let (server, method, path) = (self.server, self.method.to_string(), self.path.clone());
        let reply = self.try_send().unwrap_or_else(|e| panic!("{method} {path}: {e}\n{}", server.last_words()));
        reply.keep_contract(server.contract());
        reply
    }

    /// Sends it; the connection may break. Nothing is compared.
    pub(crate) fn try_send(self) -> Result<Reply, ureq::Error> {
        let mut request = Request::builder().method(self.method.clone()).uri(self.server.url(&self.path));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let writes = matches!(self.method, Method::POST | Method::PUT | Method::PATCH);
        let agent = self.server.agent();
        let answer = match self.body {
            Some(body) => agent.run(request.body(body).expect("a request"))?,
            None if writes => agent.run(request.body(Vec::new()).expect("a request"))?,
            None => agent.run(request.body(()).expect("a request"))?,
        };
        let (parts, mut body) = answer.into_parts();
        let body = body.with_config().limit(80 << 20).read_to_vec()?;
        Ok(Reply { method: self.method, path: self.path, status: parts.status.as_u16(), headers: parts.headers, body })
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    method: Method,
    path: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// Fails the test unless the answer has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        let (method, path) = (&self.method, &self.path);
        let shown: String = String::from_utf8_lossy(&self.body).chars().take(400).collect();
        assert_eq!(self.status, status, "{method} {path}: {shown}");
        self
    }

    /// Fails the test unless the answer is a problem with this status and code.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, code: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.json()["code"], code, "{} {}: {}", reply.method, reply.path, reply.json());
        reply
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{} {}: {e}: {text}", self.method, self.path))
    }

    /// A text of the body, by JSON pointer.
    #[track_caller]
    pub(crate) fn text(&self, pointer: &str) -> String {
        let json = self.json();
        let found = json.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        found.unwrap_or_else(|| panic!("no text at {pointer} in {json}"))
    }

    /// A header, if it is there.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a readable header"))
    }

    /// The items of a list.
    #[track_caller]
    pub(crate) fn items(&self) -> Vec<Value> {
        self.json()["items"].as_array().expect("a list").clone()
    }

    /// What must be the same for two answers that must not be told apart: status, headers but for the request's own
    /// name and the time, body without the request's name.
    pub(crate) fn fingerprint(&self) -> String {
        let mut headers: Vec<String> = self
            .headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {}", value.to_str().expect("a readable header")))
            .collect();
        headers.sort();
        let mut body = String::from_utf8_lossy(&self.body).into_owned();
        if let Some(own) = self.header("x-request-id") {
            body = body.replace(own, "•");
        }
        format!("{} {headers:?} {body}", self.status)
    }

    /// What was packed for the way.
    pub(crate) fn unpacked(&self) -> Vec<u8> {
        if self.header("content-encoding") != Some("gzip") || self.body.is_empty() {
            return self.body.clone();
        }
        let mut unpacked = Vec::new();
        GzDecoder::new(&self.body[..]).read_to_end(&mut unpacked).expect("gzip");
        unpacked
    }

    fn keep_contract(&self, contract: &Contract) {
        let body = self.unpacked();
        let seen = Seen {
            method: self.method.as_str(),
            path: &self.path,
            status: self.status,
            media_type: self.header("content-type"),
            body: &body,
        };
        if let Err(breach) = contract.check(&seen) {
            contract::note(&breach);
        }
        let id = self.header("x-request-id").unwrap_or_else(|| panic!("{} {}: no request id", self.method, self.path));
        let is_problem = self.header("content-type") == Some("application/problem+json");
        if self.status >= 400 && self.method != Method::HEAD && is_problem {
            assert_eq!(self.json()["request_id"], id, "{} {}", self.method, self.path);
        }
        let length = http::header::CONTENT_LENGTH;
        if self.method != Method::HEAD
            && let Some(length) = self.headers.get(length)
        {
            assert_eq!(length.to_str().unwrap(), self.body.len().to_string(), "{} {}", self.method, self.path);
        }
    }
}
