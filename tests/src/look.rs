use anyhow::{Context as _, Result};
use serde_json::json;

use crate::Browser;

/// Size of the page in CSS pixels.
#[derive(Clone, Copy, Debug)]
pub struct Viewport {
    pub width: u32,
    pub height: u32,
    /// Scroll bars lie over the page and take no room.
    pub mobile: bool,
}

impl Viewport {
    pub const DESKTOP: Self = Self { width: 1280, height: 800, mobile: false };
    /// What is left of [`Viewport::DESKTOP`] at 200 % zoom.
    pub const ZOOMED: Self = Self { width: 640, height: 400, mobile: false };
    pub const PHONE: Self = Self { width: 390, height: 844, mobile: true };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorScheme {
    Light,
    Dark,
}

/// How the browser shows pages: all that the DevTools set at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    viewport: Viewport,
    scheme: ColorScheme,
    reduced_motion: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { viewport: Viewport::DESKTOP, scheme: ColorScheme::Light, reduced_motion: false }
    }
}

/// What an operator sets in the browser or does with its window.
impl Browser {
    /// Shows the page in that size and colour scheme. Windows cannot be as narrow as a phone, so this is
    /// something that only the DevTools can do.
    pub async fn emulate(&self, viewport: Viewport, scheme: ColorScheme) -> Result<()> {
        self.apply_look(Look { viewport, scheme, ..self.look.get() }).await
    }

    /// Whether the operator has asked for as little motion as possible.
    pub async fn reduce_motion(&self, reduced_motion: bool) -> Result<()> {
        self.apply_look(Look { reduced_motion, ..self.look.get() }).await
    }

    /// Nobody looks at the page any more: `document.visibilityState` is `hidden`, no animation frames come.
    pub async fn hide_tab(&self) -> Result<()> {
        Ok(self.client.minimize_window().await?)
    }

    pub async fn show_tab(&self) -> Result<()> {
        let window = self.dev_tools("Browser.getWindowForTarget", json!({})).await?;
        let id = window["windowId"].as_u64().context("the window of the page has no id")?;
        let shown = json!({ "windowId": id, "bounds": { "windowState": "normal" } });
        self.dev_tools("Browser.setWindowBounds", shown).await?;
        Ok(())
    }

    pub(crate) async fn apply_look(&self, look: Look) -> Result<()> {
        let Viewport { width, height, mobile } = look.viewport;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.dev_tools("Emulation.setDeviceMetricsOverride", metrics).await?;
        let scheme = match look.scheme {
            ColorScheme::Light => "light",
            ColorScheme::Dark => "dark",
        };
        let motion = if look.reduced_motion { "reduce" } else { "no-preference" };
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": motion },
        ] });
        self.dev_tools("Emulation.setEmulatedMedia", features).await?;
        self.look.set(look);
        Ok(())
    }
}
