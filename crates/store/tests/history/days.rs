//! What stays, and for how long.

use lwm2m_codec::Path;
use store::history::{Day, History, Order, Query, Retention};

use crate::fixture::{DAY_MS, NOON, all, at, decoder, everything, of, open, store, tend, text};

const PATH: Path = Path::resource(3303, 0, 5700);

fn days(history: &History) -> Vec<u64> {
    let found = all(&history.reader(), &everything(), Order::OldestFirst, 100);
    let mut days: Vec<_> = found.iter().map(|row| (row.at.as_millis() - NOON) / DAY_MS).collect();
    days.dedup();
    days
}

#[test]
fn the_oldest_days_go_by_age_and_the_newest_payload_stays() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut history = open(directory.path(), NOON);
    let old = Path::resource(3, 0, 9);
    store(&mut history, &[text("a", old, NOON, 100)]);
    for day in 0..5 {
        store(&mut history, &[text("a", PATH, NOON + day * DAY_MS, 1)]);
    }
    history.reader().retain(Retention { days: 2, ..Retention::default() }).expect("it is stored");
    tend(&mut history, NOON + 4 * DAY_MS);
    assert_eq!(days(&history), [2, 3, 4], "two whole days, and today");
    assert!(history.latest("a").expect("readable").iter().any(|row| row.path == old));
    assert_eq!(history.reader().extent().expect("readable").oldest, Some(Day::of(at(NOON + 2 * DAY_MS))));
    drop(history);
    let mut history = open(directory.path(), NOON + 5 * DAY_MS);
    assert_eq!(history.reader().retention().days, 2, "what was decided outlives a restart");
    tend(&mut history, NOON + 5 * DAY_MS);
    assert_eq!(days(&history), [3, 4]);
    assert!(history.latest("a").expect("readable").iter().any(|row| row.path == old));
}

#[test]
fn the_oldest_days_go_by_size_but_never_today() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut history = open(directory.path(), NOON);
    for day in 0..4 {
        let mut big = text("a", PATH, NOON + day * DAY_MS, 1);
        big.payload = vec![b'1'; 500_000];
        store(&mut history, &[big]);
    }
    history.reader().retain(Retention { bytes: 1_300_000, ..Retention::default() }).expect("it is stored");
    tend(&mut history, NOON + 3 * DAY_MS);
    tend(&mut history, NOON + 3 * DAY_MS + 1000);
    assert_eq!(days(&history), [2, 3]);
    history.reader().retain(Retention { bytes: 0, days: 0 }).expect("it is stored");
    tend(&mut history, NOON + 3 * DAY_MS + 2000);
    assert_eq!(days(&history), [3]);
}

#[test]
fn what_was_decided_about_retention_and_cannot_be_read_stops_the_start() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("retention"), "days=many\n").expect("it is ours");
    let refused = History::open(directory.path(), Retention::default(), decoder(), at(NOON)).err();
    assert!(refused.expect("nothing is deleted by mistake").to_string().contains("days=many"));
}

#[test]
fn a_forgotten_client_leaves_nothing_on_the_disk_either() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut history = open(directory.path(), NOON);
    let secret = |endpoint| {
        let mut secret = text(endpoint, PATH, NOON, 1);
        secret.payload = vec![b'S'; 100];
        secret
    };
    store(&mut history, &vec![secret("gone"); 5000]);
    tend(&mut history, NOON);
    store(&mut history, &[secret("gone"), text("kept", PATH, NOON, 3), text("gone", PATH, NOON + DAY_MS, 4)]);
    history.forget("gone").expect("it can be forgotten");
    assert_eq!(history.latest("gone").expect("readable"), []);
    store(&mut history, &[text("gone", PATH, NOON + DAY_MS, 5)]);
    drop(history);
    let mut history = open(directory.path(), NOON + DAY_MS);
    tend(&mut history, NOON + DAY_MS);
    let back = [text("gone", PATH, NOON + DAY_MS, 5)];
    assert_eq!(all(&history.reader(), &of("gone"), Order::OldestFirst, 10), back);
    assert_eq!(history.latest("gone").expect("readable").len(), 1);
    assert_eq!(all(&history.reader(), &everything(), Order::OldestFirst, 10).len(), 2);
    drop(history);
    let file = rusqlite::Connection::open(directory.path().join(format!("{}.db", Day::of(at(NOON)))))
        .expect("it opens");
    for table in ["reported", "mention", "client", "series"] {
        let count: i64 =
            file.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0)).expect("there");
        assert_eq!(count, 1, "{table}: only what is kept");
    }
}

#[test]
fn a_day_that_is_over_is_left_whole_and_found_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let midnight = NOON + DAY_MS / 2;
    let mut history = open(directory.path(), NOON);
    let (before, after) = (text("a", PATH, midnight - 1, 1), text("a", PATH, midnight, 2));
    store(&mut history, &[after.clone(), before.clone()]);
    tend(&mut history, midnight + 1);
    let log = directory.path().join(format!("{}.db-wal", Day::of(at(midnight - 1))));
    assert!(!log.exists(), "all of it is in its file");
    let reader = history.reader();
    assert_eq!(all(&reader, &of("a"), Order::OldestFirst, 1), [before.clone(), after]);
    let until = Query { during: at(0)..at(midnight), ..of("a") };
    assert_eq!(all(&reader, &until, Order::NewestFirst, 10), [before]);
}
