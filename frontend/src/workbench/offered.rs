use lwm2m_codec::{Level, Operations, Path};
use lwm2m_model::{ObjectDefinition, ResourceDefinition};

/// Which operations make sense on a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offered {
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) execute: bool,
    pub(crate) observe: bool,
    pub(crate) discover: bool,
    pub(crate) write_attributes: bool,
    pub(crate) create: bool,
    pub(crate) delete: bool,
}

/// What the offer depends on. Without a definition everything may be tried.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known<'a> {
    pub(crate) object: Option<&'a ObjectDefinition>,
    pub(crate) resource: Option<&'a ResourceDefinition>,
    /// LwM2M version of the client.
    pub(crate) version: &'a str,
    /// Instances of the Object that the client has.
    pub(crate) instances: usize,
}

pub(crate) fn offered(path: &Path, known: Known<'_>) -> Offered {
    let allowed = known.resource.map(|definition| definition.operations);
    let may = |of: fn(Operations) -> bool| allowed.is_none_or(of);
    let readable = may(|operations| operations.read);
    match path.level() {
        Level::Root => Offered::default(),
        Level::Object => Offered {
            read: true,
            observe: true,
            discover: true,
            write_attributes: true,
            create: known.object.is_none_or(|object| object.multiple) || known.instances == 0,
            ..Offered::default()
        },
        Level::ObjectInstance => {
            let writable =
                |object: &ObjectDefinition| object.resources.iter().any(|one| one.operations.write);
            Offered {
                read: true,
                observe: true,
                discover: true,
                write_attributes: true,
                // Without a definition nobody knows which Resources to ask for.
                write: known.object.is_some_and(writable),
                // The Device Object cannot be deleted (LwM2M Core §6.3.7).
                delete: path.object_id() != Some(3),
                ..Offered::default()
            }
        }
        Level::Resource => Offered {
            read: readable,
            write: may(|operations| operations.write),
            execute: may(|operations| operations.execute),
            observe: readable,
            discover: true,
            write_attributes: readable,
            ..Offered::default()
        },
        // LwM2M 1.0 addresses no Resource Instances.
        Level::ResourceInstance if known.version == "1.0" => Offered::default(),
        Level::ResourceInstance => Offered {
            read: readable,
            write: may(|operations| operations.write),
            observe: readable,
            write_attributes: readable,
            // Since LwM2M 1.2 (Core §6.3.7).
            delete: known.version == "1.2" && may(|operations| operations.write),
            ..Offered::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &Path, version: &str) -> Offered {
        offered(path, Known { version, instances: 1, ..Known::default() })
    }

    #[test]
    fn operations_by_level_definition_and_version() {
        let object = of(&Path::object(3303), "1.0");
        assert!(object.read && object.discover && object.observe && object.create);
        assert!(!object.write && !object.execute && !object.delete);
        assert!(of(&Path::instance(3303, 0), "1.0").delete && !of(&Path::instance(3, 0), "1.0").delete);
        let unknown = of(&Path::resource(3, 0, 4), "1.0");
        assert!(unknown.read && unknown.write && unknown.execute && unknown.write_attributes);
        let instance = Path::resource_instance(3, 0, 6, 0);
        assert_eq!(of(&instance, "1.0"), Offered::default());
        assert!(of(&instance, "1.1").read && !of(&instance, "1.1").execute);
        assert!(!of(&instance, "1.1").delete && of(&instance, "1.2").delete);
    }
}
