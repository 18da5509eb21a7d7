//! Observations as they are listed. Nothing here asks the browser.

mod action;
mod told;

pub(crate) use action::Action;
use console_api::{ObservationEntry, ObservationState};
use lwm2m_codec::Path;
use lwm2m_model::Registry;
pub(crate) use told::{
    asked_for, attributes_in_short, attributes_with_origin, gaps, message_type, title, value_in_words,
};

use crate::routing::percent_encode;

/// Observations listed at once.
pub(crate) const PAGE: usize = 100;

/// Paths of an Observe-Composite that a row names.
const PATHS_SHOWN: usize = 3;

/// What tells one observation from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) endpoint: String,
    pub(crate) path: String,
    pub(crate) paths: Vec<String>,
}

impl Key {
    pub(crate) fn of(entry: &ObservationEntry) -> Self {
        Self { endpoint: entry.endpoint.clone(), path: entry.path.clone(), paths: entry.paths.clone() }
    }

    /// `/3303/0/5700`, or the first of several.
    pub(crate) fn target(&self) -> String {
        if self.paths.is_empty() {
            return self.path.clone();
        }
        let more = self.paths.len().saturating_sub(PATHS_SHOWN);
        let shown = self.paths.iter().take(PATHS_SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{shown} +{more}") } else { shown }
    }

    /// The names of object and resource: `Temperature · Sensor Value`.
    pub(crate) fn names(&self, registry: &Registry) -> String {
        let path = self.paths.first().unwrap_or(&self.path);
        let Some(path) = path.parse::<Path>().ok().filter(|path| *path != Path::ROOT) else {
            return String::new();
        };
        let object = path.object_id().and_then(|id| registry.object(id));
        let resource = object.zip(path.resource_id()).and_then(|(object, id)| object.resource(id));
        let names =
            object.map(|object| &object.name).into_iter().chain(resource.map(|resource| &resource.name));
        names.map(String::as_str).collect::<Vec<_>>().join(" · ")
    }
}

/// Which observations are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) text: String,
    pub(crate) state: Option<ObservationState>,
    pub(crate) page: usize,
}

impl Question {
    pub(crate) fn query(&self) -> String {
        let mut query = format!("offset={}&limit={PAGE}", self.page * PAGE);
        if !self.text.trim().is_empty() {
            query.push_str(&format!("&text={}", percent_encode(self.text.trim())));
        }
        if let Some(state) = self.state {
            query.push_str(&format!("&state={}", word(state)));
        }
        query
    }
}

/// As the REST interface has it.
pub(crate) fn word(state: ObservationState) -> &'static str {
    match state {
        ObservationState::Active => "active",
        ObservationState::Pending => "pending",
        ObservationState::Waiting => "waiting",
        ObservationState::Ended => "ended",
    }
}

/// Notifications per minute as people read them: `60/min`, `0.5/min`, `3/h`.
pub(crate) fn rate(per_minute: f64) -> String {
    if per_minute >= 9.95 {
        format!("{per_minute:.0}/min")
    } else if per_minute >= 0.1 {
        format!("{per_minute:.1}/min")
    } else if per_minute > 0.0 {
        format!("{:.1}/h", per_minute * 60.0)
    } else {
        "0".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &str, paths: &[&str]) -> Key {
        let paths = paths.iter().copied().map(str::to_owned).collect();
        Key { endpoint: "a".into(), path: path.into(), paths }
    }

    /// An observation that nothing is known of.
    pub(super) fn entry(path: &str, paths: &[&str]) -> ObservationEntry {
        let Key { endpoint, path, paths } = key(path, paths);
        ObservationEntry {
            endpoint,
            name: None,
            path,
            paths,
            state: ObservationState::Active,
            why: None,
            since_ms: 0,
            accept: None,
            parameters: None,
            notifications: 0,
            last_notification_ms: None,
            per_minute: None,
            confirmable: None,
            sequence_gaps: 0,
            attributes: None,
            ignored: Vec::new(),
            discovered_ms: None,
        }
    }

    #[test]
    fn targets() {
        assert_eq!(key("/3303/0/5700", &[]).target(), "/3303/0/5700");
        assert_eq!(key("/", &["/1", "/3/0", "/4", "/5", "/6"]).target(), "/1, /3/0, /4 +2");
    }

    #[test]
    fn names_are_those_of_the_registry() {
        let registry = Registry::from_json(
            r#"{"objects":[{"id":3,"name":"Device","version":"1.0","urn":"u","multiple":false,"mandatory":true,
            "resources":[{"id":9,"name":"Battery Level","operations":"R","multiple":false,"mandatory":false,
            "type":"integer","range":"","units":""}]}]}"#,
        )
        .unwrap();
        assert_eq!(key("/3/0/9", &[]).names(&registry), "Device · Battery Level");
        assert_eq!(key("/", &["/3/0"]).names(&registry), "Device");
        assert_eq!(
            (key("/4/0/1", &[]).names(&registry), key("/", &[]).names(&registry)),
            ("".into(), "".into())
        );
    }

    #[test]
    fn a_question_becomes_a_query() {
        let question = Question { text: " a b/ ".into(), state: Some(ObservationState::Ended), page: 2 };
        assert_eq!(question.query(), "offset=200&limit=100&text=a%20b%2F&state=ended");
        assert_eq!(Question::default().query(), "offset=0&limit=100");
    }

    #[test]
    fn rates() {
        assert_eq!(
            (rate(60.2), rate(1.25), rate(0.05), rate(0.0)),
            ("60/min".into(), "1.2/min".into(), "3.0/h".into(), "0".into())
        );
    }
}
