//! Names of models, as transcripts, people and gateways write them, and the one form in which a price book knows them.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

/// A model's name, as it was written where it was found. Many events share one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ModelId(Arc<str>);

impl ModelId {
    pub(crate) fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The same without `[1m]`, which asks for a longer context and makes no other model of it.
    pub(crate) fn without_context(&self) -> Self {
        if self.0.contains('[') { Self::new(strip_context(&self.0)) } else { self.clone() }
    }

    /// The name without what gateways and clouds put around it.
    pub(crate) fn plain(&self) -> PlainName {
        PlainName::of(&self.0)
    }
}

/// A name compares and hashes as its text does.
impl Borrow<str> for ModelId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a cloud runs the model, as far as it sets the price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Region {
    /// The vendor's own API, or a `global.` profile.
    #[default]
    Global,
    /// A Bedrock profile that stays in one geography.
    Regional,
    /// AWS `GovCloud`.
    Government,
}

/// A name in the form that price books use, and what its decoration said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlainName {
    pub(crate) name: String,
    pub(crate) region: Region,
    /// The name ended in `-fast`, as some gateways ask for fast mode.
    pub(crate) is_fast: bool,
}

/// Gateways and vendors that are put before a name without changing its price. Nothing else is ever cut off.
const ROUTES: &[&str] = &[
    "openrouter/anthropic/",
    "anthropic/",
    "bedrock/",
    "bedrock_mantle/",
    "converse/",
    "claude_platform/",
    "vertex_ai/",
    "azure_ai/",
    "openai/",
    "deepseek/",
    "gemini/",
    "mistral/",
    "xai/",
    "moonshot/",
    "zai/",
    "minimax/",
];

/// Bedrock's cross-region inference profiles, and the region names that `LiteLLM` puts in their place.
const REGIONS: &[(&str, Region)] = &[
    ("us.", Region::Regional),
    ("eu.", Region::Regional),
    ("jp.", Region::Regional),
    ("au.", Region::Regional),
    ("apac.", Region::Regional),
    ("us-gov.", Region::Government),
    ("us-gov-east-1/", Region::Government),
    ("us-gov-west-1/", Region::Government),
    ("global.", Region::Global),
];

impl PlainName {
    fn of(written: &str) -> Self {
        let lower = strip_context(written).trim().to_lowercase();
        let mut name = lower.as_str();
        let mut region = Region::Global;
        if name.starts_with("arn:aws") {
            name = name.rsplit('/').next().unwrap_or(name);
        }
        while let Some(rest) = ROUTES.iter().find_map(|route| name.strip_prefix(route)) {
            name = rest;
        }
        if let Some((rest, found)) = REGIONS.iter().find_map(|(prefix, region)| {
            let rest = name.strip_prefix(prefix)?;
            (rest.starts_with("anthropic.") || rest.starts_with("claude-")).then_some((rest, *region))
        }) {
            (name, region) = (rest, found);
        }
        let name = name.strip_prefix("anthropic.").unwrap_or(name);
        if !name.starts_with("claude-") {
            return Self { name: name.to_owned(), region, is_fast: false };
        }
        let (name, is_fast) = plain_claude(name);
        Self { name, region, is_fast }
    }
}

/// Claude Code marks a model whose context of a million tokens is on; older versions did so twice.
fn strip_context(name: &str) -> String {
    name.replace("[1m]", "").replace("[1M]", "")
}

/// Only names of Claude models are written in several ways: `grok-code-fast` and `deepseek-v3` are what they are.
fn plain_claude(name: &str) -> (String, bool) {
    let name = without_revision(name);
    let name = match name.split_once('@') {
        Some((base, "default" | "latest")) => base.to_owned(),
        Some((base, date)) => format!("{base}-{date}"),
        None => name.to_owned(),
    };
    let (base, is_fast) = match name.strip_suffix("-fast") {
        Some(base) => (base, true),
        None => (name.as_str(), false),
    };
    let base = base.strip_suffix("-latest").unwrap_or(base);
    (base.replace('.', "-"), is_fast)
}

