//! What models charge: a book of prices in which names are looked up by ordered rules, never by resemblance.

mod cost;
mod model_price;
mod off_peak;
mod revision;
mod since;

use std::collections::BTreeMap;
use std::collections::HashMap;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

pub(crate) use self::cost::Cost;
pub(crate) use self::cost::Speed;
pub(crate) use self::cost::Terms;
pub(crate) use self::cost::Tier;
pub(crate) use self::model_price::Confidence;
pub(crate) use self::model_price::Kind;
pub(crate) use self::model_price::LongPrompt;
pub(crate) use self::model_price::ModelPrice;
pub(crate) use self::model_price::Period;
pub(crate) use self::model_price::Rates;
pub(crate) use self::off_peak::OffPeak;
pub(crate) use self::off_peak::Window;
pub(crate) use self::revision::Change;
pub(crate) use self::revision::Revision;
pub(crate) use self::since::Since;
use crate::domain::model::ModelId;
use crate::domain::model::Region;
use crate::domain::model::split_date;
use crate::domain::money::Usd;
use crate::domain::tokens::TokenUsage;

/// What a price file holds, built in or the user's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PriceList {
    pub(crate) version: u32,
    /// The day on which the prices were gathered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gathered: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notice: Vec<String>,
    /// Long names of sources; a row may give a key of this or the text itself.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) sources: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) short_names: Vec<ShortName>,
    pub(crate) models: Vec<ModelPrice>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) infra: Vec<InfraPrice>,
}

/// A word for the newest model of a family (`opus`), as from an instant on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShortName {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Since>,
    family: String,
}

/// What a unit of something other than tokens costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InfraPrice {
    pub(crate) id: String,
    /// `hour`, `GB` …
    pub(crate) unit: String,
    pub(crate) usd: Usd,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    pub(crate) source: String,
}

impl InfraPrice {
    /// Whether a quantity typed with `unit` behind it is one of ours: no unit, ours, its plural or its initial.
    pub(crate) fn is_counted_in(&self, unit: &str) -> bool {
        let own = self.unit.to_lowercase();
        unit.is_empty()
            || unit == own
            || unit == format!("{own}s")
            || (own == "hour" && matches!(unit, "h" | "hr" | "hrs"))
    }
}

/// By which rule a name was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rule {
    /// It is the id of a row.
    Exact,
    /// A row lists it as another name of its model.
    Alias,
    /// The user said which model it is.
    Named,
    /// Without what a gateway or a cloud puts around it.
    Normalised,
    /// The same version with or without its date.
    Dated,
    /// Any model that runs on the user's own machine (`ollama/…`).
    Local,
}

/// A model found in the book, and what its name said beside the model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resolved<'a> {
    pub(crate) model: &'a ModelPrice,
    pub(crate) region: Region,
    pub(crate) is_fast: bool,
    pub(crate) rule: Rule,
}

impl Resolved<'_> {
    /// See [`PriceBook::cost_of`].
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "what sets a price is lent alike, tokens and terms")]
    pub(crate) fn cost_of(&self, at: DateTime<Utc>, tokens: &TokenUsage, terms: &Terms) -> Option<Cost> {
        self.cost_of_prompt(at, tokens, tokens.prompt(), terms)
    }

    /// The same for tokens of one request or of several, the longest prompt of each having been `prompt` tokens long or as
    /// good as that.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "what sets a price is lent alike, tokens and terms")]
    pub(crate) fn cost_of_prompt(
        &self,
        at: DateTime<Utc>,
        tokens: &TokenUsage,
        prompt: u64,
        terms: &Terms,
    ) -> Option<Cost> {
        // Usage that states its speed is right about it; a name only says what was asked for.
        let named = if self.is_fast { Speed::Fast } else { Speed::Standard };
        let terms = Terms { speed: Some(terms.speed.unwrap_or(named)), ..*terms };
        self.model.cost(at, tokens, prompt, terms, self.region)
    }
}

/// All prices known: the built-in list, overlaid by the user's.
#[derive(Debug, Clone, Default)]
pub(crate) struct PriceBook {
    models: Vec<ModelPrice>,
    /// Ids and aliases; whether it is the id.
    names: HashMap<String, (usize, bool)>,
    /// For each version that only has dated names the newest of them.
    newest_dated: HashMap<String, (u32, usize)>,
    own_names: BTreeMap<String, String>,
    short_names: Vec<ShortName>,
    infra: BTreeMap<String, InfraPrice>,
    sources: BTreeMap<String, String>,
    gathered: Option<NaiveDate>,
}

