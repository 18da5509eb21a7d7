//! Commands and their answers, one at a time.

use std::time::Duration;

use coap::{Block, Code, Message, MessageId, MessageType, Options, Token};
use lwm2m_codec::{ContentFormat, Path, Record, Value};
use lwm2m_core::{
    Peer, SessionId,
    bootstrap_server::{BootstrapInformation, OnRefusal},
};

use crate::world::{ENDPOINT, EP, World, access_control, account, example, peer, shown};

/// A device that takes everything up to a command, which it answers with this code.
fn refusing(world: &mut World, command: &str, code: Code, said: &str) -> Vec<String> {
    world.request(peer(1), &[EP]);
    let mut commands = Vec::new();
    while let Some((to, sent)) = world.next_command() {
        commands.push(shown(&sent));
        match (commands.last().map(String::as_str), sent.code) {
            (Some(last), _) if last == command => {
                world.answer_with(to, &sent, code, Options::new(), said.as_bytes());
            }
            (_, Code::DELETE) => world.answer(to, &sent, Code::DELETED),
            (_, Code::GET) => world.answer_discover(to, &sent, "</0/0>"),
            _ => world.answer(to, &sent, Code::CHANGED),
        }
    }
    commands
}

#[test]
fn b_011_a_session_is_over_exchange_lifetime_after_a_command_that_nobody_answers() {
    let mut world = World::giving(example());
    world.request(peer(1), &[EP]);
    let (_, delete) = world.next_command().unwrap();
    world.wait(Duration::from_secs(5));
    world.answer(peer(1), &delete, Code::DELETED);
    world.sent.clear();
    world.wait(Duration::from_millis(246_999));
    let transmissions = world.sent.len();
    assert_eq!((transmissions, world.ended().len()), (4, 0), "retransmitted and waited for");
    world.wait(Duration::from_millis(1));
    let failure = world.failure();
    assert_eq!(failure.step, Some(4), "the Write of /0/0");
    assert!(failure.what.contains("Bootstrap-Write of /0/0 was not answered within 247 s"), "{failure:?}");
    assert_eq!(world.server.usage().sessions.used, 0);
    assert_eq!(world.sent.len(), transmissions, "nothing more is sent");
}

#[test]
fn b_011_an_answer_that_comes_after_the_last_retransmission_counts() {
    let mut world = World::giving(example());
    world.request(peer(1), &[EP]);
    let (_, delete) = world.next_command().unwrap();
    world.wait(Duration::from_secs(200));
    world.sent.clear();
    let late = Message {
        message_type: MessageType::Confirmable,
        code: Code::DELETED,
        message_id: MessageId(9),
        token: delete.token,
        options: Options::new(),
        payload: Vec::new(),
    };
    world.datagram(peer(1), &late.encode().unwrap());
    let (_, acknowledgement) = world.sent.pop_front().unwrap();
    assert_eq!(
        (acknowledgement.message_type, acknowledgement.message_id.0),
        (MessageType::Acknowledgement, 9)
    );
    assert_eq!(world.obey(""), ["PUT /0/0", "PUT /1/0", "PUT /2/0", "POST /bs"]);
}

#[test]
fn b_011_an_acknowledged_command_is_waited_for_as_long() {
    let mut world = World::giving(example());
    world.request(peer(1), &[EP]);
    let (_, delete) = world.next_command().unwrap();
    world.datagram(
        peer(1),
        &Message::empty(MessageType::Acknowledgement, delete.message_id).encode().unwrap(),
    );
    world.wait(Duration::from_secs(246));
    assert_eq!(world.ended(), []);
    world.wait(Duration::from_secs(1));
    assert_eq!(world.failure().step, Some(2));
}

#[test]
fn b_013_commands_go_one_at_a_time_in_the_configured_order() {
    let information = BootstrapInformation {
        delete: ["/2", "/1", "/0"].map(|path| path.parse().unwrap()).into(),
        accounts: vec![account(101), account(102)],
        access_control: vec![access_control()],
        instances: vec![(
            Path::instance(3442, 0),
            vec![Record::new(Path::resource(3442, 0, 110), Value::string("x"))],
        )],
        ..BootstrapInformation::default()
    };
    let mut world = World::giving(information);
    world.request(peer(1), &[EP]);
    assert_eq!(world.sent.pop_front().unwrap().1.code, Code::CHANGED);
    let mut order = Vec::new();
    while !world.sent.is_empty() {
        let (to, command) = world.command();
        // However long it takes, the next one waits.
        world.datagram(
            to,
            &Message::empty(MessageType::Acknowledgement, command.message_id).encode().unwrap(),
        );
        world.wait(Duration::from_secs(100));
        assert!(world.sent.is_empty());
        order.push(shown(&command));
        let answer = Message {
            message_type: MessageType::NonConfirmable,
            code: if command.code == Code::DELETE { Code::DELETED } else { Code::CHANGED },
            message_id: MessageId(100 + u16::try_from(order.len()).unwrap()),
            token: command.token,
            options: Options::new(),
            payload: Vec::new(),
        };
        world.datagram(to, &answer.encode().unwrap());
    }
    assert_eq!(
        order,
        [
            "DELETE /2",
            "DELETE /1",
            "DELETE /0",
            "PUT /0/0",
            "PUT /1/0",
            "PUT /0/1",
            "PUT /1/1",
            "PUT /2/0",
            "PUT /3442/0",
            "POST /bs",
        ]
    );
    assert_eq!(world.ended(), [(7, Ok(()))]);
}

