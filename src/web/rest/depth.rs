//! How thoroughly a key is tested, in bodies of JSON.

use super::body::{Fields, FromFields};
use crate::service::keys::Depth;
use crate::web::problem::Problem;
use utoipa::ToSchema;

#[derive(ToSchema)]
pub(super) struct DepthBody {
    /// Spend a token where a list of models proves too little.
    #[schema(required = false, default = false)]
    deep: bool,
}

impl DepthBody {
    pub(super) const fn depth(&self) -> Depth {
        if self.deep { Depth::Deep } else { Depth::Listed }
    }
}

impl FromFields for DepthBody {
    const FIELDS: &'static [&'static str] = &["deep"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            deep: fields.flag("deep")?.unwrap_or(false),
        })
    }
}
