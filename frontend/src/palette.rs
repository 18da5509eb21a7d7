//! What the command palette offers for what was typed. No component here, so that it can be tested.

use lwm2m_model::Registry;
use serde::Deserialize;

use console_api::Status;

use crate::routing::Route;
use crate::theme::Theme;

/// Devices shown; the rest are a matter of typing more.
pub(crate) const DEVICES: usize = 8;
const OBJECTS: usize = 6;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) group: &'static str,
    pub(crate) title: String,
    /// Beside the title, quieter.
    pub(crate) detail: String,
    pub(crate) keys: &'static str,
    pub(crate) choice: Choice,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Open(Route),
    Theme(Theme),
    Help,
    CopyAddress,
    Simulate,
    /// By its place among the actions of the page.
    Page(usize),
}

/// `GET /api/v1/clients`, as far as the palette needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Found {
    pub(crate) total: usize,
    pub(crate) clients: Vec<FoundClient>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct FoundClient {
    pub(crate) endpoint: String,
    pub(crate) name: Option<String>,
    pub(crate) status: Status,
}

/// Where entries come from, beside the pages and actions that are always there.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) recent: &'a [String],
    pub(crate) found: &'a Found,
    pub(crate) registry: Option<&'a Registry>,
    pub(crate) page_actions: &'a [String],
}

/// Entries of one group stand together.
pub(crate) fn entries(query: &str, sources: Sources<'_>) -> Vec<Entry> {
    let query = query.trim();
    if query.is_empty() {
        let recent = sources.recent.iter().map(|endpoint| recent(endpoint));
        return recent.chain(pages()).chain(actions(sources.page_actions)).collect();
    }
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let fits = |entry: &Entry| {
        let text = format!("{} {}", entry.title, entry.detail).to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    };
    let pages = pages().filter(fits);
    let actions = actions(sources.page_actions).filter(fits).collect::<Vec<_>>();
    pages.chain(devices(sources.found)).chain(objects(query, sources.registry)).chain(actions).collect()
}

fn pages() -> impl Iterator<Item = Entry> {
    let page = |title: &str, detail: &str, keys, route| Entry {
        group: "Pages",
        title: title.to_owned(),
        detail: detail.to_owned(),
        keys,
        choice: Choice::Open(route),
    };
    [
        page("Fleet", "all devices", "g f", Route::Fleet),
        page("Observations", "what devices report", "g o", Route::Observations),
        page("Boards", "charts and values", "g w", Route::Boards),
        page("Commands", "queued, sent, answered", "g c", Route::Commands { endpoint: None }),
        page("Objects", "definitions, upload", "g d", Route::Objects { id: None }),
        page("Trace", "CoAP messages, pcap", "g t", Route::Trace { endpoint: None }),
        page("Access control", "who may do what", "g a", Route::AccessControl),
        page("Bootstrap", "configurations, sessions", "g b", Route::Bootstrap { endpoint: None }),
        page("Security", "credentials, handshakes", "g k", Route::Security { endpoint: None }),
        page("Server", "addresses, health, limits", "g s", Route::Server),
    ]
    .into_iter()
}

fn recent(endpoint: &str) -> Entry {
    Entry {
        group: "Recently opened",
        title: endpoint.to_owned(),
        detail: String::new(),
        keys: "",
        choice: Choice::Open(Route::Device { endpoint: endpoint.to_owned() }),
    }
}

fn devices(found: &Found) -> impl Iterator<Item = Entry> {
    found.clients.iter().take(DEVICES).map(|client| {
        let status = match client.status {
            Status::Awake => "",
            Status::Asleep => "asleep",
            Status::Expired => "expired",
            Status::Deregistered => "de-registered",
        };
        let detail: Vec<&str> = client.name.as_deref().into_iter().chain([status]).collect();
        Entry {
            group: "Devices",
            title: client.endpoint.clone(),
            detail: detail.join("  ").trim().to_owned(),
            keys: "",
            choice: Choice::Open(Route::Device { endpoint: client.endpoint.clone() }),
        }
    })
}

fn objects(query: &str, registry: Option<&Registry>) -> Vec<Entry> {
    // A path is typed with slashes.
    let words = query.replace('/', " ");
    let hits = registry.map(|registry| registry.search(&words, OBJECTS)).unwrap_or_default();
    let entry = |hit: lwm2m_model::SearchHit<'_>| {
        let object = hit.object;
        let (title, detail) = match hit.resource {
            None => (object.name.clone(), format!("/{}", object.id)),
            Some(resource) => {
                (resource.name.clone(), format!("/{}/x/{}  {}", object.id, resource.id, object.name))
            }
        };
        let choice = Choice::Open(Route::Objects { id: Some(object.id) });
        Entry { group: "Objects", title, detail, keys: "", choice }
    };
    hits.into_iter().map(entry).collect()
}

