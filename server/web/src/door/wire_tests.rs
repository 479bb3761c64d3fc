//! The door on a real socket: what only shows on the wire.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::LazyLock,
    time::Duration,
};

use actix_web::{HttpServer, dev::ServerHandle, get, post, rt};

use super::*;
use crate::{
    extract::Json,
    multipart::{Incoming, Sink},
    problem::Answer,
    register::ServiceConfig,
};

const LIMIT: u64 = 1024 * 1024;

struct Nowhere;

impl Sink for Nowhere {
    fn write(&mut self, _: &[u8]) -> std::io::Result<()> {
        Ok(())
    }
}

#[utoipa::path(security(()), request_body = Vec<u8>)]
#[post("/raw")]
async fn upload_raw(body: Incoming) -> Answer {
    Ok(HttpResponse::Ok().body(body.raw(&mut Nowhere, LIMIT).await?.to_string()))
}

#[utoipa::path(security(()), request_body = String)]
#[post("/json")]
async fn create_json(body: Json<String>) -> Answer {
    Ok(HttpResponse::Ok().body(body.0))
}

#[utoipa::path(security(()))]
#[get("/ten")]
async fn get_ten() -> Answer {
    Ok(HttpResponse::Ok().body("0123456789"))
}

#[utoipa::path(security(()))]
#[get("/broken")]
async fn get_broken() -> Answer {
    panic!("on purpose")
}

static ROUTES: LazyLock<Routes> = LazyLock::new(|| crate::declared(room));

fn room(cfg: &mut ServiceConfig<'_>) {
    cfg.service(upload_raw).service(create_json).service(get_ten).service(get_broken);
}

fn moment(sent: Option<RequestId>) -> Moment {
    let request = sent.unwrap_or(RequestId::from_bytes([7; 16]));
    Moment { now: Timestamp::from_second(1_000).unwrap(), request }
}

fn start() -> (SocketAddr, ServerHandle) {
    let server = HttpServer::new(|| crate::house(moment, false, room, &ROUTES))
        .workers(1)
        .disable_signals()
        .client_disconnect_timeout(Duration::from_secs(1))
        .bind("127.0.0.1:0")
        .unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    rt::spawn(server);
    (address, handle)
}

/// Sends the head, then so many bytes, then asks for the answer: like a client that writes everything before it reads.
async fn say(address: SocketAddr, head: String, bytes: usize) -> String {
    let talk = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(head.replace('\n', "\r\n").as_bytes()).unwrap();
        let chunk = vec![b'x'; 64 * 1024];
        let mut left = bytes;
        while left > 0 {
            let size = left.min(chunk.len());
            stream.write_all(&chunk[..size]).expect("the server reads what it refuses");
            left -= size;
        }
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the answer arrives whole");
        String::from_utf8(answer).unwrap()
    };
    actix_web::web::block(talk).await.unwrap()
}

fn post_head(path: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\nHost: x\nConnection: close\nContent-Type: application/json\nContent-Length: {length}\n\n"
    )
}

#[actix_web::test]
async fn who_sends_too_much_gets_to_read_so() {
    let (address, server) = start();
    let right = usize::try_from(LIMIT).unwrap();
    assert!(say(address, post_head("/raw", right), right).await.ends_with("\r\n\r\n1048576"));
    for (path, length) in [("/raw", right + 1), ("/raw", 40 * right), ("/json", 256 * 1024 + 1), ("/json", right)] {
        let answer = say(address, post_head(path, length), length).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{path} {length}: {answer}");
        assert!(answer.contains("\"code\":\"too-large\""), "{answer}");
    }
    // without an announced length the limit is met on the way
    let chunked = "POST /raw HTTP/1.1\nHost: x\nConnection: close\nTransfer-Encoding: chunked\n\n200000\n";
    let body_end = format!("{chunked}{}\n0\n\n", "x".repeat(0x20_0000));
    assert!(say(address, body_end, 0).await.starts_with("HTTP/1.1 413 "));
    server.stop(true).await;
}

#[actix_web::test]
async fn a_client_that_disappears_leaves_the_server_well() {
    let (address, server) = start();
    let leave = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(post_head("/raw", 500_000).replace('\n', "\r\n").as_bytes()).unwrap();
        stream.write_all(&[b'x'; 1000]).unwrap();
        stream.shutdown(Shutdown::Both).unwrap();
    };
    for _ in 0..3 {
        actix_web::web::block(leave).await.unwrap();
    }
    let get = "GET /ten HTTP/1.1\nHost: x\nConnection: close\n\n".to_owned();
    assert!(say(address, get, 0).await.starts_with("HTTP/1.1 200 "));
    server.stop(true).await;
}

#[actix_web::test]
async fn head_and_panics_on_the_wire() {
    let (address, server) = start();
    let ask =
        |method: &str, path: &str| say(address, format!("{method} {path} HTTP/1.1\nHost: x\nConnection: close\n\n"), 0);
    let head = ask("HEAD", "/ten").await.to_ascii_lowercase();
    assert!(head.contains("content-length: 10\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    let refused = ask("HEAD", "/raw").await;
    assert!(refused.starts_with("HTTP/1.1 405 ") && refused.ends_with("\r\n\r\n"), "{refused}");
    for _ in 0..2 {
        let broken = ask("GET", "/broken").await;
        assert!(broken.starts_with("HTTP/1.1 500 ") && broken.contains("\"code\":\"internal\""), "{broken}");
        assert!(!broken.to_ascii_lowercase().contains("\nserver:"), "{broken}");
    }
    assert!(ask("GET", "/ten").await.ends_with("0123456789"));
    assert!(ask("TRACE", "/ten").await.contains("allow: GET, HEAD, OPTIONS"));
    server.stop(true).await;
}
