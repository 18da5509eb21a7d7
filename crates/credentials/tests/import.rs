//! Files of credentials: what is written is read, and whatever comes is answered without repeating it.

use credentials::{
    Pick, Server, Tables,
    import::{Format, Import, read},
};
use proptest::prelude::*;

fn csv(file: &[u8]) -> Import {
    read(Format::Csv, file, &Tables::default(), 1)
}

fn json(file: &[u8]) -> Import {
    read(Format::Json, file, &Tables::default(), 1)
}

fn lines(import: &Import) -> Vec<(usize, &'static str)> {
    import.refused.iter().map(|(line, wrong)| (*line, wrong.field.name())).collect()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        entries in prop::collection::btree_map(
            "[^\\x00\\p{Cc}]{1,40}", prop::collection::vec(any::<u8>(), 1..=64), 1..20,
        ),
        semicolon: bool,
        newline in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let comma = if semicolon { ";" } else { "," };
        let mut table = ["endpoint", "mode", "identity", "key"].join(comma) + newline;
        let mut array = Vec::new();
        for (number, (identity, key)) in entries.iter().enumerate() {
            let fields = [format!("e{number}"), "psk".to_owned(), quoted(identity), hex(key)];
            table += &(fields.join(comma) + newline);
            let base64 = openssl::base64::encode_block(key);
            // Base64 without anything but digits of the other would be taken for it.
            let text = if base64.bytes().all(|digit| digit.is_ascii_hexdigit()) { hex(key) } else { base64 };
            let entry = serde_json::json!({
                "endpoint": format!("e{number}"), "mode": "psk", "identity": identity, "key": text,
            });
            array.push(entry.to_string());
        }
        let array = format!("\u{feff}[{}]", array.join(",\n"));
        for import in [csv(table.as_bytes()), json(array.as_bytes())] {
            prop_assert_eq!(&import.refused, &[]);
            let read: Vec<_> = import.entries.iter().map(|(_, ready)| &ready.pick).collect();
            prop_assert_eq!(read.len(), entries.len());
            for ((identity, key), pick) in entries.iter().zip(read) {
                let key = Some(credentials::Secret::from(key.clone()));
                prop_assert_eq!(pick, &Pick::Psk { identity: Some(identity.clone()), key });
            }
        }
    }

    /// A secret in any place of any file is in no answer.
    #[test]
    fn nothing_that_comes_is_repeated(
        before in ".{0,40}", after in ".{0,40}", at_line_start: bool,
    ) {
        let secret = "Geh3imnis";
        let newline = if at_line_start { "\n" } else { "" };
        for file in [
            format!("{before}{secret}{after}"),
            format!("endpoint,mode,identity,key\n{before}{newline}{secret}{after}"),
            format!("[{{\"endpoint\":\"{before}{secret}\"{after}}}]"),
            format!("{{\"{secret}{before}\":1}}\n{after}"),
        ] {
            for import in [csv(file.as_bytes()), json(file.as_bytes())] {
                let said = format!("{:?}{:?}", import.refused, import.warnings);
                prop_assert!(!said.contains(secret), "{}", said);
            }
        }
    }

    #[test]
    fn any_bytes_are_answered(file in prop::collection::vec(any::<u8>(), 0..400)) {
        for import in [csv(&file), json(&file)] {
            prop_assert!(import.refused.iter().all(|(line, _)| *line <= file.len() + 1));
        }
    }
}

#[test]
fn the_header_says_what_the_columns_are() {
    let good = csv(b"key,Mode, endpoint ,identity,note\n00112233445566778899aabbccddeeff,PSK,a,b,n\n");
    assert_eq!((good.entries.len(), good.refused.len()), (1, 0));
    assert_eq!(good.entries[0].1.note, "n");
    for (file, expected) in [
        ("", vec![(1, "endpoint"), (1, "mode")]),
        ("endpoint,key\na,00\n", vec![(1, "mode")]),
        ("endpoint,mode,endpoint\n", vec![(1, "endpoint")]),
        ("a,psk,a,00112233445566778899aabbccddeeff\n", vec![(1, "")]),
        ("endpoint,mode,identity,key\na,psk\n", vec![(2, "")]),
    ] {
        assert_eq!(lines(&csv(file.as_bytes())), expected, "{file}");
    }
}

#[test]
fn a_broken_element_does_not_hide_the_others() {
    let good = |endpoint: &str| format!(r#"{{"endpoint":"{endpoint}","mode":"x509"}}"#);
    let file = format!("[{},\n{{\"endpoint\":}},\n{},\n7,\n{}]", good("a"), good("b"), good("a"));
    let import = json(file.as_bytes());
    assert_eq!(import.entries.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(lines(&import), [(2, ""), (4, ""), (5, "endpoint")]);
    for (file, line) in [("[", 1), ("[1", 1), ("[]x", 1), ("[\n{\"a\":\"\\", 2)] {
        assert_eq!(json(file.as_bytes()).refused[0].0, line, "{file}");
    }
    assert_eq!(json(b"[]").refused, []);
    let made = br#"{"endpoint":"a","mode":"psk","generate":true}"#;
    assert_eq!(lines(&json(made)), [(1, "generate")], "nobody would learn the key");
    let retires = br#"{"endpoint":"a","mode":"x509","retire_after_s":1}"#;
    assert_eq!(lines(&json(retires)), [(1, "retire_after_s")], "nothing would retire");
}

#[test]
fn a_file_may_say_which_server_a_credential_is_for() {
    let file = b"endpoint,server,mode,identity,key\n\
        a,bootstrap,psk,a,00112233445566778899aabbccddeeff\n\
        a,,psk,a,ff112233445566778899aabbccddeeff\n\
        b,another,psk,b,00112233445566778899aabbccddeeff\n\
        a,Bootstrap,psk,a,01112233445566778899aabbccddeeff\n";
    let import = csv(file);
    let read: Vec<_> = import.entries.iter().map(|(line, ready)| (*line, ready.server)).collect();
    assert_eq!(read, [(2, Server::Bootstrap), (3, Server::DeviceManagement)]);
    assert_eq!(lines(&import), [(4, "server"), (5, "identity")]);
    let lines = json(br#"{"endpoint":"a","server":"bootstrap","mode":"x509"}"#);
    assert_eq!(lines.entries[0].1.server, Server::Bootstrap);
}
