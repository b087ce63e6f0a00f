//! A stretch of history as a person types it for git: `main..feature`, `v1..v2`, `abc123`.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;
use git2::ErrorCode;
use git2::Oid;
use git2::Repository;
use git2::RevparseMode;
use thiserror::Error;

use crate::domain::commit::Commit;
use crate::domain::commit::CommitId;
use crate::source::git::commit_id;
use crate::source::git::open_known;
use crate::source::git::walk::CommitQuery;
use crate::source::git::walk::Walk;
use crate::source::git::walk::is_own;
use crate::source::git::walk::own_addresses;
use crate::source::git::walk::to_commit;

/// The fewest digits of a hash that git takes for one (git-config(1), `core.abbrev`).
const LEAST_DIGITS: usize = 4;

/// What lies in a range, and the commits beside which it was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Range {
    /// All that the query wants, in the range or not, in the order of `commits` but without what they changed. Of copies
    /// of one commit (rebased, cherry-picked), which have one author time, those in the range come first.
    pub(crate) commits: Vec<Commit>,
    /// Those of them that are in the range.
    pub(crate) within: BTreeSet<CommitId>,
    /// How many commits in the range are someone else's.
    pub(crate) others: u64,
    /// The person has commits in the range from before the time that the query wants.
    pub(crate) has_older: bool,
    /// What is committed next will be in the range: it ends with what is checked out.
    pub(crate) is_open: bool,
    /// Objects were missing, so that there may be more.
    pub(crate) is_incomplete: bool,
}

#[derive(Debug, Error)]
pub(crate) enum RangeError {
    #[error("git knows no `{0}` here")]
    Unknown(String),
    #[error("`{0}` may be one of several commits")]
    Ambiguous(String),
    #[error("`{0}` has more than two ends")]
    ManyEnds(String),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// What lies in the range that was typed, else in the history of HEAD. Walks no further back than the query wants.
pub(crate) fn range(root: &Path, query: &CommitQuery<'_>, typed: Option<&str>) -> Result<Range, RangeError> {
    let repository = open_known(root)?;
    let head = repository.head().ok().and_then(|head| head.target());
    let ends = match typed {
        Some(typed) => Some(Ends::parse(&repository, typed)?),
        None => head.map(Ends::UpTo),
    };
    let mut walk = Walk::new(&repository)?;
    for id in ends.iter().flat_map(Ends::ids) {
        walk.push(id)?;
    }
    let walked = walk.run(query.since.timestamp())?;
    let mut within = ends.as_ref().map(|ends| ends.within(&walked.parents)).unwrap_or_default();

    let mut wanted = walked.wanted(&repository, query)?;
    if typed.is_none() {
        // They are in no history any more, and so in that of HEAD as much as in any.
        within.append(&mut wanted.adrift);
    }
    prefer_copies(&mut wanted.commits, &within, &walked.parents);
    let mut range = Range { is_incomplete: walked.is_incomplete, ..Range::default() };
    range.is_open = ends.as_ref().is_none_or(|ends| ends.is_open(head, &within));
    // Older than all that was walked.
    range.has_older = ends.is_some_and(|ends| !walked.parents.contains_key(&ends.last()));
    range.commits = wanted.commits.iter().map(to_commit).collect();
    range.within =
        wanted.commits.iter().map(git2::Commit::id).filter(|id| within.contains(id)).map(commit_id).collect();
    if typed.is_none() {
        range.within.extend(wanted.lost.iter().map(|commit| commit.hash.clone()));
    }
    range.commits.extend(wanted.lost);
    range.commits.sort_by_key(|commit| commit.authored_at);
    let own = own_addresses(&repository)?;
    for id in within.into_iter().filter(|id| !range.within.contains(&commit_id(*id))) {
        let commit = repository.find_commit(id).with_context(|| format!("cannot read commit {id}"))?;
        if is_own(&own, &commit) {
            range.has_older = true;
        } else {
            range.others += 1;
        }
    }
    Ok(range)
}

/// What of history is meant, as gitrevisions(7) has it; but a single commit is that one alone.
#[derive(Debug, Clone, Copy)]
enum Ends {
    UpTo(Oid),
    One(Oid),
    Between { from: Oid, to: Oid },
    Either(Oid, Oid),
}

impl Ends {
    fn parse(repository: &Repository, typed: &str) -> Result<Self, RangeError> {
        let spec = repository.revparse(typed).map_err(|_| unknown(repository, typed))?;
        let commit = |object: Option<&git2::Object<'_>>| {
            let commit = object.and_then(|object| object.peel_to_commit().ok());
            commit.map(|commit| commit.id()).ok_or_else(|| RangeError::Unknown(typed.to_owned()))
        };
        let from = commit(spec.from())?;
        Ok(if spec.mode().contains(RevparseMode::MERGE_BASE) {
            Self::Either(from, commit(spec.to())?)
        } else if spec.mode().contains(RevparseMode::RANGE) {
            Self::Between { from, to: commit(spec.to())? }
        } else {
            Self::One(from)
        })
    }