fn actions(of_page: &[String]) -> impl Iterator<Item = Entry> {
    let action = |title: &str, detail: &str, keys, choice| Entry {
        group: "Actions",
        title: title.to_owned(),
        detail: detail.to_owned(),
        keys,
        choice,
    };
    let page = of_page.iter().enumerate().map(move |(i, title)| Entry {
        group: "On this page",
        title: title.clone(),
        detail: String::new(),
        keys: "",
        choice: Choice::Page(i),
    });
    page.chain([
        action("Copy the server address", "for devices", "", Choice::CopyAddress),
        action("Start a simulated device", "within the server", "", Choice::Simulate),
        action("Light theme", "appearance", "", Choice::Theme(Theme::Light)),
        action("Dark theme", "appearance", "", Choice::Theme(Theme::Dark)),
        action("Theme of the system", "appearance", "", Choice::Theme(Theme::System)),
        action("Keys and marks", "help", "?", Choice::Help),
    ])
}

/// Where the selection goes with an arrow key: around the ends.
pub(crate) fn step(index: usize, count: usize, down: bool) -> usize {
    match (count, down) {
        (0, _) => 0,
        (_, true) => (index + 1) % count,
        (_, false) => (index + count - 1) % count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(endpoint: &str, name: Option<&str>) -> Found {
        let client =
            FoundClient { endpoint: endpoint.into(), name: name.map(str::to_owned), status: Status::Asleep };
        Found { total: 1, clients: vec![client] }
    }

    fn list(query: &str, found: &Found, registry: Option<&Registry>) -> Vec<(&'static str, String, String)> {
        let recent = ["urn:last".to_owned()];
        let page_actions = ["Read all".to_owned()];
        let sources = Sources { recent: &recent, found, registry, page_actions: &page_actions };
        entries(query, sources).into_iter().map(|entry| (entry.group, entry.title, entry.detail)).collect()
    }

    #[test]
    fn without_a_word_there_is_what_was_open_and_everything_else() {
        let all = list("  ", &Found::default(), None);
        assert_eq!(all[0], ("Recently opened", "urn:last".into(), String::new()));
        assert_eq!(all[1].1, "Fleet");
        assert!(all.iter().any(|(group, title, _)| *group == "On this page" && title == "Read all"));
        let mut groups: Vec<_> = all.iter().map(|entry| entry.0).collect();
        groups.dedup();
        assert_eq!(groups, ["Recently opened", "Pages", "On this page", "Actions"]);
    }

    #[test]
    fn every_word_must_fit() {
        let none = Found::default();
        let titles = |query: &str| -> Vec<String> {
            list(query, &none, None).into_iter().map(|(_, title, _)| title).collect()
        };
        assert_eq!(titles("OBSERV"), ["Observations"]);
        assert_eq!(titles("theme dark"), ["Dark theme"]);
        assert_eq!(titles("read all"), ["Read all"]);
        assert!(titles("nothing like that").is_empty());
    }

    #[test]
    fn what_the_server_found_and_what_the_registry_has() {
        let json = r#"{"objects":[{"id":3303,"name":"Temperature","version":"1.0","urn":"urn:oma:lwm2m:ext:3303",
            "multiple":true,"mandatory":false,"resources":[{"id":5700,"name":"Sensor Value","operations":"R",
            "multiple":false,"mandatory":true,"type":"float","range":"","units":""}]}]}"#;
        let registry = Registry::from_json(json).unwrap();
        let hits = list("/3303/5700", &found("urn:a", Some("Cellar")), Some(&registry));
        assert_eq!(
            hits,
            [
                ("Devices", "urn:a".into(), "Cellar  asleep".into()),
                ("Objects", "Sensor Value".into(), "/3303/x/5700  Temperature".into()),
            ]
        );
        let hits = list("temper", &Found::default(), Some(&registry));
        assert_eq!(hits[0], ("Objects", "Temperature".into(), "/3303".into()));
    }

    #[test]
    fn the_selection_goes_around() {
        assert_eq!((step(0, 3, false), step(2, 3, true), step(0, 0, true)), (2, 0, 0));
    }
}
