//! The canary scan: distinctive secrets go through every path, error paths included, and are then
//! looked for in answers, logs at TRACE, and every table. (The browser's storage is searched by the
//! browser tests.)

use super::canary_people;
use super::canary_webhooks;
use super::capture::Log;
use super::scan::{Canary, Seen, hex, hits};
use crate::harness::TestApp;
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use latchkey::domain::Random;
use latchkey::domain::SystemRandom;
use latchkey::providers;
use serde_json::json;
use sqlx::PgPool;
use std::fmt::Write;

#[sqlx::test(migrations = false)]
async fn no_secret_turns_up_anywhere(pool: PgPool) {
    let log = Log::capture();
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    let mut canaries = Vec::new();
    let mut seen = Seen::new();
    for provider in providers::catalogue() {
        for word in [
            "valid",
            "revoked",
            "blocked",
            "exhausted",
            "restricted",
            "limited",
            "garbage",
            "echo",
            "redirect",
            "down",
            "listonly",
        ] {
            let canary = provider_key(provider.prefixes().first().copied().unwrap_or_default(), word);
            bring(&app, &token, provider.slug(), &canary.text, &mut seen).await;
            canaries.push(canary);
        }
    }
    let lost = provider_key("sk-proj-", "valid");
    misplace(&app, &token, &lost.text, &mut seen).await;
    canaries.push(lost);
    let password = format!("canary {} {}", random_letters(12), random_letters(12));
    sign_in(&app, &password, &mut seen).await;
    canaries.push(Canary {
        text: password,
        prefix: 0,
    });
    canaries.push(Canary {
        text: token.clone(),
        prefix: token.len() - 40 - 9,
    });
    canaries.push(minted(&app, &token, &mut seen).await);
    canaries.push(session(&app, &mut seen).await);
    canaries.extend(canary_people::invitations(&app, &token, &mut seen).await);
    canaries.extend(canary_webhooks::webhooks(&app, &token, &mut seen).await);

    let metrics = app.services.metrics.render().await.unwrap();
    assert!(metrics.contains("latchkey_http_requests_total"), "{metrics}");
    seen.push(("metrics".to_owned(), metrics.into_bytes()));

    for path in [
        "/api/v1/audit-events/export?format=jsonl",
        "/api/v1/audit-events/export?format=csv",
    ] {
        let exported = app.call("GET", path).bearer(&token).send().await;
        assert!(exported.text().contains("key.added"), "{path}");
        seen.push((path.to_owned(), exported.body));
    }
    seen.push(("log".to_owned(), log.bytes()));
    seen.extend(tables(&app.database).await);
    let hits = hits(&canaries, &seen);
    assert!(hits.is_empty(), "secrets turned up:\n{}", hits.join("\n"));
    assert_eq!(app.sandbox.redirect_hits(), 0);
    // The scan sees what it looks at: the log is there, and so are the keys' last four characters.
    assert!(log.bytes().len() > 10_000);
    let listed = app
        .call("GET", "/api/v1/projects/main/byok-keys")
        .bearer(&token)
        .send()
        .await;
    assert!(listed.text().contains("sk-proj-...") && listed.text().contains("q9Zx"));
}

#[test]
fn the_scan_finds_what_it_looks_for() {
    let canaries = [
        provider_key("sk-proj-", "valid"),
        provider_key("sk-ant-api03-", "valid"),
    ];
    let text = &canaries[0].text;
    let encoded = BASE64_STANDARD_NO_PAD.encode(format!("xx{text}yy"));
    for leak in [
        format!("before {text} behind"),
        format!("a piece: {}", &text[24..37]),
        encoded,
        hex(text.as_bytes()),
        text.to_uppercase(),
    ] {
        let seen = vec![("leak".to_owned(), leak.into_bytes())];
        assert_eq!(hits(&canaries, &seen).len(), 1);
    }
    let harmless = vec![("shown".to_owned(), b"sk-proj-...q9Zx".to_vec())];
    assert!(hits(&canaries, &harmless).is_empty());
}

