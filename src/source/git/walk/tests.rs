//! Histories with crooked clocks, several tips and holes, and a naive walk to compare with.

use proptest::prelude::*;

use super::*;
use crate::source::git::fixture::Fixture;
use crate::source::git::fixture::Node;

const ANN: &str = "ann@example.com";

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn found(fixture: &Fixture, since: i64, until: i64, noted: &[CommitId]) -> Commits {
    let noted: Vec<_> = noted.iter().map(|hash| NotedCommit { at: at(until), hash: hash.clone() }).collect();
    let query = CommitQuery { since: at(since), until: at(until), noted: &noted };
    commits(&fixture.root(), &query).unwrap()
}

fn hashes(commits: &Commits) -> Vec<CommitId> {
    commits.commits.iter().map(|commit| commit.hash.clone()).collect()
}

fn node(parents: &[usize], authored: i64, committed: i64, email: &str) -> Node {
    Node { parents: parents.to_vec(), authored, committed, email: email.to_owned() }
}

/// A line of commits, one a second.
fn line(length: usize) -> Vec<Node> {
    let seconds = |number: usize| 1_000 + i64::try_from(number).unwrap();
    let parent = |number: usize| number.checked_sub(1).into_iter().collect();
    (0..length)
        .map(|number| Node {
            parents: parent(number),
            authored: seconds(number),
            committed: seconds(number),
            email: ANN.to_owned(),
        })
        .collect()
}

#[test]
fn a_commit_in_the_second_of_the_start_belongs() {
    let fixture = Fixture::new();
    let commit = fixture.commit("a", "a", 100);
    let half = chrono::TimeDelta::try_milliseconds(500).unwrap();
    let query = CommitQuery { since: at(100) + half, until: at(200), noted: &[] };
    let found = commits(&fixture.root(), &query).unwrap();
    assert_eq!(found.commits.iter().map(|commit| &commit.hash).collect::<Vec<_>>(), [&commit]);
}

#[test]
fn a_commit_tells_what_it_changed() {
    let fixture = Fixture::new();
    fixture.commit("a.txt", "one\ntwo\n", 1_000);
    let id = fixture.commit("a.txt", "two\nthree\nfour\n", 2_000);
    let found = found(&fixture, 1_500, 2_000, &[]);
    let expected = Commit {
        hash: id,
        authored_at: at(2_000),
        subject: "Change a.txt".to_owned(),
        author: "Ann".to_owned(),
        changes: Some(Changes { files: 1, insertions: 2, deletions: 1 }),
        is_merge: false,
    };
    assert_eq!(found, Commits { commits: vec![expected], is_incomplete: false });
}

#[test]
fn the_first_commit_adds_all_its_lines() {
    let fixture = Fixture::new();
    fixture.commit("a.txt", "one\ntwo\n", 1_000);
    let changes = found(&fixture, 0, 1_000, &[]).commits[0].changes;
    assert_eq!(changes, Some(Changes { files: 1, insertions: 2, deletions: 0 }));
}

#[test]
fn both_ends_of_the_time_belong_to_it() {
    let fixture = Fixture::new();
    let ids = fixture.import(&line(5));
    assert_eq!(hashes(&found(&fixture, 1_001, 1_003, &[])), ids[1..=3]);
}

#[test]
fn there_are_none_before_the_first_commit() {
    assert_eq!(found(&Fixture::new(), 0, 5_000, &[]), Commits::default());
}

#[test]
fn all_branches_count_and_those_that_linked_work_trees_have_checked_out() {
    let fixture = Fixture::new();
    let first = fixture.commit("a", "", 1_000);
    fixture.git(&["switch", "--quiet", "-c", "topic"]);
    let topic = fixture.commit("b", "", 1_001);
    fixture.git(&["worktree", "add", "--quiet", "--detach", "../outside/linked", "main"]);
    let tree = fixture.git(&["rev-parse", "main^{tree}"]);
    let detached = fixture.git(&["-C", "../outside/linked", "commit-tree", &tree, "-p", "main", "-m", "Detached"]);
    fixture.git(&["-C", "../outside/linked", "checkout", "--quiet", &detached]);
    fixture.git(&["switch", "--quiet", "main"]);

    let expected = [first, topic, detached.parse().unwrap()];
    let latest = i64::from(u32::MAX);
    assert_eq!(hashes(&found(&fixture, 0, latest, &[])), expected);
    let query = CommitQuery { since: at(0), until: at(latest), noted: &[] };
    let from_linked = commits(&fixture.outside().join("linked"), &query).unwrap();
    assert_eq!(hashes(&from_linked), expected);
}

