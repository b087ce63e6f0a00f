//! The folders in which Claude Code keeps transcripts, each named after the directory in which it was started: what is no
//! letter or digit is a dash there, so that a name cannot be read back.

/// Longer names are cut here and a hash is put behind, by a scheme that changed in 2.1.224 (Agent SDK, `SessionKey`;
/// changelog of claude-code-trace).
const LONGEST: usize = 200;

/// The name of a directory's folder, unless that is very long.
pub(crate) fn directory_name(path: &str) -> String {
    path.chars().map(dashed).collect()
}

/// Whether a folder is that of a directory.
pub(crate) fn is_of(folder: &str, path: &str) -> bool {
    let name = path.chars().map(dashed);
    if is_cut(path) {
        return folder.chars().take(LONGEST).eq(name.take(LONGEST));
    }
    name.eq(folder.chars())
}

/// Whether a folder is that of a directory or of one below it.
pub(crate) fn is_within(folder: &str, path: &str) -> bool {
    if is_cut(path) {
        return is_of(folder, path);
    }
    let mut folder = folder.chars();
    let begins = path.chars().map(dashed).all(|char| folder.next() == Some(char));
    begins && folder.next().is_none_or(|next| next == '-')
}

fn is_cut(path: &str) -> bool {
    path.chars().count() > LONGEST
}

fn dashed(char: char) -> char {
    if char.is_ascii_alphanumeric() { char } else { '-' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_known_by_its_directory() {
        let deep = format!("/w/{}", "long-name/".repeat(30));
        let cut = format!("{}-1a2b3c", directory_name(&deep).chars().take(200).collect::<String>());
        for (folder, path, is_own, is_inside) in [
            ("-w-my-app", "/w/my.app", true, true),
            ("-w-my-app-src", "/w/my.app", false, true),
            ("-w-my-application", "/w/my.app", false, false),
            ("-w", "/w/my.app", false, false),
            (&cut, &deep, true, true),
            (&cut, "/w/long-name", false, true),
        ] {
            assert_eq!((is_of(folder, path), is_within(folder, path)), (is_own, is_inside), "{folder} {path}");
        }
        assert_eq!(directory_name("/work/my shop.é/x_1"), "-work-my-shop---x-1");
    }
}
