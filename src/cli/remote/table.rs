//! Tables for people.

use super::failure::plain;
use unicode_width::UnicodeWidthStr;

/// What stands between two columns.
const GAP: &str = "  ";
/// What stands where there is nothing.
const NOTHING: &str = "-";

/// Rows below a line of headings, aligned.
#[derive(Debug)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub(super) fn new(headings: &[&str]) -> Self {
        let headings = headings.iter().map(|heading| heading.to_uppercase());
        Self {
            rows: vec![headings.collect()],
        }
    }

    /// Adds a row; what is empty is shown as a dash.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let shown = |cell: String| match plain(&cell) {
            cell if cell.is_empty() => NOTHING.to_owned(),
            cell => cell,
        };
        self.rows.push(cells.into_iter().map(shown).collect());
    }

    /// Whether there is anything but headings.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }

    /// The lines, without a line break behind the last.
    pub(super) fn lines(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or_default()
        };
        let widths: Vec<_> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let padded = row.iter().zip(&widths).map(|(cell, width)| {
                let rest = width.saturating_sub(cell.width());
                format!("{cell}{}", " ".repeat(rest))
            });
            padded.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
        };
        self.rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// A time of the API to the second; nothing for never.
pub(super) fn moment(time: Option<&str>) -> String {
    let Some(time) = time else { return String::new() };
    match time.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let mut table = Table::new(&["name", "key", "id"]);
        assert!(table.is_empty());
        table.row(["Größe", "sk-...cdef", "1"].map(str::to_owned));
        table.row(["日本", "", "2"].map(str::to_owned));
        table.row(["\u{1b}[2J", "x", ""].map(str::to_owned));
        let expected = "NAME   KEY         ID\n\
                        Größe  sk-...cdef  1\n\
                        日本   -           2\n\
                        \u{fffd}[2J   x           -";
        assert_eq!(table.lines(), expected);
    }

    #[test]
    fn times_are_shown_to_the_second() {
        assert_eq!(moment(Some("2026-11-21T14:02:07.310Z")), "2026-11-21T14:02:07Z");
        assert_eq!(moment(Some("2026-11-21T14:02:07Z")), "2026-11-21T14:02:07Z");
        assert_eq!(moment(None), "");
    }
}
