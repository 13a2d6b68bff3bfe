//! A mail server: SMTP (RFC 5321) with AUTH PLAIN on a socket, as far as a client that hands mail over needs it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use quoted_printable::ParseMode;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The password that it lets in.
pub(crate) const PASSWORD: &str = "FAKE-smtp-password";
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail server that keeps what it is given. It ends with the test.
pub(crate) struct SmtpServer {
    address: SocketAddr,
    mails: Mutex<UnboundedReceiver<ReceivedMail>>,
    is_full: Arc<AtomicBool>,
    accepting: JoinHandle<()>,
}

/// A mail that somebody handed over.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedMail {
    /// Whom the envelope names.
    pub(crate) to: String,
    /// Headers and text, as they came.
    pub(crate) raw: String,
    text: String,
}

impl ReceivedMail {
    fn new(to: String, raw: String) -> Self {
        let (headers, body) = raw.split_once("\r\n\r\n").unwrap();
        // Lines of more than 76 characters, such as links, are sent so.
        let text = if headers.contains("Content-Transfer-Encoding: quoted-printable") {
            String::from_utf8(quoted_printable::decode(body, ParseMode::Strict).unwrap()).unwrap()
        } else {
            body.to_owned()
        };
        Self { to, raw, text }
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> &str {
        let start = format!("{name}: ");
        let line = self.raw.lines().find(|line| line.starts_with(&start));
        line.map_or("", |line| &line[start.len()..])
    }

    /// The text below the headers, as it is read.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its parts: what each is, and what it says.
    pub(crate) fn parts(&self) -> Vec<(String, String)> {
        let boundary = self.raw.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
        let line = format!("--{boundary}");
        let divided = self.raw.split(line.as_str());
        let parts = divided.skip(1).filter(|part| !part.starts_with("--"));
        parts.map(|part| read_part(part.trim_start_matches("\r\n"))).collect()
    }

    /// Where mails like this one are ended, out of its header, which may be folded.
    pub(crate) fn unsubscribe_address(&self) -> String {
        let (_, rest) = self.raw.split_once("List-Unsubscribe: ").unwrap();
        let value: String = rest
            .split_inclusive("\r\n")
            .scan(true, |goes_on, line| {
                let takes = *goes_on || line.starts_with(' ');
                *goes_on = false;
                takes.then(|| line.trim().to_owned())
            })
            .collect();
        value.trim_matches(['<', '>']).to_owned()
    }

    /// The address in it that begins so.
    pub(crate) fn link(&self, start: &str) -> &str {
        let mut words = self.text().split_whitespace();
        words.find(|word| word.starts_with(start)).unwrap()
    }
}

fn read_part(part: &str) -> (String, String) {
    let (headers, body) = part.split_once("\r\n\r\n").unwrap();
    let kind = headers
        .split("Content-Type: ")
        .nth(1)
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let text = if headers.contains("quoted-printable") {
        String::from_utf8(quoted_printable::decode(body, ParseMode::Strict).unwrap()).unwrap()
    } else if headers.contains("base64") {
        let packed: String = body.split_whitespace().collect();
        String::from_utf8(BASE64_STANDARD.decode(packed).unwrap()).unwrap()
    } else {
        body.to_owned()
    };
    (kind.trim().to_owned(), text)
}

impl SmtpServer {
    /// Listens at a free port of the loopback interface.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, mails) = unbounded_channel();
        let is_full = Arc::new(AtomicBool::new(false));
        let full = is_full.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Exchange::new(stream, sender.clone(), full.clone()).run());
            }
        });
        Self {
            address,
            mails: Mutex::new(mails),
            is_full,
            accepting,
        }
    }

    /// What the configuration would say, the password included.
    pub(crate) fn url(&self) -> String {
        format!("smtp://latchkey:{PASSWORD}@{}", self.address)
    }

    /// The same with a password that is not let in.
    pub(crate) fn wrong_url(&self) -> String {
        format!("smtp://latchkey:FAKE-other@{}", self.address)
    }

    /// From now on it takes no mail, or takes it again.
    pub(crate) fn set_full(&self, is_full: bool) {
        self.is_full.store(is_full, Ordering::SeqCst);
    }

    /// The next mail, waited for.
    pub(crate) async fn next(&self) -> ReceivedMail {
        let mut mails = self.mails.lock().await;
        timeout(PATIENCE, mails.recv()).await.expect("a mail comes").unwrap()
    }

    /// Those that have come and were not looked at.
    pub(crate) async fn received(&self) -> Vec<ReceivedMail> {
        let mut mails = self.mails.lock().await;
        std::iter::from_fn(|| mails.try_recv().ok()).collect()
    }

    /// Whether there is none that was not looked at.
    pub(crate) async fn is_empty(&self) -> bool {
        self.mails.lock().await.is_empty()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// One connection.
struct Exchange {
    stream: BufReader<TcpStream>,
    mails: UnboundedSender<ReceivedMail>,
    is_full: Arc<AtomicBool>,
    is_known: bool,
    to: String,
}

impl Exchange {
    fn new(stream: TcpStream, mails: UnboundedSender<ReceivedMail>, is_full: Arc<AtomicBool>) -> Self {
        Self {
            stream: BufReader::new(stream),
            mails,
            is_full,
            is_known: false,
            to: String::new(),
        }
    }

    async fn run(mut self) {
        self.say("220 mail.example.com ESMTP").await;
        while let Some(line) = self.line().await {
            let (command, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let answer = match command.to_ascii_uppercase().as_str() {
                "EHLO" => "250-mail.example.com\r\n250 AUTH PLAIN".to_owned(),
                "AUTH" => self.authenticate(rest),
                "NOOP" | "RSET" => "250 OK".to_owned(),
                "QUIT" => {
                    self.say("221 bye").await;
                    return;
                }
                _ if !self.is_known => "530 authentication required".to_owned(),
                "MAIL" => "250 OK".to_owned(),
                "RCPT" => self.recipient(rest),
                "DATA" => {
                    self.say("354 go on").await;
                    let Some(raw) = self.data().await else { return };
                    let to = std::mem::take(&mut self.to);
                    let _ = self.mails.send(ReceivedMail::new(to, raw));
                    "250 taken".to_owned()
                }
                _ => "502 unknown".to_owned(),
            };
            self.say(&answer).await;
        }
    }

    fn authenticate(&mut self, rest: &str) -> String {
        let given = rest
            .strip_prefix("PLAIN ")
            .and_then(|text| BASE64_STANDARD.decode(text).ok());
        self.is_known = given.is_some_and(|given| given == format!("\0latchkey\0{PASSWORD}").as_bytes());
        let answer = if self.is_known { "235 welcome" } else { "535 wrong" };
        answer.to_owned()
    }

    fn recipient(&mut self, rest: &str) -> String {
        if self.is_full.load(Ordering::SeqCst) {
            return "452 no room now".to_owned();
        }
        let address = rest.split(['<', '>']).nth(1);
        self.to = address.unwrap_or_default().to_owned();
        "250 OK".to_owned()
    }

    /// Everything up to the line with a dot alone.
    async fn data(&mut self) -> Option<String> {
        let mut raw = String::new();
        loop {
            let line = self.line().await?;
            if line == "." {
                return Some(raw);
            }
            raw.push_str(line.strip_prefix('.').unwrap_or(&line));
            raw.push_str("\r\n");
        }
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).await.ok()?;
        (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }

    async fn say(&mut self, line: &str) {
        // Who has gone hears nothing.
        let _ = self.stream.write_all(format!("{line}\r\n").as_bytes()).await;
    }
}
