//! What holds for a meter of any shape, however an answer is cut; and what tests of the shapes use.

use super::{Meter, Metered};
use crate::providers::UsageShape;
use bytes::Bytes;
use genai_prices::{ExtractRequest, UsageKey};
use proptest::prelude::*;

/// Reads an answer that comes in these pieces; returns what the client gets too.
fn read(shape: UsageShape, is_streamed: bool, withholds: bool, pieces: &[&[u8]]) -> (Vec<u8>, Metered) {
    let mut meter = Meter::new(shape, is_streamed, withholds);
    let mut outgoing = Vec::new();
    for piece in pieces {
        outgoing.extend_from_slice(&meter.pass(Bytes::copy_from_slice(piece)));
    }
    outgoing.extend_from_slice(&meter.end());
    (outgoing, meter.metered())
}

/// Reads a whole answer.
pub(super) fn whole(shape: UsageShape, body: &str) -> Metered {
    read(shape, false, false, &[body.as_bytes()]).1
}

/// Reads a stream.
pub(super) fn streamed(shape: UsageShape, events: &str) -> Metered {
    read(shape, true, false, &[events.as_bytes()]).1
}

/// An event with this data.
pub(super) fn event(data: &str) -> String {
    format!("data: {data}\n\n")
}

/// The beginning of a stream.
pub(super) fn first_events(stream: &str, count: usize) -> String {
    stream.split_inclusive("\n\n").take(count).collect()
}

/// Holds what was read of a whole answer against what `genai-prices` extracts from it.
#[track_caller]
pub(super) fn agrees(read: &Metered, body: &str, provider: &str, flavor: &str) {
    let request = ExtractRequest::new(body)
        .with_provider_id(provider)
        .with_api_flavor(flavor);
    let theirs = genai_prices::extract_provider_usage(&request).unwrap();
    #[expect(clippy::cast_precision_loss, reason = "small test figures")]
    let ours = |count: Option<i64>| count.map(|count| count as f64);
    assert_eq!(
        theirs.usage.get(UsageKey::INPUT_TOKENS),
        ours(read.tokens.input),
        "input of {provider}"
    );
    assert_eq!(
        theirs.usage.get(UsageKey::OUTPUT_TOKENS),
        ours(read.tokens.output),
        "output of {provider}"
    );
    assert_eq!(theirs.model_ref, read.model, "model of {provider}");
    // Not every extractor reads these.
    for (key, count) in [
        (UsageKey::CACHE_READ_TOKENS, read.tokens.cached_input),
        (UsageKey::CACHE_WRITE_TOKENS, read.tokens.cache_write),
        (UsageKey::OUTPUT_REASONING_TOKENS, read.tokens.reasoning),
    ] {
        if let Some(theirs) = theirs.usage.get(&key) {
            assert_eq!(Some(theirs), ours(count), "{key} of {provider}");
        }
    }
}

const USAGE_CHUNK: &str = concat!(
    r#"data: {"id":"1","model":"m","choices":[],"#,
    r#""usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29}}"#,
    "\n\n"
);

const SHAPES: [UsageShape; 6] = [
    UsageShape::OpenAiChat,
    UsageShape::OpenAiResponses,
    UsageShape::Anthropic,
    UsageShape::Gemini,
    UsageShape::Cohere,
    UsageShape::Nothing,
];

/// Cuts bytes into pieces of these lengths, over and over.
fn cut<'bytes>(bytes: &'bytes [u8], lengths: &[usize]) -> Vec<&'bytes [u8]> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, behind) = rest.split_at(rest.len().min(*length));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

fn any_lengths() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(
        prop_oneof![3 => 1..8usize, 2 => 1..200usize, 1 => 200..3000usize],
        1..20,
    )
}

