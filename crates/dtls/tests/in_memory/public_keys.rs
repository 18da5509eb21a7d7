use std::sync::Arc;

use dtls::{
    CertificateUsage, ClientConfig, ClientCredential, ClientOutput, ExpectedCertificate, HandshakeFailure,
    Identity, MatchingType, NotAdmitted, NotAnAuthority, Output, ServerCertificate, ServerConfig,
};
use openssl::{
    hash::{MessageDigest, hash},
    nid::Nid,
    pkey::{PKey, Private},
};

use crate::{
    credentials::{Pair, Says, key, key_on, private, says},
    world::{Table, World},
};

const SERVER: &str = "lwm2m.example";

fn raw(ours: &PKey<Private>, theirs: &PKey<Private>, expected: &PKey<Private>) -> World {
    let table = Arc::new(Table::default());
    let server = ServerConfig { raw_key: Some(private(ours)), ..ServerConfig::new(table.clone()) };
    let server_key = expected.public_key_to_der().unwrap();
    let client =
        ClientConfig::new(ClientCredential::RawPublicKey { key: private(theirs), server: server_key });
    World::with(server, client, table)
}

fn failure(world: &World) -> &HandshakeFailure {
    match &world.of_server[..] {
        [Output::Failed { failure, .. }] => failure,
        other => panic!("{other:?} {:?}", world.of_client),
    }
}

#[test]
fn s_130_a_raw_public_key_is_the_identity() {
    let (ours, theirs) = (key(), key());
    let mut world = raw(&ours, &theirs, &ours);
    let spki = theirs.public_key_to_der().unwrap();
    world.table.public.lock().unwrap().insert(spki.clone());
    world.connect();
    world.echo();
    assert_eq!(world.suite(), 0xc0ae);
    let identity = Identity::RawPublicKey(spki);
    assert_eq!(world.server.sessions().map(|(_, who)| who.clone()).collect::<Vec<_>>(), [identity]);
    world.connect();
    world.echo();
    assert!(world.resumed());
}

#[test]
fn s_130_another_raw_public_key_is_refused_before_anything_is_connected() {
    let (ours, theirs) = (key(), key());
    let mut world = raw(&ours, &theirs, &ours);
    world.connect();
    assert_eq!(*failure(&world), HandshakeFailure::NotAdmitted(NotAdmitted::Unknown));
    let [Output::Failed { identity: Some(Identity::RawPublicKey(shown)), .. }] = &world.of_server[..] else {
        panic!("{:?}", world.of_server);
    };
    assert_eq!(*shown, theirs.public_key_to_der().unwrap());
    assert!(matches!(world.of_client[..], [ClientOutput::Failed(HandshakeFailure::Alert { .. })]));
    assert_eq!(world.used(), (0, 0));
    assert_eq!(world.server.usage().resumable.used, 0);
}

#[test]
fn s_130_a_server_with_another_raw_public_key_is_refused() {
    let (ours, theirs) = (key(), key());
    let mut world = raw(&ours, &theirs, &key());
    world.table.public.lock().unwrap().insert(theirs.public_key_to_der().unwrap());
    world.connect();
    assert_eq!(world.of_client, [ClientOutput::Failed(HandshakeFailure::OtherPublicKey)]);
    assert_eq!(world.used(), (0, 0));
}

/// A world of certificates: an authority, the server's certificate and one of a device.
struct Certified {
    authority: Pair,
    server: Pair,
    device: Pair,
}

impl Certified {
    fn new(device: Says<'_>) -> Self {
        Self::with_key(device, key())
    }

    fn with_key(device: Says<'_>, device_key: PKey<Private>) -> Self {
        let authority = Pair::authority("authority");
        let of_server = Says { host: Some(SERVER), is_for_clients: false, ..says("server") };
        let server = Pair::new(of_server, key(), Some(&authority));
        let device = Pair::new(device, device_key, Some(&authority));
        Self { authority, server, device }
    }

