use console_api::{BootstrapCheck, BootstrapConfiguration};
use lwm2m_model::Registry;

/// What is wrong with a configuration, and what is allowed in it and not advisable. That no two have the same name is
/// for the caller to see.
pub fn check(configuration: &BootstrapConfiguration, registry: &Registry) -> BootstrapCheck {
    let (_, _) = (configuration, registry);
    BootstrapCheck::default()
}
