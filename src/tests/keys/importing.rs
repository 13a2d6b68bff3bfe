//! Keys recognised in a paste, and imported.

use super::{add, is_name_taken, keys, names, owner, project, secret, told};
use crate::harness::TestApp;
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::ServiceError;
use latchkey::service::keys::{Candidate, ImportChoice};
use secrecy::SecretString;
use sqlx::PgPool;

fn paste(app: &TestApp) -> SecretString {
    let key = Sandbox::key;
    SecretString::from(format!(
        "# keys of the team\n\
         export OPENAI_API_KEY=\"{}\" # the one\n\
         ANTHROPIC_API_KEY={}\n\
         MISTRAL_KEY={}\n\
         PORT=3000\n\
         STRIPE_SECRET_KEY=sk_live_FAKEFAKEFAKEFAKEFAKE\n\
         AZURE_OPENAI_ENDPOINT={}\n\
         AZURE_OPENAI_API_KEY: {}\n\
         {}\n\
         OPENAI_AGAIN_KEY={}\n",
        secret(1),
        key("anthropic", Behaviour::Revoked),
        key("mistral", Behaviour::Valid),
        app.sandbox.azure_endpoint().replace("http://", "https://"),
        key("azure_openai", Behaviour::Valid),
        key("groq", Behaviour::Valid),
        secret(1),
    ))
}

fn choice(line: u32, provider: &str, name: &str) -> ImportChoice {
    ImportChoice {
        line,
        provider: provider.to_owned(),
        name: name.to_owned(),
        endpoint: None,
    }
}

#[sqlx::test(migrations = false)]
async fn a_paste_is_told_line_by_line_and_nothing_is_kept_of_it(pool: PgPool) {
    let app = TestApp::start(pool).await;
    add(&app, "", 1).await;
    app.sandbox.clear_calls();
    let preview = keys(&app)
        .import_preview(owner(&app), &project(&app), &paste(&app))
        .await
        .unwrap();
    let told: Vec<_> = preview
        .candidates
        .iter()
        .map(|one: &Candidate| {
            let provider = one.provider.as_ref().map(ToString::to_string).unwrap_or_default();
            (
                one.line,
                provider,
                one.variable.as_deref().unwrap_or_default(),
                one.already_here,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, "openai".to_owned(), "OPENAI_API_KEY", true),
            (3, "anthropic".to_owned(), "ANTHROPIC_API_KEY", false),
            (4, "mistral".to_owned(), "MISTRAL_KEY", false),
            (8, "azure_openai".to_owned(), "AZURE_OPENAI_API_KEY", false),
            (9, "groq".to_owned(), "", false),
        ]
    );
    assert_eq!(preview.left_out, 4, "no keys, and the same once more");
    assert_eq!(preview.candidates[0].redacted, "sk-proj-...0001");
    assert!(
        preview.candidates[3]
            .endpoint
            .as_deref()
            .is_some_and(|it| it.starts_with("https://"))
    );
    assert!(preview.candidates[0].endpoint.is_none());
    assert!(!format!("{preview:?}").contains("sandbox-"));
    assert!(app.sandbox.requests().is_empty(), "nobody was asked");
    assert_eq!(names(&app).await.len(), 1);
    let long = SecretString::from("x".repeat(64 * 1024 + 1));
    assert!(matches!(
        keys(&app).import_preview(owner(&app), &project(&app), &long).await,
        Err(ServiceError::Invalid { field: "pasted", .. })
    ));
}

#[sqlx::test(migrations = false)]
async fn each_line_is_probed_and_added_whatever_becomes_of_the_others(pool: PgPool) {
    let app = TestApp::start(pool).await;
    add(&app, "Taken", 7).await;
    let choices = vec![
        choice(2, "openai", "Imported"),
        choice(3, "anthropic", ""),
        choice(4, "mistral", "Mistral"),
        choice(9, "nobody", ""),
        choice(99, "openai", ""),
        choice(10, "openai", "taken"),
        ImportChoice {
            endpoint: Some(app.sandbox.azure_endpoint()),
            ..choice(8, "azure_openai", "EU")
        },
    ];
    let imported = keys(&app)
        .import(owner(&app), &project(&app), &paste(&app), choices, "owner")
        .await
        .unwrap();
    let mut outcomes = imported.into_iter().map(|one| (one.line, one.outcome));
    let mut next = |line| {
        let (told, outcome) = outcomes.next().unwrap();
        assert_eq!(told, line);
        outcome
    };
    let openai = next(2).unwrap().key;
    assert!(!openai.is_default && openai.is_active && openai.name == "Imported");
    assert!(matches!(next(3), Err(ServiceError::KeyRefused { .. })));
    assert!(next(4).unwrap().key.is_default);
    assert!(matches!(next(9), Err(ServiceError::Invalid { field: "provider", .. })));
    assert!(matches!(next(99), Err(ServiceError::Invalid { field: "line", .. })));
    assert!(is_name_taken(&next(10)));
    assert!(next(8).unwrap().key.is_default);
    assert_eq!(names(&app).await, ["EU*", "Mistral*", "Taken*", "Imported"]);
    assert_eq!(told(&app, "key.added").await.len(), 4);
    let many = vec![choice(2, "openai", ""); 51];
    assert!(
        keys(&app)
            .import(owner(&app), &project(&app), &paste(&app), many, "owner")
            .await
            .is_err()
    );
}
