//! Delete (LwM2M Core §6.3.7): an object instance or, since LwM2M 1.2, a resource instance.

use lwm2m_codec::{Level, Path, registration::LwM2mVersion};
use lwm2m_model::access_control::{Effect, Operation, Requester};

use super::{access_control, object_tree::ObjectTree, payload::internal, refusal::Refusal};

const SERVER: u16 = 1;

pub(super) fn delete(
    tree: &mut ObjectTree,
    version: LwM2mVersion,
    requester: Requester,
    path: &Path,
) -> Result<(), Refusal> {
    let effects = access_control::permit(tree, requester, &Operation::Delete(*path))?.effects;
    if path.level() == Level::ResourceInstance && version < LwM2mVersion::V1_2 {
        return Err(Refusal::not_allowed("resource instances can be deleted since LwM2M 1.2"));
    }
    // The account belongs to a Security instance, which only bootstrap reaches: they come and go together.
    if path.level() == Level::ObjectInstance && path.object_id() == Some(SERVER) {
        return Err(Refusal::not_allowed(format!(
            "{path} is a server account, which only bootstrap deletes"
        )));
    }
    tree.remove(*path).map_err(internal)?;
    for effect in effects {
        if let Effect::GuardRemoved { access_control, .. } = effect {
            tree.remove(Path::instance(access_control::ACCESS_CONTROL, access_control)).map_err(internal)?;
        }
    }
    Ok(())
}
