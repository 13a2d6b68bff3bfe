//! What is wrong with the configuration, all of it at once.

use std::fmt;

/// One variable that cannot be used as it is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{variable}: {problem}; {instead}")]
pub struct ConfigError {
    /// The variable's name.
    pub variable: String,
    /// What is wrong; never quotes a secret.
    pub problem: String,
    /// What to write instead.
    pub instead: String,
}

/// Everything that is wrong, in the order of the variables' table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the configuration cannot be used:")?;
        self.0.iter().try_for_each(|error| write!(formatter, "\n  {error}"))
    }
}

impl std::error::Error for ConfigErrors {}
