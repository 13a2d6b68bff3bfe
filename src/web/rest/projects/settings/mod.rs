//! How calls through the gateway are answered in a project.

pub(in crate::web::rest) mod get;
pub(in crate::web::rest) mod patch;

use crate::domain::{Fallback, FallbackChoice, FallbackPolicy};
use crate::service::projects::GatewaySettings;
use crate::web::rest::version::Versioned;
use serde::Serialize;
use utoipa::ToSchema;

/// Where they stand.
const ITEM: &str = "/api/v1/projects/{project}/settings";
/// What is said where nobody decided.
const UNDECIDED: &str = "default";

/// A project's settings.
#[derive(Serialize, ToSchema)]
#[schema(as = ProjectSettings)]
struct SettingsBody {
    /// Whose key serves where the project has none.
    #[schema(value_type = FallbackSetting)]
    on_missing: &'static str,
    /// Whose key serves where the project's own fails.
    #[schema(value_type = FallbackSetting)]
    on_failure: &'static str,
    /// What that comes to for the project's keys that decide nothing themselves.
    policy: PolicyBody,
    /// Whether more than the inference paths is open.
    opens_all_paths: bool,
    /// Whether usage is asked for in streams where the caller did not.
    adds_stream_usage: bool,
    /// Whether the operator lets the organization use platform keys.
    operator_allows_platform_keys: bool,
    /// The project's version; the `ETag`.
    version: i64,
}

/// What holds.
#[derive(Serialize, ToSchema)]
#[schema(as = FallbackPolicy)]
struct PolicyBody {
    #[schema(value_type = FallbackOutcome)]
    on_missing: &'static str,
    #[schema(value_type = FallbackOutcome)]
    on_failure: &'static str,
}

/// What was decided: the operator's key serves, the call fails, or nobody decided.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what the domain writes")]
enum FallbackSetting {
    Platform,
    Fail,
    Default,
}

/// What happens: the operator's key serves, or the call fails.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what the domain writes")]
enum FallbackOutcome {
    Platform,
    Fail,
}

impl From<GatewaySettings> for Versioned<SettingsBody> {
    fn from(settings: GatewaySettings) -> Self {
        let policy = FallbackPolicy::of(settings.operator_allows, settings.choice, FallbackChoice::default());
        let decided = |choice: Option<Fallback>| choice.map_or(UNDECIDED, Fallback::as_str);
        Self {
            row_version: settings.row_version,
            body: SettingsBody {
                on_missing: decided(settings.choice.on_missing),
                on_failure: decided(settings.choice.on_failure),
                policy: PolicyBody {
                    on_missing: policy.on_missing.as_str(),
                    on_failure: policy.on_failure.as_str(),
                },
                opens_all_paths: settings.opens_all_paths,
                adds_stream_usage: settings.adds_stream_usage,
                operator_allows_platform_keys: settings.operator_allows,
                version: settings.row_version,
            },
        }
    }
}
