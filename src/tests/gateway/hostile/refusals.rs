//! Refusals that never end, are packed, or tell more than they should.

use super::gzip;
use super::scripts::{BROKEN, Ends, LATE, Script};
use super::upstream::Step;

const UNREADABLE: Ends = Ends::Refused(502, BROKEN);
const TOO_LATE: Ends = Ends::Refused(504, LATE);

/// Beyond what is read of a refusal.
const HUGE: usize = 1 << 20;

pub(super) const SCRIPTS: &[Script] = &[
    Script::new("refuses in words", Ends::Given(400), |_| {
        refusal(400, "text/plain", "fine, but no")
    }),
    Script::new("refuses with a page", Ends::Given(500), |_| {
        refusal(500, "text/html", "<script>fine()</script>")
    }),
    Script::new("refuses with JSON that breaks off", Ends::Given(400), |_| {
        refusal(400, "application/json", "{\"error\":{\"message\":\"fine")
    }),
    Script::new("refuses with an unheard-of status", Ends::Given(599), |_| {
        refusal(599, "text/plain", "fine")
    }),
    Script::new("refuses without a word", Ends::Given(503), |_| {
        refusal(503, "text/plain", "")
    }),
    Script::new("refuses and quotes the key", Ends::Given(400), |seen| {
        refusal(
            400,
            "application/json",
            &format!("{{\"error\":{{\"message\":\"fine {0} {0}\"}}}}", seen.key),
        )
    }),
    Script::new("refuses with numbers for a message", Ends::Given(400), |_| {
        refusal(
            400,
            "application/json",
            "{\"error\":{\"message\":[1e999],\"code\":{},\"type\":\"fine\"},\"code\":9}",
        )
    }),
    Script::new("refuses at great length", UNREADABLE, |_| {
        refusal(500, "text/plain", &"x".repeat(HUGE))
    }),
    Script::new("refuses without end", UNREADABLE, |_| {
        vec![
            Step::send("HTTP/1.1 500 No\r\n\r\n"),
            Step::forever("x".repeat(4096), 1),
        ]
    }),
    Script::new("refuses and stops", TOO_LATE, |_| {
        vec![
            Step::send("HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\nhalf"),
            Step::Silence,
        ]
    }),
    Script::new("refuses byte by byte", TOO_LATE, |_| {
        vec![
            Step::send("HTTP/1.1 500 No\r\ncontent-length: 9999\r\n\r\n"),
            Step::drip("x".repeat(9999), 50),
        ]
    }),
    Script::new("refuses and breaks off", UNREADABLE, |_| {
        vec![Step::send("HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\nhalf")]
    }),
    Script::new("refuses with a bomb", UNREADABLE, |_| {
        let bomb = gzip::bomb();
        let head = format!(
            "HTTP/1.1 400 No\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            bomb.len()
        );
        vec![Step::Send([head.as_bytes(), bomb].concat())]
    }),
    Script::new("refuses until the end of time", Ends::Given(529), |_| {
        let lines =
            "retry-after: 99999999999999999999\r\nretry-after: -1\r\nretry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n";
        vec![Step::send(format!(
            "HTTP/1.1 529 No\r\nconnection: close\r\n{lines}content-length: 4\r\n\r\nfine"
        ))]
    }),
];

fn refusal(status: u16, kind: &str, body: &str) -> Vec<Step> {
    let length = body.len();
    vec![Step::send(format!(
        "HTTP/1.1 {status} No\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}"
    ))]
}

/// What says something of the key itself, so that it is not used any more.
pub(super) const OF_THE_KEY: &[Script] = &[Script::new("refuses the key and quotes it", Ends::Given(401), |seen| {
    let message = format!("Incorrect API key provided: {}. Make a new one.", seen.key);
    let body =
        format!("{{\"error\":{{\"message\":\"{message}\",\"code\":\"invalid_api_key\"}},\"message\":\"{message}\"}}");
    refusal(401, "application/json", &body)
})];
