use serde::{Deserialize, Serialize};

/// `POST /api/v1/clients/{endpoint}/operations`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationRequest {
    pub op: Operation,
    /// `/3/0/0`
    pub path: String,
    /// Write: a value by the type of the resource. The server encodes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ValueContent>,
    /// Write: a payload that the caller has encoded, with its Content-Format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_hex: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_format: Option<u16>,
    /// Write: Replace when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<WriteMode>,
    /// Execute: `0='text',1`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<String>,
    /// Read, Observe: Content-Format asked for. None is sent when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<u16>,
    /// How long to wait for the client's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

impl OperationRequest {
    /// `op` on `path`, everything else absent.
    pub fn new(op: Operation, path: impl Into<String>) -> Self {
        Self {
            op,
            path: path.into(),
            value: None,
            payload_hex: None,
            content_format: None,
            mode: None,
            arguments: None,
            accept: None,
            timeout_ms: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    Read,
    Discover,
    Write,
    Execute,
    Observe,
    #[serde(alias = "cancel")]
    CancelObservation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WriteMode {
    Replace,
    PartialUpdate,
}

/// What the client answered. An error code of the client is an answer too, so this comes with HTTP 200.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperationResponse {
    /// CoAP response code, `2.05`.
    pub code: String,
    pub content_format: Option<u16>,
    /// The payload as the client sent it.
    pub payload_hex: String,
    /// The payload decoded, for callers without a codec of their own.
    pub values: Vec<DecodedValue>,
    /// Why `values` is empty although a payload came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decode_error: Option<String>,
    pub duration_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecodedValue {
    pub path: String,
    /// `string`, `integer`, `unsigned`, `float`, `boolean`, `opaque`, `time`, `objlnk`, `corelnk` or `raw`.
    #[serde(rename = "type")]
    pub value_type: String,
    pub value: ValueContent,
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

/// Lower-case hexadecimal.
pub fn hex_encode(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The bytes of a hexadecimal string, or `None` when it is not one.
pub fn hex_decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let nibble = |c: u8| char::from(c).to_digit(16);
    digits.chunks(2).map(|pair| u8::try_from(nibble(pair[0])? << 4 | nibble(pair[1])?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trip_and_refusals() {
        assert_eq!(hex_decode("00ffA1"), Some(vec![0, 255, 161]));
        assert_eq!(hex_encode(&[0, 255, 161]), "00ffa1");
        assert_eq!(hex_decode("0"), None);
        assert_eq!(hex_decode("zz"), None);
        assert_eq!(hex_decode("é"), None);
    }

    #[test]
    fn an_operation_is_what_the_documentation_shows() {
        let request: OperationRequest = serde_json::from_str(r#"{"op":"read","path":"/3/0/0"}"#).unwrap();
        assert_eq!(request, OperationRequest::new(Operation::Read, "/3/0/0"));
        let write: OperationRequest =
            serde_json::from_str(r#"{"op":"write","path":"/3/0/15","value":"UTC"}"#).unwrap();
        assert_eq!(write.value, Some(ValueContent::Text("UTC".into())));
        assert!(serde_json::from_str::<OperationRequest>(r#"{"op":"read","path":"/3","valeu":1}"#).is_err());
    }
}
