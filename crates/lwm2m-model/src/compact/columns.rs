use serde::{Deserialize, Serialize};

/// The fields of all definitions, which are in ascending order of id and version.
///
/// A *name code* is 0 for the next name of the table, n for the name n before that one; the same goes for the
/// resources that objects use. Names of resources come first.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Columns<'a> {
    /// Names of resources and objects in the order of their first use, separated.
    pub(super) names: &'a str,
    /// Every other text, separated. Other columns have positions in this table.
    pub(super) words: &'a str,

    // One entry for each object.
    /// What to add to the id of the object before.
    pub(super) object_ids: Vec<u16>,
    pub(super) object_versions: Vec<(u16, u16)>,
    /// Bit 0: multiple, bit 1: mandatory.
    pub(super) object_flags: Vec<u8>,
    /// Name codes.
    pub(super) object_names: Vec<u32>,
    pub(super) lwm2m_versions: Vec<u32>,
    pub(super) licences: Vec<u32>,
    pub(super) copyrights: Vec<u32>,
    /// The class of a URN (`oma`, `ext`, `x`), or all of it.
    pub(super) urns: Vec<u32>,
    /// [`UrnForm`] of each URN.
    pub(super) urn_forms: Vec<u8>,
    pub(super) resource_counts: Vec<u16>,

    /// The resources of all objects, one object after the other: codes like those of names.
    pub(super) uses: Vec<u32>,

    // One entry for each resource that differs from all before.
    /// What to add, modulo 2^16, to the id of the resource before.
    pub(super) resource_ids: Vec<u16>,
    /// Bits 0 to 2: readable, writable, executable; bit 3: multiple; bit 4: mandatory.
    pub(super) resource_flags: Vec<u8>,
    /// 0: no type; otherwise one more than the position in `ValueType::ALL`.
    pub(super) types: Vec<u8>,
    /// Name codes.
    pub(super) resource_names: Vec<u32>,
    pub(super) ranges: Vec<u32>,
    pub(super) units: Vec<u32>,
}

/// How a URN follows from its object. Most do: `urn:oma:lwm2m:{class}:{id}[:{version}]` (LwM2M Core §7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum UrnForm {
    /// The text is all of it.
    Whole = 0,
    WithoutVersion = 1,
    WithVersion = 2,
}

impl UrnForm {
    pub(super) const ALL: [Self; 3] = [Self::Whole, Self::WithoutVersion, Self::WithVersion];
}
