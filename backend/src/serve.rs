//! Everything that serves, put together, and taken apart in the other direction.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use lwm2m_core::server::{Command, ServerConfig};
use store::sqlite::Sqlite;
use tokio::{
    net::TcpListener,
    signal::unix::SignalKind,
    sync::{mpsc, watch},
};

use crate::{
    access_control, boards, bootstrap,
    clock::Clock,
    credentials,
    documents::Documents,
    fleet, history, http, numbers, objects, observations,
    options::Options,
    runtime::{self, BootstrapStart, BootstrapWorker, SecurityStart, Worker},
    simulated, trace,
};

/// A stopping server waits this long for browsers to take their last bytes.
const FAREWELL: Duration = Duration::from_millis(1_500);

/// The first line of standard output with `--print-addresses`.
#[derive(serde::Serialize)]
struct Addresses {
    http: SocketAddr,
    coap: Option<SocketAddr>,
    coaps: Option<SocketAddr>,
    bootstrap_coap: Option<SocketAddr>,
    bootstrap_coaps: Option<SocketAddr>,
}

/// What was made before anything listens, and what listens.
struct Parts {
    clock: Clock,
    fleet: Arc<fleet::Fleet>,
    trace: Arc<trace::Trace>,
    objects: Arc<objects::Objects>,
    observations: Arc<observations::Observations>,
    storage: Arc<runtime::Storage>,
    history: Arc<history::History>,
    handshakes: Arc<credentials::FailedHandshakes>,
    credentials: credentials::Desk,
    opened: bootstrap::Opened,
    runs: access_control::Opened,
    boards: boards::Opened,
    answered: mpsc::Receiver<Arc<Command>>,
    worker: Worker,
    bootstrap: BootstrapWorker,
}

