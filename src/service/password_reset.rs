//! A new password for who forgot theirs: by a link that is mailed to them.

use super::accounts::Accounts;
use super::audit::Event;
use super::mail::{self, Mail, Mailer};
use super::throttle::ResetThrottle;
use super::{Foundation, ServiceError};
use crate::domain::{Principal, RequestContext, UserId};
use crate::store::queue::NewJob;
use crate::store::users::{self, Credentials};
use crate::store::{SystemTx, password_resets, queue};
use crate::vault::{Token, TokenKind};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use url::Url;

const LIFE: Duration = Duration::hours(1);
const SUBJECT: &str = "Choose a new password for Latchkey";

/// A link that somebody asked for. The token is made when the mail is written, so that the queue holds none.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendResetLink {
    /// Whose; nobody's where the address was unknown, for nothing to tell that.
    user: UserId,
    #[serde(with = "time::serde::timestamp")]
    asked_at: OffsetDateTime,
}

impl SendResetLink {
    /// What the queue calls it.
    pub const TASK: &str = "send_reset_link";
}

/// Mails links to choose a new password, and takes them.
pub struct PasswordResets {
    foundation: Arc<Foundation>,
    accounts: Arc<Accounts>,
    throttle: ResetThrottle,
    mailer: Option<Arc<dyn Mailer>>,
    public_url: Url,
}

impl PasswordResets {
    pub(crate) fn new(
        foundation: Arc<Foundation>,
        accounts: Arc<Accounts>,
        mailer: Option<Arc<dyn Mailer>>,
        public_url: Url,
    ) -> Self {
        Self {
            foundation,
            accounts,
            throttle: ResetThrottle::default(),
            mailer,
            public_url,
        }
    }

    /// Whether links can be mailed at all.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.mailer.is_some()
    }

    /// Has a link mailed to this address. Known and unknown addresses get the same answer after the same work: whether
    /// there is anything to mail is found out afterwards.
    ///
    /// # Errors
    /// [`ServiceError::Conflict`] where no mail is sent; [`ServiceError::Invalid`] for what is no address;
    /// [`ServiceError::Throttled`].
    pub async fn ask(&self, email: &str, request: RequestContext) -> Result<(), ServiceError> {
        if !self.sends_mail() {
            let message = "This Latchkey sends no mail. Ask whoever operates it.";
            return Err(ServiceError::Conflict(message.to_owned()));
        }
        self.throttle.check(email, request.client)?;
        let email = super::accounts::check_email(email)?;
        let Foundation {
            store, clock, random, ..
        } = &*self.foundation;
        let mut tx = store.system().await?;
        let known = users::find_by_email(&mut tx, &email).await?;
        let job = SendResetLink {
            user: known.map_or_else(|| UserId::new(&**clock, &**random), |known| known.id),
            asked_at: clock.now(),
        };
        let job = NewJob {
            task: SendResetLink::TASK,
            payload: json!(job),
            queue: None,
            key: None,
            run_at: None,
        };
        queue::add(&mut tx, &[job]).await?;
        Ok(tx.commit().await?)
    }

    /// Mails a link that was asked for. Every try makes a new link, because only its hash is kept; should two of the
    /// mails arrive, both links work until one is used.
    ///
    /// # Errors
    /// [`ServiceError::Mail`]; whatever the store says.
    pub async fn send(&self, job: SendResetLink) -> Result<(), ServiceError> {
        let Foundation {
            store,
            clock,
            random,
            roots,
        } = &*self.foundation;
        let now = clock.now();
        let Some(mailer) = self.mailer.as_ref().filter(|_| now - job.asked_at < LIFE) else {
            return Ok(());
        };
        let mut tx = store.system().await?;
        let Some(known) = users::find(&mut tx, job.user).await? else {
            return Ok(());
        };
        let token = Token::mint(TokenKind::Reset, &**random);
        password_resets::add(&mut tx, &token.hash(&roots.token), known.id, now + LIFE).await?;
        tx.commit().await?;
        let id = mail::stable_id(SendResetLink::TASK, &job);
        let text = self.text(&known.email, &token.text());
        let mail = Mail::plain(id, known.email, SUBJECT.to_owned(), text);
        Ok(mailer.send(mail).await?)
    }

    /// Whose password a link can set, as their address; `None` for a link that was used or has run out. Looking uses
    /// nothing up.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn find(&self, link: &SecretString) -> Result<Option<String>, ServiceError> {
        let Some(hash) = self.hash(link) else { return Ok(None) };
        let mut tx = self.foundation.store.system().await?;
        let known = self.find_in(&mut tx, &hash).await?;
        Ok(known.map(|known| known.email))
    }

    /// Sets a new password, and uses the link up. Every session of the person ends; what else they sign in with stays.
    /// A refused password leaves the link as it was.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for the link or the password; [`ServiceError::Throttled`].
    pub async fn reset(
        &self,
        link: &SecretString,
        password: &SecretString,
        request: RequestContext,
    ) -> Result<(), ServiceError> {
        self.throttle.check_client(request.client)?;
        let Foundation { store, clock, .. } = &*self.foundation;
        let hash = self.hash(link).ok_or_else(spent)?;
        let mut tx = store.system().await?;
        let known = self.find_in(&mut tx, &hash).await?.ok_or_else(spent)?;
        drop(tx);
        let password_hash = self.accounts.new_password(&known.email, "", password).await?;
        let mut tx = store.system().await?;
        let user = password_resets::take(&mut tx, &hash, clock.now()).await?;
        let user = user.ok_or_else(spent)?;
        if !users::set_password(&mut tx, &known, &password_hash).await? {
            return Err(spent());
        }
        users::renew_credentials(&mut tx, user).await?;
        self.accounts
            .commit_and_tell(tx, user, Principal::User(user), Event::PasswordReset, request)
            .await
    }

    async fn find_in(&self, tx: &mut SystemTx, hash: &[u8; 32]) -> Result<Option<Credentials>, ServiceError> {
        match password_resets::find(tx, hash, self.foundation.clock.now()).await? {
            Some(user) => Ok(users::find(tx, user).await?),
            None => Ok(None),
        }
    }

    fn hash(&self, link: &SecretString) -> Option<[u8; 32]> {
        let token = Token::parse(TokenKind::Reset, link.expose_secret().trim()).ok()?;
        Some(token.hash(&self.foundation.roots.token))
    }

    fn text(&self, email: &str, token: &SecretString) -> SecretString {
        let base = mail::address(&self.public_url, "");
        SecretString::from(format!(
            "Somebody asked for a new password for {email} at {base}\n\
             \n\
             To choose one, open this link within an hour. It works once.\n\
             \n\
             {base}/reset-password?link={}\n\
             \n\
             A new password signs you out everywhere. If it was not you who asked, ignore this mail:\n\
             nothing has changed.\n",
            token.expose_secret()
        ))
    }
}

fn spent() -> ServiceError {
    ServiceError::invalid(
        "link",
        "This link was used or has run out. Ask for a new one on the sign-in page.",
    )
}
