//! Measures cases natively: one JSON line for each, in and out. The argument is the compact registry.

use std::{
    env, fs,
    io::{self, BufRead as _},
    time::Instant,
};

use anyhow::{Context as _, Result};
use codec_bench::Case;
use lwm2m_model::Registry;

fn main() -> Result<()> {
    let registry = env::args_os().nth(1).context("say where the registry is")?;
    let registry = Registry::from_bytes(&fs::read(registry)?)?;
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1e3;
    for line in io::stdin().lock().lines() {
        let case: Case = serde_json::from_str(&line?)?;
        let measurement = case.measure(&registry, &clock).with_context(|| case.name.clone())?;
        println!("{}", serde_json::to_string(&measurement)?);
    }
    Ok(())
}
