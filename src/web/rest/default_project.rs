//! The project of calls that name none in their path: the token's own, or the organization's default.

use crate::domain::ProviderKey;
use crate::service::projects::ProjectRef;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;

/// Its keys, without deleted ones.
pub(super) async fn keys(app: &App, caller: &KnownCaller) -> Result<Vec<ProviderKey>, Problem> {
    let project = app.services.projects.default_of(&caller.actor).await?;
    let project = ProjectRef::Id(project.id);
    let (_, mut keys) = app.services.keys.list(&caller.actor, &project).await?;
    keys.retain(|key| key.deleted_at.is_none());
    Ok(keys)
}
