//! Bootstrap-Finish, and what is said when a device does not accept what it has.

use std::time::Duration;

use coap::{Code, Options};
use lwm2m_codec::{Node, Path, Value};
use lwm2m_core::bootstrap_server::{Account, BootstrapInformation, Event, Failure};

use crate::world::{ENDPOINT, EP, World, access_control, account, example, peer, resources, shown};

/// Why a device that has this answers Finish with 4.06.
fn inconsistent(information: BootstrapInformation, links: &str) -> Failure {
    let mut world = World::giving(BootstrapInformation { discover: true, ..information });
    world.request(peer(1), &[EP]);
    while let Some((to, sent)) = world.next_command() {
        match (sent.code, shown(&sent).as_str()) {
            (_, "POST /bs") => world.answer(to, &sent, Code::NOT_ACCEPTABLE),
            (Code::GET, _) => world.answer_discover(to, &sent, links),
            (Code::DELETE, _) => world.answer(to, &sent, Code::DELETED),
            _ => world.answer(to, &sent, Code::CHANGED),
        }
    }
    world.failure()
}

fn accounts(accounts: Vec<Account>) -> BootstrapInformation {
    BootstrapInformation { accounts, ..BootstrapInformation::default() }
}

#[test]
fn b_010_an_inconsistency_is_said_in_words() {
    let without = |object: fn(&mut Account) -> &mut lwm2m_core::bootstrap_server::Resources, resource| {
        let mut account = account(101);
        object(&mut account).remove(&resource);
        accounts(vec![account])
    };
    let with = |resource: u16, value: Value| {
        let mut account = account(101);
        account.security.insert(resource, Node::Value(value));
        accounts(vec![account])
    };
    let bootstrap = || Account { bootstrap_server: true, ..account(101) };
    let cases = [
        (without(|account| &mut account.server, 1), "</0/9>", "/1/0 has no Lifetime (/1/0/1)"),
        (without(|account| &mut account.security, 0), "</0/9>", "/0/0 has no LwM2M Server URI (/0/0/0)"),
        (with(10, Value::Integer(102)), "</0/9>", "/0/0 is for server 102, and no Server instance is"),
        (with(10, Value::Integer(102)), "</0/9>", "no complete account"),
        (with(10, Value::Integer(0)), "</0/9>", "/0/0 has the Short Server ID 0, which is reserved"),
        (with(2, Value::Integer(0)), "</0/9>", "/0/0 is for security mode 0 and has no Secret Key"),
        (with(2, Value::Integer(0)), "</0/9>", "/0/0 has security mode 0 and the URI \"coap://"),
        (
            accounts(vec![account(101)]),
            "</0/9>,</1/4>;ssid=5",
            "/1/4 is for server 5, and no Security instance is",
        ),
        (
            accounts(vec![account(101), account(101)]),
            "</0/9>",
            "server 101 has several Server instances: /1/0, /1/1",
        ),
        (accounts(vec![]), "</0/9>", "no complete account"),
        (
            accounts(vec![account(101), Account { security_instance: Some(3), ..bootstrap() }]),
            "</0/9>",
            "more than one account with a Bootstrap-Server",
        ),
        (
            BootstrapInformation {
                access_control: vec![lwm2m_core::bootstrap_server::AccessControl {
                    owner: 9,
                    ..access_control()
                }],
                ..accounts(vec![account(101)])
            },
            "</0/9>",
            "/2/0 belongs to server 9, of which there is no account",
        ),
        (
            BootstrapInformation {
                access_control: vec![lwm2m_core::bootstrap_server::AccessControl {
                    object_instance: 8,
                    ..access_control()
                }],
                ..accounts(vec![account(101)])
            },
            "</0/9>",
            "/2/0 is for /1/8, which is not there",
        ),
    ];
    for (information, links, expected) in cases {
        // An account of the Bootstrap-Server is one by its Resource 1 too.
        let mut information = information;
        for account in information.accounts.iter_mut().filter(|account| account.bootstrap_server) {
            account.security.insert(1, Node::Value(Value::Boolean(true)));
        }
        let failure = inconsistent(information, links);
        assert!(failure.what.contains(expected), "{expected}\n{}", failure.what);
        assert!(failure.advice.contains("Mend this"), "{failure:?}");
    }
}

