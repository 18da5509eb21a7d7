//! What a device says that it has: the answer to Bootstrap-Discover (LwM2M 1.2 Core §6.1.7.3; 1.0 TS §5.2.7.3).

use std::collections::{BTreeMap, BTreeSet};

use lwm2m_codec::{
    DecodeError, Level, Path,
    registration::{DiscoveredLink, LwM2mVersion, VersionError, parse_discover},
};

const SECURITY: u16 = 0;
const SERVER: u16 = 1;

/// The Objects and Object Instances of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Discovered {
    /// Of the enabler, where the device says so.
    pub(super) version: Option<LwM2mVersion>,
    /// The version as it was said, when we do not speak it.
    pub(super) unknown_version: Option<String>,
    /// Versions of Objects, where the device says so.
    pub(super) object_versions: BTreeMap<u16, String>,
    pub(super) instances: BTreeSet<Path>,
    /// Short Server IDs of Security and Server Instances.
    short_server_ids: BTreeMap<Path, u16>,
}

impl Discovered {
    pub(super) fn parse(payload: &[u8]) -> Result<Self, DecodeError> {
        let (version, links) = split_old_form(payload);
        let mut discovered = Self::default();
        if let Some(version) = version {
            discovered.note_version(version);
        }
        for link in parse_discover(links)? {
            discovered.note(&link);
        }
        Ok(discovered)
    }

    /// The account that the device has with us: the Security Instance without Short Server ID. Where several have
    /// none, each of them may be it.
    pub(super) fn bootstrap_accounts(&self) -> impl Iterator<Item = u16> {
        self.instances_of(SECURITY)
            .filter(|instance| self.short_server_id(&Path::instance(SECURITY, *instance)).is_none())
    }

    pub(super) fn instances_of(&self, object: u16) -> impl Iterator<Item = u16> {
        let instances = self.instances.iter().filter(move |path| path.object_id() == Some(object));
        instances.filter_map(Path::instance_id)
    }

    pub(super) fn short_server_id(&self, instance: &Path) -> Option<u16> {
        self.short_server_ids.get(instance).copied()
    }

    /// What is still there after something was deleted. The account with us and the Device Instance are spared
    /// (LwM2M 1.2 Core §6.1.7.6).
    pub(super) fn without(&self, deleted: &[Path]) -> Self {
        let spared: BTreeSet<Path> = self
            .bootstrap_accounts()
            .map(|instance| Path::instance(SECURITY, instance))
            .chain([Path::instance(3, 0)])
            .collect();
        let mut left = self.clone();
        left.instances.retain(|instance| {
            spared.contains(instance) || !deleted.iter().any(|path| instance.starts_with(path))
        });
        left
    }

    fn note(&mut self, link: &DiscoveredLink) {
        let attribute = |name: &str| {
            let found = link.attributes.iter().find(|(own, _)| own == name)?;
            found.1.as_deref()
        };
        if let Some(version) = attribute("lwm2m") {
            self.note_version(version);
        }
        match (link.path.level(), link.path.object_id()) {
            (Level::Object, Some(object)) => {
                if let Some(version) = attribute("ver") {
                    self.object_versions.insert(object, version.to_owned());
                }
            }
            (Level::ObjectInstance, Some(object)) => {
                self.instances.insert(link.path);
                if matches!(object, SECURITY | SERVER)
                    && let Some(id) = attribute("ssid").and_then(|text| text.parse().ok())
                {
                    self.short_server_ids.insert(link.path, id);
                }
            }
            // What is below an instance comes with the instance; the root has the version only.
            _ => {}
        }
    }

    fn note_version(&mut self, text: &str) {
        match text.parse() {
            Ok(version) => self.version = Some(version),
            Err(VersionError::Unsupported) => {
                self.version = Some(LwM2mVersion::V1_2);
                self.unknown_version = Some(text.to_owned());
            }
            Err(VersionError::Malformed) => {}
        }
    }
}

/// The form of LwM2M 1.0 begins with an attribute that belongs to no link: `lwm2m="1.0",</0/0>;ssid=101,</0/1>`.
fn split_old_form(payload: &[u8]) -> (Option<&str>, &[u8]) {
    let Some(rest) = payload.trim_ascii_start().strip_prefix(b"lwm2m=") else { return (None, payload) };
    let end = rest.iter().position(|byte| *byte == b',');
    let (version, links) = match end {
        Some(end) => (rest.get(..end), rest.get(end + 1..)),
        None => (Some(rest), None),
    };
    let version = version.and_then(|version| core::str::from_utf8(version.trim_ascii()).ok());
    (version.map(|version| version.trim_matches('"')), links.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Discovered {
        Discovered::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn accounts_are_told_apart_by_their_short_server_ids() {
        let found = parse(
            "</>;lwm2m=1.1,</0>;ver=1.1,</0/0>;ssid=101;uri=\"coaps://a:5684\",</0/1>,</1/0>;ssid=101,</3/0>,</5>",
        );
        assert_eq!(found.version, Some(LwM2mVersion::V1_1));
        assert_eq!(found.object_versions, BTreeMap::from([(0, "1.1".to_owned())]));
        assert_eq!(found.bootstrap_accounts().collect::<Vec<_>>(), [1]);
        assert_eq!(found.short_server_id(&Path::instance(0, 0)), Some(101));
        assert_eq!(found.short_server_id(&Path::instance(1, 0)), Some(101));
        assert_eq!(found.instances.len(), 4);
        assert_eq!(found.instances_of(5).count(), 0);
    }

    #[test]
    fn the_form_of_1_0_and_what_is_found_in_the_documents_is_read() {
        let found = parse("lwm2m=\"1.0\",</0/0/>;ssid=101, </0/1/>,</1/0/>,</3/0/>");
        assert_eq!(found.version, Some(LwM2mVersion::V1_0));
        assert_eq!(found.bootstrap_accounts().collect::<Vec<_>>(), [1]);
        assert_eq!(parse("lwm2m=1.1").version, Some(LwM2mVersion::V1_1));
        assert_eq!(parse("</>;lwm2m=\"1.2\"").version, Some(LwM2mVersion::V1_2));
        assert_eq!(parse("</lwm2m>;rt=\"oma.lwm2m\",</lwm2m/0/7>").instances, [Path::instance(0, 7)].into());
        assert_eq!(parse("").version, None);
    }

    #[test]
    fn a_version_that_we_do_not_speak_is_read_as_the_newest_that_we_do() {
        let found = parse("</>;lwm2m=2.0,</0/0>");
        assert_eq!(
            (found.version, found.unknown_version.as_deref()),
            (Some(LwM2mVersion::V1_2), Some("2.0"))
        );
        assert_eq!(parse("</>;lwm2m=x,</0/0>").version, None);
        assert!(Discovered::parse(b"lwm2m=1.0,0/0").is_err());
    }

    #[test]
    fn what_deletes_spare_is_still_there() {
        let found = parse("</0/0>;ssid=1,</0/1>,</1/0>;ssid=1,</2/0>,</3/0>,</4/0>");
        let left = |deleted: &[Path]| found.without(deleted).instances;
        assert_eq!(left(&[Path::ROOT]), [Path::instance(0, 1), Path::instance(3, 0)].into());
        assert_eq!(left(&[Path::object(0), Path::instance(2, 0)]).len(), 4);
        assert_eq!(left(&[Path::instance(0, 1), Path::object(3)]).len(), 6);
        assert_eq!(left(&[]), found.instances);
    }
}