#[test]
fn only_the_persons_own_commits_count_whatever_the_case_of_the_address() {
    let fixture = Fixture::new();
    let nodes =
        [node(&[], 1_000, 1_000, "Ann@Example.COM"), node(&[0], 1_001, 1_001, "bob@x"), node(&[1], 1_002, 1_002, ANN)];
    let ids = fixture.import(&nodes);
    assert_eq!(hashes(&found(&fixture, 0, 5_000, &[])), [ids[0].clone(), ids[2].clone()]);
    assert_eq!(hashes(&found(&fixture, 0, 5_000, &ids[1..2])), ids);
    fixture.git(&["config", "author.email", "bob@x"]);
    assert_eq!(hashes(&found(&fixture, 0, 5_000, &[])), ids);
}

#[test]
fn everybody_counts_where_no_address_is_configured() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    let repository = Repository::open(fixture.root()).unwrap();
    let commit = repository.head().unwrap().peel_to_commit().unwrap();
    assert!(is_own(&[], &commit));
    assert!(!is_own(&["bob@x".to_owned()], &commit));
}

#[test]
fn work_that_was_only_copied_meanwhile_does_not_count_unless_the_hook_saw_it() {
    let fixture = Fixture::new();
    let ids = fixture.import(&[node(&[], 1_000, 1_000, ANN), node(&[0], 1_001, 9_000, ANN)]);
    assert_eq!(hashes(&found(&fixture, 8_000, 10_000, &[])), []);
    assert_eq!(hashes(&found(&fixture, 8_000, 10_000, &ids[1..])), ids[1..]);
}

#[test]
fn noted_commits_stay_when_no_branch_leads_to_them_any_more() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    // Two of one second, one after the other.
    let first = fixture.commit("b", "1\n", 1_001);
    let second = fixture.commit("b", "2\n", 1_001);
    fixture.git(&["reset", "--quiet", "--hard", "HEAD~2"]);
    let squashed = fixture.commit("b", "2\n", 1_002);
    let noted = [first.clone(), second.clone()];
    assert_eq!(hashes(&found(&fixture, 1_001, 5_000, &noted)), [first, second, squashed.clone()]);
    assert_eq!(found(&fixture, 1_001, 5_000, &noted).commits[0].changes.unwrap().insertions, 1);
    assert_eq!(hashes(&found(&fixture, 1_001, 5_000, &[])), [squashed]);
}

#[test]
fn of_what_was_amended_or_rebased_the_copy_stands() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    let first = fixture.commit("b", "", 1_001);
    fixture.git(&["commit", "--quiet", "--amend", "-m", "Better said"]);
    let amended = fixture.id("HEAD");
    let noted = [first, amended.clone()];
    let expected = [amended];
    assert_eq!(hashes(&found(&fixture, 1_001, 5_000, &noted)), expected);
    // Neither has a branch: the last one stands.
    fixture.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    assert_eq!(hashes(&found(&fixture, 1_001, 5_000, &noted)), expected);
}

#[test]
fn a_noted_commit_that_git_has_no_more_keeps_its_hash_and_time() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    let gone: CommitId = "1".repeat(40).parse().unwrap();
    let found = found(&fixture, 1_000, 5_000, &[gone.clone(), gone.clone()]);
    assert_eq!(found.commits.len(), 2);
    let lost = &found.commits[1];
    assert_eq!((&lost.hash, lost.authored_at, lost.subject.as_str(), lost.changes), (&gone, at(5_000), "", None));
    assert!(!found.is_incomplete);
}

#[test]
fn a_merge_is_compared_with_its_first_parent() {
    let fixture = Fixture::new();
    let nodes = [node(&[], 1_000, 1_000, ANN), node(&[0], 1_001, 1_001, ANN), node(&[0, 1], 1_002, 1_002, ANN)];
    fixture.import(&nodes);
    let merge = found(&fixture, 1_002, 1_002, &[]).commits.remove(0);
    assert!(merge.is_merge);
    assert_eq!(merge.changes.unwrap().files, 1);
}

#[test]
fn parents_come_before_children_of_the_same_second() {
    let fixture = Fixture::new();
    let mut nodes = line(30);
    for node in &mut nodes {
        (node.authored, node.committed) = (1_000, 1_000);
    }
    let ids = fixture.import(&nodes);
    assert_eq!(hashes(&found(&fixture, 1_000, 1_000, &[])), ids);
}

