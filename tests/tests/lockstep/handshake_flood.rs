//! A flood of handshakes that nobody goes on with slows an honest device, and does no more.

use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use console_api::{LimitUse, Operation, OperationRequest, ServerStatus};
use dtls::{Client, ClientConfig, ClientCredential, ClientOutput, Instant};
use serde_json::json;
use whole_program_tests::{Simulator, TestContext, wait};
use zeroize::Zeroizing;

const ENDPOINT: &str = "honest-1";
const KEY_HEX: &str = "30313233343536373839616263646566";

/// Addresses that the flood comes from. What they may begin at first is more than may be under way at once.
const SOURCES: u8 = 4;

/// After this time a datagram of the flood is not waited for.
const IMPATIENCE: Duration = Duration::from_millis(200);

#[tokio::test]
async fn s_138_a_flood_of_handshakes_slows_an_honest_device_and_no_more() -> Result<()> {
    let context = TestContext::start().await?;
    let new = json!({ "endpoint": ENDPOINT, "mode": "psk", "identity": ENDPOINT, "key": KEY_HEX });
    ensure!(context.rest.post("/api/v1/credentials", &new.to_string()).await?.status == 201);

    let over = Arc::new(AtomicBool::new(false));
    let flood: Vec<_> = (1..=SOURCES)
        .map(|source| {
            let (server, over) = (context.coaps, Arc::clone(&over));
            thread::spawn(move || flood(server, source, &over))
        })
        .collect();
    wait::until("the flood to reach the bound", async || {
        let handshakes = handshakes(&context).await?;
        Ok((handshakes.reached > 0).then_some(()))
    })
    .await?;

    let psk = format!("{ENDPOINT}:{KEY_HEX}");
    let _simulator =
        Simulator::start_towards(&context.coaps_uri(), 1, &["--prefix", "honest-", "--psk", &psk])?;
    context.registered(ENDPOINT).await?;
    let read = OperationRequest::new(Operation::Read, "/3/0/0");
    assert_eq!(context.operate(ENDPOINT, &read).await?.code, "2.05");
    let handshakes = handshakes(&context).await?;
    assert!(handshakes.used <= handshakes.limit, "{handshakes:?}");

    over.store(true, Ordering::Relaxed);
    let mut begun = 0;
    for source in flood {
        begun += source.join().ok().context("the flood has failed")??;
    }
    println!("{begun} handshakes were begun, at most {} of them at once", handshakes.limit);
    assert!(begun as u64 > handshakes.limit, "{begun}");
    Ok(())
}

/// Begins handshakes with good cookies, and says how many.
fn flood(server: SocketAddr, source: u8, over: &AtomicBool) -> Result<usize> {
    let mut begun = 0;
    while !over.load(Ordering::Relaxed) {
        let socket = UdpSocket::bind((Ipv4Addr::new(127, 1, 0, source), 0))?;
        socket.connect(server)?;
        socket.set_read_timeout(Some(IMPATIENCE))?;
        let (identity, key) = (b"nobody".to_vec(), Zeroizing::new(vec![0; 16]));
        let mut client = Client::new(ClientConfig::new(ClientCredential::Psk { identity, key }))?;
        client.connect(Instant::from_millis(0));
        send(&socket, &mut client)?;
        let mut buffer = [0; 2048];
        // It is lost, or there is no cookie for this address now.
        let Ok(length) = socket.recv(&mut buffer) else { continue };
        client.handle_datagram(Instant::from_millis(0), &mut buffer[..length]);
        send(&socket, &mut client)?;
        begun += 1;
    }
    Ok(begun)
}

fn send(socket: &UdpSocket, client: &mut Client) -> Result<()> {
    while let Some(output) = client.poll() {
        if let ClientOutput::Transmit(datagram) = output {
            socket.send(&datagram)?;
        }
    }
    Ok(())
}

async fn handshakes(context: &TestContext) -> Result<LimitUse> {
    let status: ServerStatus = context.rest.get("/api/v1/server").await?.json(200)?;
    let found = status.limits.into_iter().find(|limit| limit.name == "dtls_handshakes");
    found.context("the server says how many handshakes are under way")
}
