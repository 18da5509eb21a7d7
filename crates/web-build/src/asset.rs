use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::compression::{Compressed, WireSize};

/// The folder of hashed files, and the page that names them.
pub(crate) struct Assets {
    root: PathBuf,
    /// The build before: what is the same there needs no second compression.
    before: PathBuf,
}

/// A file whose name changes with its content, so that it may be cached for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asset {
    file_name: String,
}

impl Asset {
    fn named_after(stem: &str, extension: &str, content: &[u8]) -> Self {
        Self { file_name: format!("{stem}-{}.{extension}", short_hash(content)) }
    }

    pub(crate) fn file_name(&self) -> &str {
        &self.file_name
    }

    /// `/assets/frontend-0123456789abcdef.js`
    pub(crate) fn url(&self) -> String {
        format!("/assets/{}", self.file_name)
    }
}

impl Assets {
    pub(crate) fn create(root: &Path, before: &Path) -> Result<Self> {
        let assets = root.join(FOLDER);
        let later = assets.join(LATER);
        fs::create_dir_all(&later).with_context(|| format!("cannot create {}", later.display()))?;
        Ok(Self { root: root.to_path_buf(), before: before.to_path_buf() })
    }

    /// Writes a file and its compressed siblings.
    pub(crate) fn add(&mut self, stem: &str, extension: &str, content: &[u8]) -> Result<Asset> {
        let asset = Asset::named_after(stem, extension, content);
        let name = Path::new(FOLDER).join(asset.file_name());
        // Such a name says what the content is.
        let compressed = match siblings(&self.before.join(&name)) {
            Some(compressed) => compressed,
            None => Compressed::of(content)?,
        };
        self.write(&name, content, &compressed)?;
        Ok(asset)
    }

    /// Writes a file whose name says by itself what it was made from.
    pub(crate) fn add_named(&mut self, file_name: &str, content: &[u8]) -> Result<Asset> {
        let asset = Asset { file_name: file_name.to_owned() };
        self.write(&Path::new(FOLDER).join(file_name), content, &Compressed::of(content)?)?;
        Ok(asset)
    }

    pub(crate) fn add_index(&mut self, page: &str) -> Result<()> {
        self.write(Path::new("index.html"), page.as_bytes(), &Compressed::of(page.as_bytes())?)
    }

    fn write(&self, name: &Path, content: &[u8], compressed: &Compressed) -> Result<()> {
        let path = self.root.join(name);
        for (path, content) in [
            (path.clone(), content),
            (sibling(&path, BROTLI), &compressed.brotli),
            (sibling(&path, GZIP), &compressed.gzip),
        ] {
            fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}

/// What the browser loads before the console is there. The registry and [`LATER`] come when they are needed.
pub(crate) fn first_load(root: &Path) -> Result<WireSize> {
    let mut total = WireSize::default();
    for dir in [root.to_path_buf(), root.join(FOLDER)] {
        for entry in fs::read_dir(&dir).with_context(|| format!("cannot list {}", dir.display()))? {
            let path = entry?.path();
            let later = path.extension().is_some_and(|extension| extension == "bin");
            if let Some(compressed) = siblings(&path).filter(|_| !later) {
                total += compressed.size();
            }
        }
    }
    Ok(total)
}

/// The folder of what is loaded with the page that needs it.
pub(crate) const LATER: &str = "later/";

const FOLDER: &str = "assets";
const BROTLI: &str = ".br";
const GZIP: &str = ".gz";

/// The compressed siblings of a file, if it has both.
fn siblings(path: &Path) -> Option<Compressed> {
    let read = |suffix| fs::read(sibling(path, suffix)).ok();
    Some(Compressed { brotli: read(BROTLI)?, gzip: read(GZIP)? })
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut sibling = path.as_os_str().to_owned();
    sibling.push(suffix);
    sibling.into()
}

/// 16 hexadecimal digits of SHA-256.
pub(crate) fn short_hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_follows_the_content() {
        let asset = Asset::named_after("console", "css", b"abc");
        assert_eq!(asset.file_name(), "console-ba7816bf8f01cfea.css");
        assert_eq!(asset.url(), "/assets/console-ba7816bf8f01cfea.css");
        assert_ne!(asset, Asset::named_after("console", "css", b"abd"));
    }

    #[test]
    fn a_file_is_compressed_once() {
        let (before, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut assets = Assets::create(before.path(), Path::new("none")).unwrap();
        let content = b"body {}".repeat(50);
        let asset = assets.add("console", "css", &content).unwrap();
        assets.add("registry", "bin", b"later").unwrap();
        assets.add_index("<!doctype html>").unwrap();
        let sibling_before = sibling(&before.path().join(FOLDER).join(asset.file_name()), BROTLI);
        let mut first = Compressed::of(&content).unwrap().size();
        first += Compressed::of(b"<!doctype html>").unwrap().size();
        assert_eq!(first_load(before.path()).unwrap(), first);

        fs::write(sibling_before, "taken over").unwrap();
        let mut assets = Assets::create(root.path(), before.path()).unwrap();
        assert_eq!(assets.add("console", "css", &content).unwrap(), asset);
        let written = root.path().join(FOLDER).join(asset.file_name());
        assert_eq!(siblings(&written).unwrap().brotli, b"taken over");
        let other = assets.add("console", "css", b"p {}").unwrap();
        let written = siblings(&root.path().join(FOLDER).join(other.file_name())).unwrap();
        assert_eq!(written.brotli, Compressed::of(b"p {}").unwrap().brotli);
    }
}
