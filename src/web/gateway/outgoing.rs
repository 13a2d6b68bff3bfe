//! A call as it is to be made.

use super::refusal::Refusal;
use crate::providers::{ErrorShape, Operation, Provider};
use http::{HeaderMap, Method, StatusCode};

/// A call as it is to be made.
pub(super) struct Outgoing<'call> {
    pub(super) provider: &'static dyn Provider,
    pub(super) method: Method,
    /// The path at the provider's own origin, and the query without credentials.
    pub(super) path: String,
    /// The caller's headers, as they came.
    pub(super) headers: &'call HeaderMap,
    /// What the path does; `None` outside the inference paths.
    pub(super) operation: Option<&'static Operation>,
    /// The shape of errors that the caller's SDK reads.
    pub(super) shape: ErrorShape,
    /// The model's name at the provider, where the body names another one (`/v1`).
    pub(super) model: Option<String>,
}

impl Outgoing<'_> {
    /// Whether the project lets the path be called.
    pub(super) fn is_open(&self, opens_all_paths: bool) -> Result<(), Refusal> {
        if self.operation.is_some() || opens_all_paths {
            return Ok(());
        }
        let message = format!(
            "This path of {} is closed. Calls of models are open; the rest can be opened in the project's settings.",
            self.provider.name()
        );
        Err(Refusal::new(StatusCode::FORBIDDEN, "path_not_open", message))
    }

    /// Whether the shared platform key may be sent on this path.
    pub(super) fn suits_platform(&self) -> bool {
        self.method == Method::POST && self.operation.is_some_and(|operation| operation.platform_may_serve)
    }

    /// The path without its query.
    pub(super) fn bare_path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The model that Gemini's and Azure's paths name.
    pub(super) fn model_in_path(&self) -> Option<String> {
        let path = self.bare_path();
        let behind = ["/models/", "/deployments/"]
            .iter()
            .find_map(|part| path.split_once(part))?
            .1;
        let name = behind.split(['/', ':']).next().unwrap_or_default();
        (!name.is_empty()).then(|| name.to_owned())
    }
}
