//! Latchkey: bring your own key, self-hosted.
//!
//! The module list is the layer map, lowest first: `domain` ← {`vault`, `store`, `providers`} ←
//! `service` ← {`web`, `jobs`} ← `cli`. `vault`, `store` and `providers` never import each other; only `web`
//! imports the dashboard's crate `app`; only `cli` wires. A test holds the permitted imports.

pub mod config;
pub mod domain;

pub mod providers;
pub mod store;
pub mod vault;

pub mod service;

pub mod jobs;
pub mod web;

pub mod sandbox;

pub mod cli;
