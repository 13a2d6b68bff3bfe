//! `latchkey projects …`

use super::failure::Failure;
use super::session::{Connection, Session};
use super::table::{Table, moment};
use clap::{Args, Subcommand};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

/// Projects of a running Latchkey.
#[derive(Clone, Debug, Args)]
pub struct Projects {
    /// Where to work, and how to answer.
    #[command(flatten)]
    pub connection: Connection,
    /// What to do.
    #[command(subcommand)]
    pub command: ProjectsCommand,
}

/// What to do about projects.
#[derive(Clone, Debug, Subcommand)]
pub enum ProjectsCommand {
    /// List the projects that the token reaches
    List,
    /// Make a project; its slug is made from its name
    Create {
        /// What to call it
        name: String,
    },
    /// Rename a project; its slug stays
    Rename {
        /// Its id or slug
        project: String,
        /// What to call it
        name: String,
    },
}

#[derive(Deserialize)]
struct Project {
    id: String,
    slug: String,
    name: String,
    created_at: String,
    version: i64,
}

/// Does what was asked for.
pub(super) async fn run(projects: Projects) -> Result<(), Failure> {
    let session = Session::open(&projects.connection)?;
    let api = &session.api;
    match projects.command {
        ProjectsCommand::List => {
            let list = api.list(&["projects"], &[], "projects").await?;
            session.show_list(&list, table)
        }
        ProjectsCommand::Create { name } => {
            let call = api.call(Method::POST, &["projects"])?;
            let made = call.json(&json!({ "name": name })).send().await?;
            session.show(&made, |project| table(vec![project]))
        }
        ProjectsCommand::Rename { project, name } => {
            let path = ["projects", project.as_str()];
            let current: Project = api.get(&path, &[]).await?.read()?;
            let call = api.call(Method::PATCH, &path)?.seen(current.version);
            let renamed = call.json(&json!({ "name": name })).send().await?;
            session.show(&renamed, |project| table(vec![project]))
        }
    }
}

fn table(projects: Vec<Project>) -> Table {
    let mut table = Table::new(&["slug", "name", "made", "id"]);
    for project in projects {
        table.row([
            project.slug,
            project.name,
            moment(Some(&project.created_at)),
            project.id,
        ]);
    }
    table
}
