//! `prices`: what models cost, and the user's say in it.

use std::path::PathBuf;

use crate::cli::prices::PricesAction;
use crate::cli::prices::PricesArgs;
use crate::cli::prices::PricesListArgs;
use crate::cli::prices::PricesSetArgs;
use crate::cli::prices::PricesShowArgs;
use crate::command::gather::own_file;
use crate::context::Context;
use crate::domain::model::ModelId;
use crate::domain::model::Region;
use crate::domain::price::ModelPrice;
use crate::domain::price::Period;
use crate::domain::price::PriceBook;
use crate::domain::price::PriceList;
use crate::domain::price::Rates;
use crate::domain::price::Revision;
use crate::domain::price::Rule;
use crate::domain::price::Since;
use crate::error::Failure;
use crate::error::HintExt;
use crate::report;
use crate::source;
use crate::source::prices::litellm;
use crate::store;
use crate::ui::Ui;
use crate::view;
use crate::view::format;
use crate::view::text;

/// How many unreadable rows a warning names.
const MOST_NAMED: usize = 3;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: PricesArgs) -> Result<(), Failure> {
    match args.action {
        PricesAction::List(args) => list(ctx, ui, &Prices::open(ctx)?, &args),
        PricesAction::Show(args) => show(ctx, ui, &Prices::open(ctx)?, &args),
        PricesAction::Set(args) => set(ctx, ui, &args),
        PricesAction::Remove { model } => remove(ctx, ui, &model),
        PricesAction::Import { file } => {
            let text = fs_err::read_to_string(ctx.paths.directory.join(file))?;
            import(ctx, ui, &text)
        }
        #[cfg(feature = "net")]
        PricesAction::Update { url } => {
            let url = url.as_deref().unwrap_or(source::prices::download::LITELLM);
            let text = source::prices::download::fetch(url)
                .hint("without a network, claude-cost prices import FILE reads a file that you have")?;
            import(ctx, ui, &text)
        }
    }
}

/// The book, and the user's file that is part of it.
struct Prices {
    book: PriceBook,
    own: PriceList,
    path: PathBuf,
}

impl Prices {
    fn open(ctx: &Context) -> Result<Self, Failure> {
        let path = ctx.paths.prices_file();
        let own =
            source::prices::load_own(&path).hint("mend the file, or move it away to go back to the built-in prices")?;
        Ok(Self { book: source::prices::built_in().overlaid(own.clone()), own, path })
    }

    /// Keeps rows in the user's file, each in the place of the one of the same id.
    fn save(mut self, rows: Vec<ModelPrice>) -> Result<(), Failure> {
        for row in rows {
            self.own.models.retain(|known| known.id != row.id);
            self.own.models.push(row);
        }
        self.own.models.sort_by(|a, b| a.id.cmp(&b.id));
        store::fs::write_atomic(&self.path, source::prices::to_text(&self.own)?.as_bytes())?;
        Ok(())
    }

    /// The row that a price of `name` belongs to: a known model under any of its names, as long as the name does not
    /// speak of a region or mode, whose price would be another.
    fn row_of(&self, name: &str) -> Option<&ModelPrice> {
        let found = self.book.resolve(&ModelId::new(name))?;
        let is_plain = found.region == Region::Global && !found.is_fast && found.rule != Rule::Local;
        is_plain.then_some(found.model)
    }
}

fn list(ctx: &Context, ui: &mut Ui, prices: &Prices, args: &PricesListArgs) -> Result<(), Failure> {
    let rows = report::price::list(&prices.book, args.filter.as_deref(), args.vendor.as_deref(), ctx.now);
    let items: Vec<_> = prices.book.infra_items().collect();

    match (args.infra, args.json) {
        (true, true) => ui.data(&view::json::pretty(&items)?),
        (true, false) => ui.data(&view::price::infra(&items, ui.style())),
        (false, true) => ui.data(&view::json::pretty(&rows)?),
        (false, false) if rows.is_empty() => Err(Failure::new("no model matches")
            .with_hint("claude-cost prices list shows all; claude-cost prices set adds one")),
        (false, false) => {
            ui.data(&view::price::list(&rows, ui.style()))?;
            if let Some(day) = prices.book.gathered() {
                ui.status(&format!(
                    "the built-in prices are as of {day}; claude-cost prices show MODEL tells all of one"
                ));
            }
            Ok(())
        }
    }
}

fn show(ctx: &Context, ui: &mut Ui, prices: &Prices, args: &PricesShowArgs) -> Result<(), Failure> {
    let name = args.model.as_str();
    if let Some(item) = prices.book.infra(name) {
        let text = if args.json { view::json::pretty(item)? } else { view::price::infra(&[item], ui.style()) };
        return ui.data(&text);
    }
    let Some(detail) = report::price::detail(&prices.book, name, ctx.now) else {
        return Err(unknown(&prices.book, name));
    };

    if args.json { ui.data(&view::json::pretty(&detail)?) } else { ui.data(&view::price::show(&detail, ui.style())) }
}

