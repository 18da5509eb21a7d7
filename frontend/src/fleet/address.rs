//! A query as it stands in the address of the page, and in a request to the server: the words are the same.

use console_api::ClientQuery;

use super::words::{SECURITY, SORT, STATUS, by_key, key};
use crate::routing::{parameter, percent_encode};

/// What is not a query of ours is left out, so that an old link shows something rather than nothing.
pub(crate) fn from_address(query: &str) -> ClientQuery {
    let text = |name: &str| parameter(query, name).filter(|value| !value.is_empty());
    ClientQuery {
        text: text("text").unwrap_or_default(),
        status: text("status").and_then(|word| by_key(&STATUS, &word)).unwrap_or_default(),
        object: text("object").and_then(|id| id.parse().ok()),
        binding: text("binding"),
        version: text("version"),
        security: text("security").and_then(|word| by_key(&SECURITY, &word)),
        tag: text("tag"),
        queued: text("queued").is_some_and(|word| word == "true"),
        sort: text("sort").and_then(|word| by_key(&SORT, &word)).unwrap_or_default(),
        descending: text("descending").is_some_and(|word| word == "true"),
    }
}

/// The part after `?`; empty for what is shown without one.
pub(crate) fn to_address(query: &ClientQuery) -> String {
    let usual = ClientQuery::default();
    let pairs = [
        ("text", Some(query.text.clone()).filter(|text| !text.is_empty())),
        ("status", (query.status != usual.status).then(|| key(&STATUS, query.status).to_owned())),
        ("object", query.object.map(|id| id.to_string())),
        ("binding", query.binding.clone()),
        ("version", query.version.clone()),
        ("security", query.security.map(|mode| key(&SECURITY, mode).to_owned())),
        ("tag", query.tag.clone()),
        ("queued", query.queued.then(|| "true".to_owned())),
        ("sort", (query.sort != usual.sort).then(|| key(&SORT, query.sort).to_owned())),
        ("descending", query.descending.then(|| "true".to_owned())),
    ];
    let pairs = pairs.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let pairs: Vec<String> =
        pairs.map(|(name, value)| format!("{name}={}", percent_encode(&value))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use console_api::{SecurityMode, SortBy, StatusFilter};

    use super::*;

    #[test]
    fn a_query_survives_its_address() {
        let full = ClientQuery {
            text: "a&b=c/3303 100% ?#ü".into(),
            status: StatusFilter::Any,
            object: Some(3303),
            binding: Some("UQ".into()),
            version: Some("1.1".into()),
            security: Some(SecurityMode::RawPublicKey),
            tag: Some("Halle 3/\"x\"".into()),
            queued: true,
            sort: SortBy::Heard,
            descending: true,
        };
        for query in [ClientQuery::default(), full] {
            assert_eq!(from_address(&to_address(&query)), query);
        }
        assert_eq!(to_address(&ClientQuery::default()), "");
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        let query = from_address("status=purple&object=x&sort=&security=none&text=%zz&tag=&other=1");
        assert_eq!(query, ClientQuery::default());
    }
}
