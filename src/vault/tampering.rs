//! Nothing that was altered, cut, forged, spliced or moved opens, and nothing of it panics.

use super::cipher::encrypt;
use super::envelope::{Binding, Derived, Envelope, Fixed};
use super::fixture::{Careless, context, vault};
use super::master_key::{DataKey, MasterKeys as _};
use super::sealing::Vault;
use crate::domain::{DeploymentId, Endpoint, KeyId, OrgId, ProjectId, Random, SealContext, Sealed, SeededRandom};
use futures::executor::block_on;
use proptest::prelude::*;
use secrecy::SecretString;
use std::sync::Arc;
use uuid::Uuid;

/// Where the envelope's variable parts begin: see the table in `envelope`.
const HEADER: usize = 16;
const COMMITMENT: usize = HEADER + 72;
const NONCE: usize = COMMITMENT + 32;
const CIPHERTEXT: usize = NONCE + 12;

const FIELDS: usize = 7;
const MANIPULATIONS: usize = 100_000;

/// As many cases as `PROPTEST_CASES` says, 2,000 where it says nothing.
fn config() -> ProptestConfig {
    if std::env::var_os("PROPTEST_CASES").is_some() {
        ProptestConfig::default()
    } else {
        ProptestConfig::with_cases(2_000)
    }
}

fn seal(vault: &Vault, context: &SealContext, secret: &str) -> Vec<u8> {
    let sealed = block_on(vault.sealer().seal(context, &SecretString::from(secret))).unwrap();
    sealed.as_bytes().to_vec()
}

fn opens(vault: &Vault, context: &SealContext, bytes: &[u8]) -> bool {
    let sealed = Sealed::from_bytes(bytes.to_vec());
    block_on(vault.opener().open(context, &sealed)).is_ok()
}

/// The context with one field, counted from 0, changed to something else.
fn elsewhere(field: usize, other: u64) -> SealContext {
    let mut context = context();
    let uuid = Uuid::from_u128(1_000 + u128::from(other));
    match field {
        0 => context.deployment = DeploymentId::from_uuid(uuid),
        1 => context.org = OrgId::from_uuid(uuid),
        2 => context.project = ProjectId::from_uuid(uuid),
        3 => context.provider = format!("openai{other}").parse().unwrap(),
        4 => context.endpoint = Endpoint::from_stored(format!("https://api{other}.openai.com")),
        5 => context.key = KeyId::from_uuid(uuid),
        _ => context.secret_version ^= i64::try_from(other >> 2).unwrap() + 2,
    }
    context
}

/// Numbers from a seeded stream.
struct Stream(SeededRandom);

impl Stream {
    fn word(&self) -> u64 {
        let random: &dyn Random = &self.0;
        u64::from_le_bytes(random.bytes())
    }

