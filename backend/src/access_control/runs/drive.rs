//! One run on its way: several devices at once, and those that sleep when they wake.

use std::collections::VecDeque;

use coap::Instant;
use console_api::{AccessControlDeviceState, AccessControlRunDevice, AccessControlRunState};
use tokio::{task::JoinSet, time::sleep};

use super::{
    super::{Desk, limits},
    work::{Worked, work},
};

pub(super) async fn drive(desk: Desk, id: u64) {
    let mut driven = Driven { todo: VecDeque::new(), asleep: Vec::new(), under_way: JoinSet::new() };
    driven.todo = desk.runs.change(id, |run| run.open().cloned().collect()).unwrap_or_default();
    loop {
        if desk.runs.is_cancelled(id) {
            driven.todo.clear();
            driven.asleep.clear();
        }
        driven.begin(&desk, id);
        if driven.under_way.is_empty() && (driven.asleep.is_empty() || is_planning(&desk, id)) {
            break;
        }
        tokio::select! {
            Some(worked) = driven.under_way.join_next() => match worked {
                Ok(Worked::Over) => {}
                Ok(Worked::Asleep(endpoint)) => driven.asleep.push(endpoint),
                // The next server goes on with it.
                Ok(Worked::Stopping) => return,
                Err(error) => tracing::error!("a device of access control run {id} failed: {error}"),
            },
            () = sleep(limits::WAKE_PACE), if !driven.asleep.is_empty() => driven.look_who_woke(&desk, id).await,
        }
    }
    end(&desk, id).await;
}

struct Driven {
    todo: VecDeque<String>,
    asleep: Vec<String>,
    under_way: JoinSet<Worked>,
}

impl Driven {
    fn begin(&mut self, desk: &Desk, id: u64) {
        while self.under_way.len() < limits::DEVICES_AT_ONCE {
            let Some(endpoint) = self.todo.pop_front() else { return };
            self.under_way.spawn(work(desk.clone(), id, endpoint));
        }
    }

    async fn look_who_woke(&mut self, desk: &Desk, id: u64) {
        let is_asleep = |endpoint: &String| desk.fleet.view().sleeper(endpoint).asleep;
        let (asleep, woken): (Vec<_>, Vec<_>) = self.asleep.drain(..).partition(is_asleep);
        self.todo.extend(woken);
        let is_late = desk.runs.one(id).is_none_or(|run| {
            desk.clock.now() > Instant::from_millis(run.begun_at_ms) + limits::LONGEST_SLEEP
        });
        if !is_late {
            self.asleep = asleep;
            return;
        }
        for endpoint in asleep {
            let (state, at_ms) = (AccessControlDeviceState::Stopped, desk.clock.now().as_millis());
            let why = Some("the device did not wake in time".to_owned());
            let device = AccessControlRunDevice { endpoint, state, why, at_ms, ..Default::default() };
            if let Err(error) = desk.keep_device(id, &device).await {
                tracing::error!("access control run {id}: {error}");
            }
        }
    }
}

fn is_planning(desk: &Desk, id: u64) -> bool {
    desk.runs.one(id).is_some_and(|run| run.state == AccessControlRunState::Planning)
}

async fn end(desk: &Desk, id: u64) {
    let state = match desk.runs.one(id) {
        _ if desk.runs.is_cancelled(id) => AccessControlRunState::Cancelled,
        Some(run) if run.state == AccessControlRunState::Planning => AccessControlRunState::Planned,
        Some(_) => AccessControlRunState::Over,
        None => return,
    };
    if state == AccessControlRunState::Planned {
        desk.runs.change(id, |run| run.told.state = state);
    } else {
        desk.end_run(id, state);
    }
    if let Err(error) = desk.keep_run(id, Vec::new()).await {
        tracing::error!("access control run {id}: {error}");
    }
}
