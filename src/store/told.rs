//! What a person has been told already, so that nothing is said twice and nothing never.

use std::path::Path;

use crate::store::fs::write_atomic;

const FILE: &str = "unreadable-lines";

/// How many of the lines that could not be read nobody was told of yet. To be given them is to tell of them.
pub(crate) fn untold(data: &Path, lines: u64) -> anyhow::Result<u64> {
    let path = data.join(FILE);
    let told = fs_err::read_to_string(&path).ok().and_then(|told| told.trim().parse().ok()).unwrap_or(0);
    if lines != told {
        write_atomic(&path, format!("{lines}\n").as_bytes())?;
    }
    Ok(lines.saturating_sub(told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_told_of_once() {
        let data = tempfile::tempdir().unwrap();
        for (lines, new) in [(0, 0), (3, 3), (3, 0), (5, 2), (1, 0), (2, 1)] {
            assert_eq!(untold(data.path(), lines).unwrap(), new, "{lines}");
        }
        assert!(untold(&data.path().join("nowhere"), 0).is_ok());
    }
}
