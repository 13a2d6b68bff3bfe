//! Queries, read parameter by parameter, as strictly as bodies.

use super::body::{Fields, FromFields, refuse_unknown};
use crate::web::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde_json::{Map, Value};
use url::form_urlencoded;

/// The parameters of a query.
#[derive(Debug)]
pub(super) struct Query<T>(pub(super) T);

impl<T: FromFields, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn parse<T: FromFields>(query: &str) -> Result<T, Problem> {
    let mut values = Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if values
            .insert(name.into_owned(), Value::String(value.into_owned()))
            .is_some()
        {
            return Err(Problem::at_field("query", "Send each parameter once."));
        }
    }
    refuse_unknown::<T>(&values, "parameter")?;
    T::from_fields(&mut Fields::of_query(values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::rest::paging::Page;

    #[test]
    fn a_query_is_read_or_explained() {
        let page: Page = parse("limit=7&cursor=abc").unwrap();
        assert_eq!((page.limit, page.cursor.as_deref()), (7, Some("abc")));
        let page: Page = parse("").unwrap();
        assert_eq!((page.limit, page.cursor), (50, None));
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=many", "limit"),
            ("limit=", "limit"),
            ("colour=1", "colour"),
            ("limit=1&limit=2", "query"),
        ] {
            let problem = parse::<Page>(query).unwrap_err();
            assert_eq!(
                (problem.code, &*problem.errors[0].field),
                ("invalid_input", field),
                "{query}"
            );
        }
    }
}
