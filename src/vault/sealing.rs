//! Seal and open, as capabilities.

use super::cipher::{decrypt, encrypt};
use super::envelope::{Binding, Derived, Envelope, Fixed, OpenError, SealError};
use super::master_key::{DataKey, KekId, MasterKeys};
use crate::domain::{Random, SealContext, Sealed};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Where the capabilities come from. Whoever starts the server holds it; services get what they need of it.
#[derive(Clone, Debug)]
pub struct Vault(Arc<Core>);

/// Seals provider keys, and re-wraps them; cannot open them.
#[derive(Clone, Debug)]
pub struct Sealer(Arc<Core>);

/// Opens provider keys. Only the resolver and the probe path hold one.
#[derive(Clone, Debug)]
pub struct Opener(Arc<Core>);

/// Seals and opens the deployment's own small values (its roots, a session's flash, a kept reply);
/// cannot open provider keys.
#[derive(Clone, Debug)]
pub struct Values(Arc<Core>);

impl Vault {
    /// A vault under these master keys.
    #[must_use]
    pub fn new(keys: Arc<dyn MasterKeys>, random: Arc<dyn Random>) -> Self {
        Self(Arc::new(Core { keys, random }))
    }

    /// The master key that seals now.
    #[must_use]
    pub fn current(&self) -> KekId {
        self.0.keys.id()
    }

    /// The capability to seal provider keys.
    #[must_use]
    pub fn sealer(&self) -> Sealer {
        Sealer(Arc::clone(&self.0))
    }

    /// The capability to open provider keys.
    #[must_use]
    pub fn opener(&self) -> Opener {
        Opener(Arc::clone(&self.0))
    }

    /// The capability to seal and open other values.
    #[must_use]
    pub fn values(&self) -> Values {
        Values(Arc::clone(&self.0))
    }
}

impl Sealer {
    /// Seals a provider key for its place.
    ///
    /// # Errors
    /// [`SealError`] when the master keys do not answer.
    pub async fn seal(&self, context: &SealContext, secret: &SecretString) -> Result<Sealed, SealError> {
        self.0
            .seal(&Binding::of_provider_key(context), secret.expose_secret().as_bytes())
            .await
    }

    /// The same sealed key with its data key wrapped under the current master key. The secret is not
    /// decrypted; that the envelope's header belongs to `context` is checked.
    ///
    /// # Errors
    /// [`OpenError`], as for opening.
    pub async fn rewrap(&self, context: &SealContext, sealed: &Sealed) -> Result<Sealed, OpenError> {
        self.0.rewrap(&Binding::of_provider_key(context), sealed).await
    }
}

impl Opener {
    /// Opens a provider key that was sealed for this very place.
    ///
    /// # Errors
    /// [`OpenError`], which is an alarm unless the master keys are merely out of reach.
    pub async fn open(&self, context: &SealContext, sealed: &Sealed) -> Result<SecretString, OpenError> {
        let bytes = self.0.open(&Binding::of_provider_key(context), sealed).await?;
        let text = std::str::from_utf8(&bytes).map_err(|_| OpenError::DoesNotBelongHere)?;
        Ok(SecretString::from(text))
    }
}

impl Values {
    /// Seals a value for a purpose, and for a place within it (the ids of the row it will stand in).
    ///
    /// # Errors
    /// [`SealError`] when the master keys do not answer.
    pub async fn seal_bytes(&self, purpose: &str, place: &[&[u8]], bytes: &[u8]) -> Result<Sealed, SealError> {
        self.0.seal(&Binding::of_value(purpose, place), bytes).await
    }

    /// Opens a value that was sealed for this very purpose and place.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_bytes(
        &self,
        purpose: &str,
        place: &[&[u8]],
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.0.open(&Binding::of_value(purpose, place), sealed).await
    }

    /// The same sealed value with its data key wrapped under the current master key.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn rewrap_bytes(&self, purpose: &str, place: &[&[u8]], sealed: &Sealed) -> Result<Sealed, OpenError> {
        self.0.rewrap(&Binding::of_value(purpose, place), sealed).await
    }
}

struct Core {
    keys: Arc<dyn MasterKeys>,
    random: Arc<dyn Random>,
}

impl fmt::Debug for Core {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Core")
            .field("current", &self.keys.id())
            .finish_non_exhaustive()
    }
}

impl Core {
    async fn seal(&self, binding: &Binding, plaintext: &[u8]) -> Result<Sealed, SealError> {
        let mut data_key = DataKey::default();
        self.random.fill(data_key.as_mut_slice());
        let derived = Derived::from(&data_key).map_err(|_| SealError::TooLong)?;
        let fixed = Fixed {
            commitment: *derived.commitment,
            nonce: self.random.bytes(),
        };
        let additional = fixed.additional_of_content(binding);
        let ciphertext =
            encrypt(&derived.encryption, &fixed.nonce, &additional, plaintext).map_err(|_| SealError::TooLong)?;
        let additional = fixed.additional_of_data_key(binding);
        let wrapped = self
            .keys
            .wrap(&data_key, &additional)
            .await
            .map_err(SealError::MasterKeys)?;
        Envelope {
            wrapped,
            fixed,
            ciphertext: &ciphertext,
        }
        .write()
    }

