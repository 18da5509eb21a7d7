//! The payload of a registration.

use libtest_mimic::{Failed, Trial};
use lwm2m_codec::link;
use lwm2m_codec::registration::ObjectLinks;
use serde::Deserialize;

use crate::source::{Malformed, Valid, bytes, same, vectors};
use crate::trial;

#[derive(Deserialize)]
struct DecodedLinks {
    root: String,
    ct: Vec<u16>,
    objects: Vec<DecodedObject>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct DecodedObject {
    id: u16,
    ver: Option<String>,
    instances: Vec<u16>,
}

pub(crate) fn add(trials: &mut Vec<Trial>) {
    let file = vectors::<DecodedLinks>("link");
    for vector in file.valid {
        let id = vector.id.clone();
        trials.push(trial(&id, move || valid(vector)));
    }
    for vector in file.malformed {
        let id = vector.id.clone();
        trials.push(trial(&id, move || malformed(&vector)));
    }
}

fn valid(vector: Valid<DecodedLinks>) -> Result<(), Failed> {
    let payload = bytes(&vector.hex);
    let list = ObjectLinks::parse(&payload).map_err(|error| error.to_string())?;
    let objects: Vec<DecodedObject> = list
        .objects
        .iter()
        .map(|(id, object)| DecodedObject {
            id: *id,
            ver: object.version.clone(),
            instances: object.instances.iter().copied().collect(),
        })
        .collect();
    let formats: Vec<u16> = list.content_formats.iter().map(|format| format.0).collect();
    same(&list.root, &vector.decoded.root)?;
    same(&formats, &vector.decoded.ct)?;
    same(&objects, &vector.decoded.objects)?;

    same(&ObjectLinks::parse(list.write().as_bytes()), &Ok(list))?;
    let links = link::parse(&payload).map_err(|error| error.to_string())?;
    same(&link::parse(link::write(&links).as_bytes()), &Ok(links))
}

/// A registration is not refused for what is wrong with one of its links; such remarks are kept instead.
fn malformed(vector: &Malformed) -> Result<(), Failed> {
    match ObjectLinks::parse(&bytes(&vector.hex)) {
        Ok(list) if vector.must_reject => Err(format!("accepted: {list:?}").into()),
        Ok(list) if list.remarks.is_empty() => Err(format!("accepted without a remark: {list:?}").into()),
        Ok(_) => Ok(()),
        Err(error) => vector.expect(&error),
    }
}
