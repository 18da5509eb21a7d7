//! Reading the vector files and the definitions they refer to.

use std::path::Path as FilePath;

use libtest_mimic::Failed;
use lwm2m_codec::{
    DecodeError, ErrorLevel, Lookup, Operations, Path, Record, ResourceShape, Value, ValueType,
};
use lwm2m_model::Registry;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// One file of vectors; `D` is what its valid vectors decode to.
#[derive(Deserialize)]
#[serde(bound = "D: DeserializeOwned")]
pub(crate) struct Vectors<D> {
    pub(crate) content_format: u16,
    pub(crate) valid: Vec<Valid<D>>,
    pub(crate) malformed: Vec<Malformed>,
}

#[derive(Deserialize)]
#[serde(bound = "D: DeserializeOwned")]
pub(crate) struct Valid<D> {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) hex: String,
    pub(crate) decoded: D,
    /// Whether an encoder gives exactly these bytes. Lists of paths leave it out.
    pub(crate) canonical: serde_json::Value,
}

impl<D> Valid<D> {
    pub(crate) fn is_canonical(&self) -> bool {
        self.canonical == true
    }
}

#[derive(Deserialize)]
pub(crate) struct Malformed {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) hex: String,
    pub(crate) error: String,
    pub(crate) level: String,
    /// `false`: accepting it is tolerable.
    pub(crate) must_reject: bool,
}

impl Malformed {
    /// Checks that the refusal has the stated class and says what was expected and what came.
    pub(crate) fn expect(&self, error: &DecodeError) -> Result<(), Failed> {
        let level = match error.class.level() {
            ErrorLevel::Syntax => "syntax",
            ErrorLevel::Semantic => "semantic",
        };
        same(&(error.class.name(), level), &(self.error.as_str(), self.level.as_str()))?;
        if error.expected().is_empty() || error.found().is_empty() {
            return Err(format!("says too little: {error}").into());
        }
        Ok(())
    }
}

#[derive(Clone, Deserialize)]
pub(crate) struct DecodedRecord {
    pub(crate) path: String,
    #[serde(rename = "type")]
    value_type: String,
    value: Box<RawValue>,
    t: Option<f64>,
}

impl DecodedRecord {
    pub(crate) fn record(&self) -> Record {
        let path: Path = self.path.parse().unwrap();
        let text = match self.value.get() {
            "true" => "1".to_string(),
            "false" => "0".to_string(),
            quoted if quoted.starts_with('"') => serde_json::from_str(quoted).unwrap(),
            number => number.to_string(),
        };
        let value_type: ValueType = self.value_type.parse().unwrap();
        let value = match value_type {
            ValueType::Opaque => Value::opaque(bytes(&text)),
            // The text of a number is read by the standard library, independent of the codec.
            ValueType::Float => Value::Float(text.parse().unwrap()),
            ValueType::Integer => Value::Integer(text.parse().unwrap()),
            ValueType::Unsigned => Value::Unsigned(text.parse().unwrap()),
            ValueType::Time => Value::Time(text.parse().unwrap()),
            _ => Value::parse(value_type, &text).unwrap(),
        };
        let record = Record::new(path, value);
        self.t.map_or(record.clone(), |time| record.at_time(time))
    }
}

pub(crate) fn vectors<D: DeserializeOwned>(name: &str) -> Vectors<D> {
    serde_json::from_str(&asset(&format!("vectors/{name}.json"))).unwrap()
}

pub(crate) fn asset(name: &str) -> String {
    let assets = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../assets");
    std::fs::read_to_string(assets.join(name)).unwrap()
}

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Compares, and compares as text too, in which -0.0 is not 0.0.
pub(crate) fn same<T: std::fmt::Debug + PartialEq>(got: &T, expected: &T) -> Result<(), Failed> {
    let equal = got == expected;
    let (got, expected) = (format!("{got:?}"), format!("{expected:?}"));
    if equal && got == expected { Ok(()) } else { Err(format!("got      {got}\nexpected {expected}").into()) }
}

/// The registry and the objects that exist only in the vectors.
pub(crate) struct Definitions {
    registry: Registry,
    test_objects: BTreeMap<(u16, u16), ResourceShape>,
}

#[derive(Deserialize)]
struct TestObject {
    resources: Vec<TestResource>,
}

#[derive(Deserialize)]
struct TestResource {
    id: u16,
    #[serde(rename = "type")]
    value_type: String,
    multiple: bool,
    operations: String,
}

impl Definitions {
    pub(crate) fn load() -> Self {
        let registry = Registry::from_json(&asset("registry/objects.json")).unwrap();
        let source: BTreeMap<u16, TestObject> =
            serde_json::from_str(&asset("vectors/test_objects.json")).unwrap();
        let mut test_objects = BTreeMap::new();
        for (object, TestObject { resources }) in source {
            for resource in resources {
                let letter = |letter| resource.operations.contains(letter);
                let operations = Operations { read: letter('R'), write: letter('W'), execute: letter('E') };
                let value_type = resource.value_type.parse().ok();
                let shape = ResourceShape { value_type, multiple: resource.multiple, operations };
                test_objects.insert((object, resource.id), shape);
            }
        }
        Self { registry, test_objects }
    }
}

impl Lookup for Definitions {
    fn resource(&self, object: u16, resource: u16) -> Option<ResourceShape> {
        let test_object = self.test_objects.get(&(object, resource)).copied();
        test_object.or_else(|| Lookup::resource(&self.registry, object, resource))
    }
}
