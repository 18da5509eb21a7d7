//! Our notifications (RFC 7641 §4).

use core::time::Duration;

use coap::{MessageType, NotificationEnd};

use crate::bench::{Bench, acknowledgement, ended, reset, sent, token, untimed};

#[test]
fn a_confirmable_notification_is_retransmitted_until_acknowledged() {
    let mut bench = Bench::new();
    let [notification] = &bench.notify(token(1), 0, true)[..] else { panic!("nothing sent") };
    assert_eq!(notification.message_type, MessageType::Confirmable);
    let retransmitted = sent(&untimed(bench.pass(Duration::from_secs(4))));
    assert_eq!(retransmitted, std::slice::from_ref(notification));
    assert_eq!(bench.receive(&acknowledgement(notification.message_id)), []);
    assert_eq!(untimed(bench.pass(Duration::from_secs(500))), []);
}

#[test]
fn a_notification_without_acknowledgement_ends_the_observation() {
    let mut bench = Bench::new();
    bench.notify(token(1), 0, true);
    let outputs = untimed(bench.pass(Duration::from_secs(93)));
    assert_eq!(sent(&outputs).len(), 4);
    assert_eq!(ended(&outputs), [(token(1), NotificationEnd::Timeout)]);
}

#[test]
fn a_reset_ends_the_observation() {
    for confirmable in [true, false] {
        let mut bench = Bench::new();
        let [notification] = &bench.notify(token(1), 0, confirmable)[..] else { panic!("nothing sent") };
        assert_eq!(bench.receive_from('q', &reset(notification.message_id)), []);
        let outputs = bench.receive(&reset(notification.message_id));
        assert_eq!(ended(&outputs), [(token(1), NotificationEnd::Reset)]);
        assert_eq!(bench.receive(&reset(notification.message_id)), []);
        assert_eq!(untimed(bench.pass(Duration::from_secs(500))), []);
    }
}

#[test]
fn a_reset_long_after_a_non_confirmable_notification_means_nothing() {
    let mut bench = Bench::new();
    let old = bench.notify(token(1), 0, false).remove(0);
    bench.pass(Duration::from_secs(145));
    bench.notify(token(2), 0, false);
    assert_eq!(bench.receive(&reset(old.message_id)), []);
}

#[test]
fn confirmable_notifications_to_one_peer_go_one_after_the_other() {
    let mut bench = Bench::new();
    let [first] = &bench.notify(token(1), 1, true)[..] else { panic!("nothing sent") };
    assert_eq!(bench.notify(token(2), 2, true), []);
    assert_eq!(bench.notify(token(1), 3, true), []);
    // They do not hold back anything else.
    assert_eq!(bench.notify(token(3), 4, false).len(), 1);
    assert!(bench.get().1.is_some());

    let next = sent(&bench.receive(&acknowledgement(first.message_id)));
    assert_eq!((next.len(), &next[0].payload), (1, &vec![2]));
    let next = sent(&bench.receive(&acknowledgement(next[0].message_id)));
    assert_eq!((next.len(), &next[0].payload), (1, &vec![3]));
    assert_eq!(bench.receive(&acknowledgement(next[0].message_id)), []);
    assert_eq!(bench.notify(token(1), 5, true).len(), 1);
}

#[test]
fn the_end_of_an_observation_drops_what_waits_for_it() {
    let mut bench = Bench::new();
    let [first] = &bench.notify(token(1), 1, true)[..] else { panic!("nothing sent") };
    bench.notify(token(1), 2, true);
    bench.notify(token(2), 3, true);
    let outputs = bench.receive(&reset(first.message_id));
    assert_eq!(ended(&outputs), [(token(1), NotificationEnd::Reset)]);
    let next = sent(&outputs);
    assert_eq!((next.len(), &next[0].payload), (1, &vec![3]));
}
