use axum::{
    Json,
    body::Bytes,
    extract::{State as Extract, rejection::BytesRejection},
};
use console_api::{CredentialImport, RefusedEntry};
use credentials::{Wrong, import::Format};
use serde::Deserialize;

use super::{
    super::{
        State,
        error::Failure,
        extract::{Asked, Author},
    },
    failure::{body, failure},
};
use crate::credentials::Imported;

/// Longest file of credentials. Longer ones are refused before they are read.
pub(in super::super) const FILE_BYTES: usize = credentials::limits::IMPORT_BYTES;

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FileFormat {
    Csv,
    Json,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct How {
    format: FileFormat,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    partial: bool,
}

pub(in super::super) async fn import(
    Extract(state): Extract<State>,
    Author(author): Author,
    Asked(How { format, dry_run, partial }): Asked<How>,
    file: Result<Bytes, BytesRejection>,
) -> Result<Json<CredentialImport>, Failure> {
    let file = body(file, FILE_BYTES)?;
    let format = match format {
        FileFormat::Csv => Format::Csv,
        FileFormat::Json => Format::Json,
    };
    let imported = state.desk.import(author, format, file, dry_run, partial).await.map_err(failure)?;
    let Imported { import, accepted, stored } = imported;
    Ok(Json(CredentialImport {
        dry_run,
        accepted,
        stored,
        refused: import.refused.into_iter().map(entry).collect(),
        warnings: import.warnings.into_iter().map(entry).collect(),
    }))
}

fn entry((line, Wrong { field, expected, got }): (usize, Wrong)) -> RefusedEntry {
    RefusedEntry { line, field: field.to_string(), expected, got }
}
