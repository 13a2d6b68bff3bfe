//! What people are told of: one thing that happened, or many alike within a few minutes.

pub mod choices;
pub mod due;
pub mod mails;
pub mod reads;

use super::{OrgTx, StoreError};
use crate::domain::{NotificationId, NotificationKind, ProjectId};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// An event of the audit trail that people are told of.
#[derive(Clone, Debug)]
pub struct NewItem<'event> {
    /// The event's place on the trail.
    pub sequence: i64,
    /// What happened: `key.became_unhealthy`, …
    pub event: &'event str,
    /// When.
    pub occurred_at: OffsetDateTime,
    /// In which project, where it was in one.
    pub project: Option<ProjectId>,
    /// Who did it, where somebody did.
    pub actor: Option<Uuid>,
    /// What it was done to.
    pub target: &'event str,
    /// As the trail tells it.
    pub details: &'event Value,
}

/// A notification, and what joined it so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// What kind it is of.
    pub kind: NotificationKind,
    /// When it began.
    pub opened_at: OffsetDateTime,
    /// When something last joined it.
    pub last_at: OffsetDateTime,
    /// How many events it tells of.
    pub items: i64,
    /// How many it told of when it was last announced.
    pub announced: i64,
    /// How many things they happened to.
    pub targets: i64,
    /// The projects they happened in.
    pub projects: Vec<ProjectId>,
    /// The last event.
    pub event: String,
    /// What that one happened to.
    pub target: String,
    /// As the trail tells it.
    pub details: Value,
    /// Who did all of it, where one person or token did.
    pub actor: Option<Uuid>,
}

struct Row {
    id: Uuid,
    kind: String,
    opened_at: OffsetDateTime,
    last_at: OffsetDateTime,
    items: i64,
    announced: i64,
    targets: i64,
    projects: Vec<Uuid>,
    event: String,
    target_id: String,
    details: Value,
    actor_id: Option<Uuid>,
}

impl TryFrom<Row> for Notification {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: NotificationId::from_uuid(row.id),
            kind: read_kind(&row.kind)?,
            opened_at: row.opened_at,
            last_at: row.last_at,
            items: row.items,
            announced: row.announced,
            targets: row.targets,
            projects: row.projects.into_iter().map(ProjectId::from_uuid).collect(),
            event: row.event,
            target: row.target_id,
            details: row.details,
            actor: row.actor_id,
        })
    }
}

/// A notification that was there already, or the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Which one.
    pub id: NotificationId,
    /// Until when others join it.
    pub closes_at: OffsetDateTime,
    /// Whether it began with this.
    pub is_new: bool,
}

/// Lets an event join the open notification of its kind and fold key, or begin one that is open until `closes_at`.
/// The caller holds the head of the organization's trail, so that two cannot begin at once.
///
/// # Errors
/// Whatever the database says.
pub async fn join(
    tx: &mut OrgTx,
    new: NotificationId,
    kind: NotificationKind,
    fold_key: &str,
    closes_at: OffsetDateTime,
    item: &NewItem<'_>,
) -> Result<Joined, StoreError> {
    let open = sqlx::query!(
        "update notifications set last_at = greatest(last_at, $4)
         where org_id = $1 and kind = $2 and fold_key = $3 and closes_at > $4
         returning id, closes_at",
        tx.org.as_uuid(),
        kind.as_str(),
        fold_key,
        item.occurred_at
    )
    .fetch_optional(tx.connection())
    .await?;
    let joined = if let Some(open) = open {
        Joined {
            id: NotificationId::from_uuid(open.id),
            closes_at: open.closes_at,
            is_new: false,
        }
    } else {
        begin(tx, new, kind, fold_key, item.occurred_at, closes_at).await?;
        Joined {
            id: new,
            closes_at,
            is_new: true,
        }
    };
    add_item(tx, joined.id, item).await?;
    Ok(joined)
}

