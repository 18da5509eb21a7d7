//! Pictures of the console for the documentation: `cargo xtask screenshots`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use console_api::{Operation, OperationRequest};
use whole_program_tests::{Browser, ColorScheme, Simulator, TestContext, Viewport, encode_segment, wait};

/// Observed for a while first, so that the pictures show how values move.
const OBSERVED: &str = "/3303/0/5700";
const NOTIFICATIONS: u64 = 40;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).context("say where the pictures go")?.into();
    let context = TestContext::start().await?;
    let _simulator = Simulator::start(&context, 24, &["--period-ms", "250"])?;
    let endpoint = wait::until("the demo fleet", async || {
        let clients = context.clients().await?;
        let with_temperature = clients.iter().find(|client| client.objects.iter().any(|one| one.id == 3303));
        Ok((clients.len() == 24).then(|| with_temperature.map(|client| client.endpoint.clone())).flatten())
    })
    .await?;
    let device = format!("/clients/{}#{OBSERVED}", encode_segment(&endpoint));

    Browser::run("screenshots", async |browser| {
        browser.open(&context.page(&device)).await?;
        browser.see("[data-testid=connection][data-state=live]").await?;
        for path in ["/1", "/3", "/3303"] {
            context.operate(&endpoint, &OperationRequest::new(Operation::Read, path)).await?;
        }
        let mut events = context.events().await?;
        events.subscribe(console_api::Topic::Device(endpoint.clone())).await?;
        context.operate(&endpoint, &OperationRequest::new(Operation::Observe, OBSERVED)).await?;
        for _ in 0..NOTIFICATIONS {
            events.reported(console_api::Source::Notify).await?;
        }
        let looks = [
            ("light", Viewport::DESKTOP, ColorScheme::Light),
            ("dark", Viewport::DESKTOP, ColorScheme::Dark),
            ("phone", Viewport::PHONE, ColorScheme::Light),
        ];
        // The device first: its page has been open all the time and knows the course of the value.
        for (name, viewport, scheme) in looks {
            browser.emulate(viewport, scheme).await?;
            browser.see("[data-testid=inspector-value]").await?;
            browser.screenshot(&folder.join(format!("device-{name}.png"))).await?;
        }
        for (name, viewport, scheme) in looks {
            browser.emulate(viewport, scheme).await?;
            browser.open(&context.page("/")).await?;
            browser.see("[data-testid=fleet-row]:not([hidden]) a").await?;
            browser.screenshot(&folder.join(format!("fleet-{name}.png"))).await?;
        }
        Ok(())
    })
    .await
}
