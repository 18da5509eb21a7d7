use rusqlite::{Connection, Params, Transaction, TransactionBehavior, params};

use super::{
    fault::{Fault, Refused},
    record::encode,
};
use crate::{Audit, Change, ClientConfig, Command, Label, Outcome, Registration, WantedObservation, limits};

/// All changes in one transaction. One that cannot be stored for a reason of its own fails alone; whatever else goes
/// wrong is a fault of the storage, and then nothing is stored.
pub(super) fn commit(
    connection: &mut Connection,
    changes: &[Change],
    audits: &[(usize, Audit)],
) -> Result<Vec<Outcome>, Fault> {
    let mut transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let mut outcomes = Vec::with_capacity(changes.len());
    let mut audits = audits.iter().peekable();
    for (position, change) in changes.iter().enumerate() {
        let audit = audits.next_if(|(of, _)| *of == position).map(|(_, audit)| audit);
        outcomes.push(outcome(apply_whole(&mut transaction, change, audit))?);
    }
    transaction.commit()?;
    Ok(outcomes)
}

/// Something in a transaction of its own.
pub(super) fn whole(
    connection: &mut Connection,
    write: impl Fn(&Connection) -> Result<(), Refused>,
) -> Result<Outcome, Fault> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let outcome = outcome(write(&transaction))?;
    if outcome == Outcome::Stored {
        transaction.commit()?;
    }
    Ok(outcome)
}

fn outcome(written: Result<(), Refused>) -> Result<Outcome, Fault> {
    match written {
        Ok(()) => Ok(Outcome::Stored),
        Err(Refused::Change(why)) => Ok(Outcome::Failed(why)),
        Err(Refused::Storage(fault)) => Err(fault),
    }
}

/// Moves what is in the log into the file, as far as nobody reads it.
pub(super) fn checkpoint(connection: &Connection) -> Result<(), Fault> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()))?)
}

/// A change of one statement is whole by itself.
fn apply_whole(
    transaction: &mut Transaction<'_>,
    change: &Change,
    audit: Option<&Audit>,
) -> Result<(), Refused> {
    if audit.is_none() && !matches!(change, Change::Forgotten { .. } | Change::Command(_)) {
        return apply(transaction, change);
    }
    let savepoint = transaction.savepoint()?;
    apply(&savepoint, change)?;
    if let Some(audit) = audit {
        super::audit::put(&savepoint, audit)?;
    }
    Ok(savepoint.commit()?)
}

fn apply(connection: &Connection, change: &Change) -> Result<(), Refused> {
    match change {
        Change::Registered(registration) => register(connection, registration),
        Change::Updated(registration) => update(connection, registration),
        Change::Removed { endpoint, id } => execute(
            connection,
            "DELETE FROM registration WHERE endpoint = ?1 AND id = ?2",
            params![endpoint, id.to_bytes()],
        ),
        Change::Forgotten { endpoint } => forget(connection, endpoint),
        Change::ObservationWanted { endpoint, wanted } => want(connection, endpoint, wanted),
        Change::ObservationUnwanted { endpoint, target } => execute(
            connection,
            "DELETE FROM wanted WHERE endpoint = ?1 AND target = ?2",
            params![endpoint, encode(target)?],
        ),
        Change::ObservationActive(observation) => execute(
            connection,
            "INSERT INTO active (token, record) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET record = excluded.record",
            params![observation.token.as_bytes(), encode(observation)?],
        ),
        Change::ObservationEnded { token } => {
            execute(connection, "DELETE FROM active WHERE token = ?1", [token.as_bytes()])
        }
        // The history has it.
        Change::Reported(_) => Ok(()),
        Change::Command(command) => keep_command(connection, command),
        Change::Configured { endpoint, config } => configure(connection, endpoint, config),
    }
}

fn register(connection: &Connection, registration: &Registration) -> Result<(), Refused> {
    execute(
        connection,
        "INSERT INTO registration (endpoint, id, record) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET id = excluded.id, record = excluded.record",
        params![registration.endpoint, registration.id.to_bytes(), encode(registration)?],
    )
}

/// An Update of a registration that was replaced or removed meanwhile changes nothing.
fn update(connection: &Connection, registration: &Registration) -> Result<(), Refused> {
    execute(
        connection,
        "UPDATE registration SET record = ?3 WHERE endpoint = ?1 AND id = ?2",
        params![registration.endpoint, registration.id.to_bytes(), encode(registration)?],
    )
}

