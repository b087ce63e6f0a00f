//! Files of ours are the user's alone, whatever the umask, and data directories may lie in odd places.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::sandbox::Sandbox;

/// Everything below a data directory, itself included, is closed to others.
pub(crate) fn assert_private(directory: &Path) {
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        let mode = |path: &Path| fs_err::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&directory), 0o700, "{}", directory.display());
        for entry in fs_err::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
            }
        }
    }
}

#[test]
fn no_umask_opens_our_files_to_others() {
    for umask in ["000", "022", "077"] {
        let sandbox = Sandbox::new();
        // A reader keeps the ledger's log and its index in being.
        let script = "umask \"$1\"; shift; b=$1; \"$b\" start A; \"$b\" quick code x; \"$b\" end; \"$b\" start B; \"$b\" log 1 1 y; \"$b\" sessions";
        let mut command = sandbox.command("sh");
        command.args(["-c", script, "sh", umask]).arg(crate::sandbox::program());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", sandbox.transcript(&output));
        assert_private(&sandbox.data());
        assert!(sandbox.data().join("ledger.db").exists());
    }
}

#[test]
fn the_data_directory_may_have_spaces_and_bytes_that_are_no_text_and_be_a_link() {
    let sandbox = Sandbox::new();
    let odd = sandbox.home().join(OsStr::from_bytes(b"my data \xff\xfe/$(x)"));
    let target = sandbox.home().join("target");
    fs_err::create_dir_all(&target).unwrap();
    let link = sandbox.home().join("link");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    for place in [&odd, &link] {
        let there = |arguments: &[&str]| {
            let output = sandbox.claude_cost(arguments).env("CLAUDE_COST_HOME", place).output().unwrap();
            assert!(output.status.success(), "{}", sandbox.transcript(&output));
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        there(&["start", "Odd"]);
        there(&["log", "5", "5", "x"]);
        there(&["end"]);
        assert!(there(&["sessions", "--json"]).contains("\"Odd\""));
        assert!(place.join("ledger.db").exists() && place.join("sessions/ended").exists());
    }
    assert!(!sandbox.data().exists());
}

#[test]
fn where_there_is_no_home_the_error_says_what_to_set() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("file", "");
    let mut command = sandbox.claude_cost(&["start", "Homeless"]);
    insta::assert_snapshot!(sandbox.transcript(&command.env("HOME", &file).output().unwrap()), @"
    exit 1
    --- stderr
    error: could not make the directory [ROOT]/work/file/.local/share/claude-cost/sessions/active: Not a directory (os error 20)
    hint: set CLAUDE_COST_HOME to a directory that can be written
    ");
    // Relative ones do not count, as their specification says.
    let mut command = sandbox.claude_cost(&["start", "Relative"]);
    assert!(command.env("XDG_DATA_HOME", "data").output().unwrap().status.success());
    assert!(!sandbox.work().join("data").exists() && sandbox.data().exists());
    let mut command = sandbox.claude_cost(&["hook", "post-commit"]);
    insta::assert_snapshot!(sandbox.transcript(&command.env("HOME", &file).output().unwrap()), @"exit 0");
}
