//! What the objects of the simulated devices do. Nothing here knows of sockets or clocks.

mod battery;
mod connectivity_monitoring;
mod connectivity_statistics;
mod device;
mod firmware_update;
mod gauge;
mod location;
mod portfolio;
mod registry_object;
mod security;
mod server;

use lwm2m_codec::{Path, Value};
use lwm2m_core::client::{ObjectTree, TreeError};

pub(crate) use battery::Battery;
pub(crate) use connectivity_monitoring::{Bearer, ConnectivityMonitoring};
pub(crate) use connectivity_statistics::ConnectivityStatistics;
pub(crate) use device::{DeviceObject, Identity, Power};
pub(crate) use firmware_update::{Action, DownloadFailure, Fault, FirmwareUpdate};
pub(crate) use gauge::Gauge;
pub(crate) use location::{FixedLocation, Position};
pub(crate) use portfolio::Portfolio;
pub(crate) use registry_object::RegistryObject;
pub(crate) use security::{insert_bootstrap_account, insert_security_object};
pub(crate) use server::insert_server_object;

/// A point in time of the simulated world, in seconds since 1970 UTC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) unix_s: f64,
    /// Since the moment before.
    pub(crate) elapsed_s: f64,
}

/// New values of resources.
pub(crate) type Values = Vec<(Path, Value)>;

/// Objects of a device and how their values move.
pub(crate) trait Behaviour: Send {
    /// Adds the objects to a tree.
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError>;

    /// The values at a moment. Those that are as before need not be left out.
    fn advance(&mut self, moment: Moment) -> Values;

    /// The server wrote a value.
    fn written(&mut self, _path: Path, _value: &Value) {}

    /// The server executed a resource. Returns the values that change at once.
    fn executed(&mut self, _path: Path) -> Values {
        Values::new()
    }
}

/// What a device says to a Write (with the value) or Execute (without one) that its definitions allow.
pub(crate) fn permission(tree: &ObjectTree, path: &Path, value: Option<&Value>) -> Result<(), &'static str> {
    firmware_update::permission(tree, path, value)
}

/// Adds one resource per value, in the order given.
pub(crate) fn insert_all(
    tree: &mut ObjectTree,
    values: impl IntoIterator<Item = (Path, Value)>,
) -> Result<(), TreeError> {
    values.into_iter().try_for_each(|(path, value)| tree.insert(path, value))
}

pub(crate) fn text(value: &str) -> Value {
    Value::string(value)
}

/// Rounded to the nearest whole number.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and all values here are small")]
pub(crate) fn whole(value: f64) -> i64 {
    value.round() as i64
}
