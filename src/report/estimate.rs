//! What text would cost, by file and model.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::estimate::Content;
use crate::domain::estimate::Estimate;
use crate::domain::estimate::Family;
use crate::domain::estimate::Form;
use crate::domain::estimate::Format;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::tokens::TokenUsage;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EstimateReport {
    #[serde(rename = "as")]
    pub(crate) format: Format,
    /// The length of the answer that `with_output` is for.
    pub(crate) output_tokens: Option<u64>,
    /// Each file with each model, as if it were a message of its own.
    pub(crate) rows: Vec<Row>,
    /// One a model.
    pub(crate) totals: Vec<Total>,
    pub(crate) skipped: Skipped,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    pub(crate) file: String,
    #[serde(rename = "as")]
    pub(crate) form: Form,
    pub(crate) model: ModelId,
    pub(crate) estimate: Estimate,
    pub(crate) costs: Costs,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Total {
    pub(crate) files: usize,
    pub(crate) model: ModelId,
    pub(crate) estimate: Estimate,
    pub(crate) costs: Costs,
}

/// `None` where the model has no known price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Costs {
    pub(crate) as_input: Option<Usd>,
    pub(crate) as_output: Option<Usd>,
    /// Of the whole exchange; `None` also when no length of an answer was given.
    pub(crate) with_output: Option<Usd>,
}

/// What was read of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) form: Form,
    pub(crate) content: Content,
}

/// Files of which there is no row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Skipped {
    pub(crate) binary: usize,
    pub(crate) unreadable: usize,
}

/// What is asked of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) format: Format,
    pub(crate) output_tokens: Option<u64>,
    pub(crate) models: Vec<ModelId>,
}

pub(crate) fn build(
    files: &[File],
    skipped: Skipped,
    question: &Question,
    fitted: &dyn Fn(&ModelId, Estimate) -> Estimate,
    dollars: &dyn Fn(&ModelId, &TokenUsage) -> Option<Usd>,
) -> EstimateReport {
    let rows: Vec<Row> = files
        .iter()
        .flat_map(|file| question.models.iter().map(move |model| (file, model)))
        .map(|(file, model)| {
            let (family, calibration) = Family::of(model);
            let estimate = fitted(model, file.content.estimate(file.form, family, calibration));
            // A response has no answer.
            let output_tokens = question.output_tokens.filter(|_| file.form == Form::Prompt);
            let costs = costs(estimate.tokens, output_tokens, &|usage| dollars(model, usage));
            Row { file: file.name.clone(), form: file.form, model: model.clone(), estimate, costs }
        })
        .collect();
    let totals = totals(&rows, &question.models);
    EstimateReport { format: question.format, output_tokens: question.output_tokens, rows, totals, skipped }
}

fn costs(tokens: u64, output_tokens: Option<u64>, dollars: &dyn Fn(&TokenUsage) -> Option<Usd>) -> Costs {
    Costs {
        as_input: dollars(&TokenUsage::new(tokens, 0)),
        as_output: dollars(&TokenUsage::new(0, tokens)),
        with_output: output_tokens.and_then(|output| dollars(&TokenUsage::new(tokens, output))),
    }
}

/// Sums of the rows, in the order in which the models were asked for.
fn totals(rows: &[Row], models: &[ModelId]) -> Vec<Total> {
    let mut by_model: BTreeMap<&ModelId, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_model.entry(&row.model).or_default().push(row);
    }
    let total = |model: &ModelId| {
        let rows = by_model.get(model)?;
        let estimates: Vec<Estimate> = rows.iter().map(|row| row.estimate).collect();
        let sum = |cost: fn(&Costs) -> Option<Usd>| rows.iter().map(|row| cost(&row.costs)).sum();
        let costs = Costs {
            as_input: sum(|costs| costs.as_input),
            as_output: sum(|costs| costs.as_output),
            with_output: sum(|costs| costs.with_output),
        };
        Some(Total { files: rows.len(), model: model.clone(), estimate: Estimate::sum(&estimates)?, costs })
    };
    models.iter().filter_map(total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::estimate::TokenCounter;

    struct Words;

    impl TokenCounter for Words {
        fn for_each_token(&self, text: &str, each: &mut dyn FnMut(&[u8])) {
            text.split_inclusive(' ').for_each(|word| each(word.as_bytes()));
        }
    }

    fn report(files: &[(&str, &str)], models: &[&str], output_tokens: Option<u64>) -> EstimateReport {
        let file = |(name, text): &(&str, &str)| File {
            name: (*name).to_owned(),
            form: Form::Prompt,
            content: Content::of_text(text, &Words),
        };
        let files: Vec<File> = files.iter().map(file).collect();
        let models = models.iter().map(|model| ModelId::new(*model)).collect();
        let question = Question { format: Format::Prompt, output_tokens, models };
        // A dollar a token of input, ten a token of output, and one model without a price.
        let dollars = |model: &ModelId, usage: &TokenUsage| {
            let dollar = 1_000_000_000_000;
            let tokens = i128::from(usage.input + usage.output * 10);
            (model.as_str() != "gpt-5").then(|| Usd::from_pico(tokens * dollar))
        };
        build(&files, Skipped::default(), &question, &|_, estimate| estimate, &dollars)
    }

    #[test]
    fn totals_are_the_sums_of_their_rows() {
        let report =
            report(&[("a", "some words here"), ("b", "and a few more of them")], &["claude-opus-5", "gpt-5"], Some(7));
        assert_eq!(report.rows.len(), 4);
        for total in &report.totals {
            let rows: Vec<&Row> = report.rows.iter().filter(|row| row.model == total.model).collect();
            assert_eq!(total.files, 2);
            assert_eq!(total.estimate.tokens, rows.iter().map(|row| row.estimate.tokens).sum::<u64>());
            assert_eq!(total.costs.as_input, rows.iter().map(|row| row.costs.as_input).sum());
        }
        let claude = &report.totals[0];
        let tokens = claude.estimate.tokens;
        assert_eq!(claude.costs.as_output.unwrap().to_string(), format!("{}.00", tokens * 10));
        assert_eq!(claude.costs.with_output.unwrap().to_string(), format!("{}.00", tokens + 2 * 70));
    }

    #[test]
    fn what_has_no_price_has_no_cost() {
        let report = report(&[("a", "text")], &["gpt-5"], Some(1));
        assert_eq!(report.totals[0].costs, Costs { as_input: None, as_output: None, with_output: None });
    }

    #[test]
    fn without_an_answer_there_is_no_exchange() {
        let report = report(&[("a", "text")], &["claude-opus-5"], None);
        assert_eq!(report.rows[0].costs.with_output, None);
        assert!(report.rows[0].costs.as_input.is_some());
    }
}
