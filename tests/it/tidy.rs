//! The house rules that the compiler cannot see: who imports whom, how long a file may be, what every module says of itself.

use std::path::Path;
use std::path::PathBuf;

use syn::visit::Visit;

/// Lines a file may have, its tests included.
const MOST_LINES: usize = 500;

/// The modules each room may name, beside itself; `command` may name everything but other commands.
const IMPORTS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("report", &["domain"]),
    ("source", &["domain"]),
    ("store", &["domain"]),
    ("view", &["domain", "report"]),
    ("cli", &["domain"]),
];
const FRAME: &[&str] = &["cli", "config", "context", "domain", "env", "error", "paths", "shell", "ui", "view"];
const FRAME_ROOMS: &[&str] = &["config", "context", "env", "error", "paths", "shell", "ui"];

/// Crates that only one place may name, so that another can take their part.
const SOLE_USERS: &[(&str, &str)] = &[
    ("git2", "source/git"),
    ("rusqlite", "store/ledger"),
    ("tera", "view/markdown"),
    ("tiktoken_rs", "source/tokenizer"),
    ("directories", "paths"),
    ("toml_edit", "config"),
    ("ureq", "source/prices"),
];

fn sources(root: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut directories = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(root)];
    while let Some(directory) = directories.pop() {
        for entry in fs_err::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// `domain/money`, `cli`, `command/mod` …
fn place(path: &Path) -> String {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    path.strip_prefix(src).unwrap().with_extension("").to_string_lossy().into_owned()
}

#[derive(Default)]
struct Names {
    /// The first two parts of every `crate::…` path.
    own: Vec<Vec<String>>,
    /// The first part of every other path.
    foreign: Vec<String>,
    braces: usize,
}

impl Names {
    fn add(&mut self, parts: &[String]) {
        match parts.split_first() {
            // The bare word is the one in `pub(crate)`.
            Some((first, [])) if first == "crate" => {}
            Some((first, rest)) if first == "crate" => self.own.push(rest.iter().take(2).cloned().collect()),
            Some((first, _)) => self.foreign.push(first.clone()),
            None => {}
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(&path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>());
        syn::visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut parts = Vec::new();
        let mut tree = &item.tree;
        loop {
            match tree {
                syn::UseTree::Path(path) => {
                    parts.push(path.ident.to_string());
                    tree = &path.tree;
                }
                syn::UseTree::Name(name) => {
                    parts.push(name.ident.to_string());
                    break;
                }
                syn::UseTree::Rename(rename) => {
                    parts.push(rename.ident.to_string());
                    break;
                }
                syn::UseTree::Glob(_) => break,
                syn::UseTree::Group(_) => {
                    self.braces += 1;
                    break;
                }
            }
        }
        self.add(&parts);
    }
}

fn names(path: &Path) -> Names {
    let file = syn::parse_file(&fs_err::read_to_string(path).unwrap()).unwrap();
    let mut names = Names::default();
    names.visit_file(&file);
    names
}

#[test]
fn modules_import_only_what_they_may() {
    let mut wrong = Vec::new();
    for path in sources("src") {
        let place = place(&path);
        let room = place.split('/').next().unwrap();
        let allowed: &[&str] = match IMPORTS.iter().find(|(name, _)| *name == room) {
            Some((_, allowed)) => allowed,
            None if FRAME_ROOMS.contains(&room) => FRAME,
            None => continue,
        };
        for name in names(&path).own {
            let first = name.first().map_or("", String::as_str);
            if first != room && !allowed.contains(&first) {
                wrong.push(format!("{place} names crate::{}", name.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn commands_do_not_lean_on_each_other() {
    let mut wrong = Vec::new();
    for path in sources("src/command") {
        let place = place(&path);
        let own = place.trim_start_matches("command/").split('/').next().unwrap().to_owned();
        for name in names(&path).own {
            if own != "mod" && name.len() == 2 && name[0] == "command" && name[1] != own && !is_shared(&name[1]) {
                wrong.push(format!("{place} names crate::{}", name.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What several commands gather alike has a place of its own, which is no command.
fn is_shared(module: &str) -> bool {
    module == "gather"
}

#[test]
fn each_heavy_crate_has_one_user() {
    let mut wrong = Vec::new();
    for path in sources("src") {
        let place = place(&path);
        let foreign = names(&path).foreign;
        for (name, user) in SOLE_USERS {
            if foreign.iter().any(|foreign| foreign == name) && !place.starts_with(user) {
                wrong.push(format!("{place} names {name}, which is {user}'s"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut wrong = Vec::new();
    for path in sources("src").into_iter().chain(sources("tests")) {
        let text = fs_err::read_to_string(&path).unwrap();
        let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
        let lines = text.lines().count();
        if lines > MOST_LINES {
            wrong.push(format!("{name} has {lines} lines: look for a second kind of work"));
        }
        if !text.starts_with("//!") {
            wrong.push(format!("{name} does not begin with //!"));
        }
        let braces = names(&path).braces;
        if braces > 0 {
            wrong.push(format!("{name} has {braces} `use` with braces: one line a name"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
