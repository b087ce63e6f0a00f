//! Where transcripts lie: all `.jsonl` files below the `projects` folder of each of Claude Code's directories, at any depth.

use std::collections::BTreeSet;
use std::fs::DirEntry;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::UNIX_EPOCH;

use fs_err as fs;

use crate::domain::folder;

/// Deeper than any layout so far: `<project>/<conversation>/subagents/workflows/<run>/agent.jsonl`.
const MOST_LEVELS: usize = 12;

/// Folders of Claude Desktop's local agents, in each of which lies a tree of its own (codeburn, docs/providers/claude.md,
/// searches as deep).
const MOST_DESKTOP_LEVELS: usize = 8;

/// Threads that ask the file system, which mostly waits.
const WALKERS: usize = 4;

/// What a workflow notes of its agents beside their transcripts; it repeats figures and is none.
const WORKFLOW_JOURNAL: &str = "journal.jsonl";

/// A transcript, as far as its directory tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// The folder below `projects`.
    pub(crate) project: String,
    pub(crate) size: u64,
    /// Nanoseconds since 1970.
    pub(crate) modified: i64,
    /// 0 where the system has none.
    pub(crate) inode: u64,
}

/// All transcripts below Claude Code's directories, the largest first, and the directories that could not be read.
pub(crate) fn find(claude: &[PathBuf], desktop: &[PathBuf]) -> (Vec<Found>, Vec<String>) {
    let mut problems = Vec::new();
    let mut roots = BTreeSet::new();
    for directory in claude {
        roots.extend(projects_of(directory, &mut problems));
    }
    for directory in desktop {
        find_desktop_roots(directory, MOST_DESKTOP_LEVELS, &mut roots, &mut problems);
    }
    let folders: Vec<PathBuf> = roots.iter().flat_map(|root| folders(root, &mut problems)).collect();
    let (next, found, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Mutex::new(problems));
    std::thread::scope(|scope| {
        for _ in 0..WALKERS.min(folders.len()) {
            scope.spawn(|| {
                let (mut own, mut problems) = (Vec::new(), Vec::new());
                while let Some(folder) = folders.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let project = folder.file_name().unwrap_or_default().to_string_lossy();
                    walk(folder, &project, MOST_LEVELS, &mut own, &mut problems);
                }
                found.lock().unwrap_or_else(PoisonError::into_inner).append(&mut own);
                failed.lock().unwrap_or_else(PoisonError::into_inner).append(&mut problems);
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_unstable_by(|one, other| (other.size, &one.path).cmp(&(one.size, &other.path)));
    (found, failed.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// The transcripts of one conversation: its own file and those of its subagents.
pub(crate) fn of_conversation(transcript: &Path) -> Vec<Found> {
    let Some(folder) = transcript.parent() else { return Vec::new() };
    let project = folder.file_name().unwrap_or_default().to_string_lossy();
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    if let Ok(metadata) = fs::metadata(transcript)
        && metadata.is_file()
    {
        found.push(of_file(transcript.to_owned(), &project, &metadata));
    }
    walk(&transcript.with_extension("").join("subagents"), &project, MOST_LEVELS, &mut found, &mut problems);
    found
}

/// The transcripts of conversations that were begun in one of a project's directories or below it, Claude Code's own work
/// trees among them.
pub(crate) fn of_project(claude: &[PathBuf], begun_in: &BTreeSet<String>) -> Vec<Found> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    let roots: BTreeSet<PathBuf> = claude.iter().filter_map(|one| projects_of(one, &mut problems)).collect();
    for projects in roots {
        for folder in folders(&projects, &mut problems) {
            let project = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if begun_in.iter().any(|directory| folder::is_within(&project, directory)) {
                walk(&folder, &project, MOST_LEVELS, &mut found, &mut problems);
            }
        }
    }
    found
}

/// One that names its `projects` folder itself is understood too.
fn projects_of(directory: &Path, problems: &mut Vec<String>) -> Option<PathBuf> {
    let projects = directory.join("projects");
    let is_itself = directory.file_name().is_some_and(|name| name == "projects");
    let root = if projects.is_dir() || !is_itself { projects } else { directory.to_owned() };
    // Two ways to the same place are one.
    fs::canonicalize(root).map_err(|error| note(&error, problems)).ok()
}

fn find_desktop_roots(directory: &Path, levels: usize, roots: &mut BTreeSet<PathBuf>, problems: &mut Vec<String>) {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => return note(&error, problems),
    };
    for path in entries.flatten().filter(|entry| is_folder(entry.file_type())).map(|entry| entry.path()) {
        if path.file_name().is_some_and(|name| name == ".claude") {
            roots.extend(projects_of(&path, problems));
        } else if levels > 0 {
            find_desktop_roots(&path, levels - 1, roots, problems);
        }
    }
}

/// What is not there is no problem, and neither is what lies below a file.
fn note(error: &std::io::Error, problems: &mut Vec<String>) {
    if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
        problems.push(error.to_string());
    }
}

fn is_folder(kind: std::io::Result<std::fs::FileType>) -> bool {
    kind.is_ok_and(|kind| kind.is_dir())
}

/// The project folders in a root; they may be links, as people who move their history make them.
fn folders(root: &Path, problems: &mut Vec<String>) -> Vec<PathBuf> {
    match fs::read_dir(root) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect(),
        Err(error) => {
            problems.push(error.to_string());
            Vec::new()
        }
    }
}

fn walk(folder: &Path, project: &str, levels: usize, found: &mut Vec<Found>, problems: &mut Vec<String>) {
    // Plain `std`: each call counts here, and a wrapper that keeps the path copies it for each.
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return,
        Err(error) => return problems.push(format!("{}: {error}", folder.display())),
    };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            if levels > 0 {
                walk(&entry.path(), project, levels - 1, found, problems);
            }
        } else if is_transcript(&entry)
            && let Some(metadata) = regular(&entry, kind)
        {
            found.push(of_file(entry.path(), project, &metadata));
        }
    }
}

