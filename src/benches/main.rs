#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
//! What `make bench` measures: the release build as its users meet it, beside a reference in the
//! same run. Prints figures and judges none; a machine's noise is not a failure.

mod audit;
// epoll and /proc are Linux's.
#[cfg(target_os = "linux")]
mod gateway;
mod load;
mod process;
mod server;
mod vault;

use load::{Load, measure};
use reqwest::Client;
use server::Server;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

/// An error that may go from one thread to another.
type Failure = Box<dyn Error + Send + Sync>;

const EACH: Duration = Duration::from_secs(8);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let program = std::env::var("LATCHKEY_PROGRAM")?;
    let site = std::env::var("LATCHKEY_SITE_ROOT")?;
    let asked = |part: &str| std::env::args().any(|argument| argument == part);
    if asked("audit") {
        return audit::run().await;
    }
    if !asked("gateway") {
        release(&program, &site).await?;
        audit::run().await?;
    }
    #[cfg(target_os = "linux")]
    gateway::run(&program, &site).await?;
    Ok(())
}

/// The program as its users meet it.
async fn release(program: &str, site: &str) -> Result<(), Failure> {
    sizes(Path::new(site))?;
    vault::seal_and_open().await?;
    let mut server = Server::start(program, site).await?;
    println!(
        "\nfirst start to /readyz, cluster and sample data made   {:>8.0} ms",
        server.start_ms
    );
    server.restart().await?;
    println!(
        "start to /readyz, existing database                    {:>8.0} ms   aim 1000",
        server.start_ms
    );
    println!(
        "resident at idle, without Postgres                     {:>8.1} MB   aim 60",
        server.resident_mb()?
    );
    println!(
        "\n{:<34}{:>10}{:>10}{:>10}",
        "16 connections", "per s", "p50 ms", "p99 ms"
    );
    let client = server.signed_in().await?;
    for (name, load) in [
        ("reference: GET /healthz", Load::get(&Server::url("/healthz"))),
        (
            "cards page, on the server",
            Load::get(&Server::url("/projects/production/keys")).cookie(&client),
        ),
        (
            "GET byok-keys",
            Load::get(&Server::url("/api/v1/projects/production/byok-keys")).bearer(&server.token()?),
        ),
    ] {
        let figures = measure(&load, EACH).await?;
        println!(
            "{name:<34}{:>10.0}{:>10.2}{:>10.2}",
            figures.per_second, figures.p50, figures.p99
        );
    }
    println!(
        "resident after load                                    {:>8.1} MB",
        server.resident_mb()?
    );
    server.stop().await
}

/// Straight to loopback, whatever proxy the environment names.
fn client() -> Result<Client, reqwest::Error> {
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build()
}

/// Bytes that a first visit downloads, as sent.
fn sizes(site: &Path) -> Result<(), Failure> {
    let mut total = 0;
    println!("as sent (brotli)");
    for file in std::fs::read_dir(site.join("pkg"))? {
        let path = file?.path();
        let kind = path
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default();
        if !["wasm", "js", "css"].contains(&kind) {
            continue;
        }
        let sent = std::fs::metadata(format!("{}.br", path.display()))
            .map_err(|_| format!("{} was not compressed by the build", path.display()))?
            .len();
        total += sent;
        println!("  {kind:<6}{:>8.1} KB", kilobytes(sent));
    }
    println!(
        "  {:<6}{:>8.1} KB   aim 250; a bare page with router and form is 153",
        "in all",
        kilobytes(total)
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a file's size for people")]
fn kilobytes(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}
