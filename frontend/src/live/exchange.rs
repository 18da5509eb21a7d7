use console_api::{Reported, Source};
use lwm2m_codec::{ContentFormat, DecodeError, Path};

/// The last payload that was asked for at a path, as it was on the wire.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exchange {
    pub(crate) path: Path,
    pub(crate) source: Source,
    pub(crate) content_format: Option<ContentFormat>,
    pub(crate) payload: Vec<u8>,
    pub(crate) at_ms: u64,
    pub(crate) sequence: Option<u32>,
    pub(crate) error: Option<DecodeError>,
}

impl Exchange {
    pub(super) fn new(path: Path, reported: &Reported) -> Self {
        Self {
            path,
            source: reported.source,
            content_format: reported.content_format.map(ContentFormat),
            payload: reported.payload.clone(),
            at_ms: reported.at_ms,
            sequence: reported.sequence,
            error: None,
        }
    }

    /// What the payload is decoded as. LwM2M 1.0 §6.4: a value without Content-Format is plain text.
    pub(crate) fn format(&self) -> ContentFormat {
        let fallback =
            if self.source == Source::Discover { ContentFormat::CORE_LINK } else { ContentFormat::TEXT };
        self.content_format.unwrap_or(fallback)
    }

    /// The response code that this payload came with, or that its sender got.
    pub(crate) fn code(&self) -> &'static str {
        match self.source {
            Source::Write | Source::WriteComposite | Source::Send => "2.04",
            Source::Read | Source::ReadComposite | Source::Discover | Source::Notify => "2.05",
        }
    }
}
