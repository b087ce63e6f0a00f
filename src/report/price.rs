//! Prices as they stand at one time: the list, and all that is known of one model.

use chrono::DateTime;
use chrono::Utc;
use serde::Serialize;

use crate::domain::model::ModelId;
use crate::domain::model::Region;
use crate::domain::money::Factor;
use crate::domain::price::Confidence;
use crate::domain::price::Kind;
use crate::domain::price::ModelPrice;
use crate::domain::price::PriceBook;
use crate::domain::price::Rates;
use crate::domain::price::Rule;

/// How many names a suggestion offers.
const MOST_SUGGESTIONS: usize = 3;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct PriceRow {
    pub(crate) model: String,
    pub(crate) vendor: String,
    pub(crate) kind: Kind,
    pub(crate) rates: Rates,
    pub(crate) long_prompt_over: Option<u64>,
    pub(crate) has_off_peak: bool,
    pub(crate) is_own: bool,
}

/// By what a name was found, short names of families included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FoundBy {
    Exact,
    Alias,
    Named,
    Normalised,
    Dated,
    Local,
    ShortName,
}

impl FoundBy {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Exact => "its id",
            Self::Alias => "another name",
            Self::Named => "your own name",
            Self::Normalised => "its name without decoration",
            Self::Dated => "its version, whatever the date",
            Self::Local => "its runner, on which all models are free",
            Self::ShortName => "the family's short name today",
        }
    }
}

impl From<Rule> for FoundBy {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::Exact => Self::Exact,
            Rule::Alias => Self::Alias,
            Rule::Named => Self::Named,
            Rule::Normalised => Self::Normalised,
            Rule::Dated => Self::Dated,
            Rule::Local => Self::Local,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct PriceDetail {
    pub(crate) asked: String,
    pub(crate) found_by: FoundBy,
    pub(crate) region: Region,
    pub(crate) is_fast: bool,
    /// Which of the row's periods holds now.
    pub(crate) period_now: usize,
    pub(crate) fast_now: Option<Factor>,
    pub(crate) source: String,
    pub(crate) confidence: &'static str,
    pub(crate) is_own: bool,
    pub(crate) row: ModelPrice,
}

/// The models whose name or vendor holds `filter`, by vendor and name.
pub(crate) fn list(book: &PriceBook, filter: Option<&str>, vendor: Option<&str>, at: DateTime<Utc>) -> Vec<PriceRow> {
    let filter = filter.map(str::to_lowercase).unwrap_or_default();
    let holds = |row: &&ModelPrice| {
        let names = row.aliases.iter().chain([&row.id, &row.vendor]);
        let is_asked = names.into_iter().any(|name| name.to_lowercase().contains(&filter));
        is_asked && vendor.is_none_or(|vendor| row.vendor.eq_ignore_ascii_case(vendor))
    };
    let mut rows: Vec<_> = book
        .models()
        .iter()
        .filter(holds)
        .filter_map(|row| {
            let period = row.period_at(at)?;
            Some(PriceRow {
                model: row.id.clone(),
                vendor: row.vendor.clone(),
                kind: row.kind,
                rates: period.rates,
                long_prompt_over: period.long.map(|long| long.over),
                has_off_peak: period.off_peak.is_some(),
                is_own: row.is_own,
            })
        })
        .collect();
    rows.sort_by(|a, b| (&a.vendor, &a.model).cmp(&(&b.vendor, &b.model)));
    rows
}

/// All that is known of the model that `name` stands for; `None` if it stands for none.
pub(crate) fn detail(book: &PriceBook, name: &str, at: DateTime<Utc>) -> Option<PriceDetail> {
    let asked = ModelId::new(name);
    let short = book.alias(name, at);
    let (found, found_by) = match book.resolve(&asked) {
        Some(found) => (found, found.rule.into()),
        None => (book.resolve(short.as_ref()?)?, FoundBy::ShortName),
    };
    let row = found.model;
    let period = row.period_at(at)?;
    Some(PriceDetail {
        asked: name.to_owned(),
        found_by,
        region: found.region,
        is_fast: found.is_fast,
        period_now: row.periods.iter().position(|known| std::ptr::eq(known, period)).unwrap_or_default(),
        fast_now: row.fast_at(at),
        source: book.source_of(row).to_owned(),
        confidence: match row.confidence {
            Some(Confidence::High) => "high",
            Some(Confidence::Medium) => "medium",
            Some(Confidence::Low) => "low",
            None => "",
        },
        is_own: row.is_own,
        row: row.clone(),
    })
}

/// Names that a person may have meant, closest first. For a hint only: no price comes of a resemblance.
pub(crate) fn suggestions(book: &PriceBook, name: &str) -> Vec<String> {
    let plain = ModelId::new(name).plain().name;
    let most = plain.chars().count() / 4;
    let mut close: Vec<_> = book
        .models()
        .iter()
        .flat_map(|row| row.aliases.iter().chain([&row.id]))
        .map(|known| (strsim::damerau_levenshtein(&plain, known), known))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    close.sort();
    close.into_iter().take(MOST_SUGGESTIONS).map(|(_, known)| known.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::price::Period;
    use crate::domain::price::PriceList;

    fn book() -> PriceBook {
        let row = |id: &str, vendor: &str| {
            let rates = Rates::new("1".parse().unwrap(), "2".parse().unwrap());
            ModelPrice::new(id, vendor, Period::always(rates))
        };
        let models = vec![row("zeta-mini", "b"), row("claude-opus-5", "a"), row("claude-opus-5-5", "a")];
        PriceBook::new(PriceList { models, ..PriceList::default() })
    }

    #[test]
    fn a_list_is_filtered_by_name_and_vendor_and_sorted() {
        let names = |filter, vendor| -> Vec<String> {
            let rows = list(&book(), filter, vendor, DateTime::UNIX_EPOCH);
            rows.into_iter().map(|row| row.model).collect()
        };
        assert_eq!(names(None, None), ["claude-opus-5", "claude-opus-5-5", "zeta-mini"]);
        assert_eq!(names(Some("OPUS-5-5"), None), ["claude-opus-5-5"]);
        assert_eq!(names(None, Some("B")), ["zeta-mini"]);
        assert_eq!(names(Some("opus"), Some("b")), Vec::<String>::new());
    }

    #[test]
    fn a_slip_is_answered_with_names_that_exist() {
        assert_eq!(suggestions(&book(), "claude-opsu-5"), ["claude-opus-5", "claude-opus-5-5"]);
        assert_eq!(suggestions(&book(), "llama"), Vec::<String>::new());
    }

    #[test]
    fn a_detail_says_how_the_name_was_found() {
        let detail = detail(&book(), "eu.anthropic.claude-opus-5", DateTime::UNIX_EPOCH).unwrap();
        assert_eq!((detail.found_by, detail.region), (FoundBy::Normalised, Region::Regional));
        assert_eq!(super::detail(&book(), "opus", DateTime::UNIX_EPOCH), None);
    }
}
