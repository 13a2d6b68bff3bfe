//! Latchkey: bring your own key, self-hosted.
//!
//! The module list is the layer map; a module imports only what stands above it
//! (`tests` holds this): `domain` ← {`vault`, `store`, `providers`} ← `service` ← `web` ← `cli`.

pub mod config;
pub mod domain;
pub mod providers;
pub mod service;
pub mod store;
pub mod vault;

pub mod cli;
