use serde::{Deserialize, Serialize};

/// `GET /api/v1/objects`: what is defined, and what registered clients have without a definition, in the order of the
/// ids; with a text, definitions alone, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObjectList {
    pub objects: Vec<ObjectSummary>,
}

/// An Object and what was found of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObjectSummary {
    pub id: u16,
    pub name: String,
    pub urn: String,
    /// All that are known, the current one last. None when nobody has defined it; name and URN are empty then.
    pub versions: Vec<String>,
    /// Registered clients that have it.
    pub clients: usize,
    /// Clients may have several Object Instances.
    pub multiple: bool,
    /// Resources that the text was found in.
    pub resources: Vec<FoundResource>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundResource {
    pub id: u16,
    pub name: String,
}

/// `GET /api/v1/objects/{id}`: one version of one Object. `{"objects":[…]}` around it makes it one that can be
/// uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObjectDefinition {
    pub id: u16,
    pub name: String,
    pub version: String,
    /// The LwM2M version that it was written for.
    pub lwm2m_version: String,
    pub urn: String,
    pub multiple: bool,
    pub mandatory: bool,
    pub description: String,
    pub licence: String,
    pub copyright: String,
    pub resources: Vec<ResourceDefinition>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResourceDefinition {
    pub id: u16,
    pub name: String,
    /// `R`, `W`, `RW`, `E`, or nothing: only for a Bootstrap-Server.
    pub operations: String,
    pub multiple: bool,
    pub mandatory: bool,
    /// `string`, `integer`, `unsigned`, `float`, `boolean`, `opaque`, `time`, `objlnk`, `corelnk`, or `none`.
    #[serde(rename = "type")]
    pub value_type: String,
    pub range: String,
    pub units: String,
    pub description: String,
}

/// `POST /api/v1/objects` takes an object definition file (XML), or JSON; `GET /api/v1/objects/uploaded` lists what
/// operators have added, newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadedObjects {
    pub objects: Vec<UploadedObject>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadedObject {
    pub id: u16,
    pub version: String,
    pub name: String,
    pub uploaded_at_ms: u64,
    /// It takes the place of a definition that the server came with.
    pub replaces: bool,
    /// As it was uploaded, without what belongs to other objects: one that [`lwm2m_model::read_definitions`] reads.
    pub definition: String,
}