fn is_transcript(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    name.as_encoded_bytes().ends_with(b".jsonl") && name != WORKFLOW_JOURNAL
}

/// Of a file or a link to one; to open anything else might wait for ever.
fn regular(entry: &DirEntry, kind: std::fs::FileType) -> Option<Metadata> {
    let metadata = if kind.is_symlink() { fs::metadata(entry.path()).ok()? } else { entry.metadata().ok()? };
    metadata.is_file().then_some(metadata)
}

fn of_file(path: PathBuf, project: &str, metadata: &Metadata) -> Found {
    let modified = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    Found {
        path,
        project: project.to_owned(),
        size: metadata.len(),
        modified: modified.and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0),
        inode: inode(metadata),
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transcripts_are_found_at_any_depth_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let claude = directory.path().join("claude");
        let desktop = directory.path().join("desktop");
        for path in [
            "claude/projects/-w-app/c1.jsonl",
            "claude/projects/-w-app/agent-old.jsonl",
            "claude/projects/-w-app/c1/subagents/agent-1.jsonl",
            "claude/projects/-w-app/c1/subagents/agent-1.meta.json",
            "claude/projects/-w-app/c1/subagents/workflows/wf_1/agent-2.jsonl",
            "claude/projects/-w-app/c1/subagents/workflows/wf_1/journal.jsonl",
            "claude/projects/-w-app/memory/MEMORY.md",
            "claude/history.jsonl",
            "desktop/a/b/.claude/projects/-w-b/c2.jsonl",
        ] {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "{}\n").unwrap();
        }
        let names = |claude: &[PathBuf]| -> Vec<_> {
            let (found, problems) = find(claude, std::slice::from_ref(&desktop));
            assert_eq!(problems, Vec::<String>::new());
            let name = |found: &Found| found.path.file_name().unwrap().to_string_lossy().into_owned();
            let mut names: Vec<_> = found.iter().map(|found| (found.project.clone(), name(found))).collect();
            names.sort();
            names
        };
        let row = |project: &str, name: &str| (project.to_owned(), name.to_owned());
        let all = [
            row("-w-app", "agent-1.jsonl"),
            row("-w-app", "agent-2.jsonl"),
            row("-w-app", "agent-old.jsonl"),
            row("-w-app", "c1.jsonl"),
            row("-w-b", "c2.jsonl"),
        ];
        assert_eq!(names(std::slice::from_ref(&claude)), all);
        assert_eq!(names(&[claude.join("projects"), claude.clone(), claude.join("nowhere")]), all);

        let of_one = of_conversation(&claude.join("projects/-w-app/c1.jsonl"));
        assert_eq!(of_one.len(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_that_may_not_be_entered_is_told_of() {
        use std::os::unix::fs::PermissionsExt as _;

        let directory = tempfile::tempdir().unwrap();
        let closed = directory.path().join("closed");
        fs::create_dir_all(closed.join("projects")).unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();
        fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
        // Root may enter everything.
        let is_closed = fs::read_dir(&closed).is_err();
        let (_, problems) = find(&[closed.clone(), file, directory.path().join("gone")], std::slice::from_ref(&closed));
        fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(problems.len(), if is_closed { 2 } else { 0 }, "{problems:?}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join("projects/-w");
        fs::create_dir_all(folder.join("dir.jsonl")).unwrap();
        std::os::unix::fs::symlink(&folder, folder.join("loop")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.join("endless.jsonl")).unwrap();
        std::os::unix::fs::symlink("gone", folder.join("gone.jsonl")).unwrap();
        fs::write(folder.join("real"), "").unwrap();
        std::os::unix::fs::symlink(folder.join("real"), folder.join("link.jsonl")).unwrap();
        let (found, problems) = find(&[directory.path().to_owned()], &[]);
        assert_eq!((found.len(), problems.len()), (1, 0));
        assert!(found[0].path.ends_with("link.jsonl"));
    }
}
