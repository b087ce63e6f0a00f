//! How text may look: colours if the terminal has them, and its width.

use anstyle::AnsiColor;
use anstyle::Style as Ansi;

use crate::view::text;

const NAME_COLUMNS: usize = 10;

/// Made by `Ui` for each stream. Colour decorates; nothing is told by it alone.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    has_color: bool,
    width_columns: Option<usize>,
}

impl Style {
    pub(crate) fn new(has_color: bool, width_columns: Option<usize>) -> Self {
        Self { has_color, width_columns }
    }

    /// No colour and no width: for files and tests.
    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self::new(false, None)
    }

    /// Whether anything here is painted.
    pub(crate) fn has_color(&self) -> bool {
        self.has_color
    }

    /// The terminal's width; `None` for a pipe, which takes lines of any length.
    pub(crate) fn width_columns(&self) -> Option<usize> {
        self.width_columns
    }

    pub(crate) fn strong(&self, text: &str) -> String {
        self.paint(Ansi::new().bold(), text)
    }

    pub(crate) fn faint(&self, text: &str) -> String {
        self.paint(Ansi::new().dimmed(), text)
    }

    /// Remarks below figures, in lines that fit.
    pub(crate) fn notes(&self, notes: &[String]) -> Vec<String> {
        notes.iter().flat_map(|note| text::wrapped(note, self.width_columns)).map(|line| self.faint(&line)).collect()
    }

    /// A text beside its name, which stands in a column of [`NAME_COLUMNS`].
    pub(crate) fn named(&self, name: &str, text: &str) -> String {
        let columns = self.width_columns.map(|columns| columns.saturating_sub(NAME_COLUMNS + 2));
        let lines = text::wrapped(text, columns);
        let indent = format!("\n{:NAME_COLUMNS$}  ", "");
        format!("{}  {}", self.faint(&format!("{name:<NAME_COLUMNS$}")), lines.join(&indent))
    }

    pub(crate) fn accent(&self, text: &str) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }

    pub(crate) fn warning(&self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default().bold(), text)
    }

    pub(crate) fn error(&self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    fn paint(&self, ansi: Ansi, text: &str) -> String {
        if self.has_color { format!("{ansi}{text}{ansi:#}") } else { text.to_owned() }
    }
}