    fn ids(&self) -> impl Iterator<Item = Oid> + use<> {
        let (first, second) = match *self {
            Self::UpTo(id) | Self::One(id) => (id, None),
            Self::Between { from, to } | Self::Either(from, to) => (to, Some(from)),
        };
        std::iter::once(first).chain(second)
    }

    fn last(&self) -> Oid {
        match *self {
            Self::UpTo(id) | Self::One(id) => id,
            Self::Between { to, .. } | Self::Either(_, to) => to,
        }
    }

    fn within(&self, parents: &BTreeMap<Oid, Vec<Oid>>) -> BTreeSet<Oid> {
        match *self {
            Self::UpTo(id) => reached(parents, id),
            Self::One(id) => parents.keys().copied().filter(|known| *known == id).collect(),
            Self::Between { from, to } => &reached(parents, to) - &reached(parents, from),
            Self::Either(one, other) => &reached(parents, one) ^ &reached(parents, other),
        }
    }

    fn is_open(&self, head: Option<Oid>, within: &BTreeSet<Oid>) -> bool {
        let ends_with = |head| self.last() == head || within.contains(&head);
        !matches!(self, Self::One(_)) && head.is_none_or(ends_with)
    }
}

/// Why git cannot make anything of what was typed. It tells only that, and not of which end.
fn unknown(repository: &Repository, typed: &str) -> RangeError {
    let ends: Vec<&str> = typed.split("..").map(|end| end.trim_start_matches('.')).collect();
    if ends.len() > 2 {
        return RangeError::ManyEnds(typed.to_owned());
    }
    let is_bad = |end: &&&str| !end.is_empty() && repository.revparse_single(end).is_err();
    let bad = ends.iter().find(is_bad).map_or(typed, |end| end);
    // What is too short for a hash is ambiguous to libgit2.
    let may_be_hash = bad.len() >= LEAST_DIGITS && bad.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_ambiguous = repository.revparse_single(bad).is_err_and(|error| error.code() == ErrorCode::Ambiguous);
    if is_ambiguous && may_be_hash {
        RangeError::Ambiguous(bad.to_owned())
    } else {
        RangeError::Unknown(bad.to_owned())
    }
}

