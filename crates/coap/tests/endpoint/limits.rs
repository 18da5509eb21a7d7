//! What happens at each bound.

use core::time::Duration;

use coap::{
    Code, Endpoint, ExchangeError, Instant, MessageType, Output, Request, RequestRefused, TimeoutReason,
    TransmissionParameters, limits,
};

use crate::bench::{
    Bench, LONG, PEER, acknowledgement, failures, get_message, message, notifications, piggybacked, requests,
    reset, responses, sent, token, untimed,
};

#[test]
fn the_request_queue_of_a_peer_is_bounded() {
    let mut bench = Bench::new();
    for _ in 0..=limits::QUEUED_REQUESTS_PER_PEER {
        bench.get();
    }
    let refused = bench.endpoint.request(bench.now, PEER, Request::new(Code::GET), LONG);
    assert_eq!(refused, Err(RequestRefused::QueueFull { limit: limits::QUEUED_REQUESTS_PER_PEER }));
    assert!(bench.endpoint.request(bench.now, 'q', Request::new(Code::GET), LONG).is_ok());
    bench.endpoint.forget_peer(PEER);
    assert_eq!(failures(&bench.outputs()).len(), limits::QUEUED_REQUESTS_PER_PEER + 1);
}

#[test]
fn the_oldest_waiting_notification_makes_room() {
    let mut bench = Bench::new();
    let mut under_way = bench.notify(token(0), 0, true);
    for n in 1..=limits::QUEUED_NOTIFICATIONS_PER_PEER + 2 {
        assert_eq!(bench.notify(token(0), n as u8, true), []);
    }
    let mut payloads = Vec::new();
    while let Some(notification) = under_way.pop() {
        payloads.extend(notification.payload.clone());
        under_way = sent(&bench.receive(&acknowledgement(notification.message_id)));
    }
    let expected: Vec<u8> = std::iter::once(0).chain(3..=66).collect();
    assert_eq!(payloads, expected);
}

#[test]
fn open_requests_are_bounded_by_5_03() {
    let mut bench = Bench::new();
    let mut ids = Vec::new();
    for id in 0..limits::OPEN_REQUESTS as u16 {
        ids.extend(requests(&bench.receive(&get_message(id))));
    }
    assert_eq!(ids.len(), limits::OPEN_REQUESTS);
    let refused = get_message(60_000);
    let answer = sent(&bench.receive(&refused)).remove(0);
    assert_eq!(answer.code, Code::SERVICE_UNAVAILABLE);
    assert_eq!(answer.options.max_age(), Some(limits::SERVICE_UNAVAILABLE_MAX_AGE_S));
    assert_eq!(sent(&bench.receive(&refused)), [answer]);

    bench.endpoint.respond(bench.now, ids[7], coap::Response::new(Code::CONTENT));
    bench.outputs();
    assert_eq!(requests(&bench.receive(&get_message(60_001))).len(), 1);
}

#[test]
fn requests_never_responded_to_are_forgotten() {
    let mut bench = Bench::new();
    let first = requests(&bench.receive(&get_message(0)))[0];
    for id in 1..limits::OPEN_REQUESTS as u16 {
        bench.receive(&get_message(id));
    }
    bench.pass(Duration::from_secs(247));
    assert_eq!(requests(&bench.receive(&get_message(60_000))).len(), 1);
    bench.endpoint.respond(bench.now, first, coap::Response::new(Code::CONTENT));
    assert_eq!(bench.outputs(), []);
}

#[test]
fn undecided_confirmable_notifications_are_bounded_by_silence() {
    let mut bench = Bench::new();
    let notification = |id| message(MessageType::Confirmable, Code::CONTENT, id, token(7));
    let mut ids = Vec::new();
    for id in 0..limits::UNDECIDED_NOTIFICATIONS as u16 {
        ids.extend(notifications(&bench.receive(&notification(id))));
    }
    assert_eq!(ids.len(), limits::UNDECIDED_NOTIFICATIONS);
    let beyond = notification(60_000);
    assert!(matches!(bench.receive(&beyond)[..], [Output::Refused { .. }]));
    bench.endpoint.acknowledge(bench.now, ids[0]);
    bench.outputs();
    // The retransmission is not taken for a duplicate.
    assert_eq!(notifications(&bench.receive(&beyond)).len(), 1);
}

