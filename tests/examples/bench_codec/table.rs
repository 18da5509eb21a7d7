use codec_bench::{Case, Measurement, Rival, Times};
use lwm2m_codec::ContentFormat;

/// One of the two ways: its title, and how long it takes.
type Way = (&'static str, fn(&Times) -> f64);
const WAYS: [Way; 2] = [("decode", |times| times.decode_ns), ("encode", |times| times.encode_ns)];

/// `browser` is empty when there was none.
pub(crate) fn print(cases: &[Case], native: &[Measurement], browser: &[Measurement]) {
    for (title, ns) in WAYS {
        println!(
            "\n{title:<12} {:<22} {:>6} {:>12} {:>7} {:>12} {:>7} {:>8} {:>16} {:>9}",
            "", "bytes", "native ns", "MB/s", "browser ns", "MB/s", "×native", "× other crate", "in browser"
        );
        for (at, (case, native)) in cases.iter().zip(native).enumerate() {
            let browser = browser.get(at);
            println!("{}", line(case, native, browser, ns));
        }
    }
    println!("\nIn short, the geometric mean of these payloads, and the worst and best of them:");
    for (title, ns) in WAYS {
        for rival in [Rival::SerdeJson, Rival::Ciborium] {
            for (place, measurements) in [("native", native), ("browser", browser)] {
                let of_rival =
                    measurements.iter().filter_map(|measurement| advantage(measurement, Some(rival), ns));
                summarise(&format!("{title}, {place}: codec vs {rival}"), of_rival.collect(), "as fast");
            }
        }
        let pairs = native.iter().zip(browser);
        let ratios = pairs.map(|(native, browser)| ns(&browser.codec) / ns(&native.codec));
        summarise(&format!("{title}: wasm vs native"), ratios.collect(), "as long");
    }
    println!(
        "\nThe other crate reads the same bytes into its generic tree and writes that tree: serde_json for JSON, \
         ciborium for CBOR.\nIn the browser serde_json is built for size, as it is in the console; the codec and \
         ciborium are built for speed.\nMedians of runs of at least 25 ms; Chromium's clock is coarse, it has steps \
         of 0.1 ms."
    );
}

fn line(case: &Case, native: &Measurement, browser: Option<&Measurement>, ns: fn(&Times) -> f64) -> String {
    let format = short_name(ContentFormat(case.content_format));
    let bytes = case.payload.len();
    let speed = |measurement: &Measurement| {
        let ns = ns(&measurement.codec);
        format!("{ns:>12.0} {:>7.0}", bytes as f64 * 1e3 / ns)
    };
    let in_browser = browser.map_or_else(
        || format!("{:>12} {:>7} {:>8}", "-", "-", "-"),
        |browser| format!("{} {:>8.2}", speed(browser), ns(&browser.codec) / ns(&native.codec)),
    );
    let versus = |measurement: Option<&Measurement>| {
        let advantage = measurement.and_then(|measurement| advantage(measurement, None, ns));
        advantage.map_or_else(|| "-".to_owned(), |advantage| format!("{advantage:.2}"))
    };
    let other = native.rival.map_or_else(String::new, |(rival, _)| rival.to_string());
    format!(
        "{format:<12} {:<22} {bytes:>6} {} {in_browser} {other:>11}{:>5} {:>9}",
        case.name,
        speed(native),
        versus(Some(native)),
        versus(browser)
    )
}

/// How many times as fast as the other crate the codec is.
fn advantage(measurement: &Measurement, wanted: Option<Rival>, ns: fn(&Times) -> f64) -> Option<f64> {
    let (rival, times) = measurement.rival?;
    (wanted.is_none() || wanted == Some(rival)).then(|| ns(&times) / ns(&measurement.codec))
}

fn summarise(what: &str, ratios: Vec<f64>, how: &str) {
    if ratios.is_empty() {
        return;
    }
    let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
    let (least, most) = ratios
        .iter()
        .fold((f64::MAX, f64::MIN), |(least, most), ratio| (least.min(*ratio), most.max(*ratio)));
    println!("  {what:<40} {mean:>6.2}× {how}   ({least:.2} to {most:.2})");
}

fn short_name(format: ContentFormat) -> &'static str {
    match format {
        ContentFormat::TEXT => "text",
        ContentFormat::OPAQUE => "opaque",
        ContentFormat::CBOR => "CBOR",
        ContentFormat::TLV => "TLV",
        ContentFormat::JSON => "JSON",
        ContentFormat::SENML_JSON => "SenML JSON",
        ContentFormat::SENML_CBOR => "SenML CBOR",
        _ => "LwM2M CBOR",
    }
}
