use std::collections::BTreeMap;

use lwm2m_model::ObjectVersion;

use crate::{asset, bundled};

/// Licence and copyright notice.
type Terms = (String, String);

/// What `NOTICE` says of a definition: `None` stands for the current version.
fn listed() -> BTreeMap<(u16, Option<ObjectVersion>), Terms> {
    let notice = String::from_utf8(asset("NOTICE")).unwrap();
    let mut listed = BTreeMap::new();
    let mut licence = "";
    for line in notice.lines() {
        if let Some((copyright, ids)) = line.strip_prefix("  ").and_then(|entry| entry.rsplit_once(": ")) {
            let copyright = if copyright == "No copyright notice" { "" } else { copyright };
            for (id, version) in ids.split(", ").flat_map(definitions) {
                let known = listed.insert((id, version), (licence.to_owned(), copyright.to_owned()));
                assert_eq!(known, None, "{id} is listed twice");
            }
        } else if line.starts_with(|first: char| first.is_ascii_digit()) {
            let name = line.split_once(": ").unwrap().1.split_once('.').unwrap().0;
            licence = match name {
                "No licence stated" => "none-stated",
                "Apache-2" => "Apache-2.0",
                other => other,
            };
        }
    }
    listed
}

/// `7`, `3300-3306` or, with a version, `3300-3306 1.0`.
fn definitions(entry: &str) -> Vec<(u16, Option<ObjectVersion>)> {
    let (ids, version) = match entry.split_once(' ') {
        Some((ids, version)) => (ids, Some(version.parse().unwrap())),
        None => (entry, None),
    };
    let (first, last) = ids.split_once('-').unwrap_or((ids, ids));
    (first.parse().unwrap()..=last.parse().unwrap()).map(|id| (id, version)).collect()
}

#[test]
fn the_notice_names_licence_and_copyright_of_every_definition() {
    let registry = bundled();
    let mut listed = listed();
    for definition in registry.definitions() {
        let current =
            registry.object(definition.id).is_some_and(|object| object.version == definition.version);
        let version = Some(definition.version).filter(|_| !current);
        let terms = listed.remove(&(definition.id, version));
        let expected = (definition.licence.clone(), definition.copyright.clone());
        assert_eq!(terms, Some(expected), "{} {}", definition.id, definition.version);
    }
    assert!(listed.is_empty(), "{listed:?}");
}
