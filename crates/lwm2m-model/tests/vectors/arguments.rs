//! Arguments of Execute.

use libtest_mimic::{Failed, Trial};
use lwm2m_codec::execute::{Argument, parse, write};

use crate::source::{Malformed, Valid, bytes, same, vectors};
use crate::trial;

type DecodedArguments = Vec<(u8, Option<String>)>;

pub(crate) fn add(trials: &mut Vec<Trial>) {
    let file = vectors::<DecodedArguments>("execute_args");
    for vector in file.valid {
        let id = vector.id.clone();
        trials.push(trial(&id, move || valid(vector)));
    }
    for vector in file.malformed {
        let id = vector.id.clone();
        trials.push(trial(&id, move || malformed(&vector)));
    }
}

fn text(hex: &str) -> String {
    String::from_utf8(bytes(hex)).unwrap()
}

fn valid(vector: Valid<DecodedArguments>) -> Result<(), Failed> {
    let text = text(&vector.hex);
    let expected: Vec<Argument> =
        vector.decoded.into_iter().map(|(digit, value)| Argument { digit, value }).collect();
    same(&parse(&text), &Ok(expected.clone()))?;
    same(&write(&expected), &Ok(text))
}

fn malformed(vector: &Malformed) -> Result<(), Failed> {
    match parse(&text(&vector.hex)) {
        Ok(arguments) => Err(format!("accepted: {arguments:?}").into()),
        Err(error) => vector.expect(&error),
    }
}
