//! Seal and open: the envelope, the master keys, the deployment's roots, and tokens.
//!
//! [`Vault`] is made once at start from the master keys, and hands out capabilities: a [`Sealer`] for
//! everyone who stores provider keys, an [`Opener`] for the resolver and the probe path alone, and
//! [`Values`] for the deployment's own small secrets, which cannot open a provider key.

mod cipher;
mod envelope;
mod fingerprint;
mod hmac_key;
mod master_key;
mod roots;
mod sealing;
mod token;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tampering;

pub use envelope::{OpenError, SealError, sealed_under};
pub use hmac_key::HmacKey;
pub use master_key::{DataKey, KekId, LocalKeyRing, MasterKey, MasterKeyError, MasterKeys, MasterKeysError, Wrapped};
pub use roots::{AUDIT, Roots, RootsError};
pub use sealing::{Opener, Sealer, Values, Vault};
pub use token::{Token, TokenError, TokenKind, TokenPublicId};
