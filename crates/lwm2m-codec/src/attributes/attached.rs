use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use super::effective::{EffectiveAttributes, ServerDefaults};
use super::notification_attributes::NotificationAttributes;
use super::validity::{AttributeTarget, Violation};
use super::write_attributes::WriteAttributes;
use crate::limits::ATTACHED_NODES_MAX;
use crate::lookup::Lookup;
use crate::path::Path;
use crate::registration::LwM2mVersion;

/// The attributes one server has attached to the nodes of a client. Those of other servers are none of its
/// business (LwM2M Core §5.1.1).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttachedAttributes {
    /// No empty sets.
    by_path: BTreeMap<Path, NotificationAttributes>,
}

impl AttachedAttributes {
    /// The attributes of one node itself.
    #[must_use]
    pub fn get(&self, path: &Path) -> NotificationAttributes {
        self.by_path.get(path).copied().unwrap_or_default()
    }

    /// All nodes with attributes, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &NotificationAttributes)> {
        self.by_path.iter()
    }

    /// Performs a Write-Attributes (LwM2M Core §6.3.4), all of it or nothing.
    ///
    /// # Errors
    /// When the write breaks a rule, or too many nodes have attributes already.
    pub fn write(
        &mut self,
        path: &Path,
        write: &WriteAttributes,
        lookup: &dyn Lookup,
        version: LwM2mVersion,
    ) -> Result<(), AttachError> {
        let target = AttributeTarget::new(path, lookup, version);
        let attributes = self.get(path).apply(write, &target).map_err(AttachError::Invalid)?;
        if attributes.is_empty() {
            self.by_path.remove(path);
        } else if self.by_path.len() >= ATTACHED_NODES_MAX && !self.by_path.contains_key(path) {
            return Err(AttachError::TooManyNodes);
        } else {
            self.by_path.insert(*path, attributes);
        }
        Ok(())
    }

    /// Takes in what a Discover of `request` tells, in place of what was known of the nodes there. Its target shows what
    /// it inherits as well (LwM2M Core §6.3.2): what the levels above are known to have is not its own. Nodes for which
    /// there is no room are left out.
    pub fn discovered(
        &mut self,
        request: &Path,
        links: impl IntoIterator<Item = (Path, NotificationAttributes)>,
    ) {
        self.remove(request);
        let above = request.parent().map(|above| self.resolve(&above, &ServerDefaults::default()).attached());
        for (path, mut attributes) in links {
            if let Some(above) = above.filter(|_| path == *request) {
                attributes.leave_out(&above);
            }
            let has_room = self.by_path.len() < ATTACHED_NODES_MAX;
            if has_room && !attributes.is_empty() && path.starts_with(request) {
                self.by_path.insert(path, attributes);
            }
        }
    }

    /// Forgets the attributes at and below a node that was deleted.
    pub fn remove(&mut self, path: &Path) {
        self.by_path.retain(|attached, _| !attached.starts_with(path));
    }

    /// The attributes in force for a node: its own before those of the levels above it, and the server's defaults
    /// last (LwM2M Core §5.1.1).
    #[must_use]
    pub fn resolve(&self, path: &Path, defaults: &ServerDefaults) -> EffectiveAttributes {
        EffectiveAttributes::of_node(path, |level| self.get(level), defaults)
    }
}

/// Why attributes were not attached.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AttachError {
    /// Answered with 4.00.
    Invalid(Vec<Violation>),
    TooManyNodes,
}

impl fmt::Display for AttachError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(violations) => {
                for (position, violation) in violations.iter().enumerate() {
                    write!(f, "{}{violation}", if position == 0 { "" } else { "; " })?;
                }
                Ok(())
            }
            Self::TooManyNodes => {
                write!(f, "expected attributes on at most {ATTACHED_NODES_MAX} nodes, got one more")
            }
        }
    }
}

impl core::error::Error for AttachError {}
