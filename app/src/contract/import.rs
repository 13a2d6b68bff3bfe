//! Keys recognised in a paste, without their secrets.

use super::ProjectView;
use serde::{Deserialize, Serialize};

/// The page that imports keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportView {
    /// The project.
    pub project: ProjectView,
    /// Whether keys may be imported (`write:byok`).
    pub can_write: bool,
    /// What was recognised in the paste that waits to be imported, if one does.
    pub preview: Option<ImportPreviewView>,
    /// The providers to choose among.
    pub providers: Vec<ImportProviderView>,
}

/// A provider that a pasted key may belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProviderView {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whether the project has a default key of it.
    pub has_default: bool,
    /// Whether the customer names the endpoint (Azure).
    pub takes_endpoint: bool,
}

/// What was recognised in a paste. Nothing was asked of a provider, and nothing stored as a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPreviewView {
    /// What may be a key, in the order of the paste.
    pub candidates: Vec<CandidateView>,
    /// How many lines have a value that is no key, or one that came before.
    pub left_out: u32,
}

/// A line that may be a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateView {
    /// The line in the paste, from 1.
    pub line: u32,
    /// What the value is called there: `OPENAI_API_KEY`.
    pub variable: Option<String>,
    /// The slug of the provider whose key it seems to be; `None` where several are possible.
    pub provider: Option<String>,
    /// `sk-proj-...f3Qz`
    pub redacted: String,
    /// The Azure resource that the paste names.
    pub endpoint: Option<String>,
    /// Whether the project has this very key.
    pub already_here: bool,
}

/// What a form says of one line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportChoice {
    /// The line, from 1.
    pub line: u32,
    /// Whether it is to be imported.
    pub is_chosen: bool,
    /// The provider's slug.
    pub provider: String,
    /// What to call the key; may be empty.
    pub name: String,
    /// The customer's own endpoint, where the provider takes one.
    pub endpoint: String,
}

/// What became of the lines that were chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedView {
    /// One by one, in the order of the paste.
    pub lines: Vec<ImportedLineView>,
}

/// What became of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedLineView {
    /// The line, from 1.
    pub line: u32,
    /// The provider's name.
    pub provider: String,
    /// `sk-proj-...f3Qz`; empty for a key that was not imported from what was shown.
    pub redacted: String,
    /// Whether it is there now.
    pub is_imported: bool,
    /// What happened, in a sentence.
    pub message: String,
}
