use console_api::Client;
use lwm2m_model::{ClientModel, Registry};

/// The definitions of the object versions that a client has.
pub(crate) fn model<'a>(registry: &'a Registry, client: Option<&Client>) -> ClientModel<'a> {
    let enabler = client.and_then(|client| client.lwm2m_version.parse().ok()).unwrap_or_default();
    let objects = client.into_iter().flat_map(|client| &client.objects);
    registry.for_client(enabler, objects.filter_map(|object| Some((object.id, object.version.as_deref()?))))
}
