//! The audit trail, for the dashboard.

mod detail;
mod filter;
mod named;
mod words;

use super::backend::Bound;
use super::error::from_service;
use super::moment::moment;
use crate::service::audit::{self, Place};
use crate::service::{Missing, ServiceError};
use app::contract::{
    AuditEventView, AuditFilter, AuditRowView, AuditVerifiedView, AuditView, LinkView, OptionView, UiError,
};
use app::ports::{AuditCursor, AuditPort};
use async_trait::async_trait;
use filter::{tidy, wanted};
use time::OffsetDateTime;

/// How many events stand on a page.
const PAGE: u16 = 50;

#[async_trait]
impl AuditPort for Bound {
    async fn page(&self, filter: AuditFilter, cursor: AuditCursor) -> Result<AuditView, UiError> {
        let filter = tidy(filter);
        let place = read_place(&cursor)?;
        let asked = wanted(&filter);
        let events = match &asked {
            Ok(asked) => self.trail_events(asked, place, PAGE + 1).await?,
            // Who may not look is refused all the same.
            Err(_) => self.trail_events(&audit::AuditFilter::default(), place, 0).await?,
        };
        let Page { events, newer, older } = Page::of(events, place);
        let looser = match &asked {
            Ok(_) if events.is_empty() => self.looser_trail(&filter).await?,
            _ => Vec::new(),
        };
        let query = |name: &str, place: i64| filter::query(&filter, Some((name, &place.to_string())));
        let export = asked.as_ref().cloned().unwrap_or_default();
        Ok(AuditView {
            fields: filter::fields(&filter, self.trail_actors().await?),
            older: older.map(|before| query("before", before)),
            newer: newer.map(|after| query("after", after)),
            looser,
            csv: filter::export(&export, "csv"),
            json_lines: filter::export(&export, "jsonl"),
            problem: asked.err(),
            events: self.trail_rows(&events).await?,
        })
    }

    async fn event(&self, sequence: String) -> Result<AuditEventView, UiError> {
        let missing = |_| from_service(&ServiceError::Missing(Missing::Event));
        let (actor, audit) = (self.actor()?, &self.app.services.audit);
        let refused = |error: ServiceError| from_service(&error);
        // Whoever may not look learns nothing from what the number is.
        audit.head(actor).await.map_err(refused)?;
        let sequence = sequence.parse().map_err(missing)?;
        let event = audit.get(actor, sequence).await.map_err(refused)?;
        let is_in_place = audit.is_in_place(actor, &event).await.map_err(refused)?;
        let names = audit
            .names(actor, std::slice::from_ref(&event))
            .await
            .map_err(refused)?;
        Ok(detail::detail(&event, &names, is_in_place, self.app.clock.now()))
    }

    async fn verify(&self) -> Result<AuditVerifiedView, UiError> {
        let verified = self.app.services.audit.verify(self.actor()?).await;
        let verified = verified.map_err(|error| from_service(&error))?;
        Ok(AuditVerifiedView {
            is_intact: verified.finding.is_none(),
            message: words::verified(&verified, self.app.clock.now()),
        })
    }
}

impl Bound {
    async fn trail_events(
        &self,
        filter: &audit::AuditFilter,
        place: Place,
        limit: u16,
    ) -> Result<Vec<audit::AuditEvent>, UiError> {
        let found = self.app.services.audit.page(self.actor()?, filter, place, limit).await;
        found.map_err(|error| from_service(&error))
    }

    async fn trail_rows(&self, events: &[audit::AuditEvent]) -> Result<Vec<AuditRowView>, UiError> {
        let names = self.app.services.audit.names(self.actor()?, events).await;
        let names = names.map_err(|error| from_service(&error))?;
        let now = self.app.clock.now();
        Ok(events.iter().map(|event| row(event, &names, now)).collect())
    }

    /// Who can be chosen in the filter.
    async fn trail_actors(&self) -> Result<Vec<OptionView>, UiError> {
        let actors = self.app.services.audit.actors(self.actor()?).await;
        let actors = actors.map_err(|error| from_service(&error))?;
        let option = |(id, name): (uuid::Uuid, String)| {
            let id = id.to_string();
            let name = if name.is_empty() { id.clone() } else { name };
            OptionView::new(id, name)
        };
        Ok(actors.into_iter().map(option).collect())
    }

    /// Filters without which something would be found.
    async fn looser_trail(&self, filter: &AuditFilter) -> Result<Vec<LinkView>, UiError> {
        let mut links = Vec::new();
        for (words, candidate) in filter::looser(filter) {
            let Ok(asked) = wanted(&candidate) else { continue };
            if !self.trail_events(&asked, Place::Newest, 1).await?.is_empty() {
                links.push(LinkView {
                    label: words.to_owned(),
                    href: format!("/audit{}", filter::query(&candidate, None)),
                });
            }
        }
        Ok(links)
    }
}

/// The events of a page, and where its neighbours begin.
struct Page {
    events: Vec<audit::AuditEvent>,
    newer: Option<i64>,
    older: Option<i64>,
}

impl Page {
    /// Of events that were read from `place` on, one more than fit where there are more.
    fn of(mut events: Vec<audit::AuditEvent>, place: Place) -> Self {
        let has_more = events.len() > usize::from(PAGE);
        if has_more {
            match place {
                Place::After(_) => drop(events.remove(0)),
                Place::Newest | Place::Before(_) => drop(events.pop()),
            }
        }
        let (has_newer, has_older) = match place {
            Place::Newest => (false, has_more),
            Place::Before(_) => (true, has_more),
            Place::After(_) => (has_more, true),
        };
        Self {
            newer: events.first().filter(|_| has_newer).map(|event| event.sequence),
            older: events.last().filter(|_| has_older).map(|event| event.sequence),
            events,
        }
    }
}

fn read_place(cursor: &AuditCursor) -> Result<Place, UiError> {
    let read = |name: &str, text: &str| {
        let unknown = |_| UiError::at_field(name, "Take the place from the page before.");
        text.parse::<i64>().map_err(unknown)
    };
    match (cursor.before.as_str(), cursor.after.as_str()) {
        ("", "") => Ok(Place::Newest),
        (before, "") => read("before", before).map(Place::Before),
        (_, after) => read("after", after).map(Place::After),
    }
}

fn row(event: &audit::AuditEvent, names: &audit::Names, now: OffsetDateTime) -> AuditRowView {
    AuditRowView {
        sequence: event.sequence,
        at: moment(event.occurred_at, now),
        event: words::event(&event.event),
        actor: named::actor(event, names),
        target: named::target(event, names),
    }
}