    fn server_config(&self, table: Arc<Table>) -> ServerConfig {
        let chain = self.server.chain(&self.authority);
        ServerConfig {
            certificates: vec![ServerCertificate { chain, key: self.server.private() }],
            trust_anchors: vec![self.authority.der()],
            ..ServerConfig::new(table)
        }
    }

    fn expects_authority(&self) -> ExpectedCertificate {
        ExpectedCertificate {
            usage: CertificateUsage::TrustAnchorAssertion,
            matching: MatchingType::Exact,
            content: self.authority.der(),
            anchors: Vec::new(),
        }
    }

    fn client_config(&self, server: ExpectedCertificate) -> ClientConfig {
        let chain = self.device.chain(&self.authority);
        let key = self.device.private();
        let mut client = ClientConfig::new(ClientCredential::Certificate { chain, key, server });
        client.server_name = Some(SERVER.to_owned());
        client
    }

    fn world(&self) -> World {
        self.world_expecting(self.expects_authority())
    }

    fn world_expecting(&self, server: ExpectedCertificate) -> World {
        let table = Arc::new(Table::default());
        table.public.lock().unwrap().insert(self.device.der());
        World::with(self.server_config(table.clone()), self.client_config(server), table)
    }
}

#[test]
fn s_131_certificates_of_one_authority_on_both_ends() {
    let certified = Certified::new(says("device"));
    let mut world = certified.world();
    world.connect();
    world.echo();
    assert_eq!(world.suite(), 0xc0ae);
    let (_, identity) = world.server.sessions().next().unwrap();
    let Identity::Certificate(certificate) = identity else { panic!("{identity:?}") };
    assert_eq!(certificate.common_name.as_deref(), Some("device"));
    world.connect();
    world.echo();
    assert!(world.resumed());
}

#[test]
fn s_131_cbc_with_certificates_stays_with_openssl() {
    let certified = Certified::new(says("device"));
    let table = Arc::new(Table::default());
    table.public.lock().unwrap().insert(certified.device.der());
    let server = ServerConfig { cbc: true, ..certified.server_config(table.clone()) };
    let mut client = certified.client_config(certified.expects_authority());
    client.suites = vec![0xc023];
    let mut world = World::with(server, client, table);
    world.connect();
    world.echo();
    assert_eq!((world.suite(), world.server.usage().whole_sessions.used), (0xc023, 1));
}

#[test]
fn s_131_certificates_that_are_not_good_are_refused_with_the_reason() {
    let cases = [
        (Says { valid: (1_700_000_000, 1_790_000_000), ..says("device") }, HandshakeFailure::Expired),
        (Says { valid: (1_850_000_000, 1_900_000_000), ..says("device") }, HandshakeFailure::NotYetValid),
        (Says { is_for_clients: false, ..says("device") }, HandshakeFailure::Purpose),
    ];
    for (says, expected) in cases {
        let mut world = Certified::new(says).world();
        world.connect();
        assert_eq!(*failure(&world), expected);
        assert_eq!(world.used(), (0, 0));
    }
    let mut world = Certified::new(Says { digest: MessageDigest::sha1, ..says("device") }).world();
    world.connect();
    assert!(matches!(failure(&world), HandshakeFailure::Weak { .. }), "{:?}", world.of_server);
}

#[test]
fn s_131_a_stranger_s_authority_and_an_unknown_name_are_refused() {
    let certified = Certified::new(says("device"));
    let mut world = certified.world();
    world.table.public.lock().unwrap().clear();
    world.connect();
    assert_eq!(*failure(&world), HandshakeFailure::NotAdmitted(NotAdmitted::Unknown));

    let other = Certified::new(says("device"));
    let table = Arc::new(Table::default());
    table.public.lock().unwrap().insert(other.device.der());
    let client = other.client_config(certified.expects_authority());
    let mut world = World::with(certified.server_config(table.clone()), client, table);
    world.connect();
    assert_eq!(*failure(&world), HandshakeFailure::UnknownAuthority);
}

