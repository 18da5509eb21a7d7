use crate::tidy::sources::{Source, Sources, package_name};

/// Which of our crates each of our crates may use. What is not listed here may not be used.
const ALLOWED: [(&str, &[&str]); 25] = [
    ("coap", &[]),
    ("packet-capture", &[]),
    ("netsim", &["packet-capture"]),
    ("dtls-record", &[]),
    ("dtls", &["dtls-record"]),
    ("credentials", &[]),
    ("lwm2m-codec", &[]),
    ("lwm2m-model", &["lwm2m-codec"]),
    ("payload-lines", &["lwm2m-codec", "lwm2m-model"]),
    ("console-api", &["lwm2m-codec", "lwm2m-model"]),
    ("bootstrap-configuration", &["console-api", "lwm2m-codec", "lwm2m-model"]),
    ("lwm2m-core", &["coap", "lwm2m-codec", "lwm2m-model"]),
    ("store", &["coap", "credentials", "lwm2m-codec", "lwm2m-core"]),
    ("frontend", &["bootstrap-configuration", "coap", "console-api", "lwm2m-codec", "lwm2m-model"]),
    (
        "lwm2m-console",
        &[
            "bootstrap-configuration",
            "coap",
            "console-api",
            "credentials",
            "dtls",
            "lwm2m-codec",
            "lwm2m-core",
            "lwm2m-model",
            "lwm2m-simulator",
            "packet-capture",
            "payload-lines",
            "store",
        ],
    ),
    ("lwm2m-simulator", &["coap", "dtls", "lwm2m-codec", "lwm2m-core", "lwm2m-model"]),
    ("web-build", &[]),
    ("xtask", &["web-build"]),
    ("codec-bench", &["lwm2m-codec", "lwm2m-model"]),
    ("core-bench", &["coap", "dtls", "lwm2m-core"]),
    ("store-bench", &["coap", "core-bench", "lwm2m-codec", "store"]),
    ("wasm-lab", &["codec-bench", "lwm2m-codec", "lwm2m-model", "payload-lines"]),
    (
        "whole-program-tests",
        &[
            "codec-bench",
            "coap",
            "console-api",
            "dtls",
            "lwm2m-codec",
            "lwm2m-model",
            "payload-lines",
            "store",
        ],
    ),
    ("secure-fuzz", &["credentials", "dtls"]),
    (
        "fuzz",
        &["coap", "dtls-record", "lwm2m-codec", "lwm2m-core", "lwm2m-model", "payload-lines", "secure-fuzz"],
    ),
];

/// What any crate may use in its tests.
const FOR_TESTS: [&str; 1] = ["netsim"];

pub(crate) fn point_one_way(sources: &Sources) -> Vec<String> {
    sources.manifests().flat_map(violations).collect()
}

fn violations(manifest: &Source) -> Vec<String> {
    let Some(package) = package_name(&manifest.text) else {
        return vec![format!("{}: no package name", manifest.path)];
    };
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == package) else {
        return vec![format!("{}: say in tidy/dependencies.rs what `{package}` may use", manifest.path)];
    };
    dependencies(&manifest.text)
        .filter(|(_, name)| is_ours(name))
        .filter(|(section, name)| {
            let for_tests = *section == "dev-dependencies" && FOR_TESTS.contains(name);
            !allowed.contains(name) && !for_tests
        })
        .map(|(section, name)| format!("{}: `{package}` may not use `{name}` ({section})", manifest.path))
        .collect()
}

fn is_ours(name: &str) -> bool {
    ALLOWED.iter().any(|(ours, _)| *ours == name)
}

/// Section and name of every dependency. Our manifests are written one dependency a line.
fn dependencies(manifest: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut section = "";
    manifest.lines().filter_map(move |line| {
        if let Some(header) = line.strip_prefix('[') {
            section = header.trim_end_matches(']');
            return None;
        }
        let name = line.split(['.', ' ', '=']).next()?;
        let in_dependencies = section.ends_with("dependencies") && !name.is_empty();
        in_dependencies.then_some((section, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(manifest: &str) -> Vec<String> {
        let source = Source { path: "crates/x/Cargo.toml".into(), text: manifest.into() };
        point_one_way(&Sources(vec![source]))
    }

    #[test]
    fn an_arrow_back_is_found() {
        let manifest =
            "[package]\nname = \"coap\"\n[dependencies]\nlwm2m-core.workspace = true\nthiserror = \"2\"\n";
        assert_eq!(check(manifest), ["crates/x/Cargo.toml: `coap` may not use `lwm2m-core` (dependencies)"]);
    }

    #[test]
    fn the_virtual_network_is_for_tests_only() {
        let manifest = "[package]\nname = \"coap\"\n[dev-dependencies]\nnetsim.workspace = true\n";
        assert_eq!(check(manifest), [""; 0]);
        let manifest = "[package]\nname = \"coap\"\n[dependencies]\nnetsim = { path = \"../netsim\" }\n";
        assert_eq!(check(manifest).len(), 1);
    }

    #[test]
    fn a_new_crate_must_take_its_place() {
        assert_eq!(check("[package]\nname = \"new\"\n").len(), 1);
    }
}