#[test]
fn the_walk_ends_soon_after_the_time_looked_for() {
    let fixture = Fixture::new();
    let ids = fixture.import(&line(200));
    let repository = Repository::open(fixture.root()).unwrap();
    let walked = Walk::new(&repository).unwrap().run(1_190).unwrap();
    assert_eq!(walked.parents.len(), 10 + SLOP);
    assert_eq!(hashes(&found(&fixture, 1_190, 2_000, &[])), ids[190..]);
}

#[test]
fn a_clock_that_was_wrong_for_a_while_hides_nothing() {
    let fixture = Fixture::new();
    let mut nodes = line(60);
    for node in &mut nodes[20..=60 - 1 - 5] {
        node.committed = 0;
    }
    let ids = fixture.import(&nodes);
    let found = hashes(&found(&fixture, 1_010, 2_000, &[]));
    assert_eq!(found, ids[10..]);
}

#[test]
fn a_shallow_clone_is_complete_and_its_edge_has_no_changes() {
    let fixture = Fixture::new();
    fixture.import(&line(5));
    fixture.git(&["branch", "-f", "main", "tip4"]);
    let source = format!("file://{}", fixture.root().display());
    fixture.git(&["clone", "--quiet", "--depth=2", "--branch=main", &source, "../outside/shallow"]);
    fixture.git(&["-C", "../outside/shallow", "config", "user.email", ANN]);
    let query = CommitQuery { since: at(0), until: at(5_000), noted: &[] };
    let found = commits(&fixture.outside().join("shallow"), &query).unwrap();
    assert!(!found.is_incomplete);
    let changes: Vec<_> = found.commits.iter().map(|commit| commit.changes.map(|changes| changes.files)).collect();
    assert_eq!(changes, [None, Some(1)]);
}

#[test]
fn a_missing_parent_makes_the_list_incomplete() {
    let fixture = Fixture::new();
    let first = fixture.commit("a", "", 1_000);
    let second = fixture.commit("b", "", 1_001);
    let (directory, file) = first.as_str().split_at(2);
    fs_err::remove_file(fixture.root().join(".git/objects").join(directory).join(file)).unwrap();
    let found = found(&fixture, 0, 5_000, &[]);
    assert!(found.is_incomplete);
    assert_eq!(hashes(&found), [second]);
    assert_eq!(found.commits[0].changes, None);
}

#[test]
fn a_repository_that_is_gone_is_an_error() {
    let fixture = Fixture::new();
    let query = CommitQuery { since: at(0), until: at(1), noted: &[] };
    let error = commits(&fixture.outside(), &query).unwrap_err().to_string();
    assert!(error.ends_with("is no longer a git repository"), "{error}");
}

/// Commits whose parents are earlier ones, with times in any order.
fn histories() -> impl Strategy<Value = Vec<Node>> {
    let commit = (proptest::collection::vec(any::<prop::sample::Index>(), 0..3), 0_i64..100, 0_i64..100, any::<bool>());
    proptest::collection::vec(commit, 1..25).prop_map(|commits| {
        let nodes = commits.into_iter().enumerate().map(|(number, (parents, authored, committed, is_own))| {
            let mut parents: Vec<usize> =
                if number == 0 { Vec::new() } else { parents.iter().map(|parent| parent.index(number)).collect() };
            parents.sort_unstable();
            parents.dedup();
            Node { parents, authored, committed, email: if is_own { ANN.to_owned() } else { "bob@x".to_owned() } }
        });
        nodes.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Histories no longer than the slop are walked whole, whatever their clocks say.
    #[test]
    fn finds_what_a_full_walk_finds(nodes in histories(), since in 0_i64..100, length in 0_i64..100) {
        let fixture = Fixture::new();
        let ids = fixture.import(&nodes);
        let found = found(&fixture, since, since + length, &[]);

        let wanted = |node: &Node| node.email == ANN && (since..=since + length).contains(&node.authored);
        let mut expected: Vec<_> = nodes.iter().zip(&ids).filter(|(node, _)| wanted(node)).map(|(_, id)| id).collect();
        let mut listed = hashes(&found);
        let position = |id: &CommitId| ids.iter().position(|other| other == id).unwrap();
        for (earlier, later) in listed.iter().zip(listed.iter().skip(1)) {
            let (earlier, later) = (position(earlier), position(later));
            prop_assert!(nodes[earlier].authored <= nodes[later].authored);
            prop_assert!(
                nodes[earlier].authored < nodes[later].authored || !nodes[earlier].parents.contains(&later)
            );
        }
        expected.sort();
        listed.sort();
        prop_assert_eq!(listed.iter().collect::<Vec<_>>(), expected);
        prop_assert!(!found.is_incomplete);
    }
}
