//! Tables for the terminal: calm columns without lines, numbers to the right, never wider than the terminal.

use comfy_table::CellAlignment;
use comfy_table::TableStyle;

use crate::view::markdown;
use crate::view::style::Style;
use crate::view::text;

const GAP_COLUMNS: usize = 2;
/// A column of text is not cut shorter than this, whatever the terminal.
const LEAST_COLUMNS: usize = 8;
/// With so many columns most texts can still be told apart.
const READABLE_COLUMNS: usize = 18;
/// The same for texts that yield.
const YIELDING_COLUMNS: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Text; cut where the terminal is too narrow.
    Left,
    /// Text that is cut before all other.
    Yielding,
    /// Numbers; never cut.
    Right,
}

#[derive(Debug, Clone)]
pub(crate) struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
    /// So many of the last rows are sums.
    totals: usize,
}

impl Table {
    pub(crate) fn new(columns: &[(&str, Align)]) -> Self {
        let columns = columns.iter().map(|(header, align)| ((*header).to_owned(), *align)).collect();
        Self { columns, rows: Vec::new(), totals: 0 }
    }

    /// Adds a row; cells that are missing stay empty. Text of others is made harmless here.
    pub(crate) fn row<I>(&mut self, cells: I) -> &mut Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut cells: Vec<_> = cells.into_iter().map(|cell| text::single_line(cell.as_ref())).collect();
        cells.resize(self.columns.len(), String::new());
        self.rows.push(cells);
        self
    }

    /// Adds a row of sums, set apart, after all others.
    pub(crate) fn total<I>(&mut self, cells: I) -> &mut Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.totals += 1;
        self.row(cells)
    }

    /// Whether the terminal has a place for all columns, those of text cut no shorter than can be read.
    pub(crate) fn fits(&self, style: &Style) -> bool {
        let Some(limit) = style.width_columns() else { return true };
        let least = self.natural_widths().into_iter().zip(&self.columns).map(|(width, (_, align))| match align {
            Align::Left => width.min(READABLE_COLUMNS),
            Align::Yielding => width.min(YIELDING_COLUMNS),
            Align::Right => width,
        });
        least.sum::<usize>() + self.gaps() <= limit
    }

    /// Whether it fits with nothing cut.
    pub(crate) fn is_whole(&self, style: &Style) -> bool {
        style.width_columns().is_none_or(|limit| self.natural_widths().iter().sum::<usize>() + self.gaps() <= limit)
    }

    /// The same as a table of markdown.
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: &mut dyn Iterator<Item = String>| format!("| {} |", cells.collect::<Vec<_>>().join(" | "));
        let rule = |(_, align): &(String, Align)| match align {
            Align::Left | Align::Yielding => "---".to_owned(),
            Align::Right => "---:".to_owned(),
        };
        let mut lines = vec![
            line(&mut self.columns.iter().map(|(header, _)| markdown::escaped(header))),
            line(&mut self.columns.iter().map(rule)),
        ];
        lines.extend(self.rows.iter().map(|row| line(&mut row.iter().map(|cell| markdown::escaped(cell)))));
        lines.join("\n")
    }

    /// The table's lines; the last has no line break.
    pub(crate) fn render(&self, style: &Style) -> String {
        let widths = self.widths(style.width_columns());
        let cut = |cells: &[String]| -> Vec<String> {
            cells.iter().zip(&widths).map(|(cell, &width)| text::shortened(cell, width)).collect()
        };
        let headers: Vec<_> = self.columns.iter().map(|(header, _)| header.clone()).collect();
        let mut table = comfy_table::Table::new();
        table.load_style(TableStyle::new());
        table.set_header(cut(&headers));
        table.add_rows(self.rows.iter().map(|row| cut(row)));
        let last = self.columns.len().saturating_sub(1);
        for (at, (_, align)) in self.columns.iter().enumerate() {
            let Some(column) = table.column_mut(at) else { continue };
            let gap = if at == last { 0 } else { u16::try_from(GAP_COLUMNS).unwrap_or(0) };
            column.set_padding((0, gap));
            column.set_cell_alignment(match align {
                Align::Left | Align::Yielding => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            });
        }
        let lines: Vec<_> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        let is_strong = |at: usize| at == 0 || at + self.totals >= lines.len();
        let lines = lines.iter().enumerate();
        lines
            .map(|(at, line)| if is_strong(at) { style.strong(line) } else { line.clone() })
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// What each column may take: texts that yield, then the widest columns of text give way until all fit.
    fn widths(&self, limit: Option<usize>) -> Vec<usize> {
        let mut widths = self.natural_widths();
        let Some(limit) = limit else { return widths };
        while widths.iter().sum::<usize>() + self.gaps() > limit {
            let texts = widths.iter_mut().zip(&self.columns).filter(|(_, (_, align))| *align != Align::Right);
            let weight = |width: usize, align: Align| (align == Align::Yielding && width > YIELDING_COLUMNS, width);
            let widest = texts.max_by_key(|(width, (_, align))| weight(**width, *align));
            let Some((width, _)) = widest.filter(|(width, _)| **width > LEAST_COLUMNS) else { break };
            *width -= 1;
        }
        widths
    }

    fn natural_widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.columns.iter().map(|(header, _)| text::width(header)).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(text::width(cell));
            }
        }
        widths
    }

    fn gaps(&self) -> usize {
        GAP_COLUMNS * self.columns.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&[("Model", Align::Left), ("Tokens", Align::Right), ("Note", Align::Left)]);
        table.row(["claude-opus-5-5", "1,234", "a note that is rather long"]);
        table.row(["日本", "9"]);
        table
    }

    #[test]
    fn numbers_stand_to_the_right_and_no_line_trails() {
        insta::assert_snapshot!(table().render(&Style::plain()), @r"
        Model            Tokens  Note
        claude-opus-5-5   1,234  a note that is rather long
        日本                  9
        ");
    }

    #[test]
    fn the_widest_text_gives_way_to_the_terminal() {
        insta::assert_snapshot!(table().render(&Style::new(false, Some(36))), @r"
        Model          Tokens  Note
        claude-opus-…   1,234  a note that…
        日本                9
        ");
        for width in [0, 5, 36, 60] {
            let text = table().render(&Style::new(false, Some(width)));
            let widest = text.lines().map(text::width).max().unwrap();
            assert!(widest <= width.max(26), "{widest} for {width}");
        }
    }

    #[test]
    fn a_table_fits_as_long_as_its_text_can_be_read() {
        // 15 + 6 + 18 columns and two gaps.
        for (width, fits) in [(Some(43), true), (Some(42), false), (None, true)] {
            assert_eq!(table().fits(&Style::new(false, width)), fits, "{width:?}");
        }
    }

    #[test]
    fn a_text_that_yields_is_cut_first() {
        let mut table = Table::new(&[("Title", Align::Yielding), ("Project", Align::Left), ("Cost", Align::Right)]);
        table.row(["a title that is rather long", "some-project", "$1.00"]);
        insta::assert_snapshot!(table.render(&Style::new(false, Some(34))), @"
        Title          Project        Cost
        a title that…  some-project  $1.00
        ");
        // 10 + 12 + 5 columns and two gaps.
        for (width, fits) in [(31, true), (30, false)] {
            assert_eq!(table.fits(&Style::new(false, Some(width))), fits, "{width}");
        }
        assert!(table.is_whole(&Style::new(false, Some(48))) && !table.is_whole(&Style::new(false, Some(47))));
    }

    #[test]
    fn markdown_has_the_same_cells() {
        let mut table = table();
        table.total(["all | of it", "1"]);
        insta::assert_snapshot!(table.markdown(), @r"
        | Model | Tokens | Note |
        | --- | ---: | --- |
        | claude-opus-5-5 | 1,234 | a note that is rather long |
        | 日本 | 9 |  |
        | all \| of it | 1 |  |
        ");
    }

    #[test]
    fn cells_cannot_break_the_table_or_colour_it() {
        let mut table = Table::new(&[("A", Align::Left)]);
        table.row(["one\ntwo\u{1b}[31m\u{202e}"]);
        assert_eq!(table.render(&Style::plain()), "A\none two␛[31m\\u{202e}");
    }

    #[test]
    fn header_and_total_are_strong() {
        let mut table = Table::new(&[("A", Align::Right)]);
        table.row(["1"]).total(["1"]);
        let strong = Style::new(true, None).strong("A");
        let text = table.render(&Style::new(true, None));
        assert_eq!(text.lines().next(), Some(strong.as_str()));
        assert_eq!(text.lines().filter(|line| line.contains('\u{1b}')).count(), 2);
        assert_eq!(Table::new(&[]).render(&Style::plain()), "");
    }
}
