//! The `latchkey` program.

use clap::Parser;
use latchkey::cli::{self, CommandLine, output};
use std::process::ExitCode;

/// Every call through the gateway allocates some dozens of small things; this one is quick at that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Ends with 0 when done, 1 when it failed, 2 when the command line cannot be understood.
#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(CommandLine::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&*error);
            ExitCode::FAILURE
        }
    }
}
