//! Files of text, read to be counted: which there are, and the counts of each, several at once.

use std::fmt;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use anyhow::Context;

use crate::domain::estimate::Content;
use crate::domain::estimate::Piece;
use crate::domain::estimate::TokenCounter;
use crate::source::git;

/// A NUL within so many bytes makes a file binary, as it does for git (`buffer_is_binary`, xdiff-interface.c).
const SNIFFED_BYTES: usize = 8 * 1024;
/// What is held of a file at a time, so that its size does not matter.
const CHUNK_BYTES: usize = 1024 * 1024;

/// Where text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    StandardInput,
    File(PathBuf),
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StandardInput => f.write_str("(standard input)"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// The files below `directory` as git sees them: tracked, or neither tracked nor ignored. Outside a repository all
/// regular files but `.git`. Sorted; links are not followed. Directories that cannot be read are given as errors.
pub(crate) fn files(directory: &Path) -> anyhow::Result<(Vec<PathBuf>, Vec<anyhow::Error>)> {
    // A repository that cannot be read is a directory like any other.
    let (mut files, unreadable) = match git::files(directory).ok().flatten() {
        // What git tracks may be a link, a submodule, or gone.
        Some(files) => (files.into_iter().filter(|path| is_regular(path)).collect(), Vec::new()),
        None => walk(directory)?,
    };
    files.sort();
    Ok((files, unreadable))
}

fn is_regular(path: &Path) -> bool {
    fs_err::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

fn walk(directory: &Path) -> anyhow::Result<(Vec<PathBuf>, Vec<anyhow::Error>)> {
    let mut files = Vec::new();
    let mut unreadable = Vec::new();
    let mut pending = vec![fs_err::read_dir(directory)?];
    while let Some(entries) = pending.pop() {
        for entry in entries {
            let found = entry.and_then(|entry| {
                let kind = entry.file_type()?;
                if kind.is_file() {
                    files.push(entry.path());
                } else if kind.is_dir() && entry.file_name() != ".git" {
                    pending.push(fs_err::read_dir(entry.path())?);
                }
                Ok(())
            });
            unreadable.extend(found.err().map(anyhow::Error::from));
        }
    }
    Ok((files, unreadable))
}

/// The contents of all `inputs`, in their order, each `None` if it is binary; `on_done` is called after each.
pub(crate) fn count_all(
    inputs: &[Input],
    counter: &(dyn TokenCounter + Sync),
    on_done: &(dyn Fn() + Sync),
) -> Vec<anyhow::Result<Option<Content>>> {
    in_parallel(inputs, &|input| count(input, counter), on_done)
}

/// What `count` makes of each of `inputs`, in their order, several at a time; `on_done` is called after each.
pub(super) fn in_parallel<T: Send>(
    inputs: &[Input],
    count: &(dyn Fn(&Input) -> T + Sync),
    on_done: &(dyn Fn() + Sync),
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut counted = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = inputs.get(at) else { return counted };
            counted.push((at, count(input)));
            on_done();
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(inputs.len());
    let mut counted: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("counting does not panic")).collect()
    });
    counted.sort_by_key(|(at, _)| *at);
    counted.into_iter().map(|(_, content)| content).collect()
}

/// All of `input`, which has to be UTF-8.
pub(super) fn read(input: &Input) -> anyhow::Result<String> {
    match input {
        Input::StandardInput => std::io::read_to_string(std::io::stdin().lock()).context("cannot read standard input"),
        Input::File(path) => Ok(fs_err::read_to_string(path)?),
    }
}

fn count(input: &Input, counter: &dyn TokenCounter) -> anyhow::Result<Option<Content>> {
    match input {
        Input::StandardInput => {
            count_text(std::io::stdin().lock(), CHUNK_BYTES, counter).context("cannot read standard input")
        }
        Input::File(path) => Ok(count_text(fs_err::File::open(path)?, CHUNK_BYTES, counter)?),
    }
}

/// Counts what `reader` gives; `None` if it is binary. Bytes that are not UTF-8 count as replacement characters.
fn count_text(
    mut reader: impl Read,
    chunk_bytes: usize,
    counter: &dyn TokenCounter,
) -> std::io::Result<Option<Content>> {
    let mut content = Content::default();
    let mut buffer = Vec::new();
    for chunk in 0.. {
        reader.by_ref().take((chunk_bytes - buffer.len()) as u64).read_to_end(&mut buffer)?;
        if chunk == 0 && buffer.iter().take(SNIFFED_BYTES).any(|byte| *byte == 0) {
            return Ok(None);
        }
        let is_last = buffer.len() < chunk_bytes;
        let end = if is_last { buffer.len() } else { chunk_length(&buffer) };
        content.add(Piece::Text(&String::from_utf8_lossy(&buffer[..end])), counter);
        buffer.drain(..end);
        if is_last {
            break;
        }
    }
    Ok(Some(content))
}

