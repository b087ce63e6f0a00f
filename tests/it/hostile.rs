//! Text that wants to be more than text: harmless on a terminal, in markdown, HTML, CSV, JSON and in file names.

use std::path::Path;
use std::path::PathBuf;

use pulldown_cmark::Event;
use pulldown_cmark::Options;
use pulldown_cmark::Parser;
use pulldown_cmark::Tag;

use crate::sandbox::Sandbox;

const HOSTILE: &[&str] = &[
    "../../x",
    "/etc/passwd",
    ".git/hooks/post-commit",
    "$(rm -rf ~)",
    "`touch canary`",
    "\"; DROP TABLE session; --",
    "'; exit 1; '",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]8;;http://evil.example\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "\u{9b}2J\u{9d}52;c;AAAA\u{9c}",
    "over\rwritten",
    "two\nlines\n\n# heading",
    "| a | b |",
    "a | b\n|---|---|",
    "{{ 7*7 }}{% include \"/etc/passwd\" %}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "--><!-- /notes --><b>x",
    "</td></table><iframe src=//evil.example>",
    "![](http://evil.example/?x)",
    "[x](javascript:alert(1)) <http://evil.example>",
    "http://evil.example www.evil.example me@evil.example",
    "# heading\n- list\n> quote\n```\ncode",
    "&lt;b&gt; &#60;script&#62; &amp;",
    "\\| \\` \\<b> \\",
    "=cmd|' /C calc'!A0",
    "+1+1 @SUM(A1) -2",
    "fixes #12\n\nCo-authored-by: x <x@x>",
    "👩‍💻🏳️‍🌈 é́́́ 日本語 العربية",
    "\u{202e}txt.exe\u{2066}x\u{2069}\u{200f}",
    "zero\u{200b}width\u{feff}\u{2060}",
    "tag\u{e0041}\u{e007f}",
    "--help",
    "-rf",
    "null",
    "%s%n%x %%",
    "CON.txt",
    "con\u{2028}line\u{2029}paragraph",
    "x\u{7f}\u{8}\u{c}\u{1}",
];

/// The list, and others put together from its pieces by a rule, the same ones every time.
pub(crate) fn corpus(count: usize) -> Vec<String> {
    let pieces = [
        "<",
        ">",
        "|",
        "`",
        "\u{1b}[",
        "m",
        "*",
        "_",
        "[",
        "](",
        ")",
        "\n",
        "\r",
        "\t",
        "&",
        ";",
        "\\",
        "\"",
        "'",
        "{{",
        "}}",
        "{%",
        "http://",
        "www.",
        "!",
        "#",
        "~",
        "$",
        "\u{202e}",
        "\u{9b}",
        "é",
        "👩‍💻",
        "a",
        " ",
        "..",
        "/",
        "<!--",
        "-->",
        "@",
        "=",
        "\u{7f}",
        "0",
    ];
    let mut random: u64 = 42;
    let mut next = |most: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % most
    };
    let mut corpus: Vec<String> = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
    while corpus.len() < count {
        let text: String = (0..=next(12)).map(|_| pieces[next(pieces.len())]).collect();
        corpus.push(format!("x{text}"));
    }
    corpus
}

/// What no text of others may leave in what is printed: controls but line breaks, and marks that turn text around.
pub(crate) fn assert_harmless(what: &str, text: &str) {
    let is_harmful = |char: char| {
        (char.is_control() && !matches!(char, '\n' | '\t'))
            || matches!(char, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{200b}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    // Before a line break a carriage return does nothing; CSV has one there.
    let text = text.replace("\r\n", "\n");
    if let Some(found) = text.chars().find(|&char| is_harmful(char)) {
        let line = text.lines().find(|line| line.contains(found));
        panic!("{what} has {found:?} in {line:?}");
    }
}

/// Each node that is not text, by its kind, with how often it occurs; markup in text of others would change it.
pub(crate) fn shape(markdown: &str) -> Vec<String> {
    let mut shape = Vec::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let html = html.trim();
                assert!(["", "<!-- notes -->", "<!-- /notes -->"].contains(&html), "{html:?} in:\n{markdown}");
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                panic!("a link to {dest_url} in:\n{markdown}")
            }
            Event::Start(tag) => shape.push(format!("{tag:?}")),
            Event::Code(code) => shape.push(format!("code {code}")),
            _ => {}
        }
    }
    shape
}

/// The tags of a page, without what stands between them.
fn tags(html: &str) -> Vec<String> {
    let body = html.split_once("<body>").unwrap().1;
    body.split('<')
        .skip(1)
        .map(|piece| piece.split_once('>').unwrap_or_else(|| panic!("{piece}")).0.to_owned())
        .collect()
}

