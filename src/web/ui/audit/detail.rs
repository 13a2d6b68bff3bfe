//! All that is recorded of one event, in plain words.

use super::{filter, named, words};
use crate::service::audit::{AuditEvent, Names};
use crate::web::ui::activity::words::NOT_KNOWN;
use crate::web::ui::moment::moment;
use app::contract::{AuditEventView, AuditFilter, FactGroupView, FactView, LinkView, NamedView};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The event, which may or may not be in its place.
pub(super) fn detail(event: &AuditEvent, names: &Names, is_in_place: bool, now: OffsetDateTime) -> AuditEventView {
    let (actor, target) = (named::actor(event, names), named::target(event, names));
    let problem = (!is_in_place).then(|| {
        "This event is not as Latchkey wrote it, or does not follow the one before it. Keep the database as it is, and \
         verify the whole trail."
            .to_owned()
    });
    AuditEventView {
        summary: format!(
            "{} by {}, {}.",
            words::event(&event.event),
            actor.name,
            moment(event.occurred_at, now).relative
        ),
        problem,
        groups: vec![
            group("What happened", about_event(event, &actor, &target)),
            group("What changed", about_change(event)),
            group("Where it came from", about_request(event)),
            group("Place in the chain", about_chain(event, is_in_place)),
        ],
        links: links(event, &target),
    }
}

fn about_event(event: &AuditEvent, actor: &NamedView, target: &NamedView) -> Vec<FactView> {
    let time = event.occurred_at.format(&Rfc3339).unwrap_or_default();
    let mut facts = vec![
        fact("Event", &words::event(&event.event), &event.event),
        fact("Time", &time, "In UTC."),
        fact("By", &actor.name, &actor.kind),
    ];
    facts.extend(event.actor_id.map(|id_of| id("Their id", &id_of.to_string(), "")));
    facts.push(fact("To", &target.name, &target.kind));
    if !target.is_id {
        facts.push(id("Its id", &event.target_id, ""));
    }
    facts
}

fn about_change(event: &AuditEvent) -> Vec<FactView> {
    let fields = event.details.as_object().into_iter().flatten();
    let facts: Vec<_> = fields
        .map(|(name, value)| fact(&words::field(name), &words::value(value), ""))
        .collect();
    if facts.is_empty() {
        return vec![fact(
            "Details",
            NOT_KNOWN,
            "There is nothing more to tell of this event.",
        )];
    }
    facts
}

fn about_request(event: &AuditEvent) -> Vec<FactView> {
    let address = event.client_address.as_deref().unwrap_or(NOT_KNOWN);
    let request = event.request_id.to_string();
    vec![
        fact("Address", address, "Where the request came from."),
        id(
            "Request id",
            &request,
            "The answer carried it as x-request-id, and the server's log has it.",
        ),
    ]
}

fn about_chain(event: &AuditEvent, is_in_place: bool) -> Vec<FactView> {
    let state = if is_in_place { "Intact" } else { "Broken" };
    let meaning = if is_in_place {
        "It stands as it was written, behind the event before it."
    } else {
        "It was altered, or what stands before it was."
    };
    vec![
        fact(
            "Place",
            &format!("#{}", event.sequence),
            "Counted from the organization's first event.",
        ),
        fact("State", state, meaning),
        id(
            "Code",
            &hex::encode(event.mac),
            "It covers all of the event, and the code of the event before.",
        ),
    ]
}

fn links(event: &AuditEvent, target: &NamedView) -> Vec<LinkView> {
    let filtered = |label: &str, filter: AuditFilter| LinkView {
        label: label.to_owned(),
        href: format!("/audit{}", filter::query(&filter, None)),
    };
    let mut links = Vec::new();
    if let Some(actor) = event.actor_id {
        let actor = actor.to_string();
        let filter = AuditFilter {
            actor,
            ..AuditFilter::default()
        };
        links.push(filtered("All by the same", filter));
    }
    let of_target = AuditFilter {
        target: event.target_id.clone(),
        ..AuditFilter::default()
    };
    links.push(filtered("All that was done to the same", of_target));
    links.extend(target.href.clone().map(|href| LinkView {
        label: format!("Go to {}", target.name),
        href,
    }));
    links
}

fn group(title: &str, facts: Vec<FactView>) -> FactGroupView {
    FactGroupView {
        title: title.to_owned(),
        facts,
    }
}

fn fact(name: &str, value: &str, meaning: &str) -> FactView {
    FactView {
        name: name.to_owned(),
        value: value.to_owned(),
        meaning: meaning.to_owned(),
        is_id: false,
    }
}

fn id(name: &str, value: &str, meaning: &str) -> FactView {
    FactView {
        is_id: true,
        ..fact(name, value, meaning)
    }
}
