//! What became of a call that failed, and what to do about it.

use app::contract::{AdviceView, LinkView};

/// Where something is mended.
#[derive(Clone, Copy)]
enum Place {
    Keys,
    Tokens,
    Settings,
    /// At the provider, in the application, or not at all.
    Elsewhere,
}

/// One of Latchkey's own codes.
struct Known {
    code: &'static str,
    /// `{provider}` stands for the provider's name.
    title: &'static str,
    words: &'static str,
    mended_at: Place,
}

const fn known(code: &'static str, mended_at: Place, title: &'static str, words: &'static str) -> Known {
    Known {
        code,
        title,
        words,
        mended_at,
    }
}

const KNOWN: &[Known] = &[
    known(
        "no_key",
        Place::Keys,
        "There was no key for {provider}",
        "The project has none, and no platform key may serve in its place. Nothing was sent. Add a key; calls use it at once.",
    ),
    known(
        "key_disabled",
        Place::Keys,
        "The key for {provider} was switched off",
        "Nothing was sent. Enable the key on its card, or let the platform key serve meanwhile.",
    ),
    known(
        "key_rejected",
        Place::Keys,
        "{provider} refused the project's key",
        "Calls fail until the key is replaced. Its card has the provider's own words.",
    ),
    known(
        "key_exhausted",
        Place::Keys,
        "The key's quota is spent",
        "Calls wait until the provider accepts the key again; its card says when it is tried. Top up at the provider, then test the key.",
    ),
    known(
        "key_unreadable",
        Place::Keys,
        "The stored key for {provider} does not open",
        "The operator has been alarmed. Bring the key again, and calls work at once.",
    ),
    known(
        "platform_key_failed",
        Place::Keys,
        "The platform key for {provider} did not serve",
        "The provider refused the operator's key or its quota is spent, which is for the operator to mend. Calls work with a key of your own.",
    ),
    known(
        "platform_key_refused",
        Place::Keys,
        "The platform key does not carry this call",
        "It reaches into what a provider's account keeps, such as stored answers, files and fine-tuned models. The platform key is shared, so it does not; bring a key of your own.",
    ),
    known(
        "insufficient_scope",
        Place::Tokens,
        "The token may not do this",
        "It lacks a scope; models are called with use:gateway. Create a token that has it.",
    ),
    known(
        "path_not_open",
        Place::Settings,
        "This part of the provider's API is closed",
        "Calls reach the paths that call models. The rest can be opened in the project's settings, for calls with your own key.",
    ),
    known(
        "project_needed",
        Place::Elsewhere,
        "The call named no project",
        "A token of the whole organization says for which project it calls, in the header x-latchkey-project.",
    ),
    known(
        "not_found",
        Place::Elsewhere,
        "There is nothing at this path",
        "Look at the base URL that the application uses. Nothing was sent to the provider.",
    ),
    known(
        "method_not_allowed",
        Place::Elsewhere,
        "This path takes another method",
        "Look at how the application calls it. Nothing was sent to the provider.",
    ),
    known(
        "not_spoken_by_provider",
        Place::Elsewhere,
        "{provider} does not speak this shape",
        "Use the provider's native path; the answer that the application got names it.",
    ),
    known(
        "limit_reached",
        Place::Elsewhere,
        "A limit was reached",
        "Too many calls at once with this token, or too many in a minute with platform keys. Wait a moment and try again; a key of your own is not held to the second.",
    ),
    known(
        "request_too_large",
        Place::Elsewhere,
        "The request was too large",
        "Send less in one call, or ask the operator to raise the limit.",
    ),
    known(
        "request_timeout",
        Place::Elsewhere,
        "The request did not arrive in time",
        "Its body stopped coming. Look at the network between the application and Latchkey.",
    ),
    known(
        "invalid_request",
        Place::Elsewhere,
        "The request could not be read",
        "The answer said what is wrong with it. Nothing was sent to the provider.",
    ),
    known(
        "upstream_timeout",
        Place::Elsewhere,
        "{provider} did not answer in time",
        "Nothing is known of what it did with the request. Try again; the provider's status page may say more.",
    ),
    known(
        "upstream_unreachable",
        Place::Elsewhere,
        "{provider} could not be reached, or broke off its answer",
        "What had come until then was passed on. Try again; the provider's status page may say more.",
    ),
    known(
        "stream_error",
        Place::Elsewhere,
        "{provider} told of an error within its stream",
        "What had come until then was passed on, and the error with it. Try again.",
    ),
    known(
        "shutting_down",
        Place::Elsewhere,
        "Latchkey was being restarted",
        "The answer took longer than a restart waits. Try again.",
    ),
    known(
        "unavailable",
        Place::Elsewhere,
        "Latchkey could not look up the token or key",
        "Its database was away. Nothing was sent; try again.",
    ),
];

/// What became of a call that failed, and what to do. `code` is Latchkey's own, where it refused or failed;
/// `project` is the project's slug.
pub(super) fn advice(status: u16, code: Option<&str>, provider: &str, project: &str) -> Option<AdviceView> {
    let Some(code) = code else {
        return provider_says(status, provider);
    };
    let known = KNOWN.iter().find(|known| known.code == code);
    let (title, words, place) = known.map_or(
        (
            "The call failed",
            "The answer that the application got says more.",
            Place::Elsewhere,
        ),
        |known| (known.title, known.words, known.mended_at),
    );
    let link = |label: &str, page: &str| {
        Some(LinkView {
            label: label.to_owned(),
            href: format!("/projects/{project}/{page}"),
        })
    };
    Some(AdviceView {
        title: title.replace("{provider}", provider),
        words: words.to_owned(),
        link: match place {
            Place::Keys => link("Provider keys", "keys"),
            Place::Tokens => link("Tokens", "tokens"),
            Place::Settings => link("Settings", "settings"),
            Place::Elsewhere => None,
        },
    })
}

/// What a provider's own error means, as far as its status tells.
fn provider_says(status: u16, provider: &str) -> Option<AdviceView> {
    let words = match status {
        0..=399 => return None,
        400 | 422 => "Something in the request does not fit. The answer that the application got says what.",
        401 | 403 => "The provider did not permit this. The answer that the application got says why.",
        404 => "There is no such model or path, or this key may not use it.",
        408 | 504 => "It took too long. Try again.",
        413 => "The request was too large for the provider.",
        429 => "Too many calls, or the quota is spent. The answer's Retry-After says when to come back.",
        500..=599 => "The provider failed. Try again; its status page may say more.",
        _ => "The answer that the application got says why.",
    };
    Some(AdviceView {
        title: format!("{provider} answered {status}"),
        words: words.to_owned(),
        link: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_to_do_and_where() {
        let advice = |status, code| advice(status, code, "OpenAI", "chat-eu");
        assert_eq!(advice(200, None), None);
        let missing = advice(403, Some("no_key")).unwrap();
        assert_eq!(missing.title, "There was no key for OpenAI");
        assert_eq!(missing.link.unwrap().href, "/projects/chat-eu/keys");
        assert_eq!(advice(503, None).unwrap().title, "OpenAI answered 503");
        assert_eq!(advice(418, Some("something new")).unwrap().title, "The call failed");
    }

    #[test]
    fn a_code_is_explained_once() {
        let mut codes: Vec<_> = KNOWN.iter().map(|known| known.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), KNOWN.len());
    }
}
