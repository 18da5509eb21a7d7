use std::fs;

use rusqlite::Connection;

use super::{MAIN_FILE, OpenError, Sqlite, lock::LockError, schema};
use crate::{
    CredentialId, Document, DocumentChange, DocumentOutcome, KeptSession, Label, Outcome, Sealed,
    SecurityChange, Store, conformance,
};

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory of its own")
}

fn open(directory: &std::path::Path) -> Result<Sqlite, OpenError> {
    Sqlite::open(directory, std::sync::Arc::new(|_| Vec::new()), coap::Instant::from_millis(1))
}

fn refused(directory: &std::path::Path) -> OpenError {
    match open(directory) {
        Ok(_) => panic!("opened"),
        Err(why) => why,
    }
}

#[test]
fn the_contract_is_kept() {
    // The directories stay until the end, since the suite drops its engines when it likes.
    let directories = std::cell::RefCell::new(Vec::new());
    conformance::suite(|| {
        let directory = directory();
        let engine = open(directory.path()).expect("usable");
        directories.borrow_mut().push(directory);
        Box::new(engine)
    });
}

#[test]
fn the_contract_is_kept_over_restarts() {
    conformance::suite_over_restarts(|| {
        let directory = directory();
        move || Box::new(open(directory.path()).expect("usable")) as Box<dyn Store>
    });
}

#[test]
fn a_directory_belongs_to_one() {
    let directory = directory();
    let first = open(directory.path()).expect("usable");
    let why = refused(directory.path());
    assert!(matches!(why, OpenError::Lock(LockError::InUse(_))), "{why}");
    assert!(why.to_string().contains(&directory.path().display().to_string()), "{why}");
    drop(first);
    open(directory.path()).expect("usable again");
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let directory = directory();
    fs::write(directory.path().join(MAIN_FILE), [b'x'; 8_192]).expect("writable");
    let why = refused(directory.path());
    assert!(matches!(why, OpenError::Damaged { .. }), "{why}");
    assert!(why.to_string().contains(MAIN_FILE), "{why}");
}

#[test]
fn a_damaged_page_is_found_at_the_start() {
    let directory = directory();
    let file = directory.path().join(MAIN_FILE);
    drop(open(directory.path()).expect("usable"));
    let mut bytes = fs::read(&file).expect("readable");
    bytes[4_096..8_192].fill(0xa5);
    fs::write(&file, bytes).expect("writable");
    let why = refused(directory.path());
    assert!(matches!(why, OpenError::Damaged { .. }), "{why}");
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let directory = directory();
    let file = directory.path().join(MAIN_FILE);
    drop(open(directory.path()).expect("usable"));
    let newer = schema::VERSION + 1;
    Connection::open(&file)
        .and_then(|connection| connection.pragma_update(None, "user_version", newer))
        .expect("writable");
    let before = fs::read(&file).expect("readable");
    let why = refused(directory.path());
    assert!(matches!(why, OpenError::Newer { got, .. } if got == newer), "{why}");
    assert_eq!(fs::read(&file).expect("readable"), before);
}

#[test]
fn a_database_of_something_else_is_left_alone() {
    let directory = directory();
    let file = directory.path().join(MAIN_FILE);
    Connection::open(&file)
        .and_then(|connection| connection.execute_batch("CREATE TABLE theirs (a)"))
        .expect("writable");
    let why = refused(directory.path());
    assert!(matches!(why, OpenError::Foreign(_)), "{why}");
}

#[test]
fn a_directory_that_nobody_may_write_into_is_named() {
    // Not even by root.
    let why = refused(std::path::Path::new("/sys"));
    assert!(matches!(why, OpenError::Lock(LockError::Unusable { .. })), "{why}");
    assert!(why.to_string().contains("/sys"), "{why}");
}

#[test]
fn a_full_file_refuses_and_takes_again_when_there_is_room() {
    let directory = directory();
    let mut engine = open(directory.path()).expect("usable");
    let limit = |engine: &Sqlite, pages: i64| {
        engine.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).expect("set");
    };
    let label = |notes: usize| Label { notes: "n".repeat(notes), ..Label::default() };
    assert_eq!(engine.label("a", label(1), None), Outcome::Stored);
    // No less than there are.
    limit(&engine, 1);
    assert!(matches!(engine.label("b", label(100_000), None), Outcome::Failed(_)));
    assert!(engine.fault().is_some_and(|why| why.contains("no space")), "{:?}", engine.fault());
    let kept: Vec<String> = engine.labels().expect("readable").into_iter().map(|(of, _)| of).collect();
    assert_eq!(kept, ["a"]);
    limit(&engine, 1 << 20);
    let _ = engine.tend(coap::Instant::from_millis(1), true);
    assert_eq!(engine.fault(), None, "it works again before anyone asks");
    assert_eq!(engine.label("b", label(100_000), None), Outcome::Stored);
}