/// Drops Bedrock's `-v1` or `-v1:0`.
fn without_revision(name: &str) -> &str {
    let Some((base, revision)) = name.rsplit_once("-v") else { return name };
    let mut parts = revision.splitn(2, ':');
    let is_revision = parts.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if is_revision { base } else { name }
}

/// Splits `claude-sonnet-4-5-20250929` into version and date. A date has exactly eight digits.
pub(crate) fn split_date(name: &str) -> Option<(&str, u32)> {
    let (base, date) = name.rsplit_once('-')?;
    let is_date = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    is_date.then(|| date.parse().ok()).flatten().map(|date| (base, date))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(written: &str) -> (String, Region, bool) {
        let plain = ModelId::new(written).plain();
        (plain.name, plain.region, plain.is_fast)
    }

    #[test]
    fn every_way_to_write_a_name_has_one_plain_form() {
        for (written, name) in [
            (" Claude-Opus-4-8 ", "claude-opus-4-8"),
            ("claude-opus-5-5[1m]", "claude-opus-5-5"),
            ("claude-opus-5-5[1M][1m]", "claude-opus-5-5"),
            ("anthropic/claude-opus-4.8", "claude-opus-4-8"),
            ("openrouter/anthropic/claude-3.5-sonnet", "claude-3-5-sonnet"),
            ("bedrock/converse/anthropic.claude-opus-5-5", "claude-opus-5-5"),
            ("anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"),
            ("anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
            ("vertex_ai/claude-haiku-4-5@20251001", "claude-haiku-4-5-20251001"),
            ("claude-opus-5@default", "claude-opus-5"),
            ("claude-3-5-haiku-latest", "claude-3-5-haiku"),
            ("arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2", "a1b2"),
            ("deepseek/deepseek-v3", "deepseek-v3"),
            ("grok-code-fast", "grok-code-fast"),
            ("gemini/gemini-2.5-pro", "gemini-2.5-pro"),
            ("openrouter/openai/gpt-5", "openrouter/openai/gpt-5"),
            ("<synthetic>", "<synthetic>"),
            ("", ""),
        ] {
            assert_eq!(plain(written), (name.to_owned(), Region::Global, false), "{written}");
        }
    }

    #[test]
    fn a_region_is_remembered() {
        for (written, name, region) in [
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929", Region::Regional),
            ("apac.anthropic.claude-opus-5", "claude-opus-5", Region::Regional),
            ("us-gov.anthropic.claude-opus-5", "claude-opus-5", Region::Government),
            ("bedrock/us-gov-west-1/anthropic.claude-opus-5", "claude-opus-5", Region::Government),
            ("global.anthropic.claude-opus-5", "claude-opus-5", Region::Global),
            (
                "arn:aws:bedrock:us-east-1:123:inference-profile/eu.anthropic.claude-opus-4-6-v1",
                "claude-opus-4-6",
                Region::Regional,
            ),
            ("us.meta.llama3-3-70b", "us.meta.llama3-3-70b", Region::Global),
        ] {
            assert_eq!(plain(written), (name.to_owned(), region, false), "{written}");
        }
    }

    #[test]
    fn a_fast_ending_is_a_mode_of_claude_models_only() {
        assert_eq!(plain("anthropic/claude-opus-4.8-fast"), ("claude-opus-4-8".to_owned(), Region::Global, true));
    }

    #[test]
    fn a_date_has_eight_digits() {
        assert_eq!(split_date("claude-sonnet-4-5-20250929"), Some(("claude-sonnet-4-5", 20_250_929)));
        for name in ["claude-opus-5-5", "gpt-4o-2024-08-06", "x-2025092", "x-202509290", "20250929", "x-2025092９"] {
            assert_eq!(split_date(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_plain_name_is_its_own_plain_form(written in "(us\\.|global\\.|anthropic/|bedrock/)?(anthropic\\.)?claude-[a-z]{1,6}-[0-9](\\.[0-9])?(-20250101)?(-v1(:0)?)?(\\[1m\\])?") {
            let once = ModelId::new(written).plain().name;
            prop_assert_eq!(&ModelId::new(once.clone()).plain().name, &once);
        }

        #[test]
        fn no_name_makes_it_panic(written in "\\PC{0,60}") {
            let _ = ModelId::new(written).plain();
        }
    }
}
