use std::{
    env,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{ChildStdout, Command, ExitCode, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{
    build::build_selection,
    process::{GLANCE, Program},
};

/// The fleet that a first visitor sees.
const DEMO: &str = "assets/scenarios/demo.json";
/// Those of them that sleep, and how long they listen after each message: the server is told, as an operator would.
const SLEEPERS: [&str; 2] = ["water-meter-1", "water-meter-2"];
const SLEEPERS_CONFIG: &str = r#"{"awake_s":10}"#;
/// How long the demo fleet may take before the addresses are shown.
const DEMO_PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Default, PartialEq, Eq)]
struct Arguments {
    no_demo: bool,
    release: bool,
    server: Vec<String>,
}

impl Arguments {
    fn parse(arguments: &[String]) -> Self {
        let mut parsed = Self::default();
        for argument in arguments {
            match argument.as_str() {
                "--no-demo" => parsed.no_demo = true,
                "--release" => parsed.release = true,
                "--" | "serve" => {}
                _ => parsed.server.push(argument.clone()),
            }
        }
        parsed
    }
}

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<ExitCode> {
    let arguments = Arguments::parse(arguments);
    web_build::build(root)?;
    let profile: &[&str] = if arguments.release { &["--release"] } else { &[] };
    let programs = build_selection(root, &[&["--bins"], profile].concat())?;

    let interrupted = on_interrupt()?;
    let mut server = Program::start(
        "the server",
        Command::new(programs.binary("lwm2m-console")?)
            .args(["serve", "--print-addresses"])
            .args(&arguments.server)
            .stdout(Stdio::piped()),
    )?;
    let stdout = server.child().stdout.take().context("the server has no stdout")?;
    let Some(addresses) = Addresses::announced(stdout)? else {
        let status = server.stop()?;
        bail!("the server did not start ({status}); what it said is above");
    };
    let simulator = if arguments.no_demo {
        None
    } else {
        let simulator = start_demo(root, programs.binary("lwm2m-simulator")?, &addresses.coap)?;
        SLEEPERS.iter().try_for_each(|endpoint| configure(&addresses.http, endpoint))?;
        Some(simulator)
    };
    println!("{}", addresses.banner(simulator.is_some()));
    watch(server, simulator, &interrupted)
}

/// Starts the demo fleet and gives it a moment to register: the server logs every device, and what the operator
/// has to know should stand below that. The simulator itself is kept quiet, unless `RUST_LOG` says otherwise.
fn start_demo(root: &Path, program: &Path, coap: &str) -> Result<Program> {
    let mut command = Command::new(program);
    command.args(["--server", &format!("coap://{coap}"), "--scenario"]).arg(root.join(DEMO));
    command.stdout(Stdio::piped());
    let quiet = env::var_os("RUST_LOG").is_none();
    if quiet {
        command.env("RUST_LOG", "warn,lwm2m_simulator::tally=info");
    }
    let mut simulator = Program::start("the simulator", &mut command)?;
    let stdout = simulator.child().stdout.take().context("the simulator has no stdout")?;
    let (complete, completed) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if line.contains("devices are registered") {
                // Nobody waits any more after a while.
                complete.send(()).ok();
            }
            if !quiet || !line.contains(" INFO ") {
                println!("{line}");
            }
        }
    });
    // When it takes longer, the fleet fills up under the eyes of the operator.
    completed.recv_timeout(DEMO_PATIENCE).ok();
    Ok(simulator)
}

