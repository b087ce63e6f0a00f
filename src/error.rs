//! How a command fails: an error, perhaps with a way out, and the exit code that only this file knows.

use std::fmt::Display;
use std::io::ErrorKind;
use std::io::Write as _;
use std::process::ExitCode;

use crate::ui::Ui;

/// 0 done, 1 failed, 2 usage. A closed pipe is 0: `claude-cost … | head` is no mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Failed,
    Usage,
    /// Nothing went wrong and nothing is to be said: the exit code itself is the answer (`status --check`).
    Answer,
}

/// An error on its way to the user.
#[derive(Debug)]
pub(crate) struct Failure {
    error: anyhow::Error,
    hint: Option<String>,
    exit: Exit,
}

impl Failure {
    /// Something typed that cannot be: exit code 2.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self { error: anyhow::anyhow!("{message}"), hint: None, exit: Exit::Usage }
    }

    /// Something that could not be done: exit code 1.
    pub(crate) fn new(message: impl Display) -> Self {
        Self { error: anyhow::anyhow!("{message}"), hint: None, exit: Exit::Failed }
    }

    /// A silent exit code 1, for commands that are asked a yes-or-no question.
    pub(crate) fn no() -> Self {
        Self { error: anyhow::anyhow!("no"), hint: None, exit: Exit::Answer }
    }

    pub(crate) fn with_hint(mut self, hint: impl Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// One thing more to know, after the way out if there is one.
    pub(crate) fn and_hint(mut self, hint: impl Display) -> Self {
        self.hint = Some(self.hint.map_or_else(|| hint.to_string(), |known| format!("{known}; {hint}")));
        self
    }

    pub(crate) fn report(self, ui: &mut Ui) -> ExitCode {
        let is_closed_pipe = |cause: &(dyn std::error::Error + 'static)| {
            cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
        };
        if self.error.chain().any(is_closed_pipe) {
            return ExitCode::SUCCESS;
        }
        if self.exit != Exit::Answer {
            ui.error(&self.message());
            if let Some(hint) = self.hint.as_deref().or_else(|| self.way_out()) {
                ui.hint(hint);
            }
        }
        match self.exit {
            Exit::Usage => ExitCode::from(2),
            Exit::Failed | Exit::Answer => ExitCode::FAILURE,
        }
    }
}

impl Failure {
    pub(crate) fn cause(&self) -> &anyhow::Error {
        &self.error
    }

    /// What helps against faults of the system, whatever the command was.
    fn way_out(&self) -> Option<&'static str> {
        let mut kinds = self.error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
        kinds.find_map(|error| match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Some("free some space there, then type it again; what was recorded before is safe")
            }
            _ => None,
        })
    }

    /// What went wrong, in one line, for commands that go on all the same.
    pub(crate) fn message(&self) -> String {
        format!("{:#}", self.error)
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { error: error.into(), hint: None, exit: Exit::Failed }
    }
}

/// Adds the way out to whatever failed.
pub(crate) trait HintExt<T> {
    fn hint(self, hint: impl Display) -> Result<T, Failure>;
}

impl<T, E: Into<Failure>> HintExt<T> for Result<T, E> {
    fn hint(self, hint: impl Display) -> Result<T, Failure> {
        self.map_err(|error| error.into().with_hint(hint))
    }
}

/// Prints what clap says (help and version are errors to it) and returns its exit code.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Without the flush a full disk behind stdout would go unnoticed.
    let printed = error.print().and_then(|()| std::io::stdout().flush());
    match printed {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(_) if error.exit_code() == 0 => ExitCode::FAILURE,
        _ if error.exit_code() == 0 => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}
