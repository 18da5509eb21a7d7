use console_api::Client;
use lwm2m_codec::ContentFormat;

/// The Content-Formats of a client: those that it announced (`ct`), else those that its version of LwM2M has
/// (Core §7.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Formats {
    all: Vec<ContentFormat>,
    legacy: bool,
}

impl Formats {
    pub(crate) fn of(client: &Client) -> Self {
        let legacy = client.lwm2m_version == "1.0";
        let values = |number: &u16| ContentFormat::WITH_VALUES.contains(&ContentFormat(*number).canonical());
        let mut all: Vec<ContentFormat> = client
            .content_formats
            .iter()
            .filter(|number| values(number))
            .map(|number| ContentFormat(*number))
            .collect();
        if all.is_empty() {
            all = by_version(&client.lwm2m_version).to_vec();
        }
        // Every client has these two for single values.
        for format in [ContentFormat::OPAQUE, ContentFormat::TEXT] {
            if !all.contains(&format) {
                all.insert(0, format);
            }
        }
        Self { all, legacy }
    }

    pub(crate) fn all(&self) -> &[ContentFormat] {
        &self.all
    }

    /// For more than one value.
    pub(crate) fn of_several(&self) -> ContentFormat {
        let preferred: &[ContentFormat] = if self.legacy {
            &[ContentFormat::TLV, ContentFormat::JSON]
        } else {
            &[
                ContentFormat::TLV,
                ContentFormat::SENML_CBOR,
                ContentFormat::SENML_JSON,
                ContentFormat::LWM2M_CBOR,
            ]
        };
        self.first_of(preferred)
    }

    /// For values that lie anywhere, each with its whole path.
    pub(crate) fn of_composite(&self) -> ContentFormat {
        self.first_of(&[ContentFormat::SENML_CBOR, ContentFormat::SENML_JSON, ContentFormat::LWM2M_CBOR])
    }

    fn first_of(&self, preferred: &[ContentFormat]) -> ContentFormat {
        let has = |format: &ContentFormat| self.all.contains(format);
        let first = preferred.first().copied().unwrap_or(ContentFormat::TLV);
        preferred.iter().copied().find(has).unwrap_or(first)
    }
}

fn by_version(version: &str) -> &'static [ContentFormat] {
    match version {
        "1.0" => &[ContentFormat::TLV, ContentFormat::JSON],
        "1.1" => {
            &[ContentFormat::CBOR, ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR, ContentFormat::TLV]
        }
        _ => &[
            ContentFormat::CBOR,
            ContentFormat::SENML_JSON,
            ContentFormat::SENML_CBOR,
            ContentFormat::TLV,
            ContentFormat::LWM2M_CBOR,
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::client;

    fn formats(version: &str, announced: &[u16]) -> Formats {
        let (lwm2m_version, content_formats) = (version.to_owned(), announced.to_vec());
        Formats::of(&Client { lwm2m_version, content_formats, ..client("a", &[]) })
    }

    #[test]
    fn what_was_announced_comes_before_what_the_version_has() {
        let announced = formats("1.1", &[110, 40]);
        assert_eq!(announced.all(), [ContentFormat::TEXT, ContentFormat::OPAQUE, ContentFormat::SENML_JSON]);
        assert_eq!(announced.of_several(), ContentFormat::SENML_JSON);
        assert_eq!(announced.of_composite(), ContentFormat::SENML_JSON);
        assert_eq!(formats("1.0", &[]).of_several(), ContentFormat::TLV);
        assert!(formats("1.2", &[]).all().contains(&ContentFormat::LWM2M_CBOR));
        assert_eq!(formats("1.1", &[]).of_composite(), ContentFormat::SENML_CBOR);
        assert_eq!(formats("1.1", &[0]).of_several(), ContentFormat::TLV, "nothing better is known");
    }
}
