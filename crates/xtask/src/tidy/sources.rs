use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// Folders of the workspace that hold our own code.
const FOLDERS: [&str; 4] = ["backend", "crates", "frontend", "tests"];

/// The text files of the workspace.
#[derive(Debug, Default)]
pub(crate) struct Sources(pub(crate) Vec<Source>);

#[derive(Debug)]
pub(crate) struct Source {
    /// Relative to the workspace, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Sources {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        for folder in FOLDERS {
            collect(&root.join(folder), &mut files)?;
        }
        files.sort();
        let read = |file: PathBuf| {
            let text =
                fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let path = file.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            Ok(Source { path, text })
        };
        Ok(Self(files.into_iter().map(read).collect::<Result<_>>()?))
    }

    pub(crate) fn rust(&self) -> impl Iterator<Item = &Source> {
        self.0.iter().filter(|source| source.path.ends_with(".rs"))
    }

    pub(crate) fn manifests(&self) -> impl Iterator<Item = &Source> {
        self.0.iter().filter(|source| source.path.ends_with("/Cargo.toml"))
    }
}

impl Source {
    /// Lines with their numbers.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// Whether the whole file is a test.
    pub(crate) fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    /// Lines of the test module at the end of the file; all of them when the file is a test.
    pub(crate) fn test_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let start = if self.is_test() { 0 } else { self.first_test_line() };
        self.lines().skip(start)
    }

    /// Lines that are no test.
    pub(crate) fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = if self.is_test() { 0 } else { self.first_test_line() };
        self.lines().take(end)
    }

    fn first_test_line(&self) -> usize {
        let lines = self.text.lines().count();
        self.text.lines().position(|line| line.trim() == "#[cfg(test)]").unwrap_or(lines)
    }
}

/// The name of the package that a manifest is of.
pub(crate) fn package_name(manifest: &str) -> Option<&str> {
    manifest.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "target") {
                collect(&path, files)?;
            }
        } else if path.extension().is_some_and(|extension| {
            ["rs", "toml", "css", "html", "java", "sh"].iter().any(|known| extension == *known)
        }) {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_module_is_told_from_the_product() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {}\n".to_owned();
        let source = Source { path: "crates/a/src/a.rs".into(), text: text.clone() };
        assert_eq!(source.product_lines().count(), 1);
        assert_eq!(source.test_lines().next(), Some((2, "#[cfg(test)]")));
        let test = Source { path: "crates/a/tests/a.rs".into(), text };
        assert_eq!(test.product_lines().count(), 0);
        assert_eq!(test.test_lines().count(), 3);
    }
}
