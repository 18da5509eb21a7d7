//! The console in a real browser: what an operator does, and what the devices then see.

mod access_control;
mod access_control_states;
mod accessibility;
mod boards;
mod bootstrap;
mod charts;
mod commands;
mod device;
mod fleet;
mod objects;
mod observations;
mod operations;
mod palette;
mod security;
mod server;
mod shell;
mod trace;

use anyhow::Result;
use whole_program_tests::{Browser, TestContext, encode_segment};

const CONNECTION: &str = "[data-testid=connection]";
const SEARCH: &str = "[data-testid=fleet-search]";
const SHOWN_ROWS: &str = "[data-testid=fleet-row]:not([hidden])";
const VALUE: &str = "[data-testid=inspector-value]";
const WIRE_BYTES: &str = "[data-testid=wire-bytes]";

/// Line of a device in the fleet.
fn fleet_row(endpoint: &str) -> String {
    format!("[data-testid=fleet-row][data-endpoint={endpoint:?}] a")
}

/// Line of a node in the object tree.
fn tree_row(path: &str) -> String {
    format!("[data-testid=tree] [data-path={path:?}]")
}

/// Value in the line of a node.
fn tree_value(path: &str) -> String {
    format!("{} [data-testid=value]", tree_row(path))
}

/// Button of the selected node.
fn button(operation: &str) -> String {
    format!("[data-testid=inspector] [data-op={operation}]")
}

/// Result of the last operation on the selected node.
fn result(code: &str) -> String {
    format!("[data-testid=inspector] [data-testid=result][data-code={code:?}]")
}

fn device_page(endpoint: &str) -> String {
    format!("/clients/{}", encode_segment(endpoint))
}

async fn open_live(browser: &Browser, context: &TestContext, path: &str) -> Result<()> {
    browser.open(&context.page(path)).await?;
    browser.see_attribute(CONNECTION, "data-state", "live").await
}

async fn select(browser: &Browser, path: &str) -> Result<()> {
    browser.click(&format!("{} .tree-title", tree_row(path))).await?;
    browser.see_attribute(&tree_row(path), "aria-selected", "true").await
}