fn forget(connection: &Connection, endpoint: &str) -> Result<(), Refused> {
    for statement in [
        "DELETE FROM registration WHERE endpoint = ?1",
        "DELETE FROM wanted WHERE endpoint = ?1",
        "DELETE FROM label WHERE endpoint = ?1",
        "DELETE FROM config WHERE endpoint = ?1",
        "DELETE FROM command_operation WHERE id IN (SELECT id FROM command WHERE endpoint = ?1)",
        "DELETE FROM command WHERE endpoint = ?1",
    ] {
        execute(connection, statement, [endpoint])?;
    }
    super::document::forget(connection, endpoint)
}

fn want(connection: &Connection, endpoint: &str, wanted: &WantedObservation) -> Result<(), Refused> {
    execute(
        connection,
        "INSERT INTO wanted (endpoint, target, record) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET record = excluded.record",
        params![endpoint, encode(&wanted.target)?, encode(wanted)?],
    )
}

fn keep_command(connection: &Connection, command: &Command) -> Result<(), Refused> {
    let id = command.id.0;
    execute(
        connection,
        "INSERT INTO command
             (id, endpoint, author, force, created_at, deadline, timeout_ms, attempts, changed_at, over, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT DO UPDATE SET endpoint = excluded.endpoint, author = excluded.author,
             force = excluded.force, created_at = excluded.created_at, deadline = excluded.deadline,
             timeout_ms = excluded.timeout_ms, attempts = excluded.attempts,
             changed_at = excluded.changed_at, over = excluded.over, state = excluded.state",
        params![
            id,
            command.endpoint,
            command.author,
            command.force,
            command.created_at.as_millis(),
            command.deadline.as_millis(),
            u64::try_from(command.timeout.as_millis()).unwrap_or(u64::MAX),
            command.attempts,
            command.changed_at.as_millis(),
            command.state.is_over(),
            encode(&command.state)?,
        ],
    )?;
    execute(
        connection,
        "INSERT INTO command_operation (id, record) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET record = excluded.record WHERE record <> excluded.record",
        params![id, encode(&command.operation)?],
    )?;
    if command.state.is_over() {
        drop_oldest_commands(connection, &command.endpoint)?;
    }
    Ok(())
}

/// Of those that are over the newest stay.
fn drop_oldest_commands(connection: &Connection, endpoint: &str) -> Result<(), Refused> {
    let oldest = "SELECT id FROM command WHERE endpoint = ?1 AND over ORDER BY id DESC LIMIT -1 OFFSET ?2";
    let mut statement = connection.prepare_cached(oldest)?;
    let oldest =
        statement.query_map(params![endpoint, limits::COMMANDS_OVER_PER_CLIENT], |row| row.get(0))?;
    for id in oldest.collect::<rusqlite::Result<Vec<i64>>>()? {
        execute(connection, "DELETE FROM command_operation WHERE id = ?1", [id])?;
        execute(connection, "DELETE FROM command WHERE id = ?1", [id])?;
    }
    Ok(())
}

fn configure(connection: &Connection, endpoint: &str, config: &ClientConfig) -> Result<(), Refused> {
    if *config == ClientConfig::default() {
        return execute(connection, "DELETE FROM config WHERE endpoint = ?1", [endpoint]);
    }
    let ClientConfig { awake_s } = config;
    execute(
        connection,
        "INSERT INTO config (endpoint, awake_s) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET awake_s = excluded.awake_s",
        params![endpoint, awake_s],
    )
}

/// Stores a label, unless there are too many.
pub(super) fn label(connection: &Connection, endpoint: &str, label: &Label) -> Result<(), Refused> {
    if *label == Label::default() {
        return execute(connection, "DELETE FROM label WHERE endpoint = ?1", [endpoint]);
    }
    let others = "SELECT count(*) FROM label WHERE endpoint <> ?1";
    let others: usize = connection.prepare_cached(others)?.query_row([endpoint], |row| row.get(0))?;
    if others >= limits::LABELS {
        return Err(Refused::Change(format!("at most {} clients have a label", limits::LABELS)));
    }
    execute(
        connection,
        "INSERT INTO label (endpoint, name, tags, notes) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET name = excluded.name, tags = excluded.tags, notes = excluded.notes",
        params![endpoint, label.name, encode(&label.tags)?, label.notes],
    )
}

pub(super) fn execute(connection: &Connection, statement: &str, with: impl Params) -> Result<(), Refused> {
    connection.prepare_cached(statement)?.execute(with)?;
    Ok(())
}
