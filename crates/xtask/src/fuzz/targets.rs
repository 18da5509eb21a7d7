//! The fuzz targets and their first inputs.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

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
    /// A file of `assets/vectors` as JSON lines, each for decoding and encoding.
    Lines(&'static str),
    /// The datagrams of `assets/vectors/coap_wire.json`, each after these bytes.
    Datagrams(&'static [u8]),
    /// The files of `tests/secure-fuzz/seeds` for this target.
    Own,
    /// Any file after these bytes.
    File(&'static str, &'static [u8]),
    /// The object definition files of `assets/ddf` without their prose, after these bytes.
    DefinitionFiles(&'static [u8]),
    /// Some objects of a file of `assets/registry` after these bytes.
    Objects(&'static str, &'static [u16], &'static [u8]),
    Text(&'static str),
    Bytes(&'static [u8]),
}

use Seeds::{
    Bytes, Datagrams, DefinitionFiles, File, Lines, Objects, Own, Payloads, Text, Transcoded, Vectors,
};

/// How many formats the target `transcode` knows; see `tests/fuzz/src/transcoding.rs` for their numbers.
const FORMATS: u8 = 8;

/// The bit beside the number of a path that says that nothing is defined.
const NOTHING_IS_DEFINED: u8 = 0x80;

pub(crate) const TARGETS: [Target; 29] = [
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
    Target {
        name: "attributes",
        dictionary: Some("attributes"),
        seeds: &[
            Bytes(b"\x0a\x01pmin=10\npmax=60\ngt=45.5\nlt=-3\nst=0.5"),
            Bytes(b"\x0a\x01gt=45.5\n\nlt=10\ngt\nst=2\n\npmin=5\nepmin=1\nepmax=20\n\npmax=0"),
            Bytes(b"\x0b\x02edge=1\ncon=1\nhqmax=10\n\nedge\n\ncon=0\n\npmax=1\n\ncancel"),
            Vectors("link", &[10, 1]),
            Bytes(b"\x00\x01</>;lwm2m=1.2,</0/1>;ssid=101;uri=\"coaps://a\",</3>;ver=1.1,</3/0/7>;dim=2;pmin=5;x;gt=1"),
        ],
    },
    Target { name: "ddf_xml", dictionary: Some("ddf"), seeds: &[DefinitionFiles(&[])] },
    Target {
        name: "definitions",
        dictionary: Some("definitions"),
        seeds: &[
            File("assets/vectors/test_objects.json", &[0, 5, 20, 9]),
            Objects("objects", &[2, 3347], &[0, 9, 3, 1]),
            Objects("objects_history", &[2, 6], &[0, 2, 40, 8]),
            DefinitionFiles(&[0, 3, 100, 6]),
            File("tests/fuzz/seeds/definitions/one_object", &[1, 9, 9, 3]),
            File("tests/fuzz/seeds/definitions/versions", &[1, 9, 9, 3]),
        ],
    },
    Target {
        name: "json_lines",
        dictionary: Some("lines"),
        seeds: &[
            Lines("text"),
            Lines("opaque"),
            Lines("cbor"),
            Lines("tlv"),
            Lines("json"),
            Lines("senml_json"),
            Lines("senml_cbor"),
            Lines("lwm2m_cbor"),
            Lines("link"),
            Lines("execute_args"),
            Lines("senml_json_paths"),
            Lines("senml_cbor_paths"),
            Text(r#"{"content_format":11542,"path":"/3/0","lwm2m":"1.0","versions":{"3":"1.1"},"id":[7],"hex":"c10905"}"#),
            Text(r#"{"content_format":11542,"path":"/3","values":[],"empty":["/3/0/7"],"hex":"08008007"}"#),
        ],
    },
    Target {
        name: "notification",
        dictionary: None,
        seeds: &[
            // A resource with pmin=5, pmax=20 and gt, one with epmin and epmax, and a node of three.
            Bytes(b"\x00\x13\x00\x05\x14\x20\x64\x00\x0a\xa0\x00\x20\x20\x00\xff\xb0\x0c\x05\x00\x00\x30\x90"),
            Bytes(b"\x00\x0c\x02\x03\x09\x64\x00\x0a\xa0\x00\x20\x20\x00\xff\xb0\x10\x20\xa0\x01\xff\x50\x0e\x30"),
            Bytes(
                b"\x01\x02\x03\x00\x02\x09\x64\x08\x01\x07\x80\x02\x00\x0a\x90\x00\x40\x70\x01\x20\xd0\x16\x30\x12\x20\x00\x40\x1e\xf0\x00\xff\x99",
            ),
        ],
    },
    Target {
        name: "access_control",
        dictionary: None,
        seeds: &[
            Bytes(
                b"\x01\xff\x03\x03\x01\x03\x00\x00\x01\x0f\x02\x07\x01\x00\x00\x02\x01\x03\x02\x00\x02\x01\x11\x00\x05\x01\x03\x01\x00\x03\x00\x00\x00\x02\x01\x08\x02\x03\x00\x00\x00\x01\x07\x01\x02\x00\x03",
            ),
            Bytes(b"\x05\xff\x08\x00\x00\x06\x03\x01\x00\x00\x02\x01\x0c\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"),
        ],
    },
    Target {
        name: "coap_message",
        dictionary: None,
        seeds: &[Datagrams(&[])],
    },
    Target {
        name: "coap_endpoint",
        dictionary: None,
        seeds: &[
            Datagrams(&[0, 0, 0, 64]),
            // A request of ours and its answer, one to us and its answer, a notification, and pauses between them.
            Bytes(b"\x08\x00\x05\x01\x00\x00\x20\x00\x00\x01\x00\x02\x03\x00\x00\x01\x03abc\x06\x00\x04"),
            Bytes(b"\x00\x00\x02\x01\x00\x00\x01\x01\x00\x05hello\x09\x00\xff\x0b\x00\x01\x90\x06\x00\x05"),
            Bytes(b"\x00\x00\x02\x01\x00\x01\x01\x01\x03\x0e\x90\x06\x00\x03\x0c\x01\x0e\x06\x00\x07"),
        ],
    },
    Target {
        name: "server",
        dictionary: None,
        seeds: &[
            Datagrams(&[0, 0, 0, 64]),
            Bytes(b"\x06\x00\x00\x20\x00\x00\x00\x0b\x00\x00\x01\x00\x02\x03\x00\x01\x00\x01\x0220\x04\x00\x04"),
            Bytes(b"\x06\x00\x00\x20\x01\xf0\x01\x02\x00\x00\x01\x00\x02\x02\x00\x01\x03\x0e\x00\x04\x00\x05"),
        ],
    },
    Target {
        name: "bootstrap_server",
        dictionary: Some("link"),
        seeds: &[
            Datagrams(&[0, 7, 0]),
            // A request, the answer to Discover, and to every command that follows.
            Bytes(b"\x00\x00\x07pct=112\x00\x00\x01\x01\x26</>;lwm2m=1.1,</0/0>;ssid=1,</0/1>,</1/0>\x00\x00\x01\x01\x00\x00\x00\x01\x01\x00\x00\x00\x01\x01\x00\x00\x00\x01\x01\x00\x00"),
            Bytes(b"\x00\x04\x01\x00\x00\x00\x00\x00\x01\x01\x00\x00\x00\x05\x05\x00\x00\x00\x00"),
        ],
    },
    Target {
        name: "client",
        dictionary: None,
        seeds: &[
            Datagrams(&[0, 0, 0, 64]),
            // Observe, a new value, Write, Execute, Create, and pauses between them.
            Bytes(b"\x00\x00\x02\x01\x14\x00\x00\x01\x01\x00\x00\x00\x06\x00\x15\x05\x00\x03"),
            Bytes(b"\x00\x00\x02\x01\x10\x00\x02\x01\x01\x02\x00\x03UTC\x05\x00\x03"),
            Bytes(b"\x00\x01\x02\x01\x13\x00\x01\x01\x00\x00\x05\x00\x06"),
        ],
    },
    Target {
        name: "dtls_records",
        dictionary: None,
        seeds: &[
            Bytes(b"\x07\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x02\x00\x14\x10\x00\x00\x08\x00\x02\x00\x00\x00\x00\x00\x08\x00\x06\x64\x65\x76\x69\x63\x65\x14\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x03\x00\x01\x01\x19\xfe\xfd\x00\x01\x00\x00\x00\x00\x00\x00\xfd\x05\x9b\x29\xf6\x5b\x86\x00\x29\x00\x01\x00\x00\x00\x00\x00\x00\x51\x3f\xf0\x5d\x0e\x9e\x19\x7a\xde\x7a\xef\xc4\x2f\x3d\xee\xe5\x41\xbc\xee\xd5\xf4\x0a\xb4\x4a\xe2\x44\xd1\x31\xeb\xb2\x42\x22\xbc"),
            Bytes(b"\x00\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x01\x00\x41\x02\x00\x00\x35\x00\x01\x00\x00\x00\x00\x00\x35\xfe\xfd\x2f\x81\x38\x99\x22\x96\xad\xd2\xc8\x09\xac\x4c\x2a\x42\xeb\xf8\x24\x9d\x7b\xbf\xa9\x8d\x6f\x09\xeb\xdf\x52\x07\xe1\xf9\xf9\xc1\x00\xc0\xa8\x00\x00\x0d\xff\x01\x00\x01\x00\x00\x23\x00\x00\x00\x17\x00\x00\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x02\x00\x0c\x0e\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00"),
            Bytes(b"\x07\x19\xfe\xfd\x00\x01\x00\x00\x00\x00\x00\x01\xfd\x05\x9b\x29\xf6\x5b\x86\x00\x21\x00\x01\x00\x00\x00\x00\x00\x01\x32\x4f\x27\xfa\xfb\x72\x17\x5a\x02\x78\x6e\x67\x20\xcd\x91\x54\x56\xe9\x5a\x50\xc8\xaa\xf1\x75\x7b"),
        ],
    },
    Target {
        name: "dtls_client_hello",
        dictionary: None,
        seeds: &[
            Bytes(b"\x01\x00\x00\x57\x00\x01\x00\x00\x00\x00\x00\x57\xfe\xfd\x6b\x08\x21\xd3\xc8\x61\x87\x73\x6d\x2e\x08\x59\x20\x3f\x91\xab\xe1\x61\xcc\xb8\xf1\xce\x77\x51\x70\x4f\x10\x11\x91\x8d\xc6\xab\x00\x20\xe5\xa4\x12\x43\x8b\xd0\x5c\xa8\x9f\x00\x80\xaa\x80\x33\x35\x32\x8f\x16\x2a\xab\xe2\xf8\xb5\xcf\x16\x1e\x94\x56\x6e\x00\xba\x60\x00\x04\xc0\xa8\x00\xff\x01\x00\x00\x09\x00\x17\x00\x00\x00\x36\x00\x01\x00"),
            Bytes(b"\x01\x00\x00\x82\x00\x01\x00\x00\x00\x00\x00\x82\xfe\xfd\x14\x51\xad\x06\xa2\xe9\xd1\x3a\x74\x50\xea\x8c\x99\x33\x77\x3a\xa1\x26\x4a\x18\xe1\xde\x66\x74\xee\xec\xfb\xba\xa4\x30\x31\x1e\x00\x14\x4a\x40\x24\xe3\xbc\x15\x7c\x03\x35\x5d\xbf\x94\x60\xf2\x82\x27\x6c\xc6\xde\x12\x00\x04\xc0\xa8\x00\xff\x01\x00\x00\x40\x00\x23\x00\x00\x00\x16\x00\x00\x00\x17\x00\x00\x00\x0d\x00\x30\x00\x2e\x04\x03\x05\x03\x06\x03\x08\x07\x08\x08\x08\x09\x08\x0a\x08\x0b\x08\x04\x08\x05\x08\x06\x04\x01\x05\x01\x06\x01\x03\x03\x02\x03\x03\x01\x02\x01\x03\x02\x02\x02\x04\x02\x05\x02\x06\x02"),
        ],
    },
    Target { name: "dtls_handshake", dictionary: None, seeds: &[Own] },
    Target { name: "credential_import", dictionary: Some("credentials"), seeds: &[Own] },
    Target {
        name: "dtls_open",
        dictionary: None,
        seeds: &[
            Bytes(b"\x15\x00\x00\x05\x01\x00\x00\x04\x00\x00\x00\x00\x03\x07\x00\x02\x01\x00\x00\x01\x01\x00\x06\x00\x00\x03\x00\x00"),
            Bytes(b"\x00\x00\x00\x05\x02\x00\x09\x05\x00\x00\x01\x00\x00\x06\x00\x01\x04\x00\x00\x07\x00\x00\x06\x00\x00\x03\x00\x00"),
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
                Bytes(bytes) => inputs.push((format!("seed-{index}"), bytes.to_vec())),
                File(file, prefix) => {
                    let content = fs::read(root.join(file)).with_context(|| format!("cannot read {file}"))?;
                    inputs.push((format!("seed-{index}"), [prefix, &content].concat()));
                }
                Own => inputs.extend(own(root, self.name)?),
                DefinitionFiles(prefix) => {
                    for (file, text) in definition_files(root)? {
                        inputs.push((format!("seed-{index}-{file}"), [prefix, text.as_bytes()].concat()));
                    }
                }
                Objects(file, ids, prefix) => {
                    let text = objects(root, file, ids)?;
                    inputs.push((format!("seed-{index}"), [prefix, text.as_bytes()].concat()));
                }
                Datagrams(prefix) => {
                    for (number, datagram) in datagrams(root)?.iter().enumerate() {
                        inputs.push((format!("seed-{index}-{number}"), [prefix, &datagram[..]].concat()));
                    }
                }
                Lines(file) => {
                    for vector in vectors(root, file)? {
                        inputs.push((format!("seed-{}", vector.id), vector.line(file).into_bytes()));
                    }
                }
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

/// The first inputs of a target that has them as files.
fn own(root: &Path, target: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let folder = root.join("tests/secure-fuzz/seeds").join(target);
    let files = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    files
        .map(|file| {
            let path = file?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Ok((format!("seed-{name}"), fs::read(&path)?))
        })
        .collect()
}

/// The paths that a payload may be for, one a line; the number of the line is what an input begins with.
fn request_paths(root: &Path) -> Result<String> {
    fs::read_to_string(root.join("tests/fuzz/paths.txt")).context("cannot read the paths of requests")
}

struct Vector {
    id: String,
    path: String,
    hex: String,
    payload: Vec<u8>,
    decoded: Value,
    is_valid: bool,
}

impl Vector {
    fn after(&self, prefix: &[u8]) -> Vec<u8> {
        [prefix, &self.payload].concat()
    }

    /// As a JSON line.
    fn line(&self, format: &str) -> String {
        json!({ "format": format, "path": self.path, "hex": self.hex, "values": self.decoded }).to_string()
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
                hex: field("hex")?.to_owned(),
                payload: bytes(field("hex")?).with_context(|| format!("hex of {vector}"))?,
                decoded: vector["decoded"].clone(),
                is_valid: section == "valid",
            });
        }
    }
    Ok(vectors)
}

/// The datagrams of all examples.
fn datagrams(root: &Path) -> Result<Vec<Vec<u8>>> {
    let file = root.join("assets/vectors/coap_wire.json");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let document: Value = serde_json::from_str(&text)?;
    let flows = document["flows"].as_object().context("flows expected")?;
    let examples = flows.values().filter_map(Value::as_array).flatten();
    examples.map(|example| example["hex"].as_str().and_then(bytes).context("hex expected")).collect()
}

/// The files of `assets/ddf` by name, without what makes them too long to be mutated: comments, prose and indentation.
fn definition_files(root: &Path) -> Result<Vec<(String, String)>> {
    let folder = root.join("assets/ddf");
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "xml")
            && let Some(name) = file.file_stem().and_then(|name| name.to_str())
        {
            let text =
                fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            files.push((name.to_owned(), without_prose(&text)));
        }
    }
    Ok(files)
}

fn without_prose(text: &str) -> String {
    let mut text = text.to_owned();
    for (start, end) in [
        ("<!--", "-->"),
        ("<Description>", "</Description>"),
        ("<Description1>", "</Description1>"),
        ("<Description2>", "</Description2>"),
    ] {
        text = text.split(start).map(|part| part.split_once(end).map_or(part, |(_, rest)| rest)).collect();
    }
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Those objects of a registry in JSON that have one of these ids, as such a registry.
fn objects(root: &Path, name: &str, ids: &[u16]) -> Result<String> {
    let file = root.join(format!("assets/registry/{name}.json"));
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let document: Value = serde_json::from_str(&text)?;
    let objects = document["objects"].as_array().into_iter().flatten();
    let wanted = |object: &&Value| ids.iter().any(|id| object["id"] == *id);
    let objects: Vec<&Value> = objects.filter(wanted).collect();
    Ok(json!({ "objects": objects }).to_string())
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

    /// Inputs that are left out for their length must not be all there are.
    #[test]
    fn first_inputs_are_short_enough() {
        let root = crate::workspace_root().unwrap();
        for target in &TARGETS {
            let inputs = target.inputs(&root).unwrap();
            for (index, _) in target.seeds.iter().enumerate() {
                let own = format!("seed-{index}");
                let mut own =
                    inputs.iter().filter(|(name, _)| *name == own || name.starts_with(&format!("{own}-")));
                let short = own.clone().any(|(_, input)| input.len() <= super::super::LONGEST);
                assert!(own.next().is_none() || short, "{} {index}", target.name);
            }
        }
    }

    #[test]
    fn prose_is_left_out_of_definition_files() {
        let text =
            "<!--\n a\n-->\n<LWM2M>\n\t<Description1><![CDATA[b]]></Description1><Name>c</Name>\n</LWM2M>";
        assert_eq!(without_prose(text), "<LWM2M>\n<Name>c</Name>\n</LWM2M>");
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
