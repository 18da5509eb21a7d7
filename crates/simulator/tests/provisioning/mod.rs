//! Devices that find out by themselves who their servers are: from a Bootstrap-Server, factory data or a smartcard.

use std::{fs, path::PathBuf};

use super::*;

/// A folder of its own for each test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// Factory data with an account with the server at this address.
fn factory(server: &Server, short_server_id: u16, lifetime_s: u32) -> String {
    let address = server.address();
    format!(
        r#"{{"/0/0": {{"0": "coap://{address}", "1": false, "2": 3, "3": "", "4": "", "5": "", "10": {short_server_id}}},
            "/1/0": {{"0": {short_server_id}, "1": {lifetime_s}, "6": true, "7": "U"}}}}"#
    )
}

/// A command of the Bootstrap-Server; returns the code of the answer.
fn command(server: &Server, device: SocketAddr, id: u16, code: Code, path: &str, payload: &[u8]) -> Code {
    const TLV: u16 = 11_542;
    let mut options = Options::new().with_path(path);
    if !payload.is_empty() {
        options = options.with_content_format(TLV);
    }
    let message = Message {
        message_type: MessageType::Confirmable,
        code,
        message_id: MessageId(id),
        token: Token::new(&id.to_be_bytes()).expect("two bytes"),
        options,
        payload: payload.to_vec(),
    };
    server.send(device, &message);
    loop {
        let (answer, peer) = server.receive();
        if peer == device && answer.message_id == message.message_id {
            return answer.code;
        }
    }
}

/// `/0/0` in TLV: URI, no Bootstrap-Server, NoSec, empty keys, Short Server ID 101.
fn security(server: &Server) -> Vec<u8> {
    let uri = format!("coap://{}", server.address());
    let length = u8::try_from(uri.len()).expect("a short URI");
    [&[0xc8, 0, length][..], uri.as_bytes(), b"\xc1\x01\x00\xc1\x02\x03\xc0\x03\xc0\x04\xc0\x05\xc1\x0a\x65"]
        .concat()
}

/// `/1/0` in TLV: Short Server ID 101, lifetime 86400, storing, binding U.
const SERVER_OBJECT: &[u8] = b"\xc1\x00\x65\xc4\x01\x00\x01\x51\x80\xc1\x06\x01\xc1\x07U";

#[test]
fn c_001_a_device_asks_its_bootstrap_server_and_registers_with_what_it_is_given() {
    let (bootstrap, server) = (Server::bind(0), Server::bind(0));
    let uri = format!("coap://{}", bootstrap.address());
    let _simulator = Simulator::with(&["--bootstrap", &uri, "--name", "urn:test:alone", "--lwm2m", "1.0"]);
    let (request, device) = bootstrap.receive();
    assert_eq!(request.options.uri_path(), Ok(vec!["bs"]));
    assert_eq!(request.options.uri_query(), Ok(vec!["ep=urn:test:alone"]));
    bootstrap.answer(&request, device, Code::CHANGED, Options::new());
    assert_eq!(command(&bootstrap, device, 1, Code::PUT, "/0/0", &security(&server)), Code::CHANGED);
    assert_eq!(command(&bootstrap, device, 2, Code::POST, "/bs", &[]), Code::NOT_ACCEPTABLE);
    assert_eq!(command(&bootstrap, device, 3, Code::PUT, "/1/0", SERVER_OBJECT), Code::CHANGED);
    assert_eq!(command(&bootstrap, device, 4, Code::POST, "/bs", &[]), Code::CHANGED);
    assert_eq!(server.accept(1).keys().collect::<Vec<_>>(), ["urn:test:alone"]);
}

#[test]
fn c_001_factory_data_needs_no_message() {
    let server = Server::bind(0);
    let file = folder("factory").join("factory.json");
    fs::write(&file, factory(&server, 7, 300)).expect("written");
    let file = file.to_string_lossy();
    let _simulator = Simulator::with(&["--factory", &file, "--clients", "3", "--prefix", "f"]);
    assert_eq!(server.accept(3).len(), 3);
}

#[test]
fn c_001_factory_data_that_nobody_could_use_is_explained() {
    let file = folder("factory-wrong").join("factory.json");
    fs::write(&file, r#"{"/0/0": {"1": "perhaps"}}"#).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_lwm2m-simulator"))
        .args(["--factory", &file.to_string_lossy()])
        .output()
        .expect("the simulator runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("/0/0/1: expected a boolean"), "{said}");
}

#[test]
fn c_001_a_card_is_inserted_changed_and_removed_while_the_device_runs() {
    let (of_factory, of_card, of_other_card) = (Server::bind(0), Server::bind(0), Server::bind(0));
    let folder = folder("card");
    let [own, first, second, slot] =
        ["own.json", "first.json", "second.json", "slot"].map(|name| folder.join(name));
    fs::write(&own, factory(&of_factory, 1, 2)).expect("written");
    fs::write(&first, factory(&of_card, 2, 2)).expect("written");
    fs::write(&second, factory(&of_other_card, 3, 2)).expect("written");
    let insert = |data: &PathBuf| {
        // Put in its place at once, so that nobody reads half a card.
        let made = folder.join("made");
        let arguments = ["--factory", &data.to_string_lossy(), "--write-smartcard", &made.to_string_lossy()];
        let written = Command::new(env!("CARGO_BIN_EXE_lwm2m-simulator")).args(arguments).status();
        assert!(written.expect("the simulator runs").success());
        fs::rename(&made, &slot).expect("renamed");
    };
    insert(&first);
    let (own, slot_file) = (own.to_string_lossy(), slot.to_string_lossy());
    let _simulator = Simulator::with(&["--factory", &own, "--smartcard", &slot_file, "--name", "carded"]);
    of_card.accept(1);
    insert(&second);
    serve_until_gone(&of_card, &of_other_card);
    fs::remove_file(&slot).expect("removed");
    serve_until_gone(&of_other_card, &of_factory);
}

/// Accepts Updates at one server until the device registers with the other.
fn serve_until_gone(from: &Server, to: &Server) {
    from.socket.set_nonblocking(true).expect("a socket may not block");
    to.socket.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout can be set");
    let begun = Instant::now();
    let mut buffer = [0; 2048];
    loop {
        while let Ok((length, peer)) = from.socket.recv_from(&mut buffer) {
            let update = Message::decode(&buffer[..length]).expect("a well-formed message");
            from.answer(&update, peer, Code::CHANGED, Options::new());
        }
        if let Ok((length, peer)) = to.socket.recv_from(&mut buffer) {
            let register = Message::decode(&buffer[..length]).expect("a well-formed message");
            assert_eq!(register.options.uri_path(), Ok(vec!["rd"]));
            return to.answer(&register, peer, Code::CREATED, Options::new().with_location(&["rd", "1"]));
        }
        assert!(begun.elapsed() < PATIENCE, "the device did not look at its card");
    }
}
