//! What the object tree of a client costs: a process holds ten thousand of them.
//!
//! One test, since everything in the process is counted together.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use lwm2m_codec::{Path, Value};
use lwm2m_core::client::ObjectTree;
use lwm2m_model::Registry;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const REGISTRY: &[u8] = include_bytes!("../../../assets/registry/registry.bin");

/// What one tree may take.
const BYTES: usize = 6_000;

#[test]
fn the_tree_of_a_typical_device_is_lean() {
    let registry = Arc::new(Registry::from_bytes(REGISTRY).unwrap());
    let before = MEMORY.current_usage();
    let trees: Vec<ObjectTree> = (0..100).map(|_| typical(&registry)).collect();
    let each = (MEMORY.current_usage() - before) / trees.len();
    println!("{each} bytes for each of {} trees", trees.len());
    assert!(each < BYTES, "expected less than {BYTES} bytes for a tree, got {each}");
}

/// Objects 0 to 7 and a temperature, with the resources that devices have in the field.
fn typical(registry: &Arc<Registry>) -> ObjectTree {
    let mut tree = ObjectTree::new(Arc::clone(registry));
    let text = |text: &str| Value::string(text);
    let number = Value::Integer;
    for (at, value) in [
        ("/0/0/0", text("coaps://lwm2m.example.com:5684")),
        ("/0/0/1", Value::Boolean(false)),
        ("/0/0/2", number(0)),
        ("/0/0/3", Value::opaque(*b"urn:dev:os:4711-000001")),
        ("/0/0/4", Value::opaque([])),
        ("/0/0/5", Value::opaque([7; 16])),
        ("/0/0/10", number(1)),
        ("/1/0/0", number(1)),
        ("/1/0/1", number(300)),
        ("/1/0/2", number(0)),
        ("/1/0/3", number(60)),
        ("/1/0/5", number(86_400)),
        ("/1/0/6", Value::Boolean(true)),
        ("/1/0/7", text("U")),
        ("/2/0/0", number(3)),
        ("/2/0/1", number(0)),
        ("/2/0/2/1", number(15)),
        ("/2/0/3", number(1)),
        ("/3/0/0", text("Manufacturer")),
        ("/3/0/1", text("Model 4711")),
        ("/3/0/2", text("000000001")),
        ("/3/0/3", text("1.2.3")),
        ("/3/0/6/0", number(1)),
        ("/3/0/7/0", number(3_800)),
        ("/3/0/8/0", number(85)),
        ("/3/0/9", number(87)),
        ("/3/0/10", number(140)),
        ("/3/0/11/0", number(0)),
        ("/3/0/13", Value::Time(1_760_000_000)),
        ("/3/0/14", text("+01:00")),
        ("/3/0/15", text("Europe/Oslo")),
        ("/3/0/16", text("U")),
        ("/3/0/17", text("Sensor")),
        ("/3/0/18", text("B")),
        ("/3/0/19", text("1.2.3")),
        ("/3/0/20", number(0)),
        ("/3/0/21", number(256)),
        ("/4/0/0", number(6)),
        ("/4/0/1/0", number(6)),
        ("/4/0/2", number(-92)),
        ("/4/0/3", number(2)),
        ("/4/0/4/0", text("10.20.30.40")),
        ("/4/0/5/0", text("10.20.30.1")),
        ("/4/0/7/0", text("internet")),
        ("/4/0/8", number(4_711)),
        ("/5/0/0", Value::opaque([])),
        ("/5/0/1", text("")),
        ("/5/0/3", number(0)),
        ("/5/0/5", number(0)),
        ("/5/0/6", text("firmware")),
        ("/5/0/7", text("1.2.3")),
        ("/5/0/8/0", number(0)),
        ("/5/0/9", number(2)),
        ("/6/0/0", Value::Float(59.91)),
        ("/6/0/1", Value::Float(10.75)),
        ("/6/0/2", Value::Float(23.0)),
        ("/6/0/3", Value::Float(10.0)),
        ("/6/0/5", Value::Time(1_760_000_000)),
        ("/7/0/2", number(12)),
        ("/7/0/3", number(34)),
        ("/7/0/8", number(0)),
        ("/3303/0/5601", Value::Float(18.0)),
        ("/3303/0/5602", Value::Float(23.0)),
        ("/3303/0/5603", Value::Float(-40.0)),
        ("/3303/0/5604", Value::Float(85.0)),
        ("/3303/0/5700", Value::Float(21.5)),
        ("/3303/0/5701", text("Cel")),
        ("/3303/0/5750", text("Living room")),
    ] {
        tree.insert(at.parse().unwrap(), value).unwrap();
    }
    for at in
        ["/1/0/4", "/1/0/8", "/3/0/4", "/3/0/5", "/3/0/12", "/5/0/2", "/7/0/6", "/7/0/7", "/3303/0/5605"]
    {
        tree.insert_executable(at.parse::<Path>().unwrap()).unwrap();
    }
    tree
}
