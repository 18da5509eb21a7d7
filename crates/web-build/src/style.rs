use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use crate::read_text;

/// Later layers win over earlier ones, whatever their selectors: a page decides where its components go and
/// which of them fit on the screen.
const ORDER: &str = "@layer tokens, base, components, layout;\n";
/// The layers that are one file each.
const LAYERS: [&str; 3] = ["tokens", "base", "layout"];

/// What comes with the pages that need it, and not with the first.
const LATER: [&str; 10] = [
    "access_control",
    "boards",
    "bootstrap",
    "chart",
    "commands",
    "objects",
    "observations",
    "security",
    "server",
    "trace",
];

/// One style sheet of `style/{tokens,base,layout}.css` and every style sheet beside a component of the first load.
pub(crate) fn join(frontend: &Path) -> Result<String> {
    let mut joined = String::from(ORDER);
    for layer in LAYERS {
        let path = frontend.join("style").join(format!("{layer}.css"));
        joined.push_str(&in_layer(layer, &path)?);
    }
    for path in component_styles(&frontend.join("src"))?.iter().filter(|path| !is_later(path)) {
        joined.push_str(&in_layer("components", path)?);
    }
    Ok(joined)
}

/// One style sheet of the components that come later. It takes its place among the layers of the first.
pub(crate) fn join_later(frontend: &Path) -> Result<String> {
    let styles = component_styles(&frontend.join("src"))?;
    styles.iter().filter(|path| is_later(path)).map(|path| in_layer("components", path)).collect()
}

fn is_later(path: &Path) -> bool {
    let folder = path.parent().and_then(Path::file_name);
    folder.is_some_and(|folder| LATER.iter().any(|later| folder == *later))
}

fn in_layer(layer: &str, path: &Path) -> Result<String> {
    let text = read_text(path)?;
    for rule in ["@import", "@charset"] {
        ensure!(!text.contains(rule), "{}: {rule} does not work inside of a layer", path.display());
    }
    let depth = text.matches('{').count().abs_diff(text.matches('}').count());
    ensure!(depth == 0, "{}: braces do not match", path.display());
    Ok(format!("@layer {layer} {{\n{}\n}}\n", text.trim_end()))
}

/// All `*.css` below `dir`, in the order of their paths.
fn component_styles(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).with_context(|| format!("cannot list {}", dir.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "css") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frontend(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let base = [("style/tokens.css", "t {}"), ("style/base.css", "b {}"), ("style/layout.css", "l {}")];
        for (name, text) in base.iter().chain(files) {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn layers_are_ordered_and_components_come_by_path() {
        let root = frontend(&[("src/b.css", "x {}\n"), ("src/a/z.css", "y {}"), ("src/a/z.rs", "")]);
        assert_eq!(
            join(root.path()).unwrap(),
            "@layer tokens, base, components, layout;\n\
             @layer tokens {\nt {}\n}\n\
             @layer base {\nb {}\n}\n\
             @layer layout {\nl {}\n}\n\
             @layer components {\ny {}\n}\n\
             @layer components {\nx {}\n}\n"
        );
    }

    #[test]
    fn some_come_with_their_pages() {
        let files = [("src/components/bootstrap/a.css", "y {}"), ("src/components/fleet/b.css", "x {}")];
        let root = frontend(&files);
        assert_eq!(join_later(root.path()).unwrap(), "@layer components {\ny {}\n}\n");
        let first = join(root.path()).unwrap();
        assert!(first.contains("x {}") && !first.contains("y {}"));
    }

    #[test]
    fn what_would_break_the_joined_sheet_is_refused() {
        let root = frontend(&[("src/a.css", "x { color: red;")]);
        assert!(join(root.path()).unwrap_err().to_string().contains("braces"));
        let root = frontend(&[("src/a.css", "@import 'x';")]);
        assert!(join(root.path()).unwrap_err().to_string().contains("@import"));
    }
}
