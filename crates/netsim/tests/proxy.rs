//! The proxy with real sockets: a client, and an echo in place of the server.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::BTreeSet,
    net::{SocketAddr, UdpSocket},
    thread,
    time::{Duration, Instant},
};

use netsim::{NetworkConditions, Proxy, ProxyConfig};

const PATIENCE: Duration = Duration::from_secs(30);

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    socket
}

/// Sends back what comes, with the port that it came from, until `end` comes.
fn echo() -> SocketAddr {
    let socket = socket();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 1_500];
        loop {
            let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
            if &buffer[..length] == b"end" {
                return;
            }
            let answer = [&from.port().to_be_bytes(), &buffer[..length]].concat();
            socket.send_to(&answer, from).unwrap();
        }
    });
    address
}

fn config(upstream: SocketAddr, conditions: NetworkConditions) -> ProxyConfig {
    ProxyConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        upstream,
        conditions,
        rebind_every: None,
        seed: 1,
        pcap: None,
    }
}

/// Sends `text` until an answer to it comes, and gives the port that the echo saw.
fn ask(client: &UdpSocket, proxy: &Proxy, text: &str) -> u16 {
    let begun = Instant::now();
    let mut buffer = [0; 1_500];
    while begun.elapsed() < PATIENCE {
        client.send_to(text.as_bytes(), proxy.address()).unwrap();
        while let Ok((length, _)) = client.recv_from(&mut buffer) {
            if &buffer[2..length] == text.as_bytes() {
                return u16::from_be_bytes([buffer[0], buffer[1]]);
            }
        }
    }
    panic!("no answer to {text}");
}

#[test]
fn each_client_has_an_address_of_its_own_and_gets_its_own_answers() {
    let upstream = echo();
    let proxy = Proxy::start(config(upstream, NetworkConditions::perfect(1))).unwrap();
    let (a, b) = (socket(), socket());
    let (as_a, as_b) = (ask(&a, &proxy, "a"), ask(&b, &proxy, "b"));
    assert_ne!(as_a, as_b);
    assert_eq!(ask(&a, &proxy, "again"), as_a, "it stays while nothing rebinds");
    a.send_to(b"end", upstream).unwrap();
}

#[test]
fn answers_come_through_loss_and_changing_addresses() {
    let upstream = echo();
    let conditions = NetworkConditions {
        loss: 0.3,
        delay_ms: 1..=5,
        duplicate: 0.2,
        reorder: 0.2,
        hold_back_ms: 1..=20,
        ..NetworkConditions::default()
    };
    let pcap = std::env::temp_dir().join(format!("netsim-proxy-{}.pcap", std::process::id()));
    let proxy = Proxy::start(ProxyConfig {
        rebind_every: Some(Duration::from_millis(200)),
        pcap: Some(pcap.clone()),
        ..config(upstream, conditions)
    })
    .unwrap();
    let client = socket();
    let mut seen_as = BTreeSet::new();
    let begun = Instant::now();
    while seen_as.len() < 3 && begun.elapsed() < PATIENCE {
        seen_as.insert(ask(&client, &proxy, &format!("{}", seen_as.len())));
    }
    assert!(seen_as.len() >= 3, "{seen_as:?}");
    drop(proxy);
    let bytes = std::fs::metadata(&pcap).unwrap().len();
    std::fs::remove_file(&pcap).unwrap();
    assert!(bytes > 24 + 6 * (16 + 28), "each answered question is recorded: {bytes} bytes");
    client.send_to(b"end", upstream).unwrap();
}

#[test]
fn a_cut_network_carries_nothing() {
    let upstream = echo();
    let proxy = Proxy::start(config(upstream, NetworkConditions::cut())).unwrap();
    let client = socket();
    client.send_to(b"hello", proxy.address()).unwrap();
    assert!(client.recv_from(&mut [0; 10]).is_err());
    client.send_to(b"end", upstream).unwrap();
}
