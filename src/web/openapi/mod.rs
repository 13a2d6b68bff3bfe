//! The API's description, `OpenAPI` 3.1, made from the list of operations; and the page that shows it.

mod page;
mod parameters;
mod problems;

use super::App;
use super::rest::docs::{AnswerDocs, Docs, Tag};
use super::rest::{Operation, operations};
use axum::Router;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use std::sync::LazyLock;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Paths, PathsBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr,
    Required, Response, ResponseBuilder, ResponsesBuilder, SecurityRequirement, ServerBuilder,
};

const JSON: &str = "application/json";
const TOKEN: &str = "token";
const SESSION: &str = "session";

const INTRODUCTION: &str = "\
Latchkey keeps the provider keys that an organization brings, shows whether they work, and sends model calls through \
the right one. This is the API for everything but the model calls themselves.

**Who calls.** Send a token as `Authorization: Bearer lk_api_…`. A token holds scopes; each operation says which one \
it needs.

**When something goes wrong**, the answer is a problem (RFC 9457) with a stable `code` for programs, a `detail` for \
people, and the `request_id` to ask the operator about.

**Sending again.** With an `Idempotency-Key`, a call that is sent again within a day gets the answer that it got, and \
is not made twice.

**Not overwriting others.** Keys, projects and settings have versions. `GET` answers with an `ETag`; `PUT`, `PATCH` and \
`DELETE` want it back in `If-Match`, or `*`. The calls of the dialects do without.

**Lists** come in pages: `limit` things at a time, and `next_cursor`, if there are more, goes into `cursor`.

**Probing.** Calls that may ask a provider whether a key works share a limit for each organization. `RateLimit` says \
how much is left of it.";

/// The description as it is served and committed: JSON, indented.
static TEXT: LazyLock<String> = LazyLock::new(|| {
    let description = describe(&operations());
    // Texts, numbers and lists: nothing that JSON cannot hold.
    description.to_pretty_json().unwrap_or_default() + "\n"
});

/// The description as it is served and committed.
#[must_use]
pub fn text() -> &'static str {
    &TEXT
}

/// The description and its page, open to everybody: they say nothing of this deployment.
pub(super) fn router(app: &App) -> Router {
    let description = || async { ([(CONTENT_TYPE, JSON)], text()).into_response() };
    Router::new()
        .route("/api/v1/openapi.json", get(description))
        .merge(page::router())
        .with_state(app.clone())
}

fn describe(operations: &[Operation]) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Latchkey")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(INTRODUCTION))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ));
    let tags = Tag::EVERY.iter().map(|tag| {
        let (name, description) = tag.describe();
        TagBuilder::new().name(name).description(Some(description)).build()
    });
    let mut components = problems::components(ComponentsBuilder::new())
        .security_scheme(TOKEN, token_scheme())
        .security_scheme(SESSION, session_scheme());
    for (name, schema) in operations.iter().flat_map(|operation| operation.docs.schemas.clone()) {
        components = components.schema(name, schema);
    }
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([ServerBuilder::new()
            .url("/")
            .description(Some("This deployment"))
            .build()]))
        .tags(Some(tags))
        .paths(paths(operations))
        .components(Some(components.build()))
        .build()
}

fn token_scheme() -> SecurityScheme {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("lk_api_<public id>_<secret>_<checksum>")
        .description(Some(
            "A token, made on the Tokens page, by this API, or by `latchkey token create`.",
        ));
    SecurityScheme::Http(scheme.build())
}

fn session_scheme() -> SecurityScheme {
    let cookie = ApiKeyValue::with_description(
        "__Host-latchkey",
        "The dashboard's session, in a browser of the same site.",
    );
    SecurityScheme::ApiKey(ApiKey::Cookie(cookie))
}

fn paths(operations: &[Operation]) -> Paths {
    let add = |paths: PathsBuilder, operation: &Operation| {
        let item = PathItem::new(method(&operation.method), describe_one(operation));
        paths.path(operation.path, item)
    };
    operations.iter().fold(PathsBuilder::new(), add).build()
}

