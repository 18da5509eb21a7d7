use std::sync::Arc;

use lwm2m_codec::{Path, Value};
use lwm2m_core::client::{ObjectTree, Template, TreeError};

use super::{Behaviour, Moment, Values, insert_all, text};

/// The Portfolio object: in `/16/0` who the device is for its owner, its integrator, its maker and its seller. A server
/// may create further instances, for other parts of the device.
#[derive(Debug)]
pub(crate) struct Portfolio {
    identities: [String; 4],
}

impl Portfolio {
    pub(crate) fn new(model: &str, serial: &str) -> Self {
        let serial: String = serial.chars().filter(char::is_ascii_alphanumeric).collect();
        Self {
            identities: [
                format!("Host Device ID #{serial}"),
                format!("Host Device Manufacturer of {model}"),
                format!("Host Device Model {model}"),
                format!("Host Device Software Version of {serial}"),
            ],
        }
    }
}

impl Behaviour for Portfolio {
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        let identities = (0..).zip(&self.identities);
        insert_all(tree, identities.map(|(id, name)| (Path::resource_instance(16, 0, 0, id), text(name))))?;
        // Nothing was authenticated yet.
        let authentication = (Path::resource(16, 0, 3), Value::Integer(0));
        insert_all(tree, [authentication.clone()])?;
        let template = Template::new(tree.registry(), 16, [authentication], [])?;
        tree.allow_create(Arc::new(template))
    }

    fn advance(&mut self, _moment: Moment) -> Values {
        Values::new()
    }
}
