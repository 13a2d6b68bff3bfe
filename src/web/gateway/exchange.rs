//! One call with one provider: read in, sent with the key that may serve, and where that key is refused, once
//! more with the platform key.

use super::answer::{GatewayBody, Passing, Patience};
use super::call::{Call, Served};
use super::guard::Guard;
use super::intake::{Intake, Measure};
use super::load::{Load, SENT_AGAIN};
use super::outgoing::Outgoing;
use super::refusal::Refusal;
use super::refused::Refused;
use super::{CallerBody, Proxy, headers};
use crate::domain::{FallbackReason, HealthReason, KeySource, Verdict};
use crate::providers::UsageShape;
use crate::providers::upstream::{ConnectError, RequestBody, UpstreamBody, UpstreamError};
use crate::providers::usage::Meter;
use crate::service::gateway::Lease;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Request, Response, StatusCode};
use tokio::time::{Instant, timeout_at};

impl Proxy {
    /// Makes a call and gives its answer; whatever happens is recorded with `call`.
    pub(super) async fn exchange(
        &self,
        mut call: Call,
        outgoing: Outgoing<'_>,
        body: impl CallerBody,
    ) -> Response<GatewayBody> {
        if let Some(operation) = outgoing.operation {
            call.operation = operation.name;
        }
        match self.begin(&mut call, &outgoing, body).await {
            Ok((load, served)) => self.make(call, &outgoing, load, served).await,
            Err(refusal) => refusal.answer(Some(call), outgoing.shape),
        }
    }

    /// Everything that can be refused before a provider is called.
    async fn begin(
        &self,
        call: &mut Call,
        outgoing: &Outgoing<'_>,
        body: impl CallerBody,
    ) -> Result<(Load, Served), Refusal> {
        let route = call.admission.route.clone();
        outgoing.is_open(route.opens_all_paths)?;
        let choice = route.choose(call.occurred_at).map_err(|error| self.refusal(&error))?;
        let platform = choice.lease.source == KeySource::Platform;
        let served = Served {
            lease: choice.lease,
            fallback: choice.fallback,
        };
        if platform && !outgoing.suits_platform() {
            return Err(not_on_platform(&served, outgoing));
        }
        let limits = self.gateway.limits();
        let measure = Measure {
            // On the shared key a body is read whole, whatever its size: it must not reach into the account.
            keep: if platform { limits.body } else { SENT_AGAIN },
            most: limits.body,
            idle: limits.idle,
        };
        let intake = Intake::read(body, outgoing.headers, &measure).await?;
        let load = Load::of(intake, outgoing, route.adds_stream_usage);
        call.model.clone_from(&load.model);
        call.request_bytes = load.length();
        if platform {
            load.suits_platform(outgoing)?;
            let taken = self.gateway.take_platform_call(route.org);
            taken.map_err(|error| self.refusal(&error))?;
        }
        Ok((load, served))
    }

    async fn make(
        &self,
        mut call: Call,
        outgoing: &Outgoing<'_>,
        mut load: Load,
        served: Served,
    ) -> Response<GatewayBody> {
        match self.attempt(&mut call, outgoing, &mut load, &served).await {
            Ok(Outcome::Good(answer)) => self.pass(call, outgoing, &load, &served, answer),
            // Apart, so that what most calls need stays small.
            Ok(Outcome::Refused(refused)) => Box::pin(self.make_again(call, outgoing, load, served, refused)).await,
            Err(refusal) => refusal.answer(Some(call), outgoing.shape),
        }
    }

    /// Makes a refused call once more where the platform key may serve, or gives the refusal.
    async fn make_again(
        &self,
        mut call: Call,
        outgoing: &Outgoing<'_>,
        mut load: Load,
        served: Served,
        refused: Box<Refused>,
    ) -> Response<GatewayBody> {
        let Some(again) = self.second(&call, outgoing, &load, &served, &refused) else {
            return refused.give(call, outgoing, &served.lease);
        };
        match self.attempt(&mut call, outgoing, &mut load, &again).await {
            Ok(Outcome::Good(answer)) => self.pass(call, outgoing, &load, &again, answer),
            Ok(Outcome::Refused(refused)) => refused.give(call, outgoing, &again.lease),
            Err(refusal) => refusal.answer(Some(call), outgoing.shape),
        }
    }

