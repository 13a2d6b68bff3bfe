//! Which calls are asked for.

use crate::service::usage::CallFilter;
use crate::web::problem::Problem;
use crate::web::rest::body::{Fields, FromFields};
use crate::web::rest::moment;
use std::str::FromStr;
use utoipa::IntoParams;

/// Which calls to look for; what is left out looks for any.
#[derive(IntoParams)]
#[expect(dead_code, reason = "describes what is read into the service's filter")]
pub(super) struct FilterDocs {
    /// Not before this time.
    #[param(format = DateTime, example = "2026-11-21T00:00:00Z")]
    from: Option<String>,
    /// Before this time.
    #[param(format = DateTime, example = "2026-11-22T00:00:00Z")]
    to: Option<String>,
    /// To the provider of this slug.
    #[param(example = "openai")]
    provider: Option<String>,
    /// Asked for or answered by this model.
    #[param(example = "gpt-4o-mini")]
    model: Option<String>,
    /// Served by whose key: `byok` or `platform`.
    #[param(example = "byok")]
    source: Option<String>,
    /// `ok`, `failed`, or a status such as 429.
    #[param(example = "failed")]
    status: Option<String>,
    /// With the token of this id.
    #[param(format = Uuid)]
    token: Option<String>,
    /// Of this series.
    #[param(example = "nightly")]
    session: Option<String>,
    /// With this label: name=value.
    #[param(example = "env=prod")]
    label: Option<String>,
}

/// The parameters of a filter.
pub(super) const FIELDS: [&str; 9] = [
    "from", "to", "provider", "model", "source", "status", "token", "session", "label",
];

/// The service's filter.
pub(super) struct Filter(pub(super) CallFilter);

impl FromFields for Filter {
    const FIELDS: &'static [&'static str] = &FIELDS;

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        let label = fields.text("label")?.map(|label| {
            let (name, value) = label.split_once('=')?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        });
        if label == Some(None) {
            return Err(Problem::at_field(
                "label",
                "Write a label as name=value, such as env=prod.",
            ));
        }
        Ok(Self(CallFilter {
            from: moment::read(fields, "from")?,
            to: moment::read(fields, "to")?,
            provider: read(fields, "provider", "There is no such provider.")?,
            model: fields.text("model")?,
            key_source: read(fields, "source", "Send byok or platform.")?,
            status: read(fields, "status", "Send ok, failed, or a status such as 429.")?,
            token: read(fields, "token", "Send a token's id.")?,
            session: fields.text("session")?,
            label: label.flatten(),
        }))
    }
}

impl IntoParams for Filter {
    fn into_params(
        place: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        FilterDocs::into_params(place)
    }
}

fn read<T: FromStr>(fields: &mut Fields, field: &'static str, otherwise: &str) -> Result<Option<T>, Problem> {
    let text = fields.text(field)?;
    let parse = |text: String| text.parse().map_err(|_| Problem::at_field(field, otherwise));
    text.map(parse).transpose()
}