    fn below(&self, end: usize) -> usize {
        usize::try_from(self.word() % end as u64).unwrap()
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

fn flip_bits(bytes: &mut [u8], stream: &Stream) {
    for _ in 0..=stream.below(4) {
        let at = stream.below(bytes.len());
        bytes[at] ^= 1 << stream.below(8);
    }
}

/// Overwrites one or several of magic, format, suite, the master key's id, the wrapped key's length,
/// commitment and nonce.
fn forge_header(bytes: &mut [u8], stream: &Stream) {
    let fields = [0..4, 4..5, 5..6, 6..14, 14..16, COMMITMENT..NONCE, NONCE..CIPHERTEXT];
    for _ in 0..=stream.below(2) {
        let field = fields[stream.below(fields.len())].clone();
        stream.fill(&mut bytes[field]);
    }
}

/// The beginning of one envelope and the rest of the other, cut at a field's border or anywhere.
fn splice(first: &[u8], second: &[u8], stream: &Stream) -> Vec<u8> {
    let borders = [HEADER, COMMITMENT, NONCE, CIPHERTEXT];
    let anywhere = stream.below(first.len());
    let cut = borders.get(stream.below(8)).copied().unwrap_or(anywhere);
    [&first[..cut], &second[cut..]].concat()
}

#[test]
fn a_key_moved_anywhere_else_does_not_open() {
    let vault = vault(1, None);
    let bytes = seal(&vault, &context(), "sk-proj-FAKE");
    assert!(opens(&vault, &context(), &bytes));
    for field in 0..FIELDS {
        assert_ne!(elsewhere(field, 1), context());
        assert!(!opens(&vault, &elsewhere(field, 1), &bytes), "field {field}");
        // And one sealed elsewhere does not open here.
        let foreign = seal(&vault, &elsewhere(field, 1), "sk-proj-FAKE");
        assert!(!opens(&vault, &context(), &foreign), "field {field}");
    }
}

#[test]
fn an_envelope_cut_anywhere_or_with_anything_behind_it_does_not_open() {
    let vault = vault(1, None);
    let mut bytes = seal(&vault, &context(), "sk-proj-FAKE");
    for length in 0..bytes.len() {
        assert!(!opens(&vault, &context(), &bytes[..length]), "{length} bytes");
    }
    bytes.push(0);
    assert!(!opens(&vault, &context(), &bytes));
}

#[test]
fn every_bit_counts() {
    let vault = vault(1, None);
    let bytes = seal(&vault, &context(), "sk-proj-FAKE");
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!opens(&vault, &context(), &flipped), "bit {bit}");
    }
}

#[test]
fn the_ciphertext_is_bound_even_if_master_keys_are_careless() {
    let vault = Vault::new(Arc::new(Careless), Arc::new(SeededRandom::new(1)));
    let bytes = seal(&vault, &context(), "sk-proj-FAKE");
    assert!(opens(&vault, &context(), &bytes));
    for field in 0..FIELDS {
        assert!(!opens(&vault, &elsewhere(field, 1), &bytes), "field {field}");
    }
    for bit in HEADER * 8..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!opens(&vault, &context(), &flipped), "bit {bit}");
    }
}

#[test]
fn an_envelope_that_commits_to_another_data_key_does_not_open() {
    let vault = Vault::new(Arc::new(Careless), Arc::new(SeededRandom::new(1)));
    let (data_key, binding) = (DataKey::new([1; 32]), Binding::of_provider_key(&context()));
    let derived = Derived::from(&data_key).unwrap();
    let sealed_with = |commitment: [u8; 32]| {
        let fixed = Fixed {
            commitment,
            nonce: [2; 12],
        };
        let additional = fixed.additional_of_content(&binding);
        let ciphertext = encrypt(&derived.encryption, &fixed.nonce, &additional, b"sk-FAKE").unwrap();
        let wrapped = block_on(Careless.wrap(&data_key, &[])).unwrap();
        Envelope {
            wrapped,
            fixed,
            ciphertext: &ciphertext,
        }
        .write()
        .unwrap()
    };
    assert!(opens(&vault, &context(), sealed_with(*derived.commitment).as_bytes()));
    assert!(!opens(&vault, &context(), sealed_with([3; 32]).as_bytes()));
}

