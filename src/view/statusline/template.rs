//! A status line's template: text with placeholders, in segments that vanish when they have nothing to say.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Between segments, and between the parts of one.
pub(super) const SEGMENTS: &str = " | ";
const PARTS: &str = " / ";

/// What a template may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placeholder {
    Model,
    Conversation,
    Today,
    Block,
    Left,
    Burn,
    Context,
    Session,
    Budget,
    FiveHours,
    SevenDays,
}

impl Placeholder {
    const ALL: [(&str, Self); 11] = [
        ("model", Self::Model),
        ("conversation", Self::Conversation),
        ("today", Self::Today),
        ("block", Self::Block),
        ("left", Self::Left),
        ("burn", Self::Burn),
        ("context", Self::Context),
        ("session", Self::Session),
        ("budget", Self::Budget),
        ("limit_5h", Self::FiveHours),
        ("limit_7d", Self::SevenDays),
    ];
}

/// The placeholders in words, for someone who wrote another.
pub(crate) const PLACEHOLDERS: &str = "there are {model}, {conversation}, {today}, {block}, {left}, {burn}, {context}, \
                                       {session}, {budget}, {limit_5h} and {limit_7d}; {{ is a brace";

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum TemplateError {
    #[error("`{{{0}}}` is no placeholder")]
    Unknown(String),
    #[error("a brace is open at its end")]
    Open,
    #[error("a brace closes that was not opened")]
    Closed,
}

/// A template that names only what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    text: String,
    segments: Vec<Vec<Part>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value(Placeholder),
}

impl Default for Template {
    fn default() -> Self {
        "{model} | {conversation} conversation / {today} today / {block} block ({left} left) | {burn} | {context} | \
         {session} / {budget}"
            .parse()
            .expect("a test reads the default template")
    }
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let segments = text.split(SEGMENTS).map(|segment| segment.split(PARTS).map(str::parse).collect());
        Ok(Self { text: text.to_owned(), segments: segments.collect::<Result<_, _>>()? })
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Template {
    /// The segments with values in place. A part in which a value is missing vanishes, and a segment with its last part.
    pub(crate) fn fill(&self, value: impl Fn(Placeholder) -> Option<String>) -> Vec<String> {
        let segments = self.segments.iter().filter_map(|parts| {
            let filled: Vec<(String, bool)> =
                parts.iter().filter_map(|part| Some((part.fill(&value)?, part.is_text()))).collect();
            // Words of the user's alone remain only where nothing but words was asked for.
            let is_empty = filled.iter().all(|(_, is_text)| *is_text) && !parts.iter().all(Part::is_text);
            (!is_empty).then(|| filled.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(PARTS))
        });
        segments.collect()
    }
}

impl Part {
    fn is_text(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    fn fill(&self, value: &impl Fn(Placeholder) -> Option<String>) -> Option<String> {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => Some(text.clone()),
            Piece::Value(placeholder) => value(*placeholder),
        });
        pieces.collect()
    }
}

impl FromStr for Part {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            pieces.push(Piece::Text(before.to_owned()));
            rest = if let Some(rest) = brace.strip_prefix("{{").or_else(|| brace.strip_prefix("}}")) {
                pieces.push(Piece::Text(brace[..1].to_owned()));
                rest
            } else {
                let (name, rest) =
                    brace.strip_prefix('{').ok_or(TemplateError::Closed)?.split_once('}').ok_or(TemplateError::Open)?;
                let known = Placeholder::ALL.iter().find(|(known, _)| *known == name.trim());
                let (_, placeholder) = known.ok_or_else(|| TemplateError::Unknown(name.to_owned()))?;
                pieces.push(Piece::Value(*placeholder));
                rest
            };
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values as long as their names, of those in `known`.
    fn filled(template: &str, known: &[Placeholder]) -> String {
        let value = |placeholder| known.contains(&placeholder).then(|| format!("{placeholder:?}"));
        template.parse::<Template>().unwrap().fill(value).join(SEGMENTS)
    }

    #[test]
    fn what_has_no_value_takes_its_surroundings_along() {
        use Placeholder::Block;
        use Placeholder::Left;
        use Placeholder::Model;
        use Placeholder::Today;
        let template = "{model} | all / {today} today / {block} block ({left} left) | ©";
        for (known, expected) in [
            (&[Model, Today, Block, Left][..], "Model | all / Today today / Block block (Left left) | ©"),
            (&[Model, Today, Block], "Model | all / Today today | ©"),
            (&[Today], "all / Today today | ©"),
            (&[Model], "Model | ©"),
            (&[], "©"),
        ] {
            assert_eq!(filled(template, known), expected, "{known:?}");
        }
    }

    #[test]
    fn braces_are_written_twice() {
        assert_eq!(filled("{{{model}}} {{x}}", &[Placeholder::Model]), "{Model} {x}");
        assert_eq!(filled("🤖 { model }", &[Placeholder::Model]), "🤖 Model");
    }

    #[test]
    fn a_template_names_only_what_there_is() {
        for (template, error) in [
            ("{modle}", TemplateError::Unknown("modle".to_owned())),
            ("{}", TemplateError::Unknown(String::new())),
            ("{model", TemplateError::Open),
            ("{model | x}", TemplateError::Open),
            ("model}", TemplateError::Closed),
        ] {
            assert_eq!(template.parse::<Template>(), Err(error), "{template}");
        }
    }

    #[test]
    fn the_words_for_placeholders_are_all_of_them() {
        for (name, _) in Placeholder::ALL {
            assert!(PLACEHOLDERS.contains(&format!("{{{name}}}")), "{name}");
        }
        assert_eq!(PLACEHOLDERS.matches('}').count(), Placeholder::ALL.len());
        assert!(Template::default().to_string().starts_with("{model}"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[{}a |/\\PC]{0,30}") {
            if let Ok(template) = text.parse::<Template>() {
                template.fill(|_| Some(String::new()));
                proptest::prop_assert_eq!(template.to_string(), text);
            }
        }
    }
}
