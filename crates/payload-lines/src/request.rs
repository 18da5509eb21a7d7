use std::borrow::Cow;
use std::collections::BTreeMap;

use lwm2m_codec::registration::LwM2mVersion;
use lwm2m_codec::{ContentFormat, Lookup, Path};
use lwm2m_model::{ClientModel, Registry};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::answer::Refusal;
use crate::hex;

/// One line of input.
#[derive(Deserialize)]
pub(crate) struct Request<'a> {
    #[serde(borrow)]
    pub(crate) id: Option<&'a RawValue>,
    content_format: Option<u16>,
    format: Option<String>,
    path: Option<String>,
    #[serde(borrow)]
    hex: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) values: Option<&'a RawValue>,
    /// Values of resources that the definition of their object does not name.
    #[serde(borrow)]
    pub(crate) unknown: Option<&'a RawValue>,
    /// Nodes that are there with nothing in them.
    #[serde(default)]
    pub(crate) empty: Vec<String>,
    root: Option<String>,
    #[serde(default)]
    pub(crate) relative_ids: bool,
    lwm2m: Option<String>,
    versions: Option<BTreeMap<u16, String>>,
}

/// What a payload is, beyond its content format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Values(ContentFormat),
    Paths(ContentFormat),
    Links,
    ExecuteArguments,
}

/// Names for what a number does not say, and for the numbers themselves.
const NAMES: [(&str, Kind); 15] = [
    ("link", Kind::Links),
    ("execute_args", Kind::ExecuteArguments),
    ("senml_json_paths", Kind::Paths(ContentFormat::SENML_JSON)),
    ("senml_cbor_paths", Kind::Paths(ContentFormat::SENML_CBOR)),
    ("senml_etch_json_paths", Kind::Paths(ContentFormat::SENML_ETCH_JSON)),
    ("senml_etch_cbor_paths", Kind::Paths(ContentFormat::SENML_ETCH_CBOR)),
    ("text", Kind::Values(ContentFormat::TEXT)),
    ("opaque", Kind::Values(ContentFormat::OPAQUE)),
    ("cbor", Kind::Values(ContentFormat::CBOR)),
    ("tlv", Kind::Values(ContentFormat::TLV)),
    ("json", Kind::Values(ContentFormat::JSON)),
    ("senml_json", Kind::Values(ContentFormat::SENML_JSON)),
    ("senml_cbor", Kind::Values(ContentFormat::SENML_CBOR)),
    ("lwm2m_cbor", Kind::Values(ContentFormat::LWM2M_CBOR)),
    ("core_link", Kind::Links),
];

impl<'a> Request<'a> {
    pub(crate) fn read(line: &'a str) -> Result<Self, Refusal> {
        let expected = "a JSON object with content_format, path and hex";
        // A list would do for serde, and nobody means one.
        if line.starts_with('[') {
            return Err(Refusal::new("BAD_REQUEST", expected, "an array"));
        }
        serde_json::from_str(line).map_err(|error| Refusal::new("BAD_REQUEST", expected, error.to_string()))
    }

    pub(crate) fn kind(&self) -> Result<Kind, Refusal> {
        let named = self.format.as_deref().and_then(|format| NAMES.iter().find(|(name, _)| *name == format));
        match (named, self.content_format) {
            // What only a name can say comes before the number that may stand beside it.
            (Some((_, kind)), None) => Ok(*kind),
            (Some((_, kind)), Some(_)) if !matches!(kind, Kind::Values(_)) => Ok(*kind),
            (_, Some(number)) if ContentFormat(number) == ContentFormat::CORE_LINK => Ok(Kind::Links),
            (_, Some(number)) => Ok(Kind::Values(ContentFormat(number))),
            (None, None) => {
                let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
                let expected = format!("content_format, or a format of {}", names.join(", "));
                let found =
                    self.format.as_ref().map_or_else(|| "neither".to_owned(), |format| format!("{format:?}"));
                Err(Refusal::new("BAD_REQUEST", expected, found))
            }
        }
    }

    /// The path of the request. Links and arguments have no need for one.
    pub(crate) fn path(&self) -> Result<Path, Refusal> {
        let Some(path) = &self.path else {
            return Err(Refusal::new("BAD_REQUEST", "a path such as /3/0", "none"));
        };
        path.parse().map_err(|error| {
            Refusal::new("BAD_PATH", "a path such as /3/0", format!("{path:?}")).because(&error)
        })
    }

    pub(crate) fn payload(&self) -> Result<Vec<u8>, Refusal> {
        let Some(text) = &self.hex else {
            return Err(Refusal::new("BAD_REQUEST", "the payload in hex", "none"));
        };
        hex::decode(text).ok_or_else(|| {
            Refusal::new("BAD_REQUEST", "two hexadecimal digits for every byte of hex", "something else")
        })
    }

    pub(crate) fn root(&self) -> &str {
        self.root.as_deref().unwrap_or("/")
    }

    /// The definitions that hold for the payload: the current ones, or those of the client's versions.
    pub(crate) fn definitions<'r>(&self, registry: &'r Registry) -> Result<Definitions<'r>, Refusal> {
        if self.lwm2m.is_none() && self.versions.is_none() {
            return Ok(Definitions::Current(registry));
        }
        let enabler = match &self.lwm2m {
            None => LwM2mVersion::default(),
            Some(text) => text.parse().map_err(|error| {
                Refusal::new("BAD_REQUEST", "lwm2m 1.0, 1.1 or 1.2", format!("{text:?}")).because(&error)
            })?,
        };
        let versions = self.versions.iter().flatten();
        let versions = versions.map(|(object, version)| (*object, version.as_str()));
        Ok(Definitions::Client(registry.for_client(enabler, versions)))
    }
}

pub(crate) enum Definitions<'a> {
    Current(&'a Registry),
    Client(ClientModel<'a>),
}

impl Definitions<'_> {
    pub(crate) fn lookup(&self) -> &dyn Lookup {
        match self {
            Self::Current(registry) => *registry,
            Self::Client(model) => model,
        }
    }

    /// Whether a path names a resource that the definition of its object does not have.
    pub(crate) fn is_unknown(&self, path: &Path) -> bool {
        let Some((object, resource)) = path.object_id().zip(path.resource_id()) else { return false };
        let definition = match self {
            Self::Current(registry) => registry.object(object),
            Self::Client(model) => model.object(object),
        };
        definition.is_some_and(|definition| definition.resource(resource).is_none())
    }
}
