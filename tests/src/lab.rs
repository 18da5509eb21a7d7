use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use lwm2m_model::{Registry, read_definitions};
use serde_json::Value;

use crate::{
    Browser,
    programs::{wasm_lab, workspace_root},
};

/// Runs the module on an empty page: its files come over WebDriver, so that no server has to hand them out.
const OPEN: &str = "
    const [script, wasm, registry, definitions, done] = arguments;
    const bytes = hex => Uint8Array.from(hex.match(/../g) ?? [], byte => parseInt(byte, 16));
    const start = async () => {
        const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
        const module = await import(url);
        await module.default({ module_or_path: bytes(wasm) });
        window.lab = new module.Lab(bytes(registry), bytes(definitions));
        return true;
    };
    start().then(done, error => done(String(error)));
";

/// Characters that are sent to the browser at once.
const BATCH: usize = 1 << 20;

/// The codec in the browser: the module `wasm-lab` with the registry and the objects of the vectors.
pub struct Lab<'a> {
    browser: &'a Browser,
}

impl Lab<'_> {
    /// Runs a story with the module in a fresh browser.
    pub async fn run(name: &str, story: impl AsyncFnOnce(&Lab<'_>) -> Result<()>) -> Result<()> {
        let dir = wasm_lab()?;
        Browser::run_without_console(name, async |browser| {
            let lab = Lab { browser };
            lab.open(&dir).await?;
            story(&lab).await
        })
        .await
    }

    async fn open(&self, dir: &Path) -> Result<()> {
        let script = fs::read_to_string(dir.join("wasm-lab.js"))
            .with_context(|| format!("no module in {}", dir.display()))?;
        let wasm = fs::read(dir.join("wasm-lab.wasm"))?;
        // The page that a browser begins with has rules about scripts.
        self.browser.open("about:blank").await?;
        let arguments = [script, hex(&wasm), hex(&asset(REGISTRY)?), hex(&asset(TEST_OBJECTS)?)];
        let opened = self.browser.client.execute_async(OPEN, arguments.map(Value::from).to_vec()).await?;
        ensure!(opened == true, "the module does not start: {opened}");
        Ok(())
    }

    /// What [`payload_lines::decode_line`] says there, line by line.
    pub async fn decode(&self, lines: &[String]) -> Result<Vec<String>> {
        self.answers("return lab.decode_lines(arguments[0])", lines).await
    }

    /// What [`payload_lines::encode_line`] says there, line by line.
    pub async fn encode(&self, lines: &[String]) -> Result<Vec<String>> {
        self.answers("return lab.encode_lines(arguments[0])", lines).await
    }

    /// What a client decides about access there, for each context and request.
    pub async fn decide(&self, lines: &[String]) -> Result<Vec<String>> {
        self.answers("return lab.decide_lines(arguments[0])", lines).await
    }

    /// Measures a case of `codec-bench`; both are JSON.
    pub async fn bench(&self, case: &str) -> Result<String> {
        let script = "return lab.bench(arguments[0], () => performance.now())";
        let said = self.browser.client.execute(script, vec![case.into()]).await?;
        Ok(said.as_str().context("the module answers with text")?.to_owned())
    }

    async fn answers(&self, script: &str, mut lines: &[String]) -> Result<Vec<String>> {
        let mut answers = Vec::with_capacity(lines.len());
        while !lines.is_empty() {
            let mut length = 0;
            let fits = lines.iter().take_while(|line| {
                length += line.len();
                length <= BATCH
            });
            let (batch, rest) = lines.split_at(fits.count().max(1));
            let said = self.browser.client.execute(script, vec![batch.join("\n").into()]).await?;
            let said = said.as_str().context("the module answers with text")?;
            answers.extend(said.lines().map(str::to_owned));
            lines = rest;
        }
        Ok(answers)
    }
}

const REGISTRY: &str = "registry/registry.bin";
const TEST_OBJECTS: &str = "vectors/test_objects.json";

/// The definitions that a [`Lab`] has, here.
pub fn definitions() -> Result<Registry> {
    let mut registry = Registry::from_bytes(&asset(REGISTRY)?)?;
    registry.add(read_definitions(&asset(TEST_OBJECTS)?)?);
    Ok(registry)
}

/// The compact registry.
pub fn registry_file() -> PathBuf {
    asset_file(REGISTRY)
}

/// A file of `assets`.
pub fn asset(name: &str) -> Result<Vec<u8>> {
    let path = asset_file(name);
    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}

fn asset_file(name: &str) -> PathBuf {
    workspace_root().join("assets").join(name)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}
