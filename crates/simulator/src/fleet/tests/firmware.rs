use std::time::Duration;

use coap::{Block, Code, Message, MessageType, Options};

use super::Bench;
use crate::network::Line;

const OPAQUE: u16 = 42;
const TEXT: u16 = 0;

fn package() -> Vec<u8> {
    let mut package = b"firmware meter 9.8.7\n".to_vec();
    package.extend((0..1_000_u32).map(|byte| u8::try_from(byte % 251).unwrap()));
    package
}

fn bench() -> Bench {
    Bench::registered(r#"{"groups":[{"name":"a","profile":"meter"}]}"#)
}

/// Installs what is downloaded, and finds the device with its new version.
fn install(bench: &mut Bench) {
    assert_eq!(bench.execute(0, "/5/0/2"), Code::CHANGED);
    assert_eq!(bench.read(0, "/5/0/3"), "3");
    bench.registers.clear();
    bench.run(Duration::from_secs(3));
    assert!(bench.registers.contains_key(&0), "the new firmware registers anew");
    assert_eq!((bench.read(0, "/5/0/3"), bench.read(0, "/5/0/5")), ("0".into(), "1".into()));
    assert_eq!(bench.read(0, "/3/0/3"), "9.8.7");
}

#[test]
fn c_048_firmware_is_pushed_in_blocks_and_installed() {
    let mut bench = bench();
    assert_eq!(bench.execute(0, "/5/0/2"), Code::METHOD_NOT_ALLOWED, "there is nothing to install");
    assert_eq!(bench.write(0, "/5/0/0", OPAQUE, &package()), Code::CHANGED);
    assert_eq!(bench.read(0, "/5/0/3"), "1");
    bench.run(Duration::from_secs(1));
    assert_eq!((bench.read(0, "/5/0/3"), bench.read(0, "/5/0/7")), ("2".into(), "9.8.7".into()));
    assert_eq!(bench.write(0, "/5/0/0", OPAQUE, &package()), Code::METHOD_NOT_ALLOWED);
    install(&mut bench);
}

#[test]
fn c_048_a_package_of_80_kib_is_pushed() {
    let mut bench = bench();
    assert_eq!(bench.write(0, "/5/0/0", OPAQUE, &[7; 80 * 1024]), Code::CHANGED);
    bench.run(Duration::from_secs(1));
    assert_eq!((bench.read(0, "/5/0/3"), bench.read(0, "/5/0/7")), ("2".into(), "4.1.8".into()));
}

#[test]
fn c_048_state_and_result_are_notified() {
    let mut bench = bench();
    bench.observe(0, "/5/0/3");
    bench.notifications.clear();
    bench.write(0, "/5/0/0", OPAQUE, &package());
    bench.run(Duration::from_secs(2));
    let states: Vec<&[u8]> = bench.notifications.iter().map(|message| &message.payload[..]).collect();
    assert_eq!(states, [b"1", b"2"]);
}

#[test]
fn c_048_firmware_is_pulled_with_get_in_blocks_and_installed() {
    let mut bench = bench();
    let package = package();
    assert_eq!(bench.write(0, "/5/0/1", TEXT, b"coap://127.0.0.1:7683/image"), Code::CHANGED);
    assert_eq!(bench.read(0, "/5/0/3"), "1");
    while let Some((device, to, request)) = bench.downloads.pop_front() {
        assert_eq!(
            (to.port(), request.code, request.options.uri_path()),
            (7683, Code::GET, Ok(vec!["image"]))
        );
        let num = request.options.block2().map_or(0, |block| block.num);
        let (start, end) = (256 * num as usize, (256 * (num as usize + 1)).min(package.len()));
        let block = Block { num, more: end < package.len(), szx: 4 };
        let answer = Message {
            message_type: MessageType::Acknowledgement,
            code: Code::CONTENT,
            options: Options::new().with_block2(block),
            payload: package[start..end].to_vec(),
            ..request
        };
        bench.deliver(device, Line::Download, &answer);
        bench.run(Duration::from_millis(10));
    }
    assert_eq!(bench.downloads_closed, 1);
    bench.run(Duration::from_secs(1));
    assert_eq!(bench.read(0, "/5/0/3"), "2");
    install(&mut bench);
}

#[test]
fn c_048_a_uri_of_another_scheme_is_an_unsupported_protocol() {
    let mut bench = bench();
    assert_eq!(bench.write(0, "/5/0/1", TEXT, b"https://127.0.0.1/image"), Code::CHANGED);
    assert_eq!((bench.read(0, "/5/0/3"), bench.read(0, "/5/0/5")), ("0".into(), "9".into()));
    assert_eq!(bench.write(0, "/5/0/1", TEXT, b"image"), Code::CHANGED);
    assert_eq!((bench.read(0, "/5/0/3"), bench.read(0, "/5/0/5")), ("0".into(), "7".into()));
}

#[test]
fn c_048_a_download_that_nobody_answers_loses_its_connection() {
    let mut bench = bench();
    bench.write(0, "/5/0/1", TEXT, b"coap://127.0.0.1:7683/image");
    bench.run(Duration::from_secs(120));
    assert_eq!((bench.read(0, "/5/0/3"), bench.read(0, "/5/0/5")), ("0".into(), "4".into()));
}

#[test]
fn c_048_a_fault_is_selected_for_a_group_and_by_an_event() {
    let mut bench = Bench::registered(
        r#"{"groups":[{"name":"a","firmware_fault":"integrity-check-failed"}],
            "events":[{"at_s":10,"do":{"firmware-fault":"not-enough-storage"}},
                      {"at_s":20,"do":{"firmware-fault":null}}]}"#,
    );
    for expected in [("0", "5"), ("0", "2"), ("2", "0")] {
        bench.write(0, "/5/0/0", OPAQUE, &package());
        bench.run(Duration::from_secs(1));
        assert_eq!(
            (bench.read(0, "/5/0/3"), bench.read(0, "/5/0/5")),
            (expected.0.into(), expected.1.into())
        );
        bench.run(Duration::from_secs(9));
    }
}
