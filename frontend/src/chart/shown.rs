//! What a chart shows in words and numbers.

use std::sync::Arc;

use serde::Serialize;

use super::pyramid::Summary;
use crate::format;
use crate::live::Target;
use crate::time::Civil;

/// `1,234 values: lowest 20.1, highest 24.3, mean 22, latest 21.4 °C`
pub(crate) fn sentence(all: &Summary, units: &str) -> String {
    let (low, high, last) = (format::float(all.low), format::float(all.high), format::float(all.last.1));
    let mean = rounded(all.mean());
    let count = format::plural(all.count as usize, "value");
    format!("{count}: lowest {low}, highest {high}, mean {mean}, latest {last} {units}").trim_end().to_owned()
}

/// One value as it is, several by their mean and what lies around it: `21.4 °C`, `22 °C (20.1 to 24, 12 values)`
pub(crate) fn read_out(part: &Summary, units: &str) -> String {
    if part.count == 1 {
        return format!("{} {units}", format::float(part.last.1)).trim_end().to_owned();
    }
    let (low, high) = (format::float(part.low), format::float(part.high));
    let mean = format!("{} {units}", rounded(part.mean()));
    format!("{} ({low} to {high}, {} values)", mean.trim_end(), format::count(part.count))
}

/// Four digits are enough of a mean.
pub(crate) fn rounded(value: f64) -> String {
    let digits = 3 - value.abs().max(1e-9).log10().floor().clamp(-6.0, 3.0) as i32;
    let power = 10_f64.powi(digits);
    format::float((value * power).round() / power)
}

/// A value of a series in a table or a file, or several of which only this is known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) target: Target,
    /// Of its client.
    pub(crate) endpoint: Arc<str>,
    pub(crate) part: Summary,
    pub(crate) units: String,
    /// What it says, when it is no number.
    pub(crate) text: Option<String>,
}

/// The samples as comma-separated values (RFC 4180), times in UTC. The value of several is their mean.
pub(crate) fn csv(samples: &[Sample]) -> String {
    let mut lines = String::from("time,endpoint,path,value,lowest,highest,values,unit\r\n");
    for Sample { target, endpoint, part, units, text } in samples {
        let number = |value: f64| if text.is_some() { String::new() } else { format::float(value) };
        let (low, high) = (number(part.low), number(part.high));
        let value = text.as_deref().map_or_else(|| number(part.mean()), quoted);
        let (time, path, units) = (moment(part.first.0), target.path, quoted(units));
        let endpoint = quoted(endpoint);
        lines.push_str(&format!("{time},{endpoint},{path},{value},{low},{high},{},{units}\r\n", part.count));
    }
    lines
}

/// The samples as a JSON object on each line.
pub(crate) fn json_lines(samples: &[Sample]) -> String {
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Shown<'a> {
        Number(f64),
        Text(&'a str),
    }
    #[derive(Serialize)]
    struct Line<'a> {
        time: String,
        endpoint: &'a str,
        path: String,
        value: Shown<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        lowest: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        highest: Option<f64>,
        values: u64,
        unit: &'a str,
    }
    let line = |Sample { target, endpoint, part, units, text }: &Sample| {
        let several = part.count > 1 && text.is_none();
        let line = Line {
            time: moment(part.first.0),
            endpoint,
            path: target.path.to_string(),
            value: text.as_deref().map_or_else(|| Shown::Number(part.mean()), Shown::Text),
            lowest: several.then_some(part.low),
            highest: several.then_some(part.high),
            values: part.count,
            unit: units,
        };
        // Texts and numbers cannot fail to be written.
        serde_json::to_string(&line).unwrap_or_default() + "\n"
    };
    samples.iter().map(line).collect()
}

/// `2025-11-22T10:44:56.250Z`
fn moment(at_ms: f64) -> String {
    let time = Civil::from_epoch((at_ms / 1000.0).floor() as i64, 0).to_input();
    format!("{time}.{:03}Z", at_ms.rem_euclid(1000.0) as u32)
}

/// A text comes from the device, and may hold anything.
fn quoted(text: &str) -> String {
    let plain = !text.contains([',', '"', '\r', '\n']) && !text.starts_with(['=', '+', '-', '@']);
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::Path;

    use super::*;
    use crate::live::DeviceKey;

    fn several() -> Summary {
        let mut all = Summary::of((0.0, 1.0));
        for (at_ms, value) in [(1.0, 4.0), (2.0, 2.0), (3.0, 2.0)] {
            all.add(&Summary::of((at_ms, value)));
        }
        all
    }

    #[test]
    fn values_in_words() {
        let all = several();
        assert_eq!(sentence(&all, "°C"), "4 values: lowest 1, highest 4, mean 2.25, latest 2 °C");
        assert_eq!(read_out(&all, "°C"), "2.25 °C (1 to 4, 4 values)");
        assert_eq!(read_out(&Summary::of((0.0, 7.5)), ""), "7.5");
        assert_eq!(
            (rounded(22.123_456), rounded(0.0), rounded(-1234.5)),
            ("22.12".into(), "0".into(), "-1235".into())
        );
    }

    #[test]
    fn a_table_for_other_programs() {
        let sample = |part, units: &str, text: Option<&str>| Sample {
            target: Target { device: DeviceKey::default(), path: Path::resource(3, 0, 9) },
            endpoint: "a".into(),
            part,
            units: units.into(),
            text: text.map(str::to_owned),
        };
        let samples = [
            sample(Summary::of((1_763_808_296_250.0, 7.5)), "%", None),
            sample(several(), "=a,\"b\"", None),
            sample(Summary::of((0.0, 3.0)), "", Some("open, -1")),
        ];
        assert_eq!(
            csv(&samples),
            "time,endpoint,path,value,lowest,highest,values,unit\r\n\
             2025-11-22T10:44:56.250Z,a,/3/0/9,7.5,7.5,7.5,1,%\r\n\
             1970-01-01T00:00:00.000Z,a,/3/0/9,2.25,1,4,4,\"=a,\"\"b\"\"\"\r\n\
             1970-01-01T00:00:00.000Z,a,/3/0/9,\"open, -1\",,,1,\r\n"
        );
        assert_eq!(
            json_lines(&samples),
            "{\"time\":\"2025-11-22T10:44:56.250Z\",\"endpoint\":\"a\",\"path\":\"/3/0/9\",\"value\":7.5,\"values\":1,\"unit\":\"%\"}\n\
             {\"time\":\"1970-01-01T00:00:00.000Z\",\"endpoint\":\"a\",\"path\":\"/3/0/9\",\"value\":2.25,\"lowest\":1.0,\
             \"highest\":4.0,\"values\":4,\"unit\":\"=a,\\\"b\\\"\"}\n\
             {\"time\":\"1970-01-01T00:00:00.000Z\",\"endpoint\":\"a\",\"path\":\"/3/0/9\",\"value\":\"open, -1\",\"values\":1,\"unit\":\"\"}\n"
        );
    }
}