#[test]
fn a_refusal_stops_the_session_and_says_what_to_do() {
    for (command, code, advice) in [
        ("DELETE /", Code::INTERNAL_SERVER_ERROR, "one by one"),
        ("DELETE /", Code::BAD_REQUEST, "what is deleted"),
        ("PUT /0/0", Code::BAD_REQUEST, "does not take one of these values"),
        ("PUT /1/0", Code::UNSUPPORTED_CONTENT_FORMAT, "another one in the configuration"),
        ("PUT /2/0", Code::NOT_FOUND, "does not have this Object"),
        ("PUT /2/0", Code::REQUEST_ENTITY_TOO_LARGE, "too large"),
        ("PUT /1/0", Code::UNAUTHORIZED, "only while it bootstraps"),
        ("POST /bs", Code::NOT_FOUND, "Bootstrap-Finish"),
        ("PUT /0/0", Code::INTERNAL_SERVER_ERROR, "its log"),
    ] {
        let mut world = World::giving(example());
        let commands = refusing(&mut world, command, code, "no, thanks");
        assert_eq!(commands.last().map(String::as_str), Some(command));
        let failure = world.failure();
        assert!(
            failure.what.contains(&code.to_string()) && failure.what.contains("no, thanks"),
            "{failure:?}"
        );
        assert!(failure.advice.contains(advice), "{command} {code}: {failure:?}");
        let step = world.steps()[usize::try_from(failure.step.unwrap()).unwrap()];
        assert!(step.failed && step.from_device && step.code == code, "{step:?}");
    }
}

#[test]
fn a_refusal_may_be_left_to_finish() {
    let on_refusal = OnRefusal::Continue;
    for (command, ok) in [("DELETE /", true), ("PUT /2/0", true), ("POST /bs", false)] {
        let mut world = World::giving(BootstrapInformation { on_refusal, ..example() });
        let commands = refusing(&mut world, command, Code::BAD_REQUEST, "");
        assert_eq!(commands.last().map(String::as_str), Some("POST /bs"));
        assert_eq!(world.ended()[0].1.is_ok(), ok, "{command}");
        assert_eq!(world.steps().iter().filter(|step| step.failed).count(), 1);
    }
}

#[test]
fn what_was_not_deleted_is_not_taken_for_free() {
    let information = BootstrapInformation {
        discover: true,
        on_refusal: OnRefusal::Continue,
        delete: vec![Path::object(0), Path::object(1)],
        accounts: vec![account(101)],
        ..BootstrapInformation::default()
    };
    let mut world = World::giving(information);
    world.request(peer(1), &[EP]);
    let mut commands = Vec::new();
    while let Some((to, sent)) = world.next_command() {
        commands.push(shown(&sent));
        match (sent.code, commands.last().map(String::as_str)) {
            (Code::GET, _) => {
                world.answer_discover(to, &sent, "</>;lwm2m=1.0,</0/0>,</0/1>;ssid=5,</1/0>;ssid=5");
            }
            (_, Some("DELETE /1")) => world.answer(to, &sent, Code::BAD_REQUEST),
            (Code::DELETE, _) => world.answer(to, &sent, Code::DELETED),
            _ => world.answer(to, &sent, Code::CHANGED),
        }
    }
    assert_eq!(commands, ["GET /", "DELETE /0", "DELETE /1", "PUT /0/1", "PUT /1/1", "POST /bs"]);
}

#[test]
fn a_device_that_does_not_know_what_it_is_about_ends_the_session() {
    let mut world = World::giving(example());
    world.request(peer(1), &[EP]);
    let (_, delete) = world.next_command().unwrap();
    world.datagram(peer(1), &Message::empty(MessageType::Reset, delete.message_id).encode().unwrap());
    let failure = world.failure();
    assert_eq!(failure.step, Some(2));
    assert!(failure.what.contains("Reset") && failure.advice.contains("restarted"), "{failure:?}");
}

#[test]
fn a_session_ends_with_the_security_session_that_it_goes_over() {
    let mut world = World::giving(example());
    let device = world.connect(1, ENDPOINT);
    world.request(device, &[]);
    world.server.session_closed(world.now, SessionId(1));
    world.settle();
    let failure = world.failure();
    assert!(failure.what.contains("closed") && failure.step == Some(2), "{failure:?}");
    world.sent.clear();
    world.wait(Duration::from_secs(600));
    assert!(world.sent.is_empty(), "nothing is sent over it");
}

#[test]
fn an_unusual_success_is_one_and_remarked_on() {
    let mut world = World::giving(example());
    refusing(&mut world, "PUT /0/0", Code::CREATED, "");
    assert_eq!(world.ended(), [(7, Ok(()))]);
    let step = world.steps()[5];
    assert!(step.remark.contains("expected 2.04, got 2.01") && !step.failed, "{step:?}");
}

