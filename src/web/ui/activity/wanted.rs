//! From the address's words to a question to the service.

use super::window::Window;
use crate::service::usage::CallFilter;
use app::contract::ActivityFilter;
use std::str::FromStr;

/// The service's filter; what cannot be read of the address's, in words.
pub(super) fn wanted(filter: &ActivityFilter, window: Window) -> Result<CallFilter, String> {
    let label = match filter.label.as_str() {
        "" => None,
        label => Some(
            label
                .split_once('=')
                .ok_or("Write a label as name=value, such as env=prod.")?,
        ),
    };
    Ok(CallFilter {
        from: window.from,
        to: window.to,
        provider: read(&filter.provider, "There is no such provider.")?,
        model: text(&filter.model),
        key_source: read(&filter.source, "The key is one of byok and platform.")?,
        status: read(&filter.status, "The status is ok, failed, or a number such as 429.")?,
        token: read(
            &filter.token,
            "There is no such token. Its id looks as the Tokens page's addresses do.",
        )?,
        session: text(&filter.session),
        label: label.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())),
    })
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn read<Value: FromStr>(text: &str, otherwise: &str) -> Result<Option<Value>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| otherwise.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::usage::StatusFilter;

    fn filter(change: fn(&mut ActivityFilter)) -> Result<CallFilter, String> {
        let mut filter = ActivityFilter::default();
        change(&mut filter);
        wanted(&filter, Window::default())
    }

    #[test]
    fn what_is_empty_filters_nothing() {
        assert_eq!(filter(|_| {}), Ok(CallFilter::default()));
    }

    #[test]
    fn words_are_read_or_explained() {
        let failed = filter(|filter| filter.status = "failed".to_owned()).unwrap();
        assert_eq!(failed.status, Some(StatusFilter::Failed));
        let label = filter(|filter| filter.label = "env = prod".to_owned()).unwrap();
        assert_eq!(label.label, Some(("env".to_owned(), "prod".to_owned())));
        assert!(
            filter(|filter| filter.label = "prod".to_owned())
                .unwrap_err()
                .contains("env=prod")
        );
        assert!(
            filter(|filter| filter.source = "mine".to_owned())
                .unwrap_err()
                .contains("byok")
        );
        assert!(filter(|filter| filter.token = "mine".to_owned()).is_err());
    }
}
