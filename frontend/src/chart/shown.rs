//! What a chart shows in words and numbers.

use crate::format;
use crate::time::Civil;

/// Lowest, highest and mean of the values that are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Statistics {
    pub(crate) count: usize,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) mean: f64,
    pub(crate) last: f64,
}

impl Statistics {
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut sum = 0.0;
        let mut all: Option<Self> = None;
        for value in values {
            sum += value;
            let one = all.get_or_insert(Self { count: 0, low: value, high: value, mean: value, last: value });
            one.count += 1;
            one.low = one.low.min(value);
            one.high = one.high.max(value);
            one.last = value;
        }
        all.map(|all| Self { mean: sum / all.count as f64, ..all })
    }

    /// `lowest 20.1, highest 24.3, mean 22, latest 21.4 °C`
    pub(crate) fn sentence(&self, units: &str) -> String {
        let (low, high, last) = (format::float(self.low), format::float(self.high), format::float(self.last));
        let mean = rounded(self.mean);
        let count = format::plural(self.count, "value");
        format!("{count}: lowest {low}, highest {high}, mean {mean}, latest {last} {units}")
            .trim_end()
            .to_owned()
    }
}

/// Four digits are enough of a mean.
pub(crate) fn rounded(value: f64) -> String {
    let digits = 3 - value.abs().max(1e-9).log10().floor().clamp(-6.0, 3.0) as i32;
    let power = 10_f64.powi(digits);
    format::float((value * power).round() / power)
}

/// A value of a series in a table or a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) at_ms: f64,
    pub(crate) path: String,
    pub(crate) value: f64,
    pub(crate) units: String,
}

/// The samples as comma-separated values (RFC 4180), times in UTC.
pub(crate) fn csv(samples: &[Sample]) -> String {
    let mut text = String::from("time,path,value,unit\r\n");
    for Sample { at_ms, path, value, units } in samples {
        let (epoch_s, ms) = ((at_ms / 1000.0).floor(), at_ms.rem_euclid(1000.0));
        let time = Civil::from_epoch(epoch_s as i64, 0).to_input();
        text.push_str(&format!("{time}.{ms:03.0}Z,{path},{},{}\r\n", format::float(*value), quoted(units)));
    }
    text
}

/// A unit comes from the device, and may hold anything.
fn quoted(text: &str) -> String {
    let plain = !text.contains([',', '"', '\r', '\n']) && !text.starts_with(['=', '+', '-', '@']);
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_what_is_shown() {
        assert_eq!(Statistics::of(std::iter::empty()), None);
        let all = Statistics::of([1.0, 4.0, 2.0, 2.0].into_iter()).unwrap();
        assert_eq!((all.count, all.low, all.high, all.mean, all.last), (4, 1.0, 4.0, 2.25, 2.0));
        assert_eq!(all.sentence("°C"), "4 values: lowest 1, highest 4, mean 2.25, latest 2 °C");
        assert_eq!(
            (rounded(22.123_456), rounded(0.0), rounded(-1234.5)),
            ("22.12".into(), "0".into(), "-1235".into())
        );
    }

    #[test]
    fn a_table_for_other_programs() {
        let sample =
            |at_ms, units: &str| Sample { at_ms, path: "/3/0/9".into(), value: 7.5, units: units.into() };
        assert_eq!(
            csv(&[sample(1_763_808_296_250.0, "%"), sample(0.0, "=a,\"b\"")]),
            "time,path,value,unit\r\n2025-11-22T10:44:56.250Z,/3/0/9,7.5,%\r\n\
             1970-01-01T00:00:00.000Z,/3/0/9,7.5,\"=a,\"\"b\"\"\"\r\n"
        );
    }
}
