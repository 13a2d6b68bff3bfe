//! A closed-loop load over loopback, bounded in time.

use crate::Failure;
use reqwest::Client;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, COOKIE, HeaderMap, HeaderValue};
use std::time::{Duration, Instant};

const CONNECTIONS: usize = 16;
const WARM_UP: Duration = Duration::from_secs(1);

/// What is asked, again and again.
#[derive(Clone)]
pub(crate) struct Load {
    url: String,
    headers: HeaderMap,
}

/// What came of it.
pub(crate) struct Figures {
    pub(crate) per_second: f64,
    /// Milliseconds.
    pub(crate) p50: f64,
    /// Milliseconds.
    pub(crate) p99: f64,
}

impl Load {
    pub(crate) fn get(url: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("text/html, application/json"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        Self {
            url: url.to_owned(),
            headers,
        }
    }

    pub(crate) fn bearer(mut self, token: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(&format!("Bearer {token}")) {
            self.headers.insert(AUTHORIZATION, value);
        }
        self
    }

    pub(crate) fn cookie(mut self, cookie: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(cookie) {
            self.headers.insert(COOKIE, value);
        }
        self
    }
}

/// Asks over 16 connections at once. An answer other than 200 makes the run void.
pub(crate) async fn measure(load: &Load, how_long: Duration) -> Result<Figures, Failure> {
    run(load, WARM_UP).await?;
    let started = Instant::now();
    let mut times = run(load, how_long).await?;
    let elapsed = started.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: usize| {
        let place = times.len().saturating_sub(1) * share / 100;
        times.get(place).copied().unwrap_or_default().as_secs_f64() * 1e3
    };
    #[expect(clippy::cast_precision_loss, reason = "a count for people")]
    let per_second = times.len() as f64 / elapsed;
    Ok(Figures {
        per_second,
        p50: at(50),
        p99: at(99),
    })
}

async fn run(load: &Load, how_long: Duration) -> Result<Vec<Duration>, Failure> {
    let client = Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(CONNECTIONS)
        .build()?;
    let until = Instant::now() + how_long;
    let loops = (0..CONNECTIONS).map(|_| one(client.clone(), load.clone(), until));
    let times = futures::future::try_join_all(loops).await?;
    Ok(times.into_iter().flatten().collect())
}

async fn one(client: Client, load: Load, until: Instant) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::new();
    while Instant::now() < until {
        let asked = Instant::now();
        let answer = client.get(&load.url).headers(load.headers.clone()).send().await?;
        if answer.status() != 200 {
            return Err(format!("{} answered {}", load.url, answer.status()).into());
        }
        answer.bytes().await?;
        times.push(asked.elapsed());
    }
    Ok(times)
}
