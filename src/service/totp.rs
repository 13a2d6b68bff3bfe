//! Second factors: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost.

mod codes;

pub use codes::RecoveryCode;

use super::audit::{Audit, Event};
use super::{Foundation, ServiceError};
use crate::domain::{Actor, UserId};
use crate::store::second_factors::{self, SecondFactor};
use crate::store::{recovery_codes, users};
use crate::vault::Values;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

/// RFC 4226 recommends 160 bits.
const SECRET_BYTES: usize = 20;
/// What apps understand without being told: six digits, SHA-1, a new code every 30 seconds.
const DIGITS: u8 = 6;
const STEP_SECONDS: u64 = 30;
/// Codes of the step before and after count as well, for clocks that go wrong.
const SKEW: u16 = 1;
const ISSUER: &str = "Latchkey";
const PURPOSE: &str = "second factor";
/// After so many wrong codes none is looked at for a while, on any instance: three codes in a million are right at a
/// time, so that a guess succeeds once in centuries.
const MOST_TRIES: i32 = 5;
const PAUSE: Duration = Duration::minutes(15);

/// How a person's second factor is.
#[derive(Debug)]
pub enum SecondFactorState {
    /// There is none.
    Off,
    /// One was begun, and its first code is still to come.
    Begun(Enrolment),
    /// It is asked for.
    On {
        /// Since when.
        since: OffsetDateTime,
        /// How many recovery codes are left.
        codes_left: u32,
    },
}

/// What an authenticator app is to be told.
#[derive(Debug)]
pub struct Enrolment {
    /// The secret, in base32, to be typed.
    pub secret: SecretString,
    /// The same as an address (`otpauth://…`), to be scanned.
    pub address: SecretString,
}

/// What was presented and right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Used {
    /// The authenticator's code.
    Code,
    /// A recovery code; it is spent.
    RecoveryCode,
}

impl Used {
    pub(super) fn is_recovery_code(self) -> bool {
        self == Self::RecoveryCode
    }
}

/// Sets second factors up, checks their codes, and takes them away.
pub struct SecondFactors {
    foundation: Arc<Foundation>,
    audit: Arc<Audit>,
    values: Values,
}

impl SecondFactors {
    pub(crate) const fn new(foundation: Arc<Foundation>, audit: Arc<Audit>, values: Values) -> Self {
        Self {
            foundation,
            audit,
            values,
        }
    }

