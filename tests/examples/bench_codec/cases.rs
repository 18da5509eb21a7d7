//! What is measured: small payloads of the vectors, long ones of our own.

use anyhow::{Context as _, Result};
use codec_bench::Case;
use lwm2m_codec::{ContentFormat, Path, Record, Value, encode};
use serde::Deserialize;
use whole_program_tests::asset;

/// Name of the case, file of vectors and vector.
const OF_VECTORS: [(&str, &str, &str); 8] = [
    ("Device, 16 values", "tlv", "tlv-001"),
    ("Device, 16 values", "json", "json-001"),
    ("Device, 16 values", "senml_json", "sj-001"),
    ("Device, 16 values", "senml_cbor", "sc-001"),
    ("Device, 16 values", "lwm2m_cbor", "lw-004"),
    ("one integer", "text", "txt-006"),
    ("one integer", "cbor", "cbor-006"),
    ("5 bytes", "opaque", "opq-004"),
];

const WITH_TIMES: [ContentFormat; 3] =
    [ContentFormat::JSON, ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR];
const WITHOUT_TIMES: [ContentFormat; 2] = [ContentFormat::TLV, ContentFormat::LWM2M_CBOR];
const VALUES: u16 = 1_000;

const OPAQUE_LENGTH: usize = 64 * 1024;

pub(crate) fn all() -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, file, id) in OF_VECTORS {
        cases.push(of_vector(name, file, id)?);
    }
    let sensor = Path::resource(3303, 0, 5700);
    let history =
        (0..VALUES).map(|at| Record::new(sensor, temperature(at)).at_time(1.7e9 + 60.0 * f64::from(at)));
    let history: Vec<Record> = history.collect();
    for format in WITH_TIMES {
        cases.push(encoded("1000 values over time", format, sensor, &history)?);
    }
    // These formats have no times; as many values are as many instances of a resource.
    let floats = Path::resource(3442, 0, 1130);
    let many = (0..VALUES).map(|at| Record::new(Path::resource_instance(3442, 0, 1130, at), temperature(at)));
    let many: Vec<Record> = many.collect();
    for format in WITHOUT_TIMES {
        cases.push(encoded("1000 values", format, floats, &many)?);
    }
    let file = Path::resource(3442, 0, 150);
    let bytes: Vec<u8> = (0..OPAQUE_LENGTH).map(|at| at.wrapping_mul(at).to_le_bytes()[0]).collect();
    let opaque = [Record::new(file, Value::opaque(bytes))];
    for format in ContentFormat::WITH_VALUES {
        cases.push(encoded("64 KiB opaque", format, file, &opaque)?);
    }
    Ok(cases)
}

/// A value as a sensor reports it: two decimal places.
fn temperature(at: u16) -> Value {
    Value::Float(f64::from(2_000 + at * 37 % 600) / 100.0)
}

fn encoded(name: &str, format: ContentFormat, path: Path, records: &[Record]) -> Result<Case> {
    let payload = encode(format, &path, records).with_context(|| format!("{name} in {format}"))?;
    Ok(Case { name: name.to_owned(), content_format: format.0, path: path.to_string(), payload })
}

#[derive(Deserialize)]
struct Vectors {
    content_format: u16,
    valid: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    path: String,
    hex: String,
}

fn of_vector(name: &str, file: &str, id: &str) -> Result<Case> {
    let vectors: Vectors = serde_json::from_slice(&asset(&format!("vectors/{file}.json"))?)?;
    let vector = vectors.valid.into_iter().find(|vector| vector.id == id);
    let vector = vector.with_context(|| format!("no vector {id}"))?;
    let bytes = (0..vector.hex.len()).step_by(2).map(|at| u8::from_str_radix(&vector.hex[at..at + 2], 16));
    let payload = bytes.collect::<Result<Vec<u8>, _>>().with_context(|| format!("the hex of {id}"))?;
    Ok(Case { name: name.to_owned(), content_format: vectors.content_format, path: vector.path, payload })
}
