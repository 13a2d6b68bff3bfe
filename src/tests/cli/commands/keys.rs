//! The commands that work on provider keys.

use super::Asker;
use crate::cli::valid;

pub(super) async fn keys(asker: &Asker) {
    let secret = |number: u32| valid("openai", &format!("{number}{number}{number}{number}"));
    let words = ["PROVIDER", "sk-proj-...1111", "default"];
    let said = asker.says(&["keys", "set", "openai"], &secret(1), &words).await;
    assert!(!said.contains("sandbox"), "no secret is shown");
    asker
        .says(&["keys", "set", "openai"], &secret(2), &["sk-proj-...2222"])
        .await;
    let file = asker.terminal.file("openai.key", &format!("{}\n", secret(3)));
    let add = ["keys", "add", "openai", "--name", "Backup", "--secret-file"];
    asker
        .says(
            &[&add[..], &[file.to_str().unwrap()]].concat(),
            "",
            &["Backup", "healthy"],
        )
        .await;
    // The same secret again is pointed out, not refused.
    let twin = ["keys", "set", "openai/Copy"];
    asker
        .says(&twin, &secret(3), &["The same secret is stored as openai/Backup"])
        .await;
    asker
        .says(&["keys", "list"], "", &["Backup", "Copy", "...2222", "...3333"])
        .await;
    asker
        .says(&["keys", "list", "--provider", "xai"], "", &["There are none."])
        .await;

    asker.says(&["keys", "test", "openai"], "", &["healthy"]).await;
    asker
        .says(&["keys", "test", "openai/backup", "--deep"], "", &["healthy"])
        .await;
    asker
        .says(
            &["keys", "disable", "openai/Backup"],
            "",
            &["No call has used it.", "off"],
        )
        .await;
    assert_eq!(asker.key("Backup").await["is_active"], false);
    asker.says(&["keys", "enable", "openai/Backup"], "", &["on"]).await;
    asker
        .says(&["keys", "rename", "openai/Backup", "Spare"], "", &["Spare"])
        .await;
    asker
        .says(&["keys", "default", "openai/Spare"], "", &["Spare", "default"])
        .await;
    assert_eq!(asker.key("Spare").await["is_default"], true);

    let rotate = ["keys", "rotate", "openai", "--overlap", "1h"];
    asker.says(&rotate, &secret(4), &["Spare", "...4444"]).await;
    let old = asker.key("Spare 2").await;
    assert!(old["retires_at"].is_string(), "{old}");
    asker
        .says(&["keys", "end-overlap", "openai/Spare 2"], "", &["deleted"])
        .await;
    asker.says(&["keys", "list", "--deleted"], "", &["Spare 2"]).await;
    asker
        .says(&["keys", "restore", "openai/Spare 2"], "", &["Spare 2", "on"])
        .await;

    let id = asker.key("Copy").await["id"].as_str().unwrap().to_owned();
    asker
        .says(&["keys", "delete", "openai/Copy"], "", &["Deleted openai/Copy", &id])
        .await;
    asker.says(&["keys", "restore", &id], "", &["Copy"]).await;
    let purge = ["keys", "delete", "openai/Copy", "--purge", "--yes"];
    asker.says(&purge, "", &["Erased openai/Copy for ever."]).await;
    let gone = asker.terminal.run(&["keys", "restore", &id], "").await;
    assert_eq!(gone.code, 4, "{gone:?}");
    // Azure's key is bound to an address.
    let endpoint = asker.terminal.app.sandbox.azure_endpoint();
    let azure = [
        "keys",
        "set",
        "azure_openai",
        "--api-version",
        "2024-10-21",
        "--endpoint",
        &endpoint,
    ];
    asker
        .says(&azure, &valid("azure_openai", "5555"), &["azure_openai", "healthy"])
        .await;
}

pub(super) async fn applying(asker: &Asker) {
    let file = "keys:\n  - {provider: mistral, name: Main, secret_stdin: true}\n";
    let file = asker.terminal.file("keys.yaml", file);
    let apply = ["keys", "apply", "--yes", "--file", file.to_str().unwrap()];
    let secret = valid("mistral", "6666");
    asker.says(&apply, &secret, &["+ add", "mistral/Main", "Done."]).await;
    asker.says(&apply, &secret, &["Nothing to do"]).await;
}
