use console_api::UploadedObject;
use lwm2m_model::{DefinitionFileError, ObjectDefinition, read_definitions};

use super::{Key, bundled, described};

/// A definition that an operator has uploaded.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) definition: ObjectDefinition,
    /// As it is kept.
    pub(crate) text: String,
    pub(crate) at_ms: u64,
}

/// Why definitions were not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UploadError {
    #[error("{0}")]
    Unreadable(#[from] DefinitionFileError),
    #[error("there is room for {limit} uploaded object definitions, with these there would be {got}")]
    TooMany { limit: usize, got: usize },
    #[error(
        "there is room for {limit} bytes of uploaded object definitions, with these there would be {got}"
    )]
    TooLarge { limit: usize, got: usize },
    #[error("the definitions cannot be stored: {0}")]
    NotStored(#[from] std::io::Error),
}

/// The definitions of a file. A single one keeps its text; several are told apart and written anew.
pub(crate) fn read(file: &[u8], at_ms: u64) -> Result<Vec<Upload>, DefinitionFileError> {
    let definitions = read_definitions(file)?;
    let alone = (definitions.len() == 1).then(|| String::from_utf8_lossy(file));
    let upload = |definition: ObjectDefinition| {
        let text = match &alone {
            Some(text) => text.trim_start_matches('\u{FEFF}').to_owned(),
            None => written(&definition),
        };
        Upload { definition, text, at_ms }
    };
    Ok(definitions.into_iter().map(upload).collect())
}

impl Upload {
    pub(crate) fn key(&self) -> Key {
        (self.definition.id, self.definition.version)
    }

    pub(crate) fn told(&self) -> UploadedObject {
        let ObjectDefinition { id, version, name, .. } = &self.definition;
        UploadedObject {
            id: *id,
            version: version.to_string(),
            name: name.clone(),
            uploaded_at_ms: self.at_ms,
            replaces: bundled().versions(*id).any(|known| known.version == *version),
            definition: self.text.clone(),
        }
    }
}

fn written(definition: &ObjectDefinition) -> String {
    serde_json::json!({ "objects": [described(definition)] }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_anew_is_read_as_the_same() {
        for definition in bundled().definitions() {
            let read = read_definitions(written(definition).as_bytes()).unwrap();
            assert_eq!(read.iter().collect::<Vec<_>>(), [definition]);
        }
    }

    #[test]
    fn a_file_of_several_is_taken_apart() {
        let several = r#"{"7":{"multiple":true,"resources":[]},"8":{"multiple":true,"resources":[]}}"#;
        let uploads = read(several.as_bytes(), 1).unwrap();
        assert_eq!(uploads.len(), 2);
        for upload in &uploads {
            assert_eq!(read(upload.text.as_bytes(), 1).unwrap()[0].definition, upload.definition);
        }
        let one = "\u{FEFF}{\"7\":{\"multiple\":true,\"resources\":[]}}";
        assert_eq!(read(one.as_bytes(), 1).unwrap()[0].text, one[3..]);
    }
}
