//! Heads that never end, are none, or contradict themselves.

use super::scripts::{BROKEN, Ends, LATE, Script, answer};
use super::upstream::Step;

const REFUSED: Ends = Ends::Refused(502, BROKEN);
const TOO_LATE: Ends = Ends::Refused(504, LATE);

pub(super) const SCRIPTS: &[Script] = &[
    Script::new("says nothing", TOO_LATE, |_| vec![Step::Silence]),
    Script::new("hangs up", REFUSED, |_| vec![]),
    Script::new("resets", REFUSED, |_| vec![Step::Reset]),
    Script::new("speaks another protocol", REFUSED, |_| {
        vec![Step::send("SSH-2.0-hostile\r\n"), Step::Silence]
    }),
    Script::new("sends a head byte by byte", TOO_LATE, |seen| {
        vec![Step::drip(answer(seen, seen.body()), 50)]
    }),
    Script::new("stops in its head", TOO_LATE, |_| {
        vec![Step::send("HTTP/1.1 200 OK\r\ncontent-"), Step::Silence]
    }),
    Script::new("ends in its head", REFUSED, |_| {
        vec![Step::send("HTTP/1.1 200 OK\r\ncontent-")]
    }),
    Script::new("has a huge header", REFUSED, |seen| {
        vec![
            Step::send(seen.head(&format!("x-huge: {}\r\n", "x".repeat(1 << 20)))),
            Step::Silence,
        ]
    }),
    Script::new("has a thousand headers", REFUSED, |seen| {
        vec![Step::send(seen.head(&"x-many: x\r\n".repeat(1000))), Step::Silence]
    }),
    Script::new("never ends its head", REFUSED, |_| {
        vec![
            Step::send("HTTP/1.1 200 OK\r\n"),
            Step::forever("x-more: more\r\n".repeat(64), 1),
        ]
    }),
    Script::new("never ends its first line", REFUSED, |_| {
        vec![Step::send("HTTP/1.1 200 "), Step::forever("O".repeat(1024), 1)]
    }),
    Script::new("has no number for a status", REFUSED, |_| {
        vec![Step::send("HTTP/1.1 fine OK\r\n\r\n")]
    }),
    Script::new("has a status of four digits", REFUSED, |_| {
        vec![Step::send("HTTP/1.1 2000 OK\r\n\r\n")]
    }),
    Script::new("speaks HTTP/3.7", REFUSED, |_| {
        vec![Step::send("HTTP/3.7 200 OK\r\ncontent-length: 0\r\n\r\n")]
    }),
    Script::new("begins HTTP/2", REFUSED, |_| {
        vec![
            Step::send(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80".to_vec()),
            Step::Silence,
        ]
    }),
    Script::new("has two lengths", REFUSED, |seen| {
        vec![Step::send(
            seen.head("content-length: 4\r\ncontent-length: 5\r\n") + "fine!",
        )]
    }),
    Script::new("has a length that is no number", REFUSED, |seen| {
        vec![Step::send(seen.head("content-length: many\r\n") + "fine")]
    }),
    Script::new("has a negative length", REFUSED, |seen| {
        vec![Step::send(seen.head("content-length: -1\r\n") + "fine")]
    }),
    Script::new("has a length beyond all bounds", REFUSED, |seen| {
        vec![
            Step::send(seen.head("content-length: 99999999999999999999\r\n") + "fine"),
            Step::Silence,
        ]
    }),
    Script::new("has a zero byte in a header", REFUSED, |seen| {
        vec![Step::send(seen.head("x-zero: a\0b\r\n"))]
    }),
    Script::new("has a header without a colon", REFUSED, |seen| {
        vec![Step::send(seen.head("no colon here\r\n"))]
    }),
    Script::new("folds a header", REFUSED, |seen| {
        vec![Step::send(seen.head("x-folded: a\r\n  b\r\n"))]
    }),
    Script::new("goes on announcing", TOO_LATE, |_| {
        vec![Step::forever("HTTP/1.1 100 Continue\r\n\r\n".repeat(64), 1)]
    }),
    Script::new("hints forever", TOO_LATE, |_| {
        vec![Step::forever(
            "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(64),
            1,
        )]
    }),
    Script::new("hints once", Ends::Given(200), |seen| {
        vec![
            Step::send("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"),
            Step::send(answer(seen, seen.body())),
        ]
    }),
    Script::new("switches protocols", REFUSED, |_| {
        vec![
            Step::send("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
            Step::Silence,
        ]
    }),
    Script::new("redirects", REFUSED, |_| {
        vec![Step::send(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        )]
    }),
    Script::new("says nothing has changed", REFUSED, |_| {
        vec![Step::send("HTTP/1.1 304 Not Modified\r\n\r\n")]
    }),
    Script::new("speaks HTTP/1.0", Ends::Given(200), |seen| {
        let head = seen.head("").replace("HTTP/1.1", "HTTP/1.0");
        vec![Step::send(head + &seen.body())]
    }),
];
