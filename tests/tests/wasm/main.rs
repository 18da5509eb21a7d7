//! The codec in the browser: every vector of `assets/vectors` has its stated result there, and whatever payload comes,
//! the browser says to the letter what the same code says natively. So it is with decisions about access.

mod access_control;
mod answer;
mod expectation;
mod mutation;
mod vectors;

use std::io::{self, Write as _};

use anyhow::{Context as _, Result, ensure};
use payload_lines::{decode_line, encode_line};
use whole_program_tests::{Lab, definitions};

use crate::{
    answer::Answer,
    mutation::Mutations,
    vectors::{Vector, Vectors},
};

/// Mutated payloads of each format.
const MUTATED: usize = 3_000;

macro_rules! formats {
    ($($format:ident)*) => {
        $(
            #[tokio::test]
            async fn $format() -> Result<()> {
                is_the_same_in_the_browser(stringify!($format)).await
            }
        )*
    };
}

formats! { text opaque cbor tlv json senml_json senml_cbor lwm2m_cbor }
formats! { senml_json_paths senml_cbor_paths link execute_args }

async fn is_the_same_in_the_browser(format: &str) -> Result<()> {
    let vectors = Vectors::read(format)?;
    let registry = definitions()?;
    let to_decode = payloads(&vectors)?;
    let decoded: Vec<String> = to_decode.iter().map(|line| decode_line(line, &registry)).collect();
    let mut to_encode =
        vectors.valid.iter().map(|vector| vectors.encode_line(vector)).collect::<Result<Vec<_>>>()?;
    // Whatever could be read is written again.
    for (line, answer) in to_decode.iter().zip(&decoded) {
        to_encode.extend(Answer::read(answer)?.line_to_encode(line)?);
    }
    let encoded: Vec<String> = to_encode.iter().map(|line| encode_line(line, &registry)).collect();

    Lab::run(&format!("wasm_{format}"), async |lab| {
        let decoded_there = lab.decode(&to_decode).await?;
        let encoded_there = lab.encode(&to_encode).await?;
        for (vector, answer) in vectors.all().zip(&decoded_there) {
            check(vector, answer, |answer| expectation::of_decoding(format, vector, answer))?;
        }
        for (vector, answer) in vectors.valid.iter().zip(&encoded_there) {
            check(vector, answer, |answer| expectation::of_encoding(format, vector, answer))?;
        }
        are_the_same(&to_decode, &decoded, &decoded_there)?;
        are_the_same(&to_encode, &encoded, &encoded_there)
    })
    .await?;
    // Not with println: that is only shown when a test fails.
    let (vectors, encoded) = (vectors.all().count(), to_encode.len());
    writeln!(
        io::stdout(),
        "{format}: {vectors} vectors as stated; {} payloads decoded and {encoded} encoded alike",
        to_decode.len()
    )?;
    Ok(())
}

/// The vectors, and mutated ones.
fn payloads(vectors: &Vectors) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for vector in vectors.all() {
        lines.push(vectors.decode_line(vector, &vector.hex)?);
    }
    let mut mutations = Mutations::new();
    for count in 0..MUTATED {
        // Most often a valid one: a mutated malformed payload is seldom anything but malformed.
        let from = if count % 4 == 0 { &vectors.malformed } else { &vectors.valid };
        let vector = mutations.pick(from).context("no vectors")?;
        lines.push(vectors.decode_line(vector, &mutations.mutated(&vector.hex)?)?);
    }
    Ok(lines)
}

fn check(vector: &Vector, answer: &str, expectation: impl FnOnce(&Answer) -> Result<()>) -> Result<()> {
    let answer_read = Answer::read(answer)?;
    expectation(&answer_read).with_context(|| format!("{}: the browser says {answer}", vector.id))
}

fn are_the_same(lines: &[String], here: &[String], there: &[String]) -> Result<()> {
    ensure!(there.len() == lines.len(), "{} lines have {} answers", lines.len(), there.len());
    for ((line, here), there) in lines.iter().zip(here).zip(there) {
        ensure!(here == there, "line    {line}\nnative  {here}\nbrowser {there}");
    }
    Ok(())
}