/// What the server answers is in its log; a device that is late has the standard's time.
fn configure(http: &str, endpoint: &str) -> Result<()> {
    let mut stream = TcpStream::connect(http).context("cannot reach the server")?;
    write!(
        stream,
        "PUT /api/v1/clients/{endpoint}/config HTTP/1.1\r\nHost: {http}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{SLEEPERS_CONFIG}",
        SLEEPERS_CONFIG.len()
    )?;
    // Until it is done.
    stream.read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Waits until the operator stops us or a program ends by itself; then stops the rest, devices first, so that
/// they can still de-register.
fn watch(mut server: Program, simulator: Option<Program>, interrupted: &Receiver<()>) -> Result<ExitCode> {
    let mut simulator = simulator;
    loop {
        let ended_by_operator = interrupted.recv_timeout(GLANCE).is_ok();
        let mut ended = None;
        for program in simulator.iter_mut().chain([&mut server]) {
            if let Some(status) = program.ended()? {
                ended = Some(format!("{} ended by itself ({status})", program.name()));
            }
        }
        if !ended_by_operator && ended.is_none() {
            continue;
        }
        if let Some(simulator) = &mut simulator {
            simulator.stop()?;
        }
        server.stop()?;
        return match ended {
            Some(what) if !ended_by_operator => bail!("{what}; everything is stopped"),
            _ => {
                println!("stopped");
                Ok(ExitCode::SUCCESS)
            }
        };
    }
}

fn on_interrupt() -> Result<Receiver<()>> {
    let (sender, receiver) = mpsc::channel();
    // The receiver may be gone while the last program is being stopped; then there is nothing left to tell.
    ctrlc::set_handler(move || {
        sender.send(()).ok();
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(receiver)
}

/// Where the server really listens: its first line of output.
#[derive(Debug, PartialEq, Eq)]
struct Addresses {
    http: String,
    coap: String,
}

impl Addresses {
    /// Reads the first line and passes the rest on. `None` when the server ended without one.
    fn announced(stdout: ChildStdout) -> Result<Option<Self>> {
        let mut lines = BufReader::new(stdout).lines();
        let Some(first) = lines.next() else { return Ok(None) };
        let addresses = Self::parse(&first.context("cannot read what the server says")?)?;
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                println!("{line}");
            }
        });
        Ok(Some(addresses))
    }

    fn parse(line: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(line)
            .with_context(|| format!("the server should say its addresses first, it said: {line}"))?;
        let address = |name: &str| {
            let address = value[name].as_str();
            address.map(str::to_owned).with_context(|| format!("no address for {name} in: {line}"))
        };
        Ok(Self { http: address("http")?, coap: address("coap")? })
    }

    fn banner(&self, demo: bool) -> String {
        let devices = if demo {
            "24 simulated ones are on it, two of which sleep".to_owned()
        } else {
            "none yet; point one at this address".to_owned()
        };
        let rule = "─".repeat(64);
        format!(
            "\n{rule}\n  Console   http://{}/\n  Devices   coap://{}  ({devices})\n  Stop      Ctrl-C\n{rule}\n",
            self.http, self.coap
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_arguments_belong_to_the_server() {
        let given = ["--no-demo", "--http", "127.0.0.1:9000", "--release"].map(str::to_owned);
        let parsed = Arguments::parse(&given);
        assert_eq!(
            parsed,
            Arguments {
                no_demo: true,
                release: true,
                server: vec!["--http".into(), "127.0.0.1:9000".into()]
            }
        );
    }

    #[test]
    fn the_server_is_told_what_the_sleepers_of_the_demo_do() {
        let demo: Value = serde_json::from_str(include_str!("../../../assets/scenarios/demo.json")).unwrap();
        let config: Value = serde_json::from_str(SLEEPERS_CONFIG).unwrap();
        let groups = demo["groups"].as_array().unwrap();
        let sleepers = groups.iter().filter(|group| group["queue_mode"] == true).flat_map(|group| {
            assert_eq!(group["awake_s"], config["awake_s"]);
            let prefix = group["prefix"].as_str().unwrap();
            (1..=group["count"].as_u64().unwrap()).map(move |number| format!("{prefix}{number}"))
        });
        assert_eq!(sleepers.collect::<Vec<_>>(), SLEEPERS);
        let devices: u64 = groups.iter().filter_map(|group| group["count"].as_u64()).sum();
        let addresses = Addresses { http: String::new(), coap: String::new() };
        assert!(addresses.banner(true).contains(&format!("{devices} simulated")));
    }

    #[test]
    fn the_server_announces_its_addresses() {
        let addresses = Addresses::parse(r#"{"http":"127.0.0.1:41231","coap":"127.0.0.1:56831"}"#).unwrap();
        assert!(addresses.banner(true).contains("http://127.0.0.1:41231/"));
        assert!(addresses.banner(false).contains("coap://127.0.0.1:56831"));
        assert!(Addresses::parse("listening").is_err());
        assert!(Addresses::parse(r#"{"http":"127.0.0.1:41231"}"#).is_err());
    }
}
