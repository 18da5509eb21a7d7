use std::sync::LazyLock;

use lwm2m_model::Registry;

/// The object registry that ships with the server, read when it is first needed.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    Registry::from_json(include_str!("../../assets/registry/objects.json"))
        .expect("the bundled registry is checked by a test")
});

pub(crate) fn registry() -> &'static Registry {
    &REGISTRY
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bundled_registry_is_readable() {
        assert!(super::registry().object(3).is_some());
    }
}
