use std::sync::LazyLock;

use lwm2m_core::server::Registration;
use lwm2m_model::{ClientModel, Registry};

/// The object registry that ships with the server, read when it is first needed.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    Registry::from_json(include_str!("../../assets/registry/objects.json"))
        .expect("the bundled registry is checked by a test")
});

pub(crate) fn registry() -> &'static Registry {
    &REGISTRY
}

/// The definitions of the object versions that a client registered with; of a client that is not known, those of
/// a plain LwM2M 1.0 client.
pub(crate) fn model(registration: Option<&Registration>) -> ClientModel<'static> {
    let enabler = registration.map(|registration| registration.version).unwrap_or_default();
    let objects = registration.into_iter().flat_map(|registration| &registration.links.objects);
    registry().for_client(enabler, objects.filter_map(|(id, object)| Some((*id, object.version.as_deref()?))))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bundled_registry_is_readable() {
        assert!(super::registry().object(3).is_some());
    }
}
