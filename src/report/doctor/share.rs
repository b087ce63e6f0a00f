//! The report for a stranger's eyes: nothing in it names a person, a project or a model of one's own.

use std::collections::BTreeMap;

use crate::domain::estimate::own;
use crate::report::doctor::Check;
use crate::report::doctor::DoctorReport;
use crate::report::doctor::Fact;
use crate::report::doctor::UnpricedModel;

/// Whose a model is, by a part of its name.
const VENDORS: &[(&str, &str)] = &[
    ("claude", "anthropic"),
    ("deepseek", "deepseek"),
    ("gemini", "google"),
    ("glm", "zai"),
    ("gpt", "openai"),
    ("grok", "xai"),
    ("kimi", "moonshot"),
    ("llama", "meta"),
    ("minimax", "minimax"),
    ("mistral", "mistral"),
    ("qwen", "alibaba"),
];

/// What stands in the place of a text that may name anything.
const WITHHELD: &str = "not shared";

impl DoctorReport {
    pub(crate) fn shared(mut self, home: Option<&str>) -> Self {
        for Check { fact, .. } in &mut self.checks {
            withhold(fact, home);
        }
        self
    }
}

fn withhold(fact: &mut Fact, home: Option<&str>) {
    let shorten = |path: &mut String| *path = shortened(path, home);
    match fact {
        Fact::Data { path, open, .. } => {
            shorten(path);
            // The names of some are those of sessions.
            for path in open {
                WITHHELD.clone_into(path);
            }
        }
        Fact::Ledger(ledger) => shorten(&mut ledger.path),
        Fact::Transcripts { path, .. } => shorten(path),
        Fact::Retention(retention) => {
            shorten(&mut retention.path);
            retention.file.iter_mut().for_each(shorten);
        }
        // The name of the project's own file has the project's name before it.
        Fact::Settings { files } => files.iter_mut().for_each(|path| *path = file_name(path)),
        Fact::GitHook { path, .. } => *path = None,
        Fact::UnusableLedger { reason }
        | Fact::UnreadableDirectory { reason }
        | Fact::UnknownRetention { reason }
        | Fact::UnreadableRepository { reason } => WITHHELD.clone_into(reason),
        // Transcripts lie in directories that are called as projects are.
        Fact::UnreadableLines { files, .. } => files.iter_mut().for_each(|file| WITHHELD.clone_into(&mut file.path)),
        Fact::Unpriced { models } => *models = by_vendor(models),
        // One that nobody knows is called as its model is.
        Fact::Estimates { tokenizers } => {
            for one in tokenizers.iter_mut().filter(|one| !own::is_known(&one.tokenizer)) {
                vendor(&one.tokenizer).clone_into(&mut one.tokenizer);
            }
        }
        Fact::Program { .. }
        | Fact::TimeZone { .. }
        | Fact::NoLedger
        | Fact::NoDesktop
        | Fact::NoTranscripts
        | Fact::Unread { .. }
        | Fact::LowerBounds { .. } => {}
    }
}

fn shortened(path: &str, home: Option<&str>) -> String {
    match home.and_then(|home| path.strip_prefix(home.trim_end_matches('/'))) {
        Some(rest) if rest.is_empty() || rest.starts_with(['/', '\\']) => format!("~{rest}"),
        _ => WITHHELD.to_owned(),
    }
}

fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

fn vendor(model: &str) -> &'static str {
    let name = model.to_lowercase();
    VENDORS.iter().find(|(part, _)| name.contains(part)).map_or("another vendor", |(_, vendor)| vendor)
}

fn by_vendor(models: &[UnpricedModel]) -> Vec<UnpricedModel> {
    let mut vendors: BTreeMap<&str, UnpricedModel> = BTreeMap::new();
    for UnpricedModel { model, exchanges, tokens } in models {
        let vendor = vendor(model);
        let sum = vendors.entry(vendor).or_insert_with(|| UnpricedModel {
            model: vendor.to_owned(),
            exchanges: 0,
            tokens: 0,
        });
        sum.exchanges += exchanges;
        sum.tokens += tokens;
    }
    vendors.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_home_directory_is_known_to_all() {
        for (path, home, shared) in [
            ("/home/ann/.claude", Some("/home/ann"), "~/.claude"),
            ("/home/ann", Some("/home/ann/"), "~"),
            ("/home/anna/.claude", Some("/home/ann"), WITHHELD),
            ("/srv/acme/.claude", Some("/home/ann"), WITHHELD),
            ("/home/ann/.claude", None, WITHHELD),
        ] {
            assert_eq!(shortened(path, home), shared, "{path}");
        }
    }

    #[test]
    fn models_are_those_of_their_vendors() {
        let model = |model: &str, tokens| UnpricedModel { model: model.to_owned(), exchanges: 1, tokens };
        let models = [model("acme/Claude-x", 1), model("claude-next", 2), model("acme-secret", 4)];
        let shared: Vec<_> = by_vendor(&models).into_iter().map(|one| (one.model, one.exchanges, one.tokens)).collect();
        assert_eq!(shared, [("another vendor".to_owned(), 1, 4), ("anthropic".to_owned(), 2, 3)]);
    }
}
