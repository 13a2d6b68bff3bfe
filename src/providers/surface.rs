//! What the gateway needs to know of a provider's API: which paths call models, who speaks OpenAI's shapes,
//! how usage is reported, how errors are written.

use reqwest::Method;

/// What a call does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operation {
    /// In the words of usage events: `chat`, `responses`, `messages`, `embeddings`, `models`, …
    pub name: &'static str,
    /// How its answer reports usage.
    pub usage: UsageShape,
    /// Whether the provider takes `stream_options.include_usage`, without which it reports no usage for a
    /// streamed answer.
    pub asks_for_stream_usage: bool,
    /// Whether the operator's platform key, which tenants share, may serve it: a POST that calls a model,
    /// and neither reads nor deletes what an account keeps.
    pub platform_may_serve: bool,
    /// Whether the provider may keep the answer unless the call says `store: false`.
    pub keeps_answers: bool,
}

impl Operation {
    /// A POST that calls a model, keeps nothing and reads nothing by id.
    pub(super) const fn of_model(name: &'static str, usage: UsageShape) -> Self {
        Self {
            name,
            usage,
            asks_for_stream_usage: false,
            platform_may_serve: true,
            keeps_answers: false,
        }
    }

    /// The shape in which its caller expects errors, where the provider's own is `own`: some providers speak
    /// more than one, and a path in OpenAI's or Anthropic's is called with that one's SDK.
    #[must_use]
    pub const fn error_shape(&self, own: ErrorShape) -> ErrorShape {
        match (self.usage, own) {
            (UsageShape::Anthropic, _) => ErrorShape::Anthropic,
            (
                UsageShape::OpenAiChat | UsageShape::OpenAiResponses,
                ErrorShape::Anthropic | ErrorShape::Google | ErrorShape::Cohere,
            ) => ErrorShape::OpenAi,
            _ => own,
        }
    }

    /// The same, at a provider that reports a stream's usage only to those who ask.
    const fn asking_for_stream_usage(mut self) -> Self {
        self.asks_for_stream_usage = true;
        self
    }

    /// The same, at a provider that may keep the answer.
    pub(super) const fn kept(mut self) -> Self {
        self.keeps_answers = true;
        self
    }

    /// The same, where it works on something of the account's own, named by its id.
    pub(super) const fn of_account(mut self) -> Self {
        self.platform_may_serve = false;
        self
    }
}

/// A chat in OpenAI's shape.
pub(super) const CHAT: Operation = Operation::of_model("chat", UsageShape::OpenAiChat).asking_for_stream_usage();
/// The same at a provider that reports a stream's usage unasked, or may refuse to be asked.
pub(super) const CHAT_UNASKED: Operation = Operation::of_model("chat", UsageShape::OpenAiChat);
/// A text continued, in OpenAI's older shape.
pub(super) const COMPLETIONS: Operation =
    Operation::of_model("completions", UsageShape::OpenAiChat).asking_for_stream_usage();
/// The same at a provider that reports a stream's usage unasked, or may refuse to be asked.
pub(super) const COMPLETIONS_UNASKED: Operation = Operation::of_model("completions", UsageShape::OpenAiChat);
/// OpenAI's responses; nothing is kept.
pub(super) const RESPONSES: Operation = Operation::of_model("responses", UsageShape::OpenAiResponses);
/// Anthropic's messages.
pub(super) const MESSAGES: Operation = Operation::of_model("messages", UsageShape::Anthropic);
/// Counting the tokens of a call that is not made.
pub(super) const COUNT_TOKENS: Operation = Operation::of_model("count_tokens", UsageShape::Nothing);
/// Gemini's generation.
pub(super) const GENERATE_CONTENT: Operation = Operation::of_model("generate_content", UsageShape::Gemini);
/// Embeddings in OpenAI's shape.
pub(super) const EMBEDDINGS: Operation = Operation::of_model("embeddings", UsageShape::OpenAiChat);
/// Images; OpenAI's newer models report usage as its responses do.
pub(super) const IMAGES: Operation = Operation::of_model("images", UsageShape::OpenAiResponses);
/// Text out of speech; OpenAI's newer models report usage as its responses do.
pub(super) const TRANSCRIPTION: Operation = Operation::of_model("audio", UsageShape::OpenAiResponses);
/// Speech out of text: the answer is sound.
pub(super) const SPEECH: Operation = Operation::of_model("audio", UsageShape::Nothing);
/// Judging or sorting a text.
pub(super) const MODERATION: Operation = Operation::of_model("moderation", UsageShape::Nothing);
/// Putting documents in order, in the shape that Jina began: `usage.prompt_tokens`.
pub(super) const RERANK: Operation = Operation::of_model("rerank", UsageShape::OpenAiChat);
/// The models there are. It may name those that the account trained itself.
pub(super) const MODELS: Operation = Operation::of_model("models", UsageShape::Nothing).of_account();

