//! Every provider with every behaviour, through the real prober.

use crate::domain::{Endpoint, EndpointPolicy, HealthReason, Verdict};
use crate::providers::{Depth, Prober, ProberSettings, Provider, Target, catalogue, find};
use crate::sandbox::{Behaviour, Sandbox};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

/// Longer than a slow answer takes.
const PATIENCE: Duration = Duration::from_secs(4);

fn prober(sandbox: &Sandbox, limit: Duration) -> Prober {
    let transports = sandbox.transports();
    let policy = EndpointPolicy::with_sandbox(sandbox.address());
    Prober::new(ProberSettings {
        transports,
        policy,
        limit,
    })
    .unwrap()
}

fn target(sandbox: &Sandbox, provider: &dyn Provider) -> Target {
    Target::of_catalogue(provider).unwrap_or_else(|| Target {
        endpoint: Endpoint::from_stored(sandbox.azure_endpoint()),
        api_version: None,
    })
}

async fn probe(sandbox: &Sandbox, prober: &Prober, slug: &str, key: &str, depth: Depth) -> Verdict {
    let provider = find(slug).unwrap();
    let secret = SecretString::from(key);
    prober.probe(provider, &target(sandbox, provider), &secret, depth).await
}

fn assert_hidden(verdict: &Verdict, key: &str) {
    let message = verdict.message.clone().unwrap_or_default();
    let prefix = key.find("sandbox-").unwrap();
    for form in [key[prefix..].to_owned(), STANDARD.encode(key)] {
        let leaks = form
            .as_bytes()
            .windows(8)
            .find(|window| message.as_bytes().windows(8).any(|seen| seen == *window));
        assert!(leaks.is_none(), "{message}");
    }
    assert!(message.chars().count() <= 500);
}

