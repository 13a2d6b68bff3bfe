//! The built program, serving the same deployment from a process of its own.

use super::Socket;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::sleep;

const START_LIMIT: Duration = Duration::from_mins(1);

/// A running `latchkey serve`.
pub(crate) struct Program {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    child: Child,
    folder: PathBuf,
}

impl Program {
    /// Starts it with these variables and no others.
    pub(super) async fn launch(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let address = free_address().await;
        let folder = std::env::temp_dir().join(format!("latchkey-{}-{}", std::process::id(), address.port()));
        fs::create_dir(&folder).unwrap();
        let said = fs::File::create(folder.join("said")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_latchkey"))
            .arg("serve")
            .env_clear()
            .envs(variables)
            .env("LATCHKEY_LISTEN", address.to_string())
            .env("LATCHKEY_DATA_DIR", folder.join("data"))
            .stdin(Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { address, child, folder }
    }

    /// Waits until it serves.
    pub(crate) async fn until_ready(&mut self) {
        let begun = Instant::now();
        while !is_ready(self.address).await {
            let ended = self.child.try_wait().unwrap();
            let late = begun.elapsed() > START_LIMIT;
            assert!(ended.is_none() && !late, "it did not start: {}", self.said());
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Its data folder.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What it has printed and logged so far.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.folder.join("said")).unwrap()
    }

    /// How much memory it holds, in bytes; `None` on systems that do not say.
    pub(crate) fn memory(&self) -> Option<usize> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: usize = resident.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kilobytes << 10)
    }

    /// Tells it to end, as a service manager does.
    pub(crate) fn terminate(&self) {
        let id = i32::try_from(self.child.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), Signal::TERM).unwrap();
    }

    /// Whether it has not ended.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Ends it at once, whatever it does: nothing of it is done any more, not even to say goodbye.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Waits until it has ended; whether it did so in good order.
    pub(crate) async fn ended(&mut self) -> bool {
        self.child.wait().await.unwrap().success()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // What cannot be removed is the system's to tidy up.
        let _left = fs::remove_dir_all(&self.folder);
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    if TcpStream::connect(address).await.is_err() {
        return false;
    }
    let mut socket = Socket::connect(address).await;
    socket.send("GET /readyz HTTP/1.1\r\nhost: latchkey\r\n\r\n").await;
    socket.answer().await.is_some_and(|answer| answer.status == 200)
}

/// Nobody listens there, and hardly anybody will.
pub(crate) async fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}
