//! Changes of access control on one device or many: each is read, planned, written and read back.
//!
//! A run is kept before and after each device, so that another server goes on with it. It plans anew from what the device
//! has then, and so repeats no Write that has succeeded.

mod begin;
mod drive;
mod list;
mod opening;
mod run;
mod work;

pub(crate) use begin::Page;
pub(crate) use list::Runs;
pub(crate) use opening::{Opened, open};
use run::{Goal, KeptRun, Run};

/// Kinds of documents. The key of a run is its id, that of a device the id and the endpoint.
const RUN: &str = "access_control_run";
const DEVICE: &str = "access_control_run_device";

/// So that keys sort as ids do.
fn run_key(id: u64) -> String {
    format!("{id:020}")
}

fn device_prefix(id: u64) -> String {
    format!("{id:020}/")
}

fn device_key(id: u64, endpoint: &str) -> String {
    format!("{id:020}/{endpoint}")
}

/// Whom the commands of a run are by.
fn author_of(id: u64, author: &str) -> String {
    format!("run {id} of {author}")
}
