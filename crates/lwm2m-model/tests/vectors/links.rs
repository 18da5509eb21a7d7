//! The payload of a registration.

use lwm2m_codec::registration::ObjectLinks;
use lwm2m_codec::{ErrorLevel, link};
use serde::Deserialize;

use crate::source::{bytes, vectors};

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

#[test]
fn valid_lists_decode_to_their_objects() {
    for vector in vectors::<DecodedLinks>("link").valid {
        let list =
            ObjectLinks::parse(&bytes(&vector.hex)).unwrap_or_else(|error| panic!("{}: {error}", vector.id));
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
        assert_eq!(list.root, vector.decoded.root, "{}", vector.id);
        assert_eq!(formats, vector.decoded.ct, "{}", vector.id);
        assert_eq!(objects, vector.decoded.objects, "{}", vector.id);
    }
}

#[test]
fn every_valid_list_survives_a_round_trip() {
    for vector in vectors::<DecodedLinks>("link").valid {
        let list = ObjectLinks::parse(&bytes(&vector.hex)).unwrap();
        assert_eq!(ObjectLinks::parse(list.write().as_bytes()), Ok(list), "{}", vector.id);
        let links = link::parse(&bytes(&vector.hex)).unwrap();
        assert_eq!(link::parse(link::write(&links).as_bytes()), Ok(links), "{}", vector.id);
    }
}

#[test]
fn malformed_lists_are_refused_with_their_class_or_remarked() {
    for vector in vectors::<DecodedLinks>("link").malformed {
        match ObjectLinks::parse(&bytes(&vector.hex)) {
            Ok(list) => {
                assert!(!vector.must_reject, "{}: {list:?}", vector.id);
                assert!(!list.remarks.is_empty(), "{}: nothing remarked", vector.id);
            }
            Err(error) => {
                assert_eq!(error.class.name(), vector.error, "{}: {error}", vector.id);
                let level = if vector.level == "syntax" { ErrorLevel::Syntax } else { ErrorLevel::Semantic };
                assert_eq!(error.class.level(), level, "{}", vector.id);
            }
        }
    }
}