/// Brings a key over REST and over the dashboard's functions, with and without script, and has all
/// that can be done with it done.
async fn bring(app: &TestApp, token: &str, provider: &str, secret: &str, seen: &mut Seen) {
    let path = format!("/api/v1/projects/main/byok-keys/{provider}");
    let endpoint = (provider == "azure_openai").then(|| app.sandbox.azure_endpoint());
    let mut body = json!({ "api_key": secret });
    if let Some(endpoint) = &endpoint {
        body["endpoint"] = json!(endpoint);
    }
    let put = app
        .call("PUT", &path)
        .bearer(token)
        .header("idempotency-key", &random_letters(20))
        .json(body);
    let test = app
        .call("POST", &format!("{path}/test"))
        .bearer(token)
        .json(json!({ "deep": true }));
    let mut form = format!("project=main&provider={provider}&api_key={secret}");
    if let Some(endpoint) = &endpoint {
        write!(form, "&endpoint={endpoint}").unwrap();
    }
    let function = |accept| {
        app.call("POST", "/_fn/save_key")
            .bearer(token)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", accept)
            .header("referer", "http://127.0.0.1:3000/projects/main/keys")
            .body(form.clone())
    };
    for call in [put, test, function("application/json"), function("text/html")] {
        let answer = call.send().await;
        seen.push((
            format!("{provider}: {} {:?}", answer.status, answer.headers),
            everything(&answer),
        ));
    }
}

/// Puts a secret where it does not belong.
async fn misplace(app: &TestApp, token: &str, secret: &str, seen: &mut Seen) {
    let path = "/api/v1/projects/main/byok-keys/openai";
    let put = || {
        app.call("PUT", path)
            .bearer(token)
            .header("content-type", "application/json")
    };
    let calls = [
        put().body(format!("{{\"api_key\": \"{secret}")),
        put().body(format!("{{\"{secret}\": 1}}")),
        put().body(format!("{{\"api_key\": [\"{secret}\"]}}")),
        put().body(format!("\"{secret}\"")),
        put().body(format!("{{\"api_key\": \"{secret}\", \"endpoint\": \"{secret}\"}}")),
        put().header("content-type", "text/plain").body(secret),
        app.call("PUT", &format!("/api/v1/projects/main/byok-keys/{secret}"))
            .bearer(token)
            .json(json!({ "api_key": "x" })),
        app.call("GET", &format!("/api/v1/projects/{secret}/byok-keys"))
            .bearer(token),
        app.call("GET", &format!("/api/v1/nonsense?key={secret}")).bearer(token),
        app.call("GET", path).bearer(secret),
        app.call("GET", path).header("authorization", secret),
        app.call("POST", "/_fn/save_key")
            .bearer(token)
            .body(format!("api_key={secret}")),
        app.call("POST", &format!("/_fn/{secret}")).bearer(token),
    ];
    for call in calls {
        let answer = call.send().await;
        assert!(answer.status.is_client_error(), "{}", answer.text());
        seen.push((
            format!("misplaced: {} {:?}", answer.status, answer.headers),
            everything(&answer),
        ));
    }
}

async fn sign_in(app: &TestApp, password: &str, seen: &mut Seen) {
    let encoded = password.replace(' ', "+");
    for form in [
        format!("email=owner%40acme.example&password={encoded}"),
        format!("email=nobody%40acme.example&password={encoded}"),
        format!("link=lk_setup_x&organization=X&email=x%40example.com&password={encoded}"),
    ] {
        for accept in ["application/json", "text/html"] {
            let name = if form.starts_with("link") {
                "create_owner"
            } else {
                "sign_in"
            };
            let answer = app
                .call("POST", &format!("/_fn/{name}"))
                .header("content-type", "application/x-www-form-urlencoded")
                .header("accept", accept)
                .body(form.clone())
                .send()
                .await;
            seen.push((format!("{name}: {}", answer.status), everything(&answer)));
        }
    }
}

