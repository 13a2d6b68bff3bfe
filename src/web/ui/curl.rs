//! Ready-made calls, to be pasted into a shell.

/// A first call of a model. `token` is a token, or the name of a variable that holds one; `project`
/// is named for tokens of the whole organization.
pub(super) fn of_a_model(base_url: &str, token: &str, project: Option<&str>) -> String {
    let project = project.map_or_else(String::new, |project| {
        format!(" \\\n  -H 'x-latchkey-project: {project}'")
    });
    // Double quotes, so that a variable is filled in.
    format!(
        "curl {base_url}/gateway/openai/v1/chat/completions \\\n  \
         -H \"Authorization: Bearer {token}\"{project} \\\n  \
         -H 'Content-Type: application/json' \\\n  \
         -d '{{\"model\": \"gpt-4o-mini\", \"messages\": [{{\"role\": \"user\", \"content\": \"Say hello.\"}}]}}'"
    )
}

/// The keys of a project, without their secrets.
pub(super) fn of_the_keys(base_url: &str, token: &str, project: &str) -> String {
    format!("curl -H 'Authorization: Bearer {token}' {base_url}/api/v1/projects/{project}/byok-keys")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_names_its_project_where_the_token_does_not() {
        let call = of_a_model("http://127.0.0.1:3000", "$LATCHKEY_TOKEN", None);
        assert!(call.starts_with("curl http://127.0.0.1:3000/gateway/openai/v1/chat/completions \\\n"));
        assert!(call.contains("\"Authorization: Bearer $LATCHKEY_TOKEN\""));
        assert!(!call.contains("x-latchkey-project"));
        let named = of_a_model("http://127.0.0.1:3000", "lk_api_fake", Some("chat-eu"));
        assert!(named.contains("-H 'x-latchkey-project: chat-eu' \\\n"));
    }
}
