//! What stands in paths and headers, described once.

use crate::web::rest::Operation;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Required, ResponseBuilder};

pub(super) const REQUEST_ID: &str = "X-Request-Id";

/// What ids look like.
const ID: &str = "019aa5d2-0a5f-7c7e-b8c3-1a2b3c4d5e6f";

/// The parts of paths: name, meaning, example, whether it is an id.
const PARTS: &[(&str, &str, &str, bool)] = &[
    ("project", "The project's id or slug.", "main", false),
    ("provider", "The provider's slug.", "openai", false),
    ("key", "The provider key's id.", ID, true),
    ("key_id", "The id.", ID, true),
    (
        "provider_or_key_id",
        "The provider's slug where a key is brought, the key's id where it is revoked.",
        "anthropic",
        false,
    ),
    ("token", "The token's id.", ID, true),
    ("member", "The person's id.", ID, true),
    ("lock", "The lock's id.", ID, true),
    ("invitation", "The invitation's id.", ID, true),
    ("webhook", "The webhook's id.", ID, true),
    ("delivery", "The delivery's id, as the list of them has it.", ID, true),
    ("sequence", "The event's place on the trail, from 1.", "7", false),
    (
        "call",
        "The call's id, which its answer carried as `x-latchkey-request-id`.",
        ID,
        true,
    ),
];

/// Everything that an operation may be told besides its body.
pub(super) fn of(operation: &Operation) -> Vec<Parameter> {
    let names = operation
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<_> = names.map(part).collect();
    parameters.extend(operation.docs.query.iter().cloned());
    if operation.docs.is_conditional {
        parameters.push(header(
            "If-Match",
            "The `ETag` that you saw, or `*` for whatever it is.",
            text("\"7\""),
            Required::True,
        ));
    }
    if !operation.method.is_safe() {
        let key = ObjectBuilder::from(text("3f0c5f1e-rotate-openai"))
            .min_length(Some(1))
            .max_length(Some(255))
            .pattern(Some("^[!-~]+$"))
            .build();
        let meaning = "Sent again with the same key within a day, the call gets the answer that it got.";
        parameters.push(header("Idempotency-Key", meaning, key, Required::False));
    }
    parameters
}

fn part(name: &str) -> Parameter {
    let known = PARTS.iter().find(|(part, ..)| *part == name);
    let (_, meaning, example, is_id) = known.copied().unwrap_or((name, "", "", false));
    let schema = if is_id {
        ObjectBuilder::from(text(example))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
            .build()
    } else {
        text(example)
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(meaning))
        .schema(Some(schema))
        .build()
}

fn header(name: &str, meaning: &str, schema: Object, required: Required) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(meaning))
        .schema(Some(schema))
        .build()
}

fn text(example: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .examples([example])
        .build()
}

pub(super) fn request_id() -> Header {
    let id = ObjectBuilder::from(text(ID))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        .build();
    answer_header(id, "The request's id, to ask the operator about.")
}

pub(super) fn etag() -> Header {
    answer_header(text("\"7\""), "The version, for `If-Match`.")
}

pub(super) fn retry_after() -> Header {
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).examples([2]).build();
    answer_header(seconds, "In how many seconds to come back.")
}

/// The headers that say what is left of a limit.
pub(super) fn rate_limit(response: ResponseBuilder) -> ResponseBuilder {
    let left = answer_header(
        text("\"probes\";r=119;t=1"),
        "How many probes the organization has left, and in how many seconds all of them are back.",
    );
    let policy = answer_header(
        text("\"probes\";q=120;w=120"),
        "How many probes an organization has, and in how many seconds all of them come back.",
    );
    response.header("RateLimit", left).header("RateLimit-Policy", policy)
}

fn answer_header(schema: Object, meaning: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(schema))
        .description(Some(meaning))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::rest::operations;

    #[test]
    fn every_part_of_a_path_is_described() {
        for operation in operations() {
            for parameter in of(&operation) {
                let meaning = parameter.description.unwrap_or_default();
                assert!(!meaning.is_empty(), "{}: {}", operation.path, parameter.name);
            }
        }
    }
}
