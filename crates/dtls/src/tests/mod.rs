#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{net::SocketAddr, sync::Arc};

use zeroize::Zeroizing;

use crate::*;

struct Known;

impl Credentials for Known {
    fn psk(&self, identity: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        (identity == b"me").then(|| Zeroizing::new(b"0123456789abcdef".to_vec()))
    }

    fn admits(&self, _: &Identity) -> Result<(), NotAdmitted> {
        Ok(())
    }
}

fn exchange(server: &mut Server, client: &mut Client) -> (Vec<Output>, Vec<ClientOutput>) {
    let now = Instant::from_millis(1_800_000_000_000);
    let from: SocketAddr = "127.0.0.1:7".parse().unwrap();
    let (mut told, mut heard) = (Vec::new(), Vec::new());
    loop {
        let mut quiet = true;
        while let Some(output) = client.poll() {
            quiet = false;
            match output {
                ClientOutput::Transmit(mut datagram) => server.handle_datagram(now, from, &mut datagram),
                other => heard.push(other),
            }
        }
        while let Some(output) = server.poll() {
            quiet = false;
            match output {
                Output::Transmit { mut datagram, .. } => client.handle_datagram(now, &mut datagram),
                other => told.push(other),
            }
        }
        if quiet {
            return (told, heard);
        }
    }
}

#[test]
fn s_128_psk() {
    let now = Instant::from_millis(1_800_000_000_000);
    let mut server = Server::new(ServerConfig::new(Arc::new(Known)), [1; 32]).unwrap();
    let key = Zeroizing::new(b"0123456789abcdef".to_vec());
    let credential = ClientCredential::Psk { identity: b"me".to_vec(), key };
    let mut client = Client::new(ClientConfig::new(credential)).unwrap();
    for resumed in [false, true] {
        client.connect(now);
        let (told, heard) = exchange(&mut server, &mut client);
        println!("{told:?} {heard:?}");
        assert!(
            matches!(told[0], Output::Connected { suite: 0xc0a8, connection_id: Some(_), resumed: r, .. } if r == resumed)
        );
        client.send(b"hello").unwrap();
        let (told, _) = exchange(&mut server, &mut client);
        assert!(matches!(&told[0], Output::Data { payload, .. } if payload == b"hello"), "{told:?}");
        client.close();
        exchange(&mut server, &mut client);
    }
}