/// Up to behind the last line break, else up to where the last character begins.
fn chunk_length(buffer: &[u8]) -> usize {
    let is_inside = |byte: &u8| byte & 0b1100_0000 == 0b1000_0000;
    match buffer.iter().rposition(|byte| *byte == b'\n') {
        Some(at) => at + 1,
        None => match buffer.iter().rposition(|byte| !is_inside(byte)) {
            Some(at) if at > 0 => at,
            _ => buffer.len(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One token a line.
    struct Lines;

    impl TokenCounter for Lines {
        fn for_each_token(&self, text: &str, each: &mut dyn FnMut(&[u8])) {
            text.split_inclusive('\n').for_each(|line| each(line.as_bytes()));
        }
    }

    fn counted(bytes: &[u8]) -> Option<Content> {
        count_text(bytes, CHUNK_BYTES, &Lines).unwrap()
    }

    #[test]
    fn a_long_file_counts_as_the_sum_of_its_lines() {
        let line = "fn main() { println!(\"é東\"); }\n";
        let many = line.repeat(500);
        for chunk_bytes in [40, 1000, 1001, many.len(), many.len() + 1] {
            let counted = count_text(many.as_bytes(), chunk_bytes, &Lines).unwrap();
            assert_eq!(counted, Some(Content::of_text(&many, &Lines)), "{chunk_bytes}");
        }
        assert_eq!(counted(b""), Some(Content::default()));
    }

    #[test]
    fn a_chunk_ends_at_a_line_break_or_between_characters() {
        for (buffer, length) in [
            (&b"a\nb\nc"[..], 4),
            ("aé".as_bytes(), 1),
            (&"a東".as_bytes()[..3], 1),
            ("🦀".as_bytes(), 4),
            (&[0x80, 0x80], 2),
            (b"a", 1),
        ] {
            assert_eq!(chunk_length(buffer), length, "{buffer:?}");
        }
    }

    #[test]
    fn a_nul_makes_a_file_binary_and_bad_utf8_does_not() {
        assert_eq!(counted(b"ELF\0"), None);
        let late = ["a\n".repeat(SNIFFED_BYTES).as_bytes(), b"\0"].concat();
        assert!(counted(&late).is_some());
        assert_eq!(counted(b"a\xff\xfe"), counted("a\u{fffd}\u{fffd}".as_bytes()));
    }

    #[test]
    fn a_walk_is_sorted_and_leaves_out_git_and_links() {
        let root = tempfile::tempdir().unwrap();
        for path in ["b/c.txt", "a.txt", ".git/config", "b/.hidden"] {
            let path = root.path().join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::File::create_new(path).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(root.path(), root.path().join("b/loop")).unwrap();
        let (files, unreadable) = files(root.path()).unwrap();
        let expected = ["a.txt", "b/.hidden", "b/c.txt"].map(|path| root.path().join(path));
        assert_eq!(files, expected);
        assert!(unreadable.is_empty());
    }

    #[test]
    fn counts_keep_the_order_of_their_inputs() {
        let root = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = (0..20).map(|lines| root.path().join(lines.to_string())).collect();
        for (lines, path) in paths.iter().enumerate() {
            std::io::Write::write_all(&mut fs_err::File::create_new(path).unwrap(), "a\n".repeat(lines).as_bytes())
                .unwrap();
        }
        let mut inputs: Vec<Input> = paths.into_iter().map(Input::File).collect();
        inputs.push(Input::File(root.path().join("missing")));
        let done = AtomicUsize::new(0);

        let contents = count_all(&inputs, &Lines, &|| {
            done.fetch_add(1, Ordering::Relaxed);
        });

        assert_eq!(done.into_inner(), 21);
        for (lines, content) in contents[..20].iter().enumerate() {
            assert_eq!(content.as_ref().unwrap(), &Some(Content::of_text(&"a\n".repeat(lines), &Lines)));
        }
        assert!(contents[20].as_ref().unwrap_err().to_string().contains("missing"));
    }
}
