//! `latchkey keys apply`: makes a project's keys match a file.
//!
//! Nothing is assumed to stay as it was read: before each step the keys are read again and planned anew, the step is
//! made only if it is part of the plan that was shown, and only of the version that was just read. So of two that
//! apply at once each either ends with the project as its file says, or is told that somebody else was at it.

mod fields;
mod file;
mod plan;

use super::api::{Api, Call};
use super::failure::{Exit, Failure};
use super::keys::Key;
use super::session::{Session, environment};
use crate::cli::output;
use clap::Args;
use file::{Desired, Entry};
use plan::{Action, Planner, Step};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal};
use std::path::PathBuf;

/// The file, and how far to go.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of the command line are no states")]
pub struct Apply {
    /// The file that says how the keys are to be
    #[arg(short, long, value_name = "FILE")]
    pub file: PathBuf,
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
    /// Only say what would be done; ends with 8 where that is anything
    #[arg(long, conflicts_with = "yes")]
    pub plan: bool,
    /// Delete the project's keys of which the file says nothing, recoverably
    #[arg(long)]
    pub prune: bool,
    /// Replace secrets too that look the same: the vendor's prefix and the last four characters are compared
    #[arg(long)]
    pub renew: bool,
}

#[derive(Deserialize)]
struct Providers {
    providers: Vec<Provider>,
}

#[derive(Deserialize)]
struct Provider {
    slug: String,
    key_prefixes: Vec<String>,
}

/// A project whose keys are to match a file.
struct Work<'apply> {
    api: &'apply Api,
    project: &'apply str,
    planner: Planner<'apply>,
}

/// Shows what is to be done, and does it.
pub(super) async fn run(session: &Session, project: Option<&str>, apply: Apply) -> Result<(), Failure> {
    let desired = Desired::read(&apply.file)?;
    let secrets = desired.keys.iter().map(|entry| entry.secret(&environment));
    let secrets: Vec<SecretString> = secrets.collect::<Result<_, _>>()?;
    let project = session.project(project.or(desired.project.as_deref())).await?;
    let prefixes = prefixes(&session.api, &desired).await?;
    let work = Work {
        api: &session.api,
        project: &project,
        planner: Planner {
            desired: &desired,
            secrets: &secrets,
            prefixes: &prefixes,
            renew: apply.renew,
            prune: apply.prune,
        },
    };
    let steps = work.planner.steps(&work.keys().await?, &BTreeSet::new());
    let goes_on = !apply.plan && !steps.is_empty();
    if !session.json {
        show(&steps)?;
    }
    if goes_on {
        confirm(apply.yes)?;
        work.do_all(&steps).await.inspect_err(|_| {
            session.tell("What was done before stays done. Run it again to go on.");
        })?;
        session.tell("Done.");
    }
    if session.json {
        let changes: Vec<_> = steps.iter().map(Step::json).collect();
        output::line(&json!({ "changes": changes, "applied": goes_on }).to_string())?;
    }
    if apply.plan && !steps.is_empty() {
        return Err(Failure::new(Exit::WouldChange, "the project is not as the file says"));
    }
    Ok(())
}

fn show(steps: &[Step]) -> Result<(), Failure> {
    if steps.is_empty() {
        output::note("Nothing to do: the project is as the file says.");
    }
    for step in steps {
        output::line(&step.line())?;
    }
    Ok(())
}

/// Asks whether to go on, unless that was said.
fn confirm(said: bool) -> Result<(), Failure> {
    if said {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(
            "say --yes to have this done, or --plan to look only; nothing was changed",
        ));
    }
    output::note("Do this? Write yes:");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    match answer.trim() {
        "yes" => Ok(()),
        _ => Err(Failure::new(Exit::Failed, "nothing was changed")),
    }
}

/// How the keys of the file's providers begin.
async fn prefixes(api: &Api, desired: &Desired) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let Providers { providers } = api.get(&["providers"], &[]).await?.read()?;
    let prefixes: BTreeMap<_, _> = providers.into_iter().map(|one| (one.slug, one.key_prefixes)).collect();
    match desired
        .keys
        .iter()
        .find(|entry| !prefixes.contains_key(&entry.provider))
    {
        None => Ok(prefixes),
        Some(stranger) => Err(Failure::usage(format!(
            "{}: there is no such provider",
            stranger.label()
        ))),
    }
}

