//! Which events are asked for: the address's words, its form, and what to loosen where nothing was found.

use crate::service::audit::{self, Event};
use crate::web::ui::activity::filter::{EXAMPLE, chosen, typed, with_any};
use crate::web::ui::point_in_time::{End, read};
use app::contract::{AuditFilter, FilterFieldView, OptionView};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::form_urlencoded::Serializer;

/// The filter's values under their names in the address.
fn pairs(filter: &AuditFilter) -> [(&'static str, &str); 5] {
    [
        ("event", &filter.event),
        ("actor", &filter.actor),
        ("target", &filter.target),
        ("from", &filter.from),
        ("to", &filter.to),
    ]
}

/// The filter without white space around its words.
pub(super) fn tidy(filter: AuditFilter) -> AuditFilter {
    let tidy = |text: String| text.trim().to_owned();
    AuditFilter {
        event: tidy(filter.event),
        actor: tidy(filter.actor),
        target: tidy(filter.target),
        from: tidy(filter.from),
        to: tidy(filter.to),
    }
}

/// The service's filter; what cannot be read of the address's, in words.
pub(super) fn wanted(filter: &AuditFilter) -> Result<audit::AuditFilter, String> {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let actor = text(&filter.actor).map(|id| id.parse()).transpose();
    Ok(audit::AuditFilter {
        event: text(&filter.event),
        actor: actor
            .map_err(|_| "There is nobody with that id. Choose from the list, or take the id from an event.")?,
        target: text(&filter.target),
        from: read(&filter.from, End::From)?,
        to: read(&filter.to, End::To)?,
    })
}

/// `?event=key.replaced&before=7`, with what is not empty and `more`; empty for no filter at all.
pub(super) fn query(filter: &AuditFilter, more: Option<(&str, &str)>) -> String {
    let chosen = pairs(filter).into_iter().filter(|(_, value)| !value.is_empty());
    written(chosen.chain(more))
}

/// Where the events are as a file.
pub(super) fn export(filter: &audit::AuditFilter, format: &str) -> String {
    let time = |time: Option<OffsetDateTime>| time.and_then(|time| time.format(&Rfc3339).ok());
    let pairs = [
        ("format", Some(format.to_owned())),
        ("event", filter.event.clone()),
        ("actor", filter.actor.map(|id| id.to_string())),
        ("target", filter.target.clone()),
        ("from", time(filter.from)),
        ("to", time(filter.to)),
    ];
    let chosen = pairs.into_iter().filter_map(|(name, value)| Some((name, value?)));
    format!("/api/v1/audit-events/export{}", written(chosen))
}

fn written(pairs: impl Iterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> String {
    let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
    if query.is_empty() { query } else { format!("?{query}") }
}

/// The form's fields, with `actors` to choose from.
pub(super) fn fields(filter: &AuditFilter, actors: Vec<OptionView>) -> Vec<FilterFieldView> {
    let events = Event::ALL.iter();
    let mut events: Vec<_> = events
        .map(|event| OptionView::new(event.as_str(), event.words()))
        .collect();
    events.sort_by(|one, other| one.label.cmp(&other.label));
    vec![
        chosen("event", "Event", &filter.event, with_any("Any event", events)),
        chosen("actor", "By", &filter.actor, with_any("Anyone", actors)),
        typed(
            "target",
            "To (id)",
            &filter.target,
            "text",
            "the id of a key, a project, a person …",
        ),
        typed("from", "From (UTC)", &filter.from, "datetime-local", EXAMPLE),
        typed("to", "Until (UTC)", &filter.to, "datetime-local", EXAMPLE),
    ]
}

/// Filters that let more through than this one, in words, the nearest first; all events as the last.
pub(super) fn looser(filter: &AuditFilter) -> Vec<(&'static str, AuditFilter)> {
    let mut looser = Vec::new();
    let mut drop = |is_set: bool, words, loosen: fn(&mut AuditFilter)| {
        if is_set {
            let mut without = filter.clone();
            loosen(&mut without);
            looser.push((words, without));
        }
    };
    drop(!filter.target.is_empty(), "To anything", |filter| filter.target.clear());
    drop(!filter.actor.is_empty(), "By anyone", |filter| filter.actor.clear());
    drop(!filter.event.is_empty(), "Any event", |filter| filter.event.clear());
    drop(
        !filter.from.is_empty() || !filter.to.is_empty(),
        "At any time",
        |filter| {
            filter.from.clear();
            filter.to.clear();
        },
    );
    if looser.len() > 1 {
        looser.push(("All events", AuditFilter::default()));
    }
    looser
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(event: &str, actor: &str, to: &str) -> AuditFilter {
        let own = |text: &str| text.to_owned();
        AuditFilter {
            event: own(event),
            actor: own(actor),
            to: own(to),
            ..AuditFilter::default()
        }
    }

    #[test]
    fn the_address_holds_what_is_chosen_and_no_more() {
        let tidied = tidy(filter(" key.replaced ", "", "2026-11-21T14:00"));
        assert_eq!(
            query(&tidied, Some(("before", "7"))),
            "?event=key.replaced&to=2026-11-21T14%3A00&before=7"
        );
        assert_eq!(query(&AuditFilter::default(), None), "");
        assert_eq!(
            export(&wanted(&tidied).unwrap(), "csv"),
            "/api/v1/audit-events/export?format=csv&event=key.replaced&to=2026-11-21T14%3A00%3A00Z"
        );
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(wanted(&filter("", "me", "")).unwrap_err().contains("nobody"));
        assert!(wanted(&filter("", "", "yesterday")).unwrap_err().starts_with("To"));
    }

    #[test]
    fn each_filter_can_be_loosened_alone() {
        let words = |filter: &AuditFilter| -> Vec<_> {
            let looser = looser(filter).into_iter();
            looser.map(|(words, filter)| (words, query(&filter, None))).collect()
        };
        let both = words(&filter("key.added", "", "2026-11-21"));
        let expected = [
            ("Any event", "?to=2026-11-21"),
            ("At any time", "?event=key.added"),
            ("All events", ""),
        ];
        assert_eq!(both, expected.map(|(words, query)| (words, query.to_owned())));
        assert_eq!(words(&filter("key.added", "", "")), [("Any event", String::new())]);
        assert!(words(&AuditFilter::default()).is_empty());
    }
}
