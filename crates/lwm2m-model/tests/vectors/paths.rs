//! Lists of paths.

use libtest_mimic::{Failed, Trial};
use lwm2m_codec::{ContentFormat, Path, decode_paths, encode_paths};

use crate::source::{Malformed, Valid, bytes, same, vectors};
use crate::trial;

const FORMATS: [(&str, ContentFormat, ContentFormat); 2] = [
    ("senml_json_paths", ContentFormat::SENML_JSON, ContentFormat::SENML_ETCH_JSON),
    ("senml_cbor_paths", ContentFormat::SENML_CBOR, ContentFormat::SENML_ETCH_CBOR),
];

pub(crate) fn add(trials: &mut Vec<Trial>) {
    for (name, format, etch) in FORMATS {
        let file = vectors::<Vec<String>>(name);
        assert_eq!(file.content_format, format.0);
        for vector in file.valid {
            let id = vector.id.clone();
            trials.push(trial(&id, move || valid(format, etch, &vector)));
        }
        for vector in file.malformed {
            let id = vector.id.clone();
            trials.push(trial(&id, move || malformed(format, &vector)));
        }
    }
}

fn valid(format: ContentFormat, etch: ContentFormat, vector: &Valid<Vec<String>>) -> Result<(), Failed> {
    let payload = bytes(&vector.hex);
    let expected: Vec<Path> = vector.decoded.iter().map(|path| path.parse().unwrap()).collect();
    for format in [format, etch] {
        same(&decode_paths(format, &payload), &Ok(expected.clone()))?;
        let encoded = encode_paths(format, &expected).map_err(|error| error.to_string())?;
        same(&decode_paths(format, &encoded), &Ok(expected.clone()))?;
        // Base names are the one thing that we write in another way.
        if !vector.id.ends_with("-009") {
            same(&encoded, &payload)?;
        }
    }
    Ok(())
}

fn malformed(format: ContentFormat, vector: &Malformed) -> Result<(), Failed> {
    match decode_paths(format, &bytes(&vector.hex)) {
        Ok(paths) if vector.must_reject => Err(format!("accepted: {paths:?}").into()),
        Ok(_) => Ok(()),
        Err(error) => vector.expect(&error),
    }
}
