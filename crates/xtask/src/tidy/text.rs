use crate::tidy::sources::{Source, Sources};

/// Crates whose behaviour follows from their inputs alone.
const PURE_CRATES: [&str; 4] =
    ["crates/coap/", "crates/lwm2m-core/", "crates/lwm2m-codec/", "crates/lwm2m-model/"];
const IMPURE_WORDS: [&str; 6] =
    ["Instant::now", "SystemTime::now", "tokio::", "std::net::UdpSocket", "std::thread", "HashMap"];

const MOST_LINES: usize = 800;

// Put together, so that this file does not contain what it looks for.
const UNFINISHED: [&str; 4] =
    [concat!("to", "do!("), concat!("unimpl", "emented!("), concat!("FIX", "ME"), concat!("#[ign", "ore")];

const SLEEP: &str = concat!("sle", "ep(");
/// The one place where tests wait for time to pass, between two looks at what they wait for.
const MAY_SLEEP: [&str; 2] = ["tests/src/wait.rs", "tests/store-bench/src/notify.rs"];

pub(crate) fn protocol_crates_are_pure(sources: &Sources) -> Vec<String> {
    let in_pure_crates =
        sources.rust().filter(|source| PURE_CRATES.iter().any(|name| source.path.starts_with(name)));
    in_pure_crates.flat_map(|source| find(source, source.product_lines(), &IMPURE_WORDS)).collect()
}

pub(crate) fn files_are_short(sources: &Sources) -> Vec<String> {
    let length = |source: &Source| (source.path.clone(), source.text.lines().count());
    let of_code = sources.0.iter().filter(|source| !source.path.ends_with(".toml"));
    of_code
        .map(length)
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(path, lines)| format!("{path}: {lines} lines, at most {MOST_LINES}"))
        .collect()
}

pub(crate) fn nothing_is_unfinished(sources: &Sources) -> Vec<String> {
    sources.rust().flat_map(|source| find(source, source.lines(), &UNFINISHED)).collect()
}

pub(crate) fn crate_roots_are_documented(sources: &Sources) -> Vec<String> {
    let is_root = |source: &&Source| {
        let path = &source.path;
        path.ends_with("src/lib.rs") || path.ends_with("src/main.rs") || is_target_file(path)
    };
    sources
        .rust()
        .filter(is_root)
        .filter(|source| !source.text.starts_with("//!"))
        .map(|source| format!("{}: must start with `//!`", source.path))
        .collect()
}

/// `tests/tests/console.rs`, `crates/coap/tests/wire.rs`, `tests/examples/screenshots.rs`, `src/bin/x.rs`: each
/// is a crate of its own. The modules of a test with several files are not.
fn is_target_file(path: &str) -> bool {
    let mut folders = path.rsplit('/').skip(1);
    match (folders.next(), folders.next()) {
        (Some("bin"), Some("src")) => true,
        (Some("tests" | "examples"), Some(_)) => !path.contains("/src/"),
        _ => false,
    }
}

pub(crate) fn tests_do_not_sleep(sources: &Sources) -> Vec<String> {
    let waiting = sources.rust().filter(|source| !MAY_SLEEP.contains(&source.path.as_str()));
    waiting.flat_map(|source| find(source, source.test_lines(), &[SLEEP])).collect()
}

/// Whether `word` occurs, and not as the end of a longer name.
fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_')
    })
}

/// Where one of `words` occurs, comments left aside unless they begin with the word.
fn find<'a>(source: &Source, lines: impl Iterator<Item = (usize, &'a str)>, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in lines {
        let is_comment = line.trim_start().starts_with("//");
        let hit = words.iter().find(|word| contains_word(line, word));
        if let Some(word) = hit.filter(|word| !is_comment || word.starts_with("FIX")) {
            found.push(format!("{}:{number}: {word}", source.path));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(path: &str, text: &str) -> Sources {
        Sources(vec![Source { path: path.into(), text: text.into() }])
    }

    #[test]
    fn a_clock_in_a_protocol_crate_is_found() {
        let text = "//! About.\nuse std::time::Instant;\nlet now = Instant::now();\n// no HashMap here\n\
                    #[cfg(test)]\nlet later = Instant::now();\n";
        let found = protocol_crates_are_pure(&sources("crates/coap/src/x.rs", text));
        assert_eq!(found, ["crates/coap/src/x.rs:3: Instant::now"]);
        assert!(protocol_crates_are_pure(&sources("backend/src/x.rs", text)).is_empty());
    }

    #[test]
    fn a_long_file_is_found() {
        let long = "x\n".repeat(MOST_LINES + 1);
        assert_eq!(files_are_short(&sources("frontend/src/x.rs", &long)).len(), 1);
        assert!(files_are_short(&sources("frontend/src/x.rs", &long[2..])).is_empty());
    }

    #[test]
    fn unfinished_work_is_found() {
        for word in UNFINISHED {
            let found = nothing_is_unfinished(&sources("a/src/x.rs", &format!("{word})\n")));
            assert_eq!(found, [format!("a/src/x.rs:1: {word}")]);
        }
        let note = format!("// {}: later\n", UNFINISHED[2]);
        assert_eq!(nothing_is_unfinished(&sources("a/src/x.rs", &note)).len(), 1);
    }

    #[test]
    fn roots_of_all_targets_are_documented() {
        for root in ["a/src/lib.rs", "a/src/main.rs", "a/src/bin/b.rs", "tests/tests/b.rs", "a/examples/b.rs"]
        {
            assert_eq!(crate_roots_are_documented(&sources(root, "mod x;\n")).len(), 1, "{root}");
            assert!(crate_roots_are_documented(&sources(root, "//! About.\n")).is_empty());
        }
        for module in ["a/src/x.rs", "tests/src/x.rs", "a/src/tests/x.rs", "a/src/b/tests/x.rs"] {
            assert!(crate_roots_are_documented(&sources(module, "mod x;\n")).is_empty(), "{module}");
        }
    }

    #[test]
    fn a_sleeping_test_is_found() {
        let text = format!("fn a() {{ {SLEEP}1); }}\n#[cfg(test)]\nfn b() {{ {SLEEP}1); }}\n");
        assert_eq!(tests_do_not_sleep(&sources("a/src/x.rs", &text)).len(), 1);
        assert_eq!(tests_do_not_sleep(&sources("tests/tests/x.rs", &text)).len(), 2);
        assert!(tests_do_not_sleep(&sources("tests/src/wait.rs", &text)).is_empty());
    }
}
