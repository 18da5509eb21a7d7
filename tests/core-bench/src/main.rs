//! What a Register, an Update and a confirmable notification cost the server, beside a bare UDP echo that is given
//! the same datagrams by the same load in the same run.
//!
//! Cost is CPU time of the measured process, so that a busy machine changes the figures little. `core-bench <path of
//! lwm2m-console>` measures; `core-bench echo` is the echo. With `dtls` behind the path it measures what security adds.

mod echo;
mod role;
mod secure;
mod whole;

use std::env;

use anyhow::{Result, bail};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["echo"] => echo::echo(),
        [server, "dtls"] => secure::measure(server),
        [server] => {
            let echo = whole::measure_echo()?;
            let server = whole::measure_server(server)?;
            whole::print(&echo, &server);
            role::print(&role::measure()?, &echo);
            Ok(())
        }
        _ => bail!("say which program to measure: core-bench <path of lwm2m-console> [dtls]"),
    }
}
