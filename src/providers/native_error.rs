//! Latchkey's own errors in the words of a provider, for clients that know that provider's SDK alone.

use super::ErrorShape;
use serde_json::{Value, json};

/// The domain of Latchkey's reasons in Google's shape.
const DOMAIN: &str = "latchkey";

/// The body of one of Latchkey's own errors, in a provider's shape (JSON).
///
/// `code` is the stable one (`no_key`, `key_rejected`, …), which stands in every shape; in Google's, in upper
/// case as the reason of an `ErrorInfo`. `status` is the HTTP status of the answer.
#[must_use]
pub fn native_error(shape: ErrorShape, status: u16, code: &str, message: &str) -> Vec<u8> {
    value(shape, status, code, message).to_string().into_bytes()
}

/// The same as one server-sent event, for a stream that has begun and is cut: in the way in which each
/// provider's SDK hears of a failure after a 200.
///
/// Anthropic's names its events, and `error` is one of them. Cohere's reads it at the message's end.
/// Google's and OpenAI's look for `error` in any event, and the streams of Mistral and xAI are OpenAI's.
#[must_use]
pub fn native_error_event(shape: ErrorShape, status: u16, code: &str, message: &str) -> Vec<u8> {
    let (name, body) = match shape {
        ErrorShape::Anthropic => ("event: error\n", value(shape, status, code, message)),
        ErrorShape::Cohere => ("event: message-end\n", cohere_end(code, message)),
        ErrorShape::Google => ("", value(shape, status, code, message)),
        ErrorShape::OpenAi | ErrorShape::Mistral | ErrorShape::Xai => {
            ("", value(ErrorShape::OpenAi, status, code, message))
        }
    };
    format!("{name}data: {body}\n\n").into_bytes()
}

/// The last event of a chat that failed (Cohere: chat, streamed; `message-end`).
fn cohere_end(code: &str, message: &str) -> Value {
    json!({
        "type": "message-end",
        "delta": {"error": message, "finish_reason": "ERROR"},
        "code": code,
    })
}

fn value(shape: ErrorShape, status: u16, code: &str, message: &str) -> Value {
    match shape {
        ErrorShape::OpenAi => json!({
            "error": {"message": message, "type": openai_type(status), "param": null, "code": code},
        }),
        ErrorShape::Anthropic => json!({
            "type": "error",
            "error": {"type": anthropic_type(status), "message": message, "code": code},
        }),
        ErrorShape::Google => json!({
            "error": {
                "code": status,
                "message": message,
                "status": google_status(status),
                "details": [{
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": code.to_ascii_uppercase(),
                    "domain": DOMAIN,
                }],
            },
        }),
        ErrorShape::Cohere => json!({"message": message, "code": code}),
        ErrorShape::Mistral => json!({
            "object": "error",
            "message": message,
            "type": openai_type(status),
            "param": null,
            "code": code,
        }),
        ErrorShape::Xai => json!({"code": code, "error": message}),
    }
}

const fn openai_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

/// Claude API errors.
const fn anthropic_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        408 | 504 => "timeout_error",
        503 | 529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

