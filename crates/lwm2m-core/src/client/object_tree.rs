use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use lwm2m_codec::{Level, Path, Record, Value};
use lwm2m_model::{Registry, ResourceDefinition};
use thiserror::Error;

use super::{by_id::ById, limits, template::Template};

/// What a client holds: objects, their instances, their resources and the values of these.
///
/// Definitions come from the registry, which all clients of a process can share. Whatever is inserted is checked
/// against them, so a tree never holds a value its definition does not allow.
#[derive(Clone, Debug)]
pub struct ObjectTree {
    registry: Arc<Registry>,
    objects: ById<Object>,
    changes: BTreeSet<Path>,
    instances_changed: bool,
    permission: Permission,
}

/// The application's word on what a server wants to write (with the value) or execute (without one). The reason of
/// a refusal goes out with 4.05.
pub type Permission = fn(&ObjectTree, &Path, Option<&Value>) -> Result<(), &'static str>;

#[derive(Clone, Debug, Default)]
struct Object {
    version: Option<Box<str>>,
    /// Resources this object was ever given. A writable one that a Replace removed can be written again.
    supported: ById<()>,
    instances: ById<ObjectInstance>,
    /// What a Create makes. Without one a server cannot create instances.
    template: Option<Arc<Template>>,
}

/// Resources by id.
pub type ObjectInstance = ById<Resource>;

#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    Single(Value),
    /// Resource instances by id.
    Multiple(ById<Value>),
    Executable,
}