/// As the version before bootstrap left it.
#[test]
fn a_directory_of_schema_2_is_brought_to_this_one() {
    let directory = directory();
    let file = directory.path().join(MAIN_FILE);
    let earlier = Connection::open(&file).expect("writable");
    for step in [include_str!("schema/1.sql"), include_str!("schema/2.sql")] {
        earlier.execute_batch(step).expect("SQL");
    }
    earlier.pragma_update(None, "application_id", schema::APPLICATION_ID).expect("writable");
    earlier.pragma_update(None, "user_version", 2).expect("writable");
    earlier
        .execute_batch(
            "INSERT INTO credential (id, endpoint, version, mode, identity, key_bytes, sealed, note, author, created_at)
             VALUES (3, 'lamp', 1, 'psk', 'lamp', 16, x'0102', '', 'somebody', 5)",
        )
        .expect("writable");
    let wrong = || {
        let found = super::check(directory.path()).expect("readable");
        found.into_iter().flat_map(|checked| checked.wrong).collect::<Vec<_>>()
    };
    assert_eq!(wrong(), [""; 0]);
    let say = |mode: &str| earlier.execute("UPDATE credential SET mode = ?1", [mode]).expect("writable");
    say("nonsense");
    assert!(wrong().iter().any(|wrong| wrong.contains("nonsense")), "credentials are looked at too");
    say("psk");
    drop(earlier);
    let engine = open(directory.path()).expect("usable");
    let kept = engine.credentials().expect("readable");
    let [credentials::Stored { credential, .. }] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((credential.id, credential.endpoint.as_str()), (CredentialId(3), "lamp"));
    assert_eq!((credential.server, credential.made_in), (credentials::Server::DeviceManagement, None));
    assert_eq!(
        (engine.last_bootstrap().expect("readable"), engine.configurations().expect("readable")),
        (0, vec![])
    );
    assert_eq!(schema::version(&engine.connection).expect("readable"), schema::VERSION);
}

/// As the version before documents left it.
#[test]
fn a_directory_of_schema_3_is_brought_to_this_one() {
    let directory = directory();
    let file = directory.path().join(MAIN_FILE);
    let earlier = Connection::open(&file).expect("writable");
    for step in [include_str!("schema/1.sql"), include_str!("schema/2.sql"), include_str!("schema/3.sql")] {
        earlier.execute_batch(step).expect("SQL");
    }
    earlier.pragma_update(None, "application_id", schema::APPLICATION_ID).expect("writable");
    earlier.pragma_update(None, "user_version", 3).expect("writable");
    earlier
        .execute_batch(
            "INSERT INTO configuration (id) VALUES (4);
             INSERT INTO configuration_version (id, version, saved_at, author, content)
             VALUES (4, 1, 5, 'somebody', x'7b7d');",
        )
        .expect("writable");
    drop(earlier);
    let found = super::check(directory.path()).expect("readable");
    assert!(found.iter().all(|checked| checked.wrong.is_empty()), "{found:?}");
    let mut engine = open(directory.path()).expect("usable");
    let kept = engine.configurations().expect("readable");
    let [configuration] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((configuration.id, configuration.content.as_slice()), (4, &b"{}"[..]));
    assert_eq!(schema::version(&engine.connection).expect("readable"), 4);
    let document = Document {
        kind: "client.draft".to_owned(),
        key: "lamp".to_owned(),
        version: 1,
        saved_at: coap::Instant::from_millis(6),
        author: "somebody".to_owned(),
        content: b"{}".to_vec(),
    };
    let saved = [DocumentChange::Saved(document.clone())];
    assert_eq!(engine.keep(&saved, &[]), DocumentOutcome::Stored);
    let reader = engine.document_reader();
    assert_eq!(reader.documents("client.draft", "la").expect("readable"), std::slice::from_ref(&document));
    assert_eq!(reader.document("client.draft", "lamp").expect("readable"), Some(document));
    assert_eq!(reader.document("client.draft", "la").expect("readable"), None);
    let found = super::check(directory.path()).expect("readable");
    let document = ("document".to_owned(), 1);
    assert!(found.iter().any(|checked| checked.tables.contains(&document)), "{found:?}");
}

/// A session that goes on from an old copy would send its numbers a second time.
#[test]
fn a_backup_has_no_sessions() {
    let directories = [directory(), directory()];
    let [data, copy] = directories.each_ref().map(|directory| directory.path());
    let mut engine = open(data).expect("usable");
    let session = KeptSession {
        id: 7,
        credential: CredentialId(1),
        endpoint: "a".to_owned(),
        sealed: Sealed(vec![1, 2, 3]),
    };
    assert_eq!(engine.secure(&[SecurityChange::Session(session)], &[]), Outcome::Stored);
    super::backup(data, copy).expect("copied");
    let copy = open(copy).expect("usable");
    assert_eq!((copy.sessions().expect("readable").len(), copy.last_session().expect("readable")), (0, 7));
    assert_eq!(engine.sessions().expect("readable").len(), 1);
}
