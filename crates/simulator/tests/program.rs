//! The program as a whole, against a server that is no more than a socket.
#![cfg(unix)]

mod provisioning;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use coap::{Code, Message, MessageId, MessageType, Options, Token};
use rustix::process::{Pid, Signal, kill_process};

const PATIENCE: Duration = Duration::from_secs(15);

/// A running simulator, killed when the test ends.
struct Simulator(Child);

impl Simulator {
    fn start(server: SocketAddr, arguments: &[&str]) -> Self {
        let server = format!("coap://{server}");
        Self::with(&[&["--server", &server, "--prefix", "urn:test:"], arguments].concat())
    }

    fn with(arguments: &[&str]) -> Self {
        let child =
            Command::new(env!("CARGO_BIN_EXE_lwm2m-simulator")).args(arguments).stdout(Stdio::null()).spawn();
        Self(child.expect("the simulator starts"))
    }

    fn terminate(&self) {
        kill_process(Pid::from_child(&self.0), Signal::TERM).expect("the simulator is running");
    }

    /// Waits for the end; false when it took longer than two seconds or was no success.
    fn ended_in_time(&mut self) -> bool {
        let asked = Instant::now();
        let status = self.0.wait().expect("the simulator can be waited for");
        status.success() && asked.elapsed() < Duration::from_secs(2)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

struct Server {
    socket: UdpSocket,
}

impl Server {
    fn bind(port: u16) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        Self { socket }
    }

    fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("the socket is bound")
    }

    fn receive(&self) -> (Message, SocketAddr) {
        let mut buffer = [0; 2048];
        let (length, peer) = self.socket.recv_from(&mut buffer).expect("a message in time");
        (Message::decode(&buffer[..length]).expect("a well-formed message"), peer)
    }

    fn send(&self, peer: SocketAddr, message: &Message) {
        self.socket.send_to(&message.encode().expect("an encodable message"), peer).expect("sent");
    }

    fn answer(&self, request: &Message, peer: SocketAddr, code: Code, options: Options) {
        let answer = Message {
            message_type: MessageType::Acknowledgement,
            code,
            message_id: request.message_id,
            token: request.token,
            options,
            payload: Vec::new(),
        };
        self.send(peer, &answer);
    }

    /// Accepts the registrations of so many clients; returns their endpoint names and addresses.
    fn accept(&self, clients: usize) -> BTreeMap<String, SocketAddr> {
        let mut registered = BTreeMap::new();
        while registered.len() < clients {
            let (request, peer) = self.receive();
            assert_eq!(request.options.uri_path(), Ok(vec!["rd"]));
            let queries = request.options.uri_query().expect("text");
            let endpoint =
                queries.iter().find_map(|query| query.strip_prefix("ep=")).expect("an endpoint name");
            let location = Options::new().with_location(&["rd", &registered.len().to_string()]);
            self.answer(&request, peer, Code::CREATED, location);
            registered.insert(endpoint.to_owned(), peer);
        }
        registered
    }

    /// Answers everything with 2.02 until so many De-registers came; returns who sent them.
    fn accept_deregisters(&self, clients: usize) -> BTreeSet<SocketAddr> {
        let mut gone = BTreeSet::new();
        while gone.len() < clients {
            let (request, peer) = self.receive();
            if request.code == Code::DELETE {
                self.answer(&request, peer, Code::DELETED, Options::new());
                gone.insert(peer);
            }
        }
        gone
    }
}

fn read(path: &str) -> Message {
    Message {
        message_type: MessageType::Confirmable,
        code: Code::GET,
        message_id: MessageId(1),
        token: Token::EMPTY,
        options: Options::new().with_path(path),
        payload: Vec::new(),
    }
}

#[test]
fn a_fleet_registers_answers_and_deregisters() {
    let server = Server::bind(0);
    let mut simulator = Simulator::start(server.address(), &["--clients", "12", "--lwm2m", "1.0"]);
    let fleet = server.accept(12);
    let names: Vec<&str> = fleet.keys().map(String::as_str).collect();
    assert_eq!((names[0], names[11]), ("urn:test:01", "urn:test:12"));
    assert_eq!(fleet.values().collect::<BTreeSet<_>>().len(), 12, "every client has an address of its own");

    server.send(fleet["urn:test:03"], &read("/3/0/0"));
    let (answer, peer) = server.receive();
    assert_eq!((answer.code, peer), (Code::CONTENT, fleet["urn:test:03"]));
    assert!(!answer.payload.is_empty());

    simulator.terminate();
    assert_eq!(server.accept_deregisters(12), fleet.into_values().collect());
    assert!(simulator.ended_in_time());
}

#[test]
fn without_deregistering_the_fleet_just_vanishes() {
    let server = Server::bind(0);
    let mut simulator = Simulator::start(server.address(), &["--clients", "2", "--no-deregister"]);
    server.accept(2);
    simulator.terminate();
    assert!(simulator.ended_in_time());
    server.socket.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout can be set");
    assert!(server.socket.recv_from(&mut [0; 2048]).is_err(), "nothing was sent");
}

