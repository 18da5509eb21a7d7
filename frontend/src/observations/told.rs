//! What an observation says about itself, in words.

use console_api::{AttributeInForce, ObservationEntry};
use lwm2m_codec::attributes::{Attribute, AttributeType};

use crate::format;

/// `pmin 10 · pmax 60`
pub(crate) fn attributes_in_short(entry: &ObservationEntry) -> String {
    match entry.attributes.as_deref() {
        None => "not known".to_owned(),
        Some([]) => "none".to_owned(),
        Some(attributes) => {
            let short = attributes.iter().map(|one| format!("{} {}", one.name, one.value));
            distinct(short).join(" · ")
        }
    }
}

/// A line for each, with where it is from.
pub(crate) fn attributes_with_origin(entry: &ObservationEntry) -> String {
    let lines = entry.attributes.iter().flatten();
    let lines = lines.map(|one| format!("{} {} {}", one.name, one.value, one.origin));
    lines.chain(entry.ignored.iter().cloned()).collect::<Vec<_>>().join("\n")
}

/// `10 s`, `falling`, `confirmable`
pub(crate) fn value_in_words(attribute: &AttributeInForce) -> String {
    let AttributeInForce { name, value, .. } = attribute;
    match Attribute::from_name(name) {
        Some(Attribute::Edge) => if value == "0" { "falling" } else { "rising" }.to_owned(),
        Some(Attribute::Con) => if value == "0" { "not confirmable" } else { "confirmable" }.to_owned(),
        Some(Attribute::Hqmax) => format!("{value} entries"),
        Some(known) if known.attribute_type() == AttributeType::Integer => format!("{value} s"),
        _ => value.clone(),
    }
}

/// `Minimum Period`
pub(crate) fn title(attribute: &AttributeInForce) -> &'static str {
    Attribute::from_name(&attribute.name).map_or("", Attribute::title)
}

/// How it was asked for, where that is anything special.
pub(crate) fn asked_for(entry: &ObservationEntry) -> Option<String> {
    let accept = entry.accept.map(|accept| format!("Content-Format {accept}"));
    let parameters = entry.parameters.clone();
    let asked: Vec<_> = accept.into_iter().chain(parameters).collect();
    (!asked.is_empty()).then(|| asked.join(", "))
}

/// `CON` or `NON`, as messages are called.
pub(crate) fn message_type(entry: &ObservationEntry) -> Option<&'static str> {
    entry.confirmable.map(|confirmable| if confirmable { "CON" } else { "NON" })
}

/// `2 missing?`
pub(crate) fn gaps(entry: &ObservationEntry) -> Option<String> {
    (entry.sequence_gaps > 0).then(|| format!("{} missing?", format::count(entry.sequence_gaps)))
}

fn distinct(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut different = Vec::new();
    for one in all {
        if !different.contains(&one) {
            different.push(one);
        }
    }
    different
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::*;

    fn attribute(name: &str, value: &str, origin: &str) -> AttributeInForce {
        AttributeInForce { name: name.to_owned(), value: value.to_owned(), origin: origin.to_owned() }
    }

    #[test]
    fn attributes_have_a_short_form_and_one_with_their_origin() {
        let mut told = entry("/3303/0/5700", &[]);
        assert_eq!(attributes_in_short(&told), "not known");
        told.attributes = Some(Vec::new());
        assert_eq!(attributes_in_short(&told), "none");
        let from = |path| attribute("pmin", "10", path);
        told.attributes =
            Some(vec![from("from /3303"), from("from /3"), attribute("gt", "24", "from /3/0/1")]);
        told.ignored = vec!["pmax is ignored".to_owned()];
        assert_eq!(attributes_in_short(&told), "pmin 10 · gt 24");
        let lines = "pmin 10 from /3303\npmin 10 from /3\ngt 24 from /3/0/1\npmax is ignored";
        assert_eq!(attributes_with_origin(&told), lines);
    }

    #[test]
    fn values_have_their_units() {
        let words = |name, value| value_in_words(&attribute(name, value, ""));
        assert_eq!((words("pmin", "10"), words("gt", "24.5")), ("10 s".to_owned(), "24.5".to_owned()));
        assert_eq!((words("edge", "0"), words("con", "1")), ("falling".to_owned(), "confirmable".to_owned()));
        assert_eq!((words("hqmax", "3"), words("x", "y")), ("3 entries".to_owned(), "y".to_owned()));
        assert_eq!(title(&attribute("epmin", "1", "")), Attribute::Epmin.title());
    }

    #[test]
    fn the_rest_is_said_where_there_is_something_to_say() {
        let mut told = entry("/3303/0/5700", &[]);
        assert_eq!((asked_for(&told), message_type(&told), gaps(&told)), (None, None, None));
        (told.accept, told.parameters) = (Some(112), Some("pmin=5".to_owned()));
        (told.confirmable, told.sequence_gaps) = (Some(true), 2);
        assert_eq!(asked_for(&told).as_deref(), Some("Content-Format 112, pmin=5"));
        assert_eq!((message_type(&told), gaps(&told).as_deref()), (Some("CON"), Some("2 missing?")));
    }
}