#[test]
fn b_010_nothing_is_made_up_about_what_is_consistent() {
    let failure = inconsistent(accounts(vec![account(101)]), "</0/9>");
    assert!(failure.what.contains("nothing wrong is known"), "{failure:?}");
    assert!(failure.advice.contains("Discover"), "{failure:?}");
    // Whose the instance of the Server Object is, the device does not say.
    let failure = inconsistent(accounts(vec![account(101)]), "</0/9>,</0/1>;ssid=5,</1/0>");
    assert!(failure.what.contains("nothing wrong is known"), "{failure:?}");
}

/// ETS int-9: only `/1/x/5` is written.
#[test]
fn b_010_after_a_correction_finish_is_accepted_in_the_same_session_of_the_device() {
    let path = Path::resource(1, 0, 5);
    let disable_timeout = vec![lwm2m_codec::Record::new(path, Value::Integer(20))];
    let mut world = World::giving(BootstrapInformation {
        instances: vec![(path, disable_timeout)],
        ..BootstrapInformation::default()
    });
    world.request(peer(1), &[EP]);
    let (to, write) = world.next_command().unwrap();
    assert_eq!(shown(&write), "PUT /1/0/5");
    world.answer(to, &write, Code::CHANGED);
    let (to, finish) = world.next_command().unwrap();
    world.answer_with(to, &finish, Code::NOT_ACCEPTABLE, Options::new(), b"no account");
    let failure = world.failure();
    assert!(
        failure.what.contains("no complete account") && failure.what.contains("\"no account\""),
        "{failure:?}"
    );
    world.give(example());
    world.server.begin(world.now, ENDPOINT).unwrap();
    world.settle();
    assert_eq!(world.obey(""), ["DELETE /", "PUT /0/0", "PUT /1/0", "PUT /2/0", "POST /bs"]);
    assert_eq!(world.ended()[1], (7, Ok(())), "in the session that had failed");
    let again = world.events.iter().rev().find_map(|event| match event {
        Event::Begun { session, first_step, attempt, .. } => Some((session.0, *first_step, *attempt)),
        _ => None,
    });
    assert_eq!(again, Some((7, 6, 1)), "after the steps that there were");
}

#[test]
fn b_010_a_correction_that_comes_too_late_or_is_none_has_a_session_of_its_own() {
    for (wait, asks) in [(Duration::from_secs(248), false), (Duration::ZERO, true)] {
        let mut world = World::giving(example());
        world.request(peer(1), &[EP]);
        while let Some((to, sent)) = world.next_command() {
            let code = if shown(&sent) == "POST /bs" { Code::NOT_ACCEPTABLE } else { Code::CHANGED };
            world.answer(to, &sent, code);
        }
        assert!(world.failure().what.contains("4.06"));
        world.wait(wait);
        if asks {
            // A device that asks again has gone back to what it had before.
            world.request(peer(1), &[EP]);
        } else {
            world.server.begin(world.now, ENDPOINT).unwrap();
            world.settle();
        }
        world.obey("");
        assert_eq!(world.ended()[1], (8, Ok(())));
    }
}

#[test]
fn b_010_a_text_that_is_none_is_not_repeated() {
    let mut world = World::giving(accounts(vec![Account { security: resources([]), ..account(1) }]));
    world.request(peer(1), &[EP]);
    while let Some((to, sent)) = world.next_command() {
        world.answer_with(to, &sent, Code::BAD_REQUEST, Options::new(), b"\xff\x00");
    }
    assert!(!world.failure().what.contains("it says"), "{:?}", world.failure());
}
