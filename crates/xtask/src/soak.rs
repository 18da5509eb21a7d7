//! `cargo xtask soak`: the ledger test at length.

use std::{path::Path, process::ExitCode, time::SystemTime};

use anyhow::{Context as _, Result, bail};

use crate::{build, test};

const KILLS: u64 = 1_000;
const TEST: &str = "what_was_acknowledged_survives_every_kill";

pub(crate) fn soak(root: &Path, arguments: &[String]) -> Result<ExitCode> {
    let Options { kills, seed } = Options::parse(arguments)?;
    let seed = seed.map_or_else(any_seed, Ok)?;
    let programs = build::build_selection(root, &["--bins", "--test", "ledger"])?;
    println!("{kills} kills, seed {seed}");
    let status = test::command(test::find(test::LEDGER, &programs)?, &programs)?
        .args(["--exact", TEST])
        .env("LWM2M_LEDGER_KILLS", kills.to_string())
        .env("LWM2M_LEDGER_SEED", seed.to_string())
        .status()
        .context("cannot run the ledger test")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Debug, PartialEq, Eq)]
struct Options {
    kills: u64,
    seed: Option<u64>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self { kills: KILLS, seed: None };
        let mut arguments = arguments.iter();
        while let Some(option) = arguments.next() {
            let value = arguments.next().with_context(|| format!("{option} takes a number"))?;
            let number =
                value.parse().with_context(|| format!("{option}: a number expected, got `{value}`"))?;
            match option.as_str() {
                "--kills" => options.kills = number,
                "--seed" => options.seed = Some(number),
                unknown => bail!("there is no option `{unknown}`; the options are: --kills N, --seed N"),
            }
        }
        Ok(options)
    }
}

/// Another one every time.
fn any_seed() -> Result<u64> {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(u64::try_from(since_1970.as_millis())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn kills_and_seed() {
        assert_eq!(parse("").unwrap(), Options { kills: 1_000, seed: None });
        assert_eq!(parse("--kills 5 --seed 7").unwrap(), Options { kills: 5, seed: Some(7) });
        for (line, said) in [
            ("--kills", "--kills takes a number"),
            ("--seed x", "--seed: a number expected, got `x`"),
            ("--sed 1", "there is no option `--sed`; the options are: --kills N, --seed N"),
        ] {
            assert_eq!(parse(line).unwrap_err().to_string(), said);
        }
    }
}
