//! Reports as markdown and HTML pages: Tera, its filters, and how text of others is made plain in each.

use std::io::Write;

use anyhow::anyhow;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use chrono_tz::Tz;
use tera::Context;
use tera::ErrorKind;
use tera::Kwargs;
use tera::State;
use tera::Tera;
use tera::Value;

use crate::domain::money::Usd;
use crate::report::session::SessionReport;
use crate::view::format;
use crate::view::insight;
use crate::view::text;

const SESSION_MARKDOWN: &str = include_str!("../../templates/session.md");
const SESSION_HTML: &str = include_str!("../../templates/session.html");

/// Between these stands what the person wrote into a report.
const NOTES_START: &str = "<!-- notes -->";
const NOTES_END: &str = "<!-- /notes -->";
const NOTES_HEADING: &str = "## Session notes";

/// A template of the user's own: its name for messages, and its text.
#[derive(Debug, Clone)]
pub(crate) struct OwnTemplate {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// The page that is archived. `page` is the one that it replaces: what the person wrote into it is kept.
pub(crate) fn session(
    report: &SessionReport,
    tz: Tz,
    own: Option<&OwnTemplate>,
    page: Option<&str>,
) -> anyhow::Result<String> {
    let notes = page.and_then(notes_of);
    let mut context = context(report, tz)?;
    context.insert("notes", notes.unwrap_or_default());
    let (name, template) = own.map_or(("session.md", SESSION_MARKDOWN), |own| (own.name.as_str(), own.text.as_str()));
    let mut rendered = render(name, template, ".md", escape_markdown, &context, tz)?;
    if let Some(notes) = notes.filter(|_| !rendered.contains(NOTES_START)) {
        // A template without a place for notes must not cost the person theirs.
        rendered = format!("{}\n\n{NOTES_HEADING}\n\n{NOTES_START}\n{notes}\n{NOTES_END}\n", rendered.trim_end());
    }
    Ok(rendered)
}

pub(crate) fn session_html(report: &SessionReport, tz: Tz) -> anyhow::Result<String> {
    render("session.html", SESSION_HTML, ".html", escape_html, &context(report, tz)?, tz)
}

fn context(report: &SessionReport, tz: Tz) -> anyhow::Result<Context> {
    let mut context = Context::from_serialize(report)?;
    context.insert("insights", &report.insights.iter().map(insight::sentence).collect::<Vec<_>>());
    context.insert("time_zone", tz.name());
    context.insert("is_one_day", &is_one_day(report, tz));
    Ok(context)
}

/// Whether the clock alone tells when something was.
fn is_one_day(report: &SessionReport, tz: Tz) -> bool {
    let day = |at: DateTime<Utc>| at.with_timezone(&tz).date_naive();
    let first = day(report.overview.started_at);
    let activity = report.activity.iter().map(|row| row.at);
    let commits = report.commits.rows.iter().map(|row| row.at);
    activity.chain(commits).chain(report.overview.ended_at).all(|at| day(at) == first)
}

fn render(
    name: &str,
    template: &str,
    suffix: &'static str,
    escape: tera::EscapeFn,
    context: &Context,
    tz: Tz,
) -> anyhow::Result<String> {
    let mut tera = Tera::new();
    // Whatever the template is called, what it is given is escaped.
    let name = if name.ends_with(suffix) { name.to_owned() } else { format!("{name}{suffix}") };
    tera.autoescape_on([suffix]);
    tera.set_escape_fn(escape);
    register_filters(&mut tera, tz);
    tera.add_raw_template(&name, template).map_err(|error| explained(&name, &error))?;
    tera.render(&name, context).map_err(|error| explained(&name, &error))
}

/// Names the template's line, and what is wrong with it, in one line.
fn explained(name: &str, error: &tera::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            anyhow!("template {name}, line {}: {}", report.span().start_line, uncapitalized(report.message()))
        }
        // What is unknown when the template is read is told as a picture of the place.
        ErrorKind::Msg(picture) => {
            let message = uncapitalized(picture.lines().next().unwrap_or_default().trim_start_matches("error: "));
            let place = picture.split_once(&format!("--> {name}:")).and_then(|(_, place)| place.split(':').next());
            match place {
                Some(line) => anyhow!("template {name}, line {line}: {message}"),
                None => anyhow!("template {name}: {message}"),
            }
        }
        other => anyhow!("template {name}: {other}"),
    }
}

