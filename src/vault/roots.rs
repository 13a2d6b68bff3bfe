//! The deployment's roots: random keys made once, one per purpose, stored sealed.
//!
//! As they are random and merely wrapped under the master key, rotating that re-wraps them and no
//! token dies.

use super::envelope::{OpenError, SealError};
use super::hmac_key::HmacKey;
use super::master_key::KekId;
use super::sealing::Values;
use crate::domain::{DeploymentId, Random, Sealed};
use uuid::Uuid;

/// What the roots are sealed for.
const PURPOSE: &str = "deployment-secret";

/// The row that holds the deployment's id. It is bound to its name alone, opens first, and so tells
/// whether the master key is the right one.
const DEPLOYMENT: &str = "deployment";

/// The row that holds the audit root.
pub const AUDIT: &str = "audit";

/// The roots of a deployment. Their Debug shows no key.
#[derive(Debug)]
pub struct Roots {
    /// The deployment that they belong to; bound into every sealed provider key.
    pub deployment: DeploymentId,
    /// Hashes tokens and one-time links.
    pub token: HmacKey,
    /// Tells that two secrets are the same without keeping either.
    pub fingerprint: HmacKey,
    /// Chains audit rows.
    pub audit: HmacKey,
    /// Compares the bodies of repeated requests.
    pub idempotency: HmacKey,
    /// Hashes session ids.
    pub session: HmacKey,
}

