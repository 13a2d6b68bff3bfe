//! What the README and the page tell scanners of leaked secrets holds for every token.

use super::{browser, make, rotate, text};
use crate::harness::TestApp;
use latchkey::domain::{Overlap, SystemRandom};
use latchkey::vault::{Token, TokenError, TokenKind};
use regex::Regex;
use secrecy::ExposeSecret;
use serde_json::json;
use sqlx::PgPool;

const KINDS: [TokenKind; 4] = [
    TokenKind::Api,
    TokenKind::Setup,
    TokenKind::Invitation,
    TokenKind::Reset,
];

fn pattern() -> Regex {
    Regex::new(Token::PATTERN).unwrap()
}

#[test]
fn every_token_is_found_whole_wherever_it_stands() {
    let pattern = pattern();
    for number in 0..1_000 {
        let kind = KINDS[number % KINDS.len()];
        let token = Token::mint(kind, &SystemRandom).text();
        let token = token.expose_secret();
        for place in [
            token.to_owned(),
            format!("LATCHKEY_TOKEN={token}\n"),
            format!("{{\"token\":\"{token}\"}}"),
            format!("Authorization: Bearer {token}."),
            format!("https://latchkey.example/invitations/{token}?x=1"),
        ] {
            let found: Vec<_> = pattern.find_iter(&place).map(|hit| hit.as_str()).collect();
            assert_eq!(found, [token], "{place}");
        }
        assert!(Token::parse(kind, token).is_ok());
    }
}

/// The checksum is a plain CRC-32, so a scanner can tell a token from what looks like one: whatever single character
/// is another one, and wherever two neighbours changed places.
#[test]
fn a_flipped_character_fails_the_checksum() {
    let pattern = pattern();
    for number in 0..20 {
        let token = Token::mint(KINDS[number % KINDS.len()], &SystemRandom);
        let (kind, text) = (token.kind(), token.text());
        let text = text.expose_secret();
        let (body, checksum) = text.rsplit_once('_').unwrap();
        assert_eq!(format!("{:08x}", crc32fast::hash(body.as_bytes())), checksum);
        let secret = text.len() - 9 - 40..text.len() - 9;
        for at in secret.start - 17..secret.end {
            for other in "abcdefghijklmnopqrstuvwxyz234567".chars() {
                let flipped = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                if at == secret.start - 1 || flipped == text {
                    continue;
                }
                assert!(pattern.is_match(&flipped), "it still looks like one");
                assert_eq!(
                    Token::parse(kind, &flipped).unwrap_err(),
                    TokenError::Checksum,
                    "{flipped}"
                );
            }
        }
        for at in text.len() - 8..text.len() {
            for other in "0123456789abcdef"
                .chars()
                .filter(|other| !text[at..].starts_with(*other))
            {
                let flipped = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                assert_eq!(Token::parse(kind, &flipped).unwrap_err(), TokenError::Checksum);
            }
        }
        let mut swapped: Vec<char> = text.chars().collect();
        for at in secret.start..secret.end - 1 {
            swapped.swap(at, at + 1);
            let typed: String = swapped.iter().collect();
            assert!(typed == text || Token::parse(kind, &typed).is_err());
            swapped.swap(at, at + 1);
        }
    }
}

#[test]
fn other_text_is_not_found() {
    let token = Token::mint(TokenKind::Api, &SystemRandom).text();
    let token = token.expose_secret();
    for other in [
        token.to_uppercase(),
        format!("x{token}"),
        format!("{token}0"),
        token.replacen("api", "other", 1),
        token.replacen("lk_", "sk_", 1),
        token[..token.len() - 1].to_owned(),
        "lk_api_public_secret_checksum".to_owned(),
    ] {
        assert!(!pattern().is_match(&other), "{other}");
    }
}

#[sqlx::test(migrations = false)]
async fn whatever_hands_a_token_out_hands_out_one_that_is_found(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let made = make(&app, &["*"], 0).await;
    let rotated = rotate(&app, made.token.id, Overlap::Week).await.unwrap();
    let mut found = vec![text(&made).to_owned(), text(&rotated.minted).to_owned()];
    let admin = found[1].clone();
    let whole = app.token(&["*"]).await;
    for (path, bearer, field) in [
        ("/api/v1/projects/main/api-keys", &admin, "key"),
        ("/api/v1/tokens", &whole, "text"),
    ] {
        let body = json!({ "scopes": ["read:byok"] });
        let answer = app
            .call("POST", path)
            .bearer(bearer)
            .json(body)
            .send()
            .await
            .expect(201);
        found.push(answer[field].as_str().unwrap().to_owned());
    }
    let mut browser = browser(&app).await;
    let fields = [("project", "main"), ("name", "x"), ("scopes[]", "read:byok")];
    let answer = browser
        .post(app.call("POST", "/_fn/create_token"), &fields)
        .await
        .expect(200);
    found.push(answer["token"].as_str().unwrap().to_owned());
    let invited = browser
        .post(
            app.call("POST", "/_fn/invite_member"),
            &[("email", "mia@acme.example"), ("role", "viewer")],
        )
        .await
        .expect(200);
    let link = invited["link"].as_str().unwrap();
    found.push(link.rsplit_once('/').unwrap().1.to_owned());
    for token in &found {
        let hit = pattern().find(token).map(|hit| hit.as_str().len());
        assert_eq!(hit, Some(token.len()), "{token}");
    }
}

#[sqlx::test(migrations = false)]
async fn the_readme_and_the_page_have_the_pattern_itself(pool: PgPool) {
    let readme = include_str!("../../../README.md");
    assert!(
        readme.contains(&format!("`{}`", Token::PATTERN)),
        "renew the README's regular expression"
    );
    let app = TestApp::start(pool).await;
    let shown = browser(&app)
        .await
        .open(app.call("GET", "/projects/main/tokens"))
        .await
        .text();
    assert!(
        shown.contains(&format!("data-pattern=\"\">{}<", Token::PATTERN)),
        "{shown}"
    );
}
