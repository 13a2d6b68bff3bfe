//! A connection of a test's own to a server: HTTP/1.1, byte by byte.

use bytes::{Buf, Bytes, BytesMut};
use serde_json::Value;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing that a test waits for takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a server.
pub(crate) struct Socket {
    stream: TcpStream,
    buffer: BytesMut,
    framing: Framing,
}

/// How the body that is being read ends.
enum Framing {
    Length(usize),
    Chunked,
    Close,
    Ended,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Received {
    /// Its status.
    pub(crate) status: u16,
    /// Its head as it came.
    pub(crate) head: String,
    /// Its body, as far as it came.
    pub(crate) body: Vec<u8>,
    /// Whether the body came to its end.
    pub(crate) is_whole: bool,
}

impl Socket {
    /// Connects.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: BytesMut::new(),
            framing: Framing::Ended,
        }
    }

    /// Sends bytes as they are. A server that has hung up is noticed when its answer is read.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _refused = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Sends a call of a model with a token.
    pub(crate) async fn post(&mut self, path: &str, token: &str, body: &Value) {
        let body = body.to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: latchkey\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.send(head + &body).await;
    }

    /// Reads an answer's head; `None` when the server hung up before it.
    pub(crate) async fn head(&mut self) -> Option<Received> {
        let end = loop {
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            if !self.fill().await {
                return None;
            }
        };
        let head = String::from_utf8(self.buffer.split_to(end).to_vec()).unwrap();
        let received = Received {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head,
            body: Vec::new(),
            is_whole: false,
        };
        let chunked = received.header("transfer-encoding") == Some("chunked");
        let length = received.header("content-length").map(|length| length.parse().unwrap());
        self.framing = match (chunked, length) {
            (true, _) => Framing::Chunked,
            (false, Some(length)) => Framing::Length(length),
            (false, None) => Framing::Close,
        };
        Some(received)
    }

    /// Reads the next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// When the server broke off before the end.
    pub(crate) async fn piece(&mut self) -> io::Result<Option<Bytes>> {
        match self.framing {
            Framing::Ended | Framing::Length(0) => {
                self.framing = Framing::Ended;
                Ok(None)
            }
            Framing::Chunked => self.chunk().await,
            Framing::Close => Ok((!self.buffer.is_empty() || self.fill().await).then(|| self.buffer.split().freeze())),
            Framing::Length(left) => {
                if self.buffer.is_empty() && !self.fill().await {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                let piece = self.buffer.split_to(left.min(self.buffer.len()));
                self.framing = Framing::Length(left - piece.len());
                Ok(Some(piece.freeze()))
            }
        }
    }

    async fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        let broken = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let line = loop {
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n") {
                break end;
            }
            if !self.fill().await {
                return Err(broken());
            }
        };
        let size = std::str::from_utf8(&self.buffer[..line]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        while self.buffer.len() < line + 2 + size + 2 {
            if !self.fill().await {
                return Err(broken());
            }
        }
        self.buffer.advance(line + 2);
        let data = self.buffer.split_to(size).freeze();
        self.buffer.advance(2);
        if size == 0 {
            self.framing = Framing::Ended;
            return Ok(None);
        }
        Ok(Some(data))
    }

    /// Reads a whole answer; `None` when the server hung up before it.
    pub(crate) async fn answer(&mut self) -> Option<Received> {
        let mut received = self.head().await?;
        received.is_whole = loop {
            match self.piece().await {
                Ok(Some(piece)) => received.body.extend_from_slice(&piece),
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        Some(received)
    }

    /// Reads what is left of a body of text.
    ///
    /// # Errors
    /// When the server broke off before the end.
    pub(crate) async fn rest(&mut self) -> io::Result<String> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            body.extend_from_slice(&piece);
        }
        Ok(String::from_utf8(body).unwrap())
    }

    /// Whether the server has hung up, or does so now.
    pub(crate) async fn is_closed(&mut self) -> bool {
        self.buffer.is_empty() && !self.fill().await
    }

    /// Reads what there is; `false` at the connection's end.
    async fn fill(&mut self) -> bool {
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await;
        matches!(read.expect("the server says nothing"), Ok(count) if count > 0)
    }
}

impl Received {
    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let mut named = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.trim())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
