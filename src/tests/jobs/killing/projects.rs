//! Changes over the API, each with its event in the trail.

use super::Work;
use super::field::Field;
use async_trait::async_trait;
use serde_json::json;
use std::sync::Mutex;

/// Projects that somebody was told are there.
#[derive(Default)]
pub(super) struct Projects(Mutex<Vec<Project>>);

struct Project {
    id: String,
    /// What it may be called: more than one while nobody knows whether it was renamed.
    names: Vec<String>,
    is_renamed: bool,
}

#[async_trait]
impl Work for Projects {
    async fn go_on(&self, field: &Field) {
        let name = format!("Project {:020}", field.dice.within(0..u64::MAX));
        let created = field
            .call("POST", "/api/v1/projects", Some(json!({ "name": name })))
            .await;
        let Some((status, body)) = created else { return };
        if status != 201 {
            assert_eq!(status, 503, "{body}");
            return;
        }
        let id = body["id"].as_str().unwrap().to_owned();
        let new_name = format!("{name} renamed");
        let path = format!("/api/v1/projects/{id}");
        let renamed = field.call("PATCH", &path, Some(json!({ "name": new_name }))).await;
        let is_renamed = matches!(renamed, Some((200, _)));
        let names = match renamed {
            Some((200, _)) => vec![new_name],
            Some((status, body)) => {
                assert_eq!(status, 503, "{body}");
                vec![name, new_name]
            }
            None => vec![name, new_name],
        };
        self.0.lock().unwrap().push(Project { id, names, is_renamed });
    }

    async fn faults(&self, field: &Field) -> Vec<String> {
        let there = field.texts("select id || ' ' || name from projects").await;
        let created = field
            .texts("select target_id from audit_events where event = 'project.created'")
            .await;
        let renamed = field
            .texts("select target_id from audit_events where event = 'project.renamed'")
            .await;
        let mut faults = Vec::new();
        for project in self.0.lock().unwrap().iter() {
            let is_there = project
                .names
                .iter()
                .any(|name| there.contains(&format!("{} {name}", project.id)));
            let times = renamed.iter().filter(|id| **id == project.id).count();
            if !is_there || times > 1 || project.is_renamed && times == 0 {
                faults.push(format!(
                    "project {} as {:?}, renamed {times} times",
                    project.id, project.names
                ));
            }
        }
        // Whoever was not told of a project may have one all the same, but neither without the other.
        for project in &there {
            let id = project.split(' ').next().unwrap();
            let times = created.iter().filter(|created| *created == id).count();
            if times != 1 {
                faults.push(format!("project {id} was created {times} times"));
            }
        }
        if created.len() != there.len() {
            faults.push(format!("{} projects, {} were created", there.len(), created.len()));
        }
        faults
    }
}
