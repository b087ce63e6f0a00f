//! Our part of a repository's post-commit hook: put in, found again, taken out so that nothing of it is left.
//!
//! In a shell script it is a block after the first line: that way the script's `$0`, arguments, stdin and exit code stay
//! as they were, where a script run under another name breaks those that go by it (husky does). Every other kind of
//! hook is kept as `post-commit.before-claude-cost` and a script of ours hands over to it.

use std::fs::Permissions;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context as _;
use thiserror::Error;

use crate::store::fs::Access;
use crate::store::fs::replace;

const BLOCK: &str = include_str!("../../shell/post-commit.sh");
const BEGIN: &str = "# >>> claude-cost >>>\n";
const END: &str = "# <<< claude-cost <<<\n";

/// Stands for the binary's path in the block.
const TOKEN: &str = "@CLAUDE_COST@";

/// What surrounds the block in a script that is all ours, and tells it from a person's own empty one.
const HEAD: &str = "#!/bin/sh\n# Made by `claude-cost install git-hook`.\n";

/// Git runs no hook that is not executable, so a hook switched off that way stays off.
const FORWARD: &str = "\
before=${0%/*}/post-commit.before-claude-cost
if [ -x \"$before\" ]; then exec \"$before\" \"$@\"; fi
";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Installed {
    New,
    /// The block goes before what the person's own script does.
    Added,
    /// The person's own hook is no shell script, and is run by ours.
    Chained,
    /// The block was there, with another path or not executable.
    Renewed,
    Already,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removed {
    /// The hook was ours and is gone.
    All,
    /// The person's own hook is as it was.
    Restored,
    Nothing,
}

#[derive(Debug, Error)]
pub(crate) enum HookError {
    #[error("the lines of claude-cost in {} were changed by hand", .0.display())]
    Edited(PathBuf),
    #[error("{} is in the way: an earlier hook was kept there", .0.display())]
    KeptBefore(PathBuf),
    #[error("{} is not a directory, so git runs no hooks", .0.display())]
    NoDirectory(PathBuf),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

impl From<std::io::Error> for HookError {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.into())
    }
}

/// The whole script for a repository without a post-commit hook.
pub(crate) fn script(binary: &Path) -> String {
    format!("{HEAD}{}", block(binary))
}

/// The hook of one directory of hooks.
#[derive(Debug)]
pub(crate) struct GitHook {
    pub(crate) path: PathBuf,
    kept: PathBuf,
}

/// What a hook's file is, as far as our block goes.
enum Contents {
    Missing,
    /// Its text without our block, which ran `binary`.
    Ours {
        rest: Vec<u8>,
        is_current: bool,
    },
    Shell(Vec<u8>),
    Foreign,
}

impl GitHook {
    pub(crate) fn in_directory(directory: &Path) -> Self {
        Self { path: directory.join("post-commit"), kept: directory.join("post-commit.before-claude-cost") }
    }

    pub(crate) fn install(&self, binary: &Path) -> Result<Installed, HookError> {
        self.make_directory()?;
        match self.read(Some(binary))? {
            Contents::Missing => {
                self.write(script(binary).as_bytes(), None)?;
                Ok(Installed::New)
            }
            Contents::Ours { is_current: true, .. } if is_executable(&self.path)? => Ok(Installed::Already),
            Contents::Ours { rest, .. } => {
                let is_fit = is_executable(&self.path)?;
                let permissions = is_fit.then(|| fs_err::metadata(&self.path)).transpose()?;
                self.write(&with_block(&rest, binary), permissions.map(|found| found.permissions()))?;
                Ok(Installed::Renewed)
            }
            Contents::Shell(text) => {
                let permissions = fs_err::metadata(&self.path)?.permissions();
                self.write(&with_block(&text, binary), Some(permissions))?;
                Ok(Installed::Added)
            }
            Contents::Foreign => {
                if self.kept.symlink_metadata().is_ok() {
                    return Err(HookError::KeptBefore(self.kept.clone()));
                }
                fs_err::rename(&self.path, &self.kept)?;
                self.write(format!("{}{FORWARD}", script(binary)).as_bytes(), None)?;
                Ok(Installed::Chained)
            }
        }
    }

    pub(crate) fn uninstall(&self) -> Result<Removed, HookError> {
        let Contents::Ours { rest, .. } = self.read(None)? else { return Ok(Removed::Nothing) };
        if rest == format!("{HEAD}{FORWARD}").as_bytes() && self.kept.symlink_metadata().is_ok() {
            fs_err::rename(&self.kept, &self.path)?;
            return Ok(Removed::Restored);
        }
        if rest == HEAD.as_bytes() {
            fs_err::remove_file(&self.path)?;
            return Ok(Removed::All);
        }
        let permissions = fs_err::metadata(&self.path)?.permissions();
        self.write(&rest, Some(permissions))?;
        Ok(Removed::Restored)
    }

