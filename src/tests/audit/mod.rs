//! The audit trail: in order, found out when it is altered, exported, and verified where the database is not.

mod commands;
mod exporting;
mod heads;
mod order;
mod reading;
mod verifying;

use crate::harness::{Setup, TestApp};
use latchkey::service::audit::{AuditEvent, Flaw, Verification};
use serde_json::json;
use sqlx::PgPool;
use std::fs;
use std::path::{Path, PathBuf};

const EVENTS: &str = "/api/v1/audit-events";

/// A deployment that writes the ends of its chains down in a folder of its own.
struct Scene {
    app: TestApp,
    folder: PathBuf,
}

impl Scene {
    async fn start(pool: PgPool) -> Self {
        let folder = Setup::default().audit_heads.with_extension("folder");
        fs::create_dir(&folder).unwrap();
        let setup = Setup {
            audit_heads: folder.join("audit-heads.jsonl"),
            ..Setup::default()
        };
        let app = TestApp::start_with(pool, setup).await;
        Self { app, folder }
    }

    fn heads(&self) -> PathBuf {
        self.folder.join("audit-heads.jsonl")
    }

    /// Makes so many projects, in the own organization and in the other one.
    async fn work(&self, times: u32) {
        for number in 0..times {
            let name = format!("Project {number}");
            for tenant in [&self.app.own, &self.app.foreign] {
                self.app.services.projects.create(&tenant.owner, &name).await.unwrap();
            }
        }
    }

    async fn verify(&self) -> Verification {
        self.app.services.audit.verify(&self.app.own.owner).await.unwrap()
    }

    /// What is wrong with the own organization's chain.
    async fn flaw(&self) -> Option<Flaw> {
        self.verify().await.finding.map(|finding| finding.flaw)
    }

    async fn events(&self) -> Vec<AuditEvent> {
        self.app
            .services
            .audit
            .list(&self.app.own.owner, 0, 10_000)
            .await
            .unwrap()
    }

    /// Changes rows as whoever holds the database can; `$1` is the own organization, `$2` the other one.
    async fn tamper(&self, statement: &str) -> u64 {
        let statement = sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()))
            .bind(self.app.own.owner.org.as_uuid())
            .bind(self.app.foreign.owner.org.as_uuid());
        statement.execute(&self.app.database).await.unwrap().rows_affected()
    }

    /// Runs a command on the deployment's own machine: its code, and what it printed.
    async fn run(&self, arguments: &[&str]) -> (i32, String) {
        ran(self.app.command(&self.folder), arguments).await
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // What cannot be removed is the system's to tidy up.
        let _left = fs::remove_dir_all(&self.folder);
    }
}

async fn ran(mut command: tokio::process::Command, arguments: &[&str]) -> (i32, String) {
    let output = command.args(arguments).output().await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// A request for a project by this name.
fn project(name: &str) -> serde_json::Value {
    json!({ "name": name })
}
