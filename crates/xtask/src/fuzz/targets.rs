//! The fuzz targets and their first inputs.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// A target of `tests/fuzz`.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// A file of `tests/fuzz/dictionaries`, for formats that are texts.
    pub(crate) dictionary: Option<&'static str>,
    seeds: &'static [Seeds],
}

/// Inputs to begin with. Mutation finds its way from a valid payload to its neighbours, but hardly ever to a first one.
#[derive(Clone, Copy, Debug)]
enum Seeds {
    /// A file of `assets/vectors` whose payloads come after the number of their path, twice: with definitions, and
    /// without.
    Payloads(&'static str),
    /// The same after a byte for the formats, once for each format that the payload may be written in.
    Transcoded(&'static str, u8),
    /// A file of `assets/vectors` after these bytes.
    Vectors(&'static str, &'static [u8]),
    Text(&'static str),
}

use Seeds::{Payloads, Text, Transcoded, Vectors};

/// How many formats the target `transcode` knows; see `tests/fuzz/src/transcoding.rs` for their numbers.
const FORMATS: u8 = 8;

/// The bit beside the number of a path that says that nothing is defined.
const NOTHING_IS_DEFINED: u8 = 0x80;

pub(crate) const TARGETS: [Target; 13] = [
    Target { name: "single", dictionary: Some("text"), seeds: &[Payloads("text"), Payloads("opaque")] },
    Target { name: "tlv", dictionary: None, seeds: &[Payloads("tlv")] },
    Target { name: "json", dictionary: Some("json"), seeds: &[Payloads("json")] },
    Target { name: "cbor", dictionary: None, seeds: &[Payloads("cbor")] },
    Target { name: "senml_json", dictionary: Some("json"), seeds: &[Payloads("senml_json")] },
    Target { name: "senml_cbor", dictionary: None, seeds: &[Payloads("senml_cbor")] },
    Target { name: "lwm2m_cbor", dictionary: None, seeds: &[Payloads("lwm2m_cbor")] },
    Target {
        name: "paths",
        dictionary: Some("json"),
        seeds: &[
            Vectors("senml_json_paths", &[0]),
            Vectors("senml_cbor_paths", &[1]),
            Vectors("senml_json_paths", &[2]),
        ],
    },
    Target { name: "link", dictionary: Some("link"), seeds: &[Vectors("link", &[])] },
    Target { name: "execute", dictionary: Some("execute"), seeds: &[Vectors("execute_args", &[])] },
    Target {
        name: "registration_parameters",
        dictionary: Some("query"),
        seeds: &[
            Text("ep=urn:imei:004401820000001\nlt=300\nlwm2m=1.1\nb=U\nQ"),
            Text("lwm2m=1.0\nep=a\nb=UQS\nsms=+41791234567"),
            Text("lwm2m=1.2\nep=a\nb=UT\npid=\"a,b\"\npid=c\nx=1\ny"),
            Text("lt=60"),
        ],
    },
    Target {
        name: "value_text",
        dictionary: Some("text"),
        seeds: &[Vectors("text", &[]), Vectors("link", &[])],
    },
    Target {
        name: "transcode",
        dictionary: Some("json"),
        seeds: &[
            Transcoded("text", 0),
            Transcoded("opaque", 1),
            Transcoded("cbor", 2),
            Transcoded("tlv", 3),
            Transcoded("json", 4),
            Transcoded("senml_json", 5),
            Transcoded("senml_cbor", 6),
            Transcoded("lwm2m_cbor", 7),
        ],
    },
];

pub(crate) fn find(name: &str) -> Result<&'static Target> {
    let found = TARGETS.iter().find(|target| target.name == name);
    let Some(target) = found else {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        bail!("there is no fuzz target `{name}`; the targets are: {}", names.join(", "));
    };
    Ok(target)
}

impl Target {
    /// Puts the first inputs into `folder`, beside those that were found earlier. Longer ones than `longest` are left
    /// out.
    pub(crate) fn seed(&self, root: &Path, folder: &Path, longest: usize) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        for (name, input) in self.inputs(root)? {
            if input.len() <= longest {
                fs::write(folder.join(&name), input).with_context(|| format!("cannot write {name}"))?;
            }
        }
        Ok(())
    }

    fn inputs(&self, root: &Path) -> Result<Vec<(String, Vec<u8>)>> {
        let paths = request_paths(root)?;
        let number = |vector: &Vector| {
            paths.lines().position(|path| path == vector.path).and_then(|number| u8::try_from(number).ok())
        };
        let mut inputs = Vec::new();
        for (index, seeds) in self.seeds.iter().enumerate() {
            match *seeds {
                Text(text) => inputs.push((format!("seed-{index}"), text.into())),
                Vectors(file, prefix) => {
                    let named =
                        |vector: Vector| (format!("seed-{index}-{}", vector.id), vector.after(prefix));
                    inputs.extend(vectors(root, file)?.into_iter().map(named));
                }
                Payloads(file) => {
                    for vector in vectors(root, file)? {
                        let Some(number) = number(&vector) else { continue };
                        inputs.push((format!("seed-{}", vector.id), vector.after(&[number])));
                        let undefined = vector.after(&[number | NOTHING_IS_DEFINED]);
                        inputs.push((format!("seed-{}-undefined", vector.id), undefined));
                    }
                }
                Transcoded(file, from) => {
                    for vector in vectors(root, file)?.iter().filter(|vector| vector.is_valid) {
                        let Some(number) = number(vector) else { continue };
                        for to in (0..FORMATS).filter(|to| *to != from) {
                            let input = vector.after(&[from << 4 | to, number]);
                            inputs.push((format!("seed-{}-to-{to}", vector.id), input));
                        }
                    }
                }
            }
        }
        Ok(inputs)
    }
}

/// The paths that a payload may be for, one a line; the number of the line is what an input begins with.
fn request_paths(root: &Path) -> Result<String> {
    fs::read_to_string(root.join("tests/fuzz/paths.txt")).context("cannot read the paths of requests")
}

struct Vector {
    id: String,
    path: String,
    payload: Vec<u8>,
    is_valid: bool,
}

impl Vector {
    fn after(&self, prefix: &[u8]) -> Vec<u8> {
        [prefix, &self.payload].concat()
    }
}

fn vectors(root: &Path, name: &str) -> Result<Vec<Vector>> {
    let file = root.join(format!("assets/vectors/{name}.json"));
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let document: Value = serde_json::from_str(&text)?;
    let mut vectors = Vec::new();
    for section in ["valid", "malformed"] {
        for vector in document[section].as_array().into_iter().flatten() {
            let field = |name: &str| vector[name].as_str().with_context(|| format!("{name} of {vector}"));
            vectors.push(Vector {
                id: field("id")?.to_owned(),
                path: field("path")?.to_owned(),
                payload: bytes(field("hex")?).with_context(|| format!("hex of {vector}"))?,
                is_valid: section == "valid",
            });
        }
    }
    Ok(vectors)
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hex.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    Some(digits?.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_what_the_manifest_has() {
        let root = crate::workspace_root().unwrap();
        let manifest = fs::read_to_string(root.join("tests/fuzz/Cargo.toml")).unwrap();
        let programs = manifest.split("[[bin]]").skip(1);
        let mut programs: Vec<&str> = programs.map(|program| program.split('"').nth(1).unwrap()).collect();
        let mut targets: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        programs.sort_unstable();
        targets.sort_unstable();
        assert_eq!(targets, programs);
    }

    #[test]
    fn every_target_has_something_to_begin_with() {
        let root = crate::workspace_root().unwrap();
        for target in &TARGETS {
            assert!(!target.inputs(&root).unwrap().is_empty(), "{}", target.name);
            if let Some(name) = target.dictionary {
                assert!(root.join(format!("tests/fuzz/dictionaries/{name}.dict")).is_file(), "{name}");
            }
        }
    }

    #[test]
    fn an_unknown_target_is_answered_with_the_known_ones() {
        assert_eq!(find("tlv").unwrap().name, "tlv");
        let error = find("tvl").unwrap_err().to_string();
        assert!(
            error.starts_with("there is no fuzz target `tvl`; the targets are: single, tlv, "),
            "{error}"
        );
    }

    #[test]
    fn hexadecimal_becomes_bytes() {
        assert_eq!(bytes("c1ff00").unwrap(), [0xC1, 0xFF, 0]);
        assert_eq!(bytes(""), Some(Vec::new()));
        assert_eq!(bytes("x0"), None);
    }
}
