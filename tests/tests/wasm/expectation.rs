//! What the vectors state about the answers.

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{answer::Answer, vectors::Vector};

pub(crate) fn of_decoding(format: &str, vector: &Vector, answer: &Answer<'_>) -> Result<()> {
    match (&vector.decoded, &vector.error) {
        (Some(decoded), None) => {
            let values = answer.values.context("it is valid")?;
            ensure!(answer.ok && is_same(format, values, decoded)?, "it should be {decoded}");
            Ok(())
        }
        (None, Some(error)) => is_refused(format, vector, error, answer),
        _ => bail!("a vector is either valid or malformed"),
    }
}

fn is_refused(format: &str, vector: &Vector, error: &str, answer: &Answer<'_>) -> Result<()> {
    if answer.ok {
        ensure!(!vector.must_reject, "it should be refused with {error}");
        // A registration is not refused for what is wrong with one of its links, but that is remarked upon.
        ensure!(format != "link" || !answer.remarks.is_empty(), "there should be a remark");
        return Ok(());
    }
    ensure!(answer.error.as_deref() == Some(error), "the error should be {error}");
    let says_something = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    ensure!(says_something(&answer.expected) && says_something(&answer.found), "it says too little");
    Ok(())
}

pub(crate) fn of_encoding(format: &str, vector: &Vector, answer: &Answer<'_>) -> Result<()> {
    // Nothing at all is not something that LwM2M CBOR can say.
    if format == "lwm2m_cbor" && vector.decoded.as_ref().is_some_and(|decoded| decoded.get() == "[]") {
        ensure!(answer.error.as_deref() == Some("EMPTY_NOT_CARRIED"), "it cannot be encoded");
        return Ok(());
    }
    let hex = answer.hex.as_ref().context("it can be encoded")?;
    let exact = match format {
        "link" => false,
        "execute_args" => true,
        // Base names are the one thing that we write in another way.
        "senml_json_paths" | "senml_cbor_paths" => !vector.id.ends_with("-009"),
        _ => vector.is_canonical(),
    };
    ensure!(!exact || *hex == vector.hex, "the payload should be {}", vector.hex);
    Ok(())
}

/// Whether two results mean the same. Numbers are compared by their text where it matters.
fn is_same(format: &str, values: &RawValue, decoded: &RawValue) -> Result<bool> {
    if matches!(format, "senml_json_paths" | "senml_cbor_paths" | "link" | "execute_args") {
        let read = |raw: &RawValue| serde_json::from_str::<Value>(raw.get());
        return Ok(read(values)? == read(decoded)?);
    }
    let read = |raw: &'_ RawValue| -> Result<Vec<Meaning>> {
        let records: Vec<Record<'_>> = serde_json::from_str(raw.get())?;
        records.iter().map(Record::meaning).collect()
    };
    Ok(read(values)? == read(decoded)?)
}

#[derive(Deserialize)]
struct Record<'a> {
    path: String,
    #[serde(rename = "type")]
    value_type: String,
    #[serde(borrow)]
    value: &'a RawValue,
    #[serde(borrow)]
    t: Option<&'a RawValue>,
}

#[derive(PartialEq)]
struct Meaning {
    path: String,
    value_type: String,
    value: String,
    /// With all bits, in which -0.0 is not 0.0.
    number: Option<u64>,
    time: Option<u64>,
}

impl Record<'_> {
    fn meaning(&self) -> Result<Meaning> {
        let raw = self.value.get();
        let number = if self.value_type == "float" { raw.parse::<f64>().ok() } else { None };
        let value = match number {
            Some(_) => String::new(),
            None if raw.starts_with('"') => serde_json::from_str(raw)?,
            None => raw.to_owned(),
        };
        let time = self.t.map(|time| time.get().parse::<f64>()).transpose()?;
        Ok(Meaning {
            path: self.path.clone(),
            value_type: self.value_type.clone(),
            value,
            number: number.map(f64::to_bits),
            time: time.map(f64::to_bits),
        })
    }
}