/// Why the stored roots cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// Sealed under another master key than the ones given.
    #[error(
        "the master key is not the one this database was set up with: its secrets are sealed under \
         master key {0}; start with that one as LATCHKEY_MASTER_KEY or LATCHKEY_MASTER_KEY_PREVIOUS"
    )]
    WrongMasterKey(KekId),
    /// A row is missing.
    #[error("the deployment's secret `{0}` is missing from the database")]
    Missing(&'static str),
    /// A row does not open, or holds something else than it should.
    #[error("the deployment's secret `{0}` was altered")]
    Altered(&'static str),
    /// The master keys gave no answer; trying again may help.
    #[error("the deployment's secrets cannot be opened now")]
    Unavailable(#[source] OpenError),
}

impl RootsError {
    fn of(purpose: &'static str, error: OpenError) -> Self {
        match error {
            OpenError::UnknownMasterKey(id) => Self::WrongMasterKey(id),
            OpenError::Unavailable(_) => Self::Unavailable(error),
            _ => Self::Altered(purpose),
        }
    }
}

impl Roots {
    /// New roots for a new deployment.
    #[must_use]
    pub fn generate(deployment: DeploymentId, random: &dyn Random) -> Self {
        let key = || HmacKey::generate(random);
        Self {
            deployment,
            token: key(),
            fingerprint: key(),
            audit: key(),
            idempotency: key(),
            session: key(),
        }
    }

    /// The rows of the table `deployment_secrets`: purpose and sealed value. Sealing opened roots
    /// again moves them to the current master key.
    ///
    /// # Errors
    /// [`SealError`] when the master keys do not answer.
    pub async fn seal(&self, values: &Values) -> Result<Vec<(&'static str, Sealed)>, SealError> {
        let deployment = self.deployment.as_uuid().into_bytes();
        let place: [&[u8]; 1] = [DEPLOYMENT.as_bytes()];
        let mut rows = vec![(DEPLOYMENT, values.seal_bytes(PURPOSE, &place, &deployment).await?)];
        for (purpose, key) in self.keys() {
            let place = [purpose.as_bytes(), &deployment];
            rows.push((purpose, values.seal_bytes(PURPOSE, &place, key.expose()).await?));
        }
        Ok(rows)
    }

    /// Opens the rows of the table `deployment_secrets`. Rows of purposes unknown to this version are left alone.
    ///
    /// # Errors
    /// [`RootsError::WrongMasterKey`] when the master key is another than at set-up; others when rows
    /// are missing or altered.
    pub async fn open(values: &Values, rows: &[(String, Sealed)]) -> Result<Self, RootsError> {
        let rows = Rows { values, rows };
        let id = rows.open(DEPLOYMENT, &[]).await?;
        let id = Uuid::from_slice(&id).map_err(|_| RootsError::Altered(DEPLOYMENT))?;
        Ok(Self {
            deployment: DeploymentId::from_uuid(id),
            token: rows.key("token", id).await?,
            fingerprint: rows.key("fingerprint", id).await?,
            audit: rows.key(AUDIT, id).await?,
            idempotency: rows.key("idempotency", id).await?,
            session: rows.key("session", id).await?,
        })
    }

    /// Opens the audit root of this deployment alone, from a copy of its row: what it takes to verify an export of the
    /// trail where the database is not at hand.
    ///
    /// # Errors
    /// As [`Roots::open`].
    pub async fn open_audit(values: &Values, deployment: DeploymentId, sealed: &Sealed) -> Result<HmacKey, RootsError> {
        let rows = [(AUDIT.to_owned(), sealed.clone())];
        Rows { values, rows: &rows }.key(AUDIT, deployment.as_uuid()).await
    }

    const fn keys(&self) -> [(&'static str, &HmacKey); 5] {
        [
            ("token", &self.token),
            ("fingerprint", &self.fingerprint),
            (AUDIT, &self.audit),
            ("idempotency", &self.idempotency),
            ("session", &self.session),
        ]
    }
}

struct Rows<'rows> {
    values: &'rows Values,
    rows: &'rows [(String, Sealed)],
}

impl Rows<'_> {
    async fn open(&self, purpose: &'static str, deployment: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>, RootsError> {
        let row = self.rows.iter().find(|(stored, _)| stored == purpose);
        let (_, sealed) = row.ok_or(RootsError::Missing(purpose))?;
        let whole = [purpose.as_bytes(), deployment];
        let place = if deployment.is_empty() { &whole[..1] } else { &whole[..] };
        let opened = self.values.open_bytes(PURPOSE, place, sealed).await;
        opened.map_err(|error| RootsError::of(purpose, error))
    }

    async fn key(&self, purpose: &'static str, deployment: Uuid) -> Result<HmacKey, RootsError> {
        let bytes = self.open(purpose, deployment.as_bytes()).await?;
        HmacKey::from_bytes(&bytes).ok_or(RootsError::Altered(purpose))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::vault;
    use super::super::sealed_under;
    use super::*;
    use crate::domain::SeededRandom;
    use futures::executor::block_on;

    fn roots(deployment: u128, seed: u64) -> Roots {
        Roots::generate(
            DeploymentId::from_uuid(Uuid::from_u128(deployment)),
            &SeededRandom::new(seed),
        )
    }

    fn rows(roots: &Roots, values: &Values) -> Vec<(String, Sealed)> {
        let rows = block_on(roots.seal(values)).unwrap();
        rows.into_iter()
            .map(|(purpose, sealed)| (purpose.to_owned(), sealed))
            .collect()
    }

    #[test]
    fn roots_come_back_from_their_rows() {
        let values = vault(1, None).values();
        let (roots, mut rows) = (roots(7, 1), rows(&roots(7, 1), &values));
        rows.push(("of a later version".to_owned(), Sealed::from_bytes(vec![1])));
        let opened = block_on(Roots::open(&values, &rows)).unwrap();
        assert_eq!(opened.deployment, roots.deployment);
        for ((purpose, key), (_, made)) in opened.keys().into_iter().zip(roots.keys()) {
            assert_eq!(key.expose(), made.expose(), "{purpose}");
            let others = roots
                .keys()
                .into_iter()
                .filter(|(_, other)| other.expose() == key.expose());
            assert_eq!(others.count(), 1, "{purpose} is a root of its own");
        }
    }

    #[test]
    fn another_master_key_is_told_from_altered_rows() {
        let (vault_of_set_up, other) = (vault(1, None), vault(2, None));
        let rows = rows(&roots(7, 1), &vault_of_set_up.values());
        let error = block_on(Roots::open(&other.values(), &rows)).unwrap_err();
        assert!(matches!(error, RootsError::WrongMasterKey(id) if id == vault_of_set_up.current()));
        assert!(error.to_string().contains("not the one this database was set up with"));
        assert!(error.to_string().contains(&vault_of_set_up.current().to_string()));
    }

    #[test]
    fn rotating_the_master_key_keeps_the_roots() {
        let (old, rotating, new) = (vault(1, None), vault(2, Some(1)), vault(2, None));
        let before = roots(7, 1);
        let opened = block_on(Roots::open(&rotating.values(), &rows(&before, &old.values()))).unwrap();
        let rows = rows(&opened, &rotating.values());
        assert!(
            rows.iter()
                .all(|(_, sealed)| sealed_under(sealed).unwrap() == new.current())
        );
        let after = block_on(Roots::open(&new.values(), &rows)).unwrap();
        assert_eq!(after.token.mac(&[b"x"]), before.token.mac(&[b"x"]));
    }

    #[test]
    fn rows_are_neither_missing_nor_swapped_nor_of_another_deployment() {
        let values = vault(1, None).values();
        let (rows, foreign) = (rows(&roots(7, 1), &values), rows(&roots(8, 2), &values));
        let open = |rows: &[(String, Sealed)]| block_on(Roots::open(&values, rows)).map(|_| ());
        for at in 0..rows.len() {
            let name = rows[at].0.as_str();
            let mut missing = rows.clone();
            missing.remove(at);
            assert!(matches!(open(&missing), Err(RootsError::Missing(purpose)) if purpose == name));
            let mut swapped = rows.clone();
            swapped[at].1 = rows[(at + 1) % rows.len()].1.clone();
            assert!(matches!(open(&swapped), Err(RootsError::Altered(purpose)) if purpose == name));
            let mut mixed = rows.clone();
            mixed[at].1 = foreign[at].1.clone();
            assert!(matches!(open(&mixed), Err(RootsError::Altered(_))));
        }
        assert!(matches!(open(&[]), Err(RootsError::Missing("deployment"))));
    }

    #[test]
    fn a_copy_of_the_audit_row_opens_alone() {
        let (values, other) = (vault(1, None).values(), vault(2, None).values());
        let (roots, rows) = (roots(7, 1), rows(&roots(7, 1), &values));
        let sealed = |purpose: &str| &rows.iter().find(|(stored, _)| stored == purpose).unwrap().1;
        let open = |values, deployment, sealed| block_on(Roots::open_audit(values, deployment, sealed));
        let opened = open(&values, roots.deployment, sealed(AUDIT)).unwrap();
        assert_eq!(opened.expose(), roots.audit.expose());
        let of_another = DeploymentId::from_uuid(Uuid::from_u128(8));
        assert!(matches!(
            open(&values, of_another, sealed(AUDIT)),
            Err(RootsError::Altered(AUDIT))
        ));
        assert!(matches!(
            open(&values, roots.deployment, sealed("token")),
            Err(RootsError::Altered(AUDIT))
        ));
        assert!(matches!(
            open(&other, roots.deployment, sealed(AUDIT)),
            Err(RootsError::WrongMasterKey(_))
        ));
    }

    #[test]
    fn debug_shows_no_root() {
        let roots = roots(7, 1);
        let shown = format!("{roots:?}");
        assert_eq!(shown.matches("REDACTED").count(), roots.keys().len());
        for (_, key) in roots.keys() {
            assert!(!shown.contains(&format!("{}, {}", key.expose()[0], key.expose()[1])));
        }
    }
}
