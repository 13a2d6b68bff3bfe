//! Many keys at once, from what somebody pasted.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{ImportChoice, ImportPreviewView, ImportView, ImportedView, UiError};
#[cfg(feature = "ssr")]
use crate::ports::{ImportKeysInput, PastedKey};
use leptos::prelude::*;

/// The page that imports keys.
#[server(prefix = "/_fn", endpoint = "import")]
pub async fn import(project: String) -> Result<ImportView, UiError> {
    answer(backend()?.import.page(project).await)
}

/// Recognises keys in a paste. Nothing is asked of a provider, and no key is stored.
#[server(prefix = "/_fn", endpoint = "preview_import")]
pub async fn preview_import(project: String, pasted: String) -> Result<ImportPreviewView, UiError> {
    answer(backend()?.import.preview(project, PastedKey(pasted)).await)
}

/// Adds keys of a paste, each after a probe. Scripts send the paste again; people's waits in their session.
#[server(prefix = "/_fn", endpoint = "import_keys")]
pub async fn import_keys(
    project: String,
    #[server(default)] pasted: String,
    #[server(default)] choices: Vec<ImportChoice>,
) -> Result<ImportedView, UiError> {
    let input = ImportKeysInput {
        project,
        pasted: PastedKey(pasted),
        choices,
    };
    answer(backend()?.import.import(input).await)
}

/// Forgets the paste that waits.
#[server(prefix = "/_fn", endpoint = "discard_import")]
pub async fn discard_import(project: String) -> Result<(), UiError> {
    answer(backend()?.import.discard(project).await)
}
