//! JSON bodies, read field by field. What a caller sent is never quoted: it may be a secret at the wrong place.

use crate::web::MAX_BODY;
use crate::web::problem::{Problem, too_large};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use http_body_util::LengthLimitError;
use secrecy::SecretString;
use serde_json::{Map, Value};
use std::error::Error;

/// The longest name of an unknown field that is repeated.
const LONGEST_PLAIN_NAME: usize = 24;

/// A request's type.
pub(super) trait FromFields: Sized {
    /// Every field it knows.
    const FIELDS: &'static [&'static str];

    /// Takes its fields.
    ///
    /// # Errors
    /// The first field that is missing or of the wrong type.
    fn from_fields(fields: &mut Fields) -> Result<Self, Problem>;
}

/// A JSON object in the body.
#[derive(Debug)]
pub(super) struct JsonBody<T>(pub(super) T);

/// A JSON object in the body, or no body at all, whatever its content type says.
#[derive(Debug)]
pub(super) struct OptionalJsonBody<T>(pub(super) T);

impl<T: FromFields, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        require_json(&parts.headers)?;
        parse(&read(body).await?).map(Self)
    }
}

impl<T: FromFields, S: Send + Sync> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read(body).await?;
        if bytes.trim_ascii().is_empty() {
            return T::from_fields(&mut Fields::of_body(Map::new())).map(Self);
        }
        require_json(&parts.headers)?;
        parse(&bytes).map(Self)
    }
}

/// Reads a body to its end.
///
/// # Errors
/// 413 when it is larger than any call needs; 400 when it breaks off.
pub(super) async fn read(body: Body) -> Result<Bytes, Problem> {
    axum::body::to_bytes(body, MAX_BODY).await.map_err(|error| {
        if is_over_limit(&error) {
            too_large()
        } else {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "incomplete_body",
                "The body broke off. Send it again.",
            )
        }
    })
}

fn is_over_limit(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_over_limit)
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_json = essence
        .strip_prefix("application/")
        .is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"));
    if is_json {
        return Ok(());
    }
    let detail = "Send JSON, with \"Content-Type: application/json\".";
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        detail,
    ))
}

fn parse<T: FromFields>(bytes: &[u8]) -> Result<T, Problem> {
    let value = serde_json::from_slice(bytes).map_err(|error| {
        let detail = format!(
            "The body is no valid JSON (line {}, column {}).",
            error.line(),
            error.column()
        );
        Problem::new(StatusCode::BAD_REQUEST, "invalid_json", detail)
    })?;
    let Value::Object(values) = value else {
        let detail = format!("The body must be a JSON object with {}.", listed(T::FIELDS));
        return Err(Problem::new(StatusCode::BAD_REQUEST, "invalid_input", detail));
    };
    refuse_unknown::<T>(&values, "field")?;
    T::from_fields(&mut Fields::of_body(values))
}

/// Refuses names that the type does not know. `kind` is what they are the names of.
pub(super) fn refuse_unknown<T: FromFields>(values: &Map<String, Value>, kind: &str) -> Result<(), Problem> {
    match values.keys().find(|name| !T::FIELDS.contains(&name.as_str())) {
        Some(name) => Err(unknown(name, kind, T::FIELDS)),
        None => Ok(()),
    }
}

/// A name that could be a secret is not repeated: only short plain words are.
fn unknown(name: &str, kind: &str, known: &[&str]) -> Problem {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let known = listed(known);
    if (1..=LONGEST_PLAIN_NAME).contains(&name.len()) && name.bytes().all(plain) {
        let message = format!("There is no {kind} \"{name}\" here; there is {known}.");
        Problem::at_field(name.to_owned(), message)
    } else {
        let detail = format!("There is a {kind} that is not known here; there is {known}.");
        Problem::new(StatusCode::BAD_REQUEST, "invalid_input", detail)
    }
}

