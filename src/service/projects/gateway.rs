//! How calls through the gateway are answered in a project.

use super::{ProjectRef, Projects};
use crate::domain::{Actor, Fallback, FallbackChoice, Scope};
use crate::service::audit::{Event, Target};
use crate::service::{Missing, ServiceError};
use crate::store::projects;
pub use crate::store::projects::GatewaySettings;
use serde_json::json;

/// What to change of a project's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatewaySettingsChange {
    /// Whose key serves when the project's own does not.
    pub choice: FallbackChoice,
    /// Whether more than the inference paths is open.
    pub opens_all_paths: bool,
    /// Whether usage is asked for in streams where the caller did not.
    pub adds_stream_usage: bool,
}

/// The same, where `None` stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GatewaySettingsPatch {
    /// Whose key serves where the project has none; inside, `None` leaves it to the operator.
    pub on_missing: Option<Option<Fallback>>,
    /// Whose key serves where the project's own fails, likewise.
    pub on_failure: Option<Option<Fallback>>,
    /// Whether more than the inference paths is open.
    pub opens_all_paths: Option<bool>,
    /// Whether usage is asked for in streams where the caller did not.
    pub adds_stream_usage: Option<bool>,
}

impl GatewaySettingsPatch {
    fn over(self, before: GatewaySettings) -> GatewaySettings {
        GatewaySettings {
            choice: FallbackChoice {
                on_missing: self.on_missing.unwrap_or(before.choice.on_missing),
                on_failure: self.on_failure.unwrap_or(before.choice.on_failure),
            },
            opens_all_paths: self.opens_all_paths.unwrap_or(before.opens_all_paths),
            adds_stream_usage: self.adds_stream_usage.unwrap_or(before.adds_stream_usage),
            row_version: before.row_version + 1,
            ..before
        }
    }
}

impl Projects {
    /// How calls are answered in the project.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:byok`; [`ServiceError::Missing`].
    pub async fn gateway_settings(&self, actor: &Actor, project: &ProjectRef) -> Result<GatewaySettings, ServiceError> {
        actor.require(Scope::ReadByok)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.find(&mut tx, actor, project).await?;
        projects::gateway_settings(&mut tx, project.id)
            .await?
            .ok_or(ServiceError::Missing(Missing::Project))
    }

    /// Changes how calls are answered in the project.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:settings`; [`ServiceError::Missing`].
    pub async fn set_gateway_settings(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        change: GatewaySettingsChange,
    ) -> Result<GatewaySettings, ServiceError> {
        let patch = GatewaySettingsPatch {
            on_missing: Some(change.choice.on_missing),
            on_failure: Some(change.choice.on_failure),
            opens_all_paths: Some(change.opens_all_paths),
            adds_stream_usage: Some(change.adds_stream_usage),
        };
        self.patch_gateway_settings(actor, project, patch, None).await
    }

    /// Changes some of how calls are answered in the project, if it is still at the version that was seen.
    ///
    /// # Errors
    /// As [`Projects::set_gateway_settings`]; [`ServiceError::Changed`].
    pub async fn patch_gateway_settings(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        patch: GatewaySettingsPatch,
        seen: Option<i64>,
    ) -> Result<GatewaySettings, ServiceError> {
        actor.require(Scope::WriteSettings)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.find_seen(&mut tx, actor, project, seen).await?;
        let before = projects::gateway_settings(&mut tx, project.id)
            .await?
            .ok_or(ServiceError::Missing(Missing::Project))?;
        let after = patch.over(before);
        projects::set_gateway_settings(&mut tx, project.id, &after, self.foundation.clock.now()).await?;
        let details = json!({
            "on_missing": after.choice.on_missing.map(Fallback::as_str),
            "on_failure": after.choice.on_failure.map(Fallback::as_str),
            "opens_all_paths": after.opens_all_paths,
            "adds_stream_usage": after.adds_stream_usage,
        });
        let target = Target::new("project", &project.id);
        self.audit
            .record(&mut tx, actor, Event::ProjectGatewayChanged, &target, details)
            .await?;
        tx.commit().await?;
        Ok(after)
    }
}
