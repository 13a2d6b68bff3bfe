//! What a form did, told to the page that follows where no script runs.

use super::UiError;
use serde::{Deserialize, Serialize};

/// The outcome of the last form, read once. Kept in the server-side session, never in a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// The server function's endpoint name, such as `save_key`.
    pub function: String,
    /// The form's fields that are no secrets, so that nothing has to be typed twice.
    pub fields: Vec<(String, String)>,
    /// What came of it.
    pub outcome: FlashOutcome,
}

/// What came of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlashOutcome {
    /// It was done; the server function's answer as JSON.
    Done(String),
    /// It was refused.
    Refused(UiError),
}

impl Flash {
    /// A field of the form.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(field, _)| field == name)?;
        Some(value)
    }

    /// The error, where `function` was called with `field` being `value`.
    #[must_use]
    pub fn refused(&self, function: &str, field: &str, value: &str) -> Option<&UiError> {
        match &self.outcome {
            FlashOutcome::Refused(error) if self.function == function && self.field(field) == Some(value) => {
                Some(error)
            }
            _ => None,
        }
    }

    /// The error of `function`, where it was the last one called and refused.
    #[must_use]
    pub fn refused_by(&self, function: &str) -> Option<&UiError> {
        match &self.outcome {
            FlashOutcome::Refused(error) if self.function == function => Some(error),
            _ => None,
        }
    }

    /// The answer of `function`, where it was the last one called and succeeded.
    #[must_use]
    pub fn done<Answer: for<'de> Deserialize<'de>>(&self, function: &str) -> Option<Answer> {
        match &self.outcome {
            FlashOutcome::Done(json) if self.function == function => serde_json::from_str(json).ok(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Flash, FlashOutcome};
    use crate::contract::{ErrorCode, UiError};

    fn flash(outcome: FlashOutcome) -> Flash {
        let fields = vec![("provider".to_owned(), "openai".to_owned())];
        Flash {
            function: "save_key".to_owned(),
            fields,
            outcome,
        }
    }

    #[test]
    fn a_refusal_is_told_to_its_own_form_only() {
        let error = UiError::new(ErrorCode::InvalidApiKey, "OpenAI refused this key.");
        let flash = flash(FlashOutcome::Refused(error.clone()));
        assert_eq!(flash.refused("save_key", "provider", "openai"), Some(&error));
        assert_eq!(flash.refused("save_key", "provider", "mistral"), None);
        assert_eq!(flash.refused("test_key", "provider", "openai"), None);
        assert_eq!(flash.refused_by("save_key"), Some(&error));
        assert_eq!(flash.refused_by("sign_in"), None);
    }

    #[test]
    fn an_answer_is_read_only_where_it_belongs_and_fits() {
        let flash = flash(FlashOutcome::Done("7".to_owned()));
        assert_eq!(flash.done::<u8>("save_key"), Some(7));
        assert_eq!(flash.done::<u8>("test_key"), None);
        assert_eq!(flash.done::<String>("save_key"), None);
        assert_eq!(flash.refused_by("save_key"), None);
    }
}