/// How an answer reports usage; where the facts are from stands in `usage/`, a file for each shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UsageShape {
    /// `usage.prompt_tokens`, …: OpenAI's chat and embeddings, and all who speak likewise.
    OpenAiChat,
    /// `usage.input_tokens`, …; in a stream inside `response.completed` and its like.
    OpenAiResponses,
    /// Anthropic's messages: disjoint inputs, cumulative deltas.
    Anthropic,
    /// Gemini's `usageMetadata`, cumulative on chunks.
    Gemini,
    /// Cohere's `usage.billed_units` or `meta.billed_units`.
    Cohere,
    /// Nothing is reported.
    Nothing,
}

/// The shape of a provider's errors, in which Latchkey's own are written on its native paths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorShape {
    /// `{"error":{"message","type","param","code"}}`
    OpenAi,
    /// `{"type":"error","error":{"type","message"}}`
    Anthropic,
    /// `{"error":{"code","message","status","details"}}`
    Google,
    /// `{"message"}`
    Cohere,
    /// `{"object":"error","message","type","param","code"}`
    Mistral,
    /// `{"code","error"}`, the second one a text
    Xai,
}

/// The OpenAI-shaped calls under `/v1`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OpenAiCall {
    /// `POST /v1/chat/completions`
    ChatCompletions,
    /// `POST /v1/responses`
    Responses,
    /// `POST /v1/embeddings`
    Embeddings,
    /// `GET /v1/models`
    Models,
}

impl OpenAiCall {
    /// Every one.
    pub const EVERY: &'static [OpenAiCall] = &[
        OpenAiCall::ChatCompletions,
        OpenAiCall::Responses,
        OpenAiCall::Embeddings,
        OpenAiCall::Models,
    ];
}

/// A native path that is open by default.
#[derive(Clone, Debug)]
pub struct InferencePath {
    /// The method.
    pub method: Method,
    /// The path from the origin on, without a query; `*` stands for one segment, or for the part of one
    /// before or behind a fixed part (`/v1beta/models/*:generateContent`).
    pub pattern: &'static str,
    /// What it does.
    pub operation: Operation,
}

/// A POST that is open by default.
pub(super) const fn post(pattern: &'static str, operation: Operation) -> InferencePath {
    InferencePath {
        method: Method::POST,
        pattern,
        operation,
    }
}

