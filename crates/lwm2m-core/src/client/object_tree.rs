use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use lwm2m_codec::{Level, Path, Record, Value};
use lwm2m_model::{Registry, ResourceDefinition};
use thiserror::Error;

use super::limits;

/// What a client holds: objects, their instances, their resources and the values of these.
///
/// Definitions come from the registry, which all clients of a process can share. Whatever is inserted is checked
/// against them, so a tree never holds a value its definition does not allow.
#[derive(Clone, Debug)]
pub struct ObjectTree {
    registry: Arc<Registry>,
    objects: BTreeMap<u16, Object>,
    changes: BTreeSet<Path>,
    instances_changed: bool,
    permission: Permission,
}

/// The application's word on what a server wants to write (with the value) or execute (without one). The reason of
/// a refusal goes out with 4.05.
pub type Permission = fn(&ObjectTree, &Path, Option<&Value>) -> Result<(), &'static str>;

#[derive(Clone, Debug, Default)]
struct Object {
    version: Option<String>,
    /// Resources this object was ever given. A writable one that a Replace removed can be written again.
    supported: BTreeSet<u16>,
    instances: BTreeMap<u16, ObjectInstance>,
}

/// Resources by id.
pub type ObjectInstance = BTreeMap<u16, Resource>;

#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    Single(Value),
    /// Resource instances by id.
    Multiple(BTreeMap<u16, Value>),
    Executable,
}

/// Why a change of the tree was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TreeError {
    #[error("{0} has no definition in the registry")]
    Undefined(Path),
    #[error("{path}: expected {expected}")]
    WrongLevel { path: Path, expected: &'static str },
    #[error("{path}: expected a value of type {expected}, got {got}")]
    WrongType { path: Path, expected: &'static str, got: &'static str },
    #[error("{path}: {got} is outside the range {range}")]
    OutOfRange { path: Path, range: String, got: String },
    #[error("{path}: single-instance objects have the instance 0 only")]
    SingleInstance { path: Path },
    #[error("{0} does not exist")]
    NotFound(Path),
    #[error("{path}: expected at most {limit} resource instances")]
    TooManyInstances { path: Path, limit: usize },
}

impl ObjectTree {
    pub fn new(registry: Arc<Registry>) -> Self {
        Self {
            registry,
            objects: BTreeMap::new(),
            changes: BTreeSet::new(),
            instances_changed: true,
            permission: |_, _, _| Ok(()),
        }
    }

    /// Lets `permission` judge every Write and Execute, which definitions alone may not rule out: whether a firmware
    /// may be installed depends on the state of its download.
    pub fn set_permission(&mut self, permission: Permission) {
        self.permission = permission;
    }

    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Announces `version` for an object instead of the one that follows from the registry and the enabler.
    pub fn announce_version(&mut self, object: u16, version: &str) {
        self.objects.entry(object).or_default().version = Some(version.to_owned());
        self.instances_changed = true;
    }

    /// The version to announce, where one was set explicitly.
    pub fn announced_version(&self, object: u16) -> Option<&str> {
        self.objects.get(&object)?.version.as_deref()
    }

    /// Adds a value at a resource (`/3/0/0`) or resource instance (`/3/0/6/1`), with object and instance as needed.
    pub fn insert(&mut self, path: Path, value: Value) -> Result<(), TreeError> {
        self.check(&path, &value)?;
        let resources = self.instance_for_insertion(&path)?;
        let resource = path.resource_id().ok_or(TreeError::Undefined(path))?;
        match path.resource_instance_id() {
            None => {
                resources.insert(resource, Resource::Single(value));
            }
            Some(id) => {
                match resources.entry(resource).or_insert_with(|| Resource::Multiple(BTreeMap::new())) {
                    Resource::Multiple(instances) => {
                        if instances.len() >= limits::RESOURCE_INSTANCES && !instances.contains_key(&id) {
                            return Err(TreeError::TooManyInstances {
                                path,
                                limit: limits::RESOURCE_INSTANCES,
                            });
                        }
                        instances.insert(id, value);
                    }
                    _ => return Err(TreeError::WrongLevel { path, expected: "a multiple resource" }),
                }
            }
        }
        self.changed(path);
        Ok(())
    }

    /// Adds an executable resource.
    pub fn insert_executable(&mut self, path: Path) -> Result<(), TreeError> {
        let definition = self.definition(&path).ok_or(TreeError::Undefined(path))?;
        if definition.value_type.is_some() || path.level() != Level::Resource {
            return Err(TreeError::WrongLevel { path, expected: "an executable resource" });
        }
        let resource = definition.id;
        self.instance_for_insertion(&path)?.insert(resource, Resource::Executable);
        Ok(())
    }

