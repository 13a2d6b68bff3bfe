//! What somebody pasted from an `.env` file, a list, or a piece of configuration, read line by line.
//!
//! The usual readers of `.env` files put this server's own environment in for `$NAME`, which a stranger's paste must
//! never reach; and lists and JSON are none of theirs.

use secrecy::SecretString;
use std::fmt;

/// From this length on, in characters, what stands in front may be the secret itself.
const MAY_BE_SECRET_FROM: usize = 24;
/// What is longer names nothing.
const MAX_VARIABLE: usize = 80;

/// A line that has a value.
pub struct PastedLine {
    /// Its number in the paste, from 1.
    pub line: u32,
    /// What the value is called: `OPENAI_API_KEY`. Never the longer part of the line, which may be a secret.
    pub variable: Option<String>,
    /// The value, without quotes. Whatever it is, it may be a secret.
    pub value: SecretString,
}

impl fmt::Debug for PastedLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PastedLine({})", self.line)
    }
}

/// The lines of a paste that have a value: `NAME=value` with or without `export` and quotes, `name: value`,
/// `"name": "value",`, `name,value`, `name value`, or a value alone. Comments and the rest are left out.
#[must_use]
pub fn read_pasted(text: &str) -> Vec<PastedLine> {
    let lines = (1..).zip(text.lines());
    lines.filter_map(|(number, line)| read_line(number, line)).collect()
}

fn read_line(number: u32, line: &str) -> Option<PastedLine> {
    let line = line.trim().trim_start_matches('\u{feff}');
    if line.is_empty() || line.starts_with('#') || line.starts_with("//") {
        return None;
    }
    let line = ["export ", "set ", "- ", "* "]
        .iter()
        .find_map(|before| line.strip_prefix(before))
        .unwrap_or(line)
        .trim();
    let (variable, value) = parts(line);
    (!value.is_empty()).then(|| PastedLine {
        line: number,
        variable,
        value: SecretString::from(value),
    })
}

/// What the value is called, if it is called anything, and the value.
fn parts(line: &str) -> (Option<String>, &str) {
    let alone = (None, bare(line));
    let Some((name, rest)) = split(line) else {
        return alone;
    };
    let (name, value) = (bare(name), bare(rest));
    if value.trim_matches('=').is_empty() {
        return alone; // base64 ends so
    }
    let is_upper = |name: &str| !name.chars().any(char::is_lowercase);
    let may_be_secret = name.len() >= MAY_BE_SECRET_FROM && name.len() > value.len() && !is_upper(name);
    if may_be_secret {
        return (None, name);
    }
    let variable = (!name.is_empty() && name.chars().count() <= MAX_VARIABLE).then(|| name.to_owned());
    (variable, value)
}

/// The line at its first separator; inside of quotes there is none.
fn split(line: &str) -> Option<(&str, &str)> {
    let quoted = line.strip_prefix(['"', '\'']).and_then(|rest| {
        let end = rest.find(['"', '\''])?;
        Some(end + 2)
    });
    let from = quoted.unwrap_or_default();
    let after = line.get(from..)?;
    let at = after.find(['=', ':', ',', ';', '\t', ' '])?;
    let name = line.get(..from + at)?;
    let rest = after.get(at..)?;
    // `name = value` and `name : value` have two.
    let rest = rest.trim_start_matches([' ', '\t']);
    let rest = rest.strip_prefix(['=', ':', ',', ';']).unwrap_or(rest);
    Some((name, rest))
}

/// Without what stands around it: quotes, a comma behind, a comment behind.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let inside = ['"', '\'', '`'].iter().find_map(|quote| {
        let rest = text.strip_prefix(*quote)?;
        rest.find(*quote).and_then(|end| rest.get(..end))
    });
    let without_comment = || text.split_once(" #").map_or(text, |(text, _)| text);
    inside
        .unwrap_or_else(without_comment)
        .trim()
        .trim_end_matches([',', ';'])
        .trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn read(text: &str) -> Vec<(u32, Option<String>, String)> {
        let lines = read_pasted(text).into_iter();
        lines
            .map(|line| (line.line, line.variable, line.value.expose_secret().to_owned()))
            .collect()
    }

    #[test]
    fn lines_are_read_in_every_usual_form() {
        for line in [
            "OPENAI_API_KEY=sk-FAKE",
            "  export OPENAI_API_KEY='sk-FAKE' # the team's",
            "OPENAI_API_KEY = \"sk-FAKE\"",
            "OPENAI_API_KEY: sk-FAKE",
            "- OPENAI_API_KEY: \"sk-FAKE\"",
            "\"OPENAI_API_KEY\": \"sk-FAKE\",",
            "OPENAI_API_KEY,sk-FAKE",
            "OPENAI_API_KEY;sk-FAKE;",
            "OPENAI_API_KEY\tsk-FAKE",
            "OPENAI_API_KEY sk-FAKE",
            "OPENAI_API_KEY=sk-FAKE # with a comment",
        ] {
            let expected = (1, Some("OPENAI_API_KEY".to_owned()), "sk-FAKE".to_owned());
            assert_eq!(read(line), [expected], "{line}");
        }
    }

    #[test]
    fn a_value_may_stand_alone() {
        assert_eq!(read("\n sk-FAKE \r\n"), [(2, None, "sk-FAKE".to_owned())]);
        assert_eq!(read("\"sk-FAKE\","), [(1, None, "sk-FAKE".to_owned())]);
        assert_eq!(read("ABCD=="), [(1, None, "ABCD==".to_owned())]);
    }

    #[test]
    fn a_secret_in_front_is_never_taken_for_a_name() {
        let secret = "sk-proj-FAKEFAKEFAKEfakef3Qz";
        for line in [
            format!("{secret} production"),
            format!("{secret}: prod"),
            format!("{secret},"),
        ] {
            assert_eq!(read(&line), [(1, None, secret.to_owned())], "{line}");
        }
    }

    #[test]
    fn what_has_no_value_is_left_out_and_nothing_is_put_in() {
        assert_eq!(
            read("# OPENAI_API_KEY=sk-FAKE\n// no\n\nEMPTY=\nQUOTED=\"\""),
            [(4, None, "EMPTY=".to_owned()), (5, None, "QUOTED=\"\"".to_owned())]
        );
        assert_eq!(read("KEY=$HOME"), [(1, Some("KEY".to_owned()), "$HOME".to_owned())]);
        assert_eq!(format!("{:?}", read_pasted("KEY=sk-FAKE")), "[PastedLine(1)]");
    }
}
