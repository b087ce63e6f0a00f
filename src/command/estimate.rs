//! `claude-cost estimate`: what text would cost, before it is sent.

use std::io::ErrorKind;
use std::io::IsTerminal;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::estimate::EstimateArgs;
use crate::command::gather;
use crate::command::gather::calibration::OwnFactors;
use crate::command::gather::typed;
use crate::context::Context;
use crate::domain::estimate::Content;
use crate::domain::estimate::Form;
use crate::domain::estimate::Format;
use crate::domain::model::ModelId;
use crate::domain::price::PriceBook;
use crate::domain::price::Terms;
use crate::error::Failure;
use crate::error::HintExt;
use crate::report;
use crate::report::estimate::File;
use crate::report::estimate::Question;
use crate::report::estimate::Skipped;
use crate::source::message;
use crate::source::text;
use crate::source::text::Input;
use crate::source::tokenizer::Cl100k;
use crate::ui::Ui;
use crate::view;
use crate::view::format;

const MESSAGE_HINT: &str = "give JSON as the Messages API has it: {\"role\": \"user\", \"content\": …}, a response, an array of \
     messages, or a request with `messages`";

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &EstimateArgs) -> Result<(), Failure> {
    if args.format == Format::Response && args.output.is_some() {
        return Err(Failure::usage("a response has no answer, so `--output` says nothing")
            .with_hint("leave out `--output`, or `--as response`"));
    }
    let prices = gather::price_book(ctx)?;
    let question = Question {
        format: args.format,
        output_tokens: args.output.map(|count| count.0),
        models: models(ctx, &prices, &args.model)?,
    };
    let (inputs, unreadable) = inputs(&ctx.paths.directory, &args.files)?;
    let (files, skipped) = read(ui, &inputs, args.format, unreadable)?;
    // A script's standard input is often an empty one, and then a name was forgotten.
    if args.files.is_empty() && files.iter().all(|file| file.content == Content::default()) {
        return Err(nothing());
    }

    let own = OwnFactors::load(ctx);
    let fitted = |model: &ModelId, estimate| own.applied(model, estimate);
    let report = report::estimate::build(&files, skipped, &question, &fitted, &|model, usage| {
        Some(prices.cost_of(model, ctx.now, usage, &Terms::default())?.total())
    });

    if args.json {
        ui.data(&view::json::pretty(&report)?)
    } else {
        ui.data(&view::estimate::table(&report, ui.style()))
    }
}

/// The models that were typed, each once, else the configured one.
fn models(ctx: &Context, prices: &PriceBook, typed: &[String]) -> Result<Vec<ModelId>, Failure> {
    let own = std::slice::from_ref(&ctx.config.model);
    let mut models: Vec<ModelId> = Vec::new();
    for name in if typed.is_empty() { own } else { typed } {
        let model = typed::model(ctx, prices, name, ctx.now)?;
        if !models.contains(&model) {
            models.push(model);
        }
    }
    Ok(models)
}

/// What is to be read, directories replaced by their files, and what could not be listed.
fn inputs(here: &Path, named: &[PathBuf]) -> Result<(Vec<Input>, Vec<anyhow::Error>), Failure> {
    if named.is_empty() {
        if std::io::stdin().is_terminal() {
            return Err(nothing());
        }
        return Ok((vec![Input::StandardInput], Vec::new()));
    }
    let mut inputs = Vec::new();
    let mut unreadable = Vec::new();
    for path in named {
        if path == Path::new("-") {
            inputs.push(Input::StandardInput);
            continue;
        }
        let metadata = fs_err::metadata(path).map_err(|error| unreachable(path, error))?;
        if metadata.is_dir() {
            let (files, errors) = text::files(path)?;
            inputs.extend(files.into_iter().map(|file| Input::File(shortened(here, file))));
            unreadable.extend(errors);
        } else {
            inputs.push(Input::File(path.clone()));
        }
    }
    Ok((inputs, unreadable))
}

fn nothing() -> Failure {
    Failure::usage("nothing to estimate")
        .with_hint("name a file or a directory, or pipe text in: git diff | claude-cost estimate")
}

fn unreachable(path: &Path, error: std::io::Error) -> Failure {
    let failure = match error.kind() {
        ErrorKind::NotFound => Failure::new(format!("there is no file `{}`", path.display())),
        _ => Failure::from(error),
    };
    failure.with_hint("check the path; `-` is standard input")
}

/// The path from `here` if it lies below.
fn shortened(here: &Path, path: PathBuf) -> PathBuf {
    let short = path.strip_prefix(here).or_else(|_| path.strip_prefix("."));
    short.map(Path::to_owned).unwrap_or(path)
}

fn read(
    ui: &mut Ui,
    inputs: &[Input],
    format: Format,
    mut unreadable: Vec<anyhow::Error>,
) -> Result<(Vec<File>, Skipped), Failure> {
    let progress = ui.progress(inputs.len());
    let contents = count(inputs, format, &|| progress.advance());
    progress.finish();

    let mut files = Vec::new();
    let mut binary = 0;
    for (input, content) in inputs.iter().zip(contents) {
        match content {
            Ok(Some((form, content))) => files.push(File { name: input.to_string(), form, content }),
            Ok(None) => binary += 1,
            Err(error) => unreadable.push(error),
        }
    }
    let skipped = Skipped { binary, unreadable: unreadable.len() };
    if binary > 0 {
        ui.warning(&format!("{} left out", format::count(binary as u64, "binary file")));
    }
    if files.is_empty() && unreadable.len() == 1 && format == Format::Message {
        return Err(unreadable.remove(0)).hint(MESSAGE_HINT);
    }
    if let Some(first) = unreadable.first() {
        ui.warning(&format!(
            "{} left out, the first: {first:#}",
            format::count(unreadable.len() as u64, "unreadable file")
        ));
    }
    if files.is_empty() {
        let hint = if format == Format::Message { MESSAGE_HINT } else { "name a text file, or a directory with some" };
        return Err(Failure::new("there is no text to estimate").with_hint(hint));
    }
    Ok((files, skipped))
}

/// What each input is to the model, and what it holds; `None` for a binary one.
fn count(
    inputs: &[Input],
    format: Format,
    on_done: &(dyn Fn() + Sync),
) -> Vec<anyhow::Result<Option<(Form, Content)>>> {
    let form = match format {
        Format::Prompt => Form::Prompt,
        Format::Response => Form::Response,
        Format::Message => {
            let messages = message::count_all(inputs, &Cl100k, on_done);
            return messages.into_iter().map(|message| message.map(|it| Some((it.form, it.content)))).collect();
        }
    };
    let contents = text::count_all(inputs, &Cl100k, on_done);
    contents.into_iter().map(|content| Ok(content?.map(|content| (form, content)))).collect()
}
