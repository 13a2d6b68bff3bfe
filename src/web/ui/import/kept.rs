//! A paste that waits, between being shown as a table and being imported: in the session, sealed, for minutes, and
//! nothing of it but the lines that may be keys. So the page never holds it, with script or without.

use crate::domain::{OrgId, ProjectId};
use crate::service::ServiceError;
use crate::service::projects::Project;
use crate::web::session::unreadable;
use crate::web::ui::backend::Bound;
use crate::web::ui::error::from_service;
use app::contract::{ImportPreviewView, UiError};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use time::{Duration, OffsetDateTime};
use tower_sessions::Session;
use zeroize::Zeroizing;

/// Its name in the session.
const PASTE: &str = "paste";
/// How long it waits.
const WAITS: Duration = Duration::minutes(10);

/// A paste that waits, as it is shown and as it is imported.
pub(super) struct KeptPaste {
    pub(super) lines: SecretString,
    pub(super) preview: ImportPreviewView,
}

/// What stands in the session.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// Until when it may be read, in seconds.
    until: i64,
    sealed: String,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Content<Lines> {
    org: OrgId,
    project: ProjectId,
    lines: Lines,
    preview: ImportPreviewView,
}

impl Bound {
    /// Keeps the lines of a paste that may be keys, in place of any that was kept before.
    pub(super) async fn keep_paste(
        &self,
        project: &Project,
        pasted: &SecretString,
        preview: &ImportPreviewView,
    ) -> Result<(), UiError> {
        let lines = Zeroizing::new(only_candidates(pasted.expose_secret(), preview));
        let content = Content {
            org: self.actor()?.org,
            project: project.id,
            lines: lines.as_str(),
            preview: preview.clone(),
        };
        let bytes = Zeroizing::new(serde_json::to_vec(&content).unwrap_or_default());
        let sealed = self.app.services.sessions.seal(PASTE, &bytes).await;
        let stored = Stored {
            until: (self.app.clock.now() + WAITS).unix_timestamp(),
            sealed: sealed.map_err(|error| from_service(&error))?,
        };
        let kept = self.session.insert(PASTE, stored).await.map_err(unreadable);
        kept.map_err(|error| from_service(&error))
    }

    /// The paste that waits for this project, if one does.
    pub(super) async fn kept_paste(&self, project: &Project) -> Result<Option<KeptPaste>, UiError> {
        let refused = |error: ServiceError| from_service(&error);
        forget_old(&self.session, self.app.clock.now()).await.map_err(refused)?;
        let stored: Option<Stored> = self.session.get(PASTE).await.map_err(unreadable).map_err(refused)?;
        let Some(stored) = stored else { return Ok(None) };
        let opened = self
            .app
            .services
            .sessions
            .open(PASTE, &stored.sealed)
            .await
            .map_err(refused)?;
        let opened = Zeroizing::new(opened);
        let content = serde_json::from_slice::<Content<String>>(&opened).ok();
        let org = self.actor()?.org;
        let content = content.filter(|content| content.org == org && content.project == project.id);
        Ok(content.map(|content| KeptPaste {
            lines: SecretString::from(content.lines),
            preview: content.preview,
        }))
    }

    /// Forgets the paste that waits.
    pub(super) async fn forget_paste(&self) -> Result<(), UiError> {
        forget(&self.session).await.map_err(|error| from_service(&error))
    }
}

/// Forgets a paste whose time is over.
///
/// # Errors
/// Whatever the session's store says.
pub(in crate::web::ui) async fn forget_old(session: &Session, now: OffsetDateTime) -> Result<(), ServiceError> {
    match session.get::<Stored>(PASTE).await.map_err(unreadable)? {
        Some(stored) if stored.until <= now.unix_timestamp() => forget(session).await,
        _ => Ok(()),
    }
}

async fn forget(session: &Session) -> Result<(), ServiceError> {
    session.remove_value(PASTE).await.map(drop).map_err(unreadable)
}

/// The paste with nothing left of the lines that are no keys; each line keeps its number.
fn only_candidates(pasted: &str, preview: &ImportPreviewView) -> String {
    let wanted: HashSet<_> = preview.candidates.iter().map(|candidate| candidate.line).collect();
    let lines = (1..).zip(pasted.lines());
    let kept = lines.map(|(number, line)| if wanted.contains(&number) { line } else { "" });
    kept.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::contract::CandidateView;

    #[test]
    fn what_is_no_key_is_not_kept() {
        let candidate = CandidateView {
            line: 3,
            variable: None,
            provider: None,
            redacted: String::new(),
            endpoint: None,
            already_here: false,
        };
        let preview = ImportPreviewView {
            candidates: vec![candidate],
            left_out: 1,
        };
        let pasted = "DATABASE_URL=postgres://u:password@host/d\n\nOPENAI_API_KEY=sk-FAKE\nPORT=1";
        assert_eq!(only_candidates(pasted, &preview), "\n\nOPENAI_API_KEY=sk-FAKE\n");
    }
}
