//! Many keys at once, for the dashboard.

mod kept;

use super::backend::{Bound, project_ref, project_view};
use super::error::from_service;
use crate::domain::Scope;
use crate::providers;
use crate::service::ServiceError;
use crate::service::keys::{Candidate, ImportChoice, ImportPreview, Imported};
use crate::service::projects::{Project, ProjectRef};
use app::contract::{
    self, CandidateView, ImportPreviewView, ImportProviderView, ImportView, ImportedLineView, ImportedView, UiError,
};
use app::ports::{ImportKeysInput, ImportPort, PastedKey};
use async_trait::async_trait;
use kept::KeptPaste;
pub(super) use kept::forget_old;
use secrecy::SecretString;

#[async_trait]
impl ImportPort for Bound {
    async fn page(&self, project: String) -> Result<ImportView, UiError> {
        let actor = self.actor()?;
        let asked = project_ref(&project)?;
        let listed = self.app.services.keys.list(actor, &asked).await;
        let (project, keys) = listed.map_err(|error| from_service(&error))?;
        let has_default = |slug: &str| keys.iter().any(|key| key.is_default && key.provider.as_str() == slug);
        let mut providers: Vec<_> = providers::catalogue()
            .iter()
            .map(|provider| ImportProviderView {
                slug: provider.slug().to_owned(),
                name: provider.name().to_owned(),
                has_default: has_default(provider.slug()),
                takes_endpoint: provider.origin().is_none(),
            })
            .collect();
        providers.sort_by_key(|provider| provider.name.to_lowercase());
        let kept = self.kept_paste(&project).await?;
        Ok(ImportView {
            can_write: actor.scopes.permit(Scope::WriteByok),
            project: project_view(&project),
            preview: kept.map(|kept| kept.preview),
            providers,
        })
    }

    async fn preview(&self, project: String, pasted: PastedKey) -> Result<ImportPreviewView, UiError> {
        let actor = self.actor()?;
        let asked = project_ref(&project)?;
        let pasted = SecretString::from(pasted.0);
        let preview = self.app.services.keys.import_preview(actor, &asked, &pasted).await;
        let preview = preview_view(preview.map_err(|error| from_service(&error))?);
        if preview.candidates.is_empty() {
            let message = "No key was recognised in that. Paste lines such as OPENAI_API_KEY=sk-…, or one key a line.";
            return Err(UiError::at_field("pasted", message));
        }
        // A program sends the paste again; nothing of it waits here.
        if actor.user().is_some() {
            let project = self.import_project(&asked).await?;
            self.keep_paste(&project, &pasted, &preview).await?;
        }
        Ok(preview)
    }

    async fn import(&self, input: ImportKeysInput) -> Result<ImportedView, UiError> {
        let known = self.known()?;
        let refused = |error: ServiceError| from_service(&error);
        known
            .actor
            .require(Scope::WriteByok)
            .map_err(|refusal| refused(refusal.into()))?;
        let asked = project_ref(&input.project)?;
        let project = self.import_project(&asked).await?;
        let (pasted, preview) = if input.pasted.0.is_empty() {
            let KeptPaste { lines, preview } = self.kept_paste(&project).await?.ok_or_else(too_late)?;
            (lines, Some(preview))
        } else {
            (SecretString::from(input.pasted.0), None)
        };
        let choices = chosen(input.choices)?;
        let providers: Vec<_> = choices.iter().map(|choice| choice.provider.clone()).collect();
        let keys = &self.app.services.keys;
        let imported = keys.import(&known.actor, &asked, &pasted, choices, &known.name).await;
        let imported = imported.map_err(refused)?;
        self.forget_paste().await?;
        let lines = imported.into_iter().zip(&providers);
        Ok(ImportedView {
            lines: lines
                .map(|(imported, provider)| imported_view(imported, provider, preview.as_ref()))
                .collect(),
        })
    }

    async fn discard(&self, project: String) -> Result<(), UiError> {
        let actor = self.actor()?;
        let refused = |error: ServiceError| from_service(&error);
        actor
            .require(Scope::WriteByok)
            .map_err(|refusal| refused(refusal.into()))?;
        self.import_project(&project_ref(&project)?).await?;
        self.forget_paste().await
    }
}

impl Bound {
    async fn import_project(&self, project: &ProjectRef) -> Result<Project, UiError> {
        let project = self.app.services.projects.get(self.actor()?, project).await;
        project.map_err(|error| from_service(&error))
    }
}

/// The lines that were ticked, as the service takes them.
fn chosen(choices: Vec<contract::ImportChoice>) -> Result<Vec<ImportChoice>, UiError> {
    let choices: Vec<_> = choices
        .into_iter()
        .filter(|choice| choice.is_chosen)
        .map(|choice| ImportChoice {
            line: choice.line,
            provider: choice.provider,
            name: choice.name,
            endpoint: Some(choice.endpoint).filter(|endpoint| !endpoint.trim().is_empty()),
        })
        .collect();
    if choices.is_empty() {
        return Err(UiError::at_field("choices", "Choose at least one key to import."));
    }
    Ok(choices)
}

fn too_late() -> UiError {
    let message = "The paste is not kept any more; it waits for ten minutes at most. Paste it again.";
    UiError::at_field("pasted", message)
}

fn preview_view(preview: ImportPreview) -> ImportPreviewView {
    let view = |candidate: Candidate| CandidateView {
        line: candidate.line,
        variable: candidate.variable,
        provider: candidate.provider.map(|slug| slug.to_string()),
        redacted: candidate.redacted,
        endpoint: candidate.endpoint,
        already_here: candidate.already_here,
    };
    ImportPreviewView {
        candidates: preview.candidates.into_iter().map(view).collect(),
        left_out: preview.left_out,
    }
}

fn imported_view(imported: Imported, provider: &str, preview: Option<&ImportPreviewView>) -> ImportedLineView {
    let name = providers::name_of(provider);
    let of_line = |candidate: &&CandidateView| candidate.line == imported.line;
    let shown = preview.and_then(|preview| preview.candidates.iter().find(of_line));
    let shown = shown.map(|candidate| candidate.redacted.clone()).unwrap_or_default();
    let (is_imported, redacted, message) = match imported.outcome {
        Ok(saved) if saved.key.is_default => (
            true,
            saved.key.redacted,
            "Imported; calls use it from now on.".to_owned(),
        ),
        Ok(saved) => (true, saved.key.redacted, "Imported beside the default key.".to_owned()),
        Err(error) => (false, shown, from_service(&error).message),
    };
    ImportedLineView {
        line: imported.line,
        provider: name.to_owned(),
        redacted,
        is_imported,
        message,
    }
}
