//! A session that is over, as the ledger keeps it: what was used, without its texts.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::domain::event::UsageEvent;
use crate::domain::infra::InfraUse;
use crate::domain::session::SessionId;
use crate::domain::session::journal::Start;

#[derive(Debug, Clone)]
pub(crate) struct PastSession {
    pub(crate) id: SessionId,
    pub(crate) start: Start,
    pub(crate) is_cancelled: bool,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) ended_at: DateTime<Utc>,
    pub(crate) wall: TimeDelta,
    pub(crate) entries: u64,
    pub(crate) events: Vec<UsageEvent>,
    pub(crate) infra: Vec<InfraUse>,
}
