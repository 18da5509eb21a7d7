use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::{Browser, ColorScheme, Viewport};

/// The rules of WCAG as a program (MPL-2.0, see the folder), as it is published.
const AXE: &str = include_str!("../assets/axe/axe.min.js");

/// Runs them on what is shown and returns what is against them.
const FIND: &str = "
    const done = arguments[0];
    axe.run(document, { resultTypes: ['violations'] })
        .then(result => done(result.violations))
        .catch(error => done(String(error)));
";

/// A rule that the page breaks.
#[derive(Debug, Deserialize)]
struct Violation {
    id: String,
    /// `minor`, `moderate`, `serious` or `critical`.
    impact: Option<String>,
    help: String,
    nodes: Vec<Node>,
}

/// An element that breaks a rule.
#[derive(Debug, Deserialize)]
struct Node {
    html: String,
    #[serde(rename = "failureSummary")]
    summary: Option<String>,
}

/// Elements of one rule that are told; more of the same help nobody.
const MOST_NODES: usize = 4;

impl Browser {
    /// What is shown now is wide enough and no obstacle for anybody, in every look; `state` tells what that is.
    pub async fn good_for_everybody(&self, state: &str) -> Result<()> {
        for scheme in [ColorScheme::Light, ColorScheme::Dark] {
            for viewport in [Viewport::DESKTOP, Viewport::ZOOMED, Viewport::PHONE] {
                self.emulate(viewport, scheme).await?;
                let look = || format!("{state}, {scheme:?}, {} px wide", viewport.width);
                self.fits_its_width().await.with_context(look)?;
                self.accessible().await.with_context(look)?;
            }
        }
        self.emulate(Viewport::DESKTOP, ColorScheme::Light).await
    }

    /// Fails when anything on the page is a serious or critical obstacle for somebody.
    pub async fn accessible(&self) -> Result<()> {
        let obstacles: Vec<String> = self.violations().await?.iter().filter_map(obstacle).collect();
        ensure!(obstacles.is_empty(), "the page has obstacles:\n{}", obstacles.join("\n"));
        Ok(())
    }

    async fn violations(&self) -> Result<Vec<Violation>> {
        // Colours on their way from one to another are those of no state.
        let motion = self.look.get();
        self.reduce_motion(true).await?;
        if self.client.execute("return typeof axe", Vec::new()).await? != "object" {
            self.client.execute(AXE, Vec::new()).await.context("axe does not start")?;
        }
        let found = self.client.execute_async(FIND, Vec::new()).await?;
        self.apply_look(motion).await?;
        ensure!(found.is_array(), "axe has failed: {found}");
        serde_json::from_value::<Vec<Violation>>(found).context("what axe has found")
    }
}

fn obstacle(violation: &Violation) -> Option<String> {
    let impact = violation.impact.as_deref().filter(|impact| ["serious", "critical"].contains(impact))?;
    let mut told = format!("{impact}: {} ({})", violation.help, violation.id);
    for node in violation.nodes.iter().take(MOST_NODES) {
        told += "\n    ";
        told += &node.html;
        for line in node.summary.iter().flat_map(|summary| summary.lines()) {
            told += "\n        ";
            told += line.trim();
        }
    }
    let more = violation.nodes.len().saturating_sub(MOST_NODES);
    if more > 0 {
        told += &format!("\n    and {more} more");
    }
    Some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation(impact: &str, nodes: usize) -> Violation {
        let node = serde_json::json!({ "html": "<b>", "failureSummary": "Fix:\n  it" });
        let nodes = vec![node; nodes];
        let value = serde_json::json!({ "id": "x", "impact": impact, "help": "Do", "nodes": nodes });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn obstacles_are_told_with_their_elements() {
        assert_eq!(obstacle(&violation("moderate", 1)), None);
        let told = obstacle(&violation("serious", 1)).unwrap();
        assert_eq!(told, "serious: Do (x)\n    <b>\n        Fix:\n        it");
        let told = obstacle(&violation("critical", MOST_NODES + 2)).unwrap();
        assert!(told.ends_with("and 2 more"), "{told}");
    }
}
