//! Sends an answer as the key wants it sent.

use super::answer::{Answer, Content, Stream};
use super::state::{OpenStream, State};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::future::pending;
use futures::stream;
use serde_json::Value;
use std::io;
use std::iter::{once, repeat_n};
use std::sync::Arc;
use std::time::Duration;

/// Between two frames of a stream.
const PAUSE: Duration = Duration::from_millis(10);
/// Between two frames of a long stream.
const LONG_PAUSE: Duration = Duration::from_millis(50);

/// How an answer is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Manner {
    Usual,
    /// With longer pauses.
    Long,
    /// The head and nothing more.
    Silent,
    /// Broken off in the middle.
    Breaking,
    /// Ended by an error event in the middle of a stream.
    Erring,
}

/// What a body does next.
enum Step {
    Send(Bytes),
    BreakOff,
    Wait,
}

type Steps = Box<dyn Iterator<Item = Step> + Send>;

/// Sends an answer. `error` is the body with which this provider tells that it cannot go on.
pub(super) fn deliver(answer: Answer, manner: Manner, error: &Value, state: &Arc<State>) -> Response {
    let body = match (answer.content, manner) {
        (Content::Whole(body), Manner::Usual | Manner::Long | Manner::Erring) => Body::from(body),
        (Content::Whole(body), Manner::Silent | Manner::Breaking) => stepwise(halved(&body, manner), manner, state),
        (Content::Streamed(stream), _) => stepwise(steps(stream, manner, error), manner, state),
    };
    let mut response = Response::new(body);
    *response.headers_mut() = answer.headers;
    response
}

fn halved(body: &Bytes, manner: Manner) -> Steps {
    match manner {
        Manner::Silent => Box::new(once(Step::Wait)),
        _ => Box::new([Step::Send(body.slice(..body.len() / 2)), Step::BreakOff].into_iter()),
    }
}

fn steps(stream: Stream, manner: Manner, error: &Value) -> Steps {
    let middle = stream.middle();
    match manner {
        Manner::Usual | Manner::Long => Box::new(stream.frames().map(Step::Send)),
        Manner::Silent => Box::new(once(Step::Wait)),
        Manner::Breaking => Box::new(stream.frames().take(middle).map(Step::Send).chain(once(Step::BreakOff))),
        Manner::Erring => {
            let error = (stream.error)(error, middle);
            Box::new(stream.frames().take(middle).chain(repeat_n(error, 1)).map(Step::Send))
        }
    }
}

/// A body that takes one step at a time. The stream is finished with its last frame: many clients close
/// after that, and have not left early.
fn stepwise(steps: Steps, manner: Manner, state: &Arc<State>) -> Body {
    let pause = if manner == Manner::Long { LONG_PAUSE } else { PAUSE };
    let stopping = state.stopping.clone();
    let begun = (steps.peekable(), OpenStream::begin(state), false);
    let frames = stream::unfold(begun, move |(mut steps, mut open, is_under_way)| {
        let stopping = stopping.clone();
        async move {
            let step = steps.next()?;
            let waited = stopping.run_until_cancelled(async {
                match step {
                    Step::Wait => pending().await,
                    _ if is_under_way => tokio::time::sleep(pause).await,
                    _ => {}
                }
            });
            let frame = match (waited.await, step) {
                (Some(()), Step::Send(frame)) => Ok(frame),
                (Some(()), _) => Err(broken("this key breaks streams off")),
                (None, _) => Err(broken("the sandbox stops")),
            };
            if frame.is_err() || steps.peek().is_none() {
                open.finish();
            }
            Some((frame, (steps, open, true)))
        }
    });
    Body::from_stream(frames)
}

/// An error in a body makes the server close the connection.
fn broken(reason: &'static str) -> io::Error {
    io::Error::other(reason)
}
