//! Passwords: judged, hashed with argon2id, and compared, off the async threads.

use super::ServiceError;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

const MIN_CHARACTERS: usize = 12;
const MAX_BYTES: usize = 1024;
/// zxcvbn's time grows with length; more than this does not make a password weaker.
const JUDGED_CHARACTERS: usize = 100;
/// Each hash takes a core for tens of milliseconds and 19 MiB: two at a time leave room for calls.
const AT_ONCE: usize = 2;
const QUEUE_LIMIT: Duration = Duration::from_secs(5);

/// Hashes and compares passwords, two at a time.
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// Compared against when nobody has the address, so that the answer takes as long.
    decoy: tokio::sync::OnceCell<String>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            decoy: tokio::sync::OnceCell::new(),
        }
    }
}

/// Refuses passwords that are short or easily guessed, for somebody with these `words` about them.
///
/// # Errors
/// [`ServiceError::Invalid`] at the field `password`, saying what would make it better.
pub fn judge(password: &SecretString, words: &[&str]) -> Result<(), ServiceError> {
    let password = password.expose_secret();
    if password.chars().count() < MIN_CHARACTERS {
        return Err(weak(format!("Use at least {MIN_CHARACTERS} characters.")));
    }
    if password.len() > MAX_BYTES {
        return Err(weak(format!("Use at most {MAX_BYTES} bytes.")));
    }
    let judged: String = password.chars().take(JUDGED_CHARACTERS).collect();
    let estimate = zxcvbn::zxcvbn(&judged, words);
    if estimate.score() >= zxcvbn::Score::Three {
        return Ok(());
    }
    let advice = estimate
        .feedback()
        .and_then(zxcvbn::feedback::Feedback::warning)
        .map_or_else(
            || "It is easy to guess. A few unrelated words make a strong one.".to_owned(),
            |warning| format!("{warning} A few unrelated words make a strong one."),
        );
    Err(weak(advice))
}

fn weak(message: String) -> ServiceError {
    ServiceError::invalid("password", message)
}

impl Passwords {
    /// The argon2id hash of a password, in PHC form with a salt of its own.
    ///
    /// # Errors
    /// [`ServiceError::Throttled`] when too many wait already.
    pub async fn hash(&self, password: &SecretString) -> Result<String, ServiceError> {
        let permit = self.permit().await?;
        let password = password.clone();
        blocking(permit, move || {
            Argon2::default()
                .hash_password(password.expose_secret().as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|error| ServiceError::Hashing(error.to_string()))
        })
        .await?
    }

    /// Whether `password` is the one behind `hash`. Takes as long when there is no hash.
    ///
    /// # Errors
    /// [`ServiceError::Throttled`] when too many wait already.
    pub async fn matches(&self, password: &SecretString, hash: Option<&str>) -> Result<bool, ServiceError> {
        let (known, hash) = match hash {
            Some(hash) => (true, hash.to_owned()),
            None => (false, self.decoy().await?),
        };
        let permit = self.permit().await?;
        let password = password.clone();
        let fits = blocking(permit, move || {
            if password.expose_secret().len() > MAX_BYTES {
                return false;
            }
            PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.expose_secret().as_bytes(), &hash)
                    .is_ok()
            })
        })
        .await?;
        Ok(known && fits)
    }

    async fn decoy(&self) -> Result<String, ServiceError> {
        self.decoy
            .get_or_try_init(|| async { self.hash(&SecretString::from("nobody has this password")).await })
            .await
            .cloned()
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, ServiceError> {
        match timeout(QUEUE_LIMIT, self.permits.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(ServiceError::Throttled {
                retry_after: QUEUE_LIMIT,
            }),
        }
    }
}

async fn blocking<Answer: Send + 'static>(
    permit: OwnedSemaphorePermit,
    work: impl FnOnce() -> Answer + Send + 'static,
) -> Result<Answer, ServiceError> {
    tokio::task::spawn_blocking(move || {
        let answer = work();
        drop(permit);
        answer
    })
    .await
    .map_err(|error| ServiceError::Hashing(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(password: &str) -> Result<(), String> {
        judge(&SecretString::from(password), &["ada@example.com", "Contoso"]).map_err(|error| error.to_string())
    }

    #[test]
    fn short_and_guessable_passwords_are_refused() {
        assert!(judged("kZ8#vQ1!").is_err_and(|error| error.contains("12 characters")));
        assert!(judged("password1234").is_err());
        assert!(judged("ada@example.com").is_err(), "the address is no password");
        assert!(judged("violet anchor mosaic tundra").is_ok());
        assert!(
            judged(&"violet anchor mosaic ".repeat(60)).is_err(),
            "longer than 1024 bytes"
        );
    }

    #[tokio::test]
    async fn a_hash_fits_its_own_password_only() {
        let passwords = Passwords::default();
        let hash = passwords
            .hash(&SecretString::from("violet anchor mosaic"))
            .await
            .unwrap();
        assert!(hash.starts_with("$argon2id$"));
        let fits = async |password: &str, hash: Option<&str>| {
            passwords.matches(&SecretString::from(password), hash).await.unwrap()
        };
        assert!(fits("violet anchor mosaic", Some(&hash)).await);
        assert!(!fits("violet anchor mosaik", Some(&hash)).await);
        assert!(
            !fits("nobody has this password", None).await,
            "the decoy lets nobody in"
        );
    }
}
