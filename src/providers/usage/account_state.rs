//! Requests that reach into what an account keeps: files, threads, caches, stored answers. On a key that
//! tenants share, such a request could read what is another's.

mod search;

use super::RequestError;
use search::Search;

/// When a member counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// With any value but `null`.
    Given,
    /// With the value `true`; the name means something harmless elsewhere.
    True,
    /// With an object, which names something stored; elsewhere it is a text.
    Object,
    /// With this text.
    Says(&'static str),
}

/// The members; compared without case and underscores, since Gemini takes `fileUri` and `file_uri` alike.
const MEMBERS: &[(&str, When)] = &[
    ("previous_response_id", When::Given),
    ("previous_interaction_id", When::Given),
    ("response_id", When::Given),
    ("conversation", When::Given),
    ("conversation_id", When::Given),
    ("thread_id", When::Given),
    ("assistant_id", When::Given),
    ("agent_id", When::Given),
    ("file_id", When::Given),
    ("file_ids", When::Given),
    ("input_file_id", When::Given),
    ("file_uri", When::Given),
    ("file_search_store_names", When::Given),
    ("vector_store_id", When::Given),
    ("vector_store_ids", When::Given),
    ("collection_ids", When::Given),
    ("library_ids", When::Given),
    ("dataset_id", When::Given),
    ("connectors", When::Given),
    ("data_sources", When::Given),
    ("container", When::Given),
    ("container_id", When::Given),
    ("skill_id", When::Given),
    ("cached_content", When::Given),
    ("preset", When::Given),
    ("background", When::True),
    ("deferred", When::True),
    ("prompt", When::Object),
    ("type", When::Says(ITEM_REFERENCE)),
];

/// What OpenAI calls an item of `input` that stands for a stored one.
const ITEM_REFERENCE: &str = "item_reference";

/// The first member, anywhere in the body at any depth, that reaches into what an account keeps; such a call
/// never goes to the platform key. An item of `input` that only refers to a stored one is called
/// `item_reference`.
///
/// `null` does not count. Nor do names directly inside `properties` and `metadata`: these are the parameters
/// of a caller's own tool and the caller's own notes.
///
/// # Errors
///
/// When the body is not JSON, or nested too deep to be looked through.
pub fn names_account_state(body: &[u8]) -> Result<Option<&'static str>, RequestError> {
    Search::default().run(body)
}

#[cfg(test)]
mod tests {
    use super::search::DEEPEST;
    use super::*;
    use proptest::prelude::*;

