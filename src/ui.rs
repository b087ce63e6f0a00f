//! The terminal: data on stdout, everything else on stderr, and nothing that could harm either.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::io::Write;
use std::time::Duration;
use std::time::Instant;

use anstream::ColorChoice;
use anyhow::Context as _;
use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;

use crate::env::Env;
use crate::error::Failure;
use crate::view::style::Style;
use crate::view::text;

/// Where a command says things.
pub(crate) struct Ui {
    stdout: std::io::Stdout,
    style: Style,
    quiet: bool,
    stderr_style: Style,
    /// Whether nobody has ruled colours out, whatever stdout is.
    may_have_color: bool,
}

impl Ui {
    pub(crate) fn new(env: &Env, color: clap::ColorChoice, quiet: bool) -> Self {
        let choice = match color {
            clap::ColorChoice::Always => ColorChoice::Always,
            clap::ColorChoice::Never => ColorChoice::Never,
            clap::ColorChoice::Auto => ColorChoice::Auto,
        };
        // `AutoStream` knows NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM=dumb and pipes.
        let on_stdout =
            choice != ColorChoice::Auto || anstream::AutoStream::choice(&std::io::stdout()) != ColorChoice::Never;
        let on_stderr =
            choice != ColorChoice::Auto || anstream::AutoStream::choice(&std::io::stderr()) != ColorChoice::Never;
        let never = choice == ColorChoice::Never;
        let is_terminal = std::io::stdout().is_terminal();
        // None at all is what programs without a terminal say.
        let columns = env.text("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|&columns| columns > 0);
        let width = columns.or_else(|| is_terminal.then(terminal_columns).flatten());
        Self {
            stdout: std::io::stdout(),
            style: Style::new(on_stdout && !never, width),
            stderr_style: Style::new(on_stderr && !never, width),
            quiet,
            may_have_color: !never && env.text("NO_COLOR").is_none() && env.text("TERM") != Some("dumb"),
        }
    }

    /// Paints what goes into a pipe too: a program reads it that shows colours.
    pub(crate) fn paint_pipes(&mut self) {
        self.style = Style::new(self.may_have_color, self.style.width_columns());
    }

    /// How views may look on stdout.
    pub(crate) fn style(&self) -> &Style {
        &self.style
    }

    /// Prints what was asked for, with a line break at its end.
    pub(crate) fn data(&mut self, text: &str) -> Result<(), Failure> {
        // Without colours of ours, those in the text are someone else's.
        let mut harmless = if self.style.has_color() { text::harmless(text) } else { text::inert(text) };
        if !harmless.ends_with('\n') && !harmless.is_empty() {
            harmless.push('\n');
        }
        self.stdout.write_all(harmless.as_bytes()).context("what was asked for could not be printed")?;
        Ok(())
    }

    /// Says what was done.
    pub(crate) fn status(&mut self, message: &str) {
        if !self.quiet {
            say("", message);
        }
    }

    pub(crate) fn warning(&mut self, message: &str) {
        say(&format!("{} ", self.stderr_style.warning("warning:")), message);
    }

    pub(crate) fn error(&mut self, message: &str) {
        say(&format!("{} ", self.stderr_style.error("error:")), message);
    }

    /// Names the way out.
    pub(crate) fn hint(&mut self, message: &str) {
        say(&format!("{} ", self.stderr_style.accent("hint:")), message);
    }

    /// A bar on stderr for work of `steps` steps, seen only on a terminal and only if the work takes long.
    pub(crate) fn progress(&self, steps: usize) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::hidden());
        Progress { bar, began: Instant::now(), is_wanted: !self.quiet && std::io::stderr().is_terminal() }
    }

    /// Makes sure that what was printed has arrived: a full disk behind stdout is an error, not a short file.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.stdout.flush().context("what was asked for could not be printed")?;
        Ok(())
    }
}

/// Steps done of some long work; several threads may report theirs.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    began: Instant,
    is_wanted: bool,
}

impl Progress {
    const PATIENCE: Duration = Duration::from_secs(1);

    pub(crate) fn advance(&self) {
        self.bar.inc(1);
        if self.is_wanted && self.bar.is_hidden() && self.began.elapsed() > Self::PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

/// A message that cannot be delivered is no reason to fail: the work is done.
fn say(head: &str, message: &str) {
    let mut line = format!("{head}{}", text::inert(message));
    let _ = writeln!(line);
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

/// The terminal's width in columns.
fn terminal_columns() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}
