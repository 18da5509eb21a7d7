//! The tests that prove rows of the table, as the source tree tells it: no build is needed to publish the table.

use std::collections::BTreeMap;

use crate::{
    conformance::requirement::{RowId, misplaced_rows, rows_of},
    tidy::sources::{Source, Sources, package_name},
};

/// A test with rows in its name. Where tests are made of data, the rows stand as texts in the source, and one
/// proof is all tests of its module with these rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) rows: Vec<RowId>,
    pub(crate) package: String,
    /// Folder of the package, relative to the workspace: `crates/coap`.
    pub(crate) folder: String,
    pub(crate) place: Place,
    /// As the test program calls it: `client::tests::c_021_read`. Of tests made of data, only the module.
    pub(crate) name: String,
    pub(crate) made_of_data: bool,
    /// Ids that stand in the name where they mean nothing.
    pub(crate) misplaced: Vec<RowId>,
    /// Where it is written.
    pub(crate) file: String,
}

/// The test program that a test is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Beside the code: of the library or of a program.
    Source,
    /// `tests/<name>.rs` or `tests/<name>/`
    Program(String),
}

impl Proof {
    /// `lwm2m-core/server_operations::s_053_read`, `lwm2m-core/client::tests::c_021_read`.
    pub(crate) fn title(&self) -> String {
        let name = Some(self.name.as_str()).filter(|name| !name.is_empty());
        let path: Vec<&str> = self.program().into_iter().chain(name).collect();
        format!("{}/{}", self.package, path.join("::"))
    }

    /// The name of its test program, unless it stands beside the code.
    pub(crate) fn program(&self) -> Option<&str> {
        match &self.place {
            Place::Source => None,
            Place::Program(name) => Some(name),
        }
    }
}

/// The checks themselves, whose own tests are full of examples.
const NOT_SEARCHED: &str = "xtask";

pub(crate) fn find(sources: &Sources) -> Vec<Proof> {
    let packages: BTreeMap<&str, &str> = sources
        .manifests()
        .filter_map(|manifest| {
            Some((manifest.path.strip_suffix("/Cargo.toml")?, package_name(&manifest.text)?))
        })
        .collect();
    let mut proofs = Vec::new();
    for source in sources.rust() {
        let holds =
            |folder: &&&str| source.path.strip_prefix(**folder).is_some_and(|rest| rest.starts_with('/'));
        let Some(folder) = packages.keys().rfind(holds).copied() else { continue };
        let package = packages.get(folder).copied().unwrap_or_default();
        if package != NOT_SEARCHED {
            proofs.extend(in_source(source, folder, package));
        }
    }
    proofs
}

fn in_source(source: &Source, folder: &str, package: &str) -> Vec<Proof> {
    let path = source.path.strip_prefix(folder).unwrap_or_default().trim_start_matches('/');
    let Some((place, module)) = place(path) else { return Vec::new() };
    let proof = |rows, name: String, made_of_data, misplaced| Proof {
        rows,
        package: package.to_owned(),
        folder: folder.to_owned(),
        place: place.clone(),
        name,
        made_of_data,
        misplaced,
        file: source.path.clone(),
    };
    let mut proofs = Vec::new();
    for test in test_functions(&source.text) {
        let (rows, misplaced) = (rows_of(&test), misplaced_rows(&test));
        if !rows.is_empty() || !misplaced.is_empty() {
            let name = [module.as_str(), test.as_str()].join("::").trim_start_matches(':').to_owned();
            proofs.push(proof(rows, name, false, misplaced));
        }
    }
    let rows = rows_in_texts(&source.text);
    if !rows.is_empty() && place != Place::Source {
        proofs.push(proof(rows, module, true, Vec::new()));
    }
    proofs
}

/// The test program and the module that a file of a package belongs to.
fn place(path: &str) -> Option<(Place, String)> {
    let mut parts: Vec<&str> = path.strip_suffix(".rs")?.split('/').collect();
    if parts.last().is_some_and(|last| ["mod", "main", "lib"].contains(last)) {
        parts.pop();
    }
    match parts.as_slice() {
        ["src", "bin", _, module @ ..] | ["src", module @ ..] => Some((Place::Source, module.join("::"))),
        ["tests", program, module @ ..] => Some((Place::Program((*program).to_owned()), module.join("::"))),
        _ => None,
    }
}