#[test]
fn a_large_write_goes_in_blocks() {
    let value = Value::opaque(vec![7; 2_500]);
    let information = BootstrapInformation {
        instances: vec![(Path::instance(33_000, 0), vec![Record::new(Path::resource(33_000, 0, 1), value)])],
        ..BootstrapInformation::default()
    };
    let mut world = World::giving(information);
    world.request(peer(1), &[EP]);
    let mut received = Vec::new();
    loop {
        let (to, command) = world.next_command().unwrap();
        let Some(block) = command.options.block1() else { break assert_eq!(shown(&command), "POST /bs") };
        received.extend_from_slice(&command.payload);
        let code = if block.more { Code::CONTINUE } else { Code::CHANGED };
        let options = Options::new().with_block1(Block { ..block });
        world.answer_with(to, &command, code, options, b"");
    }
    assert_eq!(received.len(), 2_500 + 4);
    // Its steps are one message, not one for each block.
    assert_eq!(world.steps().len(), 5);
    assert_eq!(world.steps()[2].payload, received);
}

#[test]
fn answers_of_nobody_are_rejected() {
    let mut world = World::giving(example());
    let stray = Message {
        message_type: MessageType::Confirmable,
        code: Code::CONTENT,
        message_id: MessageId(3),
        token: Token::new(&[1]).unwrap(),
        options: Options::new(),
        payload: Vec::new(),
    };
    world.datagram(peer(1), &stray.encode().unwrap());
    assert_eq!(world.sent.pop_front().unwrap().1.message_type, MessageType::Reset);
}

#[test]
fn what_takes_too_many_messages_is_not_begun() {
    let delete = (0..600).map(Path::object).collect();
    let mut world = World::giving(BootstrapInformation { delete, ..BootstrapInformation::default() });
    assert_eq!(world.refused(peer(1), &[EP]), Code::INTERNAL_SERVER_ERROR);
    assert!(world.failure().what.contains("at most 1024"), "{:?}", world.failure());
}

#[test]
fn what_cannot_be_written_is_found_out_before_anything_is_deleted() {
    // A resource outside of the path.
    let instances = vec![(
        Path::instance(3442, 0),
        vec![Record::new(Path::resource(3442, 1, 110), Value::Boolean(true))],
    )];
    let mut world = World::giving(BootstrapInformation { instances, ..example() });
    world.request(peer(1), &[EP]);
    assert!(world.next_command().is_none());
    let failure = world.failure();
    assert!(failure.what.contains("/3442/0 cannot be written"), "{failure:?}");
}

#[test]
fn b_020_a_device_is_bootstrapped_unasked_over_its_session() {
    let mut world = World::giving(example());
    let device = world.connect(3, ENDPOINT);
    let session = world.server.begin(world.now, ENDPOINT).unwrap();
    world.settle();
    assert_eq!(session.0, 7);
    let (to, first) = world.command();
    assert_eq!((to, shown(&first).as_str()), (device, "DELETE /"));
    world.answer(to, &first, Code::DELETED);
    assert_eq!(world.obey(""), ["PUT /0/0", "PUT /1/0", "PUT /2/0", "POST /bs"]);
    assert_eq!(world.ended(), [(7, Ok(()))]);
    assert!(!world.steps()[0].from_device, "nothing was asked");
}

#[test]
fn b_020_without_security_the_address_is_the_one_last_heard_from() {
    let mut world = World::giving(example());
    world.request(peer(1), &[EP]);
    world.obey("");
    world.request(peer(2), &[EP, "pct=112"]);
    world.obey("");
    world.server.begin(world.now, ENDPOINT).unwrap();
    world.settle();
    assert_eq!(world.asked[2].content_format, Some(ContentFormat::SENML_CBOR), "as it has asked for before");
    let (to, _) = world.command();
    assert_eq!(to, peer(2));
}

#[test]
fn b_020_who_cannot_be_reached_or_is_being_bootstrapped_is_not() {
    use lwm2m_core::{bootstrap_server::NoSession, server::Admission};
    let mut world = World::giving(example());
    assert_eq!(world.server.begin(world.now, ENDPOINT), Err(NoSession::NotConnected));
    let device = world.connect(1, ENDPOINT);
    *world.server.admission_mut() = Admission { blocked: vec![ENDPOINT.into()], ..Admission::default() };
    assert!(matches!(world.server.begin(world.now, ENDPOINT), Err(NoSession::NotAdmitted(_))));
    *world.server.admission_mut() = Admission::default();
    let running = world.server.begin(world.now, ENDPOINT).unwrap();
    assert_eq!(world.server.begin(world.now, ENDPOINT), Err(NoSession::Running(running)));
    world.server.session_closed(world.now, SessionId(1));
    world.settle();
    assert_eq!(world.server.begin(world.now, ENDPOINT), Err(NoSession::NotConnected));
    assert_eq!(device, Peer::Session(SessionId(1)));
}