    /// How the actor's own is. One that was begun is shown only to somebody who showed a moment ago who they are.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token.
    pub async fn state(&self, actor: &Actor) -> Result<SecondFactorState, ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let Some(found) = self.find(user).await? else {
            return Ok(SecondFactorState::Off);
        };
        if let Some(since) = found.confirmed_at {
            let codes_left = u32::try_from(found.codes_left).unwrap_or_default();
            return Ok(SecondFactorState::On { since, codes_left });
        }
        if actor.require_recent(self.foundation.clock.now()).is_err() {
            return Ok(SecondFactorState::Off);
        }
        let email = self.email(user).await?;
        let totp = self.open(user, &email, &found).await?;
        Ok(SecondFactorState::Begun(enrolment(&totp)?))
    }

    /// Makes a secret for the actor's authenticator. Nothing is asked for until its first code is confirmed.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token; [`ServiceError::SignInAgain`]; [`ServiceError::Conflict`] when there is
    /// a second factor already.
    pub async fn begin(&self, actor: &Actor) -> Result<(), ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let Foundation {
            store, clock, random, ..
        } = &*self.foundation;
        let now = clock.now();
        actor.require_recent(now)?;
        let secret: Zeroizing<[u8; SECRET_BYTES]> = Zeroizing::new(random.bytes());
        let sealed = self
            .values
            .seal_bytes(PURPOSE, &[user.as_uuid().as_bytes()], &*secret)
            .await?;
        let mut tx = store.system().await?;
        if !second_factors::begin(&mut tx, user, &sealed, now).await? {
            return Err(is_on());
        }
        Ok(tx.commit().await?)
    }

    /// Takes the first code as proof that the actor's authenticator has the secret. From then on codes are asked for;
    /// every session of the actor ends, and these recovery codes are told once.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token; [`ServiceError::SignInAgain`]; [`ServiceError::Invalid`] for the code;
    /// [`ServiceError::Conflict`] when nothing was begun.
    pub async fn confirm(&self, actor: &Actor, code: &SecretString) -> Result<Renewed, ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let now = self.foundation.clock.now();
        actor.require_recent(now)?;
        let found = self.find(user).await?.filter(|found| found.confirmed_at.is_none());
        let found = found.ok_or_else(begin_again)?;
        let step = step_of(&self.open(user, "", &found).await?, code, now).ok_or_else(wrong_code)?;
        let (codes, hashes) = self.make_codes(user);
        let mut tx = self.foundation.store.system().await?;
        if !second_factors::confirm(&mut tx, user, &found.sealed, step, now).await? {
            return Err(begin_again());
        }
        recovery_codes::replace(&mut tx, user, &hashes).await?;
        let version = users::renew_credentials(&mut tx, user).await?;
        let tx = tx.enter(actor.org).await?;
        self.audit
            .record_own(tx, actor, Event::SecondFactorEnabled, json!({}))
            .await?;
        Ok(Renewed {
            codes,
            credentials_version: version,
        })
    }

    /// Asks the actor for no code any more; every session of theirs ends. The credentials' new version.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token; [`ServiceError::SignInAgain`]; [`ServiceError::Conflict`] when there is
    /// none.
    pub async fn disable(&self, actor: &Actor) -> Result<i64, ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        actor.require_recent(self.foundation.clock.now())?;
        let mut tx = self.foundation.store.system().await?;
        if !second_factors::remove(&mut tx, user).await? {
            return Err(is_off());
        }
        let version = users::renew_credentials(&mut tx, user).await?;
        let tx = tx.enter(actor.org).await?;
        self.audit
            .record_own(tx, actor, Event::SecondFactorDisabled, json!({}))
            .await?;
        Ok(version)
    }

    /// Gives the actor new recovery codes in place of all earlier ones.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token; [`ServiceError::SignInAgain`]; [`ServiceError::Conflict`] when there is
    /// no second factor.
    pub async fn renew_codes(&self, actor: &Actor) -> Result<Vec<RecoveryCode>, ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        actor.require_recent(self.foundation.clock.now())?;
        let mut tx = self.foundation.store.system().await?;
        let found = second_factors::find(&mut tx, user).await?;
        found.filter(|found| found.confirmed_at.is_some()).ok_or_else(is_off)?;
        let (codes, hashes) = self.make_codes(user);
        recovery_codes::replace(&mut tx, user, &hashes).await?;
        let tx = tx.enter(actor.org).await?;
        self.audit
            .record_own(tx, actor, Event::RecoveryCodesRenewed, json!({}))
            .await?;
        Ok(codes)
    }

    /// Checks a code of a person's second factor, and spends it. Every try counts, whichever instance it reaches.
    pub(super) async fn check(&self, user: UserId, code: &SecretString) -> Result<Used, ServiceError> {
        let Foundation { store, clock, .. } = &*self.foundation;
        let now = clock.now();
        let mut tx = store.system().await?;
        let wait = second_factors::count_try(&mut tx, user, now, MOST_TRIES, now + PAUSE).await?;
        tx.commit().await?;
        if let Some(until) = wait {
            let retry_after = (until - now).try_into().unwrap_or(std::time::Duration::from_secs(1));
            return Err(ServiceError::Throttled { retry_after });
        }
        if let Some(recovery_code) = RecoveryCode::parse(code) {
            let hash = self.hash(user, &recovery_code);
            let mut tx = store.system().await?;
            let taken = recovery_codes::take(&mut tx, user, &hash, now).await?;
            tx.commit().await?;
            return if taken {
                Ok(Used::RecoveryCode)
            } else {
                Err(wrong_code())
            };
        }
        let found = self.find(user).await?.filter(|found| found.confirmed_at.is_some());
        let totp = self.open(user, "", &found.ok_or_else(wrong_code)?).await?;
        let step = step_of(&totp, code, now).ok_or_else(wrong_code)?;
        let mut tx = store.system().await?;
        let accepted = second_factors::accept_step(&mut tx, user, step).await?;
        tx.commit().await?;
        if accepted { Ok(Used::Code) } else { Err(spent_code()) }
    }

    async fn find(&self, user: UserId) -> Result<Option<SecondFactor>, ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        Ok(second_factors::find(&mut tx, user).await?)
    }

    async fn open(&self, user: UserId, email: &str, found: &SecondFactor) -> Result<Totp, ServiceError> {
        let place = user.as_uuid();
        let opened = self
            .values
            .open_bytes(PURPOSE, &[place.as_bytes()], &found.sealed)
            .await;
        let opened = opened.map_err(|error| {
            tracing::error!(
                alarm = "second_factor_unreadable", user.id = %user,
                "a stored second factor cannot be used: it was altered, or moved from elsewhere"
            );
            ServiceError::Open(error)
        })?;
        Ok(totp(&opened, email))
    }

    async fn email(&self, user: UserId) -> Result<String, ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        let known = users::find(&mut tx, user).await?;
        Ok(known.ok_or(ServiceError::Unauthenticated)?.email)
    }

    fn make_codes(&self, user: UserId) -> (Vec<RecoveryCode>, Vec<[u8; 32]>) {
        let codes = RecoveryCode::mint_set(&*self.foundation.random);
        let hashes = codes.iter().map(|code| self.hash(user, code)).collect();
        (codes, hashes)
    }

    fn hash(&self, user: UserId, code: &RecoveryCode) -> [u8; 32] {
        let user = user.as_uuid();
        let code = code.bare().expose_secret();
        let parts = [b"recovery code", &user.as_bytes()[..], code.as_bytes()];
        self.foundation.roots.token.mac(&parts)
    }
}

