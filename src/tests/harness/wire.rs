//! A wire to the database that can be cut.

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::path::PathBuf;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::{JoinHandle, JoinSet};

/// Passes connections on to Postgres until it is cut.
pub(crate) struct Wire(JoinHandle<()>);

impl Wire {
    /// A wire to where `options` lead, and the options that lead through it.
    pub(crate) async fn to(options: &PgConnectOptions) -> (PgConnectOptions, Self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let through = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port)
            .ssl_mode(PgSslMode::Disable)
            .username(options.get_username())
            .database(options.get_database().unwrap());
        (through, Self::from(listener, options))
    }

    /// A wire in the place of one that was cut, which began at `port`.
    pub(crate) async fn at(port: u16, options: &PgConnectOptions) -> Self {
        Self::from(TcpListener::bind(("127.0.0.1", port)).await.unwrap(), options)
    }

    fn from(listener: TcpListener, options: &PgConnectOptions) -> Self {
        let target = options.clone();
        Self(tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(pass(client, target.clone()));
            }
        }))
    }

    /// Cuts the wire: open connections break, new ones are refused.
    pub(crate) async fn cut(self) {
        self.0.abort();
        assert!(self.0.await.unwrap_err().is_cancelled());
    }
}

async fn pass(client: TcpStream, target: PgConnectOptions) {
    let port = target.get_port();
    let folder = target.get_socket().cloned().or_else(|| {
        let host = target.get_host();
        host.starts_with('/').then(|| PathBuf::from(host))
    });
    match folder {
        Some(folder) => {
            let socket = folder.join(format!(".s.PGSQL.{port}"));
            join(client, UnixStream::connect(socket).await.unwrap()).await;
        }
        None => join(client, TcpStream::connect((target.get_host(), port)).await.unwrap()).await,
    }
}

async fn join(mut client: TcpStream, mut server: impl AsyncRead + AsyncWrite + Unpin) {
    // How a connection ended is its two ends' business.
    let _ended = copy_bidirectional(&mut client, &mut server).await;
}