/// Functions marked as tests, with the modules of the file that they are in.
fn test_functions(text: &str) -> Vec<String> {
    let mut modules: Vec<(usize, &str)> = Vec::new();
    let mut is_test = false;
    let mut functions = Vec::new();
    for line in text.lines() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        if code.starts_with("#[") {
            is_test |= is_test_attribute(code);
        } else if let Some(name) = function_name(code).filter(|_| is_test) {
            is_test = false;
            let path: Vec<&str> = modules.iter().map(|(_, name)| *name).chain([name]).collect();
            functions.push(path.join("::"));
        } else if let Some(name) = module_name(code) {
            modules.push((indent, name));
        } else if code.starts_with('}') && modules.last().is_some_and(|(begin, _)| *begin == indent) {
            modules.pop();
        }
    }
    functions
}

/// `#[test]`, `#[tokio::test]`, `#[tokio::test(flavor = "multi_thread")]`
fn is_test_attribute(code: &str) -> bool {
    let path = code.trim_start_matches("#[").split(['(', ']']).next().unwrap_or_default();
    path.rsplit("::").next() == Some("test")
}

fn function_name(code: &str) -> Option<&str> {
    let rest = code.strip_prefix("pub ").unwrap_or(code);
    let rest = rest.strip_prefix("async ").unwrap_or(rest).strip_prefix("fn ")?;
    rest.split(['(', '<']).next()
}

fn module_name(code: &str) -> Option<&str> {
    let rest = code.strip_prefix("pub(crate) ").or_else(|| code.strip_prefix("pub ")).unwrap_or(code);
    rest.strip_prefix("mod ")?.strip_suffix(" {")
}

/// `"S-119"`: texts that are an id and nothing else.
fn rows_in_texts(text: &str) -> Vec<RowId> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut rows: Vec<RowId> = code.flat_map(|line| line.split('"')).filter_map(RowId::parse).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::requirement::tests::row;

    fn proofs(path: &str, text: &str) -> Vec<Proof> {
        let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
        let manifests = [
            source("crates/coap/Cargo.toml", "[package]\nname = \"coap\"\n"),
            source("tests/Cargo.toml", "[package]\nname = \"whole\"\n"),
            source("tests/fuzz/Cargo.toml", "[package]\nname = \"fuzz\"\n"),
        ];
        find(&Sources(manifests.into_iter().chain([source(path, text)]).collect()))
    }

    fn titles(path: &str, text: &str) -> Vec<String> {
        proofs(path, text).iter().map(Proof::title).collect()
    }

    #[test]
    fn tests_are_called_as_their_program_calls_them() {
        let test = "#[test]\nfn s_001_a() {}\n";
        for (path, title) in [
            ("crates/coap/src/a/b.rs", "coap/a::b::s_001_a"),
            ("crates/coap/src/a/mod.rs", "coap/a::s_001_a"),
            ("crates/coap/src/lib.rs", "coap/s_001_a"),
            ("crates/coap/tests/wire.rs", "coap/wire::s_001_a"),
            ("crates/coap/tests/wire/main.rs", "coap/wire::s_001_a"),
            ("tests/tests/wire/block.rs", "whole/wire::block::s_001_a"),
            ("tests/fuzz/src/a.rs", "fuzz/a::s_001_a"),
        ] {
            assert_eq!(titles(path, test), [title]);
        }
        let modules = "#[cfg(test)]\nmod tests {\n    mod inner {\n    }\n    #[tokio::test(flavor = \"x\")]\n    \
                       async fn s_001_a() {\n    }\n}\n#[test]\nfn s_002_b() {}\n";
        assert_eq!(titles("crates/coap/src/a.rs", modules), ["coap/a::tests::s_001_a", "coap/a::s_002_b"]);
    }

    #[test]
    fn only_tests_prove_something() {
        let text = "fn s_001_no_test() {}\n#[test]\nfn without_a_row() {}\n/// S-003, \"S-003\"\n#[test]\nfn x() {}\n";
        assert_eq!(proofs("crates/coap/src/a.rs", text), []);
    }

    #[test]
    fn rows_of_tests_made_of_data_are_texts() {
        let found = proofs("crates/coap/tests/vectors/a.rs", "[(\"tlv\", \"S-119\"), (\"cbor\", \"S-124\")]");
        assert_eq!((found.len(), found[0].made_of_data), (1, true));
        assert_eq!((found[0].title().as_str(), found[0].rows.len()), ("coap/vectors::a", 2));
    }

    #[test]
    fn a_range_is_kept_as_misplaced() {
        let found = proofs("crates/coap/tests/a.rs", "#[test]\nfn s_038_to_s_042_x() {}\n");
        assert_eq!((&found[0].rows[..], &found[0].misplaced[..]), (&[row("S-038")][..], &[row("S-042")][..]));
    }
}