    /// Sends a call with a key, and waits for the head of its answer; for all of it where it is a refusal.
    async fn attempt(
        &self,
        call: &mut Call,
        outgoing: &Outgoing<'_>,
        load: &mut Load,
        served: &Served,
    ) -> Result<Outcome, Refusal> {
        call.served_by = Some(served.clone());
        let (lease, provider) = (&served.lease, outgoing.provider.name());
        let ends_at = call.began + self.gateway.limits().total;
        let until = ends_at.min(Instant::now() + self.gateway.limits().first_byte);
        let request = request(outgoing, load, lease)?;
        let sending = timeout_at(until, lease.origin.send(request));
        let answer = match self.closing.run_until_cancelled(sending).await {
            Some(Ok(Ok(answer))) => answer,
            Some(Ok(Err(_))) if load.is_too_large() => return Err(Refusal::too_large(self.gateway.limits().body)),
            Some(Ok(Err(error))) => return Err(silence(&error, provider)),
            Some(Err(_)) => return Err(Refusal::timed_out(provider, "did not begin its answer in time")),
            None => return Err(Refusal::shutting_down()),
        };
        call.request_bytes = load.length();
        let status = answer.status();
        if status.is_success() {
            return Ok(Outcome::Good(answer));
        }
        if !status.is_client_error() && !status.is_server_error() {
            let what = "answered with a redirect or an upgrade, which is not followed.";
            return Err(Refusal::unreachable(provider, what));
        }
        let refused = Box::pin(Refused::read(answer, outgoing, lease, until)).await?;
        self.tell(call, lease, &refused);
        Ok(Outcome::Refused(Box::new(refused)))
    }

    /// Passes a good answer on.
    fn pass(
        &self,
        mut call: Call,
        outgoing: &Outgoing<'_>,
        load: &Load,
        served: &Served,
        answer: Response<UpstreamBody>,
    ) -> Response<GatewayBody> {
        let lease = &served.lease;
        let platform = lease.source == KeySource::Platform;
        if !platform && call.admission.route.is_marked() {
            // The database has the key as less than healthy; it has just served.
            self.gateway
                .observe(&call.admission, lease, Verdict::healthy(), false, call.context);
        }
        let (parts, body) = answer.into_parts();
        let mut headers = headers::to_caller(parts.headers, platform, lease.secret());
        call.status = parts.status;
        call.streamed = is_event_stream(&headers);
        if call.streamed {
            headers.remove(CONTENT_LENGTH);
        }
        let meter = Meter::new(usage_shape(outgoing, &headers), call.streamed, load.adds_usage);
        call.sign(&mut headers);
        let patience = Patience {
            idle: self.gateway.limits().idle,
            ends_at: call.began + self.gateway.limits().total,
        };
        let guard = Guard::new(lease.finder.clone());
        let passing = Passing::new(
            body,
            call,
            guard,
            meter,
            outgoing.shape,
            (patience, self.closing.clone()),
        );
        let mut response = Response::new(GatewayBody::Right(Box::new(passing)));
        *response.status_mut() = parts.status;
        *response.headers_mut() = headers;
        response
    }

    /// Tells of a key what its provider said, where that says something of the key.
    fn tell(&self, call: &Call, lease: &Lease, refused: &Refused) {
        let Some(reason) = refused.verdict.reason else { return };
        if lease.source == KeySource::Byok {
            if says_something(reason) {
                let verdict = refused.verdict.clone();
                self.gateway
                    .observe(&call.admission, lease, verdict, refused.is_ambiguous, call.context);
            }
        } else if matches!(reason, HealthReason::Invalid | HealthReason::Blocked) {
            tracing::error!(
                alarm = "platform_key_refused",
                provider = call.admission.route.provider.slug(),
                "the operator's platform key is refused by its provider"
            );
        }
    }

