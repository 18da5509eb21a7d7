use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::target::{id_error, segments};
use super::version::is_number;
use crate::content_format::ContentFormat;
use crate::error::{DecodeError, ErrorClass, quoted};
use crate::limits::{OBJECTS_MAX, REMARKS_MAX};
use crate::link::{self, Link};
use crate::path::{PathError, parse_id};

/// The resource type that marks the root of the LwM2M tree (LwM2M Core §6.2.1, "Alternate Path").
const ROOT_RESOURCE_TYPE: &str = "oma.lwm2m";

/// Security, OSCORE and COSE: they hold secrets and are not listed (LwM2M Core §6.2.1).
const UNLISTED_OBJECTS: [u16; 3] = [0, 21, 23];

/// The payload of Register and Update: what a client has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectLinks {
    /// `/`, or the path that every request is prefixed with, for example `/lwm2m`.
    pub root: String,
    /// Formats the client can use for all its objects, in the order given.
    pub content_formats: Vec<ContentFormat>,
    pub objects: BTreeMap<u16, RegisteredObject>,
    /// Links to CoAP resources that are not part of LwM2M.
    pub other_links: Vec<Link>,
    /// What is wrong with the list and no reason to refuse it.
    pub remarks: Vec<String>,
}

/// An object that a client has, with or without instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegisteredObject {
    /// `major.minor`, when the client says it.
    pub version: Option<String>,
    pub instances: BTreeSet<u16>,
}

impl Default for ObjectLinks {
    fn default() -> Self {
        Self {
            root: String::from("/"),
            content_formats: Vec::new(),
            objects: BTreeMap::new(),
            other_links: Vec::new(),
            remarks: Vec::new(),
        }
    }
}

impl ObjectLinks {
    /// Reads the payload. An empty one is an empty list; whether that is enough is for the caller to judge.
    ///
    /// # Errors
    /// When the payload is not in link format, or its root, a version or an id is malformed.
    pub fn parse(payload: &[u8]) -> Result<Self, DecodeError> {
        let list = Self { root: root(payload)?, ..Self::default() };
        let mut reader = Reader { list, seen: BTreeSet::new() };
        link::each(payload, |link, range| reader.link(link).map_err(|error| error.at(range.start)))?;
        let mut list = reader.list;
        list.remark_missing();
        Ok(list)
    }

    /// Writes the payload of a client: the root if there is something to say about it, the objects in
    /// ascending order, then the other links.
    #[must_use]
    pub fn write(&self) -> String {
        let mut links = Vec::new();
        links.extend(self.root_link());
        let prefix = self.root.trim_end_matches('/');
        for (object, RegisteredObject { version, instances }) in &self.objects {
            if version.is_some() || instances.is_empty() {
                let mut link = Link::new(format!("{prefix}/{object}"));
                link.attributes.extend(version.clone().map(|version| ("ver".to_string(), Some(version))));
                links.push(link);
            }
            links.extend(instances.iter().map(|instance| Link::new(format!("{prefix}/{object}/{instance}"))));
        }
        links.extend_from_slice(&self.other_links);
        link::write(&links)
    }

    fn root_link(&self) -> Option<Link> {
        if self.root == "/" && self.content_formats.is_empty() {
            return None;
        }
        let mut link = Link::new(self.root.clone());
        link.attributes.push(("rt".to_string(), Some(ROOT_RESOURCE_TYPE.to_string())));
        let formats: Vec<String> = self.content_formats.iter().map(|format| format.0.to_string()).collect();
        if !formats.is_empty() {
            link.attributes.push(("ct".to_string(), Some(formats.join(" "))));
        }
        Some(link)
    }

    fn remark(&mut self, remark: String) {
        if self.remarks.len() < REMARKS_MAX {
            self.remarks.push(remark);
        }
    }

    /// Every client has a Server and a Device object (LwM2M TS 1.0 §5.3.1).
    fn remark_missing(&mut self) {
        if self.objects.is_empty() {
            return;
        }
        for (object, name) in [(1, "Server"), (3, "Device")] {
            if !self.objects.contains_key(&object) {
                self.remark(format!("object {object} ({name}) is mandatory and not listed"));
            }
        }
    }
}

/// The target of the one link that is marked as root, `/` when there is none. The mark may be on any link, so it is
/// looked for before anything else is read; most clients have none.
fn root(payload: &[u8]) -> Result<String, DecodeError> {
    // With escapes the mark may be written in many ways.
    let marked =
        payload.windows(ROOT_RESOURCE_TYPE.len()).any(|window| window == ROOT_RESOURCE_TYPE.as_bytes());
    if !marked && !payload.contains(&b'\\') {
        return Ok(String::from("/"));
    }
    let mut root = None;
    link::each(payload, |link, range| {
        if !is_root(&link) {
            return Ok(());
        }
        let path = root_path(&link).map_err(|error| error.at(range.start))?;
        if root.replace(path).is_some() {
            let expected = format!("one link with rt=\"{ROOT_RESOURCE_TYPE}\"");
            let error = DecodeError::new(ErrorClass::RegistrationTwoRoots, expected, "several");
            return Err(error.at(range.start));
        }
        Ok(())
    })?;
    Ok(root.unwrap_or_else(|| String::from("/")))
}