/// An event, and whether it is a usage chunk.
fn any_event() -> impl Strategy<Value = (Vec<u8>, bool)> {
    let usage_chunks = [
        USAGE_CHUNK.as_bytes().to_vec(),
        USAGE_CHUNK.replace('\n', "\r\n").into_bytes(),
        b"event: x\ndata:{\"choices\":[ ],\ndata: \"usage\":{\"prompt_tokens\":1}}\n\n".to_vec(),
    ];
    let others = [
        event(r#"{"model":"m","choices":[{"delta":{"content":"Hello"}}],"usage":null}"#),
        event(r#"{"model":"m","choices":[{"delta":{"content":"a\"b"}}],"usage":{"prompt_tokens":4}}"#),
        event(r#"{"choices":[],"prompt_filter_results":[],"usage":null}"#),
        event(r#"{"choices":[],"usage":{"prompt_tokens":"#),
        event(r#"{"error":{"message":"x"}}"#),
        event(r#"{"type":"message_start","message":{"model":"c","usage":{"input_tokens":5}}}"#),
        event(r#"{"type":"message_delta","usage":{"output_tokens":9}}"#),
        event(r#"{"type":"response.completed","response":{"model":"r","usage":{"input_tokens":3}}}"#),
        event(r#"{"candidates":[{"text":"x"}],"usageMetadata":{"promptTokenCount":2}}"#),
        event(r#"{"type":"message-end","delta":{"finish_reason":"X","usage":{"tokens":{"input_tokens":7}}}}"#),
        event("[DONE]"),
        ": OPENROUTER PROCESSING\n\n".to_owned(),
        "event: ping\r\n\r\n".to_owned(),
        "\n".to_owned(),
        "\r\n".to_owned(),
    ];
    let garbage = prop::collection::vec(any::<u8>().prop_filter("a line", |byte| !b"\r\n".contains(byte)), 1..40);
    prop_oneof![
        1 => prop::sample::select(usage_chunks.to_vec()).prop_map(|event| (event, true)),
        4 => prop::sample::select(others.to_vec()).prop_map(|event| (event.into_bytes(), false)),
        1 => garbage.prop_map(|garbage| ([&garbage[..], b"\n\n"].concat(), false)),
    ]
}

/// Whole events, and the beginning of one at the end.
fn any_stream() -> impl Strategy<Value = Vec<(Vec<u8>, bool)>> {
    let tail = prop::sample::select(vec![
        "",
        "data: {\"choices\":[{\"delta\":{}}]}",
        "data: {\"choices\":[],\"usa",
        ": x\n",
        "data",
    ]);
    (prop::collection::vec(any_event(), 0..12), tail).prop_map(|(mut events, tail)| {
        events.push((tail.as_bytes().to_vec(), false));
        events
    })
}

fn joined(events: &[(Vec<u8>, bool)]) -> Vec<u8> {
    events.iter().flat_map(|(event, _)| event.clone()).collect()
}

proptest! {
    #[test]
    fn a_client_gets_every_byte_at_once(stream in any_stream(), lengths in any_lengths(), is_streamed: bool) {
        for shape in SHAPES {
            let mut meter = Meter::new(shape, is_streamed, false);
            for piece in cut(&joined(&stream), &lengths) {
                let chunk = Bytes::copy_from_slice(piece);
                let passed = meter.pass(chunk.clone());
                prop_assert_eq!(passed.as_ptr(), chunk.as_ptr(), "copied");
                prop_assert_eq!(passed, chunk);
            }
            prop_assert!(meter.end().is_empty());
        }
    }

    #[test]
    fn a_client_that_did_not_ask_gets_all_but_the_usage_chunks(stream in any_stream(), lengths in any_lengths()) {
        let (outgoing, _) = read(UsageShape::OpenAiChat, true, true, &cut(&joined(&stream), &lengths));
        let answer: Vec<_> = stream.into_iter().filter(|(_, is_usage)| !is_usage).collect();
        let expected = joined(&answer);
        prop_assert_eq!(String::from_utf8_lossy(&outgoing), String::from_utf8_lossy(&expected));
    }

    #[test]
    fn what_is_whole_is_not_held_back(stream in any_stream(), lengths in any_lengths()) {
        let bytes = joined(&stream);
        let events = &stream[..stream.len() - 1];
        let mut meter = withholding();
        let (mut seen, mut passed) = (0, 0);
        for piece in cut(&bytes, &lengths) {
            seen += piece.len();
            passed += meter.pass(Bytes::copy_from_slice(piece)).len();
            let whole = events.iter().scan(0, |end, (event, is_usage)| {
                *end += event.len();
                Some((*end, if *is_usage { 0 } else { event.len() }))
            });
            let due: usize = whole.take_while(|(end, _)| *end <= seen).map(|(_, length)| length).sum();
            prop_assert!(passed >= due, "{} of {} bytes", passed, due);
        }
    }

    #[test]
    fn what_is_read_does_not_depend_on_chunks(
        stream in any_stream(),
        lengths in any_lengths(),
        is_streamed: bool,
        withholds: bool,
    ) {
        let bytes = joined(&stream);
        for shape in SHAPES {
            let (_, at_once) = read(shape, is_streamed, withholds, &[&bytes]);
            let (_, in_pieces) = read(shape, is_streamed, withholds, &cut(&bytes, &lengths));
            prop_assert_eq!(at_once, in_pieces, "{:?}", shape);
        }
    }

    #[test]
    fn no_bytes_make_a_meter_panic(bytes: Vec<u8>, lengths in any_lengths(), is_streamed: bool, withholds: bool) {
        for shape in SHAPES {
            let (outgoing, _) = read(shape, is_streamed, withholds, &cut(&bytes, &lengths));
            prop_assert_eq!(&outgoing, &bytes);
        }
    }
}

fn withholding() -> Meter {
    Meter::new(UsageShape::OpenAiChat, true, true)
}

#[test]
fn only_a_chunk_of_usage_and_nothing_else_is_withheld() {
    let passes = |event: &str| withholding().pass(Bytes::copy_from_slice(event.as_bytes())) == event;
    assert!(!passes(USAGE_CHUNK));
    assert!(!passes("data: {\"choices\":[],\"usage\":{}}\n\n"));
    for event in [
        "data: {\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":1}}\n\n",
        "data: {\"choices\":[],\"usage\":null}\n\n",
        "data: {\"usage\":{\"prompt_tokens\":1}}\n\n",
        "data: {\"choices\":null,\"usage\":{\"prompt_tokens\":1}}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1},\"error\":{\"message\":\"x\"}}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}\n\n",
    ] {
        assert!(passes(event), "{event}");
    }
}

#[test]
fn around_a_withheld_chunk_nothing_is_copied() {
    let chunk = Bytes::from(format!("{USAGE_CHUNK}data: [DONE]\n\n"));
    let mut meter = withholding();
    let passed = meter.pass(chunk.clone());
    assert_eq!(passed, "data: [DONE]\n\n");
    assert_eq!(passed.as_ptr(), chunk[USAGE_CHUNK.len()..].as_ptr());
    assert!(meter.metered().finished);
    assert_eq!(meter.metered().tokens.input, Some(19));
}

#[test]
fn a_usage_chunk_without_its_blank_line_is_withheld_too() {
    let cut_short = USAGE_CHUNK.trim_end();
    let (outgoing, read) = read(
        UsageShape::OpenAiChat,
        true,
        true,
        &[b"data: {}\n\n", cut_short.as_bytes()],
    );
    assert_eq!(outgoing, b"data: {}\n\n");
    assert_eq!(read.tokens.output, Some(10));
}

#[test]
fn an_endless_line_is_let_go_and_its_end_noticed() {
    let mut meter = withholding();
    let (mut seen, mut passed) = (0, 0);
    for _ in 0..1024 {
        seen += 1000;
        passed += meter.pass(Bytes::from_static(&[b'x'; 1000])).len();
        assert!(
            seen - passed <= super::events::LONGEST_EVENT,
            "{} bytes are held",
            seen - passed
        );
    }
    assert_eq!(meter.pass(Bytes::from_static(b"x\n")), "x\n");
    let next = Bytes::from(format!("\n{USAGE_CHUNK}data: [DO"));
    assert_eq!(
        meter.pass(next),
        "\n",
        "the end of the long line passes, the usage chunk does not"
    );
    assert_eq!(meter.pass(Bytes::from_static(b"NE]\n\n")), "data: [DONE]\n\n");
    assert_eq!(meter.metered().tokens.input, Some(19));
    assert_eq!(
        meter.metered().text_bytes,
        1_024_003,
        "what could not be read counts as text"
    );
}

#[test]
fn the_longest_event_is_read_and_a_longer_one_passes_unread() {
    let event = |length: usize| {
        let rest = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1},\"x\":\"\"}\n\n";
        rest.replace("\"x\":\"", &format!("\"x\":\"{}", "y".repeat(length - rest.len())))
    };
    for (length, is_read) in [
        (super::events::LONGEST_EVENT, true),
        (super::events::LONGEST_EVENT + 1, false),
    ] {
        let event = event(length);
        for size in [event.len(), 4096, 777] {
            let pieces: Vec<&[u8]> = event.as_bytes().chunks(size).collect();
            let (outgoing, read) = read(UsageShape::OpenAiChat, true, true, &pieces);
            assert_eq!(outgoing.is_empty(), is_read, "{length} bytes in chunks of {size}");
            assert_eq!(read.has_usage, is_read);
        }
    }
}

#[test]
fn a_large_body_is_read_to_its_end() {
    let vectors = "{\"embedding\":[0.0023064255,-0.009327292]},".repeat(200_000);
    let body =
        format!("{{\"object\":\"list\",\"data\":[{vectors}{{}}],\"model\":\"m\",\"usage\":{{\"prompt_tokens\":8}}}}");
    let pieces: Vec<&[u8]> = body.as_bytes().chunks(16 * 1024).collect();
    let (_, read) = read(UsageShape::OpenAiChat, false, false, &pieces);
    assert_eq!((read.tokens.input, read.model.as_deref()), (Some(8), Some("m")));
}

#[test]
fn what_reports_nothing_is_only_counted() {
    let (outgoing, read) = read(UsageShape::Nothing, true, true, &[USAGE_CHUNK.as_bytes()]);
    assert_eq!(outgoing, USAGE_CHUNK.as_bytes());
    let expected = Metered {
        text_bytes: USAGE_CHUNK.len() as u64,
        finished: true,
        ..Metered::default()
    };
    assert_eq!(read, expected);
}