/// A session in whose every place that takes text stands `text`; its outputs, and the files it left.
struct Outputs {
    markdown: String,
    html: String,
    json: serde_json::Value,
    page: PathBuf,
}

fn outputs(sandbox: &mut Sandbox, text: &str) -> Outputs {
    let label: String = text.chars().take(64).collect();
    let mut said = String::new();
    let mut run = |sandbox: &Sandbox, arguments: &[&str]| {
        let output = sandbox.claude_cost(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", sandbox.transcript(&output));
        said.push_str(&String::from_utf8(output.stderr).unwrap());
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_harmless(&format!("{arguments:?}"), &stdout);
        stdout
    };
    sandbox.set_now("12:00");
    let with = |name: &str| format!("--{name}={label}");
    run(
        sandbox,
        &["start", &with("project"), &with("model"), &with("tag"), &with("ticket"), &with("client"), "--", text],
    );
    sandbox.set_now("12:10");
    run(sandbox, &["log", "10", "5", "--", text]);
    run(sandbox, &["note", "--", text]);
    run(sandbox, &["status"]);
    run(sandbox, &["status", "--json"]);
    run(sandbox, &["status", "--format", "short"]);
    run(sandbox, &["status", "--format", "prompt"]);
    run(sandbox, &["sessions", "--all"]);
    run(sandbox, &["sessions", "--json"]);
    run(sandbox, &["sessions", "--totals"]);
    run(sandbox, &["show", "--format", "csv"]);
    let html = run(sandbox, &["show", "--format", "html"]);
    sandbox.set_now("12:20");
    let page = PathBuf::from(run(sandbox, &["end"]).trim_end());
    // What is refused names what was typed.
    for arguments in [
        &["log", "--session", &label, "1", "1", "x"] as &[&str],
        &["quick", "--", &label, "x"],
        &["show", "--", &label],
    ] {
        let output = sandbox.claude_cost(arguments).output().unwrap();
        said.push_str(&String::from_utf8(output.stderr).unwrap());
    }
    assert_harmless("stderr", &said);
    let markdown = fs_err::read_to_string(&page).unwrap();
    let json = fs_err::read_to_string(page.with_extension("json")).unwrap();
    for (what, text) in [("the page", &markdown), ("the JSON file", &json), ("HTML", &html)] {
        assert_harmless(what, text);
    }
    fs_err::remove_file(&page).unwrap();
    fs_err::remove_file(page.with_extension("json")).unwrap();
    fs_err::remove_dir_all(sandbox.data()).unwrap();
    Outputs { markdown, html, json: serde_json::from_str(&json).unwrap(), page }
}

fn check(part: usize) {
    let mut sandbox = Sandbox::new();
    let plain = outputs(&mut sandbox, "plain");
    let (expected_shape, expected_tags) = (shape(&plain.markdown), tags(&plain.html));
    for text in corpus(if crate::sandbox::is_torture() { 2000 } else { 240 }).iter().skip(part).step_by(4) {
        let text = text.trim();
        let found = outputs(&mut sandbox, text);
        assert_eq!(shape(&found.markdown), expected_shape, "{text:?} in:\n{}", found.markdown);
        assert_eq!(tags(&found.html), expected_tags, "{text:?} in:\n{}", found.html);
        assert_eq!(found.json["overview"]["name"], text);
        for row in found.json["activity"].as_array().unwrap() {
            assert_eq!(row["text"], text);
        }
        let reports = sandbox.data().join("reports");
        assert_eq!(found.page.parent().unwrap().canonicalize().ok(), reports.canonicalize().ok(), "{text:?}");
        let stem = found.page.file_stem().unwrap().to_str().unwrap();
        assert!(stem.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{stem}");
        let work: Vec<_> = fs_err::read_dir(sandbox.work()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(work.is_empty(), "{text:?} left {work:?}");
    }
}

#[test]
fn hostile_text_is_harmless_everywhere_first_quarter() {
    check(0);
}

#[test]
fn hostile_text_is_harmless_everywhere_second_quarter() {
    check(1);
}

#[test]
fn hostile_text_is_harmless_everywhere_third_quarter() {
    check(2);
}

#[test]
fn hostile_text_is_harmless_everywhere_last_quarter() {
    check(3);
}

#[test]
fn hostile_commits_and_branches_are_harmless() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.commit("a", "", "One", "11:00");
    let mut expected = None;
    for (number, text) in ["plain"].iter().chain(HOSTILE).enumerate() {
        // Git takes no control characters in a branch, and few signs.
        let branch = ["b|c", "$(x)", "\u{202e}x", "<b>x", "`x`", "{{x}}", "b"][number % 7];
        sandbox.git(&["checkout", "-q", "-B", branch, "main"]);
        sandbox.set_now("12:00");
        sandbox.stdout(&["start", "Work"]);
        sandbox.git(&["config", "user.name", text.replace('\n', " ").trim()]);
        // An author of nothing but signs that git drops is refused by git itself.
        let message = sandbox.write("../message", text);
        let mut command = sandbox.command("git");
        command.args(["commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F"]).arg(message);
        command.env("GIT_COMMITTER_DATE", "2026-11-23T12:05:00Z").env("GIT_AUTHOR_DATE", "2026-11-23T12:05:00Z");
        let committed = command.output().unwrap().status.success();
        sandbox.set_now("12:10");
        for format in ["md", "json", "html", "csv"] {
            assert_harmless(text, &sandbox.stdout(&["show", "--format", format]));
        }
        if committed {
            let page = sandbox.stdout(&["show"]);
            let shape = shape(&page);
            assert!(*expected.get_or_insert_with(|| shape.clone()) == shape, "{text:?} in:\n{page}");
            let html = tags(&sandbox.stdout(&["show", "--format", "html"]));
            assert!(
                !html
                    .iter()
                    .any(|tag| tag.starts_with("script") || tag.starts_with("img") || tag.starts_with("iframe"))
            );
        }
        sandbox.stdout(&["cancel"]);
        sandbox.git(&["checkout", "-q", "main"]);
        sandbox.git(&["branch", "-q", "-D", branch]);
    }
}

#[test]
fn texts_that_are_too_long_or_show_nothing_are_refused_with_the_limit() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["start", &"x".repeat(10_000)]), @r#"
    exit 2
    --- stderr
    error: the name has 10000 characters, more than 200
    hint: shorten it; longer texts belong under "Session notes" in the report
    "#);
    insta::assert_snapshot!(sandbox.run(&["start", "   "]), @"
    exit 2
    --- stderr
    error: the name is empty
    hint: say in a few words what it is
    ");
    sandbox.stdout(&["start", "Long"]);
    insta::assert_snapshot!(sandbox.run(&["note", &"x".repeat(10_001)]), @r#"
    exit 2
    --- stderr
    error: the note has 10001 characters, more than 10000
    hint: shorten it; longer texts belong under "Session notes" in the report
    "#);
    sandbox.stdout(&["note", &"é".repeat(10_000)]);
    sandbox.stdout(&["log", "1", "1", &"word ".repeat(2000)]);
    let status = sandbox.stdout(&["status"]);
    assert!(status.lines().all(|line| line.chars().count() <= 100), "{status}");
    let shown: serde_json::Value = serde_json::from_str(&sandbox.stdout(&["show", "--format", "json"])).unwrap();
    assert_eq!(shown["activity"][0]["text"].as_str().map(|text| text.chars().count()), Some(9_999));
}

#[test]
fn a_reports_directory_that_leads_elsewhere_is_refused() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.commit("a", "", "One", "11:00");
    let elsewhere = sandbox.home().join("elsewhere");
    fs_err::create_dir_all(&elsewhere).unwrap();
    let place = sandbox.work().join(".claude-cost");
    for (hour, target) in [(12, elsewhere.as_path()), (13, Path::new(".git")), (14, Path::new("/nonexistent"))] {
        std::os::unix::fs::symlink(target, &place).unwrap();
        sandbox.set_now(&format!("{hour}:00"));
        sandbox.stdout(&["start", "Linked"]);
        sandbox.set_now(&format!("{hour}:10"));
        let output = sandbox.claude_cost(&["end"]).output().unwrap();
        let said = sandbox.transcript(&output);
        assert!(
            said.starts_with("exit 0\n") && said.contains("warning: the repository does not take the report"),
            "{said}"
        );
        assert!(said.contains("[ROOT]/home/.local/share/claude-cost/reports/2026-11-23-linked-"), "{said}");
        fs_err::remove_file(&place).unwrap();
    }
    assert_eq!(fs_err::read_dir(elsewhere).unwrap().count(), 0);
    assert!(!sandbox.work().join(".git/reports").exists());
}

#[test]
fn settings_as_json_are_json_whatever_their_file_is_called() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("odd\u{202e}\u{9b}/.claude-cost.toml", "active_gap = '10m'\n");
    let mut command = sandbox.claude_cost(&["config", "list", "--json"]);
    let output = command.current_dir(file.parent().unwrap()).output().unwrap();
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(rows.to_string().contains("odd\u{202e}"), "{rows}");
    assert!(!String::from_utf8(output.stdout).unwrap().contains('\u{202e}'));
}