    /// Changes a value that exists. A resource instance may be new.
    ///
    /// Returns whether the value is different from the one before.
    pub fn set(&mut self, path: Path, value: Value) -> Result<bool, TreeError> {
        match self.resource(&path).ok_or(TreeError::NotFound(path))? {
            Resource::Single(old) if path.level() == Level::Resource && *old == value => return Ok(false),
            Resource::Multiple(old)
                if path.resource_instance_id().and_then(|id| old.get(&id)) == Some(&value) =>
            {
                return Ok(false);
            }
            _ => {}
        }
        self.insert(path, value)?;
        Ok(true)
    }

    /// Replaces all instances of a multiple resource that exists.
    pub fn replace_multiple(&mut self, path: Path, values: BTreeMap<u16, Value>) -> Result<(), TreeError> {
        if values.len() > limits::RESOURCE_INSTANCES {
            return Err(TreeError::TooManyInstances { path, limit: limits::RESOURCE_INSTANCES });
        }
        for (&id, value) in &values {
            let instance =
                path.child(id).ok_or(TreeError::WrongLevel { path, expected: "a resource path" })?;
            self.check(&instance, value)?;
        }
        match self.resource_mut(&path) {
            Some(Resource::Multiple(instances)) => *instances = values,
            Some(_) => return Err(TreeError::WrongLevel { path, expected: "a multiple resource" }),
            None => return Err(TreeError::NotFound(path)),
        }
        self.changed(path);
        Ok(())
    }

    /// Removes an object, an object instance, a resource or a resource instance.
    pub fn remove(&mut self, path: Path) -> Result<(), TreeError> {
        let removed = match *path.ids() {
            [object] => self.objects.remove(&object).is_some(),
            [object, instance] => {
                self.objects.get_mut(&object).is_some_and(|held| held.instances.remove(&instance).is_some())
            }
            [object, instance, resource] => self
                .instance_mut(object, instance)
                .is_some_and(|resources| resources.remove(&resource).is_some()),
            [_, _, _, id] => match self.resource_mut(&path) {
                Some(Resource::Multiple(instances)) => instances.remove(&id).is_some(),
                _ => false,
            },
            _ => false,
        };
        if !removed {
            return Err(TreeError::NotFound(path));
        }
        self.instances_changed |= matches!(path.level(), Level::Object | Level::ObjectInstance);
        self.changed(path);
        Ok(())
    }

