//! How text may look: colours if the terminal has them, and its width.

use anstyle::AnsiColor;
use anstyle::Style as Ansi;

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
