use std::{
    fs::File,
    io::Read as _,
    path::PathBuf,
    process::{ExitStatus, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::wait::PATIENCE;

/// A page of memory on the machines that tests run on.
const PAGE_BYTES: u64 = 4_096;

/// A program under test or beside it. It is killed when the test is over; what it wrote to stderr is shown when
/// the test failed.
pub struct Process {
    name: &'static str,
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
    _log_dir: tempfile::TempDir,
}

impl Process {
    pub fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        let log_dir = tempfile::tempdir()?;
        let log = log_dir.path().join("stderr");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let stdout = child.stdout.take().context("stdout is piped")?;
        Ok(Self { name, child, stdout: BufReader::new(stdout).lines(), log, _log_dir: log_dir })
    }

    /// Its next line on stdout.
    pub async fn line(&mut self) -> Result<String> {
        let line = timeout(PATIENCE, self.stdout.next_line()).await;
        let line = line.with_context(|| format!("{} says nothing", self.name))??;
        line.with_context(|| format!("{} has ended:\n{}", self.name, self.log()))
    }

    /// Reads stdout up to a line with `text`.
    pub async fn line_with(&mut self, text: &str) -> Result<String> {
        loop {
            let line = self.line().await.with_context(|| format!("waiting for a line with `{text}`"))?;
            if line.contains(text) {
                return Ok(line);
            }
        }
    }

    /// What it wrote to stderr so far.
    pub fn log(&self) -> String {
        let mut log = Vec::new();
        match File::open(&self.log).and_then(|mut file| file.read_to_end(&mut log)) {
            Ok(_) => String::from_utf8_lossy(&log).into_owned(),
            Err(error) => format!("(its log cannot be read: {error})"),
        }
    }

    /// Memory of it that is resident now, from `/proc/{pid}/statm`.
    pub fn resident_bytes(&self) -> Result<u64> {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", self.id()?))?;
        let pages: u64 = statm.split(' ').nth(1).context("no resident pages")?.parse()?;
        Ok(pages * PAGE_BYTES)
    }

    /// What the system knows it by.
    pub fn id(&self) -> Result<u32> {
        self.child.id().with_context(|| format!("{} has ended", self.name))
    }

    pub fn is_running(&self) -> bool {
        self.child.id().is_some()
    }

    /// Asks it to stop and waits until it has.
    pub async fn terminate(&mut self) -> Result<ExitStatus> {
        let id = self.child.id().with_context(|| format!("{} has already ended", self.name))?;
        // The standard library can only kill, so the shell sends the signal.
        let kill = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id.to_string()]).status().await?;
        ensure!(kill.success(), "cannot signal {}", self.name);
        self.ended().await
    }

    /// Kills it, so that it can tell nobody.
    pub async fn kill(&mut self) -> Result<()> {
        self.child.kill().await.with_context(|| format!("cannot kill {}", self.name))
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        match timeout(PATIENCE, self.child.wait()).await {
            Ok(status) => Ok(status?),
            Err(_) => bail!("{} does not end", self.name),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Shown by the test harness only when the test failed.
        println!("--- stderr of {}:\n{}", self.name, self.log());
    }
}
