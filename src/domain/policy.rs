//! Whose key serves when a project's own does not.

use std::fmt;
use std::str::FromStr;

/// What happens when a project's own key cannot serve.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fallback {
    /// The operator's platform key serves.
    Platform,
    /// The call fails, and says why.
    Fail,
}

impl Fallback {
    /// As the database and the API write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Fallback::Platform => "platform",
            Fallback::Fail => "fail",
        }
    }
}

impl fmt::Display for Fallback {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Fallback {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "platform" => Ok(Fallback::Platform),
            "fail" => Ok(Fallback::Fail),
            _ => Err(()),
        }
    }
}

/// What somebody decided; `None` where nobody did.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct FallbackChoice {
    /// When there is no key, or it is switched off.
    pub on_missing: Option<Fallback>,
    /// When the key is refused by its provider, or its quota is spent.
    pub on_failure: Option<Fallback>,
}

/// What holds for a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FallbackPolicy {
    /// When there is no key, or it is switched off.
    pub on_missing: Fallback,
    /// When the key is refused by its provider, or its quota is spent.
    pub on_failure: Fallback,
}

impl FallbackPolicy {
    /// Nothing but the project's own key serves.
    pub const NONE: Self = Self {
        on_missing: Fallback::Fail,
        on_failure: Fallback::Fail,
    };

    /// The key's own choice, else its project's, else the platform key; and never the platform key
    /// where the operator does not allow it.
    #[must_use]
    pub fn of(operator_allows: bool, project: FallbackChoice, key: FallbackChoice) -> Self {
        if !operator_allows {
            return Self::NONE;
        }
        let choose = |key: Option<Fallback>, project: Option<Fallback>| key.or(project).unwrap_or(Fallback::Platform);
        Self {
            on_missing: choose(key.on_missing, project.on_missing),
            on_failure: choose(key.on_failure, project.on_failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrower_choice_wins_and_the_operator_decides_first() {
        let project = FallbackChoice {
            on_missing: Some(Fallback::Fail),
            on_failure: None,
        };
        let key = FallbackChoice {
            on_missing: None,
            on_failure: Some(Fallback::Fail),
        };
        let both = FallbackPolicy::of(true, project, key);
        assert_eq!((both.on_missing, both.on_failure), (Fallback::Fail, Fallback::Fail));
        let neither = FallbackPolicy::of(true, FallbackChoice::default(), FallbackChoice::default());
        assert_eq!(neither.on_missing, Fallback::Platform);
        let asks = FallbackChoice {
            on_missing: Some(Fallback::Platform),
            on_failure: Some(Fallback::Platform),
        };
        let forbidden = FallbackPolicy::of(false, asks, asks);
        assert_eq!(
            (forbidden.on_missing, forbidden.on_failure),
            (Fallback::Fail, Fallback::Fail)
        );
    }
}
