//! What a plural command fails of, and what the program ends with then.

use serde::Deserialize;
use std::error::Error;
use std::{fmt, io};

/// What the program ends with; these stay as they are, since scripts rely on them. 0 is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It failed, on Latchkey's side or on this machine.
    Failed = 1,
    /// What was asked for cannot be understood: the command line, a file, a value.
    Usage = 2,
    /// Nobody is signed in, or the token may not do this.
    NotAllowed = 3,
    /// There is no such thing.
    Missing = 4,
    /// Somebody else changed it meanwhile, or things stand against it.
    Conflict = 5,
    /// The provider does not take the key.
    ProviderRefused = 6,
    /// Latchkey or the provider cannot be reached, or not now; later may do.
    Unreachable = 7,
    /// `keys apply --plan`: something would change.
    WouldChange = 8,
}

/// Why a command was not done.
#[derive(Debug)]
pub struct Failure {
    /// What the program ends with.
    pub exit: Exit,
    message: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// A problem (RFC 9457), as Latchkey's API tells it.
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    code: String,
    #[serde(default)]
    detail: String,
    request_id: Option<String>,
    #[serde(default)]
    errors: Vec<FieldProblem>,
}

#[derive(Debug, Deserialize)]
struct FieldProblem {
    field: String,
    message: String,
}

impl Failure {
    /// A failure that is told as `message`.
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            cause: None,
        }
    }

    /// What was asked for cannot be understood.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The same failure, told with its cause.
    pub(super) fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The same failure, with what was being done in front.
    pub(super) fn while_doing(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Whether there is anything to tell besides what the program ends with.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.exit != Exit::WouldChange
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(Exit::Failed, "the answer cannot be written").because(error)
    }
}

impl Problem {
    /// Whether it is about this field of the request.
    fn is_about(&self, field: &str) -> bool {
        self.errors.iter().any(|error| error.field == field)
    }

    /// Whether a name was wanted that another key has; the API says so at the field.
    pub(super) fn is_about_the_name(&self) -> bool {
        self.is_about("name")
    }

    /// The failure that this problem, answered with `status`, is, in one line.
    pub(super) fn into_failure(self, status: u16) -> Failure {
        let exit = match (status, self.code.as_str()) {
            (_, "invalid_api_key") => Exit::ProviderRefused,
            (_, "invalid_input") => Exit::Usage,
            (401 | 403, _) => Exit::NotAllowed,
            (404, _) => Exit::Missing,
            (409 | 412, _) => Exit::Conflict,
            (429 | 502..=504, _) => Exit::Unreachable,
            _ => Exit::Failed,
        };
        let fields: Vec<_> = self
            .errors
            .iter()
            .map(|error| format!("{}: {}", error.field, error.message))
            .collect();
        let told = if fields.is_empty() {
            self.detail
        } else {
            fields.join(" ")
        };
        let request = self.request_id.map(|id| format!(", request {id}")).unwrap_or_default();
        Failure::new(exit, plain(&format!("{told} ({}{request})", self.code)))
    }
}

/// A text of elsewhere without what would steer the terminal, on one line.
pub(super) fn plain(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\n' | '\t' => ' ',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, problem: serde_json::Value) -> (Exit, String) {
        let problem: Problem = serde_json::from_value(problem).unwrap();
        let failure = problem.into_failure(status);
        (failure.exit, failure.to_string())
    }

    #[test]
    fn a_problem_is_one_line_with_its_request() {
        let problem = serde_json::json!({
            "code": "invalid_api_key", "detail": "OpenAI refused this key.\n\u{1b}[31mNo.", "request_id": "019a"
        });
        let line = "OpenAI refused this key. \u{fffd}[31mNo. (invalid_api_key, request 019a)";
        assert_eq!(told(400, problem), (Exit::ProviderRefused, line.to_owned()));
        let problem = serde_json::json!({
            "code": "invalid_input", "detail": "Take another.", "errors": [
                {"field": "name", "message": "Take another."}, {"field": "secret", "message": "Paste a key."}
            ]
        });
        let line = "name: Take another. secret: Paste a key. (invalid_input)";
        assert_eq!(told(400, problem), (Exit::Usage, line.to_owned()));
    }

    #[test]
    fn each_kind_of_problem_has_its_end() {
        let exit = |status, code: &str| told(status, serde_json::json!({ "code": code })).0;
        for (status, code, expected) in [
            (401, "unauthenticated", Exit::NotAllowed),
            (403, "insufficient_scope", Exit::NotAllowed),
            (404, "not_found", Exit::Missing),
            (409, "conflict", Exit::Conflict),
            (412, "precondition_failed", Exit::Conflict),
            (429, "too_many_requests", Exit::Unreachable),
            (502, "provider_unreachable", Exit::Unreachable),
            (503, "unavailable", Exit::Unreachable),
            (504, "provider_timeout", Exit::Unreachable),
            (500, "internal", Exit::Failed),
        ] {
            assert_eq!(exit(status, code), expected, "{code}");
        }
    }
}
