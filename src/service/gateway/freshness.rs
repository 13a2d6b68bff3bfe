//! Keeps what is remembered true: confirms what is in use, and forgets what has changed.

use super::fresh::Fresh;
use super::resolver::{KnownRoute, KnownToken, Resolver, RouteId};
use crate::domain::{OrgId, ProjectId, TokenId};
use crate::store::routes::{self, ProjectSelector, RouteParts};
use crate::store::{Change, ChangedTable, Heard, Store, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often what is in use is confirmed: twice within the time that it may be used unconfirmed.
const CONFIRM_EVERY: Duration = Duration::from_millis(2500);
const LISTEN_AGAIN: Duration = Duration::from_millis(500);

/// The two tasks that keep a gateway's memory true; they end when this is stopped or dropped.
#[derive(Debug)]
pub struct Keeping {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Keeping {
    pub(super) fn start(store: Store, resolver: Arc<Resolver>) -> Self {
        let stop = CancellationToken::new();
        let confirming = confirm_regularly(store.clone(), resolver.clone());
        let listening = listen(store, resolver);
        let run = |task: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
            let stop = stop.clone();
            tokio::spawn(async move {
                stop.run_until_cancelled(task).await;
            })
        };
        Self {
            tasks: vec![run(Box::pin(confirming)), run(Box::pin(listening))],
            stop,
        }
    }

    /// Ends both tasks, and waits until their connections are closed.
    pub async fn stop(mut self) {
        self.stop.cancel();
        for task in self.tasks.drain(..) {
            // A task that panicked has ended, too.
            let _ended = task.await;
        }
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn confirm_regularly(store: Store, resolver: Arc<Resolver>) {
    loop {
        tokio::time::sleep(CONFIRM_EVERY).await;
        if let Err(error) = confirm(&store, &resolver).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "what the gateway remembers could not be confirmed");
        }
    }
}

/// Asks the database once whether it would still say what is in use.
async fn confirm(store: &Store, resolver: &Resolver) -> Result<(), StoreError> {
    let tokens: Vec<(Arc<String>, Arc<KnownToken>)> = used(resolver.tokens.iter());
    let routes: Vec<(Arc<RouteId>, Arc<KnownRoute>)> = used(resolver.routes.iter());
    if tokens.is_empty() && routes.is_empty() {
        return Ok(());
    }
    let asked = resolver.ticks.now();
    let mut tx = store.system().await?;
    let ids: Vec<TokenId> = tokens.iter().map(|(_, token)| token.value.id).collect();
    let token_states = routes::token_states(&mut tx, &ids).await?;
    let parts: Vec<RouteParts> = routes.iter().map(|(_, route)| route.value.parts()).collect();
    let route_states = routes::route_states(&mut tx, &parts).await?;
    drop(tx);
    for ((id, token), state) in tokens.iter().zip(token_states) {
        if !holds(token, state.as_deref(), asked) {
            resolver.tokens.invalidate(id.as_ref()).await;
        }
    }
    for ((id, route), state) in routes.iter().zip(route_states) {
        if !holds(route, state.as_deref(), asked) {
            resolver.routes.invalidate(id.as_ref()).await;
        }
    }
    Ok(())
}

fn used<Id, Value>(
    remembered: impl Iterator<Item = (Arc<Id>, Arc<Fresh<Value>>)>,
) -> Vec<(Arc<Id>, Arc<Fresh<Value>>)> {
    remembered.filter(|(_, value)| value.take_used()).collect()
}

fn holds<T>(known: &Fresh<T>, state: Option<&str>, asked: u64) -> bool {
    let same = state == Some(known.state.as_str());
    if same {
        known.confirm(asked);
    }
    same
}

/// Forgets at once what the database says has changed; everything, once it may have said so unheard. While it cannot
/// be heard, what is known stays in use until it is too old.
async fn listen(store: Store, resolver: Arc<Resolver>) {
    loop {
        match store.listen().await {
            Ok(mut listener) => {
                forget_everything(&resolver);
                while let Ok(Heard::Changed(change)) = listener.next().await {
                    forget(&resolver, &change).await;
                }
                tracing::warn!("changes are not heard of: the connection was lost");
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "changes cannot be listened for"
                );
            }
        }
        tokio::time::sleep(LISTEN_AGAIN).await;
    }
}

fn forget_everything(resolver: &Resolver) {
    resolver.note_change();
    resolver.tokens.invalidate_all();
    resolver.routes.invalidate_all();
}

async fn forget(resolver: &Resolver, change: &Change) {
    resolver.note_change();
    match change.table {
        ChangedTable::Tokens => forget_token(resolver, change).await,
        ChangedTable::ProviderKeys | ChangedTable::Projects | ChangedTable::CallLocks => {
            forget_routes(resolver, change.org, change.project).await;
        }
        ChangedTable::Organizations => forget_routes(resolver, change.org, None).await,
        // Sessions ask the database each time.
        ChangedTable::Memberships => {}
    }
}

async fn forget_token(resolver: &Resolver, change: &Change) {
    for (id, token) in &resolver.tokens {
        if change.id.is_none_or(|changed| changed == token.value.id.as_uuid()) {
            resolver.tokens.invalidate(id.as_ref()).await;
        }
    }
}

/// Forgets an organization's routes, or one project's. What was asked for by slug may have been another project's.
async fn forget_routes(resolver: &Resolver, org: OrgId, project: Option<ProjectId>) {
    for (id, route) in &resolver.routes {
        let hit = project.is_none_or(|project| {
            route.value.project == project || matches!(id.project, ProjectSelector::Id(asked) if asked == project)
        });
        if id.org == org && hit {
            resolver.routes.invalidate(id.as_ref()).await;
        }
    }
}
