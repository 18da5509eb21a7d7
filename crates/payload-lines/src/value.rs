//! Values as JSON, in both directions.

use lwm2m_codec::{Lookup, Path, Record, Value, ValueType};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::answer::Refusal;
use crate::hex;

/// Records as they are written, one after the other, so that they are not all there twice.
pub(crate) struct ShownRecords(pub(crate) Vec<Record>);

impl ShownRecords {
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for ShownRecords {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ShownRecord::from))
    }
}

/// A value and where it belongs, as it is written.
#[derive(Serialize)]
struct ShownRecord {
    path: String,
    #[serde(rename = "type")]
    value_type: &'static str,
    value: ShownValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    t: Option<Seconds>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ShownValue {
    Boolean(bool),
    Integer(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
}

/// Seconds, without a fraction where there is none.
#[derive(Serialize)]
#[serde(untagged)]
enum Seconds {
    Whole(i64),
    Fraction(f64),
}

impl From<&Record> for ShownRecord {
    fn from(record: &Record) -> Self {
        Self {
            path: record.path.to_string(),
            value_type: record.value.type_name(),
            value: ShownValue::from(&record.value),
            t: record.time().map(Seconds::from),
        }
    }
}

impl From<&Value> for ShownValue {
    fn from(value: &Value) -> Self {
        match value {
            Value::String(text) | Value::CoreLink(text) => Self::Text(text.to_string()),
            Value::Integer(number) | Value::Time(number) => Self::Integer(*number),
            Value::Unsigned(number) => Self::Unsigned(*number),
            Value::Float(number) if number.is_finite() => Self::Float(*number),
            // JSON has no numbers for these; TLV has.
            Value::Float(number) => Self::Text(format!("{number}")),
            Value::Boolean(truth) => Self::Boolean(*truth),
            Value::Opaque(bytes) | Value::Raw(bytes) => Self::Text(hex::encode(bytes)),
            Value::ObjectLink(link) => Self::Text(link.to_string()),
        }
    }
}

impl From<f64> for Seconds {
    fn from(seconds: f64) -> Self {
        let whole = seconds as i64;
        if whole as f64 == seconds { Self::Whole(whole) } else { Self::Fraction(seconds) }
    }
}

/// A value and where it belongs, as it is read.
#[derive(Deserialize)]
pub(crate) struct GivenRecord<'a> {
    path: String,
    #[serde(rename = "type")]
    value_type: Option<String>,
    #[serde(borrow)]
    value: &'a RawValue,
    t: Option<&'a RawValue>,
}

impl GivenRecord<'_> {
    /// The record; a type that is not given is that of the definition.
    pub(crate) fn record(&self, definitions: &dyn Lookup) -> Result<Record, Refusal> {
        let path: Path = self.path.parse().map_err(|error| {
            Refusal::new("BAD_PATH", "a path such as /3/0/0", format!("{:?}", self.path)).because(&error)
        })?;
        let record = Record::new(path, self.value(&path, definitions)?);
        let Some(time) = self.t else { return Ok(record) };
        match time.get().parse::<f64>() {
            Ok(time) if time.is_finite() => Ok(record.at_time(time)),
            _ => Err(Refusal::new("FIELD_TYPE", "seconds in t", time.get())),
        }
    }

    fn value(&self, path: &Path, definitions: &dyn Lookup) -> Result<Value, Refusal> {
        let raw = self.value.get();
        let text = if raw.starts_with('"') { serde_json::from_str::<String>(raw).ok() } else { None };
        if self.value_type.as_deref() == Some("raw") {
            let bytes = text.as_deref().and_then(hex::decode);
            let bytes = bytes.ok_or_else(|| mismatch("bytes in hexadecimal", raw))?;
            return Ok(Value::Raw(bytes.into()));
        }
        match (self.value_type(path, definitions)?, text) {
            (ValueType::Boolean, None) if raw == "true" || raw == "false" => {
                Ok(Value::Boolean(raw == "true"))
            }
            (ValueType::Opaque, Some(text)) => {
                let bytes = hex::decode(&text).ok_or_else(|| mismatch("bytes in hexadecimal", raw))?;
                Ok(Value::opaque(bytes))
            }
            (ValueType::Float, Some(text)) if matches!(&*text, "NaN" | "inf" | "-inf") => {
                Ok(Value::Float(text.parse().unwrap_or(f64::NAN)))
            }
            (value_type @ (ValueType::String | ValueType::CoreLink | ValueType::ObjectLink), Some(text)) => {
                Ok(Value::parse(value_type, &text)?)
            }
            (
                value_type @ (ValueType::Integer | ValueType::Unsigned | ValueType::Time | ValueType::Float),
                None,
            ) => Ok(Value::parse(value_type, raw)?),
            (value_type, _) => Err(mismatch(&format!("a value of type {value_type}"), raw)),
        }
    }

    fn value_type(&self, path: &Path, definitions: &dyn Lookup) -> Result<ValueType, Refusal> {
        if let Some(name) = &self.value_type {
            return name.parse().map_err(|error| {
                Refusal::new("BAD_REQUEST", "the name of a type", format!("{name:?}")).because(&error)
            });
        }
        let ids = path.object_id().zip(path.resource_id());
        let shape = ids.and_then(|(object, resource)| definitions.resource(object, resource));
        shape.and_then(|shape| shape.value_type).ok_or_else(|| {
            Refusal::new("BAD_REQUEST", format!("a type for {path}, which has no definition"), "none")
        })
    }
}

fn mismatch(expected: &str, raw: &str) -> Refusal {
    let found: String = raw.chars().take(40).collect();
    Refusal::new("VALUE_TYPE_MISMATCH", expected, found)
}
