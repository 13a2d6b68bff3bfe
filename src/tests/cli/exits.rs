//! What commands end with: scripts rely on it.

use super::{Terminal, valid};
use latchkey::sandbox::{Behaviour, Sandbox};
use sqlx::PgPool;

/// What a command that is not done says, and what it ends with.
async fn ends(terminal: &Terminal, arguments: &[&str], input: &str, code: i32, words: &str) {
    let ran = terminal.run(arguments, input).await;
    assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
    assert_eq!(
        ran.out, "",
        "what was asked for stands on standard output, nothing else"
    );
    assert!(ran.err.contains(words), "{arguments:?}: {ran:?}");
}

#[sqlx::test(migrations = false)]
async fn each_kind_of_failure_has_its_code(pool: PgPool) {
    let terminal = Terminal::start(pool).await;
    let secret = valid("openai", "1111");
    Terminal::done(
        terminal
            .run(&["keys", "add", "openai", "--name", "Main"], &secret)
            .await,
    );

    // 2: it cannot be understood.
    for (arguments, words) in [
        (&["keys"][..], "Usage"),
        (&["keys", "list", "--nonsense"], "--nonsense"),
        (&["keys", "rotate", "openai", "--overlap", "2h"], "2h"),
        (&["keys", "delete", "openai", "--purge"], "--yes"),
        (&["locks", "add"], "--project"),
        (
            &["tokens", "create", "--name", "x", "--scope", "read:everything"],
            "--scope",
        ),
        (&["usage", "--last", "soon"], "7d"),
        (&["usage", "--sums", "--cursor", "x"], "--cursor"),
        (&["keys", "add", "openai"], "nothing in it"),
        (&["keys", "apply", "--file", "nowhere.yaml"], "nowhere.yaml"),
    ] {
        ends(&terminal, arguments, "", 2, words).await;
    }
    ends(
        &terminal,
        &["keys", "add", "openai", "--name", "main"],
        &secret,
        2,
        "name",
    )
    .await;
    // 3: not allowed.
    let reader = [
        ("LATCHKEY_URL", terminal.url()),
        ("LATCHKEY_TOKEN", terminal.app.project_token(&["read:byok"]).await),
    ];
    let refused = terminal.run_with(&reader, &["keys", "add", "openai"], &secret).await;
    assert!(refused.code == 3 && refused.err.contains("write:byok"), "{refused:?}");
    // 4: it is not there.
    ends(&terminal, &["keys", "test", "openai/Backup"], "", 4, "openai/Backup").await;
    ends(&terminal, &["keys", "list", "--project", "nowhere"], "", 4, "not_found").await;
    // 5: things stand against it.
    Terminal::done(terminal.run(&["locks", "add", "--everything"], "").await);
    ends(&terminal, &["locks", "add", "--everything"], "", 5, "conflict").await;
    // 6: the provider refuses the key.
    let revoked = Sandbox::key("openai", Behaviour::Revoked);
    ends(&terminal, &["keys", "set", "openai"], &revoked, 6, "Incorrect API key").await;
    terminal.app.sandbox.revoke(&secret);
    let tested = terminal.run(&["keys", "test", "openai"], "").await;
    assert_eq!(tested.code, 6, "{tested:?}");
    assert!(tested.out.contains("unhealthy (invalid)"), "{tested:?}");
    // 7: it cannot be reached, here the provider, then Latchkey.
    let down = Sandbox::key("xai", Behaviour::Down);
    ends(&terminal, &["keys", "set", "xai"], &down, 7, "provider").await;
    ends(
        &terminal,
        &["keys", "list", "--url", "http://127.0.0.1:9"],
        "",
        7,
        "cannot be reached",
    )
    .await;
    // 1: what answers is no Latchkey.
    let sandbox = format!("http://{}", terminal.app.sandbox.address());
    ends(&terminal, &["keys", "list", "--url", &sandbox], "", 1, "no Latchkey").await;
}

/// A secret that somebody wrote where none belongs is not told again, on the screen or in a log.
#[sqlx::test(migrations = false)]
async fn a_secret_in_the_wrong_place_is_not_told_again(pool: PgPool) {
    let terminal = Terminal::start(pool).await;
    let secret = valid("openai", "1111");
    for arguments in [
        ["keys", "set", &secret],
        ["keys", "test", &secret],
        ["keys", "default", &secret],
    ] {
        ends(&terminal, &arguments, "", 2, "openai/Name").await;
        let ran = terminal.run(&arguments, "").await;
        assert!(!ran.err.contains("sandbox"), "{ran:?}");
    }
    let refused = terminal
        .run(&["keys", "set", "openai"], &Sandbox::key("openai", Behaviour::Echo))
        .await;
    assert_eq!(refused.code, 6, "{refused:?}");
    assert!(!refused.err.contains("sandbox-echo"), "{refused:?}");
}
