//! The gateway beside nginx as a plain reverse proxy and beside no proxy at all, in one run: three rounds
//! in which each is measured in turn, on the same mock upstream.
//!
//! The server that is measured has core 0 to itself, mock and load share core 1, and Latchkey's Postgres
//! has the last core. Latency is seen by the load, processor time is the server's own, and every answer
//! is compared with what the mock sent: one that fails or differs makes the run void.

mod latchkey;
mod load;
mod mock;
mod nginx;
mod poll;
mod report;
mod rig;
mod rounds;
mod script;
mod wire;

use crate::Failure;
use latchkey::Latchkey;
use nginx::Nginx;
use report::{Name, Report};
use rig::Rig;
use rounds::Target;
use script::{PATH, PROVIDER_KEY};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// The core of the server that is measured; nothing else of the bench runs there.
const SERVER_CORE: usize = 0;
/// The core of the load and the mock.
const LOAD_CORE: usize = 1;

/// Measures and prints.
pub(crate) async fn run(program: &str, site: &str) -> Result<(), Failure> {
    let folder = make_folder()?;
    let done = run_in(&folder, program, site).await;
    tokio::fs::remove_dir_all(&folder).await?;
    done.map_err(|error| format!("the gateway's run is void: {error}").into())
}

async fn run_in(folder: &Path, program: &str, site: &str) -> Result<(), Failure> {
    spare_core()?;
    let rig = Rig::start(rounds::PACE).await?;
    let nginx = Nginx::start(&folder.join("nginx"), rig.address).await?;
    let latchkey = Latchkey::start(program, site, &folder.join("latchkey"), rig.address).await?;
    let targets = [
        Target {
            name: Name::Direct,
            whole: rig.address,
            streams: rig.address,
            path: PATH.to_owned(),
            credential: PROVIDER_KEY.to_owned(),
            process: None,
        },
        Target {
            name: Name::Nginx,
            whole: nginx.address,
            streams: nginx.streams,
            path: PATH.to_owned(),
            credential: PROVIDER_KEY.to_owned(),
            process: Some(nginx.worker),
        },
        Target {
            name: Name::Latchkey,
            whole: latchkey.address,
            streams: latchkey.address,
            path: latchkey::path(),
            credential: latchkey.token.clone(),
            process: Some(latchkey.process()),
        },
    ];
    let mut report = Report::default();
    let before = latchkey.postgres_time()?;
    let calls = match rounds::measure(&rig, &targets, &mut report).await {
        Ok(calls) => calls,
        Err(error) => return Err(format!("{error}\n{}", latchkey.last_words()).into()),
    };
    let postgres = latchkey.postgres_time()?.saturating_sub(before);
    latchkey.stop()?;
    report.print();
    report::print_postgres(postgres, calls);
    if !rig.may_take_precedence {
        println!("Not root: the load could not go before Postgres, so with two cores latencies have waiting in them.");
    }
    Ok(())
}

fn make_folder() -> io::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("lk-gateway-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The last core: of all that is neither server nor load, where there are more than two.
fn spare_core() -> Result<usize, Failure> {
    let cores = std::thread::available_parallelism()?.get();
    if cores <= LOAD_CORE {
        return Err("the gateway bench needs two cores".into());
    }
    Ok(cores - 1)
}

/// An address on which nobody listens now.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Waits until somebody listens.
async fn reachable(address: SocketAddr, patience: Duration) -> Result<(), Failure> {
    let started = Instant::now();
    while started.elapsed() < patience {
        if TcpStream::connect(address).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Err(format!("nobody listens on {address}").into())
}
