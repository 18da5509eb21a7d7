use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use dtls::{
    Client, ClientConfig, ClientCredential, ClientOutput, Credentials, Identity, Instant, NotAdmitted,
    Output, Server, ServerConfig, SessionId,
};
use zeroize::Zeroizing;

pub(crate) const KEY: &[u8] = b"0123456789abcdef";

/// Who may connect; all the rest is unknown.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) keys: Mutex<BTreeMap<Vec<u8>, Vec<u8>>>,
    /// Raw public keys and certificates.
    pub(crate) public: Mutex<BTreeSet<Vec<u8>>>,
    pub(crate) revoked: Mutex<Vec<Identity>>,
}

impl Credentials for Table {
    fn psk(&self, identity: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.keys.lock().unwrap().get(identity).cloned().map(Zeroizing::new)
    }

    fn admits(&self, identity: &Identity) -> Result<(), NotAdmitted> {
        if self.revoked.lock().unwrap().contains(identity) {
            return Err(NotAdmitted::Revoked);
        }
        let known = match identity {
            Identity::Psk(identity) => self.keys.lock().unwrap().contains_key(identity),
            Identity::RawPublicKey(key) => self.public.lock().unwrap().contains(key),
            Identity::Certificate(certificate) => self.public.lock().unwrap().contains(&certificate.der),
        };
        if known { Ok(()) } else { Err(NotAdmitted::Unknown) }
    }
}

/// What becomes of the datagrams in between.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) enum Network {
    #[default]
    Good,
    /// One datagram in eight is lost, another comes twice, another changes places with the next, by a sequence that
    /// this number begins.
    Bad(u64),
}

/// Both ends and the time.
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) client_at: SocketAddr,
    pub(crate) table: Arc<Table>,
    pub(crate) of_server: Vec<Output>,
    pub(crate) of_client: Vec<ClientOutput>,
    pub(crate) network: Network,
    /// The longest datagram so far.
    pub(crate) longest: usize,
    late: Vec<(bool, Vec<u8>)>,
}

pub(crate) fn psk(identity: &[u8], key: &[u8]) -> ClientConfig {
    let key = Zeroizing::new(key.to_vec());
    ClientConfig::new(ClientCredential::Psk { identity: identity.to_vec(), key })
}

pub(crate) fn table() -> Arc<Table> {
    let table = Arc::new(Table::default());
    table.keys.lock().unwrap().insert(b"device".to_vec(), KEY.to_vec());
    table
}

impl World {
    /// With the key of `device`, on both ends.
    pub(crate) fn new() -> Self {
        let table = table();
        Self::with(ServerConfig::new(table.clone()), psk(b"device", KEY), table)
    }

    pub(crate) fn with(server: ServerConfig, client: ClientConfig, table: Arc<Table>) -> Self {
        Self {
            now: Instant::from_millis(1_800_000_000_000),
            server: Server::new(server, [1; 32]).unwrap(),
            client: Client::new(client).unwrap(),
            client_at: "192.0.2.1:40000".parse().unwrap(),
            table,
            of_server: Vec::new(),
            of_client: Vec::new(),
            network: Network::Good,
            longest: 0,
            late: Vec::new(),
        }
    }

    pub(crate) fn connect(&mut self) {
        self.client.connect(self.now);
        self.settle();
    }

    fn chance(&mut self) -> u64 {
        let Network::Bad(state) = &mut self.network else { return u64::MAX };
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state % 8
    }

    fn carry(&mut self, to_server: bool, datagram: Vec<u8>) {
        self.longest = self.longest.max(datagram.len());
        match self.chance() {
            0 => {}
            1 => {
                self.deliver(to_server, datagram.clone());
                self.deliver(to_server, datagram);
            }
            2 => self.late.push((to_server, datagram)),
            _ => {
                self.deliver(to_server, datagram);
                for (to_server, late) in std::mem::take(&mut self.late) {
                    self.deliver(to_server, late);
                }
            }
        }
    }

    fn deliver(&mut self, to_server: bool, mut datagram: Vec<u8>) {
        if to_server {
            self.server.handle_datagram(self.now, self.client_at, &mut datagram);
        } else {
            self.client.handle_datagram(self.now, &mut datagram);
        }
    }

    /// Until neither end has anything to say.
    pub(crate) fn settle(&mut self) {
        loop {
            if let Some(output) = self.client.poll() {
                match output {
                    ClientOutput::Transmit(datagram) => self.carry(true, datagram),
                    other => self.of_client.push(other),
                }
            } else if let Some(output) = self.server.poll() {
                match output {
                    Output::Transmit { to, datagram } if to == self.client_at => self.carry(false, datagram),
                    Output::Transmit { .. } => {}
                    other => self.of_server.push(other),
                }
            } else {
                return;
            }
        }
    }

    pub(crate) fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds * 4 {
            self.now = self.now + Duration::from_millis(250);
            self.client.handle_timeout(self.now);
            self.server.handle_timeout(self.now);
            self.settle();
        }
    }

    /// The session that was opened last.
    pub(crate) fn session(&self) -> SessionId {
        let mut ids = self.of_server.iter().rev().filter_map(|output| match output {
            Output::Connected { session, .. } => Some(*session),
            _ => None,
        });
        ids.next().unwrap_or_else(|| panic!("not connected: {:?} {:?}", self.of_server, self.of_client))
    }

    pub(crate) fn suite(&self) -> u16 {
        let mut suites = self.of_server.iter().rev().filter_map(|output| match output {
            Output::Connected { suite, .. } => Some(*suite),
            _ => None,
        });
        suites.next().unwrap_or_else(|| panic!("not connected: {:?} {:?}", self.of_server, self.of_client))
    }

    pub(crate) fn resumed(&self) -> bool {
        let mut all = self.of_server.iter().rev().filter_map(|output| match output {
            Output::Connected { resumed, .. } => Some(*resumed),
            _ => None,
        });
        all.next().unwrap_or_else(|| panic!("not connected: {:?}", self.of_server))
    }

    /// Data go both ways.
    pub(crate) fn echo(&mut self) {
        let session = self.session();
        let sent = self.client.send(b"up");
        assert_eq!(sent, Ok(()), "{:?} {:?}", self.of_server, self.of_client);
        self.settle();
        let data = Output::Data { session, payload: b"up".to_vec(), unproven: None };
        assert!(self.of_server.contains(&data), "{:?}", self.of_server);
        self.server.send(session, b"down").unwrap();
        self.settle();
        let data = ClientOutput::Data(b"down".to_vec());
        assert!(self.of_client.contains(&data), "{:?}", self.of_client);
        self.of_client.retain(|output| *output != data);
        self.of_server.retain(|output| !matches!(output, Output::Data { .. }));
    }

    pub(crate) fn used(&self) -> (usize, usize) {
        let usage = self.server.usage();
        (usage.handshakes.used, usage.sessions.used)
    }
}