fn method(method: &Method) -> HttpMethod {
    match method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn describe_one(operation: &Operation) -> utoipa::openapi::path::Operation {
    let docs = &operation.docs;
    let needs = operation.scope.map_or_else(
        || "Needs any valid credential.".to_owned(),
        |scope| format!("Needs the scope `{scope}`."),
    );
    let description = [docs.details, &needs].join(if docs.details.is_empty() { "" } else { "\n\n" });
    let body = docs.body.as_ref().map(|body| {
        let required = if body.is_required {
            Required::True
        } else {
            Required::False
        };
        RequestBodyBuilder::new()
            .content(JSON, ContentBuilder::new().schema(Some(body.schema.clone())).build())
            .required(Some(required))
            .build()
    });
    let mut responses = ResponsesBuilder::new().response(docs.status.as_str(), success(docs));
    for (status, response) in problems::of(operation) {
        responses = responses.response(status, response);
    }
    OperationBuilder::new()
        .operation_id(Some(operation.id))
        .tag(docs.tag.describe().0)
        .summary(Some(docs.summary))
        .description(Some(description))
        .parameters(Some(parameters::of(operation)))
        .request_body(body)
        .responses(responses.build())
        .securities(Some([
            SecurityRequirement::new::<_, _, &str>(TOKEN, []),
            SecurityRequirement::new::<_, _, &str>(SESSION, []),
        ]))
        .build()
}

fn success(docs: &Docs) -> Response {
    let response = ResponseBuilder::new()
        .description(docs.success)
        .header(parameters::REQUEST_ID, parameters::request_id());
    let response = match &docs.answer {
        AnswerDocs::Nothing => response,
        AnswerDocs::Json(schema) => {
            response.content(JSON, ContentBuilder::new().schema(Some((**schema).clone())).build())
        }
        AnswerDocs::Csv => {
            let text = Object::with_type(Type::String);
            response.content("text/csv", ContentBuilder::new().schema(Some(text)).build())
        }
        AnswerDocs::CsvOrJsonLines => {
            let text = || {
                ContentBuilder::new()
                    .schema(Some(Object::with_type(Type::String)))
                    .build()
            };
            response
                .content("text/csv", text())
                .content("application/jsonl", text())
        }
    };
    let response = if docs.is_versioned {
        response.header("ETag", parameters::etag())
    } else {
        response
    };
    let response = if docs.probes {
        parameters::rate_limit(response)
    } else {
        response
    };
    response.build()
}

/// A response that stands among the components.
fn shared(name: &str) -> RefOr<Response> {
    RefOr::Ref(Ref::from_response_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeSet;

    fn document() -> Value {
        serde_json::from_str(text()).unwrap()
    }

    #[test]
    fn every_operation_is_described_once() {
        let operations = operations();
        let ids: BTreeSet<_> = operations.iter().map(|operation| operation.id).collect();
        assert_eq!(ids.len(), operations.len(), "two operations have the same name");
        let document = document();
        assert_eq!(document["openapi"], "3.1.0");
        for operation in &operations {
            let method = operation.method.as_str().to_lowercase();
            let described = &document["paths"][operation.path][&method];
            assert_eq!(described["operationId"], operation.id, "{operation:?}");
            assert!(!operation.docs.summary.ends_with('.'), "{operation:?}");
        }
    }

    #[test]
    fn what_is_described_is_what_is_read() {
        for operation in operations() {
            if let Some(body) = &operation.docs.body {
                let schema = serde_json::to_value(&body.schema).unwrap();
                let described: BTreeSet<_> = schema["properties"].as_object().unwrap().keys().cloned().collect();
                let read: BTreeSet<_> = body.fields.iter().map(|field| (*field).to_owned()).collect();
                assert_eq!(described, read, "{operation:?}");
            }
            let described: BTreeSet<_> = operation.docs.query.iter().map(|one| one.name.as_str()).collect();
            let read: BTreeSet<_> = operation.docs.query_fields.iter().copied().collect();
            assert_eq!(described, read, "{operation:?}");
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut references = Vec::new();
        collect(&document, &mut references);
        assert!(references.len() > 100);
        for reference in references {
            let pointer = reference.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn one_name_means_one_schema() {
        let mut known = std::collections::BTreeMap::new();
        for (name, schema) in operations().iter().flat_map(|operation| operation.docs.schemas.clone()) {
            let schema = serde_json::to_value(schema).unwrap();
            let before = known.insert(name.clone(), schema.clone());
            assert!(before.is_none_or(|before| before == schema), "{name}");
        }
    }

    fn collect(value: &Value, references: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                let reference = members.get("$ref").and_then(Value::as_str);
                references.extend(reference.map(str::to_owned));
                members.values().for_each(|member| collect(member, references));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
            _ => {}
        }
    }
}
