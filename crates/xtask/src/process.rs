use std::{
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

/// How long a program may take to stop after it was asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(10);
/// How often a running program is looked at.
pub(crate) const GLANCE: Duration = Duration::from_millis(100);

/// A program that runs beside us and never outlives us unnoticed.
pub(crate) struct Program {
    name: &'static str,
    child: Child,
}

impl Program {
    /// Starts it in a process group of its own: Ctrl-C reaches only us, and we stop programs in good order.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let child = command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, child })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Its exit status, if it is over.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().with_context(|| format!("lost sight of {}", self.name))
    }

    /// Asks it to stop and waits; insists when it does not.
    pub(crate) fn stop(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.ended()? {
            return Ok(status);
        }
        // A child is signalled through the shell, since the standard library can only kill.
        let id = self.child.id().to_string();
        let asked = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id]).status();
        if asked.is_ok_and(|status| status.success()) {
            let asked_at = Instant::now();
            while asked_at.elapsed() < STOP_PATIENCE {
                if let Some(status) = self.ended()? {
                    return Ok(status);
                }
                thread::sleep(GLANCE);
            }
            eprintln!("{} does not stop, so it is killed", self.name);
        }
        self.child.kill().with_context(|| format!("cannot stop {}", self.name))?;
        self.child.wait().with_context(|| format!("lost sight of {}", self.name))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("{error:#}");
        }
    }
}
