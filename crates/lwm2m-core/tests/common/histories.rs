//! Many random histories, each decided by its seed.

use std::{
    any::Any,
    env,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

const THREADS: usize = 2;

/// Runs the histories of these seeds, or of `LWM2M_SEEDS=from..to`, and gives what came up in each. The first that fails
/// ends the test, and says how to repeat it. `test` is its name, and that of captures.
pub fn run<T: Send>(
    test: &str,
    seeds: Range<u64>,
    history: impl Fn(u64) -> Result<T, String> + Sync,
) -> Vec<T> {
    let seeds = wanted().unwrap_or(seeds);
    let (next, failure, came_up) = (AtomicU64::new(seeds.start), Mutex::new(None), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let run = || {
                while failure.lock().unwrap().is_none() {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if !seeds.contains(&seed) {
                        return;
                    }
                    match history(seed) {
                        Ok(counted) => came_up.lock().unwrap().push(counted),
                        Err(what) => drop(failure.lock().unwrap().get_or_insert((seed, what))),
                    }
                }
            };
            thread::Builder::new().name(test.into()).spawn_scoped(scope, run).unwrap();
        }
    });
    if let Some((seed, what)) = failure.into_inner().unwrap() {
        panic!("{what}\nagain: LWM2M_SEEDS={seed}..{} cargo test -p lwm2m-core --test {test}", seed + 1);
    }
    came_up.into_inner().unwrap()
}

/// What a history gives, or why it panicked.
pub fn caught<T>(history: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(history)).map_err(|panic| text(panic.as_ref()).to_owned())
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a text")
}

fn wanted() -> Option<Range<u64>> {
    let given = env::var("LWM2M_SEEDS").ok()?;
    let range = given.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    Some(range.unwrap_or_else(|| panic!("LWM2M_SEEDS: from..to expected, got {given}")))
}
