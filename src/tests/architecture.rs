//! Who may import whom, held by reading the sources. When this fails, the new import goes against
//! the layer map in `src/lib.rs`: move the code, or say in the map why the map is wrong.

use std::fs;
use std::path::{Path, PathBuf};

/// Folder (or file) under `src`, and the `crate::` modules that it may name.
const PERMITTED: &[(&str, &[&str])] = &[
    ("domain", &["domain"]),
    ("config", &["config", "domain"]),
    ("vault", &["vault", "domain"]),
    ("store", &["store", "domain"]),
    ("providers", &["providers", "domain"]),
    ("service", &["service", "domain", "vault", "store", "providers"]),
    // `store` for the migration state alone; see `only_health_looks_into_the_store`.
    ("web", &["web", "domain", "service", "providers", "store"]),
    // `store` for the queue alone; see `jobs_reach_the_store_for_the_queue_only`.
    ("jobs", &["jobs", "domain", "service", "store"]),
    ("sandbox", &["sandbox", "domain", "providers"]),
    (
        "cli",
        &[
            "cli",
            "config",
            "domain",
            "vault",
            "store",
            "providers",
            "service",
            "web",
            "jobs",
            "sandbox",
        ],
    ),
    // The plural commands have the REST API and nothing else.
    ("cli/remote", &["cli", "config", "domain"]),
];

#[test]
fn modules_import_only_what_stands_below_them() {
    let mut strangers = Vec::new();
    for (folder, permitted) in PERMITTED {
        for (path, line) in lines(&source(folder)) {
            for module in crate_modules(&line) {
                if !permitted.contains(&module.as_str()) {
                    strangers.push(format!("{}: crate::{module}", path.display()));
                }
            }
        }
    }
    assert!(strangers.is_empty(), "against the layer map:\n{}", strangers.join("\n"));
}

#[test]
fn every_module_is_on_the_map() {
    let library = fs::read_to_string(source("lib.rs")).unwrap();
    for module in library.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let module = module.trim_end_matches(';');
        assert!(
            PERMITTED.iter().any(|(folder, _)| *folder == module),
            "{module} is not on the map"
        );
    }
}

#[test]
fn only_health_looks_into_the_store() {
    for (path, line) in lines(&source("web")) {
        let looks = crate_modules(&line).contains(&"store".to_owned());
        assert!(
            !looks || path.ends_with("health.rs"),
            "{} goes around the services",
            path.display()
        );
    }
}

#[test]
fn jobs_reach_the_store_for_the_queue_only() {
    for (path, line) in lines(&source("jobs")) {
        let looks = crate_modules(&line).contains(&"store".to_owned());
        let imports = line.trim() == "use crate::store::{StoreError, queue};";
        assert!(!looks || imports, "{} goes around the services: {line}", path.display());
    }
}

#[test]
fn only_demo_and_tests_make_a_sandbox() {
    for (path, line) in lines(&source("")) {
        let text = path.display().to_string();
        let may = text.contains("/cli/demo") || text.contains("/sandbox/") || text.contains("/tests/");
        let makes = line.contains("Sandbox::start") || line.contains("EndpointPolicy::with_sandbox");
        let own = ["/domain/endpoint.rs", "/domain/webhook.rs", "/providers/"];
        let in_own_tests = own.iter().any(|place| text.contains(place));
        assert!(!makes || may || in_own_tests, "{text} makes a sandbox: {line}");
    }
}

#[test]
fn the_dashboard_imports_nothing_of_the_server() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("app/src");
    for (path, line) in lines(&folder) {
        let stranger = ["latchkey::", "sqlx::", "tokio::"]
            .into_iter()
            .find(|name| line.contains(name));
        assert_eq!(stranger, None, "{}", path.display());
    }
}

fn source(folder: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    if source.exists() {
        source
    } else {
        source.with_extension("rs")
    }
}

fn lines(folder: &Path) -> Vec<(PathBuf, String)> {
    if folder.is_file() {
        let text = fs::read_to_string(folder).unwrap();
        return text.lines().map(|line| (folder.to_owned(), line.to_owned())).collect();
    }
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    let code = entries
        .into_iter()
        .filter(|path| path.is_dir() || path.extension().is_some_and(|extension| extension == "rs"));
    code.flat_map(|path| lines(&path)).collect()
}

/// The modules named behind `crate::` in a line of code.
fn crate_modules(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices("crate::")
        .filter(|(at, _)| !code[..*at].ends_with(|before: char| before.is_alphanumeric() || before == '$'))
        .map(|(at, name)| {
            let behind = &code[at + name.len()..];
            behind
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect()
        })
        .filter(|module: &String| !module.is_empty())
        .collect()
}