#[test]
fn s_131_a_certificate_that_is_believed_for_itself_signs_no_others() {
    let certified = Certified::new(says("device"));
    // Many a self-signed certificate says that it is an authority.
    let own = Pair::authority("self-made");
    let forged = Pair::new(says("another device"), key(), Some(&own));
    for (pair, is_good) in [(&own, true), (&forged, false)] {
        let table = Arc::new(Table::default());
        table.public.lock().unwrap().extend([own.der(), forged.der()]);
        let server = ServerConfig { pinned: vec![own.der()], ..certified.server_config(table.clone()) };
        let mut client = certified.client_config(certified.expects_authority());
        let ClientCredential::Certificate { chain, key, .. } = &mut client.credential else { panic!() };
        (*chain, *key) = (pair.chain(&own), pair.private());
        if is_good {
            chain.truncate(1);
        }
        let mut world = World::with(server, client, table);
        world.connect();
        if is_good {
            world.echo();
        } else {
            assert_eq!(*failure(&world), HandshakeFailure::UnknownAuthority);
        }
    }
}

#[test]
fn s_131_a_revoked_certificate_is_told_so() {
    let certified = Certified::new(says("device"));
    let mut world = certified.world();
    world.connect();
    world.echo();
    let (_, identity) = world.server.sessions().next().unwrap();
    world.table.revoked.lock().unwrap().push(identity.clone());
    world.of_server.clear();
    world.of_client.clear();
    // Neither in full nor by resuming.
    world.connect();
    assert_eq!(*failure(&world), HandshakeFailure::NotAdmitted(NotAdmitted::Revoked));
    assert_eq!(world.of_client, [ClientOutput::Failed(HandshakeFailure::Alert { alert: 44 })]);
}

#[test]
fn s_131_a_key_on_another_curve_is_refused() {
    let certified = Certified::with_key(says("device"), key_on(Nid::SECP384R1));
    let table = Arc::new(Table::default());
    let client = certified.client_config(certified.expects_authority());
    assert!(dtls::Client::new(client).is_err(), "not even offered");
    let server =
        ServerConfig { raw_key: Some(private(&key_on(Nid::SECP384R1))), ..certified.server_config(table) };
    assert!(dtls::Server::new(server, [1; 32]).is_err());
}

#[test]
fn c_051_a_client_believes_what_its_certificate_usage_says() {
    use CertificateUsage::{
        CaConstraint, DomainIssuedCertificate, ServiceCertificateConstraint, TrustAnchorAssertion,
    };
    let certified = Certified::new(says("device"));
    let (authority, server) = (certified.authority.der(), certified.server.der());
    let digest = |der: &[u8]| hash(MessageDigest::sha256(), der).unwrap().to_vec();
    let other = Pair::authority("another").der();
    let cases = [
        (CaConstraint, MatchingType::Exact, authority.clone(), true, true),
        (CaConstraint, MatchingType::Sha256, digest(&authority), true, true),
        (CaConstraint, MatchingType::Exact, authority.clone(), false, false),
        (CaConstraint, MatchingType::Exact, other.clone(), true, false),
        (ServiceCertificateConstraint, MatchingType::Exact, server.clone(), true, true),
        (ServiceCertificateConstraint, MatchingType::Exact, authority.clone(), true, false),
        (TrustAnchorAssertion, MatchingType::Exact, authority.clone(), false, true),
        (TrustAnchorAssertion, MatchingType::Exact, other, true, false),
        (TrustAnchorAssertion, MatchingType::Sha256, digest(&server), true, true),
        (TrustAnchorAssertion, MatchingType::Sha256, vec![0; 32], true, false),
        (DomainIssuedCertificate, MatchingType::Exact, server.clone(), false, true),
        (DomainIssuedCertificate, MatchingType::Sha256, digest(&server), false, true),
        (DomainIssuedCertificate, MatchingType::Exact, authority.clone(), false, false),
    ];
    for (usage, matching, content, has_anchor, is_good) in cases {
        let case = format!("{usage:?} {matching:?} {has_anchor}");
        let anchors = has_anchor.then(|| authority.clone()).into_iter().collect();
        let mut world = certified.world_expecting(ExpectedCertificate { usage, matching, content, anchors });
        world.connect();
        let connected = world.client.is_connected();
        assert_eq!(connected, is_good, "{case}: {:?}", world.of_client);
    }
}