    async fn open(&self, binding: &Binding, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let envelope = Envelope::parse(sealed.as_bytes())?;
        let (_, derived) = self.unwrap(binding, &envelope).await?;
        let additional = envelope.fixed.additional_of_content(binding);
        decrypt(
            &derived.encryption,
            &envelope.fixed.nonce,
            &additional,
            envelope.ciphertext,
        )
        .map_err(|_| OpenError::DoesNotBelongHere)
    }

    async fn rewrap(&self, binding: &Binding, sealed: &Sealed) -> Result<Sealed, OpenError> {
        let mut envelope = Envelope::parse(sealed.as_bytes())?;
        let (data_key, _) = self.unwrap(binding, &envelope).await?;
        let additional = envelope.fixed.additional_of_data_key(binding);
        envelope.wrapped = self.keys.wrap(&data_key, &additional).await?;
        envelope.write().map_err(|error| OpenError::Unavailable(error.into()))
    }

    /// The data key of an envelope, which is committed to it, and what follows from it.
    async fn unwrap(&self, binding: &Binding, envelope: &Envelope<'_>) -> Result<(DataKey, Derived), OpenError> {
        let additional = envelope.fixed.additional_of_data_key(binding);
        let data_key = self.keys.unwrap(&envelope.wrapped, &additional).await?;
        let derived = Derived::from(&data_key).map_err(|_| OpenError::DoesNotBelongHere)?;
        if derived.is_committed_to_by(&envelope.fixed) {
            Ok((data_key, derived))
        } else {
            Err(OpenError::DoesNotBelongHere)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Away, context, from_hex, to_hex, vault};
    use super::super::sealed_under;
    use super::*;
    use futures::executor::block_on;

    const SECRET: &str = "sk-proj-FAKEFAKEFAKEFAKEFAKEf3Qz";

    /// Kept for ever: what was sealed with format 1 and suite 1 must open in every later version.
    const GOLDEN_KEY: &str = "4c4b455901013dbc0547154f5ccf004858cfe6bb012fc62f288433437919b8dfec95bc97f17a0d90\
        ce0908dbffe93fc7e55cd24e7fdfb37703eaf9eef7d6d02a4a0de9143508af1a75511068a484cf44\
        3a2a3fd7687902063b58ee0243b9019edf10d9d9dfe63914416640072652f6727181b2efc7742972\
        abd534f4ebbfca81b94f3d99c127817e12f50649ecb1c8e38f49c1e55859724589892e265c523d4f\
        be5a9f006b33fef9e5482d6d03cd9de1e59a8490";
    const GOLDEN_VALUE: &str = "4c4b455901013dbc0547154f5ccf004858cfe6bb012fc62f288433437919b8dfec95bc97f17a0d90\
        ce0908dbffe93fc7e55cd24e7fdfb37703eaf9eef7d6d02a4a0de9143508af1ace4eaa5176347ea3\
        b7b76cd15218a1aa3b58ee0243b9019edf10d9d9dfe63914416640072652f6727181b2efc7742972\
        abd534f4ebbfca81b94f3d99c12dda6b044adeaf23b361bab9c929b42f72b427d3";

    fn seal(vault: &Vault) -> Sealed {
        block_on(vault.sealer().seal(&context(), &SecretString::from(SECRET))).unwrap()
    }

    #[test]
    fn a_secret_comes_back_where_it_was_sealed_for() {
        let vault = vault(1, None);
        for secret in ["", "x", SECRET, &"long ".repeat(1_600)] {
            let secret = SecretString::from(secret);
            let sealed = block_on(vault.sealer().seal(&context(), &secret)).unwrap();
            let opened = block_on(vault.opener().open(&context(), &sealed)).unwrap();
            assert_eq!(opened.expose_secret(), secret.expose_secret());
        }
    }

    #[test]
    fn sealing_twice_gives_nothing_in_common_and_never_the_secret() {
        let vault = vault(1, None);
        let (first, second) = (seal(&vault), seal(&vault));
        let (first, second) = (first.as_bytes(), second.as_bytes());
        // Alike up to the wrapped key's length: magic, format, suite, id of the master key.
        assert_eq!(first[..16], second[..16]);
        assert!(
            first[16..]
                .windows(8)
                .all(|window| !second[16..].windows(8).any(|other| other == window))
        );
        assert!(!first.windows(8).any(|window| window == &SECRET.as_bytes()[..8]));
    }

    #[test]
    fn the_golden_key_is_what_sealing_gives_and_opens() {
        let vault = vault(1, None);
        assert_eq!(to_hex(seal(&vault).as_bytes()), GOLDEN_KEY);
        let golden = Sealed::from_bytes(from_hex(GOLDEN_KEY));
        let opened = block_on(vault.opener().open(&context(), &golden)).unwrap();
        assert_eq!(opened.expose_secret(), SECRET);
    }

    #[test]
    fn the_golden_value_is_what_sealing_gives_and_opens() {
        let values = vault(1, None).values();
        let place: [&[u8]; 2] = [b"session 7", b"note"];
        let sealed = block_on(values.seal_bytes("session-flash", &place, b"saved")).unwrap();
        assert_eq!(to_hex(sealed.as_bytes()), GOLDEN_VALUE);
        let golden = Sealed::from_bytes(from_hex(GOLDEN_VALUE));
        assert_eq!(
            *block_on(values.open_bytes("session-flash", &place, &golden)).unwrap(),
            b"saved"
        );
    }

    #[test]
    fn a_value_opens_for_its_purpose_and_place_alone() {
        let vault = vault(1, None);
        let values = vault.values();
        let sealed = block_on(values.seal_bytes("reply", &[b"ab", b"c"], b"text")).unwrap();
        let open = |purpose, place: &[&[u8]]| block_on(values.open_bytes(purpose, place, &sealed));
        assert_eq!(*open("reply", &[b"ab", b"c"]).unwrap(), b"text");
        for (purpose, place) in [
            ("flash", &[&b"ab"[..], b"c"][..]),
            ("reply", &[b"a", b"bc"]),
            ("reply", &[b"ab"]),
            ("reply", &[b"ab", b"c", b""]),
            ("replyab", &[b"c"]),
        ] {
            assert!(
                matches!(open(purpose, place), Err(OpenError::DoesNotBelongHere)),
                "{purpose}"
            );
        }
        assert!(block_on(vault.opener().open(&context(), &sealed)).is_err());
        assert!(block_on(values.open_bytes("latchkey/provider-key", &[], &seal(&vault))).is_err());
    }

    #[test]
    fn rewrapping_moves_to_the_new_master_key_and_keeps_the_ciphertext() {
        let (old, rotating, new) = (vault(1, None), vault(2, Some(1)), vault(2, None));
        let before = seal(&old);
        let error = block_on(new.opener().open(&context(), &before)).unwrap_err();
        assert!(matches!(error, OpenError::UnknownMasterKey(id) if id == old.current()));
        let after = block_on(rotating.sealer().rewrap(&context(), &before)).unwrap();
        assert_eq!(sealed_under(&after).unwrap(), new.current());
        assert_eq!(after.as_bytes()[88..], before.as_bytes()[88..]);
        let opened = block_on(new.opener().open(&context(), &after)).unwrap();
        assert_eq!(opened.expose_secret(), SECRET);
        assert!(block_on(old.opener().open(&context(), &after)).is_err());
    }

    #[test]
    fn rewrapping_does_not_move_a_key_elsewhere() {
        let vault = vault(1, None);
        let mut elsewhere = context();
        elsewhere.secret_version += 1;
        let error = block_on(vault.sealer().rewrap(&elsewhere, &seal(&vault))).unwrap_err();
        assert!(matches!(error, OpenError::DoesNotBelongHere));
        let values = vault.values();
        let sealed = block_on(values.seal_bytes("reply", &[], b"text")).unwrap();
        assert!(block_on(values.rewrap_bytes("flash", &[], &sealed)).is_err());
        let again = block_on(values.rewrap_bytes("reply", &[], &sealed)).unwrap();
        assert_eq!(*block_on(values.open_bytes("reply", &[], &again)).unwrap(), b"text");
    }

    #[test]
    fn master_keys_out_of_reach_are_no_alarm() {
        let sealed = seal(&vault(1, None));
        let away = Vault::new(Arc::new(Away), Arc::new(crate::domain::SeededRandom::new(1)));
        let error = block_on(away.opener().open(&context(), &sealed)).unwrap_err();
        assert!(matches!(error, OpenError::Unavailable(_)));
        let error = block_on(away.sealer().seal(&context(), &SecretString::from(SECRET))).unwrap_err();
        assert!(matches!(error, SealError::MasterKeys(_)));
        assert!(!format!("{error} {error:?}").contains("FAKE"));
    }

    #[test]
    fn capabilities_show_nothing_but_the_master_keys_id() {
        let vault = vault(1, None);
        let shown = format!(
            "{vault:?} {:?} {:?} {:?}",
            vault.sealer(),
            vault.opener(),
            vault.values()
        );
        let core = format!("Core {{ current: {:?}, .. }}", vault.current());
        assert_eq!(
            shown,
            format!("Vault({core}) Sealer({core}) Opener({core}) Values({core})")
        );
    }
}
