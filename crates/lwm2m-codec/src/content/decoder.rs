use alloc::format;
use alloc::vec::Vec;

use super::collector::Collector;
use super::record::Record;
use super::{cbor, lwm2m_cbor, lwm2m_json, opaque, senml, text, tlv};
use crate::annotate::{self, Annotation};
use crate::content_format::ContentFormat;
use crate::error::{DecodeError, ErrorClass, payload_too_large};
use crate::limits::PAYLOAD_MAX;
use crate::link;
use crate::lookup::Lookup;
use crate::node::Node;
use crate::path::Path;

/// Reads a payload that was written for, or read from, `path`.
///
/// Resources without a definition in `lookup` become [`Value::Raw`](crate::Value::Raw), or what the format itself
/// says they are; everything else must fit its definition.
///
/// # Errors
/// When the payload breaks the rules of its format or does not fit the path or a definition.
pub fn decode(
    format: ContentFormat,
    path: &Path,
    payload: &[u8],
    lookup: &dyn Lookup,
) -> Result<Vec<Record>, DecodeError> {
    Decoder::new(format, path, lookup).decode(payload)
}

/// [`decode`] with everything that can be said about a payload.
#[derive(Clone, Copy)]
pub struct Decoder<'a> {
    pub(super) format: ContentFormat,
    pub(super) path: Path,
    pub(super) lookup: &'a dyn Lookup,
    pub(super) root: &'a str,
    /// What the ids in LwM2M CBOR continue: the root, or `path` when they are relative.
    pub(super) prefix: Path,
    relative_ids: bool,
    /// Whether a record may have nothing as its value.
    pub(super) removals: bool,
}

impl<'a> Decoder<'a> {
    #[must_use]
    pub fn new(format: ContentFormat, path: &Path, lookup: &'a dyn Lookup) -> Self {
        Self {
            format,
            path: *path,
            lookup,
            root: "/",
            prefix: Path::ROOT,
            relative_ids: false,
            removals: false,
        }
    }

    /// The alternate path that the client registered, for example `/lwm2m` (LwM2M Core §6.2.1). Names are accepted
    /// with it and without.
    #[must_use]
    pub const fn root(mut self, root: &'a str) -> Self {
        self.root = root;
        self
    }

    /// Accepts LwM2M CBOR whose ids begin below the target, as a Write or Create may have it (LwM2M Core 1.2
    /// §7.4.6). Ids from the object down are tried first.
    #[must_use]
    pub const fn relative_ids(mut self) -> Self {
        self.relative_ids = true;
        self
    }

    /// Accepts records with nothing as their value in the formats of iPATCH, where they ask for a removal
    /// (RFC 8790 §3.2). Their paths are those that [`decode_with_empty`](Self::decode_with_empty) adds.
    #[must_use]
    pub fn removals(mut self) -> Self {
        self.removals =
            [ContentFormat::SENML_ETCH_JSON, ContentFormat::SENML_ETCH_CBOR].contains(&self.format);
        self
    }

    /// The records of the payload, in its order.
    ///
    /// # Errors
    /// When the payload breaks the rules of its format or does not fit the path or a definition.
    pub fn decode(&self, payload: &[u8]) -> Result<Vec<Record>, DecodeError> {
        self.read(payload).map(|(records, _)| records)
    }

    /// The records, and the paths of object instances and multiple resources that are there with nothing in them.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn decode_with_empty(&self, payload: &[u8]) -> Result<(Vec<Record>, Vec<Path>), DecodeError> {
        self.read(payload)
    }

    /// The payload as a tree. Unlike records it knows object instances and multiple resources with nothing in them.
    ///
    /// # Errors
    /// When the payload cannot be decoded, or holds several values for one path (historical ones).
    pub fn decode_node(&self, payload: &[u8]) -> Result<Node, DecodeError> {
        let (records, empty) = self.read(payload)?;
        let mut node = Node::from_records(records).map_err(|path| {
            let expected = "one value per path";
            DecodeError::new(ErrorClass::DuplicateId, expected, "several").about(path)
        })?;
        empty.iter().for_each(|path| node.insert_empty(path));
        Ok(node)
    }

    /// Which bytes mean what. Never fails: what cannot be read is marked as such, with the reason.
    #[must_use]
    pub fn annotate(&self, payload: &[u8]) -> Vec<Annotation> {
        if self.format == ContentFormat::CORE_LINK {
            return annotate::complete(link::explain(payload), self.format, &self.path, payload);
        }
        let decoder = self.settled(payload);
        let mut collector = Collector::explaining(&decoder);
        let outcome = decoder.fill(payload, &mut collector);
        annotate::complete(collector.into_notes(outcome), self.format, &self.path, payload)
    }

    fn read(&self, payload: &[u8]) -> Result<(Vec<Record>, Vec<Path>), DecodeError> {
        self.settled(payload).read_as_settled(payload)
    }

    /// Decides what ids in LwM2M CBOR are relative to, when they may be.
    fn settled(&self, payload: &[u8]) -> Self {
        let absolute = Self { relative_ids: false, ..*self };
        if !self.relative_ids || self.format != ContentFormat::LWM2M_CBOR {
            return absolute;
        }
        let relative = Self { prefix: self.path, ..absolute };
        if absolute.read_as_settled(payload).is_err() && relative.read_as_settled(payload).is_ok() {
            return relative;
        }
        absolute
    }

    fn read_as_settled(&self, payload: &[u8]) -> Result<(Vec<Record>, Vec<Path>), DecodeError> {
        let mut collector = Collector::new(self);
        self.fill(payload, &mut collector)?;
        match collector.duplicate() {
            None => Ok(collector.into_parts()),
            Some((index, error)) => {
                // Only now is it worth while to find out where the record stands.
                let mut again = Collector::locating(self, index);
                self.fill(payload, &mut again)?;
                Err(match again.located() {
                    Some(offset) => error.at(offset),
                    None => error,
                })
            }
        }
    }

    fn fill(&self, payload: &[u8], collector: &mut Collector<'_>) -> Result<(), DecodeError> {
        if payload.len() > PAYLOAD_MAX {
            return Err(payload_too_large(payload.len()));
        }
        match self.format.canonical() {
            ContentFormat::TEXT => text::decode(payload, collector),
            ContentFormat::OPAQUE => opaque::decode(payload, collector),
            ContentFormat::CBOR => cbor::decode(payload, collector),
            ContentFormat::TLV => tlv::decode(payload, collector),
            ContentFormat::JSON => lwm2m_json::decode(payload, collector),
            ContentFormat::SENML_JSON | ContentFormat::SENML_ETCH_JSON => {
                senml::json::decode(payload, collector)
            }
            ContentFormat::SENML_CBOR | ContentFormat::SENML_ETCH_CBOR => {
                senml::cbor::decode(payload, collector)
            }
            ContentFormat::LWM2M_CBOR => lwm2m_cbor::decode(payload, collector),
            _ => {
                let expected = "a content format that carries values (text, opaque, CBOR, TLV, JSON, SenML JSON, \
                                SenML CBOR or LwM2M CBOR)";
                Err(DecodeError::new(ErrorClass::FormatNotSupported, expected, format!("{}", self.format)))
            }
        }
    }
}
