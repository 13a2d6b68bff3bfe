//! `GET /api/v1/providers`: the catalogue.

use super::Operation;
use super::docs::{Docs, Tag};
use crate::providers::{self, Provider};
use crate::web::App;
use crate::web::auth::KnownCaller;
use axum::Json;
use axum::http::{Method, StatusCode};
use axum::routing::{MethodRouter, get};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = Providers)]
struct Response {
    providers: Vec<ProviderBody>,
}

/// A provider of the catalogue.
#[derive(Serialize, ToSchema)]
#[schema(as = Provider)]
struct ProviderBody {
    /// How paths and bodies name it.
    #[schema(example = "openai")]
    slug: &'static str,
    /// What people call it.
    #[schema(example = "OpenAI")]
    name: &'static str,
    /// Where people make keys for it.
    #[schema(example = "https://platform.openai.com/api-keys")]
    key_page: &'static str,
    /// How its keys begin; they drift, so that others are accepted too.
    #[schema(example = json!(["sk-proj-"]))]
    key_prefixes: &'static [&'static str],
    /// Whether a key comes with an endpoint of the customer's own.
    needs_endpoint: bool,
}

impl From<&dyn Provider> for ProviderBody {
    fn from(provider: &dyn Provider) -> Self {
        Self {
            slug: provider.slug(),
            name: provider.name(),
            key_page: provider.key_page(),
            key_prefixes: provider.prefixes(),
            needs_endpoint: provider.origin().is_none(),
        }
    }
}

pub(super) fn operation() -> Operation {
    let route: MethodRouter<App> = get(handle);
    Operation {
        id: "providers.list",
        method: Method::GET,
        path: "/api/v1/providers",
        scope: None,
        docs: Docs::new(Tag::Organization, "List the providers that keys can be brought for")
            .answers::<Response>(StatusCode::OK, "All of them, in the order of the dashboard's cards."),
        route,
    }
}

async fn handle(_caller: KnownCaller) -> Json<Response> {
    let catalogue = providers::catalogue().iter().copied();
    Json(Response {
        providers: catalogue.map(ProviderBody::from).collect(),
    })
}
