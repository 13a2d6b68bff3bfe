//! Makes a cluster, starts its server, or adopts one that runs.

use super::account::Account;
use super::folders::{DataFolder, PORT, runtime_folder};
use super::postmaster::{Liveness, Postmaster, connect_options, notes};
use super::programs::Programs;
use super::{ADMINISTRATOR, ClusterError, DATABASE, Origin, PATIENCE};
use sqlx::{Connection, PgConnection};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
/// How long a process that cannot be looked at may take to answer.
const UNCLEAR_LIMIT: Duration = Duration::from_secs(3);
/// How long the helpers of a server that was killed may take to notice.
const LEFTOVERS_LIMIT: Duration = Duration::from_secs(10);
/// What Postgres says while they have not.
const LEFTOVERS: &str = "is still in use";
/// The first that works: the second is for systems without the first.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// Small, private, and quiet: its log never quotes statements or rows.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=100",
    "shared_buffers=64MB",
    "timezone=UTC",
    "log_timezone=UTC",
    "lc_messages=C",
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
    "log_checkpoints=off",
];

/// Brings the server up. Only for who holds the lock alone.
pub(super) async fn start_or_adopt(data: &DataFolder, of_user: Option<&Path>) -> Result<Origin, ClusterError> {
    let (postmaster, origin) = match adopt(&data.cluster()).await? {
        Some(postmaster) => (postmaster, Origin::Adopted),
        None => (start(data, of_user).await?, Origin::Started),
    };
    if let Some(folder) = &postmaster.socket_folder {
        make_database(folder).await?;
    }
    Ok(origin)
}

/// The server that runs in `cluster` already, if it answers. One that runs and does not is stopped.
async fn adopt(cluster: &Path) -> Result<Option<Postmaster>, ClusterError> {
    let Some(found) = Postmaster::read(cluster)? else {
        return Ok(None);
    };
    let limit = match found.liveness(cluster) {
        Liveness::Ours => PATIENCE,
        Liveness::Unclear => UNCLEAR_LIMIT,
        Liveness::Gone => return Ok(None),
        Liveness::Stranger => {
            // Postgres would take the stranger for a server of this cluster and refuse to start.
            let notes = notes(cluster);
            fs::remove_file(&notes).map_err(ClusterError::files("remove", notes))?;
            return Ok(None);
        }
    };
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline && found.works_in(cluster) {
        if let Some(postmaster) = Postmaster::answering(cluster).await {
            return Ok(Some(postmaster));
        }
        if found.has_lost_its_socket() {
            break;
        }
        sleep(BETWEEN_LOOKS).await;
    }
    if found.liveness(cluster) == Liveness::Ours {
        found.stop(cluster).await?;
    }
    Ok(None)
}

/// Starts the server, and makes the cluster first if there is none.
async fn start(data: &DataFolder, of_user: Option<&Path>) -> Result<Postmaster, ClusterError> {
    let cluster = data.cluster();
    let made_by = data.made_by()?;
    let account = Account::choose(&cluster).await?;
    let programs = Programs::find(&cluster, made_by).await?;
    if made_by.is_none() {
        initialize(data, &programs, &account).await?;
    }
    account.reach(data.path(), &cluster).await?;
    let socket_folder = runtime_folder(data, &account, of_user)?;
    let deadline = Instant::now() + LEFTOVERS_LIMIT;
    loop {
        match launch(data, &programs, &account, &socket_folder).await {
            Err(ClusterError::Start { last_lines, .. })
                if last_lines.contains(LEFTOVERS) && Instant::now() < deadline =>
            {
                sleep(Duration::from_millis(100)).await;
            }
            Err(error) => {
                let _ = fs::remove_dir(&socket_folder);
                return Err(error);
            }
            started => return started,
        }
    }
}

async fn launch(
    data: &DataFolder,
    programs: &Programs,
    account: &Account,
    socket_folder: &Path,
) -> Result<Postmaster, ClusterError> {
    let cluster = data.cluster();
    let log = data.open_log()?;
    let unusable = |source| ClusterError::files("write", data.log())(source);
    let log_start = log.metadata().map_err(unusable)?.len();
    let mut command = account.command(&programs.postgres());
    command.arg("-D").arg(&cluster).arg("-p").arg(PORT.to_string());
    for setting in SETTINGS {
        command.arg("-c").arg(setting);
    }
    let mut folder_setting = std::ffi::OsString::from("unix_socket_directories=");
    folder_setting.push(socket_folder);
    command.arg("-c").arg(folder_setting);
    command.stdout(log.try_clone().map_err(unusable)?).stderr(log);
    let mut server = command.spawn().map_err(|source| ClusterError::Program {
        program: programs.postgres(),
        source,
    })?;

    let failed = || ClusterError::Start {
        path: data.log(),
        last_lines: data.log_since(log_start),
    };
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(postmaster) = Postmaster::answering(&cluster).await {
            // Waited for, so that it is not left as a zombie when it ends before Latchkey does.
            tokio::spawn(async move { server.wait().await });
            return Ok(postmaster);
        }
        if !matches!(server.try_wait(), Ok(None)) {
            return Err(failed());
        }
        if Instant::now() >= deadline {
            let started = Postmaster::read(&cluster)?;
            if let Some(started) = started.filter(|started| started.works_in(&cluster)) {
                started.stop(&cluster).await?;
            }
            return Err(failed());
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

/// Makes the cluster under another name first: one that was left half made is never taken for a whole one.
async fn initialize(data: &DataFolder, programs: &Programs, account: &Account) -> Result<(), ClusterError> {
    let (draft, cluster) = (data.draft(), data.cluster());
    tracing::info!(folder = %cluster.display(), version = programs.major(), "making a new database");
    let mut said = String::new();
    for locale in LOCALES {
        match fs::remove_dir_all(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ClusterError::files("remove", draft)(error));
            }
            _ => {}
        }
        let made = DirBuilder::new().mode(0o700).create(&draft);
        made.map_err(ClusterError::files("make", &draft))?;
        account.give(&draft)?;
        account.reach(data.path(), &draft).await?;
        let output = account
            .command(&programs.initdb())
            .arg("--pgdata")
            .arg(&draft)
            .arg(format!("--username={ADMINISTRATOR}"))
            .arg(format!("--locale={locale}"))
            .args(["--encoding=UTF8", "--auth-local=trust", "--auth-host=reject"])
            .output()
            .await
            .map_err(|source| ClusterError::Program {
                program: programs.initdb(),
                source,
            })?;
        if output.status.success() {
            return fs::rename(&draft, &cluster).map_err(ClusterError::files("make", cluster));
        }
        String::from_utf8_lossy(&output.stderr).trim().clone_into(&mut said);
        if !said.contains("locale") {
            break;
        }
    }
    Err(ClusterError::Initialize { output: said })
}

async fn make_database(socket_folder: &Path) -> Result<(), ClusterError> {
    let options = connect_options(socket_folder, "postgres");
    let mut connection = PgConnection::connect_with(&options).await?;
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(DATABASE)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        sqlx::raw_sql("create database latchkey")
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    Ok(())
}
