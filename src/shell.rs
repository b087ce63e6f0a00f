//! The scripts of `shell/`, made ready to be evaluated.

use std::path::Path;

use crate::cli::setup::Shell;

/// Stands for the binary's path in each script.
const TOKEN: &str = "@CLAUDE_COST@";

/// What the shell evaluates at its start. Nothing that a user or a repository wrote is part of it.
pub(crate) fn script(shell: Shell, binary: &Path, prompt: bool) -> String {
    let script = match shell {
        Shell::Bash => include_str!("../shell/claude-cost.bash"),
        Shell::Zsh => include_str!("../shell/claude-cost.zsh"),
        Shell::Fish => include_str!("../shell/claude-cost.fish"),
    };
    let mut script = script.replacen(TOKEN, &quoted(shell, &binary.to_string_lossy()), 1);
    if prompt {
        script.push_str("\n__claude_cost_enable_prompt\n");
    }
    script
}

/// `text` as one word that the shell takes literally.
fn quoted(shell: Shell, text: &str) -> String {
    let inner = match shell {
        Shell::Bash | Shell::Zsh => text.replace('\'', r"'\''"),
        // fish knows escapes of these two between single quotes, and no others.
        // https://fishshell.com/docs/current/language.html#quotes
        Shell::Fish => text.replace('\\', r"\\").replace('\'', r"\'"),
    };
    format!("'{inner}'")
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn the_path_is_the_only_thing_put_in() {
        for shell in Shell::value_variants() {
            let script = script(*shell, Path::new("/opt/@CLAUDE_COST@/it's"), false);
            assert_eq!(script.matches(TOKEN).count(), 1, "{shell:?}");
            assert!(!script.contains("\n__claude_cost_enable_prompt\n"), "{shell:?}");
        }
    }

    #[test]
    fn each_shell_is_quoted_its_own_way() {
        for (shell, word) in
            [(Shell::Bash, r"'a'\''\$(b)'"), (Shell::Zsh, r"'a'\''\$(b)'"), (Shell::Fish, r"'a\'\\$(b)'")]
        {
            assert_eq!(quoted(shell, r"a'\$(b)"), word);
        }
    }
}
