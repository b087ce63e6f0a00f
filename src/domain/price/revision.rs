//! What an imported price list changes: prices that differ begin at the import, so that history keeps its own.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::Utc;
use serde::Serialize;

use crate::domain::model::ModelId;
use crate::domain::model::Region;
use crate::domain::money::Rate;
use crate::domain::price::LongPrompt;
use crate::domain::price::ModelPrice;
use crate::domain::price::Period;
use crate::domain::price::PriceBook;
use crate::domain::price::Rates;
use crate::domain::price::Rule;
use crate::domain::price::Since;

/// One rate that is not what the book has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    pub(crate) model: String,
    /// `input`, `cache read over 200000` …
    pub(crate) kind: String,
    /// `None` for a model or a kind that had no price.
    pub(crate) was: Option<Rate>,
    pub(crate) is_now: Rate,
}

/// The rows to write into the user's file, and why.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Revision {
    pub(crate) rows: Vec<ModelPrice>,
    pub(crate) changes: Vec<Change>,
    pub(crate) unchanged: usize,
}

impl Revision {
    /// Compares the current price of each imported row with the book's.
    pub(crate) fn of(book: &PriceBook, imported: Vec<ModelPrice>, at: DateTime<Utc>) -> Self {
        let mut by_id: BTreeMap<String, (Option<&ModelPrice>, ModelPrice)> = BTreeMap::new();
        for row in imported {
            let known = book
                .resolve(&ModelId::new(row.id.as_str()))
                .filter(|found| found.region == Region::Global && !found.is_fast && found.rule != Rule::Local)
                .map(|found| found.model);
            let id = known.map_or(&row.id, |known| &known.id).clone();
            // Of two names of one model the id itself is the one to believe.
            if row.id == id || !by_id.contains_key(&id) {
                by_id.insert(id, (known, row));
            }
        }

        let mut revision = Self::default();
        for (id, (known, row)) in by_id {
            let Some(stated) = row.period_at(at) else { continue };
            let current = known.and_then(|known| known.period_at(at));
            let period = current.map_or_else(|| stated.clone(), |current| overlaid(current, stated));
            if current == Some(&period) {
                revision.unchanged += 1;
                continue;
            }
            revision.changes.extend(changes(&id, current, &period));
            revision.rows.push(match known {
                Some(known) => {
                    let mut known = known.clone();
                    known.put(Period { from: Some(Since::new(at)), ..period });
                    (known.source, known.confidence) = (row.source, row.confidence);
                    known
                }
                None => row,
            });
        }
        revision
    }
}

/// What `stated` does not mention stays as it is: price lists leave out more than they take back.
fn overlaid(current: &Period, stated: &Period) -> Period {
    let long = match (current.long, stated.long) {
        (Some(current), Some(stated)) if current.over == stated.over => {
            Some(LongPrompt { rates: current.rates.overlaid(stated.rates), ..stated })
        }
        (current, stated) => stated.or(current),
    };
    Period {
        from: current.from,
        rates: current.rates.overlaid(stated.rates),
        long,
        off_peak: stated.off_peak.clone().or_else(|| current.off_peak.clone()),
    }
}

fn changes(model: &str, was: Option<&Period>, is_now: &Period) -> Vec<Change> {
    let mut changes = differing(model, "", was.map(|period| &period.rates), &is_now.rates);
    if let Some(long) = &is_now.long {
        let was_long = was.and_then(|period| period.long.as_ref()).filter(|known| known.over == long.over);
        let ending = format!(" over {}", long.over);
        changes.extend(differing(model, &ending, was_long.map(|long| &long.rates), &long.rates));
    }
    if let Some(off_peak) = &is_now.off_peak {
        let was_off_peak = was.and_then(|period| period.off_peak.as_ref()).map(|off_peak| &off_peak.rates);
        changes.extend(differing(model, " off-peak", was_off_peak, &off_peak.rates));
    }
    changes
}

fn differing(model: &str, ending: &str, was: Option<&Rates>, is_now: &Rates) -> Vec<Change> {
    let kinds = |rates: &Rates| {
        [Some(rates.input), Some(rates.output), rates.cache_write_5m, rates.cache_write_1h, rates.cache_read]
    };
    let old = was.map_or([None; 5], kinds);
    let names = ["input", "output", "cache write 5m", "cache write 1h", "cache read"];
    names
        .into_iter()
        .zip(old.into_iter().zip(kinds(is_now)))
        .filter(|(_, (was, is_now))| was != is_now)
        .filter_map(|(kind, (was, is_now))| {
            Some(Change { model: model.to_owned(), kind: format!("{kind}{ending}"), was, is_now: is_now? })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(text: &str) -> Rates {
        let parts: Vec<Rate> = text.split('/').map(|part| part.parse().unwrap()).collect();
        Rates { cache_read: parts.get(2).copied(), ..Rates::new(parts[0], parts[1]) }
    }

    fn row(id: &str, text: &str) -> ModelPrice {
        ModelPrice::new(id, "v", Period::always(rates(text)))
    }

    fn book() -> PriceBook {
        let mut old = row("claude-a-5", "3/15/0.3");
        old.aliases.push("a".to_owned());
        let list = crate::domain::price::PriceList { models: vec![old], ..Default::default() };
        PriceBook::new(list)
    }

    fn revision(imported: Vec<ModelPrice>) -> Revision {
        Revision::of(&book(), imported, "2026-11-23T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn equal_prices_change_nothing_even_if_fewer_are_stated() {
        for imported in [row("claude-a-5", "3/15/0.3"), row("anthropic/claude-a-5", "3/15")] {
            assert_eq!(revision(vec![imported]), Revision { unchanged: 1, ..Revision::default() });
        }
    }

    #[test]
    fn a_new_price_begins_now_and_the_old_one_keeps_its_time() {
        let revision = revision(vec![row("claude-a-5", "2/15")]);
        assert_eq!(revision.changes.len(), 1);
        assert_eq!((revision.changes[0].kind.as_str(), revision.changes[0].is_now), ("input", "2".parse().unwrap()));
        let periods = &revision.rows[0].periods;
        assert_eq!(periods[0], Period::always(rates("3/15/0.3")));
        assert_eq!(periods[1].from.unwrap().to_string(), "2026-11-23T12:00:00Z");
        assert_eq!(periods[1].rates, rates("2/15/0.3"));
    }

    #[test]
    fn of_two_names_of_a_model_its_id_is_believed() {
        for imported in
            [vec![row("a", "9/9"), row("claude-a-5", "3/15")], vec![row("claude-a-5", "3/15"), row("a", "9/9")]]
        {
            assert_eq!(revision(imported).unchanged, 1);
        }
    }

    #[test]
    fn an_unknown_model_is_new_as_it_stands() {
        let revision = revision(vec![row("b", "1/2")]);
        assert_eq!(revision.rows, [row("b", "1/2")]);
        assert_eq!(revision.changes.iter().map(|change| change.was).collect::<Vec<_>>(), [None, None]);
    }
}