/// Of copies of one commit puts those in the range first, into places that copies have. All else keeps its order, for the
/// same commits must have the same places whatever the range.
fn prefer_copies(commits: &mut [git2::Commit<'_>], within: &BTreeSet<Oid>, parents: &BTreeMap<Oid, Vec<Oid>>) {
    let mut copies: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (place, commit) in commits.iter().enumerate() {
        let author = commit.author();
        copies.entry((author.when().seconds(), author.email_bytes().to_vec())).or_default().push(place);
    }
    for places in copies.into_values().filter(|places| places.len() > 1) {
        let ids = places.iter().map(|&place| commits[place].id());
        let (inside, outside): (Vec<Oid>, Vec<Oid>) = ids.partition(|id| within.contains(id));
        // What leads to another is no copy of it, however alike.
        let is_line = inside.iter().any(|&id| !reached(parents, id).is_disjoint(&outside.iter().copied().collect()));
        if is_line {
            continue;
        }
        let mut ordered: Vec<_> = places.iter().map(|&place| commits[place].clone()).collect();
        ordered.sort_by_key(|commit| !within.contains(&commit.id()));
        for (place, commit) in places.into_iter().zip(ordered) {
            commits[place] = commit;
        }
    }
}

/// A commit and all its ancestors, as far as they are known.
fn reached(parents: &BTreeMap<Oid, Vec<Oid>>, from: Oid) -> BTreeSet<Oid> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        if let Some(parents) = parents.get(&id)
            && reached.insert(id)
        {
            open.extend(parents);
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::source::git::fixture::Fixture;
    use crate::source::git::fixture::Node;

    const ANN: &str = "ann@example.com";

    fn found(fixture: &Fixture, since: i64, typed: Option<&str>) -> Result<Range, RangeError> {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        range(&fixture.root(), &CommitQuery { since: at(since), until: at(9_000), noted: &[] }, typed)
    }

    /// Five commits on `main`, of which the second (`v1`) and the fourth (`v2`) have tags and the third is Bob's, and
    /// two on `feature` from the second on.
    fn repository() -> (Fixture, Vec<CommitId>) {
        let fixture = Fixture::new();
        let parents: [&[usize]; 7] = [&[], &[0], &[1], &[2], &[3], &[1], &[5]];
        let nodes: Vec<Node> = parents
            .into_iter()
            .zip([1_000, 1_100, 1_200, 1_300, 1_400, 1_250, 1_350])
            .enumerate()
            .map(|(number, (parents, at))| Node {
                parents: parents.to_vec(),
                authored: at,
                committed: at,
                email: if number == 2 { "bob@x".to_owned() } else { ANN.to_owned() },
            })
            .collect();
        let ids = fixture.import(&nodes);
        fixture.git(&["branch", "main", "tip4"]);
        fixture.git(&["branch", "feature", "tip6"]);
        fixture.git(&["tag", "v1", ids[1].as_str()]);
        fixture.git(&["tag", "-a", "-m", "second", "v2", ids[3].as_str()]);
        (fixture, ids)
    }

    #[test]
    fn a_range_is_what_git_takes_for_one() {
        let (fixture, ids) = repository();
        let short = ids[5].as_str()[..9].to_owned();
        for (typed, within, others, is_open) in [
            (None, &[0, 1, 3, 4][..], 1, true),
            (Some("main..feature"), &[5, 6], 0, false),
            (Some("feature..main"), &[3, 4], 1, true),
            (Some("main...feature"), &[3, 4, 5, 6], 1, true),
            (Some("v1..v2"), &[3], 1, false),
            (Some("v1.."), &[3, 4], 1, true),
            (Some("..feature"), &[5, 6], 0, false),
            (Some("HEAD~2.."), &[3, 4], 0, true),
            (Some("HEAD..HEAD"), &[], 0, true),
            (Some("v2"), &[3], 0, false),
            (Some("HEAD"), &[4], 0, false),
            (Some(short.as_str()), &[5], 0, false),
            (Some("HEAD~2"), &[], 1, false),
        ] {
            let range = found(&fixture, 0, typed).unwrap();
            let expected: BTreeSet<_> = within.iter().map(|&number| ids[number].clone()).collect();
            assert_eq!((&range.within, range.others, range.is_open), (&expected, others, is_open), "{typed:?}");
            let all: Vec<_> = range.commits.iter().map(|commit| &commit.hash).collect();
            assert_eq!(all, [0, 1, 5, 3, 6, 4].map(|number| &ids[number]), "{typed:?}");
            assert!(!range.has_older && !range.is_incomplete, "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_range_is_said_to_be_none() {
        let (fixture, _) = repository();
        fixture.git(&["checkout", "--quiet", "main"]);
        for (typed, unknown) in [
            ("nosuch", "nosuch"),
            ("main..nosuch", "nosuch"),
            ("nosuch..", "nosuch"),
            ("bad..", "bad"),
            ("...bad", "bad"),
            ("..", ".."),
            ("", ""),
            ("HEAD~9", "HEAD~9"),
            ("HEAD:file0", "HEAD:file0"),
            ("-x", "-x"),
        ] {
            let error = found(&fixture, 0, Some(typed)).unwrap_err();
            assert_eq!(error.to_string(), format!("git knows no `{unknown}` here"));
        }
        for typed in ["a..b..c", "main..feature..v1", "main....v1"] {
            let error = found(&fixture, 0, Some(typed)).unwrap_err();
            assert_eq!(error.to_string(), format!("`{typed}` has more than two ends"));
        }
        let error = found(&Fixture::new(), 0, Some("HEAD")).unwrap_err();
        assert!(matches!(error, RangeError::Unknown(_)), "{error}");
        assert_eq!(found(&Fixture::new(), 0, None).unwrap(), Range { is_open: true, ..Range::default() });
    }

    #[test]
    fn a_commit_from_before_the_time_that_is_wanted_is_told_of() {
        let (fixture, ids) = repository();
        for (since, typed, within, has_older) in [
            (1_300, "v1..v2", &[3][..], false),
            (1_301, "v1..v2", &[], true),
            (1_301, "v1..main", &[4], true),
            (2_000, "v1", &[], true),
        ] {
            let range = found(&fixture, since, Some(typed)).unwrap();
            let expected: BTreeSet<_> = within.iter().map(|&number| ids[number].clone()).collect();
            assert_eq!((range.within, range.has_older), (expected, has_older), "{since} {typed}");
        }
        let long: Vec<Node> = (0..200)
            .map(|number: usize| {
                let at = 3_000 + i64::try_from(number).unwrap();
                let parents = number.checked_sub(1).into_iter().collect();
                Node { parents, authored: at, committed: at, email: ANN.to_owned() }
            })
            .collect();
        let fixture = Fixture::new();
        let ids = fixture.import(&long);
        // Further back than a walk goes.
        let range = found(&fixture, 3_199, Some(ids[9].as_str())).unwrap();
        assert!(range.has_older && range.within.is_empty());
    }

    #[test]
    fn of_copies_of_a_commit_the_one_in_the_range_comes_first() {
        let fixture = Fixture::new();
        let node = |parents: &[usize], authored, committed| Node {
            parents: parents.to_vec(),
            authored,
            committed,
            email: ANN.to_owned(),
        };
        let ids = fixture.import(&[node(&[], 1_000, 1_000), node(&[0], 1_100, 1_100), node(&[0], 1_100, 1_200)]);
        for (tip, first) in [("tip1", 1), ("tip2", 2)] {
            let range = found(&fixture, 0, Some(&format!("{tip}~1..{tip}"))).unwrap();
            assert_eq!(range.commits[1].hash, ids[first]);
        }
    }
    #[test]
    fn commits_of_one_second_have_one_order_whatever_the_range() {
        let fixture = Fixture::new();
        let times = [1_000, 1_100, 1_100, 1_100, 1_200];
        let nodes: Vec<Node> = times
            .into_iter()
            .enumerate()
            .map(|(number, at)| Node {
                parents: number.checked_sub(1).into_iter().collect(),
                authored: at,
                committed: at,
                email: ANN.to_owned(),
            })
            .collect();
        let ids = fixture.import(&nodes);
        fixture.git(&["branch", "main", "tip4"]);
        for typed in [None, Some("main~2.."), Some("main~3.."), Some("main~2"), Some("main~4..main~2")] {
            let range = found(&fixture, 0, typed).unwrap();
            let all: Vec<_> = range.commits.into_iter().map(|commit| commit.hash).collect();
            assert_eq!(all, ids, "{typed:?}");
        }
    }
}
