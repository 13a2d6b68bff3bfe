//! Many keys at once, from what somebody pasted.

mod recognise;

use super::{AddKey, Keys, SavedKey, catalogued};
use crate::domain::{Actor, PastedLine, ProviderSlug, Scope, read_pasted, redact};
use crate::providers::{self, Provider};
use crate::service::ServiceError;
use crate::service::projects::ProjectRef;
use crate::store::keys::secrets;
use futures::StreamExt as _;
use recognise::{Recognised, is_azure_endpoint, recognise};
use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeMap, HashSet};

/// The longest paste, in bytes.
const MAX_PASTE: usize = 64 * 1024;
/// The most keys of one paste.
const MOST_KEYS: usize = 50;
/// Of how many providers keys are probed at a time.
const AT_ONCE: usize = 4;

/// What was recognised in a paste. Nothing was probed or stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportPreview {
    /// What may be a key, in the order of the paste.
    pub candidates: Vec<Candidate>,
    /// How many lines have a value that is no key, or one that came before.
    pub left_out: u32,
}

/// A line that may be a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The line in the paste, from 1.
    pub line: u32,
    /// What the value is called there: `OPENAI_API_KEY`.
    pub variable: Option<String>,
    /// Whose key it seems to be; `None` where several are possible.
    pub provider: Option<ProviderSlug>,
    /// `sk-proj-...f3Qz`
    pub redacted: String,
    /// The Azure resource that the paste names.
    pub endpoint: Option<String>,
    /// Whether the project has this very key.
    pub already_here: bool,
}

/// What to do with a line of a paste.
#[derive(Clone, Debug)]
pub struct ImportChoice {
    /// The line, from 1.
    pub line: u32,
    /// Whose key it is.
    pub provider: String,
    /// What to call it; may be empty.
    pub name: String,
    /// The customer's own endpoint, where the provider takes one.
    pub endpoint: Option<String>,
}

/// What became of a line.
#[derive(Debug)]
pub struct Imported {
    /// The line, from 1.
    pub line: u32,
    /// The key, or why there is none.
    pub outcome: Result<SavedKey, ServiceError>,
}

impl Keys {
    /// Recognises keys in a paste: an `.env` file, a list of keys, a piece of configuration.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:byok`; [`ServiceError::Missing`]; [`ServiceError::Invalid`] for a
    /// paste that is too long.
    pub async fn import_preview(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        pasted: &SecretString,
    ) -> Result<ImportPreview, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let known = secrets::fingerprints(&mut tx, project.id).await?;
        drop(tx);
        let lines = read(pasted)?;
        let found = candidates(&lines);
        let azure = lines.iter().find(|line| is_azure_endpoint(line));
        let azure = azure.map(|line| line.value.expose_secret().to_owned());
        let is_known = |provider: &dyn Provider, secret: &SecretString| {
            let slug = provider.slug().parse();
            slug.is_ok_and(|slug| known.contains(&self.foundation.roots.fingerprint_of(actor.org, &slug, secret)))
        };
        let candidates = found.iter().map(|(line, provider)| Candidate {
            line: line.line,
            variable: line.variable.clone(),
            provider: provider.and_then(|provider| provider.slug().parse().ok()),
            redacted: redact(
                line.value.expose_secret(),
                provider.map(Provider::prefixes).unwrap_or_default(),
            ),
            endpoint: azure
                .clone()
                .filter(|_| provider.is_some_and(|provider| provider.origin().is_none())),
            already_here: match provider {
                Some(provider) => is_known(*provider, &line.value),
                None => providers::catalogue().iter().any(|one| is_known(*one, &line.value)),
            },
        });
        let left_out = u32::try_from(lines.len() - found.len()).unwrap_or(u32::MAX);
        Ok(ImportPreview {
            candidates: candidates.collect(),
            left_out,
        })
    }

    /// Adds keys from the same paste, each after a probe, beside those that are there. What becomes of one line is
    /// nothing to the others.
    ///
    /// # Errors
    /// As [`Keys::import_preview`]; what is wrong with a line is told of that line.
    pub async fn import(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        pasted: &SecretString,
        choices: Vec<ImportChoice>,
        added_by_name: &str,
    ) -> Result<Vec<Imported>, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        self.projects.find(&mut tx, actor, project).await?;
        drop(tx);
        if choices.len() > MOST_KEYS {
            let message = format!("Import at most {MOST_KEYS} keys at a time.");
            return Err(ServiceError::invalid("choices", message));
        }
        let lines = read(pasted)?;
        let import_all = |choices: Vec<(usize, ImportChoice)>| {
            let lines = &lines;
            async move {
                let mut imported = Vec::with_capacity(choices.len());
                for (place, choice) in choices {
                    let number = choice.line;
                    let line = lines.iter().find(|line| line.line == number);
                    let outcome = self.import_line(actor, project, line, choice, added_by_name).await;
                    imported.push((place, Imported { line: number, outcome }));
                }
                imported
            }
        };
        let each = futures::stream::iter(by_provider(choices).into_values().map(import_all));
        let imported: Vec<Vec<_>> = each.buffered(AT_ONCE).collect().await;
        let mut imported: Vec<_> = imported.into_iter().flatten().collect();
        imported.sort_by_key(|(place, _)| *place);
        Ok(imported.into_iter().map(|(_, imported)| imported).collect())
    }

    async fn import_line(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        line: Option<&PastedLine>,
        choice: ImportChoice,
        added_by_name: &str,
    ) -> Result<SavedKey, ServiceError> {
        let line = line.ok_or_else(|| ServiceError::invalid("line", "There is no key in that line."))?;
        catalogued(&choice.provider).map_err(|_| ServiceError::invalid("provider", "Choose whose key it is."))?;
        let add = AddKey {
            secret: line.value.clone(),
            name: choice.name,
            endpoint: choice.endpoint,
            api_version: None,
            allow_unverified: false,
            is_default: false,
            added_by_name: added_by_name.to_owned(),
        };
        self.add(actor, project, &choice.provider, add).await
    }
}

/// What is chosen, and in which place. A provider's lines follow each other, so that the first one that passes becomes
/// the default, however long each takes.
fn by_provider(choices: Vec<ImportChoice>) -> BTreeMap<String, Vec<(usize, ImportChoice)>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (place, choice) in choices.into_iter().enumerate() {
        groups.entry(choice.provider.clone()).or_default().push((place, choice));
    }
    groups
}

fn read(pasted: &SecretString) -> Result<Vec<PastedLine>, ServiceError> {
    if pasted.expose_secret().len() > MAX_PASTE {
        return Err(ServiceError::invalid("pasted", "Paste at most 64 KB at a time."));
    }
    Ok(read_pasted(pasted.expose_secret()))
}

/// The lines that may be keys, each secret once for a provider, and whose they seem to be.
fn candidates(lines: &[PastedLine]) -> Vec<(&PastedLine, Option<&'static dyn Provider>)> {
    let mut seen = HashSet::new();
    let keys = lines.iter().filter_map(|line| match recognise(line) {
        Recognised::Of(provider) => Some((line, Some(provider))),
        Recognised::Somebodys => Some((line, None)),
        Recognised::Nothing => None,
    });
    keys.filter(|(line, provider)| seen.insert((line.value.expose_secret(), provider.map(Provider::slug))))
        .take(MOST_KEYS)
        .collect()
}