fn root_path(link: &Link) -> Result<String, DecodeError> {
    let segments = segments(&link.target)?;
    if let Some(numeric) = segments.iter().find(|segment| segment.bytes().all(|byte| byte.is_ascii_digit())) {
        let expected = "a root path without numeric segments";
        return Err(DecodeError::new(ErrorClass::RegistrationNumericRoot, expected, quoted(numeric)));
    }
    Ok(format!("/{}", segments.join("/")))
}

/// `rt` is a list of types separated by blanks.
fn is_root(link: &Link) -> bool {
    let types = link.attribute("rt").flatten().unwrap_or_default();
    types.split(' ').any(|resource_type| resource_type == ROOT_RESOURCE_TYPE)
}

struct Reader {
    list: ObjectLinks,
    /// Objects and instances that had a link.
    seen: BTreeSet<(u16, Option<u16>)>,
}

impl Reader {
    fn link(&mut self, link: Link) -> Result<(), DecodeError> {
        let root = self.list.root.trim_end_matches('/');
        match link.target.strip_prefix(root) {
            Some("" | "/") => self.root_link(&link),
            Some(below) if names_an_object(below) => {
                let ids = segments(below)?;
                self.object_link(&link, &ids)
            }
            _ => {
                self.list.other_links.push(link);
                Ok(())
            }
        }
    }

    fn root_link(&mut self, link: &Link) -> Result<(), DecodeError> {
        let Some(value) = link.attribute("ct") else { return Ok(()) };
        let value = value.unwrap_or_default();
        for number in value.split(' ') {
            let decimal = number.bytes().all(|byte| byte.is_ascii_digit());
            let Some(number) = number.parse().ok().filter(|_| decimal) else {
                let expected = "content formats from 0 to 65535 separated by one blank";
                let class = ErrorClass::RegistrationBadContentFormat;
                return Err(DecodeError::new(class, expected, quoted(value)));
            };
            if !self.list.content_formats.contains(&ContentFormat(number)) {
                self.list.content_formats.push(ContentFormat(number));
            }
        }
        Ok(())
    }

    fn object_link(&mut self, link: &Link, segments: &[&str]) -> Result<(), DecodeError> {
        let target = &link.target;
        let mut ids = Vec::new();
        for segment in segments {
            match parse_id(segment) {
                Ok(id) => ids.push(id),
                Err(PathError::IdOutOfRange { reserved: true, .. }) => {
                    self.list.remark(format!("{} has the reserved id 65535, ignored", quoted(target)));
                    return Ok(());
                }
                Err(error) => return Err(id_error(error)),
            }
        }
        let (object, instance) = match *ids.as_slice() {
            [object] => (object, None),
            [object, instance] => (object, Some(instance)),
            _ => {
                self.list.remark(format!("{} is deeper than an object instance, ignored", quoted(target)));
                return Ok(());
            }
        };
        let version = version(link)?;
        if UNLISTED_OBJECTS.contains(&object) {
            self.list.remark(format!("object {object} must not be listed, ignored"));
            return Ok(());
        }
        if !self.seen.insert((object, instance)) {
            self.list.remark(format!("{} is listed more than once", quoted(target)));
        }
        if self.list.objects.len() == OBJECTS_MAX && !self.list.objects.contains_key(&object) {
            let expected = format!("at most {OBJECTS_MAX} objects");
            return Err(DecodeError::new(ErrorClass::TooManyItems, expected, "more"));
        }
        let entry = self.list.objects.entry(object).or_default();
        entry.instances.extend(instance);
        match (&entry.version, version) {
            (Some(earlier), Some(version)) if *earlier != version => {
                let expected = format!("one version of object {object}");
                let found = format!("{earlier} and {version}");
                Err(DecodeError::new(ErrorClass::RegistrationBadVersion, expected, found))
            }
            (None, Some(version)) => {
                entry.version = Some(version);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Whether a path below the root is meant for an object: `/sensors` is some other CoAP resource, `/1a` is a
/// mistake.
fn names_an_object(below: &str) -> bool {
    below
        .strip_prefix('/')
        .is_some_and(|path| path.starts_with(|first: char| first.is_ascii_digit() || first == '-'))
}

/// The `ver` attribute, which belongs to the object but is also seen on instances.
fn version(link: &Link) -> Result<Option<String>, DecodeError> {
    let Some(value) = link.attribute("ver") else { return Ok(None) };
    let value = value.unwrap_or_default();
    match value.split_once('.') {
        Some((major, minor)) if is_number(major) && is_number(minor) => Ok(Some(value.to_string())),
        _ => {
            let expected = "an object version major.minor";
            Err(DecodeError::new(ErrorClass::RegistrationBadVersion, expected, quoted(value)))
        }
    }
}
