use serde::{Deserialize, Serialize};

/// `POST /api/v1/objects` takes an object definition file (XML), or JSON; `GET /api/v1/objects/uploaded` lists what
/// operators have added, newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadedObjects {
    pub objects: Vec<UploadedObject>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
