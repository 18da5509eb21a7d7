use std::sync::Arc;

use anyhow::{Context, Result, bail};
use coap::Instant;
use console_api::{BootstrapFailure, BootstrapSession, BootstrapState};
use credentials::Vault;
use lwm2m_core::bootstrap_server::BootstrapId;
use store::{KeptBootstrap, Outcome, SecurityChange, Store};

use super::{Configurations, Sessions, configurations::Version};

/// What is stored, in memory.
pub(crate) struct Opened {
    pub(crate) configurations: Arc<Configurations>,
    pub(crate) last_configuration: u64,
    pub(crate) sessions: Arc<Sessions>,
    /// The id of the next session.
    pub(crate) first: BootstrapId,
}

/// A session that was running when the server stopped was interrupted. What was made for its device counts on, since the
/// device may have it.
pub(crate) fn open(store: &mut dyn Store, vault: &Vault, now: Instant) -> Result<Opened> {
    let configurations = Configurations::default();
    // The newest version of each comes last.
    for kept in store.configurations()? {
        configurations.put(Version::of_kept(&kept, vault)?);
    }
    let (mut sessions, mut interrupted) = (Vec::new(), Vec::new());
    for kept in store.bootstraps()? {
        let read = serde_json::from_slice::<BootstrapSession>(&kept.content);
        let mut session = read.with_context(|| format!("bootstrap session {} cannot be read", kept.id))?;
        if session.state == BootstrapState::Running {
            interrupt(&mut session, now);
            let content = serde_json::to_vec(&session)?;
            let changed = KeptBootstrap { is_over: true, content, ..kept };
            interrupted.push(SecurityChange::Bootstrap(Box::new(changed)));
        }
        sessions.push(session);
    }
    if !interrupted.is_empty()
        && let Outcome::Failed(why) = store.secure(&interrupted, &[])
    {
        bail!("the bootstrap sessions cannot be stored: {why}");
    }
    Ok(Opened {
        configurations: Arc::new(configurations),
        last_configuration: store.last_configuration()?,
        sessions: Arc::new(Sessions::new(sessions)),
        first: BootstrapId(store.last_bootstrap()? + 1),
    })
}

fn interrupt(session: &mut BootstrapSession, now: Instant) {
    session.state = BootstrapState::Interrupted;
    session.ended_at_ms = Some(now.as_millis());
    session.failure = Some(BootstrapFailure {
        step: session.steps.checked_sub(1),
        what: "The server was stopped before the device had received everything.".to_owned(),
        advice: "Nothing has to be done: the device asks again by itself. What was made for it counts until it has been \
                 bootstrapped again."
            .to_owned(),
    });
}
