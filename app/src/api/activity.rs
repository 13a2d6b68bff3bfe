//! Calls through the gateway.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{ActivityFilter, ActivityView, CallDetailView, UiError};
#[cfg(feature = "ssr")]
use crate::ports::ActivityCursor;
use leptos::prelude::*;

/// The newest calls under a filter, or those before or after a place.
#[server(prefix = "/_fn", endpoint = "activity")]
pub async fn activity(
    project: String,
    #[server(flatten)] filter: ActivityFilter,
    #[server(default)] before: String,
    #[server(default)] after: String,
) -> Result<ActivityView, UiError> {
    let cursor = ActivityCursor { before, after };
    answer(backend()?.activity.page(project, filter, cursor).await)
}

/// One call.
#[server(prefix = "/_fn", endpoint = "activity_call")]
pub async fn activity_call(project: String, call: String) -> Result<CallDetailView, UiError> {
    answer(backend()?.activity.call(project, call).await)
}