    fn named(body: &str) -> Option<&'static str> {
        names_account_state(body.as_bytes()).unwrap()
    }

    #[test]
    fn every_way_into_an_account_is_seen() {
        for (body, member) in [
            (r#"{"previous_response_id":"resp_1"}"#, "previous_response_id"),
            (r#"{"conversation":{"id":"conv_1"}}"#, "conversation"),
            (
                r#"{"input":[{"role":"user","content":[{"type":"input_file","file_id":"file-1"}]}]}"#,
                "file_id",
            ),
            (
                r#"{"tools":[{"type":"file_search","vector_store_ids":[]}]}"#,
                "vector_store_ids",
            ),
            (
                r#"{"tools":[{"type":"code_interpreter","container":"cntr_1"}]}"#,
                "container",
            ),
            (r#"{"cachedContent":"cachedContents/1"}"#, "cached_content"),
            (
                r#"{"contents":[{"parts":[{"fileData":{"fileUri":"https://x.invalid/files/1"}}]}]}"#,
                "file_uri",
            ),
            (
                r#"{"contents":[{"parts":[{"file_data":{"file_uri":"gs://x"}}]}]}"#,
                "file_uri",
            ),
            (r#"{"background":true}"#, "background"),
            (r#"{"prompt":{"id":"pmpt_1"}}"#, "prompt"),
            (
                r#"{"input":[{"type":"item_reference","id":"msg_1"}]}"#,
                "item_reference",
            ),
            (r#"{"input":[{"id":"msg_1"}]}"#, "item_reference"),
            (r#"{"input":[{"type":null,"id":"msg_1"}]}"#, "item_reference"),
            (r#"{"messages":[{"role":"assistant","audio":{"id":"audio_1"}}]}"#, "id"),
            (r#"{"data_sources":[{"type":"azure_search"}]}"#, "data_sources"),
        ] {
            assert_eq!(named(body), Some(member), "{body}");
        }
    }

    #[test]
    fn escapes_case_and_duplicates_hide_nothing() {
        assert_eq!(named(r#"{"file\u005fid":"file-1"}"#), Some("file_id"));
        assert_eq!(named(r#"{"f\u0069leURI":"x"}"#), Some("file_uri"));
        assert_eq!(named(r#"{"File_Id":"x"}"#), Some("file_id"));
        assert_eq!(named(r#"{"file_id":null,"file_id":"x"}"#), Some("file_id"));
        assert_eq!(named(r#"{"file_id":"x","file_id":null}"#), Some("file_id"));
        assert_eq!(named(r#"{"type":"item\u005freference"}"#), Some("item_reference"));
        assert_eq!(named(r#"[{"a":[[{"file_id":0}]]}]"#), Some("file_id"));
    }

    #[test]
    fn ordinary_calls_name_nothing() {
        for body in [
            r#"{"model":"gpt-4.1","messages":[{"role":"user","content":"my file_id is 7, prompt me"}]}"#,
            r#"{"previous_response_id":null,"background":false,"conversation":null}"#,
            r#"{"prompt":"Once upon","background":"transparent"}"#,
            r#"{"input":[{"type":"message","id":"msg_1","role":"user"},{"role":"user","id":"x"},"text"]}"#,
            r#"{"audio":{"voice":"alloy","format":"mp3"},"voice":"alloy"}"#,
            r#"{"tools":[{"function":{"parameters":{"properties":{"file_id":{"type":"string"}}}}}]}"#,
            r#"{"metadata":{"thread_id":"7"}}"#,
            r#"{"messages":[{"tool_calls":[{"id":"call_1","type":"function"}]}],"plugins":[{"id":"web"}]}"#,
            "[]",
            "null",
            "1.5",
        ] {
            assert_eq!(named(body), None, "{body}");
        }
    }

    #[test]
    fn own_names_end_with_their_object() {
        let nested = r#"{"metadata":{"note":{"file_id":"x"}}}"#;
        assert_eq!(named(nested), Some("file_id"));
        assert_eq!(named(r#"{"properties":[{"file_id":"x"}]}"#), Some("file_id"));
    }

    #[test]
    fn what_cannot_be_looked_through_is_an_error() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(names_account_state(deep(DEEPEST).as_bytes()), Ok(None));
        assert_eq!(
            names_account_state(deep(DEEPEST + 1).as_bytes()),
            Err(RequestError::TooDeep)
        );
        assert_eq!(
            names_account_state("[".repeat(1_000_000).as_bytes()),
            Err(RequestError::TooDeep)
        );
        for broken in [&b""[..], b"{", b"{\"a\":\"\xFF\"}", b"{} x"] {
            assert_eq!(names_account_state(broken), Err(RequestError::NotJson));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body: Vec<u8>) {
            let _ = names_account_state(&body);
        }

        #[test]
        fn a_file_is_found_wherever_it_stands(
            path in prop::collection::vec("[a-z]{1,9}|\\PC{0,3}", 0..20),
            list: bool,
        ) {
            let own = ["properties", "metadata"];
            prop_assume!(path.last().is_none_or(|name| !own.contains(&name.as_str())));
            let mut value = serde_json::json!({ "file_id": "file-1" });
            for name in path.iter().rev() {
                value = serde_json::json!({ (name.as_str()): value });
                if list {
                    value = serde_json::json!([0, value]);
                }
            }
            prop_assert!(names_account_state(value.to_string().as_bytes()).unwrap().is_some());
        }
    }
}
