//! Credentials, the server's own secrets, and sessions.

use coap::Instant;
use credentials::{Credential, Mode, Proof, Server};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};

use super::{bootstrap, fault::Refused, read::all, write::execute};
use crate::{CredentialId, KeptSession, Sealed, SecurityChange, ServerSecret, StoreError, Stored};

pub(super) fn put(connection: &Connection, change: &SecurityChange) -> Result<(), Refused> {
    match change {
        SecurityChange::Credential(stored) => keep(connection, stored),
        SecurityChange::CredentialForgotten(id) => {
            execute(connection, "DELETE FROM credential WHERE id = ?1", [id.0])
        }
        SecurityChange::CredentialUsed(id, at) => used(connection, *id, *at),
        SecurityChange::Server(ServerSecret { name, public, sealed }) => execute(
            connection,
            "INSERT INTO server_secret (name, public, sealed) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET public = excluded.public, sealed = excluded.sealed",
            params![name, public, sealed.0],
        ),
        SecurityChange::ServerForgotten(name) => {
            execute(connection, "DELETE FROM server_secret WHERE name = ?1", [name])
        }
        SecurityChange::Session(KeptSession { id, credential, endpoint, sealed }) => {
            execute(
                connection,
                "INSERT INTO session (id, credential, endpoint, sealed) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET credential = excluded.credential, endpoint = excluded.endpoint,
                     sealed = excluded.sealed",
                params![id, credential.0, endpoint, sealed.0],
            )?;
            reserve(connection, *id)
        }
        SecurityChange::SessionEnded(id) => execute(connection, "DELETE FROM session WHERE id = ?1", [id]),
        SecurityChange::SessionsReserved(up_to) => reserve(connection, *up_to),
        SecurityChange::Configuration(kept) => bootstrap::keep_configuration(connection, kept),
        SecurityChange::ConfigurationForgotten(id) => bootstrap::forget_configuration(connection, *id),
        SecurityChange::Bootstrap(kept) => bootstrap::keep(connection, kept),
        SecurityChange::BootstrapStep(step) => bootstrap::keep_step(connection, step),
    }
}

fn keep(connection: &Connection, stored: &Stored) -> Result<(), Refused> {
    let Stored { credential, sealed } = stored;
    let (identity, key_bytes, public) = match &credential.proof {
        Proof::Psk { identity, key_bytes } => (Some(identity), Some(*key_bytes), None),
        Proof::RawPublicKey(der) => (None, None, Some(der)),
        Proof::Certificate(der) => (None, None, der.as_ref()),
    };
    execute(
        connection,
        "INSERT INTO credential (id, endpoint, version, mode, identity, key_bytes, public, sealed, note, author,
             created_at, retire_at, revoked_at, last_used_at, server, made_in)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         ON CONFLICT DO UPDATE SET endpoint = excluded.endpoint, version = excluded.version,
             mode = excluded.mode, identity = excluded.identity, key_bytes = excluded.key_bytes,
             public = excluded.public, sealed = excluded.sealed, note = excluded.note,
             author = excluded.author, created_at = excluded.created_at, retire_at = excluded.retire_at,
             revoked_at = excluded.revoked_at, last_used_at = excluded.last_used_at,
             server = excluded.server, made_in = excluded.made_in",
        params![
            credential.id.0,
            credential.endpoint,
            credential.version,
            credential.proof.mode().word(),
            identity,
            key_bytes,
            public,
            sealed.as_ref().map(|sealed| &sealed.0),
            credential.note,
            credential.author,
            credential.created_at_ms,
            credential.retire_at_ms,
            credential.revoked_at_ms,
            credential.last_used_at_ms,
            credential.server.word(),
            credential.made_in,
        ],
    )
}

fn used(connection: &Connection, id: CredentialId, at: Instant) -> Result<(), Refused> {
    execute(
        connection,
        "UPDATE credential SET last_used_at = ?2 WHERE id = ?1 AND coalesce(last_used_at, 0) < ?2",
        params![id.0, at.as_millis()],
    )
}

