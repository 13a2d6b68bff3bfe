//! Calls of the REST API.

use super::failure::{Exit, Failure, Problem, plain};
use crate::config::PublicUrl;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, IF_MATCH, LOCATION};
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

/// How long a connection may take to open.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long a call may take in all; Latchkey gives a provider 10 s.
const CALL_LIMIT: Duration = Duration::from_mins(1);
/// The most things of a page that the API gives.
const PAGE: &str = "200";

/// Latchkey, at an address and with a token.
#[derive(Debug)]
pub(super) struct Api {
    client: Client,
    address: PublicUrl,
    authorization: HeaderValue,
}

/// What the API answered with success.
#[derive(Debug)]
pub(super) struct Answer {
    /// The body, as it came; empty where there is none.
    pub(super) text: String,
}

/// Parts of a path or of a query.
pub(super) type Query<'call> = &'call [(&'call str, &'call str)];

/// A call to be made.
#[must_use]
pub(super) struct Call<'api> {
    api: &'api Api,
    request: RequestBuilder,
}

/// A whole list, all its pages together.
#[derive(Debug)]
pub(super) struct List {
    /// As one page that holds all.
    pub(super) text: String,
    things: Vec<Box<RawValue>>,
}

impl Api {
    /// Latchkey at `address`, called with `token`.
    ///
    /// # Errors
    /// When the token can be none, or this machine's certificates cannot be read.
    pub(super) fn new(address: PublicUrl, token: &SecretString) -> Result<Self, Failure> {
        let bearer = Zeroizing::new(format!("Bearer {}", token.expose_secret()));
        let mut authorization = HeaderValue::from_str(&bearer)
            .map_err(|_| Failure::usage("that is not a token: it begins with lk_api_"))?;
        authorization.set_sensitive(true);
        // Fails when one is installed already, which is as good.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        // A redirect or a proxy would carry token and keys elsewhere.
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_LIMIT)
            .timeout(CALL_LIMIT)
            .user_agent(concat!("latchkey-cli/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Failure::new(Exit::Failed, "no call can be made").because(error))?;
        Ok(Self {
            client,
            address,
            authorization,
        })
    }

    /// Where it is.
    pub(super) const fn address(&self) -> &PublicUrl {
        &self.address
    }

    /// A call of the address below `/api/v1` that these segments name, whatever stands in them.
    pub(super) fn call(&self, method: Method, segments: &[&str]) -> Result<Call<'_>, Failure> {
        let unusable = || Failure::usage(format!("{} is no address", self.address));
        let mut url = Url::parse(&self.address.join("/api/v1")).map_err(|_| unusable())?;
        url.path_segments_mut().map_err(|()| unusable())?.extend(segments);
        let request = self
            .client
            .request(method, url)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(ACCEPT, "application/json");
        Ok(Call { api: self, request })
    }

    /// Reads.
    pub(super) async fn get(&self, segments: &[&str], query: Query<'_>) -> Result<Answer, Failure> {
        self.call(Method::GET, segments)?.query(query).send().await
    }

    /// All pages of a list that is called `name` in each.
    pub(super) async fn list(&self, segments: &[&str], query: Query<'_>, name: &str) -> Result<List, Failure> {
        let (mut pages, mut things) = (0_u32, Vec::new());
        let mut cursor: Option<String> = None;
        let text = loop {
            let mut query = [query, &[("limit", PAGE)]].concat();
            query.extend(cursor.iter().map(|cursor| ("cursor", cursor.as_str())));
            let answer = self.get(segments, &query).await?;
            let mut page: BTreeMap<String, Box<RawValue>> = answer.read()?;
            let part = page.remove(name).ok_or_else(|| strange(&self.address))?;
            let part: Vec<Box<RawValue>> = read(part.get())?;
            things.extend(part);
            pages += 1;
            let next = page.remove("next_cursor").map(|next| read(next.get())).transpose()?;
            cursor = next.flatten();
            if cursor.is_none() {
                break answer.text;
            }
        };
        if pages == 1 {
            return Ok(List { text, things });
        }
        let all: Vec<_> = things.iter().map(|thing| thing.get()).collect();
        let text = format!("{{\"{name}\":[{}],\"next_cursor\":null}}", all.join(","));
        Ok(List { text, things })
    }
}

impl Call<'_> {
    /// With these parameters.
    pub(super) fn query(mut self, query: Query<'_>) -> Self {
        if !query.is_empty() {
            self.request = self.request.query(query);
        }
        self
    }

    /// With this JSON.
    pub(super) fn json(mut self, body: &Value) -> Self {
        self.request = self.request.json(body);
        self
    }

    /// Only if the thing still is at the version that was seen.
    pub(super) fn seen(mut self, version: i64) -> Self {
        self.request = self.request.header(IF_MATCH, format!("\"{version}\""));
        self
    }

    /// Makes the call.
    pub(super) async fn send(self) -> Result<Answer, Failure> {
        self.send_and_tell()
            .await?
            .map_err(|(status, problem)| problem.into_failure(status))
    }

    /// Makes the call; the caller decides what to make of a problem.
    pub(super) async fn send_and_tell(self) -> Result<Result<Answer, (u16, Problem)>, Failure> {
        let address = &self.api.address;
        let unreachable = |error: reqwest::Error| {
            Failure::new(Exit::Unreachable, format!("Latchkey at {address} cannot be reached"))
                .because(error.without_url())
        };
        let response = self.request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status.is_redirection() {
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            return Err(moved(address, location));
        }
        let text = response.text().await.map_err(unreachable)?;
        if status.is_success() {
            return Ok(Ok(Answer { text }));
        }
        match serde_json::from_str(&text) {
            Ok(problem) => Ok(Err((status.as_u16(), problem))),
            Err(_) => Err(without_problem(address, status)),
        }
    }
}

impl Answer {
    /// The body, understood.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        read(&self.text)
    }
}

impl List {
    /// The things, understood.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<Vec<T>, Failure> {
        self.things.iter().map(|thing| read(thing.get())).collect()
    }
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T, Failure> {
    let unlike = "the answer is not what this version of latchkey expects; is the server another version?";
    serde_json::from_str(json).map_err(|error| Failure::new(Exit::Failed, unlike).because(error))
}

fn strange(address: &PublicUrl) -> Failure {
    Failure::new(Exit::Failed, format!("what answers at {address} is no Latchkey"))
}

fn moved(address: &PublicUrl, location: Option<&str>) -> Failure {
    let place = location
        .map(|place| format!(" to {}", plain(place)))
        .unwrap_or_default();
    let message = format!("{address} sends elsewhere{place}; say with --url where Latchkey itself is");
    Failure::new(Exit::Failed, message)
}

/// An answer that does not come from Latchkey, as a load balancer's.
fn without_problem(address: &PublicUrl, status: StatusCode) -> Failure {
    match status {
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => Failure::new(
            Exit::Unreachable,
            format!("Latchkey at {address} cannot be reached: {status}"),
        ),
        _ => strange(address),
    }
}