/// A GET that is open by default.
pub(super) const fn get(pattern: &'static str, operation: Operation) -> InferencePath {
    InferencePath {
        method: Method::GET,
        pattern,
        operation,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{catalogue, find, find_operation};
    use super::*;

    fn name(slug: &str, method: &Method, path: &str) -> Option<&'static str> {
        find_operation(find(slug).unwrap(), method, path).map(|operation| operation.name)
    }

    #[test]
    fn every_open_path_is_written_plainly_and_found() {
        for provider in catalogue() {
            assert!(!provider.inference_paths().is_empty(), "{}", provider.name());
            for entry in provider.inference_paths() {
                let path = entry.pattern.replace('*', "some-model");
                let found = find_operation(*provider, &entry.method, &path);
                assert_eq!(
                    found,
                    Some(&entry.operation),
                    "{path} of {} is shadowed",
                    provider.name()
                );
            }
        }
    }

    #[test]
    fn the_platform_key_serves_posts_alone() {
        for provider in catalogue() {
            for entry in provider.inference_paths() {
                let posts = entry.method == Method::POST;
                assert!(posts || !entry.operation.platform_may_serve, "{}", entry.pattern);
            }
        }
    }

    #[test]
    fn an_openai_shaped_call_is_among_the_open_paths_of_its_provider() {
        for provider in catalogue() {
            for call in OpenAiCall::EVERY {
                let Some(path) = provider.openai_path(*call) else {
                    continue;
                };
                let (method, word) = match call {
                    OpenAiCall::ChatCompletions => (Method::POST, "chat"),
                    OpenAiCall::Responses => (Method::POST, "responses"),
                    OpenAiCall::Embeddings => (Method::POST, "embeddings"),
                    OpenAiCall::Models => (Method::GET, "models"),
                };
                assert_eq!(
                    name(provider.slug(), &method, path),
                    Some(word),
                    "{path} of {}",
                    provider.name()
                );
            }
        }
    }

    #[test]
    fn what_an_account_keeps_is_closed_to_the_platform_key() {
        for (slug, path, expected) in [
            ("openai", "/v1/responses", true),
            ("gemini", "/v1beta/models/x:generateContent", true),
            ("gemini", "/v1beta/tunedModels/x:generateContent", false),
            ("mistral", "/v1/chat/completions", true),
            ("mistral", "/v1/agents/completions", false),
            ("cohere", "/v2/chat", true),
            ("cohere", "/v1/chat", false),
        ] {
            let operation = find_operation(find(slug).unwrap(), &Method::POST, path).unwrap();
            assert_eq!(operation.platform_may_serve, expected, "{path} of {slug}");
        }
    }

    #[test]
    fn a_provider_that_keeps_answers_is_known() {
        let keepers: Vec<_> = catalogue()
            .iter()
            .filter(|provider| {
                let path = provider.openai_path(OpenAiCall::Responses);
                let operation = path.and_then(|path| find_operation(**provider, &Method::POST, path));
                operation.is_some_and(|operation| operation.keeps_answers)
            })
            .map(|provider| provider.slug())
            .collect();
        assert_eq!(keepers, ["openai", "xai", "azure_openai", "fireworks"]);
    }

    #[test]
    fn errors_are_in_the_shape_of_the_path() {
        let shape = |slug: &str, path: &str| {
            let provider = find(slug).unwrap();
            let operation = find_operation(provider, &Method::POST, path).unwrap();
            operation.error_shape(provider.error_shape())
        };
        for (slug, path, expected) in [
            ("anthropic", "/v1/messages", ErrorShape::Anthropic),
            ("anthropic", "/v1/messages/count_tokens", ErrorShape::Anthropic),
            ("anthropic", "/v1/chat/completions", ErrorShape::OpenAi),
            ("gemini", "/v1beta/models/x:generateContent", ErrorShape::Google),
            ("gemini", "/v1beta/openai/chat/completions", ErrorShape::OpenAi),
            ("xai", "/v1/chat/completions", ErrorShape::Xai),
            ("xai", "/v1/messages", ErrorShape::Anthropic),
            ("deepseek", "/anthropic/v1/messages", ErrorShape::Anthropic),
            ("cohere", "/v2/chat", ErrorShape::Cohere),
            ("cohere", "/compatibility/v1/chat/completions", ErrorShape::OpenAi),
            ("mistral", "/v1/chat/completions", ErrorShape::Mistral),
        ] {
            assert_eq!(shape(slug, path), expected, "{path} of {slug}");
        }
    }

    /// What a stock SDK sends, its base URL being `sdk_base_path`.
    #[test]
    fn a_stock_sdk_finds_its_first_call_open() {
        for provider in catalogue() {
            let base = provider.sdk_base_path();
            assert!(
                base.is_empty() || (base.starts_with('/') && !base.ends_with('/')),
                "{base}"
            );
            let call = match provider.slug() {
                "anthropic" => "/v1/messages",
                "gemini" => "/v1beta/models/gemini-flash-latest:generateContent",
                "cohere" => "/v2/chat",
                _ => "/chat/completions",
            };
            let path = format!("{base}{call}");
            assert!(
                find_operation(*provider, &Method::POST, &path).is_some(),
                "{path} of {}",
                provider.name()
            );
        }
    }
}
