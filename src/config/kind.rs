//! How a setting's text stands in a TOML file.

use toml::de::DeTable;
use toml::de::DeValue;
use toml_edit::InlineTable;
use toml_edit::Value;

use crate::config::TaskPreset;
use crate::config::value::Refusal;

/// The TOML types a setting may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Boolean,
    /// A number, whose digits are taken as they are written, never through a float; or text, as `"$1,200.50"`.
    Amount,
    /// `{ input = 1500, output = 800 }`
    Preset,
}

impl Kind {
    /// The text that the setting's own parser reads.
    pub(crate) fn text_of(self, value: &DeValue<'_>) -> Result<String, Refusal> {
        match (self, value) {
            (Self::Text | Self::Amount, DeValue::String(text)) => Ok(text.to_string()),
            (Self::Text, _) => Err(Refusal::new(not(value, "text"), "put it between quotes")),
            (Self::Boolean, DeValue::Boolean(boolean)) => Ok(boolean.to_string()),
            (Self::Boolean, _) => Err(Refusal::new(not(value, "true or false"), "write `true` or `false`")),
            (Self::Amount, DeValue::Integer(number)) => Ok(number.to_string()),
            (Self::Amount, DeValue::Float(number)) => Ok(number.to_string()),
            (Self::Amount, _) => Err(Refusal::new(not(value, "a number"), "write it as in `85` or `92.50`")),
            (Self::Preset, DeValue::Table(table)) => preset(table),
            (Self::Preset, _) => Err(Refusal::new(not(value, "a table"), PRESET_HINT)),
        }
    }

    /// The value to write for a text that the setting's own parser has read, which shows it as `canonical`.
    pub(crate) fn to_toml(self, text: &str, canonical: &str) -> Value {
        let preset = |text: &str| {
            let preset = text.parse::<TaskPreset>().ok()?;
            let mut table = InlineTable::new();
            table.insert("input", i64::try_from(preset.input).ok()?.into());
            table.insert("output", i64::try_from(preset.output).ok()?.into());
            Some(Value::InlineTable(table))
        };
        match self {
            Self::Text => text.trim().into(),
            Self::Boolean => (canonical == "true").into(),
            Self::Amount => canonical.parse().unwrap_or_else(|_| canonical.into()),
            Self::Preset => preset(canonical).unwrap_or_else(|| canonical.into()),
        }
    }
}

const PRESET_HINT: &str = "write it as in `{ input = 1500, output = 800 }`";

fn preset(table: &DeTable<'_>) -> Result<String, Refusal> {
    if let Some(name) = table.keys().map(toml::Spanned::get_ref).find(|name| !matches!(&***name, "input" | "output")) {
        return Err(Refusal::new(format!("a preset with the unknown part `{name}`"), PRESET_HINT));
    }
    let count = |name: &str| match table.get(name).map(toml::Spanned::get_ref) {
        Some(DeValue::Integer(number)) => Ok(number.to_string()),
        Some(value) => Err(Refusal::new(format!("a preset whose {name} is {}", not(value, "a number")), PRESET_HINT)),
        None => Err(Refusal::new(format!("a preset without {name}"), PRESET_HINT)),
    };
    Ok(format!("{} {}", count("input")?, count("output")?))
}

/// `an integer, not text`
pub(crate) fn not(value: &DeValue<'_>, wanted: &str) -> String {
    let article = if value.is_integer() || value.is_array() { "an" } else { "a" };
    format!("{article} {}, not {wanted}", value.type_str())
}
