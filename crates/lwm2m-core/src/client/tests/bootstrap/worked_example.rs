//! The conversation that the standard's first edition is explained with, byte by byte, from the side of the client.

use super::*;

/// What the Bootstrap-Server sends, and what the client answers.
const CONVERSATION: [(&str, &str); 5] = [
    ("4104700111", "6142700111"),
    (
        "4103700212b1300130122d16ffc80019636f61703a2f2f5b323030313a6462383a3a315d3a35363833c10100c10203c003c004c005c10a65",
        "6144700212",
    ),
    ("4103700313b1310130122d16ffc10065c40100015180c10601c10755", "6144700313"),
    ("4103700414b1320130122d16ffc10001c10100830241650fc10365", "6144700414"),
    ("4102700515b26273", "6144700515"),
];

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn c_003_the_worked_example_is_answered_as_it_is_printed() {
    let mut bench = Bench::booted(config(V1_0), factory_tree());
    let request = bench.sent();
    let expected = bytes("4102100101b262734d0b65703d75726e3a696d65693a303830303230306339613636");
    let mut printed = Message::decode(&expected).unwrap();
    // Message ID and token are the client's to choose.
    (printed.message_id, printed.token) = (request.message_id, request.token);
    assert_eq!(request, printed);
    bench.answer(&request, Code::CHANGED, Options::new(), b"");
    for (command, answer) in CONVERSATION {
        bench.client.handle_datagram(bench.now, bootstrap_server(), &bytes(command));
        assert_eq!(bench.sent().encode().unwrap(), bytes(answer), "{command}");
    }
    assert_eq!(bench.value("/1/0/1"), Some(Value::Integer(86_400)));
    assert_eq!(bench.value("/2/0/2/101"), Some(Value::Integer(15)));
    assert_eq!(bench.asked_for, [(0, "coap://[2001:db8::1]:5683".to_owned())]);
    assert!(bench.has("/0/1"), "the account with the Bootstrap-Server is spared");
}
