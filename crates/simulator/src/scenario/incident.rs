use lwm2m_codec::Path;
use serde::{Deserialize, Deserializer, de::Error};

use crate::objects::Fault;

/// What can happen to a device.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Incident {
    /// Off for a while, then it boots and registers anew.
    PowerOutage {
        for_s: u32,
    },
    /// Nothing comes through, in either direction, and the device does not know.
    NetworkLoss {
        for_s: u32,
    },
    /// A number is off by so much for a while.
    Spike {
        #[serde(deserialize_with = "path")]
        path: Path,
        by: f64,
        for_s: u32,
    },
    /// A number is off by so much from now on.
    Step {
        #[serde(deserialize_with = "path")]
        path: Path,
        by: f64,
    },
    /// An Error Code, `/3/0/11`.
    ErrorRaised {
        code: i64,
    },
    ErrorCleared {
        code: i64,
    },
    /// What goes wrong with firmware updates from now on; null for nothing.
    FirmwareFault(Option<Fault>),
    Reboot,
}

fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Path, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|error| D::Error::custom(format!("{text:?} is no path: {error}")))
}
