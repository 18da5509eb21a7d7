//! The whole server with its store on the disk: confirmable notifications of many devices, each acknowledged after it is
//! stored.

mod fleet;

use std::{path::Path, thread, time::Duration};

use anyhow::Result;
use core_bench::{program::Program, server::Server};
use fleet::{Answers, Fleet, Offer};

const DEVICES: usize = 1_000;

/// How long each offer lasts.
const SPAN: Duration = Duration::from_secs(10);

const AIM_PER_S: f64 = 10_000.0;
const AIM_P99: Duration = Duration::from_millis(50);

/// A server that takes less than a hundredth of this time has nothing to do any more.
const QUIET: Duration = Duration::from_millis(500);

pub(crate) struct Notified {
    offer: Offer,
    answers: Answers,
    /// Of the server, until the last acknowledgement, and for what it makes of the payloads afterwards.
    cpu: Duration,
    cpu_later: Duration,
}

pub(crate) fn measure(server: &Path, directory: &Path) -> Result<Vec<Notified>> {
    println!("\nMeasuring {} ...", server.display());
    let server = Server::start(server, &directory.join("notified"))?;
    let mut fleet = Fleet::observed(&server, DEVICES)?;
    quiet(&server.program)?;
    let offers = [Offer::PerSecond(AIM_PER_S), Offer::AsManyAsItTakes];
    offers
        .into_iter()
        .map(|offer| {
            let before = server.program.cpu_time()?;
            let answers = fleet.notify(offer, SPAN)?;
            let cpu = server.program.cpu_time()? - before;
            let cpu_later = quiet(&server.program)?;
            Ok(Notified { offer, answers, cpu, cpu_later })
        })
        .collect()
}

/// The CPU time that a program takes until it has nothing to do any more.
fn quiet(program: &Program) -> Result<Duration> {
    let begin = program.cpu_time()?;
    let mut before = begin;
    loop {
        thread::sleep(QUIET);
        let now = program.cpu_time()?;
        if now - before < QUIET / 100 {
            return Ok(now - begin);
        }
        before = now;
    }
}

pub(crate) fn print(all: &[Notified], bare_syncs_per_s: f64) {
    println!(
        "Confirmable notifications to the whole server, each stored before it is acknowledged ({DEVICES} devices, one \
         under way of each):"
    );
    println!(
        "{:<22} {:>9} {:>8} {:>15} {:>8} {:>9} {:>9} {:>9} {:>11} {:>11}",
        "offered",
        "a second",
        "of aim",
        "per CPU-second",
        "of aim",
        "p50 ms",
        "p99 ms",
        "of aim",
        "a bare sync",
        "sent again"
    );
    for notified in all {
        let Answers { taken, wall, again } = &notified.answers;
        let count = taken.len() as f64;
        let (per_s, per_cpu_s) =
            (count / wall.as_secs_f64(), count / (notified.cpu + notified.cpu_later).as_secs_f64());
        let percent = |part: f64, whole: f64| format!("{:.0} %", 100.0 * part / whole);
        let (p50, p99) = (quantile(taken, 50), quantile(taken, 99));
        let ms = |taken: Duration| taken.as_secs_f64() * 1e3;
        println!(
            "{:<22} {per_s:>9.0} {:>8} {per_cpu_s:>15.0} {:>8} {:>9.1} {:>9.1} {:>9} {:>11.1} {again:>11}",
            notified.offer.to_string(),
            percent(per_s, AIM_PER_S),
            percent(per_cpu_s, AIM_PER_S),
            ms(p50),
            ms(p99),
            percent(ms(p99), ms(AIM_P99)),
            per_s / bare_syncs_per_s,
        );
    }
    println!(
        "Aims: {AIM_PER_S:.0} a second, p99 {} ms from when it is due to its acknowledgement. The bare file is \
         synchronised {bare_syncs_per_s:.0} times a second.",
        AIM_P99.as_millis()
    );
    let later: Duration = all.iter().map(|notified| notified.cpu_later).sum();
    let whole: Duration = all.iter().map(|notified| notified.cpu).sum::<Duration>() + later;
    println!(
        "CPU time has {:.0} % that is spent after the last acknowledgement, on what queries need.",
        100.0 * later.as_secs_f64() / whole.as_secs_f64()
    );
}

/// Of times in ascending order.
fn quantile(taken: &[Duration], percent: usize) -> Duration {
    let last = taken.len().saturating_sub(1);
    taken.get(last * percent / 100).copied().unwrap_or_default()
}
