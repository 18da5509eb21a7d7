use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::AccessExplanation;

/// `POST /api/v1/clients/{endpoint}/operations`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OperationRequest {
    pub op: Operation,
    /// `/3/0/0`. The composite operations are about the root and need not say so.
    #[serde(default = "root")]
    pub path: String,
    /// Read-Composite, Observe-Composite and its cancellation: what they are about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paths: Option<Vec<String>>,
    /// Write: a value by the type of the resource. The server encodes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ValueContent>,
    /// Write, Write-Composite, Create: values by the types of their resources. The server encodes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<NamedValue>>,
    /// Write, Write-Composite, Create: a payload that the caller has encoded, with its Content-Format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_hex: Option<String>,
    /// Of what is sent. When absent the server picks one that the client can take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_format: Option<u16>,
    /// Write: Replace when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<WriteMode>,
    /// Execute: `0='text',1`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<String>,
    /// Read, Read-Composite, Observe, Observe-Composite: Content-Format asked for. None is sent when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<u16>,
    /// Write-Attributes: what changes. Observe and Observe-Composite of LwM2M 1.2 clients: what this observation
    /// goes by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Attributes>,
    /// Discover of LwM2M 1.2 clients: how many levels below the path, 0 to 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<u8>,
    /// Cancel Observation: active when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<Cancellation>,
    /// How long to wait for the client's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Send it also if the standard leaves the client nothing but to refuse it, or the client has done so before.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub force: bool,
    /// What the caller waits for: the answer, or only that the command is stored when the client is asleep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
    /// How long it may wait to be sent: a day when absent for a client in queue mode, else `timeout_ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_s: Option<u64>,
}

fn root() -> String {
    "/".to_owned()
}

impl OperationRequest {
    /// `op` on `path`, everything else absent.
    pub fn new(op: Operation, path: impl Into<String>) -> Self {
        Self {
            op,
            path: path.into(),
            paths: None,
            value: None,
            values: None,
            payload_hex: None,
            content_format: None,
            mode: None,
            arguments: None,
            accept: None,
            attributes: None,
            depth: None,
            how: None,
            timeout_ms: None,
            force: false,
            wait: None,
            deadline_s: None,
        }
    }

    /// A composite `op` on `paths`, everything else absent.
    pub fn composite<'a>(op: Operation, paths: impl IntoIterator<Item = &'a str>) -> Self {
        let paths = paths.into_iter().map(str::to_owned).collect();
        Self { paths: Some(paths), ..Self::new(op, root()) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    Read,
    Discover,
    Write,
    Execute,
    Observe,
    #[serde(alias = "cancel")]
    CancelObservation,
    WriteAttributes,
    Create,
    Delete,
    ReadComposite,
    WriteComposite,
    ObserveComposite,
    CancelObservationComposite,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum WriteMode {
    Replace,
    PartialUpdate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// Until the client has answered, or will not any more.
    Answer,
    /// Until the command is stored. What becomes of it is told by `GET /api/v1/commands/{id}`.
    Accepted,
}

/// How an observation ends (RFC 7641 §3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Cancellation {
    /// A request with Observe 1, which the client answers.
    Active,
    /// Reset to the next notification.
    Passive,
}

/// A value and where it belongs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NamedValue {
    /// `/3/0/15`, or `15` below the path of the request.
    pub path: String,
    pub value: ValueContent,
}

/// Attributes of class notification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Attributes {
    /// As in a query: `pmin=10&gt`. A name without a value unsets.
    Query(String),
    /// `{"pmin":10,"gt":null}`. Null unsets.
    ByName(BTreeMap<String, Option<ValueContent>>),
}

/// What the client answered. An error code of the client is an answer too, so this comes with HTTP 200.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperationResponse {
    /// CoAP response code, `2.05`.
    pub code: String,
    pub content_format: Option<u16>,
    /// The payload as the client sent it.
    pub payload_hex: String,
    /// The payload decoded, for callers without a codec of their own.
    pub values: Vec<DecodedValue>,
    /// The answer to Discover decoded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<DiscoveredNode>,
    /// Read-Composite, Observe-Composite: paths that were asked for and that nothing came of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Why `values` or `links` is empty although a payload came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decode_error: Option<String>,
    /// Create: the path of the new Object Instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The Content-Format that the server chose for what it encoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_format: Option<u16>,
    /// The number of the block that the client refused, when it was one of a large payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<u32>,
    /// 4.01, 4.05: what the rules say to it, where the access control of the device is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<AccessExplanation>,
    pub duration_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecodedValue {
    pub path: String,
    /// `string`, `integer`, `unsigned`, `float`, `boolean`, `opaque`, `time`, `objlnk`, `corelnk` or `raw`.
    #[serde(rename = "type")]
    pub value_type: String,
    pub value: ValueContent,
    /// When it was measured, in seconds since 1970, where the payload says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_s: Option<f64>,
}

/// A node that Discover lists, with its attributes: numbers where the standard has numbers, null for a name without
/// a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiscoveredNode {
    pub path: String,
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, crate::openapi::AttributeValue>))]
    pub attributes: BTreeMap<String, Option<ValueContent>>,
}

/// A value in JSON. Opaque and raw values are hexadecimal, Objlnk is `object:instance`, Time is seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ValueContent {
    Boolean(bool),
    Integer(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_what_the_documentation_shows() {
        let request: OperationRequest = serde_json::from_str(r#"{"op":"read","path":"/3/0/0"}"#).unwrap();
        assert_eq!(request, OperationRequest::new(Operation::Read, "/3/0/0"));
        let write: OperationRequest =
            serde_json::from_str(r#"{"op":"write","path":"/3/0/15","value":"UTC"}"#).unwrap();
        assert_eq!(write.value, Some(ValueContent::Text("UTC".into())));
        assert!(serde_json::from_str::<OperationRequest>(r#"{"op":"read","path":"/3","valeu":1}"#).is_err());
        let composite = r#"{"op":"read-composite","paths":["/3/0","/1"]}"#;
        let composite: OperationRequest = serde_json::from_str(composite).unwrap();
        assert_eq!(composite, OperationRequest::composite(Operation::ReadComposite, ["/3/0", "/1"]));
    }

    #[test]
    fn attributes_are_a_query_or_an_object() {
        let read = |text: &str| {
            let text = format!(r#"{{"op":"write-attributes","path":"/3","attributes":{text}}}"#);
            serde_json::from_str::<OperationRequest>(&text).map(|request| request.attributes.unwrap())
        };
        assert_eq!(read(r#""pmin=10&gt""#).unwrap(), Attributes::Query("pmin=10&gt".into()));
        let changes =
            [("gt", None), ("lt", Some(ValueContent::Float(0.5))), ("pmin", Some(ValueContent::Integer(10)))];
        let changes = changes.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(read(r#"{"pmin":10,"gt":null,"lt":0.5}"#).unwrap(), Attributes::ByName(changes.into()));
        assert!(read("[1]").is_err());
    }
}
