//! Connections against a server on a raw socket.

use super::*;
use crate::providers;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn origin(address: SocketAddr) -> Arc<Origin> {
    let transport = Url::parse(&format!("http://{address}/base")).unwrap();
    let upstreams = Upstreams::new(UpstreamSettings {
        transports: HashMap::from([("openai".to_owned(), transport)]),
        policy: EndpointPolicy::default(),
        connect: Duration::from_secs(5),
    });
    let openai = providers::find("openai").unwrap();
    let endpoint = Endpoint::of_catalogue("https://api.openai.com");
    upstreams.unwrap().origin(openai, &endpoint).unwrap()
}

async fn call(origin: &Arc<Origin>) -> Result<String, UpstreamError> {
    let mut request = Request::new(RequestBody::from(bytes::Bytes::from_static(b"{}")));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = origin.path("/v1/chat?x=1").unwrap();
    let answer = origin.send(request).await?;
    assert_eq!(answer.status(), StatusCode::OK);
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

/// Reads one request of ours, whose body is `{}`.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    let mut buffer = [0; 1024];
    while !read.ends_with(b"\r\n\r\n{}") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => read.extend_from_slice(&buffer[..count]),
        }
    }
    Some(String::from_utf8(read).unwrap())
}

#[tokio::test]
async fn a_connection_serves_one_call_after_the_other() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = origin(listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heads = Vec::new();
        for _ in 0..3 {
            heads.push(head(&mut stream).await.unwrap());
            stream.write_all(ANSWER.as_bytes()).await.unwrap();
        }
        heads
    });
    for _ in 0..3 {
        assert_eq!(call(&origin).await.unwrap(), "ok");
    }
    let heads = serving.await.unwrap();
    assert!(
        heads[0].starts_with("POST /base/v1/chat?x=1 HTTP/1.1\r\n"),
        "{}",
        heads[0]
    );
    assert!(heads[2].contains("content-length: 2\r\n"), "{}", heads[2]);
}

#[tokio::test]
async fn a_connection_rests_as_soon_as_the_last_piece_was_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = origin(listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for _ in 0..2 {
            head(&mut stream).await.unwrap();
            stream.write_all(ANSWER.as_bytes()).await.unwrap();
        }
    });
    for _ in 0..2 {
        let mut request = Request::new(RequestBody::from(bytes::Bytes::from_static(b"{}")));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = origin.path("/v1/chat").unwrap();
        let mut body = origin.send(request).await.unwrap().into_body();
        let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
        // Nobody asks for what follows.
        assert_eq!(piece, "ok");
    }
    serving.await.unwrap();
}

#[tokio::test]
async fn a_resting_connection_that_was_closed_is_replaced() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = origin(listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            head(&mut stream).await.unwrap();
            stream.write_all(ANSWER.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            // The other side closes, too.
            while stream.read(&mut [0; 64]).await.is_ok_and(|count| count > 0) {}
        }
    });
    assert_eq!(call(&origin).await.unwrap(), "ok");
    assert_eq!(call(&origin).await.unwrap(), "ok");
    serving.await.unwrap();
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_closes_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = origin(listener.local_addr().unwrap());
    let calling = tokio::spawn(async move { call(&origin).await.is_ok() });
    let (mut stream, _) = listener.accept().await.unwrap();
    head(&mut stream).await.unwrap();
    calling.abort();
    assert_eq!(stream.read(&mut [0; 64]).await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_no_http_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = origin(listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        head(&mut stream).await.unwrap();
        stream.write_all(b"SSH-2.0-nothing\r\n").await.unwrap();
    });
    assert!(matches!(call(&origin).await, Err(UpstreamError::Broken(_))));
    serving.await.unwrap();
}

#[tokio::test]
async fn nobody_there_is_told_apart_from_a_broken_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert!(matches!(
        call(&origin(address)).await,
        Err(UpstreamError::Connect(ConnectError::Io(_)))
    ));
}

#[tokio::test]
async fn a_customers_endpoint_that_leads_inside_is_not_connected_to() {
    let upstreams = Upstreams::new(UpstreamSettings {
        transports: HashMap::new(),
        policy: EndpointPolicy::default(),
        connect: Duration::from_secs(5),
    });
    let upstreams = upstreams.unwrap();
    let azure = providers::find("azure_openai").unwrap();
    for literal in ["https://127.0.0.1", "http://10.0.0.1", "https://localhost"] {
        let endpoint = Endpoint::from_stored(literal.to_owned());
        assert!(
            matches!(upstreams.origin(azure, &endpoint), Err(OriginError::Refused(_))),
            "{literal}"
        );
    }
    let foreign = Endpoint::from_stored("https://api.openai.com.evil.example".to_owned());
    let openai = providers::find("openai").unwrap();
    assert!(matches!(upstreams.origin(openai, &foreign), Err(OriginError::Foreign)));
}

/// Its name led elsewhere when it was saved, and is looked up anew at each connection.
#[tokio::test]
async fn a_name_that_leads_inside_now_is_not_connected_to() {
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for name in [
        "https://localhost",
        "http://localhost",
        "https://127.0.0.1",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
    ] {
        let url = Url::parse(&format!("{name}:{port}")).unwrap();
        let connector = Connector::new(&url, Tls::of_this_machine().unwrap(), Some(EndpointPolicy::default()));
        let outcome = connector.unwrap().connect().await;
        assert!(
            matches!(outcome, Err(ConnectError::Endpoint(EndpointCheckError::NotPublic))),
            "{name}"
        );
    }
    let waiting = tokio::time::timeout(Duration::from_millis(50), listener.accept());
    assert!(waiting.await.is_err(), "nothing may connect");
}