pub(crate) async fn serve(options: &Options) -> Result<()> {
    std::fs::create_dir_all(&options.data)
        .with_context(|| format!("cannot use {} as data directory (--data)", options.data.display()))?;
    let (stop, stopped) = watch::channel(false);
    let (stop_bootstrap, bootstrap_stopped) = watch::channel(false);
    let listener =
        TcpListener::bind(options.http).await.with_context(|| in_use("HTTP", options.http, "--http"))?;
    let http_address = listener.local_addr()?;
    let (wanted, until) = (options.clone(), stopped.clone());
    // A runtime of its own that comes to nothing may not be dropped on a thread that drives another.
    let parts = tokio::task::spawn_blocking(move || start(&wanted, until, bootstrap_stopped));
    let parts = parts.await.context("the server did not start")??;
    let addresses = Addresses {
        http: http_address,
        coap: parts.worker.coap,
        coaps: parts.worker.coaps,
        bootstrap_coap: parts.bootstrap.coap,
        bootstrap_coaps: parts.bootstrap.coaps,
    };
    if options.print_addresses {
        println!("{}", serde_json::to_string(&addresses)?);
    }
    log(&addresses, options);

    let Parts { clock, storage, objects, credentials: desk, worker, bootstrap, .. } = parts;
    tokio::spawn(desk.clone().keep_uses());
    let is_role = options.bootstrap_coap().or(options.bootstrap_coaps()).is_some();
    let role = is_role.then(|| bootstrap.bootstrapping.clone());
    let bootstrap_desk = bootstrap::Desk::new(
        parts.opened,
        desk.clone(),
        Arc::clone(&objects),
        Arc::clone(&storage),
        clock,
        role,
    );
    let (notices, kept, bootstrap) = bootstrap.into_parts();
    let keeping = tokio::spawn(bootstrap_desk.keeping().run(notices, kept));
    let simulation = Arc::new(simulated::Simulation::new(worker.coap));
    let documents = Documents { storage: Arc::clone(&storage), operations: worker.operations.clone(), clock };
    let boards = boards::Desk::new(documents.clone(), parts.boards);
    let access_control::Opened { runs, interrupted } = parts.runs;
    let (fleet, definitions) = (Arc::clone(&parts.fleet), Arc::clone(&objects));
    let access_control_desk = access_control::Desk::new(fleet, definitions, documents, runs);
    tokio::spawn(access_control_desk.clone().compare_all(parts.answered));
    // Where no device is managed, they wait for a server that does.
    if options.coap().is_some() {
        access_control_desk.resume_runs(interrupted);
    }
    let state = http::State {
        fleet: parts.fleet,
        trace: parts.trace,
        objects,
        observations: parts.observations,
        storage,
        history: parts.history,
        simulation: Arc::clone(&simulation),
        operations: worker.operations.clone(),
        desk: desk.clone(),
        bootstrap: bootstrap_desk,
        access_control: access_control_desk,
        boards,
        handshakes: parts.handshakes,
        clock,
        coap: addresses.coap,
        coaps: addresses.coaps,
        bootstrap_coap: addresses.bootstrap_coap,
        bootstrap_coaps: addresses.bootstrap_coaps,
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
    // Nobody listening means that everything has stopped already. What bootstrap has told is stored while there is a store.
    let _ = stop_bootstrap.send(true);
    tokio::task::spawn_blocking(move || bootstrap.join()).await.context("bootstrap")?;
    keeping.await.context("bootstrap sessions")?;
    desk.store_uses().await;
    let _ = stop.send(true);
    if let Ok(served) = tokio::time::timeout(FAREWELL, serving).await {
        served?.context("HTTP failed")?;
    }
    worker.join();
    Ok(())
}

/// Reads what is kept, and begins to listen for devices.
fn start(
    options: &Options,
    stopped: watch::Receiver<bool>,
    bootstrap_stopped: watch::Receiver<bool>,
) -> Result<Parts> {
    let clock = Clock::start();
    let objects = objects::Objects::open(&options.data);
    let objects = Arc::new(objects.context("cannot read the uploaded object definitions")?);
    let fleet = Arc::new(fleet::Fleet::new(clock));
    let decoder = numbers::decoder(Arc::clone(&fleet), Arc::clone(&objects));
    let mut store = Sqlite::open(&options.data, decoder, clock.now())?;
    let credentials = Arc::new(credentials::open(&options.data, &mut store, clock.now())?);
    let opened = bootstrap::open(&mut store, credentials.vault(), clock.now())?;
    let runs = access_control::open(&mut store, clock.now())?;
    let boards = boards::open(&store)?;
    let last_credential = store::Store::last_credential(&store)?;
    let history = Arc::new(history::History::new(store.history()));
    let config = ServerConfig { strict_parameters: options.strict, ..ServerConfig::default() };
    let trace = Arc::new(trace::Trace::new());
    let observations = Arc::new(observations::Observations::default());
    let storage = Arc::new(runtime::Storage::new(&options.data, &store, clock.now()));
    let (tell_answered, answered) = mpsc::channel(access_control::ANSWERED);
    let told = runtime::Told {
        fleet: Arc::clone(&fleet),
        trace: Arc::clone(&trace),
        observations: Arc::clone(&observations),
        storage: Arc::clone(&storage),
        bootstraps: Arc::clone(&opened.sessions),
        answered: tell_answered,
    };
    let handshakes = Arc::new(credentials::FailedHandshakes::default());
    let security = |listen| SecurityStart {
        listen,
        credentials: Arc::clone(&credentials),
        handshakes: Arc::clone(&handshakes),
    };
    let (coap, coaps) = (options.coap(), security(options.coaps()));
    let worker = Worker::start(coap, config, clock, told, Box::new(store), coaps, stopped)
        .context("cannot listen for devices (if another program has the address, choose another)")?;
    let bootstrap = BootstrapStart {
        listen: options.bootstrap_coap(),
        security: security(options.bootstrap_coaps()),
        objects: Arc::clone(&objects),
        first: opened.first,
        clock,
        fleet: Arc::clone(&fleet),
    };
    let bootstrap = BootstrapWorker::start(bootstrap, bootstrap_stopped).context(
        "cannot listen for devices that bootstrap (if another program has the address, choose another)",
    )?;
    let credentials = credentials::Desk::new(credentials, worker.operations.clone(), clock, last_credential);
    Ok(Parts {
        clock,
        fleet,
        trace,
        objects,
        observations,
        storage,
        history,
        handshakes,
        credentials,
        opened,
        runs,
        boards,
        answered,
        worker,
        bootstrap,
    })
}

fn log(addresses: &Addresses, options: &Options) {
    let Addresses { http, coap, coaps, bootstrap_coap, bootstrap_coaps } = addresses;
    tracing::info!("console on http://{http}/");
    let without_security = [("LwM2M Server", coap), ("Bootstrap-Server", bootstrap_coap)];
    for (server, address) in without_security {
        let Some(address) = address else { continue };
        tracing::info!("{server} on coap://{address}, without security");
        if !address.ip().is_loopback() {
            tracing::warn!(
                "coap://{address} is beyond this machine: whoever reaches it can take any endpoint name without a credential"
            );
        }
    }
    for (server, address) in [("LwM2M Server", coaps), ("Bootstrap-Server", bootstrap_coaps)] {
        if let Some(address) = address {
            tracing::info!("{server} on coaps://{address}");
        }
    }
    tracing::info!("everything is kept in {}", options.data.display());
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