impl PriceBook {
    pub(crate) fn new(list: PriceList) -> Self {
        let mut book = Self {
            models: list.models,
            short_names: list.short_names,
            infra: list.infra.into_iter().map(|item| (item.id.clone(), item)).collect(),
            sources: list.sources,
            gathered: list.gathered,
            ..Self::default()
        };
        book.index();
        book
    }

    /// Lays the user's rows over these: a row replaces the one of the same id.
    pub(crate) fn overlaid(mut self, own: PriceList) -> Self {
        let is_indexed = own.models.is_empty();
        for mut row in own.models {
            row.is_own = true;
            match self.models.iter_mut().find(|known| known.id == row.id) {
                Some(known) => *known = row,
                None => self.models.push(row),
            }
        }
        self.infra.extend(own.infra.into_iter().map(|item| (item.id.clone(), item)));
        self.sources.extend(own.sources);
        self.short_names.extend(own.short_names);
        if !is_indexed {
            self.index();
        }
        self
    }

    /// Adds the user's own names for models of the book (a deployment, an application profile).
    pub(crate) fn with_names(mut self, names: BTreeMap<String, String>) -> Self {
        self.own_names = names;
        self
    }

    /// What an exchange cost. `None` where a price is not known: of the model, of a kind of token that was used, or of
    /// the mode that was asked for. It is never zero for want of a price, and never the price of a similar model.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "what sets a price is lent alike, tokens and terms")]
    pub(crate) fn cost_of(
        &self,
        model: &ModelId,
        at: DateTime<Utc>,
        tokens: &TokenUsage,
        terms: &Terms,
    ) -> Option<Cost> {
        self.resolve(model)?.cost_of(at, tokens, terms)
    }

