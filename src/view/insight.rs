//! Insights in words.

use crate::domain::ratio::Ratio;
use crate::report::insight::Insight;
use crate::view::format;
use crate::view::text;

/// Labels in a sentence are cut here.
const MOST_LABEL_COLUMNS: usize = 60;

/// One sentence, without the user's text escaped for any format.
pub(crate) fn sentence(insight: &Insight) -> String {
    match insight {
        Insight::HighCostEntry { text, cost, share, median } => format!(
            "\u{201c}{}\u{201d} cost {}, {} of the total; the median entry cost {}.",
            label(text),
            format::usd(*cost),
            format::percent(*share),
            format::usd(*median),
        ),
        Insight::CheaperModel { task, model, advised, exchanges, cost, advised_cost, saving } => format!(
            "{} for {task} on {model} cost {}; the same tokens on {advised} cost {}: {} less.",
            format::count(*exchanges, "exchange"),
            format::usd(*cost),
            format::usd(*advised_cost),
            format::usd(*saving),
        ),
        Insight::UnusualRatio { task, ratio, usual_from, usual_to } => format!(
            "{task}: {} tokens out for each token in; {} to {} is usual.",
            format::ratio(*ratio),
            format::ratio(*usual_from),
            format::ratio(*usual_to),
        ),
        Insight::Trend { per_hour, median_per_hour, change, sessions } => format!(
            "An hour cost {}, {} than the median of {} before it in this project ({}).",
            format::usd(*per_hour),
            more_or_less(*change),
            format::count(*sessions as u64, "session"),
            format::usd(*median_per_hour),
        ),
        Insight::EstimateMissed { estimate, actual, change } => {
            format!(
                "It cost {}, {} than the estimate of {}.",
                format::usd(*actual),
                more_or_less(*change),
                format::usd(*estimate)
            )
        }
        Insight::OverBudget { budget, actual } => {
            format!(
                "It cost {}, {} over its budget of {}.",
                format::usd(*actual),
                format::usd(*actual - *budget),
                format::usd(*budget)
            )
        }
        Insight::MostlyEstimated { share } => {
            format!(
                "{} of the cost rests on presets, history or text, not on measured or stated figures.",
                format::percent(*share)
            )
        }
    }
}

fn label(text: &str) -> String {
    text::shortened(&text::single_line(text), MOST_LABEL_COLUMNS)
}

fn more_or_less(change: Ratio) -> String {
    let is_less = change.rounded(3) < 0;
    let share = format::percent(change);
    format!("{} {}", share.trim_start_matches('-'), if is_less { "less" } else { "more" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Usd;

    #[test]
    fn a_trend_says_which_way() {
        let amount = |text: &str| text.parse::<Usd>().unwrap();
        let trend = Insight::Trend {
            per_hour: amount("0.5"),
            median_per_hour: amount("1"),
            change: Ratio::of(-1, 2).unwrap(),
            sessions: 4,
        };
        assert_eq!(
            sentence(&trend),
            "An hour cost $0.5000, 50.0% less than the median of 4 sessions before it in this project ($1.00)."
        );
    }
}
