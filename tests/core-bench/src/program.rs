use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result};
use serde_json::Value;

/// A program under measurement. It says its addresses in its first line, and is killed at the end.
pub struct Program {
    child: Child,
    addresses: Value,
}

impl Program {
    pub fn start(command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the program to measure")?;
        let stdout = child.stdout.take().context("it has no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let addresses = serde_json::from_str(&line).with_context(|| format!("its first line is {line:?}"))?;
        Ok(Self { child, addresses })
    }

    pub fn address(&self, name: &str) -> Result<SocketAddr> {
        let text = self.addresses[name].as_str().with_context(|| format!("it has no address {name}"))?;
        Ok(text.parse()?)
    }

    /// CPU time of all its threads so far, in the kernel and outside.
    pub fn cpu_time(&self) -> Result<Duration> {
        let mut total = Duration::ZERO;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            total += scheduled(&fs::read_to_string(thread?.path().join("schedstat"))?)?;
        }
        Ok(total)
    }

    pub fn resident_bytes(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib * 1024)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself, which leaves nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// CPU time of this thread so far.
pub fn own_cpu_time() -> Result<Duration> {
    scheduled(&fs::read_to_string("/proc/thread-self/schedstat")?)
}

/// The first number is the time on the CPU in nanoseconds.
fn scheduled(schedstat: &str) -> Result<Duration> {
    let on_cpu_ns = schedstat.split(' ').next().context("schedstat is empty")?;
    Ok(Duration::from_nanos(on_cpu_ns.parse()?))
}