/// The canonical codes of `google.rpc.Code` for HTTP statuses.
const fn google_status(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        501 => "UNIMPLEMENTED",
        502 | 503 => "UNAVAILABLE",
        408 | 504 => "DEADLINE_EXCEEDED",
        500.. => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorShape::{Anthropic, Cohere, Google, Mistral, OpenAi, Xai};

    const EVERY: [ErrorShape; 6] = [OpenAi, Anthropic, Google, Cohere, Mistral, Xai];

    fn body(shape: ErrorShape, status: u16) -> Value {
        serde_json::from_slice(&native_error(shape, status, "no_key", "Add a key.")).unwrap()
    }

    #[test]
    fn each_shape_is_its_providers_own() {
        let of_shape = |shape| body(shape, 403);
        let openai =
            json!({"error": {"message": "Add a key.", "type": "permission_error", "param": null, "code": "no_key"}});
        assert_eq!(of_shape(OpenAi), openai);
        let anthropic =
            json!({"type": "error", "error": {"type": "permission_error", "message": "Add a key.", "code": "no_key"}});
        assert_eq!(of_shape(Anthropic), anthropic);
        let google = json!({"error": {
            "code": 403,
            "message": "Add a key.",
            "status": "PERMISSION_DENIED",
            "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "NO_KEY", "domain": "latchkey"}],
        }});
        assert_eq!(of_shape(Google), google);
        assert_eq!(of_shape(Cohere), json!({"message": "Add a key.", "code": "no_key"}));
        let mistral = json!({"object": "error", "message": "Add a key.", "type": "permission_error", "param": null, "code": "no_key"});
        assert_eq!(of_shape(Mistral), mistral);
        assert_eq!(of_shape(Xai), json!({"code": "no_key", "error": "Add a key."}));
    }

    #[test]
    fn the_kind_follows_the_status() {
        for (status, openai, anthropic, google) in [
            (
                400,
                "invalid_request_error",
                "invalid_request_error",
                "INVALID_ARGUMENT",
            ),
            (401, "authentication_error", "authentication_error", "UNAUTHENTICATED"),
            (403, "permission_error", "permission_error", "PERMISSION_DENIED"),
            (404, "invalid_request_error", "not_found_error", "NOT_FOUND"),
            (413, "invalid_request_error", "request_too_large", "INVALID_ARGUMENT"),
            (429, "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED"),
            (500, "server_error", "api_error", "INTERNAL"),
            (502, "server_error", "api_error", "UNAVAILABLE"),
            (503, "server_error", "overloaded_error", "UNAVAILABLE"),
            (504, "server_error", "timeout_error", "DEADLINE_EXCEEDED"),
        ] {
            assert_eq!(body(OpenAi, status)["error"]["type"], openai, "{status}");
            assert_eq!(body(Mistral, status)["type"], openai, "{status}");
            assert_eq!(body(Anthropic, status)["error"]["type"], anthropic, "{status}");
            assert_eq!(body(Google, status)["error"]["status"], google, "{status}");
        }
    }

    #[test]
    fn an_event_is_one_event_whatever_the_message_says() {
        let message = "One\nline.\r\n\r\ndata: {}\n\nevent: done";
        for shape in EVERY {
            let event = String::from_utf8(native_error_event(shape, 504, "upstream_timeout", message)).unwrap();
            let lines: Vec<_> = event.strip_suffix("\n\n").unwrap().split('\n').collect();
            assert_eq!(
                lines.iter().filter(|line| line.starts_with("data: ")).count(),
                1,
                "{event}"
            );
            assert!(!lines.contains(&""), "{event}");
            let data = lines.last().unwrap().strip_prefix("data: ").unwrap();
            let data: Value = serde_json::from_str(data).unwrap();
            assert!(
                data.to_string().to_ascii_lowercase().contains("upstream_timeout"),
                "{event}"
            );
        }
    }

    fn event(shape: ErrorShape) -> String {
        String::from_utf8(native_error_event(shape, 503, "draining", "Shutting down.")).unwrap()
    }

    #[test]
    fn streams_with_named_events_name_it() {
        let data = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Shutting down.", "code": "draining"}});
        assert_eq!(event(Anthropic), format!("event: error\ndata: {data}\n\n"));
        let data = json!({"type": "message-end", "delta": {"error": "Shutting down.", "finish_reason": "ERROR"}, "code": "draining"});
        assert_eq!(event(Cohere), format!("event: message-end\ndata: {data}\n\n"));
    }

    #[test]
    fn streams_in_openais_shape_have_openais_error() {
        let data =
            json!({"error": {"message": "Shutting down.", "type": "server_error", "param": null, "code": "draining"}});
        for shape in [OpenAi, Mistral, Xai] {
            assert_eq!(event(shape), format!("data: {data}\n\n"));
        }
    }

    /// Google's SDK for Python looks at how the chunk begins, and at a number in `code`.
    #[test]
    fn googles_error_begins_the_event() {
        assert!(
            event(Google).starts_with(r#"data: {"error":{"code":503,"#),
            "{}",
            event(Google)
        );
    }
}
