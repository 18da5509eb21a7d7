//! Nothing that was acknowledged is ever lost: the server is killed again and again under load, behind a bad network,
//! and what it has afterwards is compared with what devices and operators have written down.
//!
//! `LWM2M_LEDGER_KILLS` and `LWM2M_LEDGER_SEED` make another run of it: `cargo xtask soak`.

mod book;
mod bootstrap;
mod comparison;
mod device;
mod dice;
mod found;
mod operator;
mod progress;
mod run;

use std::env;

use anyhow::{Context as _, Result, ensure};
use run::{Run, Stop};

/// How often the server is killed every day.
const KILLS: usize = 10;
const SEED: u64 = 1;

#[tokio::test]
async fn what_was_acknowledged_survives_every_kill() -> Result<()> {
    let (kills, seed) = (number("LWM2M_LEDGER_KILLS", KILLS)?, number("LWM2M_LEDGER_SEED", SEED)?);
    let verdict = Run { seed, stops: vec![Stop::Kill; kills] }.compared().await?;
    ensure!(verdict.is_telling(), "something never came up, so that nothing was tested: {verdict:?}");
    Ok(())
}

#[tokio::test]
async fn stopping_at_full_speed_takes_two_seconds_at_most_and_loses_nothing() -> Result<()> {
    let seed = number("LWM2M_LEDGER_SEED", SEED)?;
    Run { seed, stops: vec![Stop::Terminate; 2] }.compared().await?;
    Ok(())
}

fn number<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    variable: &str,
    default: T,
) -> Result<T> {
    let Ok(given) = env::var(variable) else { return Ok(default) };
    given.parse().with_context(|| format!("{variable}: a number expected, got `{given}`"))
}
