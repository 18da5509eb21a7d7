//! What libFuzzer says at its end.

/// What a run has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statistics {
    pub(crate) executions: u64,
    pub(crate) per_second: u64,
    /// Edges of the program that some input has reached.
    pub(crate) coverage: u64,
    /// Inputs in the corpus that each reach something of their own.
    pub(crate) inputs: u64,
    pub(crate) finding: Option<Finding>,
}

/// An input for which something does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What libFuzzer or the panic says.
    pub(crate) message: String,
    /// The file with the input.
    pub(crate) input: Option<String>,
}

impl Statistics {
    /// Reads all that was said on standard error.
    pub(crate) fn of(output: &str) -> Self {
        let mut statistics = Self::default();
        let mut lines = output.lines();
        let mut panic = None;
        let mut summary = None;
        let mut input = None;
        while let Some(line) = lines.next() {
            if let Some(number) = line.strip_prefix("stat::number_of_executed_units:") {
                statistics.executions = number.trim().parse().unwrap_or(0);
            } else if let Some(number) = line.strip_prefix("stat::average_exec_per_sec:") {
                statistics.per_second = number.trim().parse().unwrap_or(0);
            } else if line.starts_with('#') {
                statistics.progress(line);
            } else if line.contains(" panicked at ") {
                panic.get_or_insert_with(|| panic_message(line, &mut lines));
            } else if let Some(text) = line.strip_prefix("SUMMARY: libFuzzer: ") {
                summary = Some(text.to_owned());
            } else if let Some((_, file)) = line.split_once("Test unit written to ") {
                input = Some(file.to_owned());
            }
        }
        if panic.is_some() || summary.is_some() || input.is_some() {
            let message = panic.or(summary).unwrap_or_else(|| "no reason was given".to_owned());
            statistics.finding = Some(Finding { message, input });
        }
        statistics
    }

    /// `#131072 pulse  cov: 412 ft: 1630 corp: 310/9Kb lim: 128 exec/s: 43690 rss: 42Mb`
    fn progress(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        while let Some(word) = words.next() {
            let number = |word: Option<&str>| word.and_then(|word| word.split('/').next()?.parse().ok());
            match word {
                "cov:" => self.coverage = number(words.next()).unwrap_or(self.coverage),
                "corp:" => self.inputs = number(words.next()).unwrap_or(self.inputs),
                _ => {}
            }
        }
    }
}

/// Where it was, and the lines of the message.
fn panic_message<'a>(line: &str, lines: &mut impl Iterator<Item = &'a str>) -> String {
    let place = line.split_once(" panicked at ").map_or(line, |(_, place)| place).trim_end_matches(':');
    let message =
        lines.take_while(|line| !line.starts_with("note: ") && !line.starts_with("stack backtrace"));
    let message: Vec<&str> = message.take_while(|line| !line.is_empty() && !line.starts_with("==")).collect();
    format!("{}\n{place}", message.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_good_run() {
        let output = "\
INFO: Running with entropic power schedule (0xFF, 100).
#2	INITED cov: 18 ft: 19 corp: 1/1b exec/s: 0 rss: 38Mb
#131072	pulse  cov: 412 ft: 1630 corp: 310/9Kb lim: 128 exec/s: 43690 rss: 42Mb
#200001	DONE   cov: 430 ft: 1700 corp: 333/10Kb lim: 198 exec/s: 40000 rss: 44Mb
Done 200001 runs in 5 second(s)
stat::number_of_executed_units: 200001
stat::average_exec_per_sec:     40000
stat::new_units_added:          120
stat::slowest_unit_time_sec:    0
stat::peak_rss_mb:              44
";
        let expected =
            Statistics { executions: 200_001, per_second: 40_000, coverage: 430, inputs: 333, finding: None };
        assert_eq!(Statistics::of(output), expected);
    }

    #[test]
    fn a_finding_comes_with_its_reason_and_its_input() {
        let output = "\
#512	NEW    cov: 400 ft: 900 corp: 80/2Kb lim: 4 exec/s: 0 rss: 40Mb L: 4/4 MS: 1 CopyPart-

thread '<unnamed>' (77) panicked at src/payload.rs:83:5:
written and read again
got      []
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
==77== ERROR: libFuzzer: deadly signal
SUMMARY: libFuzzer: deadly signal
MS: 1 ChangeBit-; base unit: 5ba9
artifact_prefix='/t/'; Test unit written to /t/crash-1234
stat::number_of_executed_units: 600
";
        let statistics = Statistics::of(output);
        assert_eq!((statistics.executions, statistics.coverage, statistics.inputs), (600, 400, 80));
        let message = "written and read again\ngot      []\nsrc/payload.rs:83:5".to_owned();
        let finding = Finding { message, input: Some("/t/crash-1234".to_owned()) };
        assert_eq!(statistics.finding, Some(finding));
    }

    #[test]
    fn what_is_no_panic_is_told_by_its_summary() {
        let output =
            "SUMMARY: libFuzzer: timeout\nartifact_prefix='/t/'; Test unit written to /t/timeout-1\n";
        let finding = Statistics::of(output).finding.unwrap();
        assert_eq!((finding.message.as_str(), finding.input.as_deref()), ("timeout", Some("/t/timeout-1")));
    }
}
