//! Lists of paths in SenML.

use lwm2m_codec::{ContentFormat, decode_paths_below, encode_paths, limits::ITEMS_MAX};

use crate::{allocation, answers};

/// The first byte has the format in its lowest bit; the next one says whether the client has a root path.
pub fn paths(data: &[u8]) {
    let Some((selector, payload)) = data.split_first() else { return };
    let format = if selector & 1 == 0 { ContentFormat::SENML_JSON } else { ContentFormat::SENML_CBOR };
    let root = if selector & 2 == 0 { "/" } else { "/lwm2m" };
    match allocation::reading(payload.len(), || decode_paths_below(root, format, payload)) {
        Err(error) => answers::check_error(&error, payload.len()),
        Ok(paths) => {
            assert!(paths.len() <= ITEMS_MAX, "{} paths", paths.len());
            let written = encode_paths(format, &paths).unwrap_or_else(|error| panic!("{error}: {paths:?}"));
            assert_eq!(decode_paths_below(root, format, &written), Ok(paths));
        }
    }
}
