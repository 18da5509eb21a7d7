use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

/// What wasm-bindgen makes of the compiled module.
pub(crate) struct Bindings {
    pub(crate) wasm: Vec<u8>,
    pub(crate) script: String,
}

const STEM: &str = "frontend";

pub(crate) fn generate(wasm_path: &Path) -> Result<Bindings> {
    let mut output = Bindgen::new()
        .input_path(wasm_path)
        .web(true)
        .context("wasm-bindgen refused the web target")?
        .out_name(STEM)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .with_context(|| format!("wasm-bindgen failed on {}", wasm_path.display()))?;
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "a crate of the frontend brings its own JavaScript ({:?}); this build serves Rust only",
        output.snippets().keys().chain(output.local_modules().keys()).collect::<Vec<_>>()
    );
    Ok(Bindings { wasm: output.wasm_mut().emit_wasm(), script: output.js().to_owned() })
}

/// The script with the hashed name of its module in place of the one that wasm-bindgen assumes.
pub(crate) fn with_wasm_name(script: &str, file_name: &str) -> Result<String> {
    let assumed = format!("{STEM}_bg.wasm");
    if !script.contains(&assumed) {
        bail!("the bindings do not mention {assumed}; has wasm-bindgen changed its naming?");
    }
    Ok(script.replace(&assumed, file_name))
}

/// Starts the console. A file of its own, so that the Content Security Policy needs no inline scripts.
pub(crate) fn boot_script(module: &str) -> String {
    format!("import start from \"./{module}\";\nawait start();\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_loaded_by_its_hashed_name() {
        let script = "module_or_path = new URL('frontend_bg.wasm', import.meta.url);";
        let rewritten = with_wasm_name(script, "frontend-00ff.wasm").unwrap();
        assert_eq!(rewritten, "module_or_path = new URL('frontend-00ff.wasm', import.meta.url);");
    }

    #[test]
    fn a_script_without_the_expected_name_is_an_error() {
        let error = with_wasm_name("nothing here", "frontend-00ff.wasm").unwrap_err();
        assert!(error.to_string().contains("frontend_bg.wasm"), "{error}");
    }

    #[test]
    fn boot_imports_its_neighbour() {
        assert_eq!(
            boot_script("frontend-00ff.js"),
            "import start from \"./frontend-00ff.js\";\nawait start();\n"
        );
    }
}
