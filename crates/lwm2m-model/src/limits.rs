//! Every bound of this crate, its reason, and what happens at it.

/// Longest object definition file, in bytes. Longer: refused before anything of it is read.
///
/// The largest file of the OMNA registry has some 60 kB.
pub const DDF_MAX: usize = 1 << 20;

/// Longest start tag of an object definition file, in bytes. Longer: refused.
///
/// Attributes of one tag are compared with each other, so their number must be small. Real tags have two.
pub const DDF_TAG_MAX: usize = 4_096;

/// Most namespace declarations of an object definition file. More: refused. Real files have one.
///
/// Every element that declares one copies those of its parents.
pub const DDF_NAMESPACES_MAX: usize = 64;

/// Most XML nodes of an object definition file. More: refused. A node is at least four bytes of input.
pub const DDF_NODES_MAX: u32 = 200_000;

/// Most objects of one definition file. More: refused. The whole OMNA registry has some 430 definitions.
pub const OBJECTS_MAX: usize = 4_096;

/// Most resources of one object. More: refused. The largest object of the OMNA registry has 67.
pub const RESOURCES_MAX: usize = 4_096;

/// Longest definitions in JSON that an operator may give, in bytes. Longer: refused before anything of it is read.
pub const JSON_MAX: usize = 4 << 20;

/// Characters of a search that are looked for; the rest is left out of account.
pub const SEARCH_TEXT_MAX: usize = 100;

/// Longest compact form of a registry, in bytes. Longer: refused before anything of it is read.
///
/// The bundled one has some 70 kB.
pub const COMPACT_MAX: usize = 1 << 20;

/// Most resources of all objects in a compact form. More: refused. The bundled registry has 4,506.
pub const COMPACT_RESOURCES_MAX: usize = 65_536;

/// Most bytes of text that a compact form may expand to. More: refused.
///
/// A text is told once and used often, so the length of the form is no bound on what becomes of it.
pub const COMPACT_TEXT_MAX: usize = 8 << 20;

/// Characters of the input that are quoted in an error message; the rest is cut.
pub const QUOTED_INPUT_MAX: usize = 40;

/// Characters of another parser's error message, which may quote any length of the input; what is between its beginning
/// and its end is left out. The end often says where.
pub const MESSAGE_MAX: usize = 200;
