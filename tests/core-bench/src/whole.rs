//! Whole programs: sockets, threads and the kernel's share included.

use std::{
    env,
    net::{SocketAddr, UdpSocket},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Result;
use core_bench::{
    device::Device,
    load::{self, AT_ONCE},
    program::Program,
    server::Server,
};

/// Clients that register, each once.
const CLIENTS: usize = 20_480;
/// Updates, and notifications, in all.
const MESSAGES: usize = 102_400;

/// What one exchange cost, and how many there were in a second of wall time with the load on the same machine.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) cpu_ns: f64,
    per_s: f64,
}

#[derive(Debug, Default)]
pub(crate) struct Costs {
    pub(crate) register: Cost,
    pub(crate) update: Cost,
    pub(crate) notify: Cost,
    idle_bytes: u64,
    registered_bytes: u64,
    end_bytes: u64,
}

pub(crate) fn measure_echo() -> Result<Costs> {
    println!("Measuring a bare UDP echo ...");
    let program = Program::start(Command::new(env::current_exe()?).arg("echo"))?;
    let mut run = Run::new(&program, program.address("coap")?);
    run.registers(|_, _| Ok(()))?;
    run.updates()?;
    run.notifications()?;
    Ok(run.costs)
}

pub(crate) fn measure_server(path: &str) -> Result<Costs> {
    println!("Measuring {path} ...");
    let data = env::temp_dir().join(format!("core-bench-{}", std::process::id()));
    let server = Server::start(Path::new(path), &data)?;
    let mut run = Run::new(&server.program, server.coap);
    run.costs.idle_bytes = server.program.resident_bytes()?;
    run.registers(Device::registered)?;
    run.costs.registered_bytes = server.program.resident_bytes()?;
    run.updates()?;
    server.observe(&mut run.devices, &run.sockets)?;
    run.notifications()?;
    run.costs.end_bytes = server.program.resident_bytes()?;
    drop(std::fs::remove_dir_all(data));
    Ok(run.costs)
}

/// The same load for whatever program answers.
struct Run<'a> {
    program: &'a Program,
    server: SocketAddr,
    devices: Vec<Device>,
    /// Those of the first devices, which go on after they have registered.
    sockets: Vec<UdpSocket>,
    costs: Costs,
}

impl<'a> Run<'a> {
    fn new(program: &'a Program, server: SocketAddr) -> Self {
        Self { program, server, devices: Vec::new(), sockets: Vec::new(), costs: Costs::default() }
    }

    fn registers(&mut self, registered: fn(&mut Device, &[u8]) -> Result<()>) -> Result<()> {
        let mut meter = Meter::default();
        for first in (0..CLIENTS).step_by(AT_ONCE) {
            let sockets: Vec<_> = (first..first + AT_ONCE)
                .map(|number| load::socket(number, self.server))
                .collect::<Result<_>>()?;
            let mut devices: Vec<_> = (first..first + AT_ONCE).map(Device::new).collect();
            let datagrams = devices.iter_mut().map(Device::register).collect::<Result<Vec<_>>>()?;
            let answers = meter.measure(self.program, AT_ONCE, || load::exchange(&sockets, &datagrams))?;
            for (device, answer) in devices.iter_mut().zip(&answers) {
                registered(device, answer)?;
            }
            if first == 0 {
                (self.devices, self.sockets) = (devices, sockets);
            }
        }
        self.costs.register = meter.cost();
        Ok(())
    }

    fn updates(&mut self) -> Result<()> {
        self.costs.update = self.repeat(Device::update)?;
        Ok(())
    }

    fn notifications(&mut self) -> Result<()> {
        self.costs.notify = self.repeat(Device::notification)?;
        Ok(())
    }

    fn repeat(&mut self, message: fn(&mut Device) -> Result<Vec<u8>>) -> Result<Cost> {
        let mut meter = Meter::default();
        for _ in 0..MESSAGES / AT_ONCE {
            let datagrams = self.devices.iter_mut().map(message).collect::<Result<Vec<_>>>()?;
            meter.measure(self.program, AT_ONCE, || load::exchange(&self.sockets, &datagrams))?;
        }
        Ok(meter.cost())
    }
}

/// Adds up CPU and wall time of what it measures.
#[derive(Debug, Default)]
struct Meter {
    cpu: Duration,
    wall: Duration,
    exchanges: usize,
}

impl Meter {
    fn measure<T>(
        &mut self,
        program: &Program,
        exchanges: usize,
        act: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let (cpu, wall) = (program.cpu_time()?, Instant::now());
        let result = act()?;
        self.wall += wall.elapsed();
        self.cpu += program.cpu_time()?.saturating_sub(cpu);
        self.exchanges += exchanges;
        Ok(result)
    }

    fn cost(&self) -> Cost {
        let exchanges = self.exchanges as f64;
        Cost { cpu_ns: self.cpu.as_nanos() as f64 / exchanges, per_s: exchanges / self.wall.as_secs_f64() }
    }
}

pub(crate) fn print(echo: &Costs, server: &Costs) {
    println!("\nThe whole server, sockets and kernel included ({AT_ONCE} devices at once):");
    println!(
        "{:<14} {:>14} {:>16} {:>14} {:>12} {:>12}",
        "", "CPU ns each", "per CPU-second", "echo CPU ns", "of the echo", "per second"
    );
    let lines = [
        ("Register", server.register, echo.register),
        ("Update", server.update, echo.update),
        ("Notify (CON)", server.notify, echo.notify),
    ];
    for (name, server, echo) in lines {
        println!(
            "{name:<14} {:>14.0} {:>16.0} {:>14.0} {:>10.0} % {:>12.0}",
            server.cpu_ns,
            1e9 / server.cpu_ns,
            echo.cpu_ns,
            100.0 * echo.cpu_ns / server.cpu_ns,
            server.per_s
        );
    }
    let grown = server.registered_bytes.saturating_sub(server.idle_bytes);
    println!(
        "Resident memory: {:.1} MB idle, {:.1} MB with {CLIENTS} clients = {} bytes each, {:.1} MB at the end.",
        server.idle_bytes as f64 / 1e6,
        server.registered_bytes as f64 / 1e6,
        grown / CLIENTS as u64,
        server.end_bytes as f64 / 1e6
    );
}
