use console_api::{ObjectDefinition, ResourceDefinition};
use lwm2m_model as model;

/// A definition as REST tells it.
pub(crate) fn described(object: &model::ObjectDefinition) -> ObjectDefinition {
    ObjectDefinition {
        id: object.id,
        name: object.name.clone(),
        version: object.version.to_string(),
        lwm2m_version: object.lwm2m_version.clone(),
        urn: object.urn.clone(),
        multiple: object.multiple,
        mandatory: object.mandatory,
        description: object.description.clone(),
        licence: object.licence.clone(),
        copyright: object.copyright.clone(),
        resources: object.resources.iter().map(resource).collect(),
    }
}

fn resource(resource: &model::ResourceDefinition) -> ResourceDefinition {
    let operations = [
        (resource.operations.read, "R"),
        (resource.operations.write, "W"),
        (resource.operations.execute, "E"),
    ];
    ResourceDefinition {
        id: resource.id,
        name: resource.name.clone(),
        operations: operations.into_iter().filter_map(|(can, letter)| can.then_some(letter)).collect(),
        multiple: resource.multiple,
        mandatory: resource.mandatory,
        value_type: resource.value_type.map_or("none", |value_type| value_type.name()).to_owned(),
        range: resource.range.clone(),
        units: resource.units.clone(),
        description: resource.description.clone(),
    }
}
