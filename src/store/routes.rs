//! What the gateway resolves by: a project's settings and its key for one provider, in one query.
//!
//! What is remembered of an answer is confirmed by its `state`: a text that is another one as soon as the database
//! would answer otherwise.

use super::{OrgTx, StoreError, SystemTx};
use crate::domain::{
    Endpoint, FallbackChoice, Fee, Health, KeyId, MicroDollars, ProjectId, ProjectSlug, ProviderSlug, Sealed, TokenId,
};

/// A project as a call names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ProjectSelector {
    /// By id.
    Id(ProjectId),
    /// By its name in URLs.
    Slug(ProjectSlug),
}

/// A key that a call names instead of using the default one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NamedKey {
    /// By id.
    Id(KeyId),
    /// By the name that people gave it; upper and lower case are one.
    Name(String),
}

impl NamedKey {
    fn parts(named: Option<&Self>) -> (Option<uuid::Uuid>, Option<&str>) {
        match named {
            None => (None, None),
            Some(Self::Id(id)) => (Some(id.as_uuid()), None),
            Some(Self::Name(name)) => (None, Some(name)),
        }
    }
}

/// What keeps calls from passing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteLock {
    /// Whether it covers every provider.
    pub is_for_all: bool,
    /// Why, in the words of whoever locked; perhaps empty.
    pub reason: String,
}

/// A project and its key for one provider.
#[derive(Debug)]
pub struct RouteRow {
    /// The project.
    pub project: ProjectId,
    /// Its name in URLs.
    pub slug: ProjectSlug,
    /// What the project decided about the platform key.
    pub choice: FallbackChoice,
    /// Whether more than the inference paths is open.
    pub opens_all_paths: bool,
    /// Whether usage is asked for in streams.
    pub adds_stream_usage: bool,
    /// Whether the operator lets the organization use platform keys.
    pub allows_platform_keys: bool,
    /// What the operator charges.
    pub fee: Fee,
    /// The project's key for the provider: the one that was named, else the default.
    pub key: Option<RouteKey>,
    /// The lock that covers these calls.
    pub lock: Option<RouteLock>,
    /// What to compare with [`route_states`].
    pub state: String,
}

/// A project's key, with its sealed secret.
#[derive(Debug)]
pub struct RouteKey {
    /// The key.
    pub id: KeyId,
    /// Which secret it holds.
    pub secret_version: i64,
    /// Whether it is switched on.
    pub is_active: bool,
    /// Whether it works.
    pub health: Health,
    /// Where its secret may be sent.
    pub endpoint: Endpoint,
    /// What was decided for this key, before its project's choice.
    pub choice: FallbackChoice,
    /// The secret.
    pub sealed: Sealed,
}

