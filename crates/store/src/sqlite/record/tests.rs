use std::{collections::BTreeMap, fmt::Debug, net::SocketAddr, sync::Arc};

use coap::{Code, Instant, Token};
use lwm2m_codec::{
    ContentFormat, Path,
    attributes::{Edge, NotificationAttributes, WriteAttributes},
    link::Link,
    registration::{Binding, LwM2mVersion, ObjectLinks, RegisteredObject},
};
use lwm2m_core::{
    Peer, PeerIdentity, SessionId,
    server::{
        ActiveObservation, Answer, Cancellation, CommandState, ObservationTarget, Operation, OperationError,
        Registration, RegistrationId, WantedObservation, WriteMode,
    },
};
use proptest::{
    collection::{btree_map, btree_set, vec},
    option,
    prelude::{Just, Strategy, any, prop_oneof},
    proptest,
};

use super::{Record, RecordError, VERSION, decode, encode};

fn comes_back<R: Record + PartialEq + Debug>(record: &R) {
    let bytes = encode(record).expect("has a form");
    assert_eq!(bytes[0], VERSION);
    assert_eq!(&decode::<R>(&bytes).expect("its own form"), record);
    let trailing = [bytes.as_slice(), &[0]].concat();
    assert!(matches!(decode::<R>(&trailing), Err(RecordError::Trailing(1))));
    let short = &bytes[..bytes.len() - 1];
    assert!(decode::<R>(short).is_err(), "the end is missing");
    let other = [&[VERSION + 1], &bytes[1..]].concat();
    assert!(matches!(decode::<R>(&other), Err(RecordError::Version(_))));
}

proptest! {
    #[test]
    fn registrations_come_back(registration in registrations()) {
        comes_back(&registration);
    }

    #[test]
    fn observations_come_back(token in tokens(), id in any::<[u8; 10]>(), asked in wanted(), since in instants()) {
        comes_back(&asked.target);
        comes_back(&asked);
        comes_back(&ActiveObservation { token, registration: RegistrationId::new(id), asked, since });
    }

    #[test]
    fn operations_come_back(operation in operations()) {
        comes_back(&operation);
    }

    #[test]
    fn states_of_commands_come_back(state in states()) {
        comes_back(&state);
    }

    #[test]
    fn tags_come_back(tags in vec(any::<String>(), 0..4)) {
        comes_back(&tags);
    }

    #[test]
    fn other_bytes_are_refused_or_read(bytes in vec(any::<u8>(), 0..200)) {
        // Whether they make sense is left to chance; nothing panics.
        let bytes = [&[VERSION], bytes.as_slice()].concat();
        let _ = decode::<Registration>(&bytes);
        let _ = decode::<WantedObservation>(&bytes);
        let _ = decode::<Operation>(&bytes);
        let _ = decode::<CommandState>(&bytes);
    }
}

#[test]
fn nothing_is_no_record() {
    assert!(matches!(decode::<Operation>(&[]), Err(RecordError::Empty)));
}

fn texts() -> impl Strategy<Value = String> + Clone {
    ".{0,12}"
}

fn instants() -> impl Strategy<Value = Instant> {
    any::<u64>().prop_map(Instant::from_millis)
}

fn tokens() -> impl Strategy<Value = Token> {
    vec(any::<u8>(), 0..=Token::MAX_LENGTH).prop_map(|bytes| Token::new(&bytes).expect("short enough"))
}

fn paths() -> impl Strategy<Value = Path> {
    vec(any::<u16>(), 0..=4)
        .prop_map(|ids| ids.into_iter().fold(Path::ROOT, |path, id| path.child(id).expect("at most four")))
}

fn formats() -> impl Strategy<Value = ContentFormat> + Clone {
    any::<u16>().prop_map(ContentFormat)
}

fn payloads() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..300)
}

fn attributes() -> impl Strategy<Value = NotificationAttributes> {
    let seconds = || option::of(any::<u32>());
    let number = || option::of(-1e9..1e9);
    let periods = (seconds(), seconds(), seconds(), seconds(), seconds());
    let edge = option::of(prop_oneof![Just(Edge::Falling), Just(Edge::Rising)]);
    (periods, (number(), number(), number()), edge, option::of(any::<bool>())).prop_map(
        |((pmin, pmax, epmin, epmax, hqmax), (gt, lt, st), edge, con)| NotificationAttributes {
            pmin,
            pmax,
            gt,
            lt,
            st,
            epmin,
            epmax,
            edge,
            con,
            hqmax,
        },
    )
}

fn written_attributes() -> impl Strategy<Value = WriteAttributes> {
    use lwm2m_codec::attributes::Attribute;
    let unset = btree_set(0..Attribute::ALL.len(), 0..3);
    (attributes(), unset, any::<bool>()).prop_map(|(set, unset, cancel)| {
        let written = WriteAttributes::setting(&set);
        let mut written =
            unset.into_iter().fold(written, |written, at| written.unsetting(Attribute::ALL[at]));
        written.cancel = cancel;
        written
    })
}

fn links() -> impl Strategy<Value = ObjectLinks> {
    let object = (option::of(texts()), btree_set(any::<u16>(), 0..4))
        .prop_map(|(version, instances)| RegisteredObject { version, instances });
    let link = (texts(), vec((texts(), option::of(texts())), 0..3))
        .prop_map(|(target, attributes)| Link { target, attributes });
    (
        texts(),
        vec(formats(), 0..3),
        btree_map(any::<u16>(), object, 0..4),
        vec(link, 0..3),
        vec(texts(), 0..2),
    )
        .prop_map(|(root, content_formats, objects, other_links, remarks)| ObjectLinks {
            root,
            content_formats,
            objects: BTreeMap::from_iter(objects),
            other_links,
            remarks,
        })
}