#[test]
fn the_oldest_non_confirmable_notification_becomes_final() {
    let mut bench = Bench::new();
    let notification = |id| message(MessageType::NonConfirmable, Code::CONTENT, id, token(7));
    let ids: Vec<_> = (0..=limits::REJECTABLE_NON_NOTIFICATIONS as u16)
        .flat_map(|id| notifications(&bench.receive(&notification(id))))
        .collect();
    assert_eq!(ids.len(), limits::REJECTABLE_NON_NOTIFICATIONS + 1);
    bench.endpoint.reject(bench.now, ids[0]);
    assert_eq!(bench.outputs(), []);
    bench.endpoint.reject(bench.now, ids[1]);
    assert_eq!(sent(&bench.outputs()), [reset(coap::MessageId(1))]);
}

/// A request that is refused at once: a duplicate is answered without another report, one taken for new is
/// reported.
fn refused(id: u16) -> coap::Message {
    coap::Message { options: coap::Options::new().with(65001, []), ..get_message(id) }
}

#[test]
fn s_142_a_flood_does_not_push_out_the_messages_of_other_peers() {
    let mut bench = Bench::new();
    bench.receive_from('a', &refused(0));
    let limit = limits::DEDUPLICATION_ENTRIES_PER_PEER as u16;
    for id in 0..=u16::MAX {
        for peer in ['b', 'c', 'd'] {
            bench.receive_from(peer, &refused(id));
        }
    }
    assert_eq!(bench.receive_from('a', &refused(0)).len(), 1);
    assert_eq!(bench.receive_from('b', &refused(u16::MAX - limit + 1)).len(), 1);
    assert_eq!(bench.receive_from('b', &refused(u16::MAX - limit)).len(), 2);
}

#[test]
fn the_oldest_received_message_of_all_is_forgotten() {
    let mut endpoint = Endpoint::<usize>::new(TransmissionParameters::default(), [0; 32]);
    let mut reports = |peer: usize, id: u16| {
        let datagram = refused(id).encode().expect("encodable");
        endpoint.handle_datagram(Instant::default(), peer, &datagram);
        let outputs = std::iter::from_fn(|| endpoint.poll());
        outputs.filter(|output| matches!(output, Output::Refused { .. })).count()
    };
    let per_peer = limits::DEDUPLICATION_ENTRIES_PER_PEER;
    let peers = limits::DEDUPLICATION_ENTRIES / per_peer;
    for peer in 0..peers {
        assert_eq!((0..per_peer).map(|id| reports(peer, id as u16)).sum::<usize>(), per_peer);
    }
    assert_eq!(reports(0, 0), 0);
    // One goes for one that comes.
    assert_eq!(reports(peers, 0), 1);
    assert_eq!((reports(0, 1), reports(1, 0)), (0, 0));
    assert_eq!(reports(0, 0), 1);
}

#[test]
fn no_message_id_returns_within_the_exchange_lifetime() {
    let mut bench = Bench::new();
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..=u16::MAX {
        // Beyond the last free id notifications count as lost.
        for notification in bench.notify(token(1), 0, false) {
            assert!(ids.insert(notification.message_id));
        }
    }
    assert!(limits::MESSAGES_PER_EXCHANGE_LIFETIME.contains(&ids.len()), "{}", ids.len());
    assert_eq!(bench.notify(token(1), 0, true), []);

    // Requests wait for one.
    assert_eq!(bench.get().1, None);
    let (other, _) = bench.get_with(coap::Options::new(), None, Duration::from_secs(100));
    assert_eq!(bench.endpoint.poll_timeout().map(|(_, reason)| reason), Some(TimeoutReason::ExchangeTimeout));
    let outputs = untimed(bench.pass(Duration::from_secs(246)));
    assert_eq!((failures(&outputs), sent(&outputs)), (vec![(other, ExchangeError::Timeout)], vec![]));
    let request = sent(&untimed(bench.pass(Duration::from_secs(1)))).remove(0);
    assert_eq!(responses(&bench.receive(&piggybacked(&request))).len(), 1);
    assert_eq!(bench.notify(token(1), 0, true).len(), 1);
}