fn uncapitalized(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn register_filters(tera: &mut Tera, tz: Tz) {
    tera.register_filter("usd", |value: Value, _: Kwargs, _: &State<'_>| known(&value, amount, format::usd));
    tera.register_filter("usd4", |value: Value, _: Kwargs, _: &State<'_>| {
        known(&value, amount, |amount| format::usd_to(amount, 4))
    });
    tera.register_filter("tokens", |value: Value, _: Kwargs, _: &State<'_>| {
        known(&value, Value::as_u64, format::tokens)
    });
    tera.register_filter("duration", |value: Value, _: Kwargs, _: &State<'_>| {
        known(&value, |value| TimeDelta::try_seconds(value.as_i64()?), format::duration)
    });
    tera.register_filter("ratio", |value: Value, _: Kwargs, _: &State<'_>| {
        known(&value, Value::as_f64, |ratio| format!("{ratio:.2}"))
    });
    tera.register_filter("percent", |value: Value, _: Kwargs, _: &State<'_>| {
        known(&value, Value::as_f64, |share| format!("{:.1}%", share * 100.0))
    });
    tera.register_filter("moment", move |value: Value, _: Kwargs, _: &State<'_>| {
        known(&value, instant, |at| format::moment(at, tz))
    });
    tera.register_filter("clock", move |value: Value, _: Kwargs, _: &State<'_>| {
        known(&value, instant, |at| format::clock(at, tz))
    });
    tera.register_filter("when", move |value: Value, _: Kwargs, state: &State<'_>| -> tera::TeraResult<String> {
        let is_one_day = state.get::<bool>("is_one_day")?.unwrap_or_default();
        let show = if is_one_day { format::clock } else { format::moment };
        Ok(known(&value, instant, |at| show(at, tz)))
    });
    tera.register_filter("line", |value: Value, _: Kwargs, _: &State<'_>| {
        known(&value, |value| value.as_str().map(str::to_owned), |value| text::single_line(&value))
    });
}

/// What is absent, or not of the kind that a filter shows, is shown as not known.
fn known<T>(value: &Value, read: impl FnOnce(&Value) -> Option<T>, show: impl FnOnce(T) -> String) -> String {
    format::or_unknown(read(value), show)
}

fn amount(value: &Value) -> Option<Usd> {
    value.as_str()?.parse().ok()
}

fn instant(value: &Value) -> Option<DateTime<Utc>> {
    value.as_str()?.parse().ok()
}

/// What stands between the markers, or after the heading if someone removed them; `None` when that is nothing.
fn notes_of(page: &str) -> Option<&str> {
    let notes = match page.split_once(NOTES_START) {
        Some((_, rest)) => rest.rsplit_once(NOTES_END).map_or(rest, |(notes, _)| notes),
        None => page.split_once(NOTES_HEADING)?.1,
    };
    Some(notes.trim()).filter(|notes| !notes.is_empty())
}

/// Text of others for a place in markdown.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = Vec::new();
    // A vector takes all that is written.
    let _ = escape_markdown(text, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Makes text plain in a line or a table cell of `GitHub` flavoured markdown: nothing in it is markup, an HTML tag, an
/// image or a link, a bare one included.
fn escape_markdown(input: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let line = text::single_line(input);
    let mut rest = line.as_str();
    while let Some(char) = rest.chars().next() {
        match char {
            '<' => out.write_all(b"&lt;")?,
            '>' => out.write_all(b"&gt;")?,
            '&' => out.write_all(b"&amp;")?,
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '@' => write!(out, "\\{char}")?,
            // An address becomes a link by `://` or `www.` alone.
            ':' if rest.starts_with("://") => out.write_all(b"\\:")?,
            '.' if is_after_www(&line, rest) => out.write_all(b"\\.")?,
            _ => write!(out, "{char}")?,
        }
        rest = &rest[char.len_utf8()..];
    }
    Ok(())
}

fn is_after_www(line: &str, rest: &str) -> bool {
    let before = &line[..line.len() - rest.len()];
    before.get(before.len().saturating_sub(3)..).is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

fn escape_html(input: &str, out: &mut dyn Write) -> std::io::Result<()> {
    tera::escape_html(&text::harmless(&input.replace('\u{1b}', "\u{241b}")), out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_text_is_markup() {
        for (text, shown) in [
            ("| a | b |", r"\| a \| b \|"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("![](http://evil/?x)", r"!\[\](http\://evil/?x)"),
            ("[x](javascript:y)", r"\[x\](javascript:y)"),
            ("www.evil.example", r"www\.evil.example"),
            ("`code` *b* _i_ ~s~ @team", r"\`code\` \*b\* \_i\_ \~s\~ \@team"),
            ("two\nlines", "two lines"),
            ("\u{1b}[31mred\u{202e}", "␛\\[31mred\\\\u{202e}"),
            ("{{ 7*7 }}", r"{{ 7\*7 }}"),
            ("$1.23 — 50% (a-b) #1", "$1.23 — 50% (a-b) #1"),
        ] {
            assert_eq!(escaped(text), shown);
        }
    }

    #[test]
    fn notes_are_found_with_and_without_their_markers() {
        for (page, notes) in [
            ("x\n## Session notes\n\n<!-- notes -->\nmine\n<!-- /notes -->\n", Some("mine")),
            ("x\n## Session notes\n\n<!-- notes -->\n\n<!-- /notes -->\n", None),
            ("x\n## Session notes\nmine\n", Some("mine")),
            ("x\n<!-- notes -->\nmine, end marker lost\n", Some("mine, end marker lost")),
            ("x", None),
        ] {
            assert_eq!(notes_of(page), notes, "{page}");
        }
    }
}
