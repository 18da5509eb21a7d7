use std::sync::LazyLock;

use lwm2m_model::Registry;

/// The definitions that the server comes with, read when it is first needed.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    Registry::from_bytes(include_bytes!("../../../assets/registry/registry.bin"))
        .expect("the bundled registry is checked by a test")
});

pub(crate) fn bundled() -> &'static Registry {
    &REGISTRY
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bundled_registry_is_readable() {
        assert_eq!(super::bundled().objects().count(), 327);
        assert!(super::bundled().versions(3).count() > 1);
    }
}
