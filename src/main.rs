//! The `latchkey` program.

use clap::Parser;
use latchkey::cli::{self, CommandLine};
use std::process::ExitCode;

/// Every call through the gateway allocates some dozens of small things; this one is quick at that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Ends with 0 when done, 1 when it failed, 2 when the command line cannot be understood; the commands that work on a
/// running Latchkey tell more apart.
#[tokio::main]
async fn main() -> ExitCode {
    let outcome = cli::run(CommandLine::parse().command).await;
    ExitCode::from(cli::conclude(&outcome))
}
