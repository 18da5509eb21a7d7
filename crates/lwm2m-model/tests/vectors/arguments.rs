//! Arguments of Execute.

use lwm2m_codec::ErrorLevel;
use lwm2m_codec::execute::{Argument, parse, write};

use crate::source::{bytes, vectors};

type DecodedArguments = Vec<(u8, Option<String>)>;

fn text(hex: &str) -> String {
    String::from_utf8(bytes(hex)).unwrap()
}

#[test]
fn valid_arguments_decode_and_are_written_back() {
    for vector in vectors::<DecodedArguments>("execute_args").valid {
        let text = text(&vector.hex);
        let expected: Vec<Argument> =
            vector.decoded.into_iter().map(|(digit, value)| Argument { digit, value }).collect();
        assert_eq!(parse(&text), Ok(expected.clone()), "{}", vector.id);
        assert_eq!(write(&expected), Ok(text), "{}", vector.id);
    }
}

#[test]
fn malformed_arguments_are_refused_with_their_class() {
    for vector in vectors::<DecodedArguments>("execute_args").malformed {
        assert!(vector.must_reject);
        let error = parse(&text(&vector.hex)).unwrap_err();
        assert_eq!(error.class.name(), vector.error, "{}: {error}", vector.id);
        assert_eq!(error.class.level(), ErrorLevel::Syntax, "{}", vector.id);
    }
}
