use std::{
    collections::BTreeMap,
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use console_api::{Operation, OperationRequest};
use futures_util::future::try_join_all;
use netsim::{NetworkConditions, Proxy, ProxyConfig};
use tokio::task::{JoinSet, LocalSet};
use whole_program_tests::TestContext;

use crate::{
    book::Book,
    comparison::Verdict,
    device::{Device, endpoint},
    dice::Dice,
    found::find,
    operator::Operator,
    progress::{Phase, Progress},
};

const DEVICES: usize = 8;
const OPERATORS: u64 = 2;
const PATHS: [&str; 2] = ["/3303/0/5700", "/3303/0/5701"];
/// The server is stopped after so many acknowledgements since it was started, at most.
const ACKNOWLEDGEMENTS: u64 = 120;
/// How long a server may take to end that is asked to.
const GRACE: Duration = Duration::from_secs(2);
/// Of what is wrong, so much is shown.
const SHOWN: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// SIGKILL.
    Kill,
    /// SIGTERM.
    Terminate,
}

/// A server with its devices and operators, from the first Register to the comparison.
pub(crate) struct Run {
    pub(crate) seed: u64,
    pub(crate) stops: Vec<Stop>,
}

type Devices = JoinSet<Result<(String, Book)>>;

impl Run {
    /// Runs, says what came up, and fails when something acknowledged is not there.
    pub(crate) async fn compared(self) -> Result<Verdict> {
        let again = format!("LWM2M_LEDGER_SEED={} LWM2M_LEDGER_KILLS={}", self.seed, self.stops.len());
        let (seed, stops) = (self.seed, self.stops.len());
        let killed = self.stops.iter().filter(|stop| **stop == Stop::Kill).count();
        let begun = Instant::now();
        let verdict = LocalSet::new().run_until(self.run()).await.with_context(|| again.clone())?;
        // Also without --nocapture: what came up is worth seeing every time.
        let seconds = begun.elapsed().as_secs();
        let asked = stops - killed;
        writeln!(
            std::io::stderr(),
            "ledger, seed {seed}: killed {killed} times and asked to stop {asked} times in {seconds} s\n{verdict}"
        )?;
        let shown = verdict.wrong.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n  ");
        ensure!(verdict.wrong.is_empty(), "{again}: {} wrong:\n  {shown}", verdict.wrong.len());
        Ok(verdict)
    }

    async fn run(self) -> Result<Verdict> {
        let mut context = TestContext::start().await?;
        let (books, progress) = (tempfile::tempdir()?, Arc::new(Progress::new()));
        let proxy = Proxy::start(ProxyConfig {
            listen: ([127, 0, 0, 1], 0).into(),
            upstream: context.coap,
            conditions: conditions(),
            rebind_every: None,
            seed: self.seed,
            pcap: None,
        })?;
        let mut devices = Devices::new();
        for number in 0..DEVICES {
            let (server, progress) = (proxy.address(), Arc::clone(&progress));
            devices.spawn(Device::new(number, self.seed, server, books.path(), progress).await?.run());
        }
        try_join_all((0..DEVICES).map(|number| observe(&context, endpoint(number)))).await?;
        let mut operators = JoinSet::new();
        for number in 0..OPERATORS {
            let (rest, progress) = (context.rest.clone(), Arc::clone(&progress));
            operators
                .spawn_local(Operator::new(number, self.seed, rest, DEVICES, books.path(), progress)?.run());
        }
        let mut dice = Dice::new(self.seed, 0);
        for stop in self.stops {
            loaded(1 + dice.draw(ACKNOWLEDGEMENTS), &progress, &mut devices).await?;
            restart(&mut context, stop, &progress).await?;
        }
        loaded(1, &progress, &mut devices).await?;
        progress.enter(Phase::Quiet);
        let mut orders = Vec::new();
        while let Some(book) = operators.join_next().await {
            orders.push(book??.entries()?);
        }
        progress.enter(Phase::Drain);
        progress.all_drained(DEVICES).await?;
        let endpoints: Vec<_> = (0..DEVICES).map(endpoint).collect();
        let found = find(&mut context, &endpoints).await?;
        progress.enter(Phase::Over);
        let mut deeds = BTreeMap::new();
        while let Some(device) = devices.join_next().await {
            let (endpoint, book) = device??;
            deeds.insert(endpoint, book.entries()?);
        }
        Ok(Verdict::compare(&deeds, &orders, &found))
    }
}

/// Bad, but what is held back has arrived long before a server is up again: who sends a new message has the answer to
/// the one before.
fn conditions() -> NetworkConditions {
    NetworkConditions {
        loss: 0.05,
        delay_ms: 1..=5,
        duplicate: 0.05,
        reorder: 0.05,
        hold_back_ms: 1..=30,
        ..NetworkConditions::default()
    }
}

/// Has a client observed on all its paths.
async fn observe(context: &TestContext, endpoint: String) -> Result<()> {
    context.registered(&endpoint).await?;
    for path in PATHS {
        let answer = context.operate(&endpoint, &OperationRequest::new(Operation::Observe, path)).await?;
        ensure!(answer.code == "2.05", "{endpoint}: {answer:?}");
    }
    Ok(())
}

/// Waits for the next acknowledgements, as long as all devices are well.
async fn loaded(acknowledgements: u64, progress: &Progress, devices: &mut Devices) -> Result<()> {
    tokio::select! {
        reached = progress.acknowledgements(acknowledgements) => reached,
        Some(ended) = devices.join_next() => match ended? {
            Ok((endpoint, _)) => bail!("{endpoint} has ended"),
            Err(error) => Err(error),
        },
    }
}

async fn restart(context: &mut TestContext, stop: Stop, progress: &Progress) -> Result<()> {
    progress.stopping()?;
    match stop {
        Stop::Kill => context.server.kill().await?,
        Stop::Terminate => {
            let ended = tokio::time::timeout(GRACE, context.server.terminate()).await;
            let status =
                ended.with_context(|| format!("the server takes longer than {GRACE:?} to end"))??;
            ensure!(status.success(), "the server ended with {status}: {}", context.server.log());
        }
    }
    context.restart().await?;
    progress.started();
    Ok(())
}
