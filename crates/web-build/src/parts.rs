use std::{fs, path::Path};

use anyhow::{Context as _, Result, anyhow};
use wasm_split_cli_support::Options;

/// What a module is taken apart into: what the first page needs, and what is fetched when it is needed.
pub(crate) struct Parts {
    /// The first, not bound to JavaScript yet.
    pub(crate) main: Vec<u8>,
    pub(crate) others: Vec<Part>,
    /// The script that fetches the others. It names itself, the script of the first and the others as given to
    /// [`split`].
    pub(crate) script: String,
}

pub(crate) struct Part {
    /// As the script names it: `trace`.
    pub(crate) name: String,
    pub(crate) wasm: Vec<u8>,
}

/// Takes a module apart at the functions that are marked so. `script` and `main_script` are the names of the two scripts.
pub(crate) fn split(wasm: &[u8], script: &str, main_script: &str) -> Result<Parts> {
    let workshop = tempfile::tempdir().context("cannot create a temporary folder")?;
    let main_path = workshop.path().join("main.wasm");
    let (script, main_script) = (format!("./{script}"), format!("./{main_script}"));
    let mut options = Options::new(wasm);
    options.output_dir = workshop.path();
    options.main_out_path = &main_path;
    options.link_name = &script;
    options.main_module = &main_script;
    let split = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("the module cannot be taken apart: {error:#}"))?;
    let mut others = split.split_modules.iter().map(|path| read_part(path)).collect::<Result<Vec<_>>>()?;
    others.sort_by(|a, b| a.name.cmp(&b.name));
    let script_path = workshop.path().join(&script);
    Ok(Parts {
        main: fs::read(&main_path).with_context(|| format!("cannot read {}", main_path.display()))?,
        others,
        script: fs::read_to_string(&script_path)
            .with_context(|| format!("cannot read {}", script_path.display()))?,
    })
}

impl Part {
    /// How the script names the file.
    pub(crate) fn place(&self) -> String {
        format!("\"./{}.wasm\"", self.name)
    }
}

fn read_part(path: &Path) -> Result<Part> {
    let name = path.file_stem().and_then(|stem| stem.to_str());
    let name = name.with_context(|| format!("{} has no name", path.display()))?.to_owned();
    Ok(Part { name, wasm: fs::read(path).with_context(|| format!("cannot read {}", path.display()))? })
}