fn versions_and_bindings() -> impl Strategy<Value = (LwM2mVersion, Binding)> {
    let binding = |text, version| (version, Binding::parse(text, version).expect("legal"));
    proptest::sample::select(vec![
        binding("UQS", LwM2mVersion::V1_0),
        binding("SQ", LwM2mVersion::V1_0),
        binding("UTSN", LwM2mVersion::V1_1),
        binding("UQ", LwM2mVersion::V1_1),
        binding("UMH", LwM2mVersion::V1_2),
    ])
}

fn identities() -> impl Strategy<Value = PeerIdentity> {
    prop_oneof![
        Just(PeerIdentity::NoSec),
        texts().prop_map(PeerIdentity::Psk),
        payloads().prop_map(PeerIdentity::RawPublicKey),
        texts().prop_map(PeerIdentity::Certificate),
    ]
}

fn peers() -> impl Strategy<Value = Peer> {
    prop_oneof![
        any::<SocketAddr>().prop_map(Peer::NoSec),
        any::<u64>().prop_map(|id| Peer::Session(SessionId(id))),
    ]
}

fn registrations() -> impl Strategy<Value = Registration> {
    let who = (any::<[u8; 10]>(), texts(), identities(), peers());
    let what = (versions_and_bindings(), any::<u32>(), any::<bool>(), option::of(texts()));
    let more = (vec(texts(), 0..2), vec((texts(), option::of(texts())), 0..2), links());
    (who, what, more, instants(), instants()).prop_map(|(who, what, more, registered_at, updated_at)| {
        let (id, endpoint, identity, peer) = who;
        let ((version, binding), lifetime_s, queue_mode, sms_number) = what;
        let (profile_ids, additional, links) = more;
        Registration {
            id: RegistrationId::new(id),
            endpoint,
            identity,
            peer,
            version,
            lifetime_s,
            binding,
            queue_mode,
            sms_number,
            profile_ids,
            additional,
            links: Arc::new(links),
            registered_at,
            updated_at,
        }
    })
}

fn wanted() -> impl Strategy<Value = WantedObservation> {
    let target = prop_oneof![
        paths().prop_map(ObservationTarget::Path),
        vec(paths(), 0..4).prop_map(ObservationTarget::composite),
    ];
    (target, option::of(formats()), option::of(formats()), option::of(attributes()), attributes()).prop_map(
        |(target, content_format, accept, parameters, attributes)| WantedObservation {
            target,
            content_format,
            accept,
            parameters,
            attributes,
        },
    )
}

fn operations() -> impl Strategy<Value = Operation> {
    let single = (paths(), formats(), option::of(formats()), payloads(), any::<bool>());
    let several = (vec(paths(), 0..4), formats(), option::of(formats()), payloads(), any::<bool>());
    prop_oneof![
        (single, option::of(texts()), written_attributes(), option::of(attributes()), 0..9).prop_map(
            |(single, arguments, attributes, parameters, kind)| {
                let (path, content_format, accept, payload, flag) = single;
                let mode = if flag { WriteMode::Replace } else { WriteMode::PartialUpdate };
                let how = if flag { Cancellation::Active } else { Cancellation::Passive };
                match kind {
                    0 => Operation::Read { path, accept },
                    1 => Operation::Discover { path, depth: flag.then_some(2) },
                    2 => Operation::Write { path, mode, content_format, payload },
                    3 => Operation::WriteAttributes { path, attributes },
                    4 => Operation::Execute { path, arguments },
                    5 => Operation::Create { path, content_format, payload },
                    6 => Operation::Delete { path },
                    7 => Operation::Observe { path, accept, parameters },
                    _ => Operation::CancelObservation { path, how },
                }
            }
        ),
        (several, option::of(attributes()), 0..4).prop_map(|(several, parameters, kind)| {
            let (paths, content_format, accept, payload, flag) = several;
            let how = if flag { Cancellation::Active } else { Cancellation::Passive };
            match kind {
                0 => Operation::ReadComposite { paths, content_format, accept },
                1 => Operation::WriteComposite { content_format, payload },
                2 => Operation::ObserveComposite { paths, content_format, accept, parameters },
                _ => Operation::CancelObservationComposite { paths, how },
            }
        }),
    ]
}

fn states() -> impl Strategy<Value = CommandState> {
    let answer =
        (any::<u8>(), option::of(formats()), payloads(), vec(texts(), 0..3), option::of(any::<u32>()))
            .prop_map(|(code, content_format, payload, location, block)| Answer {
                code: Code::from_byte(code),
                content_format,
                payload,
                location,
                block,
            });
    prop_oneof![
        Just(CommandState::Queued),
        Just(CommandState::Sent),
        answer.prop_map(CommandState::Answered),
        errors().prop_map(CommandState::Failed),
        Just(CommandState::Expired),
        Just(CommandState::Cancelled),
        Just(CommandState::Indeterminate),
    ]
}

fn errors() -> impl Strategy<Value = OperationError> {
    prop_oneof![
        texts().prop_map(|endpoint| OperationError::UnknownClient { endpoint }),
        (texts(), texts()).prop_map(|(expected, got)| OperationError::NotPossible { expected, got }),
        Just(OperationError::TooManyRequests),
        Just(OperationError::Timeout),
        Just(OperationError::NoResponse),
        Just(OperationError::Reset),
        texts().prop_map(|what| OperationError::BadAnswer { what }),
        Just(OperationError::Departed),
        texts().prop_map(|why| OperationError::NotStored { why }),
    ]
}
