use coap::Options;

use super::super::filter::Way;
use super::*;

pub(in super::super) fn message(
    message_type: MessageType,
    code: Code,
    id: u16,
    token: u8,
    options: Options,
    payload: &[u8],
) -> Vec<u8> {
    let message_id = MessageId(id);
    let token = if code == Code::EMPTY { Token::EMPTY } else { Token::new(&[token]).unwrap() };
    Message { message_type, code, message_id, token, options, payload: payload.to_vec() }.encode().unwrap()
}

pub(in super::super) fn record(seq: u64, direction: Direction, datagram: Vec<u8>) -> TraceRecord {
    let (endpoint, peer) = (Some("meter".into()), "127.0.0.1:1000".into());
    TraceRecord { seq, at_ms: seq * 10, endpoint, peer, direction, datagram }
}

fn log(datagrams: Vec<(Direction, Vec<u8>)>) -> Log {
    let mut log = Log::default();
    let numbered = (1..).zip(datagrams);
    let records = numbered.map(|(seq, (direction, datagram))| record(seq, direction, datagram)).collect();
    log.add(Trace { records, missed: 0 });
    log
}

/// An Observe, its answer, a confirmable notification, and the acknowledgement of that.
fn observation() -> Log {
    use Direction::{Received, Sent};
    use MessageType::{Acknowledgement, Confirmable};
    let path = Options::new().with_path("/3303/0/5700");
    let value = |sequence| Options::new().with_observe(sequence).with_content_format(0);
    log(vec![
        (Sent, message(Confirmable, Code::GET, 1, 7, path.with_observe(0), b"")),
        (Received, message(Acknowledgement, Code::CONTENT, 1, 7, value(3), b"21.4")),
        (Received, message(Confirmable, Code::CONTENT, 9, 7, value(4), b"21.5")),
        (Sent, message(Acknowledgement, Code::EMPTY, 9, 0, Options::new(), b"")),
    ])
}

#[test]
fn messages_find_what_they_belong_to() {
    let shown = observation().all();
    let what: Vec<_> = (0..4).map(|index| shown.get(index).unwrap().what()).collect();
    assert_eq!(
        what,
        [
            "Observe /3303/0/5700",
            "Observe /3303/0/5700",
            "Notify #4 · Observe /3303/0/5700",
            "2.05 · Notify #4 · Observe /3303/0/5700",
        ]
    );
    let kinds: Vec<_> = (0..4)
        .map(|index| shown.get(index).unwrap().relation.as_ref().map(|relation| relation.kind))
        .collect();
    let expected = [RelationKind::Answers, RelationKind::Notifies, RelationKind::Acknowledges];
    assert_eq!(kinds[0], None);
    assert_eq!(kinds[1..], expected.map(Some));
    let answer = shown.by_seq(2).unwrap();
    assert_eq!(answer.relation.as_ref().map(|relation| relation.after_ms), Some(10));
    assert_eq!(answer.path(), Some("/3303/0/5700".parse().unwrap()));
}

#[test]
fn another_peer_with_the_same_token_is_another_one() {
    let datagram = message(MessageType::Acknowledgement, Code::CONTENT, 1, 7, Options::new(), b"1");
    let stranger = TraceRecord { peer: "127.0.0.1:2000".into(), ..record(5, Direction::Received, datagram) };
    let mut log = observation();
    log.add(Trace { records: vec![stranger], missed: 2 });
    assert_eq!(log.all().by_seq(5).unwrap().relation, None);
    assert_eq!(log.missed, 2);
}

#[test]
fn what_came_before_comes_once_and_a_new_server_starts_anew() {
    let mut log = observation();
    let again = log.all().get(1).unwrap().record.clone();
    let last = log.all().get(3).unwrap().record.clone();
    log.add(Trace { records: vec![again.clone(), last], missed: 0 });
    assert_eq!(log.all().len(), 4);
    log.add(Trace { records: vec![TraceRecord { seq: 1, ..again }], missed: 0 });
    assert_eq!(log.all().len(), 1);
    log.clear();
    assert_eq!(log.all().len(), 0);
}

#[test]
fn a_retransmission_is_told_as_one() {
    let request = message(MessageType::Confirmable, Code::GET, 1, 7, Options::new().with_path("/3"), b"");
    let log = log(vec![(Direction::Sent, request.clone()), (Direction::Sent, request)]);
    let repeated: Vec<_> = (0..2).map(|index| log.all().get(index).unwrap().repeated).collect();
    assert_eq!(repeated, [false, true]);
}

#[test]
fn the_oldest_goes_at_the_limit() {
    let mut log = Log::default();
    let datagram = message(MessageType::NonConfirmable, Code::GET, 1, 7, Options::new(), b"");
    let records =
        (1..=ENTRIES as u64 + 3).map(|seq| record(seq, Direction::Sent, datagram.clone())).collect();
    log.add(Trace { records, missed: 0 });
    assert_eq!((log.all().len(), log.dropped), (ENTRIES, 3));
    assert_eq!(log.all().get(0).unwrap().seq(), 4);
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut map = HashMap::new();
    for seq in 0..ORIGINS as u64 + 1 {
        remember(&mut map, seq, seq, |seq| *seq);
    }
    assert!(map.len() <= ORIGINS / 2 + 1 && map.contains_key(&(ORIGINS as u64)) && !map.contains_key(&0));
}

#[test]
fn filters() {
    let mut log = observation();
    let refusal = message(MessageType::Confirmable, Code::NOT_FOUND, 8, 99, Options::new(), b"");
    let records =
        vec![record(5, Direction::Received, refusal), record(6, Direction::Received, vec![0x40, 1])];
    log.add(Trace { records, missed: 0 });
    let all = log.all();
    let count = |text: &str, way, failures| all.filtered(&Filter::new(text, way, failures)).len();
    let words = |text| count(text, Way::Both, false);
    assert_eq!((words(""), words("meter"), words("other")), (6, 6, 0));
    assert_eq!((words("/3303"), words("/3303/0/5700"), words("/3303/1"), words("/33")), (4, 4, 0, 0));
    assert_eq!((words("notify con"), words("2.05"), words("07"), words("Malformed")), (1, 3, 3, 1));
    assert_eq!((count("", Way::Sent, false), count("", Way::Received, false)), (2, 4));
    assert_eq!(count("", Way::Both, true), 2);
    let filtered = all.filtered(&Filter::new("4.04", Way::Both, false));
    assert_eq!((filtered.position(5), filtered.position(4)), (Some(0), None));
    let lines = filtered.json_lines();
    assert!(lines.starts_with(r#"{"seq":5,"#) && lines.ends_with("}\n"), "{lines}");
    assert_eq!(lines.lines().count(), 1);
}
