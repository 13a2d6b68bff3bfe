//! Where the user's own files stand.

use std::path::PathBuf;

/// The user's configuration folder: `$XDG_CONFIG_HOME`, else `~/.config`; relative ones do not count (XDG Base
/// Directory Specification). `None` where the environment, which `lookup` reads, names neither.
#[must_use]
pub fn configuration_folder(lookup: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let absolute = |variable| {
        lookup(variable)
            .map(|text| PathBuf::from(text.trim()))
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_absolute_folder_counts() {
        let folder = |home: Option<&str>, chosen: Option<&str>| {
            configuration_folder(&|variable| {
                let value = if variable == "HOME" { home } else { chosen };
                value.map(str::to_owned)
            })
        };
        assert_eq!(folder(Some("/home/a"), None), Some("/home/a/.config".into()));
        assert_eq!(folder(Some("/home/a"), Some("/etc/a")), Some("/etc/a".into()));
        assert_eq!(
            folder(Some("/home/a"), Some("relative")),
            Some("/home/a/.config".into())
        );
        assert_eq!(folder(None, None), None);
    }
}
