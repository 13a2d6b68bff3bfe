//! Texts in files for spreadsheets.

/// A text that others chose. Spreadsheets run what begins like a formula; an apostrophe keeps it a text.
pub(super) fn text(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn no_text_of_others_becomes_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"] {
            assert_eq!(text(formula), format!("'{formula}"));
        }
        assert_eq!(text("gpt-4o-mini"), "gpt-4o-mini");
        assert_eq!(text(""), "");
    }
}
