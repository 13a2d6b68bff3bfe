//! The file that says how a project's keys are to be. It is read by hand rather than derived, so that no message
//! quotes a value: people do paste secrets where the file's names of secrets belong.

use super::fields::{Fields, Place};
use crate::cli::remote::failure::Failure;
use crate::cli::remote::keys::{Fallback, label};
use crate::cli::remote::secret;
use secrecy::SecretString;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a file may say of a key.
const FIELDS: &[&str] = &[
    "provider",
    "name",
    "was",
    "secret_file",
    "secret_env",
    "secret_stdin",
    "default",
    "enabled",
    "fallback",
    "endpoint",
    "api_version",
];

/// How a project's keys are to be.
#[derive(Debug)]
pub(super) struct Desired {
    /// The project, where the file names it.
    pub(super) project: Option<String>,
    /// Its keys.
    pub(super) keys: Vec<Entry>,
}

/// How a key is to be; what is left out stays as it is.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) provider: String,
    pub(super) name: String,
    /// What it was called before; empty for a key without a name.
    pub(super) was: Option<String>,
    pub(super) source: Source,
    pub(super) default: bool,
    pub(super) enabled: Option<bool>,
    pub(super) fallback: Option<Fallback>,
    pub(super) endpoint: Option<String>,
    pub(super) api_version: Option<String>,
}

/// Where a key's secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A file; relative paths begin at the folder of the file that names it.
    File(PathBuf),
    /// A variable of the environment.
    Variable(String),
    /// Standard input.
    Input,
}

impl Entry {
    /// How messages and the plan name it.
    pub(super) fn label(&self) -> String {
        label(&self.provider, &self.name)
    }

