//! nginx as a plain reverse proxy: the floor that a proxy can reach.

use super::{SERVER_CORE, free_address, reachable};
use crate::{Failure, process};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);

/// Started in a folder of its own, with one worker, and stopped when dropped.
pub(super) struct Nginx {
    master: Child,
    pub(super) worker: u32,
    /// Where it proxies whole answers.
    pub(super) address: SocketAddr,
    /// Where it proxies streams, which it does not gather in buffers.
    pub(super) streams: SocketAddr,
}

impl Nginx {
    pub(super) async fn start(folder: &Path, upstream: SocketAddr) -> Result<Self, Failure> {
        fs::create_dir_all(folder)?;
        let (address, streams) = (free_address()?, free_address()?);
        let written = folder.join("nginx.conf");
        fs::write(&written, configuration(upstream, address, streams))?;
        let master = Command::new(program()?)
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(&written)
            .args(["-e", "error.log"])
            .spawn()?;
        let mut nginx = Self {
            master,
            worker: 0,
            address,
            streams,
        };
        reachable(address, PATIENCE).await?;
        nginx.worker = nginx.find_worker().await?;
        process::pin(nginx.worker, SERVER_CORE)?;
        Ok(nginx)
    }

    async fn find_worker(&self) -> Result<u32, Failure> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let [worker] = process::children(self.master.id())?[..] {
                return Ok(worker);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err("nginx has no worker".into())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended already, and that is all that is wanted.
        let _ended = process::end(&mut self.master);
    }
}

/// Debian puts it where only root's PATH looks.
fn program() -> Result<PathBuf, Failure> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|folder| folder.join("nginx"))
        .find(|program| program.is_file())
        .ok_or_else(|| "nginx is missing; run scripts/setup bench".into())
}

/// All files in the folder that it is started with. As root the worker stays root, to reach them.
fn configuration(upstream: SocketAddr, address: SocketAddr, streams: SocketAddr) -> String {
    let user = if rustix::process::geteuid().is_root() {
        "user root;"
    } else {
        ""
    };
    format!(
        "{user}
daemon off;
worker_processes 1;
worker_rlimit_nofile 8192;
pid nginx.pid;
error_log error.log warn;
events {{
    worker_connections 4096;
}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keepalive_requests 1000000000;
    upstream mock {{
        server {upstream};
        keepalive 1024;
        keepalive_requests 1000000000;
    }}
    proxy_http_version 1.1;
    proxy_set_header Connection \"\";
    server {{
        listen {address};
        location / {{
            proxy_pass http://mock;
        }}
    }}
    server {{
        listen {streams};
        location / {{
            proxy_pass http://mock;
            proxy_buffering off;
        }}
    }}
}}
"
    )
}
