//! Mails about notifications: plain text and HTML, with a way to end them.

use super::Notifications;
use super::announce::SendMail;
use super::choices::Effective;
use super::words::{Names, Words};
use crate::domain::{NotificationKind, OrgId};
use crate::service::ServiceError;
use crate::service::mail::{self, Mail};
use crate::store::memberships::Member;
use crate::store::notifications::{self, mails};
use secrecy::SecretString;
use url::form_urlencoded::byte_serialize;

/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 140;

impl Notifications {
    /// Sends a mail that was noted, unless it was sent, or its reader left or wants none by now. A server that dies
    /// between sending and noting lets it be sent again, under the same id.
    ///
    /// # Errors
    /// [`ServiceError::Mail`]; whatever the store says.
    pub async fn send_mail(&self, job: SendMail) -> Result<(), ServiceError> {
        let Some(mailer) = &self.mailer else { return Ok(()) };
        let Some(mail) = self.write_mail(job).await? else {
            return Ok(());
        };
        mailer.send(mail).await?;
        let mut tx = self.foundation.store.org(job.org).await?;
        mails::mark_sent(&mut tx, job.mail, self.foundation.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    async fn write_mail(&self, job: SendMail) -> Result<Option<Mail>, ServiceError> {
        let mut tx = self.foundation.store.org(job.org).await?;
        let Some(pending) = mails::find_pending(&mut tx, job.mail).await? else {
            return Ok(None);
        };
        let Some(notification) = notifications::find(&mut tx, pending.notification).await? else {
            return Ok(None);
        };
        let Ok(member) = self.member(&mut tx, pending.user).await else {
            return Ok(None);
        };
        if !Effective::of_kind(&mut tx, notification.kind).await?.mails(&member) {
            return Ok(None);
        }
        let names = Names::load(&mut tx).await?;
        let words = Words::of(&notification, &names);
        let letter = Letter {
            base: mail::address(&self.public_url, ""),
            unsubscribe: self.unsubscribe_address(job.org, &member, notification.kind),
            words: &words,
            organization: &names.organization,
            member: &member,
        };
        Ok(Some(Mail {
            id: job.mail.to_string(),
            to: member.email.clone(),
            subject: letter.subject(),
            text: SecretString::from(letter.text()),
            html: Some(SecretString::from(letter.html())),
            unsubscribe: Some(letter.unsubscribe),
        }))
    }

    fn unsubscribe_address(&self, org: OrgId, member: &Member, kind: NotificationKind) -> String {
        let link = self.unsubscribe_link(org, member.user, kind);
        let link: String = byte_serialize(link.as_bytes()).collect();
        mail::address(&self.public_url, &format!("/unsubscribe?link={link}"))
    }
}

struct Letter<'told> {
    base: String,
    unsubscribe: String,
    words: &'told Words,
    organization: &'told str,
    member: &'told Member,
}

impl Letter<'_> {
    fn subject(&self) -> String {
        let subject: String = self.words.title.chars().take(LONGEST_SUBJECT).collect();
        subject.replace(char::is_control, " ")
    }

    fn address(&self) -> String {
        format!("{}{}", self.base, self.words.path)
    }

    fn text(&self) -> String {
        let Words {
            title, text, action, ..
        } = self.words;
        let body = if text.is_empty() {
            String::new()
        } else {
            format!("{text}\n\n")
        };
        format!(
            "{title}.\n\
             \n\
             {body}{action}: {}\n\
             \n\
             -- \n\
             Sent to {} by Latchkey for {}.\n\
             Choose what you are told of: {}/notifications/choices\n\
             No more mails of this kind: {}\n",
            self.address(),
            self.member.email,
            self.organization,
            self.base,
            self.unsubscribe,
        )
    }

    fn html(&self) -> String {
        let escaped = |text: &str| html_escape::encode_double_quoted_attribute(text).into_owned();
        let paragraph = |line: &str| ["<p style=\"margin:0 0 12px\">", &escaped(line), "</p>\n"].concat();
        let paragraphs: String = self.words.text.lines().map(paragraph).collect();
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
             <body style=\"font:16px/1.5 system-ui,sans-serif;margin:0;padding:24px;max-width:560px\">\n\
             <h1 style=\"font-size:20px;margin:0 0 12px\">{title}</h1>\n\
             {paragraphs}\
             <p style=\"margin:24px 0\"><a href=\"{address}\">{action}</a></p>\n\
             <hr style=\"border:0;border-top:1px solid #999\">\n\
             <p style=\"font-size:14px\">Sent to {email} by Latchkey for {organization}.<br>\n\
             <a href=\"{base}/notifications/choices\">Choose what you are told of</a> ·\n\
             <a href=\"{unsubscribe}\">No more mails of this kind</a></p>\n\
             </body></html>\n",
            title = escaped(&self.words.title),
            address = escaped(&self.address()),
            action = escaped(self.words.action),
            email = escaped(&self.member.email),
            organization = escaped(self.organization),
            base = escaped(&self.base),
            unsubscribe = escaped(&self.unsubscribe),
        )
    }
}
