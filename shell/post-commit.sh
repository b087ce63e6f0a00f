# >>> claude-cost >>>
# Tells claude-cost of the commit just made; it cannot fail the commit, and a binary that is gone is no matter.
# Put here by `claude-cost install git-hook`; `claude-cost uninstall git-hook` takes it away.
if [ -z "${CLAUDE_COST_HOOK-}" ]; then
    CLAUDE_COST_HOOK=1 @CLAUDE_COST@ hook post-commit </dev/null >/dev/null 2>&1 || :
fi
# <<< claude-cost <<<
