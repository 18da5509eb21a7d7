use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

/// The folder of hashed files, and the page that names them.
pub(crate) struct Assets {
    root: PathBuf,
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
    pub(crate) fn create(root: &Path) -> Result<Self> {
        let assets = root.join("assets");
        fs::create_dir_all(&assets).with_context(|| format!("cannot create {}", assets.display()))?;
        Ok(Self { root: root.to_path_buf() })
    }

    /// Writes a file and its compressed sibling.
    pub(crate) fn add(&mut self, stem: &str, extension: &str, content: &[u8]) -> Result<Asset> {
        let asset = Asset::named_after(stem, extension, content);
        write_with_gzip(&self.root.join("assets").join(asset.file_name()), content)?;
        Ok(asset)
    }

    pub(crate) fn add_index(&mut self, page: &str) -> Result<()> {
        write_with_gzip(&self.root.join("index.html"), page.as_bytes())
    }

    /// Bytes of all compressed siblings below `root`.
    pub(crate) fn wire_size(root: &Path) -> Result<u64> {
        let mut total = 0;
        for dir in [root.to_path_buf(), root.join("assets")] {
            for entry in fs::read_dir(&dir).with_context(|| format!("cannot list {}", dir.display()))? {
                let entry = entry?;
                if entry.path().extension().is_some_and(|extension| extension == "gz") {
                    total += entry.metadata()?.len();
                }
            }
        }
        Ok(total)
    }
}

fn write_with_gzip(path: &Path, content: &[u8]) -> Result<()> {
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))?;
    let mut sibling = path.as_os_str().to_owned();
    sibling.push(".gz");
    fs::write(&sibling, gzip(content)?).with_context(|| format!("cannot write {}.gz", path.display()))
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

/// 16 hexadecimal digits of SHA-256.
pub(crate) fn short_hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_name_follows_the_content() {
        let asset = Asset::named_after("console", "css", b"abc");
        assert_eq!(asset.file_name(), "console-ba7816bf8f01cfea.css");
        assert_eq!(asset.url(), "/assets/console-ba7816bf8f01cfea.css");
        assert_ne!(asset, Asset::named_after("console", "css", b"abd"));
    }

    #[test]
    fn every_file_has_a_compressed_sibling() {
        let root = tempfile::tempdir().unwrap();
        let mut assets = Assets::create(root.path()).unwrap();
        let content = b"body {}".repeat(50);
        let asset = assets.add("console", "css", &content).unwrap();
        assets.add_index("<!doctype html>").unwrap();

        let compressed =
            fs::read(root.path().join("assets").join(format!("{}.gz", asset.file_name()))).unwrap();
        let mut restored = Vec::new();
        flate2::read::GzDecoder::new(compressed.as_slice()).read_to_end(&mut restored).unwrap();
        assert_eq!(restored, content);
        let index = fs::metadata(root.path().join("index.html.gz")).unwrap().len();
        assert_eq!(Assets::wire_size(root.path()).unwrap(), index + compressed.len() as u64);
    }
}
