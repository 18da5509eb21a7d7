use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context, Result, bail};
use coap::Instant;
use console_api::AccessControlRunDevice;
use lwm2m_core::server::{Change, Command, CommandState, Outcome};
use store::Store;

use super::{DEVICE, KeptRun, RUN, Run, Runs, author_of, device_prefix};
use crate::documents::Kept;

/// What is stored, in memory.
pub(crate) struct Opened {
    pub(crate) runs: Runs,
    /// Runs that the server before this one has not brought to their end.
    pub(crate) interrupted: Vec<u64>,
}

/// What a run was asking when the server stopped is not asked again: the run looks first what the device has.
pub(crate) fn open(store: &mut dyn Store, now: Instant) -> Result<Opened> {
    let (mut runs, mut interrupted, mut authors) = (BTreeMap::new(), Vec::new(), Vec::new());
    for document in store.documents(RUN, "")? {
        let key = document.key.clone();
        let kept = Kept::<KeptRun>::read(document).with_context(|| format!("run {key} cannot be read"))?;
        let mut run = Run::new(kept.content, kept.version);
        let id = run.told.id;
        if !run.is_over() {
            let devices = store.documents(DEVICE, &device_prefix(id))?.into_iter().map(|document| {
                let kept = Kept::<AccessControlRunDevice>::read(document)?;
                Ok((kept.content, kept.version))
            });
            run.restore(devices.collect::<Result<Vec<_>>>()?);
            interrupted.push(id);
            authors.push(author_of(id, &run.told.author));
        }
        runs.insert(id, run);
    }
    end_commands(store, &authors, now)?;
    Ok(Opened { runs: Runs::new(runs), interrupted })
}

fn end_commands(store: &mut dyn Store, authors: &[String], now: Instant) -> Result<()> {
    let of_runs = |command: &Arc<Command>| !command.state.is_over() && authors.contains(&command.author);
    let ended = |command: Arc<Command>| {
        let mut ended = Command::clone(&command);
        ended.state = match command.state {
            CommandState::Queued => CommandState::Cancelled,
            _ => CommandState::Indeterminate,
        };
        ended.changed_at = now;
        Change::Command(Arc::new(ended))
    };
    let changes: Vec<_> = store.commands()?.into_iter().filter(of_runs).map(ended).collect();
    for outcome in store.commit(&changes) {
        if let Outcome::Failed(why) = outcome {
            bail!("the commands of runs cannot be stored: {why}");
        }
    }
    Ok(())
}
