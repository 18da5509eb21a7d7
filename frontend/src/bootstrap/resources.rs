use lwm2m_model::{ObjectDefinition, Registry, ResourceDefinition};

/// Resources of the Security Object and of the Server Object that an account has fields for, and those that a server
/// executes.
const SECURITY_FIELDS: [u16; 7] = [0, 1, 2, 3, 4, 5, 10];
const SERVER_FIELDS: [u16; 7] = [0, 1, 2, 3, 5, 6, 7];

/// A Resource that an account may also have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Further {
    pub(crate) definition: ResourceDefinition,
    /// The LwM2M version that brought it; empty for what was always there.
    pub(crate) since: String,
}

/// What an account may say beyond its fields: `object` is 0 or 1.
pub(crate) fn further(registry: &Registry, object: u16) -> Vec<Further> {
    let fields = if object == 0 { SECURITY_FIELDS } else { SERVER_FIELDS };
    let Some(newest) = registry.object(object) else {
        return Vec::new();
    };
    let wanted =
        |resource: &&ResourceDefinition| resource.value_type.is_some() && !fields.contains(&resource.id);
    let further = newest.resources.iter().filter(wanted).map(|definition| Further {
        definition: definition.clone(),
        since: since(registry, object, definition.id),
    });
    further.collect()
}

/// The version of the object that first had the Resource: that of LwM2M for the core objects (LwM2M Core, Appendix E).
fn since(registry: &Registry, object: u16, resource: u16) -> String {
    let mut versions: Vec<&ObjectDefinition> = registry.versions(object).collect();
    versions.sort_by_key(|definition| definition.version);
    let first = versions.iter().position(|definition| definition.resource(resource).is_some());
    match first {
        Some(0) | None => String::new(),
        Some(index) => versions.get(index).map(|first| first.version.to_string()).unwrap_or_default(),
    }
}

/// Resources of an object that a Bootstrap-Server can write.
pub(crate) fn writable(object: &ObjectDefinition) -> impl Iterator<Item = &ResourceDefinition> {
    object.resources.iter().filter(|resource| resource.value_type.is_some())
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::{Operations, ValueType};

    use super::*;

    #[test]
    fn what_has_no_field_is_offered_with_the_version_that_brought_it() {
        let resource = |id, value_type| ResourceDefinition {
            id,
            name: format!("resource {id}"),
            operations: Operations::default(),
            multiple: id == 99,
            mandatory: false,
            value_type,
            range: String::new(),
            units: String::new(),
            description: String::new(),
        };
        let object = |version: &str, ids: &[u16]| ObjectDefinition {
            id: 1,
            name: "LwM2M Server".into(),
            version: version.parse().unwrap(),
            lwm2m_version: String::new(),
            urn: String::new(),
            multiple: true,
            mandatory: true,
            description: String::new(),
            description2: String::new(),
            licence: String::new(),
            copyright: String::new(),
            resources: ids.iter().map(|id| resource(*id, (*id != 8).then_some(ValueType::Integer))).collect(),
        };
        let mut registry = Registry::new();
        registry.add([object("1.0", &[0, 1, 8, 90]), object("1.1", &[0, 1, 8, 13, 90, 99])]);
        let offered: Vec<(u16, String)> =
            further(&registry, 1).into_iter().map(|one| (one.definition.id, one.since)).collect();
        assert_eq!(offered, [(13, "1.1".to_owned()), (90, String::new()), (99, "1.1".to_owned())]);
        assert_eq!(further(&registry, 0), []);
    }
}
