//! What happens when a project's own key cannot serve, in words.

/// When `on_missing` speaks.
pub(super) const WHEN_MISSING: &str = "When there is no key, or it is switched off";

/// When `on_failure` speaks.
pub(super) const WHEN_FAILING: &str = "When the provider refuses the key, or its quota is spent";

/// What can be decided: as forms say it, and what it means.
pub(super) const POLICIES: [(&str, &str); 2] = [
    ("platform", "Use the operator's platform key; each answer says so"),
    ("fail", "Refuse the call with a clear error"),
];

/// What `policy` means.
pub(super) fn meaning(policy: &str) -> &'static str {
    let known = POLICIES.into_iter().find(|(name, _)| *name == policy);
    known.map_or("", |(_, meaning)| meaning)
}