impl Work<'_> {
    /// The keys in use.
    async fn keys(&self) -> Result<Vec<Key>, Failure> {
        let list = self.api.list(&["projects", self.project, "keys"], &[], "keys").await?;
        list.read()
    }

    /// Makes the steps that were shown, until there is none left to make.
    async fn do_all(&self, shown: &[Step]) -> Result<(), Failure> {
        let (mut left, mut renewed) = (shown.to_vec(), BTreeSet::new());
        loop {
            let Some(next) = self.planner.steps(&self.keys().await?, &renewed).into_iter().next() else {
                return Ok(());
            };
            let Some(place) = left.iter().position(|step| step.is_same(&next)) else {
                let message = "somebody else changes the project's keys at the same time; run it again";
                return Err(Failure::new(Exit::Conflict, message));
            };
            left.remove(place);
            self.make(&next)
                .await
                .map_err(|failure| failure.while_doing(&next.told()))?;
            if next.action == Action::Replace {
                renewed.extend(next.entry);
            }
        }
    }

    async fn make(&self, step: &Step) -> Result<(), Failure> {
        let entry = step.entry.and_then(|index| self.planner.desired.keys.get(index));
        match (step.action, &step.key, entry) {
            (Action::Delete, Some(key), _) => self.on(Method::DELETE, key)?.send().await.map(drop),
            (Action::Rename, Some(key), _) => self.patch(key, &json!({ "name": step.name })).await,
            (Action::Enable, Some(key), _) => self.patch(key, &json!({ "is_active": true })).await,
            (Action::Disable, Some(key), _) => self.patch(key, &json!({ "is_active": false })).await,
            (Action::MakeDefault, Some(key), _) => self.patch(key, &json!({ "is_default": true })).await,
            (
                Action::SetFallback,
                Some(key),
                Some(Entry {
                    fallback: Some(wanted), ..
                }),
            ) => {
                let change = json!({ "on_missing": wanted.on_missing, "on_failure": wanted.on_failure });
                self.patch(key, &change).await
            }
            (Action::Replace, Some(key), Some(entry)) => {
                let body = self.secret(step, entry);
                self.on(Method::PUT, key)?.json(&body.into()).send().await.map(drop)
            }
            (Action::Add, _, Some(entry)) => self.add(step, entry).await,
            // A step of a key that is not there (any more).
            _ => Err(Failure::new(Exit::Conflict, "the key is gone")),
        }
    }

    async fn add(&self, step: &Step, entry: &Entry) -> Result<(), Failure> {
        let mut body = self.secret(step, entry);
        body.insert("provider".to_owned(), entry.provider.as_str().into());
        body.insert("name".to_owned(), entry.name.as_str().into());
        body.insert("is_default".to_owned(), entry.default.into());
        let call = self.api.call(Method::POST, &["projects", self.project, "keys"])?;
        match call.json(&body.into()).send_and_tell().await? {
            Ok(_) => Ok(()),
            // It was free a moment ago.
            Err((_, problem)) if problem.is_about_the_name() => Err(Failure::new(
                Exit::Conflict,
                "somebody else has just added a key of that name",
            )),
            Err((status, problem)) => Err(problem.into_failure(status)),
        }
    }

    async fn patch(&self, key: &Key, change: &Value) -> Result<(), Failure> {
        self.on(Method::PATCH, key)?.json(change).send().await.map(drop)
    }

    /// A call on a key as it was just read.
    fn on(&self, method: Method, key: &Key) -> Result<Call<'_>, Failure> {
        let call = self.api.call(method, &["projects", self.project, "keys", &key.id])?;
        Ok(call.seen(key.version))
    }

    /// An entry's secret and what belongs to it, as the API takes them.
    fn secret(&self, step: &Step, entry: &Entry) -> Map<String, Value> {
        let secret = step.entry.and_then(|index| self.planner.secrets.get(index));
        let secret = secret.map(|secret| secret.expose_secret().to_owned());
        let fields = [
            ("secret", secret),
            ("endpoint", entry.endpoint.clone()),
            ("api_version", entry.api_version.clone()),
        ];
        let said = fields
            .into_iter()
            .filter_map(|(field, value)| Some((field.to_owned(), value?.into())));
        said.collect()
    }
}
