//! Mail, handed to a real server.

use crate::harness::SmtpServer;
use latchkey::domain::SystemClock;
use latchkey::service::mail::{Mail, MailError, Mailer, SmtpMailer};
use secrecy::SecretString;
use std::error::Error;
use std::sync::Arc;

fn mailer(url: &str) -> SmtpMailer {
    SmtpMailer::new(
        &SecretString::from(url),
        "Latchkey <latchkey@example.com>",
        Arc::new(SystemClock),
    )
    .unwrap()
}

fn mail(to: &str) -> Mail {
    let text = SecretString::from("First line.\n.\n.. and more.");
    Mail::plain("one-of-a-kind".to_owned(), to.to_owned(), "Über alles".to_owned(), text)
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let server = SmtpServer::start().await;
    mailer(&server.url()).send(mail("ada@example.com")).await.unwrap();
    let got = server.next().await;
    assert_eq!(got.to, "ada@example.com");
    assert_eq!(got.header("From"), "Latchkey <latchkey@example.com>");
    assert_eq!(got.header("To"), "ada@example.com");
    assert!(got.header("Subject").starts_with("=?utf-8?"), "{}", got.raw);
    assert!(got.header("Content-Type").starts_with("text/plain"));
    assert!(!got.header("Date").is_empty());
    assert_eq!(got.header("Message-ID"), "<one-of-a-kind@example.com>");
    assert_eq!(got.text(), "First line.\r\n.\r\n.. and more.\r\n");
}

#[tokio::test]
async fn what_a_server_refuses_is_told_without_its_password() {
    let server = SmtpServer::start().await;
    let refused = mailer(&server.wrong_url())
        .send(mail("ada@example.com"))
        .await
        .unwrap_err();
    server.set_full(true);
    let full = mailer(&server.url()).send(mail("ada@example.com")).await.unwrap_err();
    for error in [refused, full] {
        assert!(matches!(error, MailError::Refused(_)), "{error:?}");
        let mut text = format!("{error:?} {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text} {error} {error:?}");
            cause = error.source();
        }
        assert!(!text.contains("FAKE"), "{text}");
    }
    assert!(server.is_empty().await);
}

#[tokio::test]
async fn an_address_carries_no_commands() {
    let server = SmtpServer::start().await;
    for to in [
        "",
        "ada",
        "ada@example.com\r\nRCPT TO:<eve@example.com>",
        "ada@example.com, eve@example.com",
    ] {
        let refused = mailer(&server.url()).send(mail(to)).await;
        assert!(matches!(refused, Err(MailError::Address(_))), "{to:?}");
    }
    assert!(!format!("{:?}", mail("ada@example.com")).contains("First line"));
}
