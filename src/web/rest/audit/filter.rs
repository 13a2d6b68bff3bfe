//! Which events are asked for.

use crate::service::audit::AuditFilter;
use crate::web::problem::Problem;
use crate::web::rest::body::{Fields, FromFields};
use crate::web::rest::moment;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

/// Which events to look for; what is left out looks for any.
#[derive(IntoParams)]
#[expect(dead_code, reason = "describes what is read into the service's filter")]
struct FilterDocs {
    /// What happened.
    #[param(example = "key.replaced")]
    event: Option<String>,
    /// Who did it: the id of a person or a token.
    #[param(format = Uuid)]
    actor: Option<String>,
    /// What it was done to: its id.
    #[param(example = "019aa5d2-0a5f-7c7e-b8c3-1a2b3c4d5e6f")]
    target: Option<String>,
    /// Not before this time.
    #[param(format = DateTime, example = "2026-11-21T00:00:00Z")]
    from: Option<String>,
    /// Before this time.
    #[param(format = DateTime, example = "2026-11-22T00:00:00Z")]
    to: Option<String>,
}

/// The service's filter.
pub(super) struct Filter(pub(super) AuditFilter);

impl FromFields for Filter {
    const FIELDS: &'static [&'static str] = &["event", "actor", "target", "from", "to"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        let actor = fields.text("actor")?.map(|id| id.parse());
        let unreadable = |_| Problem::at_field("actor", "Send the id of a person or a token.");
        Ok(Self(AuditFilter {
            event: fields.text("event")?,
            actor: actor.transpose().map_err(unreadable)?,
            target: fields.text("target")?,
            from: moment::read(fields, "from")?,
            to: moment::read(fields, "to")?,
        }))
    }
}

impl IntoParams for Filter {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        FilterDocs::into_params(place)
    }
}