/// Answers the request that went out last with a full block, and more to come.
fn send_block(endpoint: &mut Endpoint<usize>, peer: usize, num: u32) {
    let Some(Output::Transmit { datagram, .. }) = endpoint.poll() else { panic!("no request") };
    let request = coap::Message::decode(&datagram).expect("our own message");
    let answer = coap::Message {
        message_type: MessageType::Acknowledgement,
        code: Code::CONTENT,
        options: coap::Options::new().with_block2(coap::Block { num, more: true, szx: 6 }),
        payload: vec![0; 1024],
        ..request
    };
    endpoint.handle_datagram(Instant::default(), peer, &answer.encode().expect("encodable"));
}

#[test]
fn response_bodies_received_in_part_are_bounded_together() {
    let mut endpoint = Endpoint::new(TransmissionParameters::default(), [0; 32]);
    let now = Instant::default();
    let peers = limits::BLOCK2_TOTAL_BYTES / limits::BLOCK2_BODY_BYTES;
    let mut first = None;
    for peer in 0..peers {
        let (id, _) = endpoint.request(now, peer, Request::new(Code::GET), LONG).unwrap();
        first.get_or_insert(id);
        for num in 0..(limits::BLOCK2_BODY_BYTES / 1024) as u32 {
            send_block(&mut endpoint, peer, num);
        }
        assert!(matches!(endpoint.poll(), Some(Output::Transmit { .. })));
    }
    endpoint.request(now, peers, Request::new(Code::GET), LONG).unwrap();
    send_block(&mut endpoint, peers, 0);
    let limit = limits::BLOCK2_TOTAL_BYTES;
    let Some(Output::Failed { peer, error, .. }) = endpoint.poll() else { panic!("no failure") };
    assert_eq!((peer, error), (peers, ExchangeError::BodyTooLarge { limit }));

    endpoint.cancel_exchange(now, first.unwrap());
    endpoint.request(now, peers, Request::new(Code::GET), LONG).unwrap();
    send_block(&mut endpoint, peers, 0);
    assert!(matches!(endpoint.poll(), Some(Output::Transmit { .. })));
}

#[test]
fn idle_peers_make_room_and_busy_ones_do_not() {
    let mut endpoint = Endpoint::new(TransmissionParameters::default(), [0; 32]);
    let now = Instant::from_millis(0);
    let mut get = |peer: usize| {
        let result = endpoint.request(now, peer, Request::new(Code::GET), LONG);
        while endpoint.poll().is_some() {}
        result
    };
    let first = get(0).unwrap().0;
    for peer in 1..limits::PEERS {
        assert!(get(peer).is_ok());
    }
    assert_eq!(get(limits::PEERS), Err(RequestRefused::TooManyPeers { limit: limits::PEERS }));
    endpoint.cancel_exchange(now, first);
    assert!(endpoint.request(now, limits::PEERS, Request::new(Code::GET), LONG).is_ok());

    // Even without room for another peer its notifications and responses go out.
    while endpoint.poll().is_some() {}
    let peer = limits::PEERS + 1;
    let resource = coap::Options::new();
    endpoint.notify(now, peer, token(1), &resource, coap::Response::new(Code::CONTENT), true);
    let Some(Output::Transmit { datagram, .. }) = endpoint.poll() else { panic!("nothing sent") };
    let id = coap::Message::decode(&datagram).unwrap().message_id;
    endpoint.handle_datagram(now, peer, &reset(id).encode().unwrap());
    assert!(matches!(endpoint.poll(), Some(Output::NotificationEnded { .. })));
}
