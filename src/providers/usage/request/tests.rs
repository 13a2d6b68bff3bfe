use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn text(body: &[u8]) -> &str {
    std::str::from_utf8(body).unwrap()
}

fn read(body: &str) -> RequestFacts<'_> {
    RequestFacts::read(body.as_bytes()).unwrap()
}

#[test]
fn the_top_level_is_read() {
    let facts = read(
        r#" {"model":"gpt-4.1","messages":[{"model":"no"}],"stream":true,"stream_options":{"include_usage":false}}"#,
    );
    assert_eq!(facts.model, Some(Cow::Borrowed("gpt-4.1")));
    assert!(
        matches!(facts.model, Some(Cow::Borrowed(_))),
        "a plain name is not copied"
    );
    assert!(facts.streams);
    assert_eq!(facts.asks_for_usage, Some(false));

    let facts = read(r#"{"mod\u0065l":"a\"b","stream":null}"#);
    assert_eq!(facts.model.as_deref(), Some("a\"b"));
    assert!(!facts.streams);
    assert_eq!(facts.asks_for_usage, None);
    assert_eq!(read(r#"{"model":7,"stream":"true"}"#).model, None);
    assert!(!read(r#"{"stream":false}"#).streams);
}

#[test]
fn what_cannot_be_read_is_refused() {
    let error = |body: &[u8]| RequestFacts::read(body).unwrap_err();
    for broken in [
        &b""[..],
        b"{",
        b"{\"model\":}",
        b"{} {}",
        b"\xFF",
        b"{\"model\":\"\xFF\"}",
        b"model=x",
        b"{\"a\":1,}",
    ] {
        assert_eq!(
            error(broken),
            RequestError::NotJson,
            "{}",
            String::from_utf8_lossy(broken)
        );
    }
    for other in ["[]", "null", "1", "\"text\""] {
        assert_eq!(error(other.as_bytes()), RequestError::NotAnObject, "{other}");
    }
    assert_eq!(
        error(br#"{"model":"a","mod\u0065l":"b"}"#),
        RequestError::Duplicate("model")
    );
    assert_eq!(
        error(br#"{"stream":true,"stream":true}"#),
        RequestError::Duplicate("stream")
    );
    assert_eq!(
        error(br#"{"store":true,"x":1,"store":false}"#),
        RequestError::Duplicate("store")
    );
    let twice = br#"{"stream_options":{"include_usage":true,"include_usage":false}}"#;
    assert_eq!(error(twice), RequestError::Duplicate("include_usage"));
    assert!(
        RequestFacts::read(br#"{"other":1,"other":2}"#).is_ok(),
        "what is not read here is not judged"
    );
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let body = format!(
        "{{\"model\":\"m\",\"x\":{}{}}}",
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    assert_eq!(read(&body).model.as_deref(), Some("m"));
}

#[test]
fn usage_is_asked_for_with_nothing_else_changed() {
    for (body, expected) in [
        ("{}", r#"{"stream_options":{"include_usage":true}}"#),
        (
            "\n{ \"stream\" : true }\n",
            "\n{\"stream_options\":{\"include_usage\":true}, \"stream\" : true }\n",
        ),
        (
            r#"{"stream_options":null,"a":1.0}"#,
            r#"{"stream_options":{"include_usage":true},"a":1.0}"#,
        ),
        (
            r#"{"stream_options":{ }}"#,
            r#"{"stream_options":{"include_usage":true }}"#,
        ),
        (
            r#"{"stream_options":{"x":1}}"#,
            r#"{"stream_options":{"include_usage":true,"x":1}}"#,
        ),
        (
            r#"{"stream_options":{"include_usage": false}}"#,
            r#"{"stream_options":{"include_usage": true}}"#,
        ),
        (
            r#"{"stream_options":{"include_usage":true}}"#,
            r#"{"stream_options":{"include_usage":true}}"#,
        ),
        (r#"{"stream_options":"odd"}"#, r#"{"stream_options":"odd"}"#),
    ] {
        assert_eq!(text(&read(body).with_stream_usage(body.as_bytes())), expected);
    }
}

#[test]
fn model_and_store_are_replaced_or_added() {
    let body = r#"{"model": "openai/gpt-4.1" ,"input":"a\u00e9"}"#;
    assert_eq!(
        text(&read(body).with_model(body.as_bytes(), "gpt-\"4")),
        r#"{"model": "gpt-\"4" ,"input":"a\u00e9"}"#
    );
    assert_eq!(
        text(&read(body).without_storing(body.as_bytes())),
        r#"{"store":false,"model": "openai/gpt-4.1" ,"input":"a\u00e9"}"#
    );
    let stores = r#"{"store":true}"#;
    assert_eq!(
        text(&read(stores).without_storing(stores.as_bytes())),
        r#"{"store":false}"#
    );
}

#[test]
fn edits_compose() {
    let body = r#"{"stream_options":{"a":0},"store":null,"model":"x/y"}"#;
    let edits = Edits {
        model: Some("y"),
        stream_usage: true,
        no_store: true,
    };
    let expected = r#"{"stream_options":{"include_usage":true,"a":0},"store":false,"model":"y"}"#;
    assert_eq!(text(&read(body).edited(body.as_bytes(), edits)), expected);
    let expected = r#"{"model":"y","store":false,"stream_options":{"include_usage":true}}"#;
    assert_eq!(text(&read("{}").edited(b"{}", edits)), expected);
    assert_eq!(text(&read(body).edited(body.as_bytes(), Edits::default())), body);
}

/// Any JSON, with the names that matter here often enough.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    let name = prop_oneof!["model", "stream", "store", "stream_options", "include_usage", ".*"];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        let object = prop::collection::hash_map(name.clone(), inner.clone(), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn an_edited_body_means_the_same_but_for_the_edit(value in any_json(), pretty: bool, model in ".*") {
        let body = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) }.unwrap();
        let Some(mut expected) = value.as_object().cloned() else {
            prop_assert_eq!(RequestFacts::read(&body), Err(RequestError::NotAnObject));
            return Ok(());
        };
        let facts = RequestFacts::read(&body).unwrap();
        let edited = facts.edited(&body, Edits { model: Some(&model), stream_usage: true, no_store: true });
        expected.insert("model".to_owned(), json!(model));
        expected.insert("store".to_owned(), json!(false));
        let options = expected.entry("stream_options").or_insert(Value::Null);
        if options.is_null() {
            *options = json!({});
        }
        if let Some(options) = options.as_object_mut() {
            options.insert("include_usage".to_owned(), json!(true));
        }
        let reread: Value = serde_json::from_slice(&edited).unwrap();
        prop_assert_eq!(reread, Value::Object(expected));
    }

    #[test]
    fn no_bytes_make_it_panic(body: Vec<u8>) {
        let _ = RequestFacts::read(&body);
    }
}