#[test]
fn c_051_a_client_wants_the_name_that_it_connects_to() {
    let certified = Certified::new(says("device"));
    let table = Arc::new(Table::default());
    table.public.lock().unwrap().insert(certified.device.der());
    let mut client = certified.client_config(certified.expects_authority());
    client.server_name = Some("other.example".to_owned());
    let mut world = World::with(certified.server_config(table.clone()), client, table);
    world.connect();
    let expected = HandshakeFailure::Name { expected: "other.example".to_owned() };
    assert_eq!(world.of_client, [ClientOutput::Failed(expected)]);
}

#[test]
fn s_132_the_certificate_is_chosen_by_the_name_that_the_client_asks_for() {
    let certified = Certified::new(says("device"));
    let second = Says { host: Some("second.example"), is_for_clients: false, ..says("second") };
    let second = Pair::new(second, key(), Some(&certified.authority));
    for (name, shown) in
        [("second.example", &second), (SERVER, &certified.server), ("unknown.example", &certified.server)]
    {
        let table = Arc::new(Table::default());
        table.public.lock().unwrap().insert(certified.device.der());
        let mut server = certified.server_config(table.clone());
        let chain = second.chain(&certified.authority);
        server.certificates.push(ServerCertificate { chain, key: second.private() });
        let mut client = certified.client_config(ExpectedCertificate {
            usage: CertificateUsage::DomainIssuedCertificate,
            matching: MatchingType::Exact,
            content: shown.der(),
            anchors: Vec::new(),
        });
        client.server_name = Some(name.to_owned());
        let mut world = World::with(server, client, table);
        world.connect();
        world.echo();
    }
}

#[test]
fn s_131_with_an_authority_go_the_handshakes_that_have_begun_with_it() {
    let certified = Certified::new(says("device"));
    let mut world = certified.world();
    // As far as the server's first flight.
    world.client.connect(world.now);
    for _ in 0..2 {
        let Some(ClientOutput::Transmit(mut hello)) = world.client.poll() else { panic!() };
        world.server.handle_datagram(world.now, world.client_at, &mut hello);
        while let Some(Output::Transmit { mut datagram, .. }) = world.server.poll() {
            world.client.handle_datagram(world.now, &mut datagram);
        }
    }
    assert_eq!(world.used(), (1, 0));
    let without = ServerConfig::new(world.table.clone());
    world.server.configure(without).unwrap();
    assert_eq!(world.used(), (0, 0));
    world.settle();
    assert_eq!(*failure(&world), HandshakeFailure::Reconfigured);
    assert!(matches!(world.of_client[..], [ClientOutput::Failed(HandshakeFailure::Alert { .. })]));
}

#[test]
fn s_131_an_authority_says_that_it_signs_others_and_is_strong() {
    let now = dtls::Instant::from_millis(1_800_000_000_000);
    let check = |pair: &Pair| dtls::check_authority(&pair.der(), now);
    let authority = says("authority");
    let authority = Says { is_authority: true, ..authority };
    assert_eq!(check(&Pair::new(authority, key(), None)), Ok(()));
    assert_eq!(check(&Pair::new(says("device"), key(), None)), Err(NotAnAuthority::SignsNoOthers));
    let expired = Says { valid: (1_600_000_000, 1_700_000_000), ..authority };
    assert_eq!(check(&Pair::new(expired, key(), None)), Err(NotAnAuthority::Expired));
    let weak = Says { digest: MessageDigest::sha1, ..authority };
    let got = check(&Pair::new(weak, key(), None)).unwrap_err().to_string();
    assert!(got.starts_with("one with a signature with"), "{got}");
    assert_eq!(dtls::check_authority(b"0", now), Err(NotAnAuthority::Malformed));
}
