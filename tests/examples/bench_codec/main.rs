//! How fast the codec is: `cargo xtask bench codec`.
//!
//! The arguments are the program that measures natively, and `--without-browser` where there is none. Both sides get
//! the same bytes.

mod cases;
mod table;

use std::{
    env,
    ffi::OsString,
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use codec_bench::{Case, Measurement};
use whole_program_tests::{Lab, registry_file};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let program = arguments.first().context("say which program measures natively")?;
    let cases = cases::all()?;
    println!("{} payloads natively ...", cases.len());
    let native = measure_natively(program, &cases)?;
    let browser = if arguments.iter().any(|argument| argument == "--without-browser") {
        Vec::new()
    } else {
        println!("... and in the browser ...");
        measure_in_browser(&cases).await?
    };
    table::print(&cases, &native, &browser);
    Ok(())
}

fn measure_natively(program: &OsString, cases: &[Case]) -> Result<Vec<Measurement>> {
    let mut child = Command::new(program)
        .arg(registry_file())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the program that measures natively")?;
    let mut stdin = child.stdin.take().context("it has no stdin")?;
    let stdout = child.stdout.take().context("it has no stdout")?;
    let mut answers = BufReader::new(stdout).lines();
    let mut measurements = Vec::with_capacity(cases.len());
    for case in cases {
        writeln!(stdin, "{}", serde_json::to_string(case)?)?;
        let answer = answers.next().with_context(|| format!("{} was not measured", case.name))??;
        measurements.push(serde_json::from_str(&answer)?);
    }
    drop(stdin);
    ensure!(child.wait()?.success(), "the program that measures natively failed");
    Ok(measurements)
}

async fn measure_in_browser(cases: &[Case]) -> Result<Vec<Measurement>> {
    let mut measurements = Vec::with_capacity(cases.len());
    Lab::run("bench_codec", async |lab| {
        for case in cases {
            let answer = lab.bench(&serde_json::to_string(case)?).await?;
            measurements.push(serde_json::from_str(&answer)?);
        }
        Ok(())
    })
    .await?;
    Ok(measurements)
}
