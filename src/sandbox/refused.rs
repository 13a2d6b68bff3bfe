//! Which keys are refused, and why.

use super::Behaviour;
use super::double::{Kind, Refusal};

/// Why a key that behaves so is refused for such a call; `None` when it is accepted.
pub(super) fn by(behaviour: Behaviour, key: &str, kind: Kind) -> Option<Refusal> {
    let is_model = kind == Kind::Model;
    match behaviour {
        Behaviour::Revoked => Some(Refusal::Refused { quoted: mask(key) }),
        Behaviour::ModelRefused if is_model => Some(Refusal::Refused { quoted: mask(key) }),
        Behaviour::Echo => Some(Refusal::Echoed { key: key.to_owned() }),
        Behaviour::Blocked => Some(Refusal::Blocked),
        Behaviour::Exhausted => Some(Refusal::Exhausted),
        Behaviour::Restricted => Some(Refusal::Restricted),
        Behaviour::Limited => Some(Refusal::Limited),
        Behaviour::ListOnly if is_model => Some(Refusal::ModelWithheld),
        _ => None,
    }
}

/// A key as vendors quote it: both ends, stars between.
fn mask(key: &str) -> String {
    let characters: Vec<char> = key.chars().collect();
    let ends = |range: &[char]| range.iter().collect::<String>();
    match characters.len() {
        0..12 => "****".to_owned(),
        length => format!("{}********{}", ends(&characters[..8]), ends(&characters[length - 4..])),
    }
}
