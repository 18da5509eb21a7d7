use std::collections::BTreeSet;

use coap::Options;
use lwm2m_codec::{
    Level, Path,
    attributes::LinkAttributes,
    link::{self, Link},
    registration::{LwM2mVersion, ObjectLinks},
};
use lwm2m_model::{ObjectVersion, core_version};

use super::{
    attributes::InForce,
    config::ClientConfig,
    content_formats,
    object_tree::{ObjectTree, Resource},
    target::FORBIDDEN_OBJECTS,
};

/// The objects and instances as they are sent with Register and Update (LwM2M 1.0 TS §5.3.1).
pub(super) fn object_links(tree: &ObjectTree, config: &ClientConfig) -> ObjectLinks {
    let mut links = ObjectLinks { root: config.root.clone(), ..ObjectLinks::default() };
    links.content_formats = content_formats::supported(config.version).to_vec();
    for object in tree.objects().filter(|object| !FORBIDDEN_OBJECTS.contains(object)) {
        let entry = links.objects.entry(object).or_default();
        entry.version = version_to_announce(tree, config.version, object);
        entry.instances = tree.instances(object).into_iter().flatten().collect();
    }
    links
}

/// The `ver` of an object, or None where the other side knows it anyway: the version that belongs to the enabler
/// for core objects, 1.0 for all others (LwM2M 1.1 Core §7.2).
pub(super) fn version_to_announce(tree: &ObjectTree, enabler: LwM2mVersion, object: u16) -> Option<String> {
    let core = core_version(enabler, object);
    let known = core.unwrap_or(ObjectVersion::V1_0).to_string();
    let announced = match tree.announced_version(object) {
        Some(announced) => announced.to_owned(),
        None if core.is_some() => return None,
        None => tree.registry().object(object)?.version.to_string(),
    };
    (announced != known).then_some(announced)
}

/// The `depth` parameter of a Discover, which exists since LwM2M 1.2 and is ignored by older clients.
pub(super) fn depth(version: LwM2mVersion, options: &Options) -> Option<usize> {
    if version < LwM2mVersion::V1_2 {
        return None;
    }
    let queries = options.uri_query().ok()?;
    queries.iter().find_map(|query| query.strip_prefix("depth=")?.parse().ok()).filter(|depth| *depth <= 3)
}

/// The answer to a Discover (LwM2M 1.2 Core §6.3.2).
pub(super) fn discover(in_force: &InForce<'_>, path: &Path, depth: Option<usize>) -> String {
    let InForce { tree, config, .. } = in_force;
    let deepest = deepest_level(config.version, path.level(), depth);
    let mut links = Vec::new();
    for node in nodes(tree, path).into_iter().filter(|node| node.level() <= deepest) {
        links.push(Link {
            target: format!("{}{node}", prefix(&config.root)),
            attributes: attributes(in_force, path, &node).to_link(),
        });
    }
    link::write(&links)
}

/// How deep the list goes below a target of the given level.
fn deepest_level(version: LwM2mVersion, target: Level, depth: Option<usize>) -> Level {
    let levels = [Level::Object, Level::ObjectInstance, Level::Resource, Level::ResourceInstance];
    let start = levels.iter().position(|level| *level == target).unwrap_or(0);
    let steps = match (depth, version, target) {
        (Some(depth), ..) => depth,
        // 1.0 knows no resource instances.
        (None, LwM2mVersion::V1_0, _) => 2_usize.saturating_sub(start),
        // 1.1 lists the resource instances, unless the whole object was asked for.
        (None, LwM2mVersion::V1_1, _) | (None, LwM2mVersion::V1_2, Level::Object) => 2,
        (None, LwM2mVersion::V1_2, _) => 1,
    };
    levels[(start + steps).min(levels.len() - 1)]
}

/// All nodes at and below `path`, parents first.
fn nodes(tree: &ObjectTree, path: &Path) -> BTreeSet<Path> {
    let mut nodes = BTreeSet::from([*path]);
    let Some(object) = path.object_id() else { return nodes };
    for instance in tree.instances(object).into_iter().flatten() {
        nodes.insert(Path::instance(object, instance));
        for (resource, content) in tree.instance(object, instance).into_iter().flat_map(|held| held.iter()) {
            nodes.insert(Path::resource(object, instance, resource));
            if let Resource::Multiple(instances) = content {
                let ids = instances.ids();
                nodes.extend(ids.map(|id| Path::resource_instance(object, instance, resource, id)));
            }
        }
    }
    nodes.retain(|node| node.starts_with(path));
    nodes
}

fn attributes(in_force: &InForce<'_>, target: &Path, node: &Path) -> LinkAttributes {
    let InForce { attached, tree, config, .. } = in_force;
    // LwM2M 1.1 Core §6.3.2: the target shows what it inherits as well. 1.0 has that for resources only.
    let inherits =
        node == target && (node.level() >= Level::Resource || config.version >= LwM2mVersion::V1_1);
    let notification = if inherits { in_force.attributes(node, None).attached() } else { attached.get(node) };
    let mut attributes = LinkAttributes { notification, ..LinkAttributes::default() };
    match (node.level(), tree.resource(node)) {
        (Level::Object, _) => {
            attributes.ver =
                node.object_id().and_then(|object| version_to_announce(tree, config.version, object));
        }
        (Level::Resource, Some(Resource::Multiple(instances))) => {
            attributes.dim = u8::try_from(instances.len()).ok();
        }
        _ => {}
    }
    attributes
}

fn prefix(root: &str) -> &str {
    root.trim_end_matches('/')
}