fn listed(fields: &[&str]) -> String {
    if fields.is_empty() {
        return "none".to_owned();
    }
    fields
        .iter()
        .map(|field| format!("\"{field}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The fields of a JSON object, where `null` means that a field is not there; or the parameters of a query, all of
/// which are texts.
pub(super) struct Fields {
    values: Map<String, Value>,
    is_query: bool,
}

impl Fields {
    /// Those of a body.
    const fn of_body(values: Map<String, Value>) -> Self {
        Self {
            values,
            is_query: false,
        }
    }

    /// Those of a query.
    pub(super) const fn of_query(values: Map<String, Value>) -> Self {
        Self { values, is_query: true }
    }

    /// A secret that must be there.
    pub(super) fn secret(&mut self, field: &'static str) -> Result<SecretString, Problem> {
        self.required_text(field).map(SecretString::from)
    }

    /// A text that must be there.
    pub(super) fn required_text(&mut self, field: &'static str) -> Result<String, Problem> {
        self.text(field)?.ok_or_else(|| missing(field))
    }

    /// A text.
    pub(super) fn text(&mut self, field: &'static str) -> Result<Option<String>, Problem> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::at_field(field, "Send a text, in quotation marks.")),
        }
    }

    /// A yes or no that must be there.
    pub(super) fn required_flag(&mut self, field: &'static str) -> Result<bool, Problem> {
        self.flag(field)?.ok_or_else(|| missing(field))
    }

    /// A yes or no.
    pub(super) fn flag(&mut self, field: &'static str) -> Result<Option<bool>, Problem> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(Value::String(word)) if self.is_query && (word == "true" || word == "false") => {
                Ok(Some(word == "true"))
            }
            Some(_) => Err(Problem::at_field(field, "Send true or false.")),
        }
    }

    /// A number of things; one too large to count is the largest there is.
    pub(super) fn count(&mut self, field: &'static str) -> Result<Option<u32>, Problem> {
        let Some(value) = self.take(field) else { return Ok(None) };
        let number = match &value {
            Value::String(digits) if self.is_query => digits.parse().ok(),
            value => value.as_u64(),
        };
        let number = number.ok_or_else(|| Problem::at_field(field, "Send a whole number, 0 or more."))?;
        Ok(Some(u32::try_from(number).unwrap_or(u32::MAX)))
    }

    /// Whether a field is there, and not null.
    pub(super) fn has(&self, field: &'static str) -> bool {
        self.values.get(field).is_some_and(|value| !value.is_null())
    }

    /// A list of texts; none when it is not there.
    pub(super) fn texts(&mut self, field: &'static str) -> Result<Vec<String>, Problem> {
        let Some(value) = self.take(field) else {
            return Ok(Vec::new());
        };
        serde_json::from_value(value).map_err(|_| Problem::at_field(field, "Send a list of texts."))
    }

    /// A list of objects; none when it is not there. What is wrong with one of them is wrong with the list.
    pub(super) fn objects<T: FromFields>(&mut self, field: &'static str) -> Result<Vec<T>, Problem> {
        let objects = match self.take(field) {
            None => Vec::new(),
            Some(Value::Array(objects)) => objects,
            Some(_) => return Err(Problem::at_field(field, "Send a list of objects.")),
        };
        let read = |object| match object {
            Value::Object(values) => {
                refuse_unknown::<T>(&values, "field")?;
                T::from_fields(&mut Fields::of_body(values))
            }
            _ => Err(Problem::at_field(field, "Send a list of objects.")),
        };
        objects.into_iter().map(read).collect()
    }

    fn take(&mut self, field: &str) -> Option<Value> {
        self.values.remove(field).filter(|value| !value.is_null())
    }
}

fn missing(field: &'static str) -> Problem {
    Problem::at_field(field, format!("The body needs the field \"{field}\"."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use secrecy::ExposeSecret;

    #[derive(Debug)]
    struct Example {
        api_key: SecretString,
        expires_days: Option<u32>,
    }

    impl FromFields for Example {
        const FIELDS: &'static [&'static str] = &["api_key", "expires_days"];

        fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
            Ok(Self {
                api_key: fields.secret("api_key")?,
                expires_days: fields.count("expires_days")?,
            })
        }
    }

    fn refused(body: &str) -> Problem {
        parse::<Example>(body.as_bytes()).unwrap_err()
    }

    #[test]
    fn fields_are_read_by_name_and_null_is_none() {
        let read = parse::<Example>(br#"{"api_key": "sk-FAKE", "expires_days": null}"#).unwrap();
        assert_eq!((read.api_key.expose_secret(), read.expires_days), ("sk-FAKE", None));
        let read = parse::<Example>(br#"{"api_key": "sk-FAKE", "expires_days": 99999999999}"#).unwrap();
        assert_eq!(read.expires_days, Some(u32::MAX), "the service says what is too many");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, code, field) in [
            (r"{}", "invalid_input", Some("api_key")),
            (r#"{"api_key": 1}"#, "invalid_input", Some("api_key")),
            (
                r#"{"api_key": "k", "expires_days": -1}"#,
                "invalid_input",
                Some("expires_days"),
            ),
            (
                r#"{"api_key": "k", "expires_days": 1.5}"#,
                "invalid_input",
                Some("expires_days"),
            ),
            (r#"{"api_key": "k", "colour": 1}"#, "invalid_input", Some("colour")),
            (r#"["sk-FAKE"]"#, "invalid_input", None),
            (r#"{"api_key": "#, "invalid_json", None),
            ("", "invalid_json", None),
        ] {
            let problem = refused(body);
            let fields: Vec<_> = problem.errors.iter().map(|error| &*error.field).collect();
            assert_eq!((problem.code, fields.first().copied()), (code, field), "{body}");
        }
    }

    #[test]
    fn nothing_that_was_sent_is_quoted() {
        for body in [
            r#"{"api_key": ["sk-proj-FAKE0123456789"]}"#,
            r#"{"sk-proj-FAKE0123456789": 1}"#,
            r#"{"FAKE": 1}"#,
            r#""sk-proj-FAKE0123456789""#,
            r#"{"api_key": "sk-proj-FAKE0123456789"#,
        ] {
            assert!(!format!("{:?}", refused(body)).contains("FAKE"), "{body}");
        }
    }

    #[test]
    fn json_is_what_says_so() {
        let is_json = |value: &'static str| {
            require_json(&HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))])).is_ok()
        };
        assert!(is_json("application/json"));
        assert!(is_json("Application/JSON; charset=utf-8"));
        assert!(is_json("application/merge-patch+json"));
        assert!(!is_json("text/plain"));
        assert!(!is_json("application/x-www-form-urlencoded"));
        assert!(require_json(&HeaderMap::new()).is_err());
    }
}
