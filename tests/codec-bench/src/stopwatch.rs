//! Medians of runs that are long enough for a coarse clock.

/// Milliseconds since whenever.
pub type Clock<'a> = dyn Fn() -> f64 + 'a;
/// Does something so many times.
pub(crate) type Work<'a> = dyn FnMut(u32) + 'a;

/// How long a run takes at least. Chromium's clock has steps of 0.1 ms, which is then one part in 250.
const RUN_MS: f64 = 25.0;
const RUNS: usize = 7;

/// Nanoseconds that each of the works takes once. They take turns, so that what else the machine does meets all of
/// them.
pub(crate) fn medians_ns(works: &mut [&mut Work<'_>], clock: &Clock<'_>) -> Vec<f64> {
    let rounds: Vec<u32> = works.iter_mut().map(|work| rounds_of_a_run(*work, clock)).collect();
    let mut runs = vec![Vec::with_capacity(RUNS); works.len()];
    for _ in 0..RUNS {
        for ((work, rounds), runs) in works.iter_mut().zip(&rounds).zip(&mut runs) {
            runs.push(run_ms(*work, *rounds, clock) * 1e6 / f64::from(*rounds));
        }
    }
    runs.into_iter().map(median).collect()
}

/// Finds out how many rounds make a run; by then the work has warmed up, too.
fn rounds_of_a_run(work: &mut Work<'_>, clock: &Clock<'_>) -> u32 {
    let mut rounds = 1;
    while run_ms(work, rounds, clock) < RUN_MS {
        rounds *= 2;
    }
    rounds
}

fn run_ms(work: &mut Work<'_>, rounds: u32, clock: &Clock<'_>) -> f64 {
    let start = clock();
    work(rounds);
    clock() - start
}

fn median(mut runs: Vec<f64>) -> f64 {
    runs.sort_by(f64::total_cmp);
    runs.get(runs.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn one_disturbed_run_changes_nothing() {
        let now = Cell::new(0.0);
        let called = Cell::new(0);
        let mut steady = |rounds| now.set(now.get() + 0.5 * f64::from(rounds));
        let mut disturbed = |rounds| {
            called.set(called.get() + 1);
            now.set(now.get() + f64::from(rounds) + if called.get() == 9 { 1000.0 } else { 0.0 });
        };
        let medians = medians_ns(&mut [&mut steady, &mut disturbed], &|| now.get());
        assert_eq!(medians, [500_000.0, 1_000_000.0]);
    }
}