    pub(crate) fn is_installed(&self) -> Result<bool, HookError> {
        Ok(matches!(self.read(None)?, Contents::Ours { .. }))
    }

    fn make_directory(&self) -> Result<(), HookError> {
        let directory = self.path.parent().context("a hook lies in a directory")?;
        match fs_err::metadata(directory) {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(_) => Err(HookError::NoDirectory(directory.to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(fs_err::create_dir_all(directory)?),
            Err(error) => Err(error.into()),
        }
    }

    fn read(&self, binary: Option<&Path>) -> Result<Contents, HookError> {
        let text = match fs_err::symlink_metadata(&self.path) {
            Ok(found) if found.is_file() => fs_err::read(&self.path)?,
            Ok(_) => return Ok(Contents::Foreign),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Contents::Missing),
            // A file in the place of the directory: git runs no hooks at all.
            Err(error) if error.kind() == ErrorKind::NotADirectory => return Ok(Contents::Missing),
            Err(error) => return Err(error.into()),
        };
        let (begin, end) = (find(&text, BEGIN), find(&text, END));
        let (Some(begin), Some(end)) = (begin, end) else {
            if begin.is_some() || end.is_some() {
                return Err(HookError::Edited(self.path.clone()));
            }
            let is_plain = is_shell(&text) && is_executable(&self.path)?;
            return Ok(if is_plain { Contents::Shell(text) } else { Contents::Foreign });
        };
        let end = end + END.len();
        let found = text.get(begin..end).unwrap_or_default();
        if !is_block(found) {
            return Err(HookError::Edited(self.path.clone()));
        }
        let is_current = binary.is_some_and(|binary| found == block(binary).as_bytes());
        Ok(Contents::Ours { rest: [&text[..begin], &text[end..]].concat(), is_current })
    }

    /// Keeps the permissions given, or lets everyone read and run the hook.
    fn write(&self, text: &[u8], permissions: Option<Permissions>) -> Result<(), HookError> {
        replace(&self.path, text, Access::Shared)?;
        match permissions {
            Some(permissions) => fs_err::set_permissions(&self.path, permissions)?,
            None => make_executable(&self.path)?,
        }
        Ok(())
    }
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::set_permissions(path, Permissions::from_mode(0o755))
}

/// Git for Windows goes by the first line.
#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn is_executable(path: &Path) -> Result<bool, HookError> {
    use std::os::unix::fs::PermissionsExt as _;
    // A link that leads nowhere is as little run as a file without the bit.
    match fs_err::metadata(path) {
        Ok(found) => Ok(found.permissions().mode() & 0o111 != 0),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> Result<bool, HookError> {
    Ok(true)
}

fn block(binary: &Path) -> String {
    let word = format!("'{}'", binary.to_string_lossy().replace('\'', r"'\''"));
    BLOCK.replacen(TOKEN, &word, 1)
}

/// Whether this is our block, whatever binary it runs.
fn is_block(text: &[u8]) -> bool {
    let Some((before, after)) = BLOCK.split_once(TOKEN) else { return false };
    text.len() > before.len() + after.len() && text.starts_with(before.as_bytes()) && text.ends_with(after.as_bytes())
}

/// The block after the first line: a script may end anywhere, so what comes last might never run.
fn with_block(text: &[u8], binary: &Path) -> Vec<u8> {
    let first = text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| end + 1);
    [&text[..first], block(binary).as_bytes(), &text[first..]].concat()
}

/// Whether the first line names a shell that understands the block. A line break must end it, or the block could not
/// be taken out again without a trace.
fn is_shell(text: &[u8]) -> bool {
    let Some(end) = text.iter().position(|byte| *byte == b'\n') else { return false };
    let Ok(line) = std::str::from_utf8(&text[..end]) else { return false };
    let Some(line) = line.strip_prefix("#!") else { return false };
    let mut words = line.split_whitespace();
    let name = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let program = words.next().map(name).unwrap_or_default();
    let program = if program == "env" { words.next().map(name).unwrap_or_default() } else { program };
    // A carriage return or `set -e` among the options would change what the block means.
    let is_bare = words.next().is_none() && !line.ends_with('\r');
    is_bare && ["sh", "bash", "dash", "ash", "ksh", "zsh"].contains(&program.as_str())
}

fn find(text: &[u8], part: &str) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part.as_bytes())
}

#[cfg(test)]
mod tests;