    /// The platform key for a second attempt, where the project allows it and the call can be made again.
    fn second(
        &self,
        call: &Call,
        outgoing: &Outgoing<'_>,
        load: &Load,
        served: &Served,
        refused: &Refused,
    ) -> Option<Served> {
        let reason = match refused.verdict.reason? {
            HealthReason::Invalid | HealthReason::Blocked => FallbackReason::KeyRejected,
            HealthReason::Exhausted => FallbackReason::KeyExhausted,
            HealthReason::RateLimited => FallbackReason::KeyRateLimited,
            HealthReason::Restricted | HealthReason::Unreachable => return None,
        };
        let route = &call.admission.route;
        let lease = route.after_refusal(&served.lease)?.clone();
        let suits = load.can_be_sent_again() && outgoing.suits_platform() && load.suits_platform(outgoing).is_ok();
        (suits && self.gateway.take_platform_call(route.org).is_ok()).then_some(Served {
            lease,
            fallback: Some(reason),
        })
    }
}

/// What came of sending a call.
#[expect(
    clippy::large_enum_variant,
    reason = "the larger one is what nearly every call comes to"
)]
enum Outcome {
    Good(Response<UpstreamBody>),
    Refused(Box<Refused>),
}

fn request(outgoing: &Outgoing<'_>, load: &mut Load, lease: &Lease) -> Result<Request<RequestBody>, Refusal> {
    let platform = lease.source == KeySource::Platform;
    let mut request = Request::new(load.body(outgoing, platform));
    let path = lease.origin.path(&outgoing.path);
    *request.uri_mut() = path.map_err(|_| Refusal::invalid("The path cannot be sent."))?;
    *request.method_mut() = outgoing.method.clone();
    *request.headers_mut() = headers::to_provider(outgoing.headers, platform);
    let (header, value) = lease.credential(outgoing.bare_path());
    request.headers_mut().insert(header, value);
    Ok(request)
}

fn silence(error: &UpstreamError, provider: &str) -> Refusal {
    tracing::warn!(error = error as &dyn std::error::Error, "a provider gave no answer");
    match error {
        UpstreamError::Connect(ConnectError::TimedOut) => {
            Refusal::timed_out(provider, "could not be connected to in time")
        }
        UpstreamError::Connect(ConnectError::Endpoint(reason)) => {
            Refusal::unreachable(provider, &format!("cannot be called at this endpoint: {reason}."))
        }
        UpstreamError::Connect(ConnectError::Io(_)) => {
            Refusal::unreachable(provider, "could not be reached; nothing was sent. Try again.")
        }
        UpstreamError::Broken(_) | UpstreamError::Path => Refusal::unreachable(
            provider,
            "broke off before its answer, or gave none that can be read. Nothing is known of what it did.",
        ),
    }
}

/// What the caller is told when the platform key would serve, but not on this path.
fn not_on_platform(served: &Served, outgoing: &Outgoing<'_>) -> Refusal {
    let reason = served.fallback.unwrap_or(FallbackReason::NoKey);
    let why = match reason {
        FallbackReason::NoKey => "the project has no key",
        FallbackReason::KeyDisabled => "the project's key is switched off",
        FallbackReason::KeyRejected => "the project's key was refused",
        FallbackReason::KeyExhausted | FallbackReason::KeyRateLimited => "the project's key has no quota left",
    };
    let message = format!(
        "For {} {why}, and the operator's platform key serves calls of models only, not this path.",
        outgoing.provider.name()
    );
    Refusal::new(StatusCode::FORBIDDEN, reason.as_str(), message)
}

const fn says_something(reason: HealthReason) -> bool {
    matches!(
        reason,
        HealthReason::Invalid | HealthReason::Blocked | HealthReason::Exhausted | HealthReason::RateLimited
    )
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    is_of_kind(headers, "text/event-stream")
}

fn is_of_kind(headers: &HeaderMap, kind: &str) -> bool {
    let said = headers.get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    said.get(..kind.len())
        .is_some_and(|said| said.eq_ignore_ascii_case(kind.as_bytes()))
}

/// How the answer reports usage; what is neither JSON nor a stream of it, or is compressed, reports none.
fn usage_shape(outgoing: &Outgoing<'_>, headers: &HeaderMap) -> UsageShape {
    // The last one is Cohere's first API.
    let kinds = ["application/json", "text/event-stream", "application/stream+json"];
    let readable = kinds.iter().any(|kind| is_of_kind(headers, kind)) && !headers.contains_key(CONTENT_ENCODING);
    match outgoing.operation {
        Some(operation) if readable => operation.usage,
        _ => UsageShape::Nothing,
    }
}
