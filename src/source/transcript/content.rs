//! What a message's content tells beside its text: which tools were called, whether to commit, and how long it is.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use memchr::memchr;
use memchr::memmem::Finder;

use crate::source::transcript::wire::Block;
use crate::source::transcript::wire::Field;
use crate::source::transcript::wire::ShellInput;

/// Thousandths of a token that a character takes, and what a call takes beside its parameters. All versions that leave
/// counts unfinished are older than the newer tokenizer; text and code of theirs have 3.2 to 4.2 characters a token.
const TEXT_MILLI: u64 = 263;
const CODE_MILLI: u64 = 312;
const CALL_MILLI: u64 = 45_000;

/// The tool that runs a shell's commands.
const SHELL: &str = "Bash";

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) tools: BTreeSet<String>,
    /// A shell was told to `git commit`.
    pub(super) commits: bool,
    /// About how many thousandths of tokens this took to write.
    pub(super) likely_milli: u64,
}

/// A quotation mark in a string has a backslash before it, so in JSON these bytes can only be the end of a kind.
static TOOL_USE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#"tool_use","#));
static COMMIT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"commit"));

/// What the content tells; its length only if `is_measured`, for that takes reading all of it.
pub(super) fn read(json: &[u8], is_measured: bool) -> Content {
    if is_measured {
        return parsed(json);
    }
    let mut calls = TOOL_USE.find_iter(json);
    if calls.next().is_none() && !may_be_spaced(json) {
        return Content::default();
    }
    match sole_tool(json).filter(|_| calls.next().is_none()) {
        Some(name) if name != SHELL || COMMIT.find(json).is_none() => {
            Content { tools: [name.to_owned()].into(), ..Content::default() }
        }
        _ => parsed(json),
    }
}

/// Whether it was written by someone who puts blanks between members, as Claude Code does not.
fn may_be_spaced(json: &[u8]) -> bool {
    !json.starts_with(br#"[{"type":""#)
}

/// The name of the tool if the content begins with a call of one, as it is written in a line of its own.
fn sole_tool(json: &[u8]) -> Option<&str> {
    let rest = json.strip_prefix(br#"[{"type":"tool_use","id":""#)?;
    let rest = &rest[memchr(b'"', rest)?..];
    let rest = rest.strip_prefix(br#"","name":""#)?;
    let name = std::str::from_utf8(&rest[..memchr(b'"', rest)?]).ok()?;
    (!name.is_empty() && !name.contains('\\')).then_some(name)
}

fn parsed(json: &[u8]) -> Content {
    let text = String::from_utf8_lossy(json);
    let content: Field<'_> = serde_json::from_str(&text).unwrap_or_default();
    let mut found = Content::default();
    if let Some(text) = content.text() {
        found.likely_milli = TEXT_MILLI * text.chars().count() as u64;
        return found;
    }
    for block in content.objects::<Block<'_>>() {
        for text in [block.text, block.thinking] {
            found.likely_milli += TEXT_MILLI * text.text().map_or(0, |text| text.chars().count() as u64);
        }
        let kind = block.kind.text();
        let Some(name) = block.name.text().filter(|_| kind.is_some_and(|kind| kind.ends_with("tool_use"))) else {
            continue;
        };
        found.likely_milli += CALL_MILLI + CODE_MILLI * block.input.json().len() as u64;
        if name == SHELL && block.input.json().contains("commit") {
            let input: ShellInput<'_> = block.input.object().unwrap_or_default();
            found.commits |= input.command.text().is_some_and(|command| is_commit(&command));
        }
        found.tools.insert(name.into_owned());
    }
    found
}

/// Whether a shell line runs `git commit`, perhaps with options before it (`git -C dir commit`) and among other commands.
fn is_commit(command: &str) -> bool {
    command.split(['\n', ';', '&', '|', '(']).any(|part| {
        let mut words = part.split_whitespace().skip_while(|word| word.contains('=') || *word == "sudo");
        if words.next() != Some("git") {
            return false;
        }
        while let Some(word) = words.next() {
            match word {
                "-C" | "-c" | "--git-dir" | "--work-tree" => drop(words.next()),
                option if option.starts_with('-') => {}
                word => return word == "commit",
            }
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_told_from_talk_of_one() {
        for (command, expected) in [
            ("git commit -m 'x'", true),
            ("cd app && git add -A && git commit -qm x", true),
            ("git -C /w/app -c user.name=x commit --amend", true),
            ("GIT_EDITOR=true git commit", true),
            ("(git commit -m x)", true),
            ("git log --grep commit", false),
            ("git show HEAD", false),
            ("echo git commit", false),
            ("git commit-tree abc", false),
            ("", false),
        ] {
            assert_eq!(is_commit(command), expected, "{command}");
        }
    }

    #[test]
    fn tools_are_named_with_their_server() {
        let json = r#"[{"type":"text","text":"äöü"},{"type":"tool_use","name":"mcp__github__list","input":{}},
            {"type":"server_tool_use","name":"web_search","input":{"query":"x"}},{"type":"tool_use","name":"Bash","input":{"command":"git commit"}},
            {"type":"tool_use","input":{}},{"type":"tool_result","name":"no"},7]"#;
        let content = read(json.as_bytes(), true);
        assert_eq!(
            content.tools.iter().map(String::as_str).collect::<Vec<_>>(),
            ["Bash", "mcp__github__list", "web_search"]
        );
        assert!(content.commits);
        assert_eq!(content.likely_milli, 3 * TEXT_MILLI + 3 * CALL_MILLI + (2 + 13 + 24) * CODE_MILLI);
    }

    #[test]
    fn a_quick_look_finds_the_same_tools() {
        for json in [
            r#"[{"type":"text","text":"tool_use\",\" no"}]"#,
            r#"[{"type":"tool_use","id":"t1","name":"Read","input":{"file_path":"/w"}}]"#,
            r#"[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"git commit -m x"}}]"#,
            r#"[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}}]"#,
            r#"[{"type":"tool_use","id":"t1","name":"Read","input":{}},{"type":"tool_use","id":"t2","name":"Edit","input":{}}]"#,
            r#"[{"type":"server_tool_use","id":"t1","name":"web_search","input":{}}]"#,
            r#"[ { "type" : "tool_use" , "name" : "Read" } ]"#,
            r#"[{"name":"Read","type":"tool_use","id":"t1"}]"#,
            r#"[{"type":"tool_use","name":"Odd\"name","id":"t1"}]"#,
            r#""tool_use\",""#,
            "null",
        ] {
            let read = |is_measured| Content { likely_milli: 0, ..read(json.as_bytes(), is_measured) };
            let (quick, measured) = (read(false), read(true));
            assert_eq!(quick, measured, "{json}");
        }
    }
}
