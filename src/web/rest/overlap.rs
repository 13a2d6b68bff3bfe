//! How long what was rotated out still works, in bodies of JSON.

use super::body::Fields;
use crate::domain::Overlap;
use crate::web::problem::Problem;
use utoipa::ToSchema;

/// Not at all, an hour, a day, seven days.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the domain reads")]
pub(super) enum OverlapName {
    #[schema(rename = "now")]
    Now,
    #[schema(rename = "1h")]
    Hour,
    #[schema(rename = "24h")]
    Day,
    #[schema(rename = "7d")]
    Week,
}

/// The field `overlap`, a day without it.
pub(super) fn of(fields: &mut Fields) -> Result<Overlap, Problem> {
    let unknown = |()| Problem::at_field("overlap", "Send now, 1h, 24h or 7d.");
    let overlap = fields.text("overlap")?.map(|text| text.parse()).transpose();
    Ok(overlap.map_err(unknown)?.unwrap_or_default())
}
