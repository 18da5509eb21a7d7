//! Makes `assets/registry/registry.bin` of the JSON beside it: `cargo xtask registry`.

use std::error::Error;
use std::fs;
use std::path::Path;

use lwm2m_model::Registry;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/registry");
    let mut registry = Registry::from_json(&fs::read_to_string(folder.join("objects.json"))?)?;
    let history = Registry::from_json(&fs::read_to_string(folder.join("objects_history.json"))?)?;
    registry.add(history.definitions().cloned());
    let bytes = registry.to_bytes()?;
    fs::write(folder.join("registry.bin"), &bytes)?;
    println!("registry: {} definitions in {} bytes", registry.definitions().count(), bytes.len());
    Ok(())
}
