//! What a process uses, and which core it may use. From `/proc`, so only on Linux.

use crate::Failure;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Processor time that the threads of a process have used, in user and kernel.
///
/// Each thread's first figure in `schedstat` is nanoseconds, where `stat` counts in hundredths of a second.
pub(crate) fn time_of(process: u32) -> Result<Duration, Failure> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        // A thread may end while this looks.
        let text = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
        let figure = text.split(' ').next().unwrap_or_default();
        nanoseconds += figure.parse::<u64>().unwrap_or_default();
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Memory that a process holds, in MB.
pub(crate) fn resident_mb(process: u32) -> Result<f64, Failure> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .ok_or("no VmRSS")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).ok_or("no figure")?.parse()?;
    Ok(kilobytes / 1024.0)
}

/// Holds a process, with its threads of now and later, to one core.
pub(crate) fn pin(process: u32, core: usize) -> Result<(), Failure> {
    run("taskset", &["-a", "-p", "-c", &core.to_string(), &process.to_string()])
}

/// Holds this thread to one core.
pub(crate) fn pin_this_thread(core: usize) -> Result<(), Failure> {
    run("taskset", &["-p", "-c", &core.to_string(), &this_thread()?])
}

/// Lets this thread go before everything else on its core, or not. Only root may.
pub(crate) fn take_precedence(takes: bool) -> Result<(), Failure> {
    let policy = if takes { ["--fifo", "1"] } else { ["--other", "0"] };
    run("chrt", &["--pid", policy[0], policy[1], &this_thread()?])
}

fn this_thread() -> Result<String, Failure> {
    let link = fs::read_link("/proc/thread-self")?;
    let id = link.file_name().and_then(|name| name.to_str());
    Ok(id.ok_or("no thread id")?.to_owned())
}

/// The processes that a process has started and that still run.
pub(crate) fn children(parent: u32) -> Result<Vec<u32>, Failure> {
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Ok(process) = entry?.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // pid (name) state parent …; the name may have spaces.
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        if after_name.split(' ').nth(1) == Some(parent.to_string().as_str()) {
            children.push(process);
        }
    }
    Ok(children)
}

/// Tells a process to stop, and waits until it has.
pub(crate) fn end(child: &mut Child) -> Result<(), Failure> {
    if child.try_wait()?.is_none() {
        let process = child.id().to_string();
        Command::new("kill").args(["-TERM", &process]).status()?;
        child.wait()?;
    }
    Ok(())
}

/// Runs one of util-linux's programs.
fn run(program: &str, arguments: &[&str]) -> Result<(), Failure> {
    let done = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let done = done.map_err(|error| format!("{program} (of util-linux): {error}"))?;
    done.success()
        .then_some(())
        .ok_or_else(|| format!("{program} {} failed", arguments.join(" ")).into())
}
