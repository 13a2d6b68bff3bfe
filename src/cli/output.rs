//! The one place that writes to the terminal.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes a line to stdout: what was asked for, and nothing else.
///
/// # Errors
/// When stdout is closed.
pub fn line(text: &str) -> io::Result<()> {
    write_line(io::stdout().lock(), text)
}

/// Writes a line to stderr: for people. Nobody reads along when it fails.
pub fn note(text: &str) {
    let _ = write_line(io::stderr().lock(), text);
}

/// Writes an error and all its causes to stderr.
pub fn error(error: &dyn Error) {
    note(&format!("error: {}", with_causes(error)));
}

fn write_line(mut writer: impl Write, text: &str) -> io::Result<()> {
    writeln!(writer, "{text}")?;
    writer.flush()
}

pub(super) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, "\n  because: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the file cannot be read")]
    struct Outer(#[source] io::Error);

    #[test]
    fn all_causes_are_told() {
        let error = Outer(io::Error::other("the disk is on fire"));
        assert_eq!(
            with_causes(&error),
            "the file cannot be read\n  because: the disk is on fire"
        );
    }
}
