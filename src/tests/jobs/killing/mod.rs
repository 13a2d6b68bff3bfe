//! Servers that are killed at any moment, again and again, while work goes on: nothing is lost, and nothing is done
//! twice that must not be.
//!
//! To add a kind of work: a file with a type that implements [`Work`], and a line in [`every_work`].

mod calls;
mod dice;
mod endings;
mod field;
mod fleet;
mod health;
mod mails;
mod notifications;
mod projects;

use crate::harness::{Setup, SmtpServer, TestApp};
use async_trait::async_trait;
use dice::Dice;
use field::Field;
use fleet::Fleet;
use notifications::Notifications;
use sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

const SERVERS: usize = 4;
const KILLS: usize = 100;
/// How long, in milliseconds, until the next server is killed.
const PAUSES: std::ops::Range<u64> = 50..1_200;
/// How long each kind of work rests between two pieces.
const REST: Duration = Duration::from_millis(120);
/// How long everything may take to be done once nobody is killed any more.
const PATIENCE: Duration = Duration::from_mins(3);
/// Then the next day comes after so many looks.
const DAY: usize = 20;

/// A kind of work that goes on while servers are killed.
#[async_trait]
trait Work: Send + Sync {
    /// Does one more piece of it. An answer that does not come says nothing of whether the piece was done.
    async fn go_on(&self, field: &Field);

    /// What is not done, though it was acknowledged or is due, and what was done twice. Asked again until there is
    /// nothing, after all servers were left in peace.
    async fn faults(&self, field: &Field) -> Vec<String>;
}

fn every_work() -> Vec<Arc<dyn Work>> {
    vec![
        Arc::new(projects::Projects::default()),
        Arc::new(endings::Endings::default()),
        Arc::new(health::Probes::default()),
        Arc::new(health::SecondOpinions::default()),
        Arc::new(mails::ResetLinks::default()),
        Arc::new(mails::UndoneRotations::default()),
        Arc::new(calls::Calls::default()),
        Arc::new(Notifications::default()),
    ]
}

#[sqlx::test(migrations = false)]
async fn nothing_is_lost_or_done_twice_when_servers_are_killed(pool: PgPool) {
    let dice = Dice::thrown();
    let begun = Instant::now();
    let mail_server = SmtpServer::start().await;
    let setup = Setup {
        smtp: Some(mail_server.url()),
        ..Setup::default()
    };
    let app = TestApp::start_with(pool, setup).await;
    let mut fleet = Fleet::start(&app, &mail_server, SERVERS).await;
    let field = Arc::new(Field::prepare(app, mail_server, fleet.addresses(), dice.another()).await);
    Notifications::prepare(&field).await;
    let works = every_work();
    let stop = CancellationToken::new();
    let mut working = JoinSet::new();
    for work in works.iter().cloned() {
        working.spawn(keep_on(work, field.clone(), stop.clone()));
    }
    for _ in 0..KILLS {
        sleep(Duration::from_millis(dice.within(PAUSES))).await;
        fleet.kill_one(&field.app, &dice).await;
    }
    stop.cancel();
    while let Some(worked) = working.join_next().await {
        worked.unwrap();
    }
    let killed = begun.elapsed();
    fleet.until_ready(&field.app).await;
    let delivering = Notifications::deliver(&field).await;
    until_all_is_done(&works, &field).await;
    delivering.stop(crate::jobs::QUICK.grace).await;
    fleet.assert_sound();
    field.assert_trail_unbroken().await;
    let taken_over = fleet.taken_over();
    assert!(taken_over > 0, "no server died over a job: nothing was shown");
    let (mails, twice) = field.numbers_of_mails().await;
    eprintln!(
        "{KILLS} servers killed in {killed:?}, all done after {:?}; {taken_over} jobs taken over, {mails} mails, \
         {twice} of them sent again",
        begun.elapsed()
    );
}

async fn keep_on(work: Arc<dyn Work>, field: Arc<Field>, stop: CancellationToken) {
    while stop.run_until_cancelled(sleep(REST)).await.is_some() {
        work.go_on(&field).await;
    }
}

async fn until_all_is_done(works: &[Arc<dyn Work>], field: &Field) {
    let begun = Instant::now();
    for look in 0.. {
        if look % DAY == 0 {
            field.let_a_day_pass().await;
        }
        let mut faults = field.faults_of_queue().await;
        for work in works {
            faults.extend(work.faults(field).await);
        }
        if faults.is_empty() {
            return;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "{} things are wrong:\n{}",
            faults.len(),
            faults.join("\n")
        );
        field.hurry_jobs().await;
        sleep(Duration::from_secs(1)).await;
    }
}
