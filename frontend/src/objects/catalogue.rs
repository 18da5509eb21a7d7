use std::collections::{BTreeMap, BTreeSet};

use lwm2m_model::{ObjectDefinition, Registry};

/// What a search finds at most; more than there are objects and resources in the bundled registry.
const FOUND: usize = 20_000;

/// Which objects are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    All,
    /// A registered client has it.
    InUse,
    /// An operator has added it.
    Uploaded,
    /// Defined by OMA.
    Core,
    /// Defined by others and registered with OMA.
    Registered,
}

/// An object as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Listing {
    pub(crate) id: u16,
    pub(crate) name: String,
    /// The current version, and how many are known: none of an object that only clients know.
    pub(crate) version: String,
    pub(crate) versions: usize,
    pub(crate) uploaded: bool,
    /// Registered clients that have it.
    pub(crate) clients: usize,
    /// The first resource that a search found, when it was not the object itself: `5700 Sensor Value`.
    pub(crate) resource: Option<String>,
}

/// The objects of a kind that a search finds, best first; without a search in the order of their ids.
///
/// `used`: registered clients by object. `uploaded`: ids that operators have added.
pub(crate) fn list(
    registry: &Registry,
    search: &str,
    kind: Kind,
    used: &BTreeMap<u16, usize>,
    uploaded: &BTreeSet<u16>,
) -> Vec<Listing> {
    let listing = |object: &ObjectDefinition, resource: Option<String>| Listing {
        id: object.id,
        name: object.name.clone(),
        version: object.version.to_string(),
        versions: registry.versions(object.id).count(),
        uploaded: uploaded.contains(&object.id),
        clients: used.get(&object.id).copied().unwrap_or_default(),
        resource,
    };
    let admitted = |object: &&ObjectDefinition| match kind {
        Kind::All => true,
        Kind::InUse => used.contains_key(&object.id),
        Kind::Uploaded => uploaded.contains(&object.id),
        Kind::Core => is_core(object),
        Kind::Registered => !is_core(object),
    };
    let mut undefined = undefined(registry, search.trim(), kind, used);
    if search.trim().is_empty() {
        undefined.extend(registry.objects().filter(admitted).map(|object| listing(object, None)));
        undefined.sort_by_key(|listing| listing.id);
        return undefined;
    }
    let mut seen = BTreeSet::new();
    let hits = registry.search(search, FOUND).into_iter();
    hits.filter(|hit| admitted(&hit.object) && seen.insert(hit.object.id))
        .map(|hit| {
            let resource = hit.resource.map(|resource| format!("{} {}", resource.id, resource.name));
            listing(hit.object, resource)
        })
        .chain(undefined)
        .collect()
}

/// Objects that clients have and nobody has defined: of them there is nothing but the id.
fn undefined(registry: &Registry, search: &str, kind: Kind, used: &BTreeMap<u16, usize>) -> Vec<Listing> {
    if !matches!(kind, Kind::All | Kind::InUse) {
        return Vec::new();
    }
    let undefined =
        used.iter().filter(|(id, _)| registry.object(**id).is_none() && id.to_string().contains(search));
    let listing = |(id, clients): (&u16, &usize)| Listing {
        id: *id,
        name: String::new(),
        version: String::new(),
        versions: 0,
        uploaded: false,
        clients: *clients,
        resource: None,
    };
    undefined.map(listing).collect()
}

/// `urn:oma:lwm2m:oma:3`, as opposed to `…:ext:3303` and `…:x:10242`.
fn is_core(object: &ObjectDefinition) -> bool {
    object.urn.split(':').nth(3) == Some("oma")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry() -> Registry {
        let object = |id: u16, name: &str, version: &str, class: &str, resource: &str| {
            format!(
                r#"{{"id":{id},"name":"{name}","version":"{version}","urn":"urn:oma:lwm2m:{class}:{id}",
                "multiple":false,"mandatory":true,"resources":[{{"id":9,"name":"{resource}","operations":"R",
                "multiple":false,"mandatory":false,"type":"integer","range":"","units":""}}]}}"#
            )
        };
        let objects = [
            object(3, "Device", "1.0", "oma", "Battery Level"),
            object(3, "Device", "1.2", "oma", "Battery Level"),
            object(3303, "Temperature", "1.1", "ext", "Sensor Value"),
            object(3304, "Humidity", "1.1", "ext", "Sensor Value"),
        ];
        Registry::from_json(&format!(r#"{{"objects":[{}]}}"#, objects.join(","))).unwrap()
    }

    fn ids(search: &str, kind: Kind) -> Vec<u16> {
        let listed = list(&registry(), search, kind, &[(3303, 24)].into(), &[3].into());
        listed.into_iter().map(|listing| listing.id).collect()
    }

    #[test]
    fn kinds_and_searches_narrow_the_list() {
        assert_eq!(ids("", Kind::All), [3, 3303, 3304]);
        assert_eq!(ids(" ", Kind::InUse), [3303]);
        assert_eq!(ids("", Kind::Uploaded), [3]);
        assert_eq!((ids("", Kind::Core), ids("", Kind::Registered)), (vec![3], vec![3303, 3304]));
        assert_eq!(ids("sensor", Kind::All), [3303, 3304]);
        assert_eq!(ids("sensor", Kind::InUse), [3303]);
        assert_eq!(ids("humid", Kind::Core), [0; 0]);
    }

    #[test]
    fn what_nobody_has_defined_is_listed_too() {
        let used = [(4, 1), (40000, 2)].into();
        let listed = |search, kind| {
            let listed = list(&registry(), search, kind, &used, &BTreeSet::new());
            listed.into_iter().map(|listing| (listing.id, listing.versions)).collect::<Vec<_>>()
        };
        assert_eq!(listed("", Kind::All), [(3, 2), (4, 0), (3303, 1), (3304, 1), (40000, 0)]);
        assert_eq!((listed("400", Kind::InUse), listed("", Kind::Core)), (vec![(40000, 0)], vec![(3, 2)]));
    }

    #[test]
    fn a_listing_tells_what_there_is() {
        let listed = list(&registry(), "", Kind::All, &[(3303, 24)].into(), &[3].into());
        let device = &listed[0];
        assert_eq!((device.version.as_str(), device.versions, device.uploaded), ("1.2", 2, true));
        assert_eq!((listed[1].clients, listed[1].uploaded, listed[1].resource.as_ref()), (24, false, None));
        let found = list(&registry(), "battery", Kind::All, &BTreeMap::new(), &BTreeSet::new());
        assert_eq!(found[0].resource.as_deref(), Some("9 Battery Level"));
    }
}