impl Resource {
    /// A multiple resource with nothing in it.
    pub(super) fn none() -> Self {
        Self::Multiple(ById::default())
    }
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
    #[error("{path}: expected at most {limit} {what}")]
    TooMany { path: Path, limit: usize, what: &'static str },
}

impl ObjectTree {
    pub fn new(registry: Arc<Registry>) -> Self {
        Self {
            registry,
            objects: ById::default(),
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
        if let Some(held) = self.objects.at_or_default(object) {
            held.version = Some(version.into());
            self.instances_changed = true;
        }
    }

    /// The version to announce, where one was set explicitly.
    pub fn announced_version(&self, object: u16) -> Option<&str> {
        self.objects.at(object)?.version.as_deref()
    }

    /// Adds a value at a resource (`/3/0/0`) or resource instance (`/3/0/6/1`), with object and instance as needed.
    pub fn insert(&mut self, path: Path, value: Value) -> Result<(), TreeError> {
        self.check(&path, &value)?;
        let resources = self.instance_for_insertion(&path)?;
        let resource = path.resource_id().ok_or(TreeError::Undefined(path))?;
        let Some(id) = path.resource_instance_id() else {
            resources.insert(resource, Resource::Single(value));
            self.changed(path);
            return Ok(());
        };
        if !resources.contains(resource) {
            resources.insert(resource, Resource::none());
        }
        let Some(Resource::Multiple(instances)) = resources.at_mut(resource) else {
            return Err(TreeError::WrongLevel { path, expected: "a multiple resource" });
        };
        if instances.len() >= limits::RESOURCE_INSTANCES && !instances.contains(id) {
            return Err(too_many_resource_instances(path));
        }
        instances.insert(id, value);
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

    /// Lets servers create instances of an object, which needs none from the start.
    pub fn allow_create(&mut self, template: Arc<Template>) -> Result<(), TreeError> {
        let object = template.object();
        if !self.objects.contains(object) {
            self.make_room(object, 0)?;
        }
        if let Some(held) = self.objects.at_or_default(object) {
            held.template = Some(template);
            self.instances_changed = true;
        }
        Ok(())
    }

    /// Adds a whole instance that is not there yet. Its values are checked by whoever made it.
    pub(super) fn insert_instance(
        &mut self,
        object: u16,
        instance: u16,
        resources: ObjectInstance,
    ) -> Result<(), TreeError> {
        self.make_room(object, instance)?;
        let path = Path::instance(object, instance);
        let held = self.objects.at_or_default(object).ok_or(TreeError::Undefined(path))?;
        resources.ids().for_each(|resource| held.supported.insert(resource, ()));
        held.instances.insert(instance, resources);
        self.instances_changed = true;
        self.changed(path);
        Ok(())
    }

    /// Changes a value that exists. A resource instance may be new.
    ///
    /// Returns whether the value is different from the one before.
    pub fn set(&mut self, path: Path, value: Value) -> Result<bool, TreeError> {
        match self.resource(&path).ok_or(TreeError::NotFound(path))? {
            Resource::Single(old) if path.level() == Level::Resource && *old == value => return Ok(false),
            Resource::Multiple(old)
                if path.resource_instance_id().and_then(|id| old.at(id)) == Some(&value) =>
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
            return Err(too_many_resource_instances(path));
        }
        for (&id, value) in &values {
            let instance =
                path.child(id).ok_or(TreeError::WrongLevel { path, expected: "a resource path" })?;
            self.check(&instance, value)?;
        }
        match self.resource_mut(&path) {
            Some(Resource::Multiple(instances)) => *instances = values.into_iter().collect(),
            Some(_) => return Err(TreeError::WrongLevel { path, expected: "a multiple resource" }),
            None => return Err(TreeError::NotFound(path)),
        }
        self.changed(path);
        Ok(())
    }

    /// Removes an object, an object instance, a resource or a resource instance.
    pub fn remove(&mut self, path: Path) -> Result<(), TreeError> {
        let removed = match *path.ids() {
            [object] => self.objects.remove(object),
            [object, instance] => {
                self.objects.at_mut(object).is_some_and(|held| held.instances.remove(instance))
            }
            [object, instance, resource] => {
                self.instance_mut(object, instance).is_some_and(|resources| resources.remove(resource))
            }
            [_, _, _, id] => match self.resource_mut(&path) {
                Some(Resource::Multiple(instances)) => instances.remove(id),
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

    /// Goes back to what there was before.
    pub(super) fn restore(&mut self, before: Self) {
        *self = before;
        self.instances_changed = true;
        self.changed(Path::ROOT);
    }

    /// What a Create of this object makes.
    pub(super) fn template(&self, object: u16) -> Option<&Arc<Template>> {
        self.objects.at(object)?.template.as_ref()
    }

    /// The id that a new instance of the object gets when nobody names one.
    pub(super) fn free_instance_id(&self, object: u16) -> Option<u16> {
        self.objects.at(object)?.instances.free_id()
    }

    pub fn objects(&self) -> impl Iterator<Item = u16> + '_ {
        self.objects.ids()
    }

    /// The instance ids of an object, or None if the client does not have the object.
    pub fn instances(&self, object: u16) -> Option<impl Iterator<Item = u16> + '_> {
        Some(self.objects.at(object)?.instances.ids())
    }

    pub fn instance(&self, object: u16, instance: u16) -> Option<&ObjectInstance> {
        self.objects.at(object)?.instances.at(instance)
    }

    /// The resource at or above `path`.
    pub fn resource(&self, path: &Path) -> Option<&Resource> {
        self.instance(path.object_id()?, path.instance_id()?)?.at(path.resource_id()?)
    }

    /// The value of a single resource or of a resource instance.
    pub fn value(&self, path: &Path) -> Option<&Value> {
        match (self.resource(path)?, path.resource_instance_id()) {
            (Resource::Single(value), None) => Some(value),
            (Resource::Multiple(instances), Some(id)) => instances.at(id),
            _ => None,
        }
    }

    /// Whether the client has what `path` names.
    pub fn contains(&self, path: &Path) -> bool {
        match path.ids() {
            [] => true,
            [object] => self.objects.contains(*object),
            [object, instance] => self.instance(*object, *instance).is_some(),
            [_, _, _] => self.resource(path).is_some(),
            _ => self.value(path).is_some(),
        }
    }

    /// Whether the object once had this resource, so that it can have it again.
    pub fn supports(&self, object: u16, resource: u16) -> bool {
        self.objects.at(object).is_some_and(|held| held.supported.contains(resource))
    }

    /// The definition of the resource at or above `path`.
    pub fn definition(&self, path: &Path) -> Option<&ResourceDefinition> {
        self.registry.resource(path.object_id()?, path.resource_id()?)
    }

    /// The readable values at and below `path`. Resources without the operation R are left out
    /// (LwM2M 1.0 TS §5.4.1).
    pub fn records(&self, path: &Path) -> Vec<Record> {
        let mut records = Vec::new();
        for (object, held) in self.objects.select(path.object_id()) {
            for (instance, resources) in held.instances.select(path.instance_id()) {
                for (resource, content) in resources.select(path.resource_id()) {
                    if !self.registry.resource(object, resource).is_some_and(|found| found.operations.read) {
                        continue;
                    }
                    append(&mut records, Path::resource(object, instance, resource), content, path);
                }
            }
        }
        records
    }

    /// The readable nodes at and below `path` that are there with nothing in them: instances and multiple resources.
    pub(super) fn empty(&self, path: &Path) -> Vec<Path> {
        let mut empty = Vec::new();
        for (object, held) in self.objects.select(path.object_id()) {
            for (instance, resources) in held.instances.select(path.instance_id()) {
                // An instance whose values cannot be read shows itself all the same.
                empty.push(Path::instance(object, instance));
                let nothing = |content: &Resource| *content == Resource::none();
                let selected = resources.select(path.resource_id());
                let resources = selected.filter(|(_, content)| nothing(content));
                let paths = resources.map(|(resource, _)| Path::resource(object, instance, resource));
                empty.extend(
                    paths.filter(|path| self.definition(path).is_some_and(|found| found.operations.read)),
                );
            }
        }
        empty.retain(|node| node.starts_with(path));
        empty
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
        check_value(&self.registry, path, value)
    }

    fn instance_for_insertion(&mut self, path: &Path) -> Result<&mut ObjectInstance, TreeError> {
        let (Some(object), Some(instance), Some(resource)) =
            (path.object_id(), path.instance_id(), path.resource_id())
        else {
            return Err(TreeError::WrongLevel { path: *path, expected: "a resource path" });
        };
        self.make_room(object, instance)?;
        let held = self.objects.at_or_default(object).ok_or(TreeError::Undefined(*path))?;
        held.supported.insert(resource, ());
        self.instances_changed |= !held.instances.contains(instance);
        held.instances.at_or_default(instance).ok_or(TreeError::Undefined(*path))
    }

    /// Checks that the object may have this instance, which may be there already.
    pub(super) fn make_room(&self, object: u16, instance: u16) -> Result<(), TreeError> {
        let path = Path::instance(object, instance);
        if instance != 0 && self.registry.object(object).is_some_and(|definition| !definition.multiple) {
            return Err(TreeError::SingleInstance { path });
        }
        let (limit, what) = match self.objects.at(object) {
            None if self.objects.len() >= limits::OBJECTS => (limits::OBJECTS, "objects"),
            Some(held)
                if held.instances.len() >= limits::OBJECT_INSTANCES && !held.instances.contains(instance) =>
            {
                (limits::OBJECT_INSTANCES, "instances of an object")
            }
            _ => return Ok(()),
        };
        Err(TreeError::TooMany { path, limit, what })
    }

    fn instance_mut(&mut self, object: u16, instance: u16) -> Option<&mut ObjectInstance> {
        self.objects.at_mut(object)?.instances.at_mut(instance)
    }

    fn resource_mut(&mut self, path: &Path) -> Option<&mut Resource> {
        self.instance_mut(path.object_id()?, path.instance_id()?)?.at_mut(path.resource_id()?)
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

fn append(records: &mut Vec<Record>, path: Path, content: &Resource, wanted: &Path) {
    match content {
        Resource::Single(value) if wanted.resource_instance_id().is_none() => {
            records.push(Record::new(path, value.clone()));
        }
        Resource::Multiple(instances) => {
            for (id, value) in instances.select(wanted.resource_instance_id()) {
                if let Some(path) = path.child(id) {
                    records.push(Record::new(path, value.clone()));
                }
            }
        }
        _ => {}
    }
}

/// Checks a value against type and range of its definition (LwM2M 1.2 Core §6.3.3).
pub(super) fn check_value(registry: &Registry, path: &Path, value: &Value) -> Result<(), TreeError> {
    let ids = path.object_id().zip(path.resource_id());
    let definition = ids.and_then(|(object, resource)| registry.resource(object, resource));
    let definition = definition.ok_or(TreeError::Undefined(*path))?;
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

fn too_many_resource_instances(path: Path) -> TreeError {
    TreeError::TooMany { path, limit: limits::RESOURCE_INSTANCES, what: "resource instances" }
}
