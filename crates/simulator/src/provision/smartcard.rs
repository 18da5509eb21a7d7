//! Smartcards as image files; their layout is described in `docs/smartcard.md`.

use std::{collections::BTreeMap, fs, io, path::Path as FilePath};

use anyhow::{Context, bail, ensure};
use lwm2m_codec::{ContentFormat, Decoder, Path, Record, encode};
use lwm2m_model::Registry;

/// Larger than any card; a longer file is refused before it is read.
const IMAGE_BYTES: u64 = 64 * 1024;

/// Application template of EF.DIR (ISO/IEC 7816-4 §8.2.1.1).
const APPLICATION: u8 = 0x61;
const APPLICATION_ID: u8 = 0x4f;
const LABEL: u8 = 0x50;
/// RID and name of PKCS #15.
const PKCS_15: &[u8] = b"\xa0\x00\x00\x00\x63PKCS-15";
const LABEL_TEXT: &[u8] = b"LwM2M Bootstrap";
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
/// What a card is filled up with.
const FILLING: [u8; 2] = [0x00, 0xff];

/// What a card holds; None while there is no file, which is a slot without a card.
pub(crate) fn read(file: &FilePath, registry: &Registry) -> anyhow::Result<Option<Vec<Record>>> {
    let shown = file.display();
    match fs::metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => {
            let length = found.with_context(|| format!("cannot read {shown}"))?.len();
            ensure!(length <= IMAGE_BYTES, "{shown}: expected at most {IMAGE_BYTES} bytes, got {length}");
        }
    }
    let image = fs::read(file).with_context(|| format!("cannot read {shown}"))?;
    parse(&image, registry).map(Some).with_context(|| format!("{shown} is no image of a smartcard"))
}

/// The image of a card with these instances.
pub(crate) fn image(records: &[Record]) -> anyhow::Result<Vec<u8>> {
    let mut objects: BTreeMap<u16, Vec<Record>> = BTreeMap::new();
    for record in records {
        let object = record.path.object_id().context("expected records of objects")?;
        objects.entry(object).or_default().push(record.clone());
    }
    let mut image = Vec::new();
    let directory = [element(APPLICATION_ID, PKCS_15)?, element(LABEL, LABEL_TEXT)?].concat();
    image.extend(element(APPLICATION, &directory)?);
    for (object, records) in objects {
        let instances = encode(ContentFormat::TLV, &Path::object(object), &records)?;
        let file = [integer(object)?, element(OCTET_STRING, &instances)?].concat();
        image.extend(element(SEQUENCE, &file)?);
    }
    Ok(image)
}

fn parse(image: &[u8], registry: &Registry) -> anyhow::Result<Vec<Record>> {
    let mut rest = image;
    let directory = take(&mut rest, APPLICATION)?;
    let mut inner = directory;
    ensure!(
        take(&mut inner, APPLICATION_ID)? == PKCS_15,
        "expected the application PKCS-15, got another one"
    );
    let mut records = Vec::new();
    while rest.first().is_some_and(|tag| !FILLING.contains(tag)) {
        let mut file = take(&mut rest, SEQUENCE)?;
        let object = match take(&mut file, INTEGER)? {
            [low] => u16::from(*low),
            [high, low] => u16::from_be_bytes([*high, *low]),
            [0, high, low] => u16::from_be_bytes([*high, *low]),
            other => bail!("expected the id of an object, got {} bytes", other.len()),
        };
        let instances = take(&mut file, OCTET_STRING)?;
        ensure!(file.is_empty(), "expected the end after the instances of /{object}, got more");
        let path = Path::object(object);
        let decoded = Decoder::new(ContentFormat::TLV, &path, registry).decode(instances);
        records.extend(decoded.with_context(|| format!("the instances of {path}"))?);
    }
    Ok(records)
}

