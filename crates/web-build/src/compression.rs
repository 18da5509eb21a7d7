use std::{io::Write as _, ops::AddAssign};

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

/// A file as it travels, for browsers that understand brotli and for everyone else. Browsers ask for brotli only
/// where nobody between can change what is sent: over TLS, and from this machine.
pub(crate) struct Compressed {
    pub(crate) brotli: Vec<u8>,
    pub(crate) gzip: Vec<u8>,
}

impl Compressed {
    /// As small as it gets: a file is compressed once and loaded often.
    pub(crate) fn of(content: &[u8]) -> Result<Self> {
        Ok(Self { brotli: brotli(content)?, gzip: gzip(content)? })
    }

    pub(crate) fn size(&self) -> WireSize {
        WireSize { brotli: self.brotli.len() as u64, gzip: self.gzip.len() as u64 }
    }
}

/// Bytes on the wire, by the coding that the browser asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WireSize {
    pub brotli: u64,
    pub gzip: u64,
}

impl AddAssign for WireSize {
    fn add_assign(&mut self, more: Self) {
        self.brotli += more.brotli;
        self.gzip += more.gzip;
    }
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    // A window of 16 MiB: the whole module is in sight everywhere.
    let parameters =
        BrotliEncoderParams { quality: 11, lgwin: 24, size_hint: content.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn both_codings_give_the_content_back() {
        let content = b"body { color: red; }\n".repeat(200);
        let compressed = Compressed::of(&content).unwrap();
        let mut restored = Vec::new();
        brotli::BrotliDecompress(&mut compressed.brotli.as_slice(), &mut restored).unwrap();
        assert_eq!(restored, content);
        restored.clear();
        flate2::read::GzDecoder::new(compressed.gzip.as_slice()).read_to_end(&mut restored).unwrap();
        assert_eq!(restored, content);
        let WireSize { brotli, gzip } = compressed.size();
        assert!(brotli <= gzip && gzip < content.len() as u64);
    }
}
