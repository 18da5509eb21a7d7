//! Send (LwM2M 1.1 Core §6.4.6): values the server did not ask for.

use coap::{Code, Message, Options, Request, RequestRefused};
use lwm2m_codec::{ContentFormat, EncodeError, Path, Record, encode, registration::LwM2mVersion};
use thiserror::Error;

use super::{
    access_control,
    event::{Event, SendId},
    limits,
    server_account::ServerAccount,
    shared::Shared,
};

const MUTE_SEND: u16 = 23;

/// Why a Send was not even begun.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SendRefused {
    #[error("no started account has the Short Server ID {0}")]
    UnknownServer(u16),
    #[error("expected a client of LwM2M 1.1 or later, this one speaks 1.0")]
    Version,
    #[error("the server does not know this client at the moment")]
    NotRegistered,
    /// `/1/x/23` is true or not there.
    #[error("the server does not want Sends: Mute Send is set")]
    Muted,
    #[error("at most {limit} Sends can be under way to one server")]
    TooMany { limit: usize },
    #[error("expected SenML CBOR, SenML JSON or, since LwM2M 1.2, LwM2M CBOR, got {0}")]
    Format(ContentFormat),
    #[error("{0} has no value that the server may read")]
    NotReadable(Path),
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    Request(#[from] RequestRefused),
}

/// What to send.
pub(super) enum Payload<'a> {
    /// The values these paths have now.
    Current(&'a [Path]),
    /// Values and times of the application's own.
    Recorded(&'a [Record]),
}

impl ServerAccount {
    pub(super) fn send(
        &mut self,
        shared: &mut Shared,
        send: SendId,
        format: ContentFormat,
        payload: &Payload<'_>,
    ) -> Result<(), SendRefused> {
        if !self.since_1_1(shared) {
            return Err(SendRefused::Version);
        }
        if !self.online || !self.state.is_registered() {
            return Err(SendRefused::NotRegistered);
        }
        if self.flag(&shared.tree, MUTE_SEND) != Some(false) {
            return Err(SendRefused::Muted);
        }
        if self.sends.len() >= limits::SENDS {
            return Err(SendRefused::TooMany { limit: limits::SENDS });
        }
        if !can_send(format, shared.config.version) {
            return Err(SendRefused::Format(format));
        }
        let records = self.records_to_send(shared, payload)?;
        let mut request = Request::new(Code::POST);
        request.options = Options::new().with_path("/dp").with_content_format(format.0);
        request.payload = encode(format, &Path::ROOT, &records)?;
        let exchange = self.request(shared, request)?;
        self.sends.insert(exchange, send);
        Ok(())
    }

    pub(super) fn send_ended(&self, shared: &mut Shared, send: SendId, answer: Result<&Message, String>) {
        let answer = answer.map(|message| message.code);
        self.push_event(shared, Event::SendEnded { send, answer });
    }

    /// All of it or nothing: what the server may not read is not left out silently.
    fn records_to_send(&self, shared: &Shared, payload: &Payload<'_>) -> Result<Vec<Record>, SendRefused> {
        let mut records = Vec::new();
        match payload {
            Payload::Current(paths) => {
                for path in *paths {
                    let values = self.readable_records(shared, path);
                    if values.is_empty() {
                        return Err(SendRefused::NotReadable(*path));
                    }
                    records.extend(values);
                }
                records.sort_by_key(|record| record.path);
                records.dedup_by_key(|record| record.path);
            }
            Payload::Recorded(recorded) => {
                for record in *recorded {
                    if self.readable_records(shared, &record.path).is_empty() {
                        return Err(SendRefused::NotReadable(record.path));
                    }
                }
                records.extend_from_slice(recorded);
            }
        }
        Ok(records)
    }

    fn readable_records(&self, shared: &Shared, path: &Path) -> Vec<Record> {
        let requester = access_control::requester(&shared.tree, self.instance);
        let mut records = shared.tree.records(path);
        records.retain(|record| access_control::may_read(&shared.tree, requester, &record.path));
        records
    }
}

fn can_send(format: ContentFormat, version: LwM2mVersion) -> bool {
    match format {
        ContentFormat::SENML_CBOR | ContentFormat::SENML_JSON => true,
        ContentFormat::LWM2M_CBOR => version >= LwM2mVersion::V1_2,
        _ => false,
    }
}
