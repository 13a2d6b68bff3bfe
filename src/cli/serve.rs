//! `latchkey serve`

use super::deployment::{Deployment, Sandboxed, read_config};
use super::{Outcome, logging, output};
use crate::config::Config;
use crate::domain::SystemClock;
use crate::service::Services;
use crate::web::{self, App, TrustedProxies, WebSettings};
use leptos::config::LeptosOptions;
use secrecy::ExposeSecret;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const FLUSH_EVERY: Duration = Duration::from_secs(10);

/// Serves until told to stop.
pub(super) async fn serve() -> Outcome {
    logging::to_stderr();
    let config = read_config()?;
    let deployment = Deployment::open(&config, Sandboxed::default()).await?;
    greet(&config, &deployment).await?;
    listen(&config, deployment).await
}

/// Prints where the dashboard is, and how the first owner is created.
async fn greet(config: &Config, deployment: &Deployment) -> Outcome {
    output::note(&format!("Latchkey is at {}", config.public_url));
    if let Some(link) = deployment.services.accounts.make_setup_link().await? {
        let page = config.public_url.join(&format!("/setup?link={}", link.expose_secret()));
        output::note(&format!("Create the owner within a day, once, at\n  {page}"));
    }
    Ok(())
}

/// Serves a deployment on the configured address until told to stop, then lets go of it.
pub(super) async fn listen(config: &Config, deployment: Deployment) -> Outcome {
    let app = app(config, &deployment)?;
    let listener = match TcpListener::bind(config.listen).await {
        Ok(listener) => listener,
        Err(error) => {
            deployment.close().await?;
            return Err(format!("cannot listen on {}: {error}", config.listen).into());
        }
    };
    tracing::info!(address = %config.listen, "listening");
    let stop = CancellationToken::new();
    let flushing = flush_refusals(deployment.services.clone(), stop.clone());
    let service = web::router(app).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    let mut serving = tokio::spawn(serving.into_future());
    told_to_stop().await?;
    stop.cancel();
    if tokio::time::timeout(config.drain, &mut serving).await.is_err() {
        tracing::warn!(
            seconds = config.drain.as_secs(),
            "connections were still open and are cut off"
        );
        serving.abort();
    }
    flushing.await?;
    deployment.close().await
}

fn app(config: &Config, deployment: &Deployment) -> Result<App, Box<dyn std::error::Error + Send + Sync>> {
    let site_root = config.site_root.to_string_lossy().into_owned();
    let site = LeptosOptions::builder()
        .output_name("latchkey")
        .site_root(site_root)
        .site_pkg_dir("pkg")
        .hash_files(true)
        .build();
    Ok(App {
        services: deployment.services.clone(),
        settings: Arc::new(WebSettings {
            public_url: config.public_url.to_string().parse()?,
            trusted_proxies: TrustedProxies::new(config.trusted_proxies.clone()),
            site,
        }),
        clock: Arc::new(SystemClock),
        random: deployment.random.clone(),
    })
}

/// Writes folded refusals to the audit trail until stopped.
fn flush_refusals(services: Services, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        while stop
            .run_until_cancelled(tokio::time::sleep(FLUSH_EVERY))
            .await
            .is_some()
        {
            if let Err(error) = services.refusals.flush(false).await {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "refusals wait to be written to the audit trail");
            }
        }
    })
}

async fn told_to_stop() -> Outcome {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    Ok(())
}
