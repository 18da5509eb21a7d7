//! A process that is killed in the middle: what it acknowledged is there, exactly once, also when it comes again.

use std::{
    collections::BTreeMap,
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::Path as Directory,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use lwm2m_codec::Path;
use store::{
    Outcome, Reported,
    history::{History, Order},
};

use crate::fixture::{NOON, all, at, delivery, everything, of, open, tend, text};

/// Tells the test that is started again as a process of its own where to write, and from which number on.
const DIRECTORY: &str = "HISTORY_CRASH_DIRECTORY";
const FIRST: &str = "HISTORY_CRASH_FIRST";

const ROUNDS: u16 = 6;
const BATCH: u16 = 5;

/// The value is its own number, so that each is told from all others.
fn numbered(number: u16) -> Reported {
    Reported {
        delivery: delivery(number),
        ..text("a", Path::resource(3303, number % 3, 5700), NOON + u64::from(number), number.into())
    }
}

fn batch(first: u16) -> Vec<Arc<Reported>> {
    (first..first + BATCH).map(|number| Arc::new(numbered(number))).collect()
}

/// Does nothing unless it was started by the test below: then it writes until it is killed.
#[test]
fn write_until_killed() {
    let (Ok(directory), Ok(first)) = (env::var(DIRECTORY), env::var(FIRST)) else { return };
    let mut next: u16 = first.parse().expect("a number");
    let mut history = open(Directory::new(&directory), NOON);
    loop {
        let acknowledged = history.append(&batch(next));
        assert!(
            !acknowledged.iter().any(|outcome| matches!(outcome, Outcome::Failed(_))),
            "{acknowledged:?}"
        );
        let mut told = std::io::stdout().lock();
        writeln!(told, "acknowledged {next}").and_then(|()| told.flush()).expect("the test listens");
        next += BATCH;
        let _ = history.tend(at(NOON));
    }
}

fn start(directory: &Directory, first: u16) -> Child {
    Command::new(env::current_exe().expect("this program"))
        .args(["--exact", "crash::write_until_killed", "--nocapture"])
        .env(DIRECTORY, directory)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts")
}

/// The number of the last batch that was acknowledged before the process was killed.
fn kill_after(mut child: Child, acknowledgements: u16) -> u16 {
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut last = None;
    let read = |line: String| Some(line.split_once("acknowledged ")?.1.parse::<u16>().expect("a number"));
    for _ in 0..acknowledgements {
        last = lines.by_ref().map(|line| line.expect("readable")).find_map(read);
    }
    child.kill().expect("it runs");
    child.wait().expect("it is over");
    // What it had told before it was killed.
    lines.map_while(Result::ok).filter_map(read).last().or(last).expect("it acknowledged something")
}

#[test]
fn what_was_acknowledged_before_a_crash_is_there_exactly_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut next = 1;
    for round in 0..ROUNDS {
        let acknowledged = kill_after(start(directory.path(), next), 3 + round * 7);
        next = acknowledged + BATCH;
        let mut history = open(directory.path(), NOON);
        // Its acknowledgement may have been lost, and so may the one of a batch that nobody heard of.
        let again = history.append(&batch(acknowledged));
        assert_eq!(again, vec![Outcome::Known; usize::from(BATCH)]);
        history.append(&batch(next));
        next += BATCH;
        check(&mut history, next);
    }
}

/// All numbers below `next` are there once.
fn check(history: &mut History, next: u16) {
    let expected: Vec<_> = (1..next).map(numbered).collect();
    let reader = history.reader();
    assert_eq!(all(&reader, &everything(), Order::OldestFirst, 1000), expected);
    for tended in [false, true] {
        if tended {
            tend(history, NOON);
        }
        assert_eq!(all(&reader, &of("a"), Order::OldestFirst, 1000), expected);
        for resource in 0..3 {
            let path = Path::resource(3303, resource, 5700);
            let buckets = reader.buckets("a", path, at(0)..at(NOON * 2), 1).expect("readable").buckets;
            let numbers = || (1..next).filter(|number| number % 3 == resource);
            assert_eq!(buckets[0].summary.count, numbers().count() as u64);
            assert_eq!(buckets[0].summary.sum, numbers().map(f64::from).sum::<f64>());
        }
        let latest: BTreeMap<_, _> = history
            .latest("a")
            .expect("readable")
            .iter()
            .map(|row| (row.path, row.payload.clone()))
            .collect();
        let newest = (1..next).map(|number| (numbered(number).path, numbered(number).payload));
        assert_eq!(latest, newest.collect());
    }
}
