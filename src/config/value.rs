//! A setting's text to its value, the same for a file, a variable, a flag and `config set`.

use std::path::Component;
use std::path::Path;
use std::path::PathBuf;
use std::str::FromStr;

use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::config::TaskPreset;
use crate::domain::instant;
use crate::domain::money::Usd;
use crate::domain::task::Task;
use crate::domain::tokens::TokenCount;
use crate::view::statusline::PLACEHOLDERS;
use crate::view::statusline::Template;
use crate::view::statusline::TemplateError;
use crate::view::text::is_harmful;

/// Why a text is no value of its setting, and how one looks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: String,
    pub(crate) hint: &'static str,
}

impl Refusal {
    pub(crate) fn new(reason: impl Into<String>, hint: &'static str) -> Self {
        Self { reason: reason.into(), hint }
    }
}

/// Any text that can be shown on one line.
pub(crate) fn line(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::new("empty", "give it some text, or drop it with claude-cost config unset <KEY>"));
    }
    if text.contains(is_harmful) {
        return Err(Refusal::new("not a single line of plain text", "leave out line breaks and control characters"));
    }
    Ok(text.to_owned())
}

pub(crate) fn boolean(text: &str) -> Result<bool, Refusal> {
    match text.trim() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(Refusal::new("neither true nor false", "write `true` or `false`")),
    }
}

pub(crate) fn time_zone(text: &str) -> Result<Tz, Refusal> {
    instant::time_zone(text)
        .ok_or_else(|| Refusal::new("not a time zone", "write an IANA name, as in `Europe/Berlin` or `UTC`"))
}

pub(crate) fn hourly_rate(text: &str) -> Result<Usd, Refusal> {
    const HINT: &str = "write US dollars an hour, as in `85` or `92.50`";
    let rate = Usd::from_str(text).map_err(|error| Refusal::new(error.to_string(), HINT))?;
    if rate < Usd::ZERO { Err(Refusal::new("less than nothing", HINT)) } else { Ok(rate) }
}

/// A length of time over zero.
pub(crate) fn duration(text: &str) -> Result<TimeDelta, Refusal> {
    let length = instant::parse_duration(text).filter(|length| *length > TimeDelta::zero());
    length.ok_or_else(|| Refusal::new("not a length of time", "write it as in `15m`, `90s` or `1h30m`"))
}

/// A directory below the repository's root, wherever that lies.
///
/// A cloned repository can set it, so nothing outside the repository and nothing of git's own may be named, nor what
/// another file system takes for it: git refuses `.GIT`, `.git.` and `git~1` for the same reason.
/// <https://github.com/git/git/blob/master/path.c> (`is_ntfs_dotgit`)
pub(crate) fn directory_in_repository(text: &str) -> Result<PathBuf, Refusal> {
    let refuse = |reason: &str| {
        Err(Refusal::new(reason, "name a directory inside the repository, as in `.claude-cost/reports`"))
    };
    let text = line(text)?;
    if text.contains(['\\', ':']) || text.starts_with('~') {
        return refuse("not a path of plain names and `/`");
    }
    let mut directory = PathBuf::new();
    for component in Path::new(&text).components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) if is_gits_own(&name.to_string_lossy()) => return refuse("git's own directory"),
            Component::Normal(name) => directory.push(name),
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return refuse("not inside the repository");
            }
        }
    }
    Ok(directory)
}

fn is_gits_own(name: &str) -> bool {
    let name = name.trim_end_matches([' ', '.']);
    name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1")
}

/// A file; a relative path starts at `base`.
pub(crate) fn file(text: &str, base: &Path) -> Result<PathBuf, Refusal> {
    Ok(base.join(line(text)?))
}

/// A template that names only what there is.
pub(crate) fn statusline(text: &str) -> Result<Template, Refusal> {
    line(text)?.parse().map_err(|error: TemplateError| Refusal::new(format!("no template: {error}"), PLACEHOLDERS))
}

/// A kind of work by its name as it is stored: another spelling would be a second setting for the same.
pub(crate) fn task(name: &str) -> Result<Task, Refusal> {
    name.parse::<Task>().ok().filter(|task| task.as_str() == name).ok_or_else(|| {
        Refusal::new(format!("`{name}` is no name for a task"), "use up to 32 of `a` to `z`, `0` to `9` and `-`")
    })
}

impl FromStr for TaskPreset {
    type Err = Refusal;

    /// Reads `INPUT OUTPUT`, as `claude-cost log` takes them.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        const HINT: &str = "write input and output, as in `1500 800` or `1.5k 800`";
        let [input, output] = text.split_whitespace().collect::<Vec<_>>()[..] else {
            return Err(Refusal::new("not two counts of tokens", HINT));
        };
        let count = |text: &str| {
            let count = text.parse::<TokenCount>();
            count.map(|count| count.0).map_err(|error| Refusal::new(format!("`{text}`: {error}"), HINT))
        };
        Ok(Self { input: count(input)?, output: count(output)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_lengths_of_time() {
        for (text, seconds) in [("15m", 900), ("90s", 90), ("1h30m", 5400), (" 2h 05m ", 7500), ("1d1s", 86_401)] {
            assert_eq!(duration(text).unwrap().num_seconds(), seconds, "{text}");
        }
        for text in ["", "15", "m", "0m", "-5m", "1.5h", "5m1h", "1h1h", "15 min", "99999999999h", "٣m", "1h30"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reports_stay_inside_the_repository_and_out_of_git() {
        for (text, directory) in [
            (".claude-cost/reports", ".claude-cost/reports"),
            ("./docs//cost/", "docs/cost"),
            (".", ""),
            (".github/cost", ".github/cost"),
            ("a..b", "a..b"),
        ] {
            assert_eq!(directory_in_repository(text).unwrap(), Path::new(directory), "{text}");
        }
        for text in [
            "",
            "/tmp",
            "..",
            "docs/../../x",
            ".git",
            ".git/hooks",
            "sub/.GIT/x",
            ".git. /x",
            "git~1",
            "..\\x",
            "C:x",
            "~/x",
            "a\nb",
        ] {
            assert!(directory_in_repository(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn reads_presets_and_refuses_the_rest() {
        assert_eq!("1500  800".parse(), Ok(TaskPreset { input: 1500, output: 800 }));
        assert_eq!("1.5k 2M".parse(), Ok(TaskPreset { input: 1500, output: 2_000_000 }));
        for text in ["", "1500", "1 2 3", "-1 2", "1.5 2", "99999999999999999999 1", "18446744073709551615 1", "a b"] {
            assert!(text.parse::<TaskPreset>().is_err(), "{text}");
        }
    }

    #[test]
    fn names_of_tasks_are_plain() {
        for name in ["refactor", "a", "3d-work", &"x".repeat(32)] {
            assert_eq!(task(name).unwrap().as_str(), name);
        }
        for name in ["", "-x", "Refactor", "a b", "ä", "a.b", &"x".repeat(33)] {
            assert!(task(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_rate_is_never_negative() {
        assert_eq!(hourly_rate("$1,200.50").unwrap().to_string(), "1200.50");
        assert!(hourly_rate("-1").is_err());
        assert!(hourly_rate("nan").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(text in "\\PC{0,40}") {
            let _ = duration(&text);
            let _ = directory_in_repository(&text);
            let _ = text.parse::<TaskPreset>();
            let _ = time_zone(&text);
        }

        #[test]
        fn no_directory_leaves_the_repository(text in "[./a~g i]{0,20}") {
            if let Ok(directory) = directory_in_repository(&text) {
                prop_assert!(directory.components().all(|part| matches!(part, Component::Normal(_))));
            }
        }
    }
}
