//! Against the real server programs.

use super::*;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicU32, Ordering};

static MADE: AtomicU32 = AtomicU32::new(0);

/// A data folder of a test's own; no server outlives it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self::within(&std::env::temp_dir())
    }

    fn within(parent: &Path) -> Self {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("latchkey-cluster-{}-{number}", std::process::id());
        let path = parent.join(name);
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self(path.canonicalize().unwrap())
    }

    fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    async fn open(&self) -> PrivateCluster {
        self.try_open()
            .await
            .unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)))
    }

    async fn try_open(&self) -> Result<PrivateCluster, ClusterError> {
        PrivateCluster::open_in(&self.data(), None).await
    }

    fn server(&self) -> Option<Postmaster> {
        let cluster = self.data().join("postgres");
        Postmaster::read(&cluster)
            .unwrap()
            .filter(|server| server.works_in(&cluster))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(server) = self.server() {
            let _ = kill_process(server.process, Signal::QUIT);
            if let Some(folder) = server.socket_folder {
                let _ = fs::remove_dir_all(folder);
            }
        }
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn ask(cluster: &PrivateCluster, question: &'static str) -> String {
    let mut connection = PgConnection::connect_with(&cluster.connect_options()).await.unwrap();
    let answer = sqlx::query_scalar(question).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    answer
}

async fn run(cluster: &PrivateCluster, statement: &'static str) {
    let mut connection = PgConnection::connect_with(&cluster.connect_options()).await.unwrap();
    sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn it_starts_is_shared_and_stops_with_the_last_user() {
    let folder = Folder::new();
    let first = folder.open().await;
    assert_eq!(first.origin(), Origin::Started);
    assert_eq!(ask(&first, "select current_database()::text").await, "latchkey");
    assert_eq!(ask(&first, "show server_encoding").await, "UTF8");
    assert_eq!(ask(&first, "show listen_addresses").await, "");
    let mode = fs::metadata(&first.socket_folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert!(
        first.to_string().starts_with("postgresql:///latchkey?host=/"),
        "{first}"
    );

    let second = folder.open().await;
    assert_eq!(second.origin(), Origin::Shared);
    second.close().await.unwrap();
    assert_eq!(ask(&first, "select 'still here'").await, "still here");

    let third = folder.open().await;
    first.close().await.unwrap();
    assert_eq!(ask(&third, "select 'still here'").await, "still here");
    let socket_folder = third.socket_folder.clone();
    third.close().await.unwrap();
    assert_eq!(folder.server(), None);
    assert!(!socket_folder.exists());
}

#[tokio::test]
async fn an_existing_cluster_starts_quickly_and_keeps_what_it_holds() {
    let folder = Folder::new();
    let cluster = folder.open().await;
    run(&cluster, "create table kept as select 'kept' as word").await;
    cluster.close().await.unwrap();

    let start = Instant::now();
    let cluster = folder.open().await;
    let took = start.elapsed();
    assert_eq!(cluster.origin(), Origin::Started);
    assert_eq!(ask(&cluster, "select word from kept").await, "kept");
    cluster.close().await.unwrap();
    println!("started in {took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_server_left_behind_is_adopted_and_then_stopped() {
    let folder = Folder::new();
    let cluster = folder.open().await;
    let left = folder.server();
    // What the kernel does when Latchkey is killed: the lock is let go, the server goes on.
    drop(cluster);
    assert_eq!(folder.server(), left);

    let cluster = folder.open().await;
    assert_eq!(cluster.origin(), Origin::Adopted);
    assert_eq!(folder.server(), left);
    assert_eq!(ask(&cluster, "select 'adopted'").await, "adopted");
    cluster.close().await.unwrap();
    assert_eq!(folder.server(), None);
}

#[tokio::test]
async fn a_server_that_was_killed_is_started_again() {
    let folder = Folder::new();
    let cluster = folder.open().await;
    run(&cluster, "create table kept as select 'kept' as word").await;
    let killed = folder.server().unwrap();
    drop(cluster);
    kill_process(killed.process, Signal::KILL).unwrap();

    let cluster = folder.open().await;
    assert_eq!(cluster.origin(), Origin::Started);
    assert_ne!(folder.server().unwrap().process, killed.process);
    assert_eq!(ask(&cluster, "select word from kept").await, "kept");
    cluster.close().await.unwrap();
}

#[tokio::test]
async fn notes_that_name_a_stranger_do_not_stand_in_the_way() {
    let folder = Folder::new();
    folder.open().await.close().await.unwrap();
    // After a crash of the machine another process, here this one, may have the server's old id.
    let notes = folder.data().join("postgres/postmaster.pid");
    let stranger = Pid::from_raw(i32::try_from(std::process::id()).unwrap()).unwrap();
    fs::write(&notes, format!("{}\n/elsewhere\n0\n5432\n\n", stranger.as_raw_pid())).unwrap();

    let cluster = folder.open().await;
    assert_eq!(cluster.origin(), Origin::Started);
    cluster.close().await.unwrap();
}

#[tokio::test]
async fn a_server_whose_socket_was_cleared_away_is_started_again() {
    let folder = Folder::new();
    let cluster = folder.open().await;
    let before = folder.server().unwrap();
    fs::remove_dir_all(&cluster.socket_folder).unwrap();
    drop(cluster);

    let cluster = folder.open().await;
    assert_eq!(cluster.origin(), Origin::Started);
    assert_ne!(folder.server().unwrap().process, before.process);
    cluster.close().await.unwrap();
}

#[tokio::test]
async fn two_that_begin_at_once_share_one_server() {
    let folder = Folder::new();
    let (one, other) = tokio::join!(folder.open(), folder.open());
    let started = [&one, &other]
        .iter()
        .filter(|open| open.origin() == Origin::Started)
        .count();
    assert_eq!(started, 1);
    assert_eq!(one.to_string(), other.to_string());
    tokio::try_join!(one.close(), other.close()).unwrap();
    assert_eq!(folder.server(), None);
}

#[tokio::test]
async fn a_failed_start_shows_the_end_of_the_log() {
    let folder = Folder::new();
    folder.open().await.close().await.unwrap();
    fs::write(folder.data().join("postgres/postgresql.conf"), "no_such_setting = 1\n").unwrap();
    let error = folder.try_open().await.unwrap_err();
    assert!(matches!(error, ClusterError::Start { .. }), "{error:?}");
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

#[tokio::test]
async fn a_half_made_cluster_is_made_anew() {
    let folder = Folder::new();
    fs::create_dir_all(folder.data().join("postgres.new/base")).unwrap();
    folder.open().await.close().await.unwrap();
    assert!(!folder.data().join("postgres.new").exists());
}

#[test]
fn a_path_too_long_for_a_socket_is_replaced_by_a_short_one() {
    let folder = Folder::new();
    let data = DataFolder::prepare(&folder.data()).unwrap();
    let runtime = |of_user: &Path| {
        let found = folders::runtime_folder(&data, &account::Account::Own, Some(of_user)).unwrap();
        fs::remove_dir(&found).unwrap();
        found
    };
    let short = folder.0.join("run");
    let long = folder.0.join("a-runtime-folder-with-a-long-name".repeat(3));
    fs::create_dir(&short).unwrap();
    fs::create_dir(&long).unwrap();
    assert!(runtime(&short).starts_with(&short));
    assert!(runtime(&long).starts_with("/tmp"));
    assert!(runtime(Path::new("/does/not/exist")).starts_with("/tmp"));
    assert!(folders::socket_path(&runtime(&long)).as_os_str().len() <= 103);
}

#[test]
fn a_runtime_folder_that_others_can_enter_is_refused() {
    let folder = Folder::new();
    let data = DataFolder::prepare(&folder.data()).unwrap();
    let make = || folders::runtime_folder(&data, &account::Account::Own, Some(&folder.0));
    let found = make().unwrap();
    fs::set_permissions(&found, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(make(), Err(ClusterError::RuntimeFolder { .. })));
    fs::remove_dir(&found).unwrap();
    std::os::unix::fs::symlink("/tmp", &found).unwrap();
    assert!(matches!(make(), Err(ClusterError::RuntimeFolder { .. })));
}

/// As root, a cluster that belongs to another account is run as that account.
#[tokio::test]
async fn root_becomes_the_owner_of_the_cluster() {
    let folder = Folder::within(Path::new("/tmp"));
    let cluster_folder = folder.data().join("postgres");
    fs::create_dir_all(&cluster_folder).unwrap();
    let nobody = 65534;
    if std::os::unix::fs::chown(&cluster_folder, Some(nobody), None).is_err() {
        // An ordinary user cannot give a folder away, nor become anybody: then there is nothing to change to.
        assert!(!rustix::process::geteuid().is_root());
        return;
    }
    let cluster = folder.open().await;
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(&cluster_folder).unwrap());
    assert_eq!(owner, nobody);
    assert_eq!(ask(&cluster, "select 'runs'").await, "runs");
    drop(cluster);
    let cluster = folder.open().await;
    assert_eq!(cluster.origin(), Origin::Adopted);
    cluster.close().await.unwrap();
    assert_eq!(folder.server(), None);
}
