//! Hooks of every kind, before, with and after our block.

use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;

use super::*;

const BINARY: &str = "/opt/it's here/claude-cost";

struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn hook(&self) -> GitHook {
        GitHook::in_directory(&self.directory.path().join("hooks"))
    }

    fn with(text: &[u8], mode: u32) -> Self {
        let place = Self::new();
        let path = place.hook().path;
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, text).unwrap();
        fs_err::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        place
    }

    fn install(&self) -> Result<Installed, HookError> {
        self.hook().install(Path::new(BINARY))
    }

    fn read(&self) -> Vec<u8> {
        fs_err::read(self.hook().path).unwrap()
    }

    fn mode(&self) -> u32 {
        fs_err::metadata(self.hook().path).unwrap().permissions().mode() & 0o7777
    }
}

#[test]
fn every_hook_is_restored_byte_for_byte() {
    let cases: [(&[u8], u32, Installed); 13] = [
        (b"#!/bin/sh\n", 0o755, Installed::Added),
        (b"#!/bin/sh\necho hello\n", 0o755, Installed::Added),
        (b"#!/usr/bin/env bash\nexit 3", 0o700, Installed::Added),
        (b"#! /bin/zsh\n", 0o755, Installed::Added),
        (b"#!/bin/sh\n\xff\xfe", 0o755, Installed::Added),
        (b"#!/bin/sh\necho off\n", 0o644, Installed::Chained),
        (b"#!/bin/sh", 0o755, Installed::Chained),
        (b"#!/bin/sh -e\nfalse\n", 0o755, Installed::Chained),
        (b"#!/bin/sh\r\necho\r\n", 0o755, Installed::Chained),
        (b"#!/usr/bin/python3\nprint()\n", 0o755, Installed::Chained),
        (b"\x7fELF\0\0", 0o755, Installed::Chained),
        (b"echo no first line\n", 0o755, Installed::Chained),
        (b"", 0o755, Installed::Chained),
    ];
    for (text, mode, expected) in cases {
        let place = Place::with(text, mode);
        let name = String::from_utf8_lossy(text);
        assert_eq!(place.install().unwrap(), expected, "{name}");
        let installed = place.read();
        assert!(find(&installed, BEGIN).is_some());
        assert_eq!(place.install().unwrap(), Installed::Already);
        assert_eq!(place.read(), installed);
        assert_eq!(place.hook().uninstall().unwrap(), Removed::Restored);
        assert_eq!((place.read().as_slice(), place.mode()), (text, mode), "{name}");
        assert!(!place.hook().kept.exists());
        assert_eq!(place.hook().uninstall().unwrap(), Removed::Nothing);
        assert_eq!(place.read(), text);
    }
}

#[test]
fn a_hook_that_was_not_there_is_gone_again() {
    let place = Place::new();
    assert_eq!(place.install().unwrap(), Installed::New);
    assert_eq!((place.read(), place.mode()), (script(Path::new(BINARY)).into_bytes(), 0o755));
    assert_eq!(place.hook().uninstall().unwrap(), Removed::All);
    assert!(!place.hook().path.exists());
    assert_eq!(place.hook().uninstall().unwrap(), Removed::Nothing);
}

#[test]
fn a_linked_hook_stays_a_link_and_its_target_is_not_touched() {
    let place = Place::with(b"", 0o755);
    let (path, target) = (place.hook().path, place.directory.path().join("shared"));
    fs_err::remove_file(&path).unwrap();
    fs_err::write(&target, "#!/bin/sh\n").unwrap();
    fs_err::set_permissions(&target, Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("../shared", &path).unwrap();
    assert_eq!(place.install().unwrap(), Installed::Chained);
    assert_eq!(fs_err::read(&target).unwrap(), b"#!/bin/sh\n");
    assert_eq!(place.hook().uninstall().unwrap(), Removed::Restored);
    assert_eq!(fs_err::read_link(&path).unwrap(), Path::new("../shared"));
}

#[test]
fn what_the_person_added_meanwhile_stays() {
    let place = Place::new();
    place.install().unwrap();
    let mut text = place.read();
    text.extend_from_slice(b"echo mine\n");
    fs_err::write(place.hook().path, &text).unwrap();
    assert_eq!(place.install().unwrap(), Installed::Already);
    assert_eq!(place.hook().uninstall().unwrap(), Removed::Restored);
    assert_eq!(place.read(), b"#!/bin/sh\n# Made by `claude-cost install git-hook`.\necho mine\n");
}

#[test]
fn a_block_changed_by_hand_is_left_alone() {
    let changes: [(&str, &str); 3] =
        [("hook post-commit", "hook post-commit --mine"), (END, ""), (BEGIN, "# claude-cost\n")];
    for (from, to) in changes {
        let place = Place::new();
        place.install().unwrap();
        let text = String::from_utf8(place.read()).unwrap().replacen(from, to, 1);
        fs_err::write(place.hook().path, &text).unwrap();
        assert!(matches!(place.hook().uninstall(), Err(HookError::Edited(_))), "{from}");
        assert!(matches!(place.install(), Err(HookError::Edited(_))), "{from}");
        assert_eq!(place.read(), text.as_bytes());
    }
}

#[test]
fn another_path_and_a_lost_bit_are_renewed() {
    let place = Place::with(b"#!/bin/sh\necho hello\n", 0o755);
    place.hook().install(Path::new("/old/claude-cost")).unwrap();
    assert_eq!(place.install().unwrap(), Installed::Renewed);
    fs_err::set_permissions(place.hook().path, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(place.install().unwrap(), Installed::Renewed);
    assert_eq!(place.mode(), 0o755);
    place.hook().uninstall().unwrap();
    assert_eq!(place.read(), b"#!/bin/sh\necho hello\n");
}

#[test]
fn a_hook_kept_before_is_never_overwritten() {
    let place = Place::with(b"#!/usr/bin/perl\n", 0o755);
    fs_err::write(place.hook().kept, "precious").unwrap();
    assert!(matches!(place.install(), Err(HookError::KeptBefore(_))));
    assert_eq!(place.read(), b"#!/usr/bin/perl\n");
    assert_eq!(fs_err::read(place.hook().kept).unwrap(), b"precious");
}

#[test]
fn hooks_switched_off_by_a_device_are_an_error() {
    let hook = GitHook::in_directory(Path::new("/dev/null"));
    assert!(matches!(hook.install(Path::new(BINARY)), Err(HookError::NoDirectory(_))));
    assert_eq!(hook.uninstall().unwrap(), Removed::Nothing);
}