/// What goes with a second factor that is asked for from now on.
#[derive(Debug)]
pub struct Renewed {
    /// The recovery codes; told once.
    pub codes: Vec<RecoveryCode>,
    /// The version of the actor's credentials, under which a session may begin anew.
    pub credentials_version: i64,
}

fn totp(secret: &[u8], email: &str) -> Totp {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(SKEW)
        .with_step_duration(STEP_SECONDS)
        .with_secret(secret.to_vec())
        .with_issuer(Some(ISSUER))
        // The address that apps read has a colon of its own.
        .with_account_name(email.replace(':', " "))
        .build_noncompliant()
}

/// The step whose code this is, compared in constant time.
fn step_of(totp: &Totp, code: &SecretString, now: OffsetDateTime) -> Option<i64> {
    let typed: Zeroizing<String> = Zeroizing::new(
        code.expose_secret()
            .chars()
            .filter(|character| !character.is_whitespace())
            .collect(),
    );
    let now = u64::try_from(now.unix_timestamp()).ok()?;
    let step = totp.check(&typed, now)?;
    i64::try_from(step).ok()
}

fn enrolment(totp: &Totp) -> Result<Enrolment, ServiceError> {
    Ok(Enrolment {
        secret: SecretString::from(totp.secret().to_base32()),
        address: SecretString::from(totp.to_url().map_err(ServiceError::Authenticator)?),
    })
}

fn wrong_code() -> ServiceError {
    ServiceError::invalid(
        "code",
        "This code is not right. Enter the six digits that your authenticator shows now, or a recovery code.",
    )
}

fn spent_code() -> ServiceError {
    ServiceError::invalid(
        "code",
        "This code was used already. Wait for the next one, at most half a minute.",
    )
}

fn begin_again() -> ServiceError {
    ServiceError::Conflict("Nothing waits for a code, or another page began anew. Load this page again.".to_owned())
}

fn is_on() -> ServiceError {
    ServiceError::Conflict("Codes are asked for already. Turn that off first to use another authenticator.".to_owned())
}

fn is_off() -> ServiceError {
    ServiceError::Conflict("No codes are asked for, so there is nothing to change.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six of its eight digits.
        let totp = totp(SECRET, "a:b@example.com");
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let step = step_of(&totp, &SecretString::from(code), at(time));
            assert_eq!(step, Some(time / 30), "{code}");
        }
    }

    #[test]
    fn a_code_is_good_for_its_neighbours_and_no_longer() {
        let totp = totp(SECRET, "a:b@example.com");
        let code = SecretString::from(" 081 804 ");
        let time = 1_111_111_109;
        for (apart, expected) in [(-30, true), (0, true), (30, true), (-60, false), (60, false)] {
            assert_eq!(step_of(&totp, &code, at(time + apart)).is_some(), expected, "{apart}");
        }
        for wrong in ["", "81804", "+81804", "0818045", "abcdef"] {
            assert_eq!(step_of(&totp, &SecretString::from(wrong), at(time)), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_is_told_who_and_where() {
        let totp = totp(SECRET, "a:b@example.com");
        let enrolment = enrolment(&totp).unwrap();
        assert_eq!(enrolment.secret.expose_secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            enrolment.address.expose_secret(),
            "otpauth://totp/Latchkey:a%20b%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Latchkey"
        );
        assert!(!format!("{enrolment:?}").contains("GEZD"));
    }
}
