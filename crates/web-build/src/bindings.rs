use anyhow::{Context as _, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

/// What wasm-bindgen makes of the compiled module.
pub(crate) struct Bindings {
    pub(crate) wasm: Vec<u8>,
    pub(crate) script: String,
}

pub(crate) fn generate(wasm: Vec<u8>, package: &str) -> Result<Bindings> {
    let mut output = Bindgen::new()
        .input_bytes(package, wasm)
        .web(true)
        .context("wasm-bindgen refused the web target")?
        .out_name(package)
        .typescript(false)
        // The table of functions among them, which the other parts of a module are tied to.
        .keep_lld_exports(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .with_context(|| format!("wasm-bindgen failed on {package}"))?;
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "a crate of {package} brings its own JavaScript ({:?}); this build serves Rust only",
        output.snippets().keys().chain(output.local_modules().keys()).collect::<Vec<_>>()
    );
    Ok(Bindings { wasm: output.wasm_mut().emit_wasm(), script: output.js().to_owned() })
}

/// Starts the console. A file of its own, so that the Content Security Policy needs no inline scripts.
pub(crate) fn boot_script(module: &str, wasm: &str) -> String {
    format!(
        "import start from \"./{module}\";\n\
         await start({{ module_or_path: new URL(\"./{wasm}\", import.meta.url) }});\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boot_loads_its_neighbours_by_name() {
        assert_eq!(
            boot_script("frontend-00ff.js", "frontend-11ee.wasm"),
            "import start from \"./frontend-00ff.js\";\n\
             await start({ module_or_path: new URL(\"./frontend-11ee.wasm\", import.meta.url) });\n"
        );
    }
}
