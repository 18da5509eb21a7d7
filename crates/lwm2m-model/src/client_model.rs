use lwm2m_codec::{Lookup, ResourceShape, registration::LwM2mVersion};

use crate::core_version::core_version;
use crate::definition::{ObjectDefinition, ResourceDefinition};
use crate::registry::Registry;
use crate::version::ObjectVersion;

/// The definitions that one client's payloads are read with: those of the object versions that it has.
#[derive(Clone, Debug)]
pub struct ClientModel<'a> {
    registry: &'a Registry,
    enabler: LwM2mVersion,
    /// `None`: a version text that is none, so that nothing is known about the object.
    announced: Vec<(u16, Option<ObjectVersion>)>,
}

impl<'a> ClientModel<'a> {
    pub(crate) fn new<'t>(
        registry: &'a Registry,
        enabler: LwM2mVersion,
        announced: impl IntoIterator<Item = (u16, &'t str)>,
    ) -> Self {
        let announced = announced.into_iter().map(|(object, text)| (object, text.parse().ok())).collect();
        Self { registry, enabler, announced }
    }

    /// The version of an object that the client has, if it has the object.
    #[must_use]
    pub fn version(&self, object: u16) -> Option<ObjectVersion> {
        match self.announced.iter().find(|(announced, _)| *announced == object) {
            Some((_, version)) => *version,
            None => Some(core_version(self.enabler, object).unwrap_or(ObjectVersion::V1_0)),
        }
    }

    /// The definition of an object as the client has it. `None`: nobody has one of this major version.
    #[must_use]
    pub fn object(&self, id: u16) -> Option<&'a ObjectDefinition> {
        self.registry.definition(id, self.version(id)?)
    }

    #[must_use]
    pub fn resource(&self, object: u16, resource: u16) -> Option<&'a ResourceDefinition> {
        self.object(object)?.resource(resource)
    }
}

impl Lookup for ClientModel<'_> {
    fn resource(&self, object: u16, resource: u16) -> Option<ResourceShape> {
        Self::resource(self, object, resource).map(ResourceDefinition::shape)
    }
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::ValueType;

    use super::*;
    use crate::registry::tests::{object, registry};

    fn value_type(model: &ClientModel, object: u16) -> Option<ValueType> {
        Lookup::resource(model, object, 0)?.value_type
    }

    #[test]
    fn announced_versions_decide() {
        let registry = registry();
        for (version, expected) in [
            ("1.0", Some(ValueType::Integer)),
            ("1.1", Some(ValueType::Time)),
            ("2.0", Some(ValueType::Float)),
            ("3.0", None),
            ("99999.0", None),
            ("", None),
        ] {
            let model = registry.for_client(LwM2mVersion::V1_1, [(3, "1.1"), (7, version)]);
            assert_eq!(value_type(&model, 7), expected, "{version}");
            assert_eq!(value_type(&model, 3), Some(ValueType::String));
        }
    }

    #[test]
    fn without_a_version_the_enabler_decides_for_core_objects_and_1_0_is_meant_for_others() {
        let mut registry = registry();
        registry.add([object(5, "1.0", ValueType::Integer), object(5, "1.1", ValueType::Float)]);
        for (enabler, device, firmware) in [
            (LwM2mVersion::V1_0, ValueType::Boolean, ValueType::Integer),
            (LwM2mVersion::V1_1, ValueType::String, ValueType::Integer),
            (LwM2mVersion::V1_2, ValueType::String, ValueType::Float),
        ] {
            let model = registry.for_client(enabler, []);
            assert_eq!(value_type(&model, 3), Some(device));
            assert_eq!(value_type(&model, 5), Some(firmware));
            assert_eq!(model.version(3303), Some(ObjectVersion::V1_0));
            assert_eq!((value_type(&model, 3303), model.object(3303)), (None, None));
        }
    }

    #[test]
    fn versions_of_core_objects_follow_the_enabler() {
        let versions = |object| {
            [LwM2mVersion::V1_0, LwM2mVersion::V1_1, LwM2mVersion::V1_2]
                .map(|enabler| core_version(enabler, object).map(|version| version.to_string()))
        };
        let of = |texts: [&str; 3]| texts.map(|text| Some(text.to_owned()));
        assert_eq!(versions(0), of(["1.0", "1.1", "1.2"]));
        assert_eq!(versions(4), of(["1.0", "1.2", "1.2"]));
        assert_eq!(versions(21), of(["1.0", "1.0", "2.0"]));
        assert_eq!(versions(3303), [None, None, None]);
    }
}