/// The table: for each behaviour the reason (where a deep test's differs: list/deep) that OpenAI's card
/// gets, and the providers whose reason is another.
async fn table(sandbox: &Sandbox) -> String {
    let patient = prober(sandbox, PATIENCE);
    let hasty = prober(sandbox, Duration::from_millis(200));
    let mut lines = Vec::new();
    for behaviour in Behaviour::EVERY.iter().copied() {
        let is_patient = !matches!(behaviour, Behaviour::Hanging | Behaviour::Silent);
        let prober = if is_patient { &patient } else { &hasty };
        let cells = catalogue().iter().map(|provider| async move {
            let slug = provider.slug();
            let key = Sandbox::key(slug, behaviour);
            let listed = probe(sandbox, prober, slug, &key, Depth::Listed).await;
            let deep = probe(sandbox, prober, slug, &key, Depth::Deep).await;
            for verdict in [&listed, &deep] {
                assert_hidden(verdict, &key);
                assert_eq!(verdict.message.is_some(), verdict.reason.is_some());
            }
            assert_eq!(listed.timed_out, behaviour == Behaviour::Hanging);
            let is_called = provider.deep_probe(&target(sandbox, *provider)).is_some();
            let model_is_slow = behaviour == Behaviour::Silent && is_called;
            assert_eq!(deep.timed_out, listed.timed_out || model_is_slow);
            let word = |verdict: &Verdict| verdict.reason.map_or("healthy", HealthReason::as_str);
            if listed.reason == deep.reason {
                word(&listed).to_owned()
            } else {
                format!("{}/{}", word(&listed), word(&deep))
            }
        });
        let cells = futures::future::join_all(cells).await;
        let mut line = format!("{}: {}", behaviour.word(), cells[0]);
        for (provider, cell) in catalogue().iter().zip(&cells).filter(|(_, cell)| **cell != cells[0]) {
            line = format!("{line}, {} {cell}", provider.slug());
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[tokio::test]
async fn every_provider_with_every_behaviour() {
    let sandbox = Sandbox::start().await.unwrap();
    insta::assert_snapshot!(table(&sandbox).await, @r"
    valid: healthy
    revoked: invalid
    blocked: blocked, mistral invalid, deepseek invalid, together invalid, cohere invalid
    exhausted: exhausted
    restricted: restricted
    limited: rate_limited
    slow: healthy
    hanging: unreachable
    garbage: unreachable
    echo: invalid, gemini blocked
    redirect: unreachable
    down: unreachable
    listonly: healthy/exhausted, gemini healthy/restricted, azure_openai healthy
    modelrefused: healthy/invalid, azure_openai healthy
    silent: healthy/unreachable, azure_openai healthy
    breaking: healthy/unreachable, azure_openai healthy
    erring: healthy/unreachable, azure_openai healthy
    long: healthy
    ");
    assert_eq!(sandbox.redirect_hits(), 0, "no redirect may be followed");
    sandbox.stop().await;
}

#[tokio::test]
async fn a_redirect_would_be_counted() {
    let sandbox = Sandbox::start().await.unwrap();
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/providers/openai/v1/models", sandbox.azure_endpoint());
    let key = Sandbox::key("openai", Behaviour::Redirect);
    client.get(url).bearer_auth(key).send().await.unwrap();
    assert_eq!(sandbox.redirect_hits(), 1);
}

#[tokio::test]
async fn a_hanging_provider_costs_the_limit_and_no_more() {
    let sandbox = Sandbox::start().await.unwrap();
    let prober = prober(&sandbox, Duration::from_millis(300));
    let began = Instant::now();
    let key = Sandbox::key("openai", Behaviour::Hanging);
    let verdict = probe(&sandbox, &prober, "openai", &key, Depth::Deep).await;
    assert!(verdict.timed_out);
    assert_eq!(verdict.reason, Some(HealthReason::Unreachable));
    let took = began.elapsed();
    assert!(
        took >= Duration::from_millis(290) && took < Duration::from_secs(2),
        "{took:?}"
    );
    // Stopping does not wait for what hangs.
    tokio::time::timeout(Duration::from_secs(2), sandbox.stop())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_rate_limit_has_its_retry_time() {
    let sandbox = Sandbox::start().await.unwrap();
    let prober = prober(&sandbox, PATIENCE);
    for provider in catalogue() {
        let key = Sandbox::key(provider.slug(), Behaviour::Limited);
        let verdict = probe(&sandbox, &prober, provider.slug(), &key, Depth::Listed).await;
        assert_eq!(
            verdict.retry_after,
            Some(Duration::from_secs(20)),
            "{}",
            provider.name()
        );
    }
}

#[tokio::test]
async fn a_valid_key_can_be_revoked_and_restored() {
    let sandbox = Sandbox::start().await.unwrap();
    let prober = prober(&sandbox, PATIENCE);
    let key = Sandbox::key("anthropic", Behaviour::Valid);
    let reason = || async { probe(&sandbox, &prober, "anthropic", &key, Depth::Listed).await.reason };
    assert_eq!(reason().await, None);
    sandbox.revoke(&key);
    assert_eq!(reason().await, Some(HealthReason::Invalid));
    sandbox.restore(&key);
    assert_eq!(reason().await, None);

    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (word, expected) in [("revoke", Some(HealthReason::Invalid)), ("restore", None)] {
        let url = format!("{}/_control/{word}", sandbox.azure_endpoint());
        assert_eq!(client.post(url).body(key.clone()).send().await.unwrap().status(), 204);
        assert_eq!(reason().await, expected, "{word}");
    }
}

#[tokio::test]
async fn a_key_that_is_not_the_sandboxs_is_invalid() {
    let sandbox = Sandbox::start().await.unwrap();
    let prober = prober(&sandbox, PATIENCE);
    for key in ["sk-proj-FAKEFAKEFAKEFAKEFAKE", "sk-proj-sandbox-unknown-0123", "x"] {
        let verdict = probe(&sandbox, &prober, "openai", key, Depth::Listed).await;
        assert_eq!(verdict.reason, Some(HealthReason::Invalid), "{key}");
    }
}

#[tokio::test]
async fn azure_answers_with_and_without_a_version() {
    let sandbox = Sandbox::start().await.unwrap();
    let prober = prober(&sandbox, PATIENCE);
    let azure = find("azure_openai").unwrap();
    let secret = SecretString::from(Sandbox::key("azure_openai", Behaviour::Valid));
    for api_version in [None, Some("2024-10-21".to_owned())] {
        let target = Target {
            api_version,
            ..target(&sandbox, azure)
        };
        let verdict = prober.probe(azure, &target, &secret, Depth::Listed).await;
        assert_eq!(verdict, Verdict::healthy());
    }
    let endpoint = Endpoint::from_stored(sandbox.azure_endpoint());
    prober.check_endpoint(&endpoint).await.unwrap();
}

#[tokio::test]
async fn a_key_leaves_for_no_other_endpoint() {
    let sandbox = Sandbox::start().await.unwrap();
    let prober = prober(&sandbox, PATIENCE);
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = elsewhere.local_addr().unwrap();
    let secret = SecretString::from("sandbox-valid-0123456789abcdef");
    for (slug, endpoint) in [
        ("azure_openai", format!("http://{address}")),
        ("azure_openai", format!("https://{address}")),
        ("azure_openai", format!("http://localhost:{}", address.port())),
        ("openai", format!("http://{address}")),
    ] {
        let target = Target {
            endpoint: Endpoint::from_stored(endpoint.clone()),
            api_version: None,
        };
        let verdict = prober.probe(find(slug).unwrap(), &target, &secret, Depth::Listed).await;
        assert_eq!(verdict.reason, Some(HealthReason::Unreachable), "{slug} {endpoint}");
        assert!(verdict.message.unwrap().contains("was not asked"), "{slug} {endpoint}");
    }
    let endpoint = Endpoint::from_stored(format!("https://{address}"));
    assert!(prober.check_endpoint(&endpoint).await.is_err());
    let waiting = tokio::time::timeout(Duration::from_millis(50), elsewhere.accept()).await;
    assert!(waiting.is_err(), "nothing may connect");
}

/// A server that answers every connection with `head` and then `body` again and again.
async fn scripted(head: &'static str, body: &'static [u8], times: usize) -> (Url, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(head.as_bytes()).await;
            for _ in 0..times {
                if stream.write_all(body).await.is_err() {
                    break;
                }
                counter.fetch_add(body.len(), Ordering::Relaxed);
            }
        }
    });
    (url, sent)
}

async fn probe_scripted(url: Url) -> Verdict {
    let transports = HashMap::from([("openai".to_owned(), url)]);
    let settings = ProberSettings {
        transports,
        policy: EndpointPolicy::default(),
        limit: PATIENCE,
    };
    let openai = find("openai").unwrap();
    let secret = SecretString::from("sk-proj-FAKEFAKEFAKEFAKEFAKE");
    let target = Target::of_catalogue(openai).unwrap();
    Prober::new(settings)
        .unwrap()
        .probe(openai, &target, &secret, Depth::Listed)
        .await
}

#[tokio::test]
async fn an_endless_body_is_not_read_to_its_end() {
    const CHUNK: &[u8] = &[b' '; 64 * 1024];
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n";
    let (url, sent) = scripted(head, CHUNK, 16 * 1024).await;
    let verdict = probe_scripted(url).await;
    assert_eq!(verdict.reason, Some(HealthReason::Unreachable));
    assert!(verdict.message.unwrap().contains("too great a length"));
    let sent = sent.load(Ordering::Relaxed);
    assert!(sent < 64 * 1024 * 1024, "{sent} bytes were taken of a gigabyte");
}

#[tokio::test]
async fn broken_transports_are_unreachable() {
    for head in [
        "",
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":[",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-encoding: gzip\r\n\r\n\x1f\u{8}\u{8}\u{8}",
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\"\u{e9}",
    ] {
        let (url, _) = scripted(head, b"", 0).await;
        let verdict = probe_scripted(url).await;
        assert_eq!(verdict.reason, Some(HealthReason::Unreachable), "{head:?}");
        assert!(!verdict.timed_out, "{head:?}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let verdict = probe_scripted(url).await;
    assert_eq!(verdict.reason, Some(HealthReason::Unreachable));
    assert!(verdict.message.unwrap().starts_with("OpenAI could not be reached: "));
}

#[tokio::test]
async fn only_loopback_addresses_are_listened_on() {
    let error = Sandbox::start_on(([0, 0, 0, 0], 0).into()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}
