//! `/api/v1/clients`: who is registered, and what operators keep about them.

use axum::{
    Json,
    extract::{State as Extract, rejection::JsonRejection},
    http::StatusCode,
};
use console_api::{
    ClientConfig, ClientDetails, ClientList, ClientQuery, Label, SecurityMode, SortBy, StatusFilter,
};
use lwm2m_core::server::{self, Outcome};

use super::{
    State,
    error::Failure,
    extract::{Asked, Author, Endpoint, not_json, page_limit},
    operation,
};

/// Longest time that a client may be taken for awake: a day. Beyond, it is refused.
const LONGEST_AWAKE_S: u32 = 24 * 60 * 60;

/// [`ClientQuery`] as parameters, and the part that is wanted.
#[derive(serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Listed {
    text: String,
    status: StatusFilter,
    object: Option<u16>,
    binding: Option<String>,
    version: Option<String>,
    security: Option<SecurityMode>,
    tag: Option<String>,
    queued: bool,
    sort: SortBy,
    descending: bool,
    offset: usize,
    limit: Option<usize>,
}

impl Default for Listed {
    fn default() -> Self {
        let ClientQuery { text, status, object, binding, version, security, tag, queued, sort, descending } =
            ClientQuery::default();
        let (offset, limit) = (0, None);
        Self {
            text,
            status,
            object,
            binding,
            version,
            security,
            tag,
            queued,
            sort,
            descending,
            offset,
            limit,
        }
    }
}

pub(super) async fn list(
    Extract(state): Extract<State>,
    Asked(listed): Asked<Listed>,
) -> Result<Json<ClientList>, Failure> {
    let Listed {
        text,
        status,
        object,
        binding,
        version,
        security,
        tag,
        queued,
        sort,
        descending,
        offset,
        limit,
    } = listed;
    let limit = page_limit(limit)?;
    let query =
        ClientQuery { text, status, object, binding, version, security, tag, queued, sort, descending };
    let found = state.fleet.find(query).await;
    let total = found.len();
    let part: Vec<_> = found.into_iter().skip(offset).take(limit).collect();
    let clients = state.fleet.view().clients(&part);
    Ok(Json(ClientList { total, clients }))
}

#[derive(serde::Deserialize)]
pub(super) struct Detailed {
    /// `any` asks also for one that is no longer registered.
    #[serde(default)]
    status: StatusFilter,
}

pub(super) async fn details(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Asked(detailed): Asked<Detailed>,
) -> Result<Json<ClientDetails>, Failure> {
    let details = state.fleet.view().details(&endpoint);
    details
        .filter(|details| detailed.status.admits(details.client.status))
        .map(Json)
        .ok_or_else(|| Failure::unknown_client(&endpoint))
}

pub(super) async fn forget_refusals(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
) -> Result<StatusCode, Failure> {
    if !state.fleet.forget_refusals(&endpoint) {
        return Err(Failure::unknown_client(&endpoint));
    }
    state.operations.forget_refusals(endpoint).await.ok_or_else(Failure::stopping)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn forget(
    Extract(state): Extract<State>,
    Author(author): Author,
    Endpoint(endpoint): Endpoint,
) -> Result<StatusCode, Failure> {
    known(&state, &endpoint)?;
    let result = state.operations.forget(author, endpoint).await.ok_or_else(Failure::stopping)?;
    result.map_err(|error| operation::failure(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn label(
    Extract(state): Extract<State>,
    Author(author): Author,
    Endpoint(endpoint): Endpoint,
    label: Result<Json<Label>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let Json(label) = label.map_err(|rejection| not_json(&rejection))?;
    known(&state, &endpoint)?;
    let label = checked(label)?;
    match state.operations.label(author, endpoint, label).await.ok_or_else(Failure::stopping)? {
        Outcome::Stored | Outcome::Known => Ok(StatusCode::NO_CONTENT),
        Outcome::Failed(why) => Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not_stored", why)),
    }
}

pub(super) async fn configure(
    Extract(state): Extract<State>,
    Author(author): Author,
    Endpoint(endpoint): Endpoint,
    config: Result<Json<ClientConfig>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let Json(ClientConfig { awake_s }) = config.map_err(|rejection| not_json(&rejection))?;
    known(&state, &endpoint)?;
    if let Some(awake_s) = awake_s.filter(|awake_s| !(1..=LONGEST_AWAKE_S).contains(awake_s)) {
        let failure = Failure::bad_request("awake_s is out of range");
        return Err(failure.expected(format!("1 to {LONGEST_AWAKE_S}, or null"), awake_s.to_string()));
    }
    let config = server::ClientConfig { awake_s };
    let result = state.operations.configure(author, endpoint, config).await.ok_or_else(Failure::stopping)?;
    result.map_err(|error| operation::failure(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

fn known(state: &State, endpoint: &str) -> Result<(), Failure> {
    match state.fleet.view().client(endpoint) {
        Some(_) => Ok(()),
        None => Err(Failure::unknown_client(endpoint)),
    }
}

/// A label within its limits: without space around names and tags, without empty or repeated ones.
fn checked(label: Label) -> Result<store::Label, Failure> {
    let name = label.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let mut tags: Vec<String> = Vec::new();
    for tag in label.tags {
        let tag = tag.trim();
        if !tag.is_empty() && !tags.iter().any(|earlier| earlier == tag) {
            tags.push(tag.to_owned());
        }
    }
    let longest_tag = tags.iter().map(String::len).max().unwrap_or_default();
    let name_bytes = name.as_ref().map_or(0, String::len);
    for (what, got, limit, unit) in [
        ("the name is too long", name_bytes, Label::NAME_BYTES, "bytes"),
        ("a tag is too long", longest_tag, Label::TAG_BYTES, "bytes"),
        ("there are too many tags", tags.len(), Label::TAGS, "tags"),
        ("the notes are too long", label.notes.len(), Label::NOTES_BYTES, "bytes"),
    ] {
        if got > limit {
            let failure = Failure::bad_request(what);
            return Err(failure.expected(format!("at most {limit} {unit}"), format!("{got} {unit}")));
        }
    }
    Ok(store::Label { name, tags, notes: label.notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_tidied_and_bounded() {
        let tags = [" a ", "b", "a", ""].map(str::to_owned).to_vec();
        let label = checked(Label { name: Some("  ".into()), tags, notes: " n ".into() }).unwrap();
        assert_eq!(
            (label.name, label.tags, label.notes.as_str()),
            (None, vec!["a".into(), "b".into()], " n ")
        );
        let name = |bytes: usize| Label { name: Some("é".repeat(bytes / 2)), ..Label::default() };
        assert!(checked(name(Label::NAME_BYTES)).is_ok());
        assert!(checked(name(Label::NAME_BYTES + 2)).is_err());
        let tags =
            |count: usize| Label { tags: (0..count).map(|i| i.to_string()).collect(), ..Label::default() };
        assert!(checked(tags(Label::TAGS)).is_ok());
        assert!(checked(tags(Label::TAGS + 1)).is_err());
        let notes = "n".repeat(Label::NOTES_BYTES + 1);
        assert!(checked(Label { notes, ..Label::default() }).is_err());
    }
}
