//! Bodies that stall, never end, or end too early.

use super::scripts::{BROKEN, Ends, LATE, Script, chunk};
use super::upstream::{Seen, Step};
use std::time::Duration;

const CUT: Ends = Ends::Cut(BROKEN);
const TOO_LATE: Ends = Ends::Cut(LATE);
const FINE: Ends = Ends::Given(200);

pub(super) const SCRIPTS: &[Script] = &[
    Script::new("stops after its head", TOO_LATE, |seen| {
        vec![Step::send(seen.chunked_head()), Step::Silence]
    }),
    Script::new("stops in its body", TOO_LATE, |seen| begun(seen, vec![Step::Silence])),
    Script::new("sends its body byte by byte", TOO_LATE, |seen| {
        vec![
            Step::send(seen.head("content-length: 9999\r\n")),
            Step::drip("x".repeat(9999), 200),
        ]
    }),
    Script::new("never ends", TOO_LATE, |seen| {
        begun(seen, vec![Step::forever(chunk(seen.event("more")), 1)])
    }),
    Script::new("repeats what it is asked until it is told to end", FINE, |seen| {
        let again = Step::UntilReleased(chunk(seen.event(&seen.prompt)), Duration::from_millis(200));
        let end = [chunk("data: [DONE]\n\n"), chunk("")].concat();
        vec![Step::send(seen.chunked_head()), again, Step::Send(end)]
    }),
    Script::new("floods", TOO_LATE, |seen| {
        begun(seen, vec![Step::forever(chunk(seen.event("more").repeat(100)), 0)])
    }),
    Script::new("never ends and has no length", TOO_LATE, |seen| {
        vec![Step::send(seen.head("")), Step::forever(seen.event("more"), 1)]
    }),
    Script::new("never ends and sends empty lines", TOO_LATE, |seen| {
        begun(seen, vec![Step::forever(chunk("\n\n\n\n"), 1)])
    }),
    Script::new("never ends and sends comments", TOO_LATE, |seen| {
        begun(seen, vec![Step::forever(chunk(": still here\n\n"), 10)])
    }),
    Script::new("never ends its line", TOO_LATE, |seen| {
        vec![
            Step::send(seen.chunked_head()),
            Step::send(chunk("data: {\"a\":\"")),
            Step::forever(chunk("x".repeat(4096)), 1),
        ]
    }),
    Script::new("ends too early", CUT, |seen| {
        vec![Step::send(
            seen.head("content-length: 100000\r\n") + &seen.event("fine"),
        )]
    }),
    Script::new("ends in a chunk", CUT, |seen| {
        begun(seen, vec![Step::send("ffff\r\nhalf")])
    }),
    Script::new("ends between chunks", CUT, |seen| begun(seen, vec![])),
    Script::new("resets in its body", CUT, |seen| begun(seen, vec![Step::Reset])),
    Script::new("has a chunk that is no number long", CUT, |seen| {
        begun(seen, vec![Step::send("many\r\nfine\r\n"), Step::Silence])
    }),
    Script::new("has a chunk that is negative", CUT, |seen| {
        begun(seen, vec![Step::send("-5\r\nfine\r\n"), Step::Silence])
    }),
    Script::new("has a chunk beyond all bounds", CUT, |seen| {
        begun(seen, vec![Step::send("fffffffffffffffff\r\nfine\r\n"), Step::Silence])
    }),
    Script::new("has a chunk longer than it says", CUT, |seen| {
        begun(seen, vec![Step::send("2\r\nfine\r\n"), Step::Silence])
    }),
    Script::new("never ends a chunk's length", CUT, |seen| {
        begun(seen, vec![Step::send("4;"), Step::forever("x".repeat(1024), 1)])
    }),
    Script::new("never ends its trailers", CUT, |seen| {
        begun(
            seen,
            vec![Step::send("0\r\n"), Step::forever("x-trailer: x\r\n".repeat(64), 1)],
        )
    }),
    Script::new("has trailers", FINE, |seen| {
        begun(
            seen,
            vec![Step::send(
                "0\r\nx-latchkey-key-source: platform\r\nset-cookie: a=b\r\n\r\n",
            )],
        )
    }),
    Script::new("has a length and chunks", FINE, |seen| {
        let head = seen.head("content-length: 3\r\ntransfer-encoding: chunked\r\n");
        vec![
            Step::send(head),
            Step::send(chunk(seen.body())),
            Step::send("0\r\n\r\n"),
        ]
    }),
    Script::new("has chunks and a length", FINE, |seen| {
        let head = seen.head("transfer-encoding: chunked\r\ncontent-length: 3\r\n");
        vec![
            Step::send(head),
            Step::send(chunk(seen.body())),
            Step::send("0\r\n\r\n"),
        ]
    }),
    Script::new("sends more than it says", FINE, |seen| {
        let mut more = staying(seen);
        more.extend_from_slice(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled");
        vec![Step::Send(more), Step::Next]
    }),
    Script::new("sends every byte in a chunk of its own", FINE, |seen| {
        let mut steps = vec![Step::send(seen.chunked_head())];
        steps.extend(seen.body().bytes().map(|byte| Step::Send(chunk([byte]))));
        steps.push(Step::send("0\r\n\r\n"));
        steps
    }),
    Script::new("answers and stays", FINE, |seen| {
        vec![Step::Send(staying(seen)), Step::Next]
    }),
];

/// A good answer, after which the connection serves the next call.
fn staying(seen: &Seen) -> Vec<u8> {
    let body = seen.body();
    let head = seen.staying_head(&format!("content-length: {}\r\n", body.len()));
    (head + &body).into_bytes()
}

/// A good head and a good beginning.
fn begun(seen: &Seen, then: Vec<Step>) -> Vec<Step> {
    let mut steps = vec![Step::send(seen.chunked_head()), Step::send(chunk(seen.event("fine")))];
    steps.extend(then);
    steps
}
