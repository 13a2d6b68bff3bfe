//! `latchkey keys apply`: a project's keys become as a file says.

use super::{Ran, Terminal, valid};
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::{Value, json};
use sqlx::PgPool;

const FILE: &str = "keys.yaml";

/// Applies a file with these secrets in the environment.
async fn apply(terminal: &Terminal, file: &str, options: &[&str]) -> Ran {
    terminal.file(FILE, file);
    let variables = [
        ("LATCHKEY_URL", terminal.url()),
        ("LATCHKEY_TOKEN", terminal.token.clone()),
        ("FIRST", valid("openai", "1111")),
        ("SECOND", valid("openai", "2222")),
        ("REFUSED", Sandbox::key("openai", Behaviour::Revoked)),
    ];
    let arguments = [&["keys", "apply", "--file", FILE], options].concat();
    let ran = terminal.run_with(&variables, &arguments, &valid("xai", "3333")).await;
    for told in [&ran.out, &ran.err] {
        assert!(!told.contains("sandbox"), "a secret was told: {ran:?}");
    }
    ran
}

/// The lines of a plan, without the space between their parts.
fn plan(ran: &Ran) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    ran.out.lines().map(words).collect()
}

/// The keys in use: provider, name, masked secret, whether default, whether on.
async fn keys(terminal: &Terminal) -> Vec<(String, String, String, bool, bool)> {
    let list = terminal.json(&["keys", "list"], "").await;
    let text = |key: &Value, field: &str| key[field].as_str().unwrap().to_owned();
    let keys = list["keys"].as_array().unwrap().iter().map(|key| {
        let is = |field: &str| key[field].as_bool().unwrap();
        (
            text(key, "provider"),
            text(key, "name"),
            text(key, "redacted"),
            is("is_default"),
            is("is_active"),
        )
    });
    keys.collect()
}

fn key(
    provider: &str,
    name: &str,
    redacted: &str,
    is_default: bool,
    is_active: bool,
) -> (String, String, String, bool, bool) {
    (
        provider.to_owned(),
        name.to_owned(),
        redacted.to_owned(),
        is_default,
        is_active,
    )
}

const BOTH: &str = "project: main
keys:
  - {provider: openai, name: Backup, secret_env: SECOND, enabled: false}
  - {provider: openai, name: Main, secret_env: FIRST, default: true}
  - {provider: xai, name: Grok, secret_stdin: true}
";

#[sqlx::test(migrations = false)]
async fn the_plan_comes_first_and_a_second_time_nothing_is_done(pool: PgPool) {
    let terminal = Terminal::start(pool).await;
    let planned = apply(&terminal, BOTH, &["--plan"]).await;
    assert_eq!(planned.code, 8, "{planned:?}");
    let expected = [
        "+ add openai/Main sk-proj-...1111, the default",
        "+ add openai/Backup sk-proj-...2222",
        "+ add xai/Grok xai-...3333",
        "~ disable openai/Backup",
    ];
    assert_eq!(plan(&planned), expected);
    assert!(keys(&terminal).await.is_empty(), "a plan changes nothing");
    // Nobody can be asked here, and nobody said yes.
    let unasked = apply(&terminal, BOTH, &[]).await;
    assert!(unasked.code == 2 && unasked.err.contains("--yes"), "{unasked:?}");
    assert!(keys(&terminal).await.is_empty());

    let done = apply(&terminal, BOTH, &["--yes"]).await;
    assert_eq!((done.code, done.err.as_str()), (0, "Done.\n"), "{done:?}");
    assert_eq!(plan(&done), expected);
    let all = [
        key("openai", "Main", "sk-proj-...1111", true, true),
        key("openai", "Backup", "sk-proj-...2222", false, false),
        key("xai", "Grok", "xai-...3333", true, true),
    ];
    assert_eq!(keys(&terminal).await, all);

    let events = async || {
        terminal.json(&["audit", "--limit", "200"], "").await["events"]
            .as_array()
            .unwrap()
            .len()
    };
    let before = events().await;
    for options in [&["--yes"][..], &["--plan"], &["--yes", "--prune"]] {
        let again = apply(&terminal, BOTH, options).await;
        assert_eq!((again.code, again.out.as_str()), (0, ""), "{again:?}");
        assert_eq!(again.err, "Nothing to do: the project is as the file says.\n");
    }
    assert_eq!(events().await, before, "nothing was done");
}

