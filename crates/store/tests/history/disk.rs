//! Disks that fail, files that are damaged.

use std::{fs, sync::Arc};

use lwm2m_codec::Path;
use store::{
    Outcome,
    history::{Day, History, Order, Retention},
};

use crate::fixture::{DAY_MS, NOON, all, at, decoder, everything, of, open, store, tend, text};

const PATH: Path = Path::resource(3303, 0, 5700);

fn date(milliseconds: u64) -> String {
    Day::of(at(milliseconds)).to_string()
}

#[test]
fn a_directory_that_is_gone_fails_and_works_again_when_it_is_back() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("history");
    let mut history = open(&path, NOON);
    store(&mut history, &[text("a", PATH, NOON, 1)]);
    fs::rename(&path, directory.path().join("elsewhere")).expect("it is ours");
    let tomorrow = Arc::new(text("a", PATH, NOON + DAY_MS, 2));
    let failed = history.append(&[Arc::clone(&tomorrow), Arc::clone(&tomorrow)]);
    assert_eq!(failed[0], failed[1]);
    assert!(matches!(&failed[0], Outcome::Failed(why) if why.contains(&date(NOON + DAY_MS))), "{failed:?}");
    fs::rename(directory.path().join("elsewhere"), &path).expect("it is ours");
    store(&mut history, &[(*tomorrow).clone()]);
    let found = all(&history.reader(), &of("a"), Order::OldestFirst, 10);
    assert_eq!(found, [text("a", PATH, NOON, 1), (*tomorrow).clone()]);
}

#[test]
fn a_file_that_is_no_database_is_set_aside_and_told() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut history = open(directory.path(), NOON);
    store(&mut history, &[text("a", PATH, NOON, 1)]);
    store(&mut history, &[text("a", PATH, NOON + DAY_MS, 2)]);
    tend(&mut history, NOON + DAY_MS);
    drop(history);
    let damaged = directory.path().join(format!("{}.db", date(NOON)));
    fs::write(&damaged, vec![b'x'; 9000]).expect("it is ours");

    let mut history = open(directory.path(), NOON + DAY_MS);
    let notices = tend(&mut history, NOON + DAY_MS);
    assert!(
        matches!(&notices[..], [told] if told.contains(&date(NOON)) && told.contains(".corrupt")),
        "{notices:?}"
    );
    assert!(!damaged.exists());
    assert_eq!(fs::read(damaged.with_extension("db.corrupt")).expect("it is kept"), vec![b'x'; 9000]);
    let found = all(&history.reader(), &everything(), Order::OldestFirst, 10);
    assert_eq!(found, [text("a", PATH, NOON + DAY_MS, 2)], "the other days go on");
    assert_eq!(tend(&mut history, NOON + DAY_MS), [""; 0], "told once");
}

#[test]
fn newest_payloads_that_are_lost_are_made_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut history = open(directory.path(), NOON);
    store(&mut history, &[text("a", PATH, NOON, 1), text("a", PATH, NOON + DAY_MS, 2)]);
    tend(&mut history, NOON + DAY_MS);
    let latest = history.latest("a").expect("readable");
    assert_eq!(latest.len(), 1);
    drop(history);
    let file = directory.path().join("latest.db");
    for damage in [None, Some(vec![0xFF; 5000])] {
        match &damage {
            None => fs::remove_file(&file).expect("it is there"),
            Some(bytes) => fs::write(&file, bytes).expect("it is ours"),
        }
        let mut history = open(directory.path(), NOON + DAY_MS);
        assert_eq!(history.latest("a").expect("readable"), latest);
        assert_eq!(tend(&mut history, NOON + DAY_MS).len(), usize::from(damage.is_some()));
    }
}

#[test]
fn a_file_of_another_version_is_refused_and_stays() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join(format!("{}.db", date(NOON)));
    let other = rusqlite::Connection::open(&path).expect("it opens");
    other.pragma_update(None, "user_version", 99).expect("it can be written");
    drop(other);
    let refused = History::open(directory.path(), Retention::default(), decoder(), at(NOON)).err();
    let refused = refused.expect("it is refused").to_string();
    assert!(refused.contains("version 1") && refused.contains("version 99"), "{refused}");
    assert!(path.exists());
}

#[test]
fn damage_that_a_question_finds_is_told_and_set_aside() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut history = open(directory.path(), NOON);
    let mut large = text("a", PATH, NOON, 1);
    large.payload = vec![b'1'; 100_000];
    store(&mut history, &[large]);
    store(&mut history, &[text("a", PATH, NOON + DAY_MS, 2)]);
    tend(&mut history, NOON + DAY_MS);
    let damaged = directory.path().join(format!("{}.db", date(NOON)));
    let mut bytes = fs::read(&damaged).expect("it is there");
    // All but the first page, so that it only shows when it is read.
    bytes[4096..].fill(0xA5);
    fs::write(&damaged, bytes).expect("it is ours");

    let reader = history.reader();
    let page = reader.page(&of("a"), Order::OldestFirst, None, 10).expect("readable");
    assert!(matches!(&page.unreadable[..], [(day, _)] if *day == Day::of(at(NOON))), "{page:?}");
    assert_eq!(page.rows.len(), 1, "the other day is there");
    assert_eq!(tend(&mut history, NOON + DAY_MS).len(), 1);
    assert!(!damaged.exists());
    assert_eq!(all(&reader, &of("a"), Order::OldestFirst, 10).len(), 1);
}

#[test]
fn what_was_set_aside_counts_for_retention() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut history = open(directory.path(), NOON);
    store(&mut history, &[text("a", PATH, NOON, 1), text("a", PATH, NOON + 2 * DAY_MS, 2)]);
    tend(&mut history, NOON + 2 * DAY_MS);
    drop(history);
    let of_day = |milliseconds| directory.path().join(format!("{}.db", date(milliseconds)));
    fs::write(of_day(NOON), vec![b'x'; 900_000]).expect("it is ours");
    let aside = of_day(NOON).with_extension("db.corrupt");
    let mut history = open(directory.path(), NOON + 2 * DAY_MS);
    assert_eq!(tend(&mut history, NOON + 2 * DAY_MS).len(), 1);
    let extent = history.reader().extent().expect("readable");
    assert!(extent.bytes > 900_000, "{extent:?}");
    assert_eq!((extent.oldest, extent.days), (Some(Day::of(at(NOON + 2 * DAY_MS))), 1));

    let log = of_day(NOON).with_extension("db.corrupt-wal");
    fs::write(&log, b"its log").expect("it is ours");
    history.reader().retain(Retention { bytes: 800_000, ..Retention::default() }).expect("it is stored");
    tend(&mut history, NOON + 2 * DAY_MS + 1000);
    assert_eq!((aside.exists(), log.exists()), (false, false), "by size");
    assert!(history.reader().extent().expect("readable").bytes < 800_000);

    fs::write(&aside, b"x").expect("it is ours");
    tend(&mut history, NOON + 2 * DAY_MS + 2000);
    assert!(aside.exists(), "it is neither old nor too much");
    history.reader().retain(Retention { days: 1, ..Retention::default() }).expect("it is stored");
    tend(&mut history, NOON + 2 * DAY_MS + 3000);
    assert!(!aside.exists(), "by age");
}