/// The project and its key for `provider`, the one `named` or the default; `None` when there is no such project in the organization.
///
/// # Errors
/// Whatever the database says.
pub async fn load(
    tx: &mut OrgTx,
    project: &ProjectSelector,
    provider: &ProviderSlug,
    named: Option<&NamedKey>,
) -> Result<Option<RouteRow>, StoreError> {
    let (named_id, name) = NamedKey::parts(named);
    let (id, slug) = match project {
        ProjectSelector::Id(id) => (Some(id.as_uuid()), None),
        ProjectSelector::Slug(slug) => (None, Some(slug.as_str())),
    };
    let row = sqlx::query!(
        r#"select p.id, p.slug, p.on_missing, p.on_failure, p.opens_all_paths, p.adds_stream_usage,
                  o.allows_platform_keys, o.fee_per_call_micros, o.fee_basis_points,
                  k.id as "key_id?", k.secret_version as "secret_version?",
                  k.is_active as "is_active?", k.health_reason as "health_reason?",
                  k.health_message as "health_message?", k.checked_at as "checked_at?", k.retry_at as "retry_at?",
                  k.endpoint as "endpoint?", k.on_missing as "key_on_missing?",
                  k.on_failure as "key_on_failure?", k.sealed as "sealed?",
                  l.provider is null as "lock_is_for_all?", l.reason as "lock_reason?",
                  route_state(p.id, $4, $5, $6) as "state!"
           from projects p
           join organizations o on o.org_id = p.org_id
           left join provider_keys k
               on k.org_id = p.org_id and k.project_id = p.id and k.provider = $4
               and is_meant(k.id, k.name, k.is_default, k.deleted_at, $5, $6)
           left join call_locks l on l.org_id = p.org_id and l.id = lock_on_calls(p.org_id, p.id, $4)
           where p.org_id = $1 and (p.id = $2 or p.slug = $3)"#,
        tx.org.as_uuid(),
        id,
        slug,
        provider.as_str(),
        named_id,
        name
    )
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let key = match (row.key_id, row.secret_version, row.is_active, row.endpoint, row.sealed) {
        (Some(id), Some(secret_version), Some(is_active), Some(endpoint), Some(sealed)) => Some(RouteKey {
            id: KeyId::from_uuid(id),
            secret_version,
            is_active,
            health: Health {
                reason: super::keys::read_reason(row.health_reason.as_deref())?,
                message: row.health_message,
                checked_at: row.checked_at,
                retry_at: row.retry_at,
            },
            endpoint: Endpoint::from_stored(endpoint),
            choice: super::projects::read_choice(row.key_on_missing.as_deref(), row.key_on_failure.as_deref())?,
            sealed: Sealed::from_bytes(sealed),
        }),
        _ => None,
    };
    Ok(Some(RouteRow {
        project: ProjectId::from_uuid(row.id),
        slug: super::projects::read_slug(&row.slug)?,
        choice: super::projects::read_choice(row.on_missing.as_deref(), row.on_failure.as_deref())?,
        opens_all_paths: row.opens_all_paths,
        adds_stream_usage: row.adds_stream_usage,
        allows_platform_keys: row.allows_platform_keys,
        fee: Fee {
            per_call: MicroDollars(row.fee_per_call_micros),
            basis_points: u32::try_from(row.fee_basis_points).unwrap_or_default(),
        },
        key,
        lock: row.lock_reason.map(|reason| RouteLock {
            is_for_all: row.lock_is_for_all.unwrap_or_default(),
            reason,
        }),
        state: row.state,
    }))
}

/// The states of these tokens, in their order; `None` for one that is gone.
///
/// # Errors
/// Whatever the database says.
pub async fn token_states(tx: &mut SystemTx, tokens: &[TokenId]) -> Result<Vec<Option<String>>, StoreError> {
    let ids: Vec<_> = tokens.iter().map(TokenId::as_uuid).collect();
    Ok(
        sqlx::query_scalar!("select state from system_token_states($1) order by place", &ids)
            .fetch_all(tx.connection())
            .await?,
    )
}

/// A project, a provider, and the key that calls name.
pub type RouteParts = (ProjectId, ProviderSlug, Option<NamedKey>);

/// The states of these routes, in their order; `None` for a project that is gone.
///
/// # Errors
/// Whatever the database says.
pub async fn route_states(tx: &mut SystemTx, routes: &[RouteParts]) -> Result<Vec<Option<String>>, StoreError> {
    let projects: Vec<_> = routes.iter().map(|(project, ..)| project.as_uuid()).collect();
    let providers: Vec<_> = routes.iter().map(|(_, provider, _)| provider.to_string()).collect();
    let wishes = routes.iter().map(|(.., named)| NamedKey::parts(named.as_ref()));
    let (named_ids, names): (Vec<_>, Vec<_>) = wishes.map(|(id, name)| (id, name.map(str::to_owned))).unzip();
    Ok(sqlx::query_scalar!(
        "select state from system_route_states($1, $2, $3, $4) order by place",
        &projects,
        &providers,
        &named_ids as &[Option<uuid::Uuid>],
        &names as &[Option<String>]
    )
    .fetch_all(tx.connection())
    .await?)
}