#[test]
fn a_hundred_thousand_manipulations_open_nothing() {
    let vault = vault(1, Some(2));
    let here = context();
    let original = seal(&vault, &here, "sk-proj-FAKE-one");
    let sibling = seal(&vault, &here, "sk-proj-FAKE-two");
    let foreign = seal(&vault, &elsewhere(1, 1), "sk-proj-FAKE-two");
    let stream = Stream(SeededRandom::new(0x1A7C));
    let mut tried = 0;
    while tried < MANIPULATIONS {
        let mut bytes = original.clone();
        let mut place = here.clone();
        match stream.below(8) {
            0 | 1 => flip_bits(&mut bytes, &stream),
            2 => bytes.truncate(stream.below(original.len())),
            3 => place = elsewhere(stream.below(FIELDS), stream.word() >> 8),
            4 => forge_header(&mut bytes, &stream),
            5 => bytes = splice(&original, &sibling, &stream),
            6 => bytes = splice(&original, &foreign, &stream),
            _ => stream.fill(&mut bytes[HEADER..]),
        }
        // Some leave everything as it was, or give all of the other envelope: those prove nothing.
        let altered = bytes != original && bytes != sibling;
        if altered || place != here {
            assert!(
                !opens(&vault, &place, &bytes),
                "manipulation {tried}: {bytes:02x?} at {place:?}"
            );
            tried += 1;
        }
    }
    assert!(opens(&vault, &here, &original) && opens(&vault, &here, &sibling));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_secret_comes_back(secret in ".{0,200}") {
        use secrecy::ExposeSecret;
        let vault = vault(1, None);
        let sealed = Sealed::from_bytes(seal(&vault, &context(), &secret));
        let opened = block_on(vault.opener().open(&context(), &sealed)).unwrap();
        prop_assert_eq!(opened.expose_secret(), secret);
    }

    #[test]
    fn flipped_bits_open_nothing(flips in prop::collection::btree_set((0..160_usize, 0..8_u8), 1..6)) {
        let vault = vault(1, None);
        let mut bytes = seal(&vault, &context(), "sk-proj-FAKE");
        for (at, bit) in flips {
            bytes[at] ^= 1 << bit;
        }
        prop_assert!(!opens(&vault, &context(), &bytes));
    }

    #[test]
    fn swapped_places_open_nothing(field in 0..FIELDS, other in 0..u64::MAX >> 8) {
        let vault = vault(1, None);
        let bytes = seal(&vault, &context(), "sk-proj-FAKE");
        prop_assert!(!opens(&vault, &elsewhere(field, other), &bytes));
    }

    #[test]
    fn forged_headers_open_nothing(header in any::<[u8; HEADER]>(), from in 0..HEADER, to in 0..=HEADER) {
        let vault = vault(1, None);
        let original = seal(&vault, &context(), "sk-proj-FAKE");
        let mut bytes = original.clone();
        if let Some(part) = bytes.get_mut(from..to) {
            part.copy_from_slice(&header[from..to]);
        }
        prop_assert!(bytes == original || !opens(&vault, &context(), &bytes));
    }

    #[test]
    fn lengths_that_lie_open_nothing(length in any::<u16>(), behind in prop::collection::vec(any::<u8>(), 0..64)) {
        let vault = vault(1, None);
        let original = seal(&vault, &context(), "sk-proj-FAKE");
        let mut bytes = original.clone();
        bytes[14..16].copy_from_slice(&length.to_be_bytes());
        bytes.extend(behind);
        prop_assert!(bytes == original || !opens(&vault, &context(), &bytes));
    }

    #[test]
    fn spliced_envelopes_open_nothing(cut in 0..164_usize, field in 0..FIELDS) {
        let vault = vault(1, None);
        let first = seal(&vault, &context(), "sk-proj-FAKE-one");
        for second in [
            seal(&vault, &context(), "sk-proj-FAKE-two"),
            seal(&vault, &elsewhere(field, 1), "sk-proj-FAKE-two"),
        ] {
            for bytes in [[&first[..cut], &second[cut..]].concat(), [&second[..cut], &first[cut..]].concat()] {
                let whole = bytes == first || bytes == second;
                prop_assert!(whole || !opens(&vault, &context(), &bytes));
            }
        }
    }

    #[test]
    fn random_bytes_open_nothing(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let vault = vault(1, None);
        prop_assert!(!opens(&vault, &context(), &bytes));
        let behind_a_real_header = [&seal(&vault, &context(), "")[..HEADER], &bytes].concat();
        prop_assert!(!opens(&vault, &context(), &behind_a_real_header));
    }
}