/// A token made over HTTP; the answer that shows it once is not looked at, its repetition in the
/// database is.
async fn minted(app: &TestApp, token: &str, seen: &mut Seen) -> Canary {
    let path = "/api/v1/projects/main/api-keys";
    let created = app
        .call("POST", path)
        .bearer(token)
        .header("idempotency-key", "canary")
        .json(json!({ "name": "canary", "scopes": ["read:byok"] }))
        .send()
        .await
        .expect(201);
    let list = app.call("GET", path).bearer(token).send().await;
    seen.push(("token list".to_owned(), everything(&list)));
    let form = "project=main&name=flash&scopes[]=read:byok";
    let flash = app
        .call("POST", "/_fn/create_token")
        .bearer(token)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .body(form)
        .send()
        .await;
    assert!(flash.status.is_redirection(), "{}", flash.text());
    seen.push(("token flash".to_owned(), everything(&flash)));
    let text = created["key"].as_str().unwrap().to_owned();
    Canary {
        prefix: text.len() - 40 - 9,
        text,
    }
}

/// A session's id; the answer that sets the cookie is not looked at, the pages it opens are.
async fn session(app: &TestApp, seen: &mut Seen) -> Canary {
    let form = "email=owner%40acme.example&password=correct+horse+battery+staple";
    let signed_in = app
        .call("POST", "/_fn/sign_in")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    let page = app
        .call("GET", "/projects/main/keys")
        .header("cookie", &cookie)
        .send()
        .await;
    assert!(page.text().contains("Provider keys"), "{}", page.text());
    // The cookie itself is sent again in a header, to move its end.
    seen.push(("page".to_owned(), page.body));
    let (_, id) = cookie.split_once('=').unwrap();
    Canary {
        text: id.to_owned(),
        prefix: 0,
    }
}

pub(super) fn everything(answer: &crate::harness::Answer) -> Vec<u8> {
    let mut bytes = format!("{:?}", answer.headers).into_bytes();
    bytes.extend_from_slice(&answer.body);
    bytes
}

/// Every row of every table, as text.
pub(super) async fn tables(database: &PgPool) -> Seen {
    let names: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
    )
    .fetch_all(database)
    .await
    .unwrap();
    assert!(names.contains(&"provider_keys".to_owned()));
    let mut contents = Vec::new();
    for name in names {
        let query = sqlx::AssertSqlSafe(format!("select t::text from {name} t"));
        let rows: Vec<String> = sqlx::query_scalar(query).fetch_all(database).await.unwrap();
        contents.push((format!("table {name}"), rows.join("\n").into_bytes()));
        // Bytes stand in hex above; a secret kept in clear in them would stand here.
        let raw: Vec<Vec<u8>> = rows.iter().flat_map(|row| bytea_in(row)).collect();
        contents.push((format!("bytes of table {name}"), raw.concat()));
    }
    contents
}

fn bytea_in(row: &str) -> Vec<Vec<u8>> {
    let pieces = row.split("\\x").skip(1);
    pieces
        .map(|piece| {
            let digits: String = piece.chars().take_while(char::is_ascii_hexdigit).collect();
            let pairs = digits.as_bytes().chunks_exact(2);
            pairs
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
                .collect()
        })
        .collect()
}

pub(super) fn provider_key(prefix: &str, word: &str) -> Canary {
    let text = format!("{prefix}sandbox-{word}-{}q9Zx", random_letters(40));
    Canary {
        prefix: text.len() - 44,
        text,
    }
}

pub(super) fn random_letters(count: usize) -> String {
    let random: &dyn Random = &SystemRandom;
    let bytes: [u8; 64] = random.bytes();
    bytes
        .iter()
        .take(count)
        .map(|byte| char::from(b'a' + byte % 26))
        .collect()
}
