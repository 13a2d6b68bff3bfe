//! Pages that a query names: nobody is led away from here by one.

/// `page` where it is a path of ours, else the start page.
pub(crate) fn own_page(page: &str) -> &str {
    // Browsers take `//host` and `/\host` for another site, and drop tabs and line breaks before they look.
    let is_plain = page
        .chars()
        .all(|character| character.is_ascii_graphic() && character != '\\');
    if page.starts_with('/') && !page.starts_with("//") && is_plain {
        page
    } else {
        "/"
    }
}

#[cfg(test)]
mod tests {
    use super::own_page;

    #[test]
    fn only_paths_of_ours_are_followed() {
        assert_eq!(own_page("/members?role=owner"), "/members?role=owner");
        for page in [
            "",
            "members",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/ü",
        ] {
            assert_eq!(own_page(page), "/", "{page:?}");
        }
    }
}
