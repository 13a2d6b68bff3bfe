//! Mail: plain text, with HTML beside it or not, handed to the operator's own mail server.

use crate::domain::Clock;
use async_trait::async_trait;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::transport::smtp;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use url::Url;
use uuid::Builder;

/// How long the mail server may take for one step of the exchange.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail to be sent. Its text may hold a link that works once, so Debug does not show it.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its name among all mails of this Latchkey: one that is sent twice, because a server died over it, has the same
    /// both times, so that mailboxes can tell. Letters, digits and hyphens.
    pub id: String,
    /// Whom it is for, an address alone.
    pub to: String,
    /// What it is about; no secret, because mail servers log it.
    pub subject: String,
    /// What it says, in lines of plain text.
    pub text: SecretString,
    /// The same as HTML.
    pub html: Option<SecretString>,
    /// The address that ends mails like this one (RFC 2369, and by one POST after RFC 8058).
    pub unsubscribe: Option<String>,
}

impl Mail {
    /// A mail of plain text, which is about its reader's own doing.
    #[must_use]
    pub const fn plain(id: String, to: String, subject: String, text: SecretString) -> Self {
        Self {
            id,
            to,
            subject,
            text,
            html: None,
            unsubscribe: None,
        }
    }
}

/// A header whose value is ready as it is.
macro_rules! plain_header {
    ($(#[$doc:meta])* $name:ident, $text:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        struct $name(String);

        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($text)
            }

            fn parse(value: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(value.to_owned()))
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}

plain_header! {
    /// Where mails like this one are ended.
    ListUnsubscribe, "List-Unsubscribe"
}
plain_header! {
    /// That a POST there ends them without a further question.
    ListUnsubscribePost, "List-Unsubscribe-Post"
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address is none that mail can be sent to.
    #[error("this address cannot be written to")]
    Address(#[source] lettre::address::AddressError),
    /// The mail could not be written down.
    #[error("the mail could not be written")]
    Message(#[source] lettre::error::Error),
    /// The settings name no mail server.
    #[error("the mail server's address cannot be used")]
    Server(#[source] smtp::Error),
    /// The mail server did not take it.
    #[error("the mail server did not take the mail")]
    Refused(#[source] smtp::Error),
}

/// The id of the mail that a job sends, the same however often the job is done.
pub(super) fn stable_id(task: &str, job: &impl Serialize) -> String {
    let job = serde_json::to_vec(job).unwrap_or_default();
    let digest = Sha256::new().chain_update(task).chain_update(job).finalize();
    let bytes = digest.first_chunk().copied().unwrap_or_default();
    Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// The full address of a page, for a link in a mail.
pub(super) fn address(public_url: &Url, path: &str) -> String {
    format!("{}{path}", public_url.origin().ascii_serialization())
}

/// Sends mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands a mail over; returns when the mail server has taken it.
    async fn send(&self, mail: Mail) -> Result<(), MailError>;
}

/// Sends mail through an SMTP server.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    clock: Arc<dyn Clock>,
}

impl SmtpMailer {
    /// A mailer for the server at `url` (`smtps://user:password@host`, `smtp://…?tls=required`), as the sender `from`.
    ///
    /// # Errors
    /// [`MailError::Server`] and [`MailError::Address`]; neither quotes the password.
    pub fn new(url: &SecretString, from: &str, clock: Arc<dyn Clock>) -> Result<Self, MailError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret());
        let from: Mailbox = from.parse().map_err(MailError::Address)?;
        Ok(Self {
            transport: transport.map_err(MailError::Server)?.timeout(Some(PATIENCE)).build(),
            from,
            clock,
        })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let to: Address = mail.to.parse().map_err(MailError::Address)?;
        let id = format!("<{}@{}>", mail.id, self.from.email.domain());
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(to.into())
            .subject(mail.subject)
            .date(SystemTime::from(self.clock.now()))
            .message_id(Some(id));
        if let Some(address) = mail.unsubscribe {
            builder = builder
                .header(ListUnsubscribe(format!("<{address}>")))
                .header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
        }
        let text = mail.text.expose_secret().to_owned();
        let message = match mail.html {
            None => builder.header(ContentType::TEXT_PLAIN).body(text),
            Some(html) => {
                let html = html.expose_secret().to_owned();
                builder.multipart(MultiPart::alternative_plain_html(text, html))
            }
        };
        let message = message.map_err(MailError::Message)?;
        self.transport.send(message).await.map_err(MailError::Refused)?;
        Ok(())
    }
}
