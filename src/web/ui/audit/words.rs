//! What stands on the trail, in plain words.

use crate::service::audit::{Event, Verification};
use crate::web::ui::activity::words::{NOT_KNOWN, count};
use crate::web::ui::moment::moment;
use serde_json::Value;
use time::OffsetDateTime;

/// The event as people say it; one of another version as the trail writes it.
pub(super) fn event(code: &str) -> String {
    Event::find(code).map_or_else(|| code.to_owned(), |event| event.words().to_owned())
}

/// What verifying came to.
pub(super) fn verified(verified: &Verification, now: OffsetDateTime) -> String {
    if let Some(finding) = &verified.finding {
        return finding.to_string();
    }
    let events = match verified.events {
        1 => "1 event verified".to_owned(),
        events => format!(
            "{} events verified, unbroken from the first on",
            count(i64::try_from(events).unwrap_or(i64::MAX))
        ),
    };
    match &verified.newest_head {
        Some(head) => format!(
            "{events}; the newest exported head (#{}, {}) is part of it.",
            count(head.sequence),
            moment(head.exported_at, now).relative
        ),
        None => format!("{events}. This server has exported no head yet to compare them with."),
    }
}

/// The name of a field of what changed: `secret_version` is `Secret version`.
pub(super) fn field(name: &str) -> String {
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// What stands in a field of what changed.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Null => NOT_KNOWN.to_owned(),
        Value::String(text) if text.is_empty() => NOT_KNOWN.to_owned(),
        Value::Bool(is_so) => if *is_so { "Yes" } else { "No" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => NOT_KNOWN.to_owned(),
        Value::Array(values) => values.iter().map(self::value).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| format!("{}: {}", field(name), self::value(value)));
            fields.collect::<Vec<_>>().join("; ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_changed_is_told_in_words() {
        assert_eq!(field("secret_version"), "Secret version");
        assert_eq!(
            value(&json!({ "from": "viewer", "is_operator": false })),
            "From: viewer; Is operator: No"
        );
        assert_eq!(value(&json!(["read:byok", 7])), "read:byok, 7");
        assert_eq!(
            (value(&json!(null)), value(&json!([]))),
            ("–".to_owned(), "–".to_owned())
        );
        assert_eq!(event("key.replaced"), "Key replaced");
        assert_eq!(event("key.of_a_later_version"), "key.of_a_later_version");
    }
}
