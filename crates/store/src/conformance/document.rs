//! Documents.

use super::at;
use crate::{Audit, Change, Document, DocumentChange, DocumentOutcome, Store, limits};

pub(super) fn rules(make: &dyn Fn() -> Box<dyn Store>) {
    documents_are_found_by_kind_and_prefix(&mut *make());
    an_outdated_version_is_refused_with_all_that_goes_with_it(&mut *make());
    a_document_that_was_removed_begins_anew(&mut *make());
    documents_of_a_client_go_with_it(&mut *make());
    a_document_is_bounded(&mut *make());
    documents_of_a_kind_are_bounded(&mut *make());
}

fn document(kind: &str, key: &str, version: u64) -> Document {
    Document {
        kind: kind.to_owned(),
        key: key.to_owned(),
        version,
        saved_at: at(version),
        author: "somebody".to_owned(),
        content: format!("{kind}/{key} {version}").into_bytes(),
    }
}

fn saved(document: &Document) -> DocumentChange {
    DocumentChange::Saved(document.clone())
}

fn removed(kind: &str, key: &str) -> DocumentChange {
    DocumentChange::Removed { kind: kind.to_owned(), key: key.to_owned() }
}

fn keep(engine: &mut dyn Store, changes: &[DocumentChange]) {
    assert_eq!(engine.keep(changes, &[]), DocumentOutcome::Stored);
}

fn documents_are_found_by_kind_and_prefix(engine: &mut dyn Store) {
    let all = ["7/", "7/a", "7/ä", "7/\u{10ffff}", "70/a", "8/a"].map(|key| document("run", key, 1));
    let other = document("draft", "7/a", 4);
    keep(engine, &all.iter().chain([&other]).map(saved).collect::<Vec<_>>());
    assert_eq!(engine.documents("run", "7/").expect("readable"), all[..4]);
    assert_eq!(engine.documents("run", "").expect("readable"), all);
    assert_eq!(engine.documents("draft", "7/a").expect("readable"), [other]);
    assert_eq!(engine.documents("nothing", "").expect("readable"), []);
    let next = document("run", "8/a", 2);
    keep(engine, &[saved(&next), removed("run", "7/a"), removed("run", "nothing")]);
    assert_eq!(engine.documents("run", "8").expect("readable"), [next]);
    assert_eq!(engine.documents("run", "7/").expect("readable").len(), 3);
}

fn an_outdated_version_is_refused_with_all_that_goes_with_it(engine: &mut dyn Store) {
    let audit = |details: &str| Audit {
        at: at(1),
        author: "somebody".into(),
        what: "save".into(),
        endpoint: None,
        details: details.into(),
    };
    let first = document("draft", "a", 3);
    assert_eq!(engine.keep(&[saved(&first)], &[audit("first")]), DocumentOutcome::Stored);
    for version in [1, 3] {
        let beside = document("draft", "b", 1);
        let changes = [saved(&beside), saved(&document("draft", "a", version))];
        let outdated = DocumentOutcome::Outdated { key: "a".into(), kept: 3 };
        assert_eq!(engine.keep(&changes, &[audit("second")]), outdated);
    }
    assert_eq!(engine.documents("draft", "").expect("readable"), [first]);
    assert_eq!(engine.audits().expect("readable"), [audit("first")]);
    keep(engine, &[saved(&document("draft", "a", 4))]);
}

fn a_document_that_was_removed_begins_anew(engine: &mut dyn Store) {
    keep(engine, &[saved(&document("draft", "a", 5)), removed("draft", "a")]);
    assert_eq!(engine.documents("draft", "").expect("readable"), []);
    let again = document("draft", "a", 1);
    keep(engine, &[saved(&again)]);
    assert_eq!(engine.documents("draft", "").expect("readable"), [again]);
}

fn documents_of_a_client_go_with_it(engine: &mut dyn Store) {
    let stays = [document("client.draft", "b", 1), document("template", "a", 1)];
    let goes = [document("client.draft", "a", 1), document("client.known", "a", 1)];
    keep(engine, &stays.iter().chain(&goes).map(saved).collect::<Vec<_>>());
    engine.commit(&[Change::Forgotten { endpoint: "a".into() }]);
    let left = ["client.draft", "client.known", "template"]
        .map(|kind| engine.documents(kind, "").expect("readable"))
        .concat();
    assert_eq!(left, stays);
}

fn a_document_is_bounded(engine: &mut dyn Store) {
    let mut large = document("draft", "a", 1);
    large.content = vec![b' '; limits::DOCUMENT_BYTES];
    keep(engine, &[saved(&large)]);
    large.version = 2;
    large.content.push(b' ');
    assert!(matches!(engine.keep(&[saved(&large)], &[]), DocumentOutcome::Failed(_)));
    assert_eq!(engine.documents("draft", "").expect("readable")[0].version, 1);
}

fn documents_of_a_kind_are_bounded(engine: &mut dyn Store) {
    let small = |number: u64| Document { content: Vec::new(), ..document("run", &number.to_string(), 1) };
    let all: Vec<_> = (0..limits::DOCUMENTS_OF_A_KIND).map(|number| saved(&small(number))).collect();
    keep(engine, &all);
    let one_more = small(limits::DOCUMENTS_OF_A_KIND);
    assert!(matches!(engine.keep(&[saved(&one_more)], &[]), DocumentOutcome::Failed(_)));
    let other = document("draft", "a", 1);
    keep(engine, &[saved(&other), removed("run", "0"), saved(&one_more)]);
}
