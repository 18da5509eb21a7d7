//! What a first visit loads.

use anyhow::{Context as _, Result};
use whole_program_tests::TestContext;

use crate::{
    figures::{Aim, Figures},
    page::Page,
};

const AIM_KB: f64 = 350.0;

/// Addresses of the files that the page has loaded to start: not what it fetches later, like the registry.
const FILES: &str = "['/', ...performance.getEntriesByType('resource')
    .map(entry => new URL(entry.name))
    .filter(url => url.origin === location.origin && url.pathname.startsWith('/assets/'))
    .map(url => url.pathname)]
    .filter((path, at, all) => all.indexOf(path) === at && !path.endsWith('.bin'))";

pub(crate) async fn measure(context: &TestContext, page: &Page<'_>, figures: &mut Figures) -> Result<()> {
    page.browser.open(&context.page("/")).await?;
    page.browser.see_attribute("[data-testid=connection]", "data-state", "live").await?;
    let files: Vec<String> = page.evaluate(FILES).await?;
    figures.title("First load, on the wire");
    let mut totals = [0.0; 2];
    for file in &files {
        for (coding, total) in ["br", "gzip"].into_iter().zip(&mut totals) {
            let size = size(context, file, coding).await? / 1e3;
            figures.add(format!("{} ({coding})", short(file)), size, "kB");
            *total += size;
        }
    }
    let [brotli, gzip] = totals;
    figures.add_with_aim("all of it with brotli", brotli, "kB", Aim::AtMost(AIM_KB));
    figures.add("all of it with gzip", gzip, "kB");
    Ok(())
}

async fn size(context: &TestContext, path: &str, coding: &str) -> Result<f64> {
    let host = context.http.to_string();
    let headers = [("host", host.as_str()), ("accept-encoding", coding)];
    let answer = context.rest.request("HEAD", path, &headers, "").await?;
    let length = answer.header("content-length").with_context(|| format!("{path} has no length"))?;
    Ok(length.parse()?)
}

/// `/assets/frontend-0123456789abcdef.wasm` without what changes with every build.
fn short(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    match name.split_once('-').zip(name.rsplit_once('.')) {
        Some(((stem, _), (_, extension))) => format!("{stem}.{extension}"),
        None => "page".to_owned(),
    }
}
