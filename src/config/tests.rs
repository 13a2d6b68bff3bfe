use super::testing::TemporaryFolder;
use super::*;
use secrecy::ExposeSecret;
use std::collections::HashMap;
use std::path::Path;

const PROVIDERS: &[&str] = &["openai", "azure_openai"];
/// 32 bytes of text, in base64; no key of anyone's.
const FAKE_KEY: &str = "RkFLRSBmYWtlIEZBS0UgZmFrZSBGQUtFIGZha2UgISE=";

fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let mut map: HashMap<&str, &str> = HashMap::from([("HOME", "/home/someone")]);
    map.extend(variables.iter().copied());
    Config::from_env(&|name| map.get(name).map(ToString::to_string), PROVIDERS)
}

/// The variables refused.
fn refused(variables: &[(&str, &str)]) -> Vec<String> {
    let errors = read(variables).err().map(|errors| errors.0).unwrap_or_default();
    errors.into_iter().map(|error| error.variable).collect()
}

#[test]
fn nothing_set_is_a_private_server_on_this_machine() {
    let config = read(&[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(config.public_url.to_string(), "http://127.0.0.1:3000");
    assert!(matches!(config.database, Database::Private));
    assert_eq!(config.data_dir, Path::new("data"));
    assert_eq!(config.drain, Duration::from_secs(30));
    assert_eq!(config.key_retention, time::Duration::days(90));
    assert_eq!(config.jobs_taken_over, Duration::from_mins(1));
    assert_eq!(config.site_root, Path::new("target/site"));
    assert!(config.metrics_listen.is_none() && config.mail.is_none());
    assert!(config.platform_keys.is_empty() && config.base_urls.is_empty());
    assert!(config.trusted_proxies.is_empty());
    let MasterKeySource::Generated { path } = config.master_key else {
        panic!("no key was given")
    };
    assert!(path.starts_with("/home/someone/.config/latchkey"), "{}", path.display());
}

#[test]
fn everything_set_is_read() {
    let config = read(&[
        ("LATCHKEY_LISTEN", "0.0.0.0:8080"),
        ("LATCHKEY_PUBLIC_URL", "https://keys.example.com"),
        ("DATABASE_URL", "postgres://app:FAKE-app@db/latchkey"),
        (
            "LATCHKEY_MIGRATION_DATABASE_URL",
            "postgresql://owner:FAKE-owner@db/latchkey",
        ),
        ("LATCHKEY_DATA_DIR", "/srv/latchkey"),
        ("LATCHKEY_MASTER_KEY", FAKE_KEY),
        ("LATCHKEY_MASTER_KEY_PREVIOUS", FAKE_KEY),
        ("LATCHKEY_PLATFORM_KEY_AZURE_OPENAI", " FAKE-platform "),
        ("LATCHKEY_OPENAI_BASE_URL", "https://relay.example.com/openai"),
        ("LATCHKEY_AZURE_OPENAI_BASE_URL", "http://127.0.0.1:4010"),
        ("LATCHKEY_TRUSTED_PROXIES", "10.0.0.0/8, 192.168.1.4 ::1"),
        ("LATCHKEY_METRICS_LISTEN", "127.0.0.1:9090"),
        ("LATCHKEY_SMTP_URL", "smtps://mailer:FAKE-mail@mail.example.com"),
        ("LATCHKEY_MAIL_FROM", "latchkey@example.com"),
        ("LATCHKEY_DRAIN_SECONDS", "5"),
        ("LATCHKEY_KEY_RETENTION_DAYS", "7"),
        ("LATCHKEY_JOBS_TAKEN_OVER_SECONDS", "12"),
        ("LATCHKEY_SITE_ROOT", "/usr/share/latchkey"),
        ("LEPTOS_SITE_ROOT", "elsewhere"),
    ])
    .unwrap();
    let slug = |text: &str| text.parse::<ProviderSlug>().unwrap();
    assert!(config.public_url.is_https());
    let Database::Url { server, migration } = &config.database else {
        panic!("not private")
    };
    assert!(server.expose_secret().starts_with("postgres://app"));
    assert!(migration.expose_secret().starts_with("postgresql://owner"));
    let MasterKeySource::Given { previous, .. } = &config.master_key else {
        panic!("given")
    };
    assert!(previous.is_some());
    assert_eq!(
        config.platform_keys[&slug("azure_openai")].expose_secret(),
        "FAKE-platform"
    );
    assert_eq!(config.base_urls[&slug("openai")].path(), "/openai");
    assert_eq!(
        config.base_urls[&slug("azure_openai")].as_str(),
        "http://127.0.0.1:4010/"
    );
    assert_eq!(config.trusted_proxies.len(), 3);
    assert_eq!(config.drain, Duration::from_secs(5));
    assert_eq!(config.key_retention, time::Duration::days(7));
    assert_eq!(config.jobs_taken_over, Duration::from_secs(12));
    assert_eq!(config.site_root, Path::new("/usr/share/latchkey"));
    let shown = format!("{config:?}");
    assert!(!shown.contains("FAKE") && !shown.contains(FAKE_KEY), "{shown}");
}

#[test]
fn all_problems_are_told_at_once_and_quote_no_secret() {
    let errors = read(&[
        ("LATCHKEY_LISTEN", "3000"),
        ("LATCHKEY_PUBLIC_URL", "http://keys.example.com"),
        ("DATABASE_URL", "mysql://FAKE-secret"),
        ("LATCHKEY_MASTER_KEY", "FAKE-secret"),
        ("LATCHKEY_PLATFORM_KEY_OPENAI", "FAKE secret"),
        ("LATCHKEY_OPENAI_BASE_URL", "http://relay.example.com"),
        ("LATCHKEY_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("LATCHKEY_METRICS_LISTEN", "here"),
        ("LATCHKEY_SMTP_URL", "https://FAKE-secret"),
        ("LATCHKEY_MAIL_FROM", "somebody"),
        ("LATCHKEY_DRAIN_SECONDS", "-1"),
        ("LATCHKEY_KEY_RETENTION_DAYS", "0"),
        ("LATCHKEY_JOBS_TAKEN_OVER_SECONDS", "2"),
    ])
    .unwrap_err();
    insta::assert_snapshot!(errors, @r#"
    the configuration cannot be used:
      LATCHKEY_LISTEN: "3000" is not an IP address with a port; write for example 127.0.0.1:3000
      LATCHKEY_PUBLIC_URL: plain http is only for this machine itself; write for example https://keys.example.com
      DATABASE_URL: it is not a Postgres address; write postgres://user:password@host:5432/database
      LATCHKEY_MASTER_KEY: it is not 32 bytes in base64; `latchkey master-key generate` makes a key
      LATCHKEY_PLATFORM_KEY_OPENAI: it is longer than any key, or has spaces or special characters; write the provider's key alone
      LATCHKEY_OPENAI_BASE_URL: it is neither an https address nor a plain http one of this machine, or it has a user, query or fragment; write for example https://relay.example.com
      LATCHKEY_TRUSTED_PROXIES: "10.0.0.0/99" is neither an IP address nor a network; write for example 10.0.0.0/8, 192.168.1.4
      LATCHKEY_METRICS_LISTEN: "here" is not an IP address with a port; write for example 127.0.0.1:3000
      LATCHKEY_SMTP_URL: it is not a mail server's address; write smtps://user:password@mail.example.com
      LATCHKEY_MAIL_FROM: "somebody" is not a mail address; write for example latchkey@example.com
      LATCHKEY_DRAIN_SECONDS: "-1" is not a whole number from 0 to 3600; write for example 30
      LATCHKEY_KEY_RETENTION_DAYS: "0" is not a whole number from 1 to 3650; write for example 90
      LATCHKEY_JOBS_TAKEN_OVER_SECONDS: "2" is not a whole number from 3 to 600; write for example 60
    "#);
    assert!(!errors.to_string().contains("FAKE"));
}

#[test]
fn beyond_loopback_the_address_and_the_key_must_be_given() {
    assert_eq!(
        refused(&[("LATCHKEY_LISTEN", "0.0.0.0:3000")]),
        ["LATCHKEY_PUBLIC_URL", "LATCHKEY_MASTER_KEY"]
    );
    assert_eq!(
        refused(&[("LATCHKEY_PUBLIC_URL", "https://keys.example.com")]),
        ["LATCHKEY_MASTER_KEY"]
    );
    assert_eq!(
        refused(&[("DATABASE_URL", "postgres://db/latchkey")]),
        ["LATCHKEY_MASTER_KEY"]
    );
    let given = [
        ("DATABASE_URL", "postgres://db/latchkey"),
        ("LATCHKEY_MASTER_KEY", FAKE_KEY),
    ];
    let Database::Url { server, migration } = read(&given).unwrap().database else {
        panic!()
    };
    assert_eq!(server.expose_secret(), migration.expose_secret());
}

#[test]
fn a_master_key_stands_in_a_variable_or_in_a_file() {
    let folder = TemporaryFolder::new();
    let file = folder.path().join("key").display().to_string();
    std::fs::write(&file, format!("  {FAKE_KEY}\n")).unwrap();
    let config = read(&[("LATCHKEY_MASTER_KEY_FILE", &file)]).unwrap();
    let MasterKeySource::Given { current, previous } = config.master_key else {
        panic!("given")
    };
    assert_eq!(current.expose_secret(), FAKE_KEY);
    assert!(previous.is_none());

    let both = [("LATCHKEY_MASTER_KEY", FAKE_KEY), ("LATCHKEY_MASTER_KEY_FILE", &*file)];
    assert_eq!(refused(&both), ["LATCHKEY_MASTER_KEY"]);
    assert_eq!(
        refused(&[("LATCHKEY_MASTER_KEY_FILE", "/nowhere/key")]),
        ["LATCHKEY_MASTER_KEY_FILE"]
    );
    assert_eq!(
        refused(&[("LATCHKEY_MASTER_KEY_PREVIOUS_FILE", &file)]),
        ["LATCHKEY_MASTER_KEY"]
    );
    assert_eq!(refused(&[("LATCHKEY_MASTER_KEY", "RkFLRQ==")]), ["LATCHKEY_MASTER_KEY"]);
    assert_eq!(refused(&[("HOME", "")]), ["LATCHKEY_MASTER_KEY"]);
}

#[test]
fn what_belongs_together_is_set_together() {
    assert_eq!(
        refused(&[("LATCHKEY_MIGRATION_DATABASE_URL", "postgres://db/x")]),
        ["LATCHKEY_MIGRATION_DATABASE_URL"]
    );
    assert_eq!(
        refused(&[("LATCHKEY_SMTP_URL", "smtps://mail.example.com")]),
        ["LATCHKEY_MAIL_FROM"]
    );
    assert_eq!(
        refused(&[("LATCHKEY_MAIL_FROM", "a@example.com")]),
        ["LATCHKEY_SMTP_URL"]
    );
}

#[test]
fn mail_leaves_this_machine_encrypted_only() {
    let from = ("LATCHKEY_MAIL_FROM", "Latchkey <latchkey@example.com>");
    let refuses = |url| !refused(&[("LATCHKEY_SMTP_URL", url), from]).is_empty();
    for url in [
        "smtp://mail.example.com",
        "smtp://mail.example.com?tls=opportunistic",
        "smtp://127.0.0.1.example.com",
        "smtp://10.0.0.1:25",
    ] {
        assert!(refuses(url), "{url}");
    }
    for url in [
        "smtps://mailer:FAKE-mail@mail.example.com",
        "smtp://mail.example.com:587?tls=required",
        "smtp://127.0.0.1:2525",
        "smtp://[::1]",
        "smtp://localhost",
    ] {
        assert!(!refuses(url), "{url}");
    }
}

#[test]
fn a_transport_address_is_safe() {
    let refuses = |url| !refused(&[("LATCHKEY_OPENAI_BASE_URL", url)]).is_empty();
    for url in [
        "http://10.0.0.1",
        "https://user@relay.example.com",
        "https://a.example/?key=1",
        "relay",
    ] {
        assert!(refuses(url), "{url}");
    }
    for url in [
        "http://localhost:4010",
        "https://relay.example.com",
        "https://relay.example.com/v1",
    ] {
        assert!(!refuses(url), "{url}");
    }
}

#[test]
fn a_variable_set_to_nothing_counts_as_unset() {
    let config = read(&[
        ("DATABASE_URL", ""),
        ("LATCHKEY_LISTEN", "  "),
        ("LATCHKEY_MASTER_KEY", ""),
    ]);
    assert!(matches!(config.unwrap().database, Database::Private));
    let config = read(&[("LATCHKEY_SITE_ROOT", ""), ("LEPTOS_SITE_ROOT", "site")]).unwrap();
    assert_eq!(config.site_root, Path::new("site"));
}