/// The content of the next data object, which has to have this tag.
fn take<'a>(rest: &mut &'a [u8], tag: u8) -> anyhow::Result<&'a [u8]> {
    let (header, length) = match **rest {
        [got, ..] if got != tag => bail!("expected a data object {tag:02x}, got {got:02x}"),
        [_, length @ ..=0x7f, ..] => (2, usize::from(length)),
        [_, 0x81, length, ..] => (3, usize::from(length)),
        [_, 0x82, high, low, ..] => (4, usize::from(u16::from_be_bytes([high, low]))),
        _ => bail!("expected a data object {tag:02x} with a length of at most 65535, got something else"),
    };
    let (Some(content), Some(behind)) = (rest.get(header..header + length), rest.get(header + length..))
    else {
        bail!("data object {tag:02x}: expected {length} bytes, got {}", rest.len().saturating_sub(header));
    };
    *rest = behind;
    Ok(content)
}

/// Tag, length and content in the shortest form (X.690 §8.1.3).
fn element(tag: u8, content: &[u8]) -> anyhow::Result<Vec<u8>> {
    let length = u16::try_from(content.len()).context("expected at most 65535 bytes in a data object")?;
    let mut bytes = vec![tag];
    match length.to_be_bytes() {
        [0, low @ ..=0x7f] => bytes.push(low),
        [0, low] => bytes.extend([0x81, low]),
        [high, low] => bytes.extend([0x82, high, low]),
    }
    bytes.extend_from_slice(content);
    Ok(bytes)
}

/// Not negative, so that a first bit needs a zero before it (X.690 §8.3).
fn integer(number: u16) -> anyhow::Result<Vec<u8>> {
    let bytes = u32::from(number).to_be_bytes();
    let first = (1..3).find(|at| bytes[*at] != 0).unwrap_or(3);
    let first = if bytes[first] >= 0x80 { first - 1 } else { first };
    element(INTEGER, &bytes[first..])
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::Value;

    use super::*;
    use crate::profile::tests::registry;

    fn records() -> Vec<Record> {
        let key = Value::opaque(vec![7; 300]);
        [
            ("/0/0/0", Value::string("coaps://h")),
            ("/0/0/5", key),
            ("/1/0/1", Value::Integer(300)),
            ("/1/1/1", Value::Integer(60)),
            ("/2/0/2/101", Value::Integer(15)),
            ("/10249/0/0", Value::Integer(1)),
        ]
        .into_iter()
        .filter(|(at, value)| registry_has(at, value))
        .map(|(at, value)| Record::new(at.parse().unwrap(), value))
        .collect()
    }

    fn registry_has(at: &str, value: &Value) -> bool {
        let path: Path = at.parse().unwrap();
        let definition = registry().resource(path.object_id().unwrap(), path.resource_id().unwrap()).cloned();
        definition.is_some_and(|found| found.value_type == value.value_type())
    }

    #[test]
    fn c_001_an_image_holds_what_was_put_on_it() {
        let mut image = image(&records()).unwrap();
        assert_eq!(image[..9], *b"\x61\x1f\x4f\x0c\xa0\x00\x00\x00\x63");
        assert_eq!(parse(&image, &registry()).unwrap(), records());
        image.extend([0xff; 100]);
        assert_eq!(parse(&image, &registry()).unwrap(), records(), "cards are filled up");
    }

    #[test]
    fn ids_of_objects_are_integers_in_the_shortest_form() {
        for (number, expected) in [
            (0, &[2, 1, 0][..]),
            (127, &[2, 1, 127]),
            (128, &[2, 2, 0, 128]),
            (32_768, &[2, 3, 0, 128, 0]),
            (65_534, &[2, 3, 0, 255, 254]),
        ] {
            assert_eq!(integer(number).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_cut_off_or_changed_is_refused_and_never_panics() {
        let image = image(&records()).unwrap();
        for end in 0..image.len() {
            // An image may end after any of its files.
            let _ = parse(&image[..end], &registry());
        }
        assert!(parse(&[], &registry()).is_err());
        assert!(parse(&image[..image.len() - 1], &registry()).is_err());
        let mut other = image;
        other[5] ^= 1;
        assert!(parse(&other, &registry()).unwrap_err().to_string().contains("PKCS-15"));
    }

    #[test]
    fn no_file_is_no_card() {
        assert_eq!(read(FilePath::new("/no/such/card"), &registry()).unwrap(), None);
    }
}
