//! Builds the console for the browser with nothing but cargo: no bundler, no node, no downloaded tool.
//!
//! [`build`] compiles the `frontend` crate to WebAssembly, generates its bindings, joins the style sheets,
//! names every file after its content and puts the result into `<workspace>/target/console`, from where the server
//! serves or embeds it. [`build_module`] makes a module of another crate, for the tests.

mod asset;
mod bindings;
mod compression;
mod index;
mod parts;
mod stamp;
mod style;
mod wasm;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

pub use crate::compression::WireSize;
use crate::{
    asset::{Asset, Assets, short_hash},
    index::Index,
    stamp::Stamp,
    wasm::Purpose,
};

/// The package that the console is.
const CONSOLE: &str = "frontend";

/// A finished build.
#[derive(Clone, Debug)]
pub struct WebBuild {
    /// `<workspace>/target/console`: `index.html` and `assets/`.
    pub dir: PathBuf,
    /// Of the files that a browser loads before the console is there.
    pub first_load: WireSize,
    /// False when nothing had changed since the last build.
    pub changed: bool,
}

/// Builds the console, or finds that the last build is still good, and says how large it is. Cargo's progress
/// goes to stderr.
///
/// Callers in parallel processes wait for each other.
pub fn build(workspace_root: &Path) -> Result<WebBuild> {
    let target = workspace_root.join("target");
    let _lock = lock(&target)?;
    let wasm_path = wasm::compile(workspace_root, CONSOLE, Purpose::Parts)?;
    let inputs = Inputs::read(workspace_root, &wasm_path)?;
    let stamp = Stamp::of(&inputs);
    let dir = target.join("console");
    let stamp_path = target.join("web.stamp");
    let build = if dir.join("index.html").is_file() && stamp.matches(&stamp_path) {
        WebBuild { first_load: asset::first_load(&dir)?, dir, changed: false }
    } else {
        // While files are being replaced no stamp may claim that they are whole.
        stamp::remove(&stamp_path)?;
        let first_load = assemble(&inputs, &target, &dir)?;
        stamp.write(&stamp_path)?;
        WebBuild { dir, first_load, changed: true }
    };
    let state = if build.changed { "built" } else { "unchanged" };
    let WireSize { brotli, gzip } = build.first_load;
    let (brotli, gzip) = (kilobytes(brotli), kilobytes(gzip));
    eprintln!("web: {} ({state}), {brotli} on the wire, {gzip} without brotli", build.dir.display());
    Ok(build)
}

/// Compiles any other package for the browser and returns the folder `<workspace>/target/<package>` with what a page
/// imports: `<package>.js` and `<package>.wasm`.
pub fn build_module(workspace_root: &Path, package: &str) -> Result<PathBuf> {
    let target = workspace_root.join("target");
    let _lock = lock(&target)?;
    let wasm = read(&wasm::compile(workspace_root, package, Purpose::Whole)?)?;
    let bindings = bindings::generate(wasm, package)?;
    let dir = target.join(package);
    fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    for (extension, content) in [("wasm", bindings.wasm.as_slice()), ("js", bindings.script.as_bytes())] {
        let path = dir.join(format!("{package}.{extension}"));
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(dir)
}

/// Only one build at a time writes below `target`; the lock is free again when the file is dropped.
fn lock(target: &Path) -> Result<File> {
    fs::create_dir_all(target).with_context(|| format!("cannot create {}", target.display()))?;
    let path = target.join("web.lock");
    let lock = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    lock.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(lock)
}

/// Everything that the output depends on, beside this crate.
struct Inputs {
    wasm: Vec<u8>,
    style: String,
    later_style: String,
    template: String,
    registry: Vec<u8>,
}

impl Inputs {
    fn read(workspace_root: &Path, wasm_path: &Path) -> Result<Self> {
        let frontend = workspace_root.join("frontend");
        Ok(Self {
            wasm: read(wasm_path)?,
            style: style::join(&frontend)?,
            later_style: style::join_later(&frontend)?,
            template: read_text(&frontend.join("index.html"))?,
            registry: read(&workspace_root.join("assets/registry/registry.bin"))?,
        })
    }
}

/// Builds beside `dir` and then takes its place, so that a server never sees half a console.
fn assemble(inputs: &Inputs, target: &Path, dir: &Path) -> Result<WireSize> {
    let workshop = tempfile::tempdir_in(target).context("cannot create a temporary folder")?;
    let fresh = workshop.path().join("fresh");
    let mut assets = Assets::create(&fresh, dir)?;
    let (module, wasm) = add_program(inputs, &mut assets)?;
    let boot = bindings::boot_script(module.file_name(), wasm.file_name());
    let boot = assets.add("boot", "js", boot.as_bytes())?;
    let style = assets.add("console", "css", inputs.style.as_bytes())?;
    let later_style = assets.add(&format!("{}pages", asset::LATER), "css", inputs.later_style.as_bytes())?;
    let registry = assets.add("registry", "bin", &inputs.registry)?;
    let index = Index {
        style: &style,
        later_style: &later_style,
        module: &module,
        wasm: &wasm,
        boot: &boot,
        registry: &registry,
    };
    assets.add_index(&index.render(&inputs.template)?)?;

    if dir.exists() {
        // It disappears together with the temporary folder.
        fs::rename(dir, workshop.path().join("old"))
            .with_context(|| format!("cannot move {} aside", dir.display()))?;
    }
    fs::rename(&fresh, dir).with_context(|| format!("cannot put {} in place", dir.display()))?;
    asset::first_load(dir)
}

/// The module and its script, with the parts that come later.
fn add_program(inputs: &Inputs, assets: &mut Assets) -> Result<(Asset, Asset)> {
    // The two scripts name each other, so neither can be named after its own content.
    let build = short_hash(&inputs.wasm);
    let (script, parts_script) = (format!("{CONSOLE}-{build}.js"), format!("parts-{build}.js"));
    let parts = parts::split(&inputs.wasm, &parts_script, &script)?;
    let mut loading = parts.script;
    for part in parts.others {
        let asset = assets.add(&format!("{}{}", asset::LATER, part.name), "wasm", &part.wasm)?;
        let places = loading.matches(&part.place()).count();
        ensure!(places == 1, "the part {} must be named once, it is named {places} times", part.name);
        loading = loading.replace(&part.place(), &format!("\"./{}\"", asset.file_name()));
    }
    assets.add_named(&parts_script, loading.as_bytes())?;
    let bindings = bindings::generate(parts.main, CONSOLE)?;
    let module = assets.add_named(&script, bindings.script.as_bytes())?;
    Ok((module, assets.add(CONSOLE, "wasm", &bindings.wasm)?))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// `299.3 kB`
fn kilobytes(bytes: u64) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_for_people() {
        assert_eq!(kilobytes(299_263), "299.2 kB");
        assert_eq!(kilobytes(999), "0.9 kB");
    }
}
