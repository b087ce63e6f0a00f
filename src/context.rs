//! What is settled before a command starts: the instant, the zone, the paths, the configuration.

use std::cell::RefCell;

use chrono::DateTime;
use chrono::Utc;
use chrono_tz::Tz;

use crate::cli::GlobalArgs;
use crate::config::Config;
use crate::env::Env;
use crate::error::Failure;
use crate::error::HintExt;
use crate::paths::Paths;

#[derive(Debug)]
pub(crate) struct Context {
    /// The one instant of this run; `CLAUDE_COST_NOW` fixes it.
    pub(crate) now: DateTime<Utc>,
    pub(crate) time_zone: Tz,
    pub(crate) paths: Paths,
    pub(crate) config: Config,
    /// The user's editor, as a shell understands it.
    pub(crate) editor: Option<String>,
    /// What went wrong on the side, to be said when the command is done.
    notices: RefCell<Vec<String>>,
}

impl Context {
    pub(crate) fn new(env: &Env, global: &GlobalArgs) -> Result<Self, Failure> {
        let paths = Paths::new(env)?;
        let config = Config::load(env, &paths, &global.config)?;
        Self::with(env, paths, config)
    }

    /// With nothing but defaults, whatever the files say.
    pub(crate) fn without_config(env: &Env) -> Result<Self, Failure> {
        Self::with(env, Paths::new(env)?, Config::default())
    }

    fn with(env: &Env, paths: Paths, config: Config) -> Result<Self, Failure> {
        let time_zone = config.time_zone.unwrap_or_else(|| system_time_zone(env));
        let editor = env.text("VISUAL").or_else(|| env.text("EDITOR")).map(ToOwned::to_owned);
        Ok(Self { now: now(env)?, time_zone, paths, config, editor, notices: RefCell::default() })
    }

    /// Keeps a warning until the command is done; the same one is said once.
    pub(crate) fn notice(&self, warning: String) {
        let mut notices = self.notices.borrow_mut();
        if !notices.contains(&warning) {
            notices.push(warning);
        }
    }

    pub(crate) fn take_notices(&self) -> Vec<String> {
        self.notices.take()
    }
}

/// The clock's in whole milliseconds: what the stores keep, so that an instant equals itself after a round trip.
#[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
fn now(env: &Env) -> Result<DateTime<Utc>, Failure> {
    let Some(text) = env.text("CLAUDE_COST_NOW") else {
        let now = Utc::now();
        return Ok(DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now));
    };
    let instant = DateTime::parse_from_rfc3339(text)
        .map_err(|error| Failure::usage(format!("CLAUDE_COST_NOW is `{text}`: {error}")))
        .hint("give an instant as in 2026-11-23T14:30:00Z")?;
    Ok(instant.to_utc())
}

fn system_time_zone(env: &Env) -> Tz {
    let named = |name: &str| name.trim_start_matches(':').parse::<Tz>().ok();
    env.text("TZ").and_then(named).or_else(|| named(&iana_time_zone::get_timezone().ok()?)).unwrap_or(Tz::UTC)
}