async fn begin(
    tx: &mut OrgTx,
    id: NotificationId,
    kind: NotificationKind,
    fold_key: &str,
    at: OffsetDateTime,
    closes_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into notifications (org_id, id, kind, fold_key, opened_at, closes_at, last_at)
         values ($1, $2, $3, $4, $5, $6, $5)",
        tx.org.as_uuid(),
        id.as_uuid(),
        kind.as_str(),
        fold_key,
        at,
        closes_at
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

async fn add_item(tx: &mut OrgTx, id: NotificationId, item: &NewItem<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into notification_items (org_id, notification_id, sequence, event, occurred_at, project_id, actor_id,
                                         target_id, details)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tx.org.as_uuid(),
        id.as_uuid(),
        item.sequence,
        item.event,
        item.occurred_at,
        item.project.map(|project| project.as_uuid()),
        item.actor,
        item.target,
        item.details
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Which notifications to read.
#[derive(Clone, Copy)]
struct Wanted<'wanted> {
    kinds: &'wanted [NotificationKind],
    id: Option<NotificationId>,
    before: Option<(OffsetDateTime, NotificationId)>,
    limit: i64,
}

/// The notifications of these kinds before a place, at most `limit`, those first that grew last.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    tx: &mut OrgTx,
    kinds: &[NotificationKind],
    before: Option<(OffsetDateTime, NotificationId)>,
    limit: i64,
) -> Result<Vec<Notification>, StoreError> {
    let wanted = Wanted {
        kinds,
        id: None,
        before,
        limit,
    };
    read(tx, wanted).await
}

async fn read(tx: &mut OrgTx, wanted: Wanted<'_>) -> Result<Vec<Notification>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select n.id, n.kind, n.opened_at, n.last_at, n.announced, i.items as "items!", i.targets as "targets!",
                  i.projects as "projects!", i.actor_id, l.event, l.target_id, l.details
           from notifications n
           cross join lateral (
               select count(*) as items, count(distinct target_id) as targets,
                      array_remove(array_agg(distinct project_id), null) as projects,
                      case when count(distinct coalesce(actor_id, n.org_id)) = 1
                           then (array_agg(actor_id))[1] end as actor_id
               from notification_items where org_id = n.org_id and notification_id = n.id
           ) i
           cross join lateral (
               select event, target_id, details from notification_items
               where org_id = n.org_id and notification_id = n.id order by sequence desc limit 1
           ) l
           where n.org_id = $1 and n.kind = any($2) and ($6::uuid is null or n.id = $6)
             and ($3::timestamptz is null or (n.last_at, n.id) < ($3, $4))
           order by n.last_at desc, n.id desc limit $5"#,
        tx.org.as_uuid(),
        &words(wanted.kinds),
        wanted.before.map(|(at, _)| at),
        wanted.before.map_or(Uuid::nil(), |(_, id)| id.as_uuid()),
        wanted.limit,
        wanted.id.map(|id| id.as_uuid())
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// One notification; nobody else announces it before this transaction ends.
///
/// # Errors
/// Whatever the database says.
pub async fn lock(tx: &mut OrgTx, id: NotificationId) -> Result<Option<Notification>, StoreError> {
    sqlx::query!(
        "select id from notifications where org_id = $1 and id = $2 for update",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    find(tx, id).await
}

/// One notification.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut OrgTx, id: NotificationId) -> Result<Option<Notification>, StoreError> {
    let wanted = Wanted {
        kinds: NotificationKind::EVERY,
        id: Some(id),
        before: None,
        limit: 1,
    };
    Ok(read(tx, wanted).await?.pop())
}

/// Notes that so many items were told of.
///
/// # Errors
/// Whatever the database says.
pub async fn set_announced(tx: &mut OrgTx, id: NotificationId, items: i64) -> Result<(), StoreError> {
    sqlx::query!(
        "update notifications set announced = $3 where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid(),
        items
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) fn words(kinds: &[NotificationKind]) -> Vec<String> {
    kinds.iter().map(ToString::to_string).collect()
}

fn read_kind(text: &str) -> Result<NotificationKind, StoreError> {
    text.parse()
        .map_err(|error| StoreError::corrupt("notifications", &error))
}
