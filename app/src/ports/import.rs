//! Many keys at once.

use super::PastedKey;
use crate::contract::{ImportChoice, ImportPreviewView, ImportView, ImportedView, UiError};
use async_trait::async_trait;

/// Lines of a paste to be imported.
#[derive(Debug)]
pub struct ImportKeysInput {
    /// The project's id or slug.
    pub project: String,
    /// The paste; empty for the one that waits in the session.
    pub pasted: PastedKey,
    /// What to do with which line.
    pub choices: Vec<ImportChoice>,
}

/// Many keys at once. For people, a paste waits in their session, sealed and for minutes, until they have chosen.
#[async_trait]
pub trait ImportPort: Send + Sync {
    /// The page that imports keys.
    async fn page(&self, project: String) -> Result<ImportView, UiError>;
    /// Recognises keys in a paste, and keeps those lines until the person has chosen.
    async fn preview(&self, project: String, pasted: PastedKey) -> Result<ImportPreviewView, UiError>;
    /// Adds the chosen ones, each after a probe, and forgets the paste.
    async fn import(&self, input: ImportKeysInput) -> Result<ImportedView, UiError>;
    /// Forgets the paste.
    async fn discard(&self, project: String) -> Result<(), UiError>;
}