    pub fn objects(&self) -> impl Iterator<Item = u16> + '_ {
        self.objects.keys().copied()
    }

    /// The instance ids of an object, or None if the client does not have the object.
    pub fn instances(&self, object: u16) -> Option<impl Iterator<Item = u16> + '_> {
        Some(self.objects.get(&object)?.instances.keys().copied())
    }

    pub fn instance(&self, object: u16, instance: u16) -> Option<&ObjectInstance> {
        self.objects.get(&object)?.instances.get(&instance)
    }

    /// The resource at or above `path`.
    pub fn resource(&self, path: &Path) -> Option<&Resource> {
        self.instance(path.object_id()?, path.instance_id()?)?.get(&path.resource_id()?)
    }

    /// The value of a single resource or of a resource instance.
    pub fn value(&self, path: &Path) -> Option<&Value> {
        match (self.resource(path)?, path.resource_instance_id()) {
            (Resource::Single(value), None) => Some(value),
            (Resource::Multiple(instances), Some(id)) => instances.get(&id),
            _ => None,
        }
    }

    /// Whether the client has what `path` names.
    pub fn contains(&self, path: &Path) -> bool {
        match path.ids() {
            [] => true,
            [object] => self.objects.contains_key(object),
            [object, instance] => self.instance(*object, *instance).is_some(),
            [_, _, _] => self.resource(path).is_some(),
            _ => self.value(path).is_some(),
        }
    }

    /// Whether the object once had this resource, so that it can have it again.
    pub fn supports(&self, object: u16, resource: u16) -> bool {
        self.objects.get(&object).is_some_and(|held| held.supported.contains(&resource))
    }

    /// The definition of the resource at or above `path`.
    pub fn definition(&self, path: &Path) -> Option<&ResourceDefinition> {
        self.registry.resource(path.object_id()?, path.resource_id()?)
    }

    /// The readable values at and below `path`. Resources without the operation R are left out
    /// (LwM2M 1.0 TS §5.4.1).
    pub fn records(&self, path: &Path) -> Vec<Record> {
        let mut records = Vec::new();
        for (&object, held) in self.objects.range(bounds(path.object_id())) {
            for (&instance, resources) in held.instances.range(bounds(path.instance_id())) {
                for (&resource, content) in resources.range(bounds(path.resource_id())) {
                    if !self.registry.resource(object, resource).is_some_and(|found| found.operations.read) {
                        continue;
                    }
                    append(&mut records, Path::resource(object, instance, resource), content, path);
                }
            }
        }
        records
    }

    /// Paths whose values changed since the last call.
    pub(crate) fn take_changes(&mut self) -> BTreeSet<Path> {
        core::mem::take(&mut self.changes)
    }

    /// Whether objects or object instances came or went since the last call.
    pub(crate) fn take_instances_changed(&mut self) -> bool {
        core::mem::take(&mut self.instances_changed)
    }

    /// What the application says to a Write or an Execute.
    pub(crate) fn permits(&self, path: &Path, value: Option<&Value>) -> Result<(), &'static str> {
        (self.permission)(self, path, value)
    }

    /// Checks a value against type and range of its definition (LwM2M 1.2 Core §6.3.3).
    pub(crate) fn check(&self, path: &Path, value: &Value) -> Result<(), TreeError> {
        let definition = self.definition(path).ok_or(TreeError::Undefined(*path))?;
        let level = if definition.multiple { Level::ResourceInstance } else { Level::Resource };
        let Some(value_type) = definition.value_type else {
            return Err(TreeError::WrongLevel { path: *path, expected: "a resource with a value" });
        };
        if path.level() != level {
            let expected = if definition.multiple { "a resource instance" } else { "a single resource" };
            return Err(TreeError::WrongLevel { path: *path, expected });
        }
        if value_type.name() != value.type_name() {
            let (expected, got) = (value_type.name(), value.type_name());
            return Err(TreeError::WrongType { path: *path, expected, got });
        }
        if definition.value_range().is_some_and(|range| !range.allows(value)) {
            let (range, got) = (definition.range.clone(), value.to_string());
            return Err(TreeError::OutOfRange { path: *path, range, got });
        }
        Ok(())
    }

    fn instance_for_insertion(&mut self, path: &Path) -> Result<&mut ObjectInstance, TreeError> {
        let (Some(object), Some(instance), Some(resource)) =
            (path.object_id(), path.instance_id(), path.resource_id())
        else {
            return Err(TreeError::WrongLevel { path: *path, expected: "a resource path" });
        };
        if instance != 0 && self.registry.object(object).is_some_and(|definition| !definition.multiple) {
            return Err(TreeError::SingleInstance { path: *path });
        }
        let held = self.objects.entry(object).or_default();
        held.supported.insert(resource);
        let instances = &mut held.instances;
        self.instances_changed |= !instances.contains_key(&instance);
        Ok(instances.entry(instance).or_default())
    }

    fn instance_mut(&mut self, object: u16, instance: u16) -> Option<&mut ObjectInstance> {
        self.objects.get_mut(&object)?.instances.get_mut(&instance)
    }

    fn resource_mut(&mut self, path: &Path) -> Option<&mut Resource> {
        self.instance_mut(path.object_id()?, path.instance_id()?)?.get_mut(&path.resource_id()?)
    }

    fn changed(&mut self, path: Path) {
        if self.changes.len() >= limits::CHANGED_PATHS {
            self.changes.clear();
            self.changes.insert(Path::ROOT);
        } else if !self.changes.contains(&Path::ROOT) {
            self.changes.insert(path);
        }
    }
}

/// All ids, or the one given.
fn bounds(id: Option<u16>) -> core::ops::RangeInclusive<u16> {
    id.map_or(0..=u16::MAX, |id| id..=id)
}

fn append(records: &mut Vec<Record>, path: Path, content: &Resource, wanted: &Path) {
    match content {
        Resource::Single(value) if wanted.resource_instance_id().is_none() => {
            records.push(Record::new(path, value.clone()));
        }
        Resource::Multiple(instances) => {
            for (&id, value) in instances.range(bounds(wanted.resource_instance_id())) {
                if let Some(path) = path.child(id) {
                    records.push(Record::new(path, value.clone()));
                }
            }
        }
        _ => {}
    }
}