fn unknown(book: &PriceBook, name: &str) -> Failure {
    let close = report::price::suggestions(book, name);
    let meant = if close.is_empty() { String::new() } else { format!("did you mean {}? if not, ", close.join(" or ")) };
    Failure::new(format!("no price is known for `{name}`"))
        .with_hint(format!("{meant}state it: claude-cost prices set {name} --input USD --output USD"))
}

fn set(ctx: &Context, ui: &mut Ui, args: &PricesSetArgs) -> Result<(), Failure> {
    let name = args.model.trim();
    if name.is_empty() || name.chars().any(|char| char.is_whitespace() || text::is_harmful(char)) {
        return Err(
            Failure::usage(format!("`{name}` is not the name of a model")).with_hint("write it as in the transcript")
        );
    }
    let _lock = own_file::lock(&ctx.paths)?;
    let prices = Prices::open(ctx)?;
    let known = prices.row_of(name);
    let stated = Rates {
        cache_write_5m: args.cache_write_5m,
        cache_write_1h: args.cache_write_1h,
        cache_read: args.cache_read,
        ..Rates::new(args.input, args.output)
    };
    let from = args.from.map(Into::into);
    let at = args.from.map_or(ctx.now, |day| Since::from(day).instant());
    let current = known.and_then(|row| row.period_at(at)).map(|period| period.rates);
    let rates = current.map_or(stated, |current| current.overlaid(stated));
    let period = Period { from, ..Period::always(rates) };

    let mut row = known.cloned().unwrap_or_else(|| ModelPrice::new(name, "", period.clone()));
    match from {
        Some(_) if known.is_some() => row.put(period),
        _ => row.periods = vec![period],
    }
    row.source = format!("set by hand on {}", ctx.now.with_timezone(&ctx.time_zone).date_naive());
    (row.confidence, row.note) = (None, None);
    let id = row.id.clone();
    prices.save(vec![row])?;

    let since = args.from.map(|day| format!(" from {day}")).unwrap_or_default();
    ui.status(&format!("{id} costs ${} in and ${} out a million tokens{since}", rates.input, rates.output));
    Ok(())
}

fn remove(ctx: &Context, ui: &mut Ui, name: &str) -> Result<(), Failure> {
    let _lock = own_file::lock(&ctx.paths)?;
    let mut prices = Prices::open(ctx)?;
    let id = prices.row_of(name).map_or(name, |row| row.id.as_str()).to_owned();
    let before = prices.own.models.len();
    prices.own.models.retain(|row| row.id != id && row.id != name);
    if prices.own.models.len() == before {
        return Err(Failure::new(format!("`{name}` has no price of your own"))
            .with_hint("claude-cost prices list marks those that are yours"));
    }
    prices.save(Vec::new())?;

    let is_built_in = source::prices::built_in().models().iter().any(|row| row.id == id);
    let now = if is_built_in { "the built-in price holds again" } else { "it has no price now" };
    ui.status(&format!("removed your price of {id}; {now}"));
    Ok(())
}

fn import(ctx: &Context, ui: &mut Ui, text: &str) -> Result<(), Failure> {
    let import = litellm::read(text).hint("the format is that of LiteLLM's model_prices_and_context_window.json")?;
    warn_of(ui, &import.bad);

    let _lock = own_file::lock(&ctx.paths)?;
    let prices = Prices::open(ctx)?;
    let revision = Revision::of(&prices.book, import.rows, ctx.now);
    let (changed, path) = (revision.rows.len(), prices.path.clone());
    if changed > 0 {
        prices.save(revision.rows)?;
        ui.data(&view::price::changes(&revision.changes, ui.style()))?;
        ui.status(&format!(
            "{} from now on, in {}",
            prices_of(changed, "new or changed price", "holds", "hold"),
            path.display()
        ));
    }
    ui.status(&format!(
        "{}; {}",
        prices_of(revision.unchanged, "price", "is as it was", "are as they were"),
        prices_of(import.left_out, "row", "was left out", "were left out")
    ));
    Ok(())
}

/// `1 price holds`, `2 prices hold`
fn prices_of(count: usize, noun: &str, one: &str, many: &str) -> String {
    let verb = if count == 1 { one } else { many };
    format!("{} {verb}", format::count(count as u64, noun))
}

fn warn_of(ui: &mut Ui, bad: &[(String, String)]) {
    if bad.is_empty() {
        return;
    }
    let named: Vec<_> =
        bad.iter().take(MOST_NAMED).map(|(name, why)| format!("{} ({why})", text::single_line(name))).collect();
    let more = if bad.len() > MOST_NAMED { " …" } else { "" };
    let rows = if bad.len() == 1 { "row" } else { "rows" };
    ui.warning(&format!("{} {rows} could not be read: {}{more}", bad.len(), named.join(", ")));
}