fn reserve(connection: &Connection, up_to: u64) -> Result<(), Refused> {
    execute(
        connection,
        "INSERT INTO session_number (only, reserved) VALUES (0, ?1)
         ON CONFLICT DO UPDATE SET reserved = max(reserved, excluded.reserved)",
        [up_to],
    )
}

pub(super) fn credentials(connection: &Connection) -> Result<Vec<Stored>, StoreError> {
    credentials_with(connection, "server, made_in")
}

/// Those of a file from before there was bootstrap, as they are once it is brought to this version.
pub(super) fn credentials_before_bootstrap(connection: &Connection) -> Result<Vec<Stored>, StoreError> {
    credentials_with(connection, "'device_management', NULL")
}

fn credentials_with(connection: &Connection, server_and_session: &str) -> Result<Vec<Stored>, StoreError> {
    all(
        connection,
        &format!(
            "SELECT id, endpoint, version, mode, identity, key_bytes, public, sealed, note, author, created_at,
                 retire_at, revoked_at, last_used_at, {server_and_session}
             FROM credential ORDER BY id"
        ),
        (),
        |row| {
            let credential = Credential {
                id: CredentialId(row.get(0)?),
                endpoint: row.get(1)?,
                server: server(row)?,
                version: row.get(2)?,
                proof: proof(row)?,
                note: row.get(8)?,
                author: row.get(9)?,
                created_at_ms: row.get(10)?,
                retire_at_ms: row.get(11)?,
                revoked_at_ms: row.get(12)?,
                last_used_at_ms: row.get(13)?,
                made_in: row.get(15)?,
            };
            Ok(Stored { credential, sealed: row.get::<_, Option<Vec<u8>>>(7)?.map(Sealed) })
        },
    )
}

fn proof(row: &Row<'_>) -> rusqlite::Result<Proof> {
    let word: String = row.get(3)?;
    Ok(match Mode::of_word(&word) {
        Some(Mode::Psk) => Proof::Psk { identity: row.get(4)?, key_bytes: row.get(5)? },
        Some(Mode::RawPublicKey) => Proof::RawPublicKey(row.get(6)?),
        Some(Mode::Certificate) => Proof::Certificate(row.get(6)?),
        None => return Err(unknown(3, format!("expected psk, rpk or x509, got {word:?}"))),
    })
}

fn server(row: &Row<'_>) -> rusqlite::Result<Server> {
    let word: String = row.get(14)?;
    let expected = || unknown(14, format!("expected device_management or bootstrap, got {word:?}"));
    Server::of_word(&word).ok_or_else(expected)
}

fn unknown(column: usize, why: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, why.into())
}

pub(super) fn last_credential(connection: &Connection) -> Result<Option<CredentialId>, StoreError> {
    let highest = "SELECT seq FROM sqlite_sequence WHERE name = 'credential'";
    Ok(connection.query_row(highest, (), |row| row.get(0)).optional()?.map(CredentialId))
}

pub(super) fn server_secrets(connection: &Connection) -> Result<Vec<ServerSecret>, StoreError> {
    all(connection, "SELECT name, public, sealed FROM server_secret ORDER BY name", (), |row| {
        Ok(ServerSecret { name: row.get(0)?, public: row.get(1)?, sealed: Sealed(row.get(2)?) })
    })
}

pub(super) fn sessions(connection: &Connection) -> Result<Vec<KeptSession>, StoreError> {
    all(connection, "SELECT id, credential, endpoint, sealed FROM session ORDER BY id", (), |row| {
        Ok(KeptSession {
            id: row.get(0)?,
            credential: CredentialId(row.get(1)?),
            endpoint: row.get(2)?,
            sealed: Sealed(row.get(3)?),
        })
    })
}

pub(super) fn last_session(connection: &Connection) -> Result<u64, StoreError> {
    let reserved = "SELECT reserved FROM session_number";
    Ok(connection.query_row(reserved, (), |row| row.get(0)).optional()?.unwrap_or(0))
}
