//! Bodies that are sound HTTP and nothing that their provider would say.

use super::gzip;
use super::scripts::{BROKEN, Ends, Script, chunk};
use super::upstream::{Seen, Step};

const FINE: Ends = Ends::Given(200);

pub(super) const SCRIPTS: &[Script] = &[
    Script::saying("has no body", |_| Vec::new()),
    Script::saying("is no JSON", |_| b"fine, but no JSON at all".to_vec()),
    Script::saying("has JSON that breaks off", |seen| {
        seen.body().into_bytes()[..20].to_vec()
    }),
    Script::saying("has broken UTF-8", |seen| {
        let broken = |byte| if byte == b'~' { 0xff } else { byte };
        seen.body_saying("fine~~").bytes().map(broken).collect()
    }),
    Script::saying("has zero bytes", |seen| {
        seen.body().replace("fine", "fine\0\0").into_bytes()
    }),
    Script::saying("begins with a mark of its encoding", |seen| {
        format!("\u{feff}{}", seen.body()).into_bytes()
    }),
    Script::saying("mixes its ends of lines", |seen| {
        seen.body().replace("\n\n", "\r\r\n\n\r\n").into_bytes()
    }),
    Script::saying("is nested without bounds", |seen| wrapped(seen, &"[".repeat(200_000))),
    Script::saying("has usage without bounds", |seen| {
        wrapped(seen, &usage("1e308", "-99999999999999999999999999"))
    }),
    Script::saying("has usage that is no number", |seen| {
        wrapped(seen, &usage("\"many\"", "[{}]"))
    }),
    Script::saying("has usage a thousand times", |seen| {
        wrapped(seen, &usage("7", "7")).repeat(1000)
    }),
    Script::saying("has one event of four megabytes", |seen| {
        wrapped(seen, &format!("{{\"fine\":\"{}\"}}", "x".repeat(4 << 20)))
    }),
    Script::saying("has a hundred thousand empty events", |_| b"data:\n\n".repeat(100_000)),
    Script::saying("has an error after the 200", |seen| {
        format!(
            "{}event: error\ndata: {{\"type\":\"error\",\"error\":{{\"message\":\"fine\"}}}}\n\n",
            seen.event("x")
        )
        .into_bytes()
    }),
    Script::saying("is an error with a 200", |_| {
        b"{\"error\":{\"message\":\"fine\",\"code\":\"invalid_api_key\"}}".to_vec()
    }),
    Script::saying("quotes the key", |seen| {
        seen.body_saying(&format!("fine {} fine", seen.key)).into_bytes()
    }),
    Script::new("quotes the key in two pieces", FINE, |seen| {
        let body = seen.body_saying(&format!("fine {} fine", seen.key));
        let (first, second) = body.split_at(body.find(&seen.key).unwrap() + seen.key.len() / 2);
        let mut steps = vec![Step::send(seen.chunked_head()), Step::send(chunk(first))];
        // As far apart as two packets.
        steps.extend([
            Step::drip(chunk(second)[..1].to_vec(), 50),
            Step::send(&chunk(second)[1..]),
        ]);
        steps.push(Step::send("0\r\n\r\n"));
        steps
    }),
    Script::new("quotes the key in headers and trailers", FINE, |seen| {
        let key = &seen.key;
        let head = seen.head(&format!(
            "transfer-encoding: chunked\r\nx-debug: key={key}\r\nset-cookie: k={key}\r\n"
        ));
        let trailer = format!("0\r\nx-debug: {key}\r\n\r\n");
        vec![Step::send(head), Step::send(chunk(seen.body())), Step::send(trailer)]
    }),
    Script::new("quotes the key and breaks off", Ends::Cut(BROKEN), |seen| {
        let body = seen.body_saying(&seen.key);
        let half = body.find(&seen.key).unwrap() + seen.key.len() - 2;
        vec![Step::send(seen.chunked_head()), Step::send(chunk(&body[..half]))]
    }),
    Script::new("is packed without being asked", FINE, |seen| {
        packed(seen, &gzip::stored(seen.body().as_bytes()))
    }),
    Script::new("is a bomb", FINE, |seen| packed(seen, gzip::bomb())),
    Script::new("says that it is packed and is not", FINE, |seen| {
        packed(seen, seen.body().as_bytes())
    }),
    Script::new("says that it is sound", FINE, |seen| {
        let body = seen.body();
        let head = seen.head(&format!("content-length: {}\r\n", body.len()));
        let head = head
            .replace("text/event-stream", "audio/mpeg")
            .replace("application/json", "audio/mpeg");
        vec![Step::send(head + &body)]
    }),
    Script::new("does not say what it is", FINE, |seen| {
        let body = seen.body();
        vec![Step::send(format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))]
    }),
    Script::new("would rule the caller", FINE, |seen| {
        let lines = "set-cookie: session=x; path=/\r\nstrict-transport-security: max-age=1\r\nclear-site-data: \"*\"\r\n\
                     access-control-allow-origin: *\r\nx-latchkey-key-source: platform\r\nx-latchkey-request-id: 1\r\n\
                     refresh: 0; url=http://127.0.0.1:1/\r\nlocation: http://127.0.0.1:1/\r\nalt-svc: h3=\":1\"\r\n";
        let body = seen.body();
        vec![Step::send(
            seen.head(&format!("{lines}content-length: {}\r\n", body.len())) + &body,
        )]
    }),
];

/// As the body, or as the data of an event.
fn wrapped(seen: &Seen, json: &str) -> Vec<u8> {
    if seen.streams {
        format!("data: {json}\n\n").into_bytes()
    } else {
        json.as_bytes().to_vec()
    }
}

/// Usage in every shape at once.
fn usage(input: &str, output: &str) -> String {
    format!(
        "{{\"type\":\"message_delta\",\"choices\":[],\"usage\":{{\"prompt_tokens\":{input},\"completion_tokens\":{output},\
         \"input_tokens\":{input},\"output_tokens\":{output},\"billed_units\":{{\"input_tokens\":{input}}}}},\
         \"usageMetadata\":{{\"promptTokenCount\":{input},\"candidatesTokenCount\":{output}}}}}"
    )
}

fn packed(seen: &Seen, body: &[u8]) -> Vec<Step> {
    let head = seen.head(&format!("content-encoding: gzip\r\ncontent-length: {}\r\n", body.len()));
    vec![Step::Send([head.as_bytes(), body].concat())]
}
