//! `lwm2m-console`: an LwM2M Server with a console in the browser, in one process.
//!
//! [`runtime`] owns the CoAP socket and drives the server role; [`fleet`] is what everyone may know of the
//! clients; [`http`] serves REST, the WebSocket and the console itself.

mod addresses;
mod clock;
mod commands;
mod credentials;
mod fleet;
mod history;
mod http;
mod licences;
mod lines;
mod maintenance;
mod numbers;
mod objects;
mod observations;
mod options;
mod process;
mod runtime;
mod simulated;
mod trace;

use std::{io::IsTerminal, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use clock::Clock;
use lwm2m_core::server::ServerConfig;
use options::{Command, Options};
use store::sqlite::Sqlite;
use tokio::{net::TcpListener, signal::unix::SignalKind, sync::watch};
use tracing_subscriber::EnvFilter;

/// A stopping server waits this long for browsers to take their last bytes.
const FAREWELL: Duration = Duration::from_millis(1_500);

/// The first line of standard output with `--print-addresses`.
#[derive(serde::Serialize)]
struct Addresses {
    http: SocketAddr,
    coap: SocketAddr,
    coaps: Option<SocketAddr>,
}

fn main() -> ExitCode {
    let done = match Command::from_command_line() {
        Command::Serve(options) => {
            log();
            run(&options)
        }
        Command::Decode(options) => lines::decode(&options),
        Command::Encode(options) => lines::encode(&options),
        Command::Backup(options) => maintenance::backup(&options),
        Command::Check(options) => maintenance::check(&options),
        Command::Licences => {
            print!("{}", licences::TEXT);
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lwm2m-console: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn log() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,lwm2m_simulator=warn"));
    let colour = std::io::stderr().is_terminal();
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colour).with_writer(std::io::stderr);
    // A line that finds no room on a full disk is lost, and nothing else happens.
    log.log_internal_errors(false).init();
}

fn run(options: &Options) -> Result<()> {
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio.block_on(serve(options))
}

async fn serve(options: &Options) -> Result<()> {
    std::fs::create_dir_all(&options.data)
        .with_context(|| format!("cannot use {} as data directory (--data)", options.data.display()))?;
    let (stop, stopped) = watch::channel(false);
    let clock = Clock::start();

    let objects = Arc::new(
        objects::Objects::open(&options.data).context("cannot read the uploaded object definitions")?,
    );
    let listener =
        TcpListener::bind(options.http).await.with_context(|| in_use("HTTP", options.http, "--http"))?;
    let http_address = listener.local_addr()?;
    let fleet = Arc::new(fleet::Fleet::new(clock));
    let decoder = numbers::decoder(Arc::clone(&fleet), Arc::clone(&objects));
    let mut store = Sqlite::open(&options.data, decoder, clock.now())?;
    let credentials = Arc::new(credentials::open(&options.data, &mut store)?);
    let last_credential = store::Store::last_credential(&store)?;
    let kept = store.history();
    let config = ServerConfig { strict_parameters: options.strict, ..ServerConfig::default() };
    let trace = Arc::new(trace::Trace::new());
    let observations = Arc::new(observations::Observations::default());
    let storage = Arc::new(runtime::Storage::new(&options.data, &store, clock.now()));
    let told = runtime::Told {
        fleet: Arc::clone(&fleet),
        trace: Arc::clone(&trace),
        observations: Arc::clone(&observations),
        storage: Arc::clone(&storage),
    };
    let handshakes = Arc::new(credentials::FailedHandshakes::default());
    let security = runtime::SecurityStart {
        address: options.coaps(),
        asked: options.asks_for_coaps(),
        credentials: Arc::clone(&credentials),
        handshakes: Arc::clone(&handshakes),
    };
    let worker =
        runtime::Worker::start(options.coap, config, clock, told, Box::new(store), security, stopped.clone())
            .with_context(|| in_use("CoAP", options.coap, "--coap, or --coaps"))?;

    let simulation = Arc::new(simulated::Simulation::new(worker.coap));
    if options.print_addresses {
        println!(
            "{}",
            serde_json::to_string(&Addresses { http: http_address, coap: worker.coap, coaps: worker.coaps })?
        );
    }
    tracing::info!("console on http://{http_address}/");
    tracing::info!("LwM2M Server on coap://{}, without security", worker.coap);
    if let Some(coaps) = worker.coaps {
        tracing::info!("LwM2M Server on coaps://{coaps}");
    }
    if !worker.coap.ip().is_loopback() {
        tracing::warn!(
            "coap:// listens beyond this machine: whoever reaches it can register any endpoint name"
        );
    }
    tracing::info!("everything is kept in {}", options.data.display());

    let desk = credentials::Desk::new(credentials, worker.operations.clone(), clock, last_credential);
    tokio::spawn(desk.clone().keep_uses());
    let state = http::State {
        fleet,
        trace,
        objects,
        observations,
        storage,
        history: Arc::new(history::History::new(kept)),
        simulation: Arc::clone(&simulation),
        operations: worker.operations.clone(),
        desk: desk.clone(),
        handshakes,
        clock,
        coap: worker.coap,
        coaps: worker.coaps,
        started_at_ms: clock.now().as_millis(),
    };
    let router = http::router(state, http_address, stopped.clone());
    // Who asks is told with what is asked.
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, router).with_graceful_shutdown(http::stop_requested(stopped));
    let serving = tokio::spawn(server.into_future());
    asked_to_stop().await.context("cannot wait for signals")?;
    tracing::info!("stopping");
    // While there is still someone to de-register with.
    tokio::task::spawn_blocking(move || simulation.stop()).await.context("simulated devices")?;
    desk.store_uses().await;
    // Nobody listening means that everything has stopped already.
    let _ = stop.send(true);
    if let Ok(served) = tokio::time::timeout(FAREWELL, serving).await {
        served?.context("HTTP failed")?;
    }
    worker.join();
    Ok(())
}

async fn asked_to_stop() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

fn in_use(what: &str, address: SocketAddr, option: &str) -> String {
    format!("cannot listen for {what} on {address} (if another program has it, choose another with {option})")
}