#[sqlx::test(migrations = false)]
async fn what_changed_in_the_file_changes_in_the_project(pool: PgPool) {
    let terminal = Terminal::start(pool).await;
    Terminal::done(apply(&terminal, BOTH, &["--yes"]).await);
    let changed = "keys:
  - {provider: openai, name: Main, secret_env: SECOND}
  - {provider: openai, name: Spare, was: Backup, secret_env: SECOND, enabled: true, default: true,
     fallback: {on_missing: fail, on_failure: fail}}
";
    let planned = apply(&terminal, changed, &["--plan", "--prune", "--json"]).await;
    assert_eq!((planned.code, planned.err.as_str()), (8, ""), "{planned:?}");
    let step = |action: &str, provider: &str, name: &str| json!({"action": action, "provider": provider, "name": name});
    let expected = json!({
        "applied": false,
        "changes": [
            step("rename", "openai", "Spare"),
            step("replace", "openai", "Main"),
            step("enable", "openai", "Spare"),
            step("make default", "openai", "Spare"),
            step("set fallback", "openai", "Spare"),
            step("delete", "xai", "Grok"),
        ],
    });
    assert_eq!(serde_json::from_str::<Value>(&planned.out).unwrap(), expected);
    // Without --prune, what the file does not know stays.
    Terminal::done(apply(&terminal, changed, &["--yes"]).await);
    let openai = [
        key("openai", "Main", "sk-proj-...2222", false, true),
        key("openai", "Spare", "sk-proj-...2222", true, true),
    ];
    let with_xai = [&openai[..], &[key("xai", "Grok", "xai-...3333", true, true)]].concat();
    assert_eq!(keys(&terminal).await, with_xai);
    let pruned = Terminal::done(apply(&terminal, changed, &["--yes", "--prune"]).await);
    assert_eq!(
        pruned.split_whitespace().take(3).collect::<Vec<_>>(),
        ["-", "delete", "xai/Grok"]
    );
    assert_eq!(keys(&terminal).await, openai);
    // It is recoverable.
    Terminal::done(terminal.run(&["keys", "restore", "xai/Grok"], "").await);
    // A secret that looks the same is replaced where that is asked for.
    let renewed = Terminal::done(apply(&terminal, changed, &["--yes", "--renew"]).await);
    assert_eq!(renewed.matches("replace").count(), 2, "{renewed}");
}

#[sqlx::test(migrations = false)]
async fn what_cannot_be_done_is_told_and_leaves_what_is_there(pool: PgPool) {
    let terminal = Terminal::start(pool).await;
    Terminal::done(apply(&terminal, BOTH, &["--yes"]).await);
    let before = keys(&terminal).await;
    let refused = apply(
        &terminal,
        "keys: [{provider: openai, name: Main, secret_env: REFUSED}]",
        &["--yes"],
    )
    .await;
    assert_eq!(refused.code, 6, "{refused:?}");
    assert!(refused.err.contains("replace openai/Main: "), "{refused:?}");
    for (file, words) in [
        (
            "keys: [{provider: openai, name: Main, secret: x}]",
            "must not stand in the file",
        ),
        (
            "keys: [{provider: openai, name: Main, secret_env: UNSET}]",
            "openai/Main: ",
        ),
        (
            "keys: [{provider: nobody, name: Main, secret_env: FIRST}]",
            "there is no such provider",
        ),
        ("keys: {", "cannot be read as YAML"),
    ] {
        let wrong = apply(&terminal, file, &["--yes"]).await;
        assert!(wrong.code == 2 && wrong.err.contains(words), "{wrong:?}");
    }
    assert_eq!(keys(&terminal).await, before);
}

/// Two that apply at once: each ends with the project as its file says, or is told that somebody else was at it; and
/// calls have a default key at all times.
#[sqlx::test(migrations = false)]
async fn of_two_that_apply_at_once_one_wins_and_no_call_finds_a_gap(pool: PgPool) {
    let terminal = Terminal::start(pool).await;
    let app = &terminal.app;
    let token = app.project_token(&["use:gateway"]).await;
    let file = |name: &str, default: &str| {
        let entry = |key: &str, variable: &str| {
            format!(
                "  - {{provider: openai, name: {key}, secret_env: {variable}, default: {}}}\n",
                key == default
            )
        };
        let entries = [entry("One", "FIRST"), entry("Two", "SECOND"), entry("Three", "THIRD")];
        terminal.file(name, &format!("keys:\n{}", entries.concat()))
    };
    let files = ["One", "Two", "Three"].map(|name| file(&format!("{name}.yaml"), name));
    let [one, two, three] = &files;
    let run = async |path: &std::path::Path| {
        let variables = [
            ("LATCHKEY_URL", terminal.url()),
            ("LATCHKEY_TOKEN", terminal.token.clone()),
            ("FIRST", valid("openai", "1111")),
            ("SECOND", valid("openai", "2222")),
            ("THIRD", valid("openai", "3333")),
        ];
        let arguments = ["keys", "apply", "--yes", "--file", path.to_str().unwrap()];
        terminal.run_with(&variables, &arguments, "").await
    };
    Terminal::done(run(three).await);
    let calling = async {
        loop {
            let call = app.call("POST", "/gateway/openai/v1/chat/completions").bearer(&token);
            let body = json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]});
            let answer = call.json(body).send().await;
            assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
            assert_eq!(answer.header("x-latchkey-key-source"), "byok");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let applying = async {
        for _ in 0..5 {
            Terminal::done(run(three).await);
            let (first, second) = tokio::join!(run(one), run(two));
            let codes = (first.code, second.code);
            assert!(matches!(codes, (0, 0 | 5) | (5, 0)), "one wins: {first:?} {second:?}");
            let keys = keys(&terminal).await;
            let defaults: Vec<_> = keys.iter().filter(|key| key.3).map(|key| key.1.as_str()).collect();
            assert_eq!((keys.len(), defaults.len()), (3, 1), "{keys:?}");
            match codes {
                (0, 5) => assert_eq!(defaults, ["One"]),
                (5, 0) => assert_eq!(defaults, ["Two"]),
                _ => (),
            }
        }
    };
    tokio::select! {
        () = applying => (),
        never = calling => never,
    }
}