    /// Finds a model by the first rule that holds, in the order of [`Rule`]; there is no guess after the last.
    pub(crate) fn resolve(&self, name: &ModelId) -> Option<Resolved<'_>> {
        if let Some((model, rule)) = self.listed(name.as_str()) {
            return Some(Resolved { model, region: Region::Global, is_fast: false, rule });
        }
        let plain = name.plain();
        let found = |model, rule| Some(Resolved { model, region: plain.region, is_fast: plain.is_fast, rule });
        if let Some(meant) = self.own_names.get(name.as_str()).or_else(|| self.own_names.get(&plain.name)) {
            // A name that stands for itself or for another such name ends here instead of going in circles.
            let meant = ModelId::new(meant.as_str()).plain();
            let (model, _) = self.by_plain_name(&meant.name)?;
            let region = if meant.region == Region::Global { plain.region } else { meant.region };
            return Some(Resolved { model, region, is_fast: plain.is_fast || meant.is_fast, rule: Rule::Named });
        }
        let (model, rule) = self.by_plain_name(&plain.name)?;
        found(model, rule)
    }

    /// Resolves a family's short name (`opus`, `opus[1m]`, `best`) to its newest model at that time. Only what a
    /// person typed may go through this: a transcript always has the id itself.
    pub(crate) fn alias(&self, name: &str, at: DateTime<Utc>) -> Option<ModelId> {
        let name = ModelId::new(name).plain().name;
        let holds = |short: &&ShortName| short.name == name && short.from.is_none_or(|from| from.instant() <= at);
        let short = self.short_names.iter().filter(holds).max_by_key(|short| short.from)?;
        let day = at.date_naive();
        self.models
            .iter()
            .filter(|model| model.family.as_deref() == Some(&short.family))
            .filter(|model| model.released.is_some_and(|released| released <= day))
            .max_by_key(|model| model.released)
            .map(|model| ModelId::new(model.id.as_str()))
    }

    pub(crate) fn infra(&self, item: &str) -> Option<&InfraPrice> {
        self.infra.get(item)
    }

    pub(crate) fn infra_items(&self) -> impl Iterator<Item = &InfraPrice> {
        self.infra.values()
    }

    pub(crate) fn models(&self) -> &[ModelPrice] {
        &self.models
    }

    /// The lengths of prompts above which a price changes.
    pub(crate) fn prompt_limits(&self) -> impl Iterator<Item = u64> {
        self.models.iter().flat_map(|model| &model.periods).filter_map(|period| Some(period.long.as_ref()?.over))
    }

    /// Seconds of the hour at which a price begins or ends.
    pub(crate) fn turns(&self) -> impl Iterator<Item = i64> {
        self.models.iter().flat_map(ModelPrice::turns)
    }

    pub(crate) fn gathered(&self) -> Option<NaiveDate> {
        self.gathered
    }

    /// Where a row's price is from, in words.
    pub(crate) fn source_of<'a>(&'a self, model: &'a ModelPrice) -> &'a str {
        self.sources.get(&model.source).unwrap_or(&model.source)
    }

    fn by_plain_name(&self, name: &str) -> Option<(&ModelPrice, Rule)> {
        if let Some((model, _)) = self.listed(name) {
            return Some((model, Rule::Normalised));
        }
        if let Some(model) = self.of_same_version(name) {
            return Some((model, Rule::Dated));
        }
        self.local(name).map(|model| (model, Rule::Local))
    }

    fn listed(&self, name: &str) -> Option<(&ModelPrice, Rule)> {
        let (at, is_id) = *self.names.get(name)?;
        Some((&self.models[at], if is_id { Rule::Exact } else { Rule::Alias }))
    }

    fn of_same_version(&self, name: &str) -> Option<&ModelPrice> {
        let at = match split_date(name) {
            // An undated alias stands for one certain date, which is not this one.
            Some((base, _)) => self.names.get(base).filter(|(_, is_id)| *is_id)?.0,
            None => self.newest_dated.get(name)?.1,
        };
        Some(&self.models[at])
    }

    /// `ollama/*` has the price of everything on that runner, but for what it runs in its cloud for a subscription.
    fn local(&self, name: &str) -> Option<&ModelPrice> {
        let (runner, model) = name.split_once('/')?;
        let is_remote = model.ends_with(":cloud") || model.ends_with("-cloud");
        if is_remote || model.is_empty() {
            return None;
        }
        self.listed(&format!("{runner}/*")).map(|(model, _)| model)
    }

    fn index(&mut self) {
        self.names.clear();
        self.newest_dated.clear();
        // Ids after aliases and the user's rows after the built-in ones: the later of two claims to a name wins.
        for own in [false, true] {
            for (at, row) in self.models.iter().enumerate().filter(|(_, row)| row.is_own == own) {
                for alias in &row.aliases {
                    self.names.insert(alias.clone(), (at, false));
                }
            }
            for (at, row) in self.models.iter().enumerate().filter(|(_, row)| row.is_own == own) {
                self.names.insert(row.id.clone(), (at, true));
            }
        }
        for (at, row) in self.models.iter().enumerate() {
            // People write `My-Model`; a plain name is in lower case.
            self.names.entry(row.id.to_lowercase()).or_insert((at, true));
            for name in row.aliases.iter().chain([&row.id]) {
                let Some((base, date)) = split_date(name) else { continue };
                let newest = self.newest_dated.entry(base.to_owned()).or_insert((date, at));
                if date > newest.0 {
                    *newest = (date, at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> PriceBook {
        let list = serde_json::from_str(
            r#"{"version":1,"short_names":[{"name":"opus","family":"opus"},{"name":"best","family":"opus"},{"name":"best","from":"2026-06-09","family":"fable"}],
            "models":[
            {"id":"claude-opus-5","vendor":"a","family":"opus","released":"2026-07-24","prices":[{"rates":{"in":"5","out":"25"}}],"regional":"1.1","source":"s"},
            {"id":"claude-opus-5-5","vendor":"a","family":"opus","released":"2026-09-22","prices":[{"rates":{"in":"4","out":"20"}}],"fast":[{"by":"2"}],"source":"s"},
            {"id":"claude-fable-5","vendor":"a","family":"fable","released":"2026-06-09","prices":[{"rates":{"in":"10","out":"50"}}],"source":"s"},
            {"id":"claude-x-4-20250101","vendor":"a","prices":[{"rates":{"in":"1","out":"1"}}],"source":"s"},
            {"id":"claude-x-4-20250601","vendor":"a","aliases":["claude-x-4-0"],"prices":[{"rates":{"in":"2","out":"2"}}],"source":"s"},
            {"id":"ollama/*","vendor":"local","prices":[{"rates":{"in":"0","out":"0"}}],"source":"s"}]}"#,
        );
        PriceBook::new(list.unwrap())
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_is_found_by_rule_or_not_at_all() {
        let book = book().with_names(BTreeMap::from([
            ("team-model".to_owned(), "us.anthropic.claude-opus-5".to_owned()),
            ("circle".to_owned(), "circle".to_owned()),
        ]));
        for (name, found) in [
            ("claude-opus-5", Some(("claude-opus-5", Rule::Exact))),
            ("claude-x-4-0", Some(("claude-x-4-20250601", Rule::Alias))),
            ("claude-opus-5-5[1m]", Some(("claude-opus-5-5", Rule::Normalised))),
            ("claude-opus-5-5-20260922", Some(("claude-opus-5-5", Rule::Dated))),
            ("claude-x-4", Some(("claude-x-4-20250601", Rule::Dated))),
            ("claude-x-4-0-20250101", None),
            ("claude-x-4-20250701", None),
            ("team-model", Some(("claude-opus-5", Rule::Named))),
            ("Team-Model[1m]", Some(("claude-opus-5", Rule::Named))),
            ("circle", None),
            ("ollama/llama3:70b", Some(("ollama/*", Rule::Local))),
            ("ollama/gpt-oss:120b-cloud", None),
            ("ollama/glm-5.3:cloud", None),
            ("ollama/", None),
            ("claude-opus", None),
            ("claude-opus-5-6", None),
            ("opus", None),
            ("<synthetic>", None),
            ("", None),
        ] {
            let resolved = book.resolve(&ModelId::new(name));
            assert_eq!(resolved.map(|resolved| (resolved.model.id.as_str(), resolved.rule)), found, "{name}");
        }
        assert_eq!(book.resolve(&ModelId::new("team-model")).unwrap().region, Region::Regional);
    }

    #[test]
    fn a_short_name_is_the_newest_model_of_that_day() {
        for (name, day, id) in [
            ("opus", "2026-08-01T00:00:00Z", Some("claude-opus-5")),
            ("Opus[1m]", "2026-09-22T00:00:00Z", Some("claude-opus-5-5")),
            ("opus", "2026-01-01T00:00:00Z", None),
            ("best", "2026-06-08T23:59:59Z", None),
            ("best", "2026-06-09T00:00:00Z", Some("claude-fable-5")),
            ("opusplan", "2026-09-22T00:00:00Z", None),
        ] {
            assert_eq!(book().alias(name, at(day)), id.map(ModelId::new), "{name} {day}");
        }
    }

    #[test]
    fn a_name_asks_for_fast_mode_only_where_usage_is_silent() {
        let (book, fast) = (book(), ModelId::new("claude-opus-5-5-fast"));
        let cost = |terms| book.cost_of(&fast, at("2026-10-01T00:00:00Z"), &TokenUsage::new(1_000_000, 0), &terms);
        assert_eq!(cost(Terms::default()).unwrap().total().to_string(), "8.00");
        let standard = Terms { speed: Some(Speed::Standard), ..Terms::default() };
        assert_eq!(cost(standard).unwrap().total().to_string(), "4.00");
    }

    #[test]
    fn the_users_row_replaces_the_row_of_its_id() {
        let own = r#"{"version":1,"models":[{"id":"claude-opus-5","vendor":"a","prices":[{"rates":{"in":"1","out":"2"}}],"source":"me"},
            {"id":"New","vendor":"b","aliases":["claude-x-4-0"],"prices":[{"rates":{"in":"1","out":"1"}}],"source":"me"}]}"#;
        let book = book().overlaid(serde_json::from_str(own).unwrap());
        assert_eq!(book.models().len(), 7);
        let changed = book.resolve(&ModelId::new("claude-opus-5")).unwrap().model;
        assert!(changed.is_own && book.source_of(changed) == "me");
        assert_eq!(book.resolve(&ModelId::new("claude-x-4-0")).unwrap().model.id, "New");
        assert_eq!(book.resolve(&ModelId::new("New[1m]")).unwrap().model.id, "New");
    }
}