#[test]
fn an_unreachable_server_does_not_keep_the_fleet_from_ending() {
    let server = Server::bind(0);
    let mut simulator = Simulator::start(server.address(), &["--clients", "3"]);
    server.accept(3);
    drop(server);
    simulator.terminate();
    assert!(simulator.ended_in_time());
}

#[test]
fn a_server_may_come_later() {
    let gone = Server::bind(0);
    let simulator = Simulator::start(gone.address(), &["--clients", "2"]);
    let port = gone.address().port();
    gone.receive();
    drop(gone);
    let server = Server::bind(port);
    assert_eq!(server.accept(2).len(), 2);
    drop(simulator);
}

#[test]
fn c_048_firmware_is_pulled_by_its_uri_through_real_sockets() {
    let server = Server::bind(0);
    let files = Server::bind(0);
    let _simulator = Simulator::start(server.address(), &["--clients", "1"]);
    let device = server.accept(1)["urn:test:1"];
    let uri = format!("coap://{}/image", files.address());
    let options = Options::new().with_path("/5/0/1").with_content_format(0);
    let write = Message { code: Code::PUT, options, payload: uri.into_bytes(), ..read("/5/0/1") };
    server.send(device, &write);
    assert_eq!(server.receive().0.code, Code::CHANGED);

    let (request, peer) = files.receive();
    assert_eq!((request.code, request.options.uri_path()), (Code::GET, Ok(vec!["image"])));
    assert_ne!(peer, device, "a download has a port of its own");
    files.answer(&request, peer, Code::CONTENT, Options::new());
    let deadline = Instant::now() + PATIENCE;
    let mut message_id = 10;
    let state = loop {
        message_id += 1;
        server.send(device, &Message { message_id: MessageId(message_id), ..read("/5/0/3") });
        let state = server.receive().0.payload;
        if state != b"1" || Instant::now() > deadline {
            break state;
        }
    };
    assert_eq!(state, b"2", "Downloaded");
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_takes_little_memory() {
    const FEW: usize = 20;
    const MANY: usize = 820;
    let resident_bytes = |clients: usize| {
        let server = Server::bind(0);
        let simulator = Simulator::start(server.address(), &["--clients", &clients.to_string()]);
        server.accept(clients);
        let status = std::fs::read_to_string(format!("/proc/{}/status", simulator.0.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        let kilobytes = line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number");
        1024 * kilobytes
    };
    let per_device = (resident_bytes(MANY) - resident_bytes(FEW)) / (MANY - FEW);
    // 10,000 devices then stay well below 500 MB.
    assert!(per_device < 45_000, "{per_device} bytes for each device");
}

#[test]
fn an_object_of_a_definition_file_is_simulated() {
    const DEFINITION: &str = r#"<LWM2M><Object ObjectType="MODefinition"><Name>Kettle</Name>
        <ObjectID>32770</ObjectID><ObjectURN>urn:oma:lwm2m:x:32770</ObjectURN>
        <MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory><Resources>
        <Item ID="1"><Name>Water</Name><Operations>R</Operations><MultipleInstances>Single</MultipleInstances>
        <Mandatory>Mandatory</Mandatory><Type>Integer</Type><RangeEnumeration>7..7</RangeEnumeration>
        <Units>l</Units></Item></Resources></Object></LWM2M>"#;
    let file = std::env::temp_dir().join(format!("kettle-{}.xml", std::process::id()));
    std::fs::write(&file, DEFINITION).expect("a file can be written");
    let server = Server::bind(0);
    let path = file.to_str().expect("plain text");
    let arguments = ["--clients", "1", "--definitions", path, "--object", "32770"];
    let _simulator = Simulator::start(server.address(), &arguments);
    let device = server.accept(1)["urn:test:1"];
    std::fs::remove_file(&file).expect("the file is there");
    server.send(device, &read("/32770/0/1"));
    let (answer, _) = server.receive();
    assert_eq!((answer.code, &answer.payload[..]), (Code::CONTENT, &b"7"[..]));
}

#[test]
fn a_scenario_file_with_a_mistake_is_explained() {
    let file = std::env::temp_dir().join(format!("scenario-{}.json", std::process::id()));
    std::fs::write(&file, "{\n \"groups\": [{\"name\": \"a\", \"sise\": 3}]\n}")
        .expect("a file can be written");
    let output = Command::new(env!("CARGO_BIN_EXE_lwm2m-simulator")).arg("--scenario").arg(&file).output();
    std::fs::remove_file(&file).expect("the file is there");
    let output = output.expect("the simulator runs");
    assert!(!output.status.success());
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains("unknown field `sise`") && message.contains("line 2"), "{message}");
}

#[test]
fn bad_arguments_are_explained() {
    for (arguments, expected) in [
        (["--server", "coap+tcp://127.0.0.1"], "expected coap://HOST"),
        (["--clients", "0"], "1..=20000"),
        (["--lwm2m", "3.0"], "1.0, 1.1"),
        (["--profile", "toaster"], "tracker"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_lwm2m-simulator")).args(arguments).output();
        let output = output.expect("the simulator runs");
        assert_eq!(output.status.code(), Some(2));
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(message.contains(expected), "{message}");
    }
}