    /// The key's secret.
    pub(super) fn secret(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<SecretString, Failure> {
        let read = match &self.source {
            Source::File(path) => secret::of_file_unnamed(path),
            Source::Variable(name) => lookup(name)
                .map(|value| SecretString::from(value.trim()))
                .ok_or_else(|| Failure::usage("the variable that secret_env names is not set")),
            Source::Input => secret::of_input("The provider's key"),
        };
        read.map_err(|failure| failure.while_doing(&self.label()))
    }
}

impl Desired {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Exit::Usage`](crate::cli::remote::failure::Exit::Usage) with the place of what is wrong.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("{shown} cannot be read")).because(error))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).map_err(|failure| failure.while_doing(&shown))
    }

    pub(super) fn parse(text: &str, folder: &Path) -> Result<Self, Failure> {
        let value: Value = serde_saphyr::from_str(text).map_err(|error| {
            // Without the lines around it, in which a secret may stand.
            Failure::usage(format!("it cannot be read as YAML: {}", error.without_snippet()))
        })?;
        let mut fields = Fields::of(value, Place::root())?;
        let project = fields.text("project")?;
        let entries = match fields.take("keys") {
            Some(Value::Array(entries)) => entries,
            Some(_) => return Err(Place::root().field("keys").wrong("write a list")),
            None => return Err(Place::root().wrong("it has no list of keys; an empty one is []")),
        };
        fields.end(&["project", "keys"])?;
        let entries = entries.into_iter().enumerate();
        let keys = entries.map(|(index, value)| entry(Fields::of(value, Place::entry(index))?, folder));
        let desired = Self {
            project,
            keys: keys.collect::<Result<_, _>>()?,
        };
        desired.check()?;
        Ok(desired)
    }

    /// Whether the entries go together.
    fn check(&self) -> Result<(), Failure> {
        let (mut names, mut defaults, mut inputs) = (BTreeSet::new(), BTreeSet::new(), 0);
        for (index, entry) in self.keys.iter().enumerate() {
            let place = Place::entry(index);
            if !names.insert((&entry.provider, entry.name.to_lowercase())) {
                return Err(place.field("name").wrong("another entry of the provider has that name"));
            }
            if entry.default && !defaults.insert(&entry.provider) {
                return Err(place
                    .field("default")
                    .wrong("another entry of the provider is the default"));
            }
            if entry.default && entry.enabled == Some(false) {
                return Err(place
                    .field("default")
                    .wrong("a key that is switched off cannot be the default"));
            }
            inputs += usize::from(entry.source == Source::Input);
            if inputs > 1 {
                return Err(place
                    .field("secret_stdin")
                    .wrong("only one entry can read standard input"));
            }
        }
        for (index, entry) in self.keys.iter().enumerate() {
            let Some(was) = &entry.was else { continue };
            let taken = names.contains(&(&entry.provider, was.to_lowercase()));
            if taken && was.to_lowercase() != entry.name.to_lowercase() {
                return Err(Place::entry(index)
                    .field("was")
                    .wrong("another entry has that name now"));
            }
        }
        Ok(())
    }
}

fn entry(mut fields: Fields, folder: &Path) -> Result<Entry, Failure> {
    fields.refuse_secrets()?;
    let entry = Entry {
        provider: fields.required("provider")?,
        name: fields.required("name")?,
        was: fields.text("was")?,
        source: source(&mut fields, folder)?,
        default: fields.flag("default")?.unwrap_or(false),
        enabled: fields.flag("enabled")?,
        fallback: fallback(&mut fields)?,
        endpoint: fields.text("endpoint")?,
        api_version: fields.text("api_version")?,
    };
    fields.end(FIELDS)?;
    Ok(entry)
}

fn source(fields: &mut Fields, folder: &Path) -> Result<Source, Failure> {
    let file = fields.text("secret_file")?.map(|path| Source::File(folder.join(path)));
    let variable = fields.text("secret_env")?;
    if variable.as_deref().is_some_and(|name| !is_variable(name)) {
        let place = fields.place.field("secret_env");
        return Err(place.wrong("that is no variable's name; a secret itself must not stand in the file"));
    }
    let input = fields
        .flag("secret_stdin")?
        .filter(|reads| *reads)
        .map(|_| Source::Input);
    let sources = [file, variable.map(Source::Variable), input];
    let mut sources = sources.into_iter().flatten();
    match (sources.next(), sources.next()) {
        (Some(source), None) => Ok(source),
        _ => Err(fields
            .place
            .wrong("say once where its secret comes from: secret_file, secret_env or secret_stdin: true")),
    }
}

fn is_variable(name: &str) -> bool {
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    begins && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn fallback(fields: &mut Fields) -> Result<Option<Fallback>, Failure> {
    let Some(value) = fields.take("fallback") else {
        return Ok(None);
    };
    let mut fields = Fields::of(value, fields.place.field("fallback"))?;
    let fallback = Fallback {
        on_missing: fields.required("on_missing")?,
        on_failure: fields.required("on_failure")?,
    };
    fields.end(&["on_missing", "on_failure"])?;
    let known = |word: &String| ["platform", "fail", "project"].contains(&word.as_str());
    if [&fallback.on_missing, &fallback.on_failure].into_iter().all(known) {
        Ok(Some(fallback))
    } else {
        Err(fields.place.wrong("write platform, fail or project"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    const PASTED: &str = "sk-proj-FAKE-0123456789abcdef";

    fn parse(text: &str) -> Result<Desired, String> {
        Desired::parse(text, Path::new("/etc/keys")).map_err(|failure| failure.to_string())
    }

    fn with(field: &str) -> String {
        format!("keys:\n  - provider: openai\n    name: Main\n    {field}\n")
    }

    #[test]
    fn a_file_is_read() {
        let desired = parse(
            "project: main\nkeys:\n\
             \x20 - {provider: openai, name: Main, secret_env: OPENAI_KEY, default: true}\n\
             \x20 - provider: openai\n    name: Backup\n    was: \"\"\n    secret_file: backup.key\n    enabled: false\n\
             \x20   fallback: {on_missing: fail, on_failure: platform}\n",
        )
        .unwrap();
        assert_eq!(desired.project.as_deref(), Some("main"));
        let [main, backup] = &desired.keys[..] else {
            panic!("two keys")
        };
        assert_eq!(
            (main.label().as_str(), main.default, main.enabled),
            ("openai/Main", true, None)
        );
        assert_eq!(backup.source, Source::File("/etc/keys/backup.key".into()));
        assert_eq!((backup.was.as_deref(), backup.enabled), (Some(""), Some(false)));
        assert_eq!(backup.fallback.as_ref().unwrap().on_failure, "platform");
        let given = |name: &str| (name == "OPENAI_KEY").then(|| format!(" {PASTED}\n"));
        assert_eq!(main.secret(&given).unwrap().expose_secret(), PASTED);
        assert!(parse("keys: []").unwrap().keys.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_without_what_was_written() {
        let wrong = [
            (
                with(&format!("secret: {PASTED}")),
                "key 1, secret: a secret must not stand in the file",
            ),
            (
                with(&format!("API_KEY: {PASTED}")),
                "key 1, API_KEY: a secret must not stand",
            ),
            (
                with(&format!("secret_env: {PASTED}")),
                "key 1, secret_env: that is no variable's name",
            ),
            (
                with(&format!("secret_env: A\n    {PASTED}: x")),
                "key 1: there is a field that nothing reads",
            ),
            (
                with(&format!("default: {PASTED}\n    secret_env: A")),
                "key 1, default: write true or false",
            ),
            (
                with(&format!("secret_env: [{PASTED}]")),
                "key 1, secret_env: write a text",
            ),
            (with(&format!("secret_env: {PASTED}: x")), "it cannot be read as YAML"),
            (with("enabled: true"), "key 1: say once where its secret comes from"),
            (with("secret_env: A\n    secret_stdin: true"), "key 1: say once where"),
            (
                with("secret_env: A\n    fallback: {on_missing: fail}"),
                "key 1, fallback: on_failure is missing",
            ),
            (
                with("secret_env: A\n    default: true\n    enabled: false"),
                "key 1, default: a key that is switched off",
            ),
            (format!("keys: {PASTED}"), "keys: write a list"),
            (format!("keys: [{PASTED}]"), "key 1: write fields"),
            (PASTED.to_owned(), "write fields and their values here"),
            (
                "keys: [{provider: openai, secret_env: A}]".to_owned(),
                "key 1: name is missing",
            ),
            ("project: main".to_owned(), "it has no list of keys"),
        ];
        for (text, expected) in wrong {
            let told = parse(&text).unwrap_err();
            assert!(told.contains(expected), "{text}: {told}");
            assert!(!told.contains(PASTED), "{told}");
        }
    }

    #[test]
    fn entries_must_go_together() {
        let two = |first: &str, second: &str| {
            let line = |more: &str| format!("  - {{provider: openai, {more}}}\n");
            parse(&format!("keys:\n{}{}", line(first), line(second))).map(|desired| desired.keys.len())
        };
        assert_eq!(two("name: A, secret_env: A", "name: B, secret_env: B"), Ok(2));
        assert_eq!(two("name: A, secret_env: A, was: a", "name: B, secret_env: B"), Ok(2));
        for (first, second, expected) in [
            (
                "name: A, secret_env: A",
                "name: a, secret_env: B",
                "key 2, name: another entry",
            ),
            (
                "name: A, secret_env: A, default: true",
                "name: B, secret_env: B, default: true",
                "key 2, default: another",
            ),
            (
                "name: A, secret_stdin: true",
                "name: B, secret_stdin: true",
                "key 2, secret_stdin: only one",
            ),
            (
                "name: A, secret_env: A, was: b",
                "name: B, secret_env: B",
                "key 1, was: another entry",
            ),
        ] {
            let told = two(first, second).unwrap_err();
            assert!(told.starts_with(expected), "{told}");
        }
    }
}
