//! Attributes of Write-Attributes and of an Observe with parameters (LwM2M 1.1 Core §5.1).

use console_api::{Attributes, OperationRequest, ValueContent};
use lwm2m_codec::{
    Path,
    attributes::{AttributeTarget, NotificationAttributes, WriteAttributes, parse_observe_parameters},
};

use super::Addressee;
use crate::http::error::Failure;

/// What a Write-Attributes changes, as far as the standard lets this node have it.
pub(super) fn write(
    path: &Path,
    request: &OperationRequest,
    addressee: &Addressee,
) -> Result<WriteAttributes, Failure> {
    let queries = queries(request);
    let write = WriteAttributes::parse(queries.iter().map(String::as_str)).map_err(refused)?;
    if write.is_empty() {
        let failure = Failure::bad_request("no attribute is given");
        return Err(failure.expected(r#"attributes such as {"pmin":10,"gt":null}"#, "none"));
    }
    if write.cancel {
        let failure = Failure::bad_request("the parameter cancel was gone before LwM2M 1.0 was published");
        return Err(failure.expected("an attribute", "cancel"));
    }
    let target = AttributeTarget::new(path, &addressee.model(), addressee.version());
    // What else is attached to the node is the client's to know; these must go together among themselves.
    match NotificationAttributes::default().apply(&write, &target) {
        Ok(_) => Ok(write),
        Err(violations) => Err(first_of(violations)),
    }
}

/// What an Observe or Observe-Composite goes by, if it says so (LwM2M 1.2 Core §6.4.1).
pub(super) fn observe(
    path: &Path,
    request: &OperationRequest,
    addressee: &Addressee,
) -> Result<Option<NotificationAttributes>, Failure> {
    let queries = queries(request);
    let parameters = parse_observe_parameters(queries.iter().map(String::as_str)).map_err(refused)?;
    let Some(parameters) = parameters else { return Ok(None) };
    let mut target = AttributeTarget::new(path, &addressee.model(), addressee.version());
    if *path == Path::ROOT {
        // Observe-Composite takes what every Object can have.
        target.level = lwm2m_codec::Level::Object;
    }
    let violations = parameters.violations(&target);
    if violations.is_empty() { Ok(Some(parameters)) } else { Err(first_of(violations)) }
}

fn queries(request: &OperationRequest) -> Vec<String> {
    match &request.attributes {
        None => Vec::new(),
        Some(Attributes::Query(query)) => {
            query.split('&').filter(|query| !query.is_empty()).map(str::to_owned).collect()
        }
        Some(Attributes::ByName(changes)) => changes
            .iter()
            .map(|(name, value)| match value {
                Some(value) => format!("{name}={}", text(value)),
                None => name.clone(),
            })
            .collect(),
    }
}

fn text(value: &ValueContent) -> String {
    match value {
        ValueContent::Boolean(value) => u8::from(*value).to_string(),
        ValueContent::Integer(value) => value.to_string(),
        ValueContent::Unsigned(value) => value.to_string(),
        ValueContent::Float(value) => value.to_string(),
        ValueContent::Text(text) => text.clone(),
    }
}

fn first_of(violations: impl IntoIterator<Item = impl core::fmt::Display>) -> Failure {
    let words: Vec<String> = violations.into_iter().map(|violation| violation.to_string()).collect();
    refused(words.join("; "))
}

/// The codec says `expected …, got …`.
fn refused(error: impl core::fmt::Display) -> Failure {
    let words = error.to_string();
    let failure = Failure::bad_request(words.clone());
    match words.split_once("expected ").and_then(|(_, rest)| rest.split_once(", got ")) {
        Some((expected, got)) => failure.expected(expected, got),
        None => failure.expected("attributes that this node of this client can have", words),
    }
}
