//! Which secrets of an organization are the same, found out without opening any.

use super::roots::Roots;
use crate::domain::{Fingerprint, OrgId, ProviderSlug};
use secrecy::{ExposeSecret, SecretString};

impl Roots {
    /// The fingerprint of an organization's secret for a provider. Another organization's, of the same secret, is
    /// another one.
    #[must_use]
    pub fn fingerprint_of(&self, org: OrgId, provider: &ProviderSlug, secret: &SecretString) -> Fingerprint {
        let org = org.as_uuid().into_bytes();
        let parts = [
            org.as_slice(),
            provider.as_str().as_bytes(),
            secret.expose_secret().as_bytes(),
        ];
        Fingerprint::from_bytes(self.fingerprint.mac(&parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DeploymentId, SeededRandom};
    use uuid::Uuid;

    #[test]
    fn a_fingerprint_is_of_one_secret_provider_organization_and_deployment() {
        let roots = |seed| Roots::generate(DeploymentId::from_uuid(Uuid::nil()), &SeededRandom::new(seed));
        let (roots, others) = (roots(1), roots(2));
        let (org, other_org) = (
            OrgId::from_uuid(Uuid::from_u128(1)),
            OrgId::from_uuid(Uuid::from_u128(2)),
        );
        let openai: ProviderSlug = "openai".parse().unwrap();
        let secret = SecretString::from("sk-FAKE");
        let print = roots.fingerprint_of(org, &openai, &secret);
        assert_eq!(
            print,
            roots.fingerprint_of(org, &openai, &SecretString::from("sk-FAKE"))
        );
        for another in [
            roots.fingerprint_of(org, &openai, &SecretString::from("sk-FAKE2")),
            roots.fingerprint_of(org, &"xai".parse().unwrap(), &secret),
            roots.fingerprint_of(other_org, &openai, &secret),
            others.fingerprint_of(org, &openai, &secret),
        ] {
            assert_ne!(print, another);
        }
        assert_eq!(format!("{print:?}"), "Fingerprint");
    }
}
