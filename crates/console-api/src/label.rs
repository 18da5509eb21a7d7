use serde::{Deserialize, Serialize};

/// What operators call a device: `PUT /api/v1/clients/{endpoint}/label`. What is absent is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Label {
    pub name: Option<String>,
    pub tags: Vec<String>,
    pub notes: String,
}

impl Label {
    /// Bytes of a name, of a tag, and how many tags a device may have; bytes of its notes.
    pub const NAME_BYTES: usize = 256;
    pub const TAG_BYTES: usize = 64;
    pub const TAGS: usize = 16;
    pub const NOTES_BYTES: usize = 8_192;

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
