//! `docs/conformance.md`: the table with the tests that prove each row.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result};

use crate::conformance::{
    proof::Proof,
    requirement::{Requirement, Requirements},
};

pub(crate) const FILE: &str = "docs/conformance.md";

const HEAD: &str = "\
# Conformance

What the standard asks for, said so that it can be tested, and the tests that prove it. A test belongs to a row when
its name begins with the id of the row; `cargo xtask conformance` runs these tests and says which rows hold. This page
is written by `cargo xtask conformance --write`.

Rows S are about the server, B about the Bootstrap-Server, C about the client. The source is a section of the LwM2M
standard by its number or its name, or an RFC; [D] is a decision of this project, [Seed] an
example that it started from. ETS are cases of the Enabler Test Specification, LightweightM2M-1.1-int-NNN unless they say more.
";

/// The whole page.
pub(crate) fn page(requirements: &Requirements, proofs: &[Proof]) -> String {
    let mut page = HEAD.to_owned();
    for rows in requirements.areas() {
        let Some(first) = rows.first() else { continue };
        // Writing to a text cannot fail.
        let _ = write!(page, "\n## {}\n\n", first.area);
        page.push_str("| id | requirement | version | source | ETS | tests |\n|---|---|---|---|---|---|\n");
        for row in rows {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {} | {} |",
                row.id,
                cell(&row.statement),
                cell(&row.version),
                cell(&row.source),
                cell(&row.ets.join(", ")),
                tests(row, proofs)
            );
        }
    }
    page
}

pub(crate) fn write(root: &Path, page: &str) -> Result<()> {
    let file = root.join(FILE);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(&file, page).with_context(|| format!("cannot write {FILE}"))
}

fn tests(row: &Requirement, proofs: &[Proof]) -> String {
    let titles: BTreeSet<String> = proofs
        .iter()
        .filter(|proof| proof.rows.contains(&row.id))
        .map(|proof| format!("`{}`", proof.title()))
        .collect();
    let titles: Vec<String> = titles.into_iter().collect();
    if titles.is_empty() { "–".to_owned() } else { titles.join("<br>") }
}

/// Text that does not end its cell early.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{
        proof::Place,
        requirement::{rows_of, tests::TABLE},
    };

    #[test]
    fn rows_stand_with_their_tests() {
        let requirements = Requirements::parse(&TABLE.replace('\'', "\"")).unwrap();
        let proof = |name: &str| Proof {
            rows: rows_of(name),
            package: "coap".into(),
            folder: "crates/coap".into(),
            place: Place::Source,
            name: name.into(),
            made_of_data: false,
            misplaced: Vec::new(),
            file: "crates/coap/src/a.rs".into(),
        };
        let page = page(&requirements, &[proof("s_001_z"), proof("s_001_s_093_a")]);
        let row = "| S-001 | Accepts a\\|b | 1.0+ | Core 6.2.1 | int-101 | `coap/s_001_s_093_a`<br>`coap/s_001_z` |";
        assert!(page.contains(row), "{page}");
        assert!(page.contains("| S-002 | Locations differ | 1.0+ | [D] |  | – |"), "{page}");
        assert!(page.contains("## Reporting"), "{page}");
    }
}
