//! The servers: the built program, several times, on one database.

use super::dice::Dice;
use crate::harness::{Program, SmtpServer, TestApp};
use regex::Regex;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// Where servers are, or soon will be.
pub(super) type Addresses = Arc<Mutex<Vec<SocketAddr>>>;

pub(super) struct Fleet {
    servers: Vec<Program>,
    addresses: Addresses,
    variables: Vec<(String, String)>,
    /// How many jobs of killed servers were taken over by others that were killed later.
    taken_over: usize,
}

impl Fleet {
    pub(super) async fn start(app: &TestApp, mail_server: &SmtpServer, servers: usize) -> Self {
        let mut fleet = Self {
            servers: Vec::new(),
            addresses: Addresses::default(),
            variables: variables(app, mail_server),
            taken_over: 0,
        };
        for _ in 0..servers {
            let server = app.launch(fleet.variables.clone()).await;
            fleet.addresses.lock().unwrap().push(server.address);
            fleet.servers.push(server);
        }
        fleet.until_ready(app).await;
        fleet
    }

    pub(super) fn addresses(&self) -> Addresses {
        self.addresses.clone()
    }

    /// Kills one, whatever it does now, and puts another one into its place at once.
    pub(super) async fn kill_one(&mut self, app: &TestApp, dice: &Dice) {
        let place = dice.index(self.servers.len());
        let server = &mut self.servers[place];
        assert!(
            server.is_running() || has_no_port(server),
            "it ended: {}",
            server.said()
        );
        server.kill().await;
        assert_quiet(server);
        self.taken_over += taken_over_by(server);
        self.replace(app, place).await;
    }

    /// Waits until all of them serve.
    pub(super) async fn until_ready(&mut self, app: &TestApp) {
        for place in 0..self.servers.len() {
            while !self.servers[place].is_running() && has_no_port(&self.servers[place]) {
                self.replace(app, place).await;
            }
            self.servers[place].until_ready().await;
        }
    }

    /// None of those that are left has ended, or met what it did not expect.
    pub(super) fn assert_sound(&mut self) {
        for server in &mut self.servers {
            assert!(server.is_running(), "it ended: {}", server.said());
            assert_quiet(server);
        }
    }

    /// How many jobs of killed servers were taken over.
    pub(super) fn taken_over(&self) -> usize {
        self.taken_over + self.servers.iter().map(taken_over_by).sum::<usize>()
    }

    async fn replace(&mut self, app: &TestApp, place: usize) {
        let server = app.launch(self.variables.clone()).await;
        self.addresses.lock().unwrap()[place] = server.address;
        self.servers[place] = server;
    }
}

fn variables(app: &TestApp, mail_server: &SmtpServer) -> Vec<(String, String)> {
    let transports = app.sandbox.transports().into_iter();
    let transports = transports.map(|(provider, url)| {
        let variable = format!("LATCHKEY_{}_BASE_URL", provider.to_uppercase());
        (variable, url.to_string())
    });
    let own = [
        ("LATCHKEY_JOBS_TAKEN_OVER_SECONDS", "3".to_owned()),
        ("LATCHKEY_SMTP_URL", mail_server.url()),
        ("LATCHKEY_MAIL_FROM", "latchkey@example.com".to_owned()),
        // Callers say who they are, so that nobody is taken for one who asks too often.
        ("LATCHKEY_TRUSTED_PROXIES", "127.0.0.1".to_owned()),
        ("RUST_LOG", "warn".to_owned()),
    ];
    transports
        .chain(own.map(|(name, value)| (name.to_owned(), value)))
        .collect()
}

/// Somebody else on this machine took the port in the moment before the server could.
fn has_no_port(server: &Program) -> bool {
    server.said().contains("cannot listen on")
}

/// How many jobs of others a server says it has set free.
fn taken_over_by(server: &Program) -> usize {
    let number = Regex::new(r#""recovered_count":(\d+)"#).unwrap();
    let said = server.said();
    number
        .captures_iter(&said)
        .map(|found| found[1].parse::<usize>().unwrap())
        .sum()
}

fn assert_quiet(server: &Program) {
    let said = server.said();
    assert!(!said.contains("panicked"), "{said}");
}
