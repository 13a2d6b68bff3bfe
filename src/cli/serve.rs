//! `latchkey serve`

use super::deployment::{Deployment, Sandboxed, read_config};
use super::{Outcome, logging, output};
use crate::config::Config;
use crate::domain::SystemClock;
use crate::jobs;
use crate::service::Services;
use crate::web::{self, App, Ending, Front, TrustedProxies, WebSettings};
use leptos::config::LeptosOptions;
use secrecy::ExposeSecret;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often the ends of the audit chains are written down.
const HEADS_EVERY: Duration = Duration::from_hours(1);
const TIDY_EVERY: Duration = Duration::from_secs(10);
/// How long running jobs may finish at the end; what does not is done again later.
const LAST_JOBS: Duration = Duration::from_secs(5);
/// How long usage events may take to be written at the end.
const LAST_EVENTS: Duration = Duration::from_secs(5);

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
    let metrics = match Monitoring::begin(config, &deployment.services).await {
        Ok(metrics) => metrics,
        Err(error) => {
            deployment.close().await?;
            return Err(error);
        }
    };
    let pace = jobs::Pace::taking_over_after(config.jobs_taken_over);
    let jobs = match jobs::start(deployment.services.clone(), pace).await {
        Ok(jobs) => jobs,
        Err(error) => {
            deployment.close().await?;
            return Err(error.into());
        }
    };
    tracing::info!(address = %config.listen, "listening");
    let ending = Ending {
        stop: app.stopping.clone(),
        drain: config.drain,
        closing: CancellationToken::new(),
    };
    let tidying = tidy_up(deployment.services.clone(), ending.stop.clone());
    let noting = note_heads(deployment.services.clone(), ending.stop.clone());
    let keeping = deployment.services.gateway.keep_fresh();
    let front = Front::new(app, ending.closing.clone());
    let serving = tokio::spawn(web::serve(listener, front, ending.clone()));
    told_to_stop().await?;
    ending.stop.cancel();
    serving.await?;
    keeping.stop().await;
    jobs.stop(LAST_JOBS).await;
    deployment.services.ledger.flush_and_stop(LAST_EVENTS).await;
    tidying.await?;
    noting.await?;
    let flushed = deployment.services.refusals.flush(true).await;
    write_heads(&deployment.services).await;
    metrics.stop().await?;
    deployment.close().await?;
    Ok(flushed?)
}

/// The listener for the operator's monitoring, where one is configured. It outlives the others: how a server ends can
/// be watched too.
struct Monitoring(Option<(JoinHandle<()>, CancellationToken)>);

impl Monitoring {
    async fn begin(config: &Config, services: &Services) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let Some(address) = config.metrics_listen else {
            return Ok(Self(None));
        };
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|error| format!("cannot serve metrics on {address}: {error}"))?;
        tracing::info!(%address, "serving metrics");
        let stop = CancellationToken::new();
        let serving = web::serve_metrics(listener, services.metrics.clone(), stop.clone());
        Ok(Self(Some((tokio::spawn(serving), stop))))
    }

    async fn stop(self) -> Outcome {
        if let Some((serving, stop)) = self.0 {
            stop.cancel();
            serving.await?;
        }
        Ok(())
    }
}

fn app(config: &Config, deployment: &Deployment) -> Result<App, Box<dyn Error + Send + Sync>> {
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
        stopping: CancellationToken::new(),
    })
}

/// Writes folded refusals to the audit trail, and forgets limits of callers that are gone, until stopped.
fn tidy_up(services: Services, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        while stop.run_until_cancelled(tokio::time::sleep(TIDY_EVERY)).await.is_some() {
            services.gateway.sweep();
            if let Err(error) = services.refusals.flush(false).await {
                let error: &dyn Error = &error;
                tracing::warn!(error, "refusals wait to be written to the audit trail");
            }
        }
    })
}

/// Writes the ends of the audit chains down in the data folder, at the start and every hour, until stopped.
fn note_heads(services: Services, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            write_heads(&services).await;
            if stop
                .run_until_cancelled(tokio::time::sleep(HEADS_EVERY))
                .await
                .is_none()
            {
                return;
            }
        }
    })
}

async fn write_heads(services: &Services) {
    if let Err(error) = services.audit.export_heads().await {
        let error = output::with_causes(&error);
        tracing::error!(
            alarm = "audit_heads_not_written",
            error,
            "the ends of the audit chains were not written down"
        );
    }
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
