//! `lwm2m-console decode` and `lwm2m-console encode`: JSON lines in, JSON lines out.

use std::io::{self, BufRead, BufReader, BufWriter, Read as _};

use anyhow::{Context, Result};
use lwm2m_model::{Registry, read_definitions};
use payload_lines::{LINE_MAX, decode_line, encode_line, explain_line, line_too_long};

use crate::objects::bundled;
use crate::options::{DefinitionOptions, EncodeOptions, LinesOptions};

/// What is done with a line.
type Answer = fn(&str, &Registry) -> String;

pub(crate) fn decode(options: &LinesOptions) -> Result<()> {
    answer_all(&options.definitions, if options.annotate { explain_line } else { decode_line })
}

pub(crate) fn encode(options: &EncodeOptions) -> Result<()> {
    answer_all(&options.definitions, encode_line)
}

fn answer_all(options: &DefinitionOptions, answer: Answer) -> Result<()> {
    let mut definitions = bundled().clone();
    for path in &options.objects {
        let file = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let own = read_definitions(&file).with_context(|| path.display().to_string())?;
        definitions.add(own);
    }
    let mut input = BufReader::new(io::stdin().lock());
    let mut output = BufWriter::new(io::stdout().lock());
    let result = answer_lines(&mut input, &mut output, |line| answer(line, &definitions));
    match result {
        // Whoever read the answers has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot answer lines"),
    }
}

/// Answers every line that is not blank, and leaves no answer waiting while no line is at hand.
fn answer_lines(
    input: &mut BufReader<impl io::Read>,
    output: &mut impl io::Write,
    answer: impl Fn(&str) -> String,
) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let limit = u64::try_from(LINE_MAX + 1).unwrap_or(u64::MAX);
        if input.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
            return output.flush();
        }
        let whole = line.last() == Some(&b'\n');
        if !whole && line.len() > LINE_MAX {
            skip_line(input)?;
            writeln!(output, "{}", line_too_long())?;
        } else {
            let text = String::from_utf8_lossy(&line);
            if !text.trim().is_empty() {
                writeln!(output, "{}", answer(text.trim()))?;
            }
        }
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
}

/// Passes over the rest of a line without keeping it.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (length, found) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(position) => (position + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(length);
        if found {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(input: &[u8]) -> String {
        let mut output = Vec::new();
        let length = |line: &str| format!("{}", line.len());
        answer_lines(&mut BufReader::new(input), &mut output, length).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn every_line_is_answered_but_blank_ones() {
        assert_eq!(answered(b"abc\n\n  \r\n de \r\nf"), "3\n2\n1\n");
        assert_eq!(answered(b""), "");
        assert_eq!(answered(b"\xFF\n"), "3\n");
    }

    #[test]
    fn a_line_that_is_too_long_costs_no_more_than_its_answer() {
        let mut input = vec![b'x'; LINE_MAX];
        input.extend(b"\nab\n");
        assert_eq!(answered(&input), format!("{LINE_MAX}\n2\n"));
        input.insert(0, b'x');
        let answers = answered(&input);
        assert!(answers.starts_with(r#"{"ok":false,"error":"LINE_TOO_LONG""#), "{answers}");
        assert!(answers.ends_with("}\n2\n"), "{answers}");
    }
}
