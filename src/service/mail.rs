//! Mail: plain text, handed to the operator's own mail server.

use crate::domain::Clock;
use async_trait::async_trait;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use url::Url;

/// How long the mail server may take for one step of the exchange.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail to be sent. Its text may hold a link that works once, so Debug does not show it.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Whom it is for, an address alone.
    pub to: String,
    /// What it is about; no secret, because mail servers log it.
    pub subject: String,
    /// What it says, in lines of plain text.
    pub text: SecretString,
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
        Ok(Self {
            transport: transport.map_err(MailError::Server)?.timeout(Some(PATIENCE)).build(),
            from: from.parse().map_err(MailError::Address)?,
            clock,
        })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let to: Address = mail.to.parse().map_err(MailError::Address)?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to.into())
            .subject(mail.subject)
            .date(SystemTime::from(self.clock.now()))
            .message_id(None)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.expose_secret().to_owned())
            .map_err(MailError::Message)?;
        self.transport.send(message).await.map_err(MailError::Refused)?;
        Ok(())
    }
}
