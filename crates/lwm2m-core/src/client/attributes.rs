use lwm2m_codec::{
    Path,
    attributes::{AttachedAttributes, EffectiveAttributes, NotificationAttributes, ServerDefaults},
};
use lwm2m_model::notification::Conditions;

use super::{config::ClientConfig, object_tree::ObjectTree};

/// Everything that decides which attributes are in force: what the server attached, and its account.
#[derive(Clone, Copy)]
pub(super) struct InForce<'a> {
    pub(super) attached: &'a AttachedAttributes,
    pub(super) tree: &'a ObjectTree,
    pub(super) config: &'a ClientConfig,
    /// Which instance of the Server object holds the account.
    pub(super) server_instance: u16,
}

impl InForce<'_> {
    /// The attributes of a node; those of an Observe that brings its own replace the attached ones.
    pub(super) fn attributes(
        &self,
        path: &Path,
        parameters: Option<&NotificationAttributes>,
    ) -> EffectiveAttributes {
        match parameters {
            Some(parameters) => EffectiveAttributes::of_parameters(parameters, &self.defaults()),
            None => self.attached.resolve(path, &self.defaults()),
        }
    }

    pub(super) fn conditions(&self, attributes: &EffectiveAttributes) -> Conditions {
        Conditions::new(attributes, self.config.crossings)
    }

    pub(super) fn defaults(&self) -> ServerDefaults {
        ServerDefaults::of_account(|resource| self.tree.value(&self.account(resource)).cloned())
    }

    /// Whether a change at `changed` may have changed a default of the server's account.
    pub(super) fn depend_on(&self, changed: &Path) -> bool {
        [2, 3, 26].iter().any(|resource| self.account(*resource).starts_with(changed))
    }

    const fn account(&self, resource: u16) -> Path {
        Path::resource(1, self.server_instance, resource)
    }
}
