//! `latchkey login` and `latchkey logout`.

use super::{Terminal, mode};
use sqlx::PgPool;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

#[sqlx::test(migrations = false)]
async fn one_signs_in_with_a_token_from_standard_input_or_a_file(pool: PgPool) {
    let terminal = Terminal::start(pool).await;
    let url = terminal.url();
    let kept = terminal.home.join("latchkey/login.json");
    let list = ["projects", "list"];
    let run = async |arguments: &[&str], input: &str| terminal.run_with(&[], arguments, input).await;

    let nobody = run(&list, "").await;
    assert_eq!(nobody.code, 3, "{nobody:?}");
    assert!(nobody.err.contains("latchkey login"), "{nobody:?}");

    // A token that does not work is not kept.
    let wrong = run(&["login", "--url", &url], "lk_api_nonsense\n").await;
    assert_eq!(
        (wrong.code, wrong.out.as_str(), kept.exists()),
        (3, "", false),
        "{wrong:?}"
    );
    assert!(!wrong.err.contains("lk_api_nonsense"), "{wrong:?}");

    let signed_in = run(&["login", "--url", &url], &format!("{}\n", terminal.token)).await;
    assert_eq!((signed_in.code, signed_in.out.as_str()), (0, ""), "{signed_in:?}");
    assert_eq!(signed_in.err, format!("Signed in to Acme at {url}.\n"));
    assert_eq!((mode(&kept), mode(kept.parent().unwrap())), (0o600, 0o700));
    let projects = Terminal::done(run(&list, "").await);
    assert!(projects.contains("main"), "{projects}");

    // The kept token goes nowhere else.
    let elsewhere = run(&["projects", "list", "--url", "http://127.0.0.1:9"], "").await;
    assert_eq!(elsewhere.code, 3, "{elsewhere:?}");
    // A file that others may read is not used.
    fs::set_permissions(&kept, Permissions::from_mode(0o644)).unwrap();
    let open = run(&list, "").await;
    assert!(open.code == 3 && open.err.contains("chmod 600"), "{open:?}");

    // Signing in again replaces it, here with a token from a file, at the address where one was.
    fs::set_permissions(&kept, Permissions::from_mode(0o600)).unwrap();
    let reader = terminal.app.project_token(&["read:byok"]).await;
    let file = terminal.file("token", &format!(" {reader} \n"));
    let again = run(&["login", "--token-file", file.to_str().unwrap()], "").await;
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(mode(&kept), 0o600);
    assert!(fs::read_to_string(&kept).unwrap().contains(&reader));
    assert!(!again.err.contains(&reader), "{again:?}");
    let refused = run(&["projects", "create", "Second"], "").await;
    assert_eq!(refused.code, 3, "{refused:?}");
    // What the environment says goes before.
    let given = [("LATCHKEY_TOKEN", terminal.token.clone())];
    Terminal::done(terminal.run_with(&given, &["projects", "create", "Second"], "").await);

    let out = run(&["logout"], "").await;
    assert_eq!((out.code, kept.exists()), (0, false), "{out:?}");
    assert!(out.err.contains("Signed out"), "{out:?}");
    assert_eq!(run(&list, "").await.code, 3);
    assert_eq!(run(&["logout"], "").await.err, "You were not signed in.\n");
}
