//! Changing a configuration file's text, so that its comments and order stay.

use std::fmt::Write as _;

use anyhow::Context as _;
use toml_edit::DocumentMut;
use toml_edit::Item;
use toml_edit::Table;
use toml_edit::TableLike;

use crate::config::Config;
use crate::config::key::KEYS;
use crate::config::key::Setting;
use crate::config::layer::Scope;

/// `file` with `setting` set to `text`, which its parser has read and shows as `canonical`.
pub(crate) fn set(file: &str, setting: &Setting, text: &str, canonical: &str) -> anyhow::Result<String> {
    let mut document: DocumentMut = file.parse().context("the file is not TOML")?;
    let mut value = setting.key.kind.to_toml(text, canonical);
    let path = setting.path();
    let (table, name) = match path[..] {
        [name] => (document.as_table_mut() as &mut dyn TableLike, name),
        [section, name] => {
            let section = document.entry(section).or_insert_with(|| Item::Table(Table::new()));
            (section.as_table_like_mut().with_context(|| format!("`{}` is not a table", path[0]))?, name)
        }
        _ => anyhow::bail!("`{setting}` lies too deep"),
    };
    match table.get_mut(name) {
        Some(Item::Value(old)) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        Some(other) => *other = Item::Value(value),
        None => {
            table.insert(name, Item::Value(value));
        }
    }
    Ok(document.to_string())
}

/// `file` without `setting`; `None` when it is not set there.
pub(crate) fn unset(file: &str, setting: &Setting) -> anyhow::Result<Option<String>> {
    let mut document: DocumentMut = file.parse().context("the file is not TOML")?;
    let removed = match setting.path()[..] {
        [name] => document.remove(name),
        [section, name] => {
            document.get_mut(section).and_then(Item::as_table_like_mut).and_then(|table| table.remove(name))
        }
        _ => None,
    };
    Ok(removed.map(|_| document.to_string()))
}

/// A file that sets nothing yet: each setting that `scope` may have, with what it is and its default, commented out.
pub(crate) fn blank(scope: Scope) -> String {
    let defaults = Config::default();
    let mut text = String::new();
    for key in KEYS.iter().filter(|key| scope == Scope::User || key.is_for_projects) {
        let _ = writeln!(text, "# {}", key.about);
        if key.section().is_none() {
            let value = key.default_text(&defaults).map(|value| key.kind.to_toml(&value, &value).to_string());
            let _ = writeln!(text, "# {} = {}", key.name, value.as_deref().unwrap_or("…"));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_file_sets_nothing_and_names_everything() {
        let blank = blank(Scope::User);
        assert!(blank.parse::<DocumentMut>().unwrap().is_empty());
        for line in ["# model = \"sonnet\"", "# rate = …", "# reports.commit = false", "# your own name for a model,"]
        {
            assert!(blank.contains(line), "{line} is not in {blank}");
        }
        assert!(!super::blank(Scope::Project).contains("# rate"));
    }

    const FILE: &str = "# mine\nmodel = 'opus' # the best\n\n[reports]\n# where\ndirectory = \"docs\"\n";

    fn setting(name: &str) -> Setting {
        Setting::named(name).unwrap()
    }

    #[test]
    fn comments_and_order_stay() {
        for (name, text, canonical, changed) in [
            ("model", "haiku", "haiku", FILE.replace("'opus'", "\"haiku\"")),
            ("reports.directory", "a b", "a b", FILE.replace("\"docs\"", "\"a b\"")),
            ("reports.commit", "on", "true", format!("{FILE}commit = true\n")),
            ("rate", "$1,200.5", "1200.50", FILE.replace("\n[reports]", "rate = 1200.50\n\n[reports]")),
            ("models.gpt-5.1", "x", "x", format!("{FILE}\n[models]\n\"gpt-5.1\" = \"x\"\n")),
            ("tasks.ops", "1 2", "1 2", format!("{FILE}\n[tasks]\nops = {{ input = 1, output = 2 }}\n")),
        ] {
            assert_eq!(set(FILE, &setting(name), text, canonical).unwrap(), changed);
        }
    }

    #[test]
    fn an_empty_file_is_begun() {
        assert_eq!(set("", &setting("model"), "o\"p", "o\"p").unwrap(), "model = 'o\"p'\n");
        assert_eq!(set("", &setting("project.name"), "x", "x").unwrap(), "[project]\nname = \"x\"\n");
    }

    #[test]
    fn dotted_and_inline_tables_stay_as_they_are() {
        let name = setting("reports.directory");
        assert_eq!(set("reports.directory = 'a'\n", &name, "b", "b").unwrap(), "reports.directory = \"b\"\n");
        assert_eq!(
            set("reports = { commit = true }\n", &name, "b", "b").unwrap(),
            "reports = { commit = true , directory = \"b\" }\n"
        );
        assert!(set("reports = 3\n", &name, "b", "b").is_err());
    }

    #[test]
    fn unset_takes_the_line_out() {
        assert_eq!(unset("model = 'x'\nrate = 3\n", &setting("model")).unwrap().unwrap(), "rate = 3\n");
        assert_eq!(unset("[tasks.a]\ninput = 1\noutput = 2\n", &setting("tasks.a")).unwrap().unwrap(), "");
        assert_eq!(unset(FILE, &setting("rate")).unwrap(), None);
        assert_eq!(unset("reports = 3\n", &setting("reports.commit")).unwrap(), None);
    }
}
