//! What a device has after it was written to: compared, and remarked on.

use std::collections::BTreeSet;

use coap::Message;
use lwm2m_codec::{ContentFormat, Level, Path, Record, decode, registration::LwM2mVersion};
use lwm2m_model::ClientModel;

use super::{command::Command, discovered::Discovered};

const SERVER: u16 = 1;
const ACCESS_CONTROL: u16 = 2;

/// Read is for `/2` since LwM2M 1.1, and for `/1` since 1.2 (Core §6.1.7.4). The session goes on whatever comes of it.
pub(super) fn commands(
    version: LwM2mVersion,
    format: ContentFormat,
    read: &[Path],
) -> impl Iterator<Item = Command> {
    let command = move |path: &Path| match path.object_id() {
        None => Some(Command::discover()),
        Some(SERVER) if version >= LwM2mVersion::V1_2 => Some(Command::read(*path, format)),
        Some(ACCESS_CONTROL) if version >= LwM2mVersion::V1_1 => Some(Command::read(*path, format)),
        Some(_) => None,
    };
    read.iter().filter_map(command).map(Command::optional)
}

/// Whether all instances are there that were written, and still the account with us.
pub(super) fn compare_instances(payload: &[u8], before: &Discovered, written: &[Record]) -> String {
    let now = match Discovered::parse(payload) {
        Ok(now) => now,
        Err(error) => return format!("cannot be read: {error}"),
    };
    let instances = written.iter().map(|record| record.path.truncate(Level::ObjectInstance));
    let own = before.bootstrap_accounts().map(|instance| Path::instance(0, instance));
    let expected: BTreeSet<Path> = instances.chain(own).collect();
    match listed(expected.difference(&now.instances)) {
        missing if missing.is_empty() => "everything is there that was written".to_owned(),
        missing => format!("not there: {missing}"),
    }
}

/// Whether the device holds what was written below a path.
pub(super) fn compare(path: Path, message: &Message, written: &[Record], model: &ClientModel<'_>) -> String {
    let Some(format) = message.options.content_format().map(ContentFormat) else {
        return "without Content-Format it cannot be read".to_owned();
    };
    let held = match decode(format, &path, &message.payload, model) {
        Ok(held) => held,
        Err(error) => return format!("cannot be read: {error}"),
    };
    let other: Vec<Path> = written
        .iter()
        .filter(|record| record.path.starts_with(&path))
        .filter(|record| !held.iter().any(|held| held.path == record.path && held.value == record.value))
        .map(|record| record.path)
        .collect();
    match listed(&other) {
        other if other.is_empty() => "it holds what was written".to_owned(),
        other => format!("not as it was written: {other}"),
    }
}

fn listed<'a>(paths: impl IntoIterator<Item = &'a Path>) -> String {
    paths.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
