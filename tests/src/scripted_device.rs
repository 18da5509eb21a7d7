//! A device with Object 2 that takes what it is told, or does with it what the test wants.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Result;
use coap::{Code, Message, MessageId, Options, Token};
use lwm2m_codec::{ContentFormat, Path, Record, Value, decode, encode};
use lwm2m_model::{
    Registry,
    access_control::{AccessControlInstance, AccessRights},
};
use tokio::task::JoinHandle;

use crate::{RawPeer, TestContext, definitions, wait};

/// Answers it remembers, for requests that come again (RFC 7252 §4.5).
const REMEMBERED: usize = 16;

/// A client with Object 2, which this server manages as 101.
pub struct ScriptedDevice {
    inner: Arc<Mutex<ScriptedState>>,
    task: JoinHandle<()>,
}

/// What it has and does.
pub struct ScriptedState {
    /// Short Server IDs, by instance of Object 1.
    pub accounts: Vec<u16>,
    pub guards: Vec<AccessControlInstance>,
    pub manner: Manner,
    /// What was written, in order.
    pub writes: Vec<String>,
    /// What it answers to a Read of a sensor, and to composite operations.
    pub sensor: Code,
    /// How long it takes for each request.
    pub delay: Duration,
}

/// What it does with requests about Object 2.
#[derive(Clone, PartialEq, Eq)]
pub enum Manner {
    Takes,
    /// Reads are answered so.
    Hides(Code),
    /// Writes are answered so, all or those of one path.
    Refuses(Option<&'static str>, Code),
    /// Writes are answered with success and do nothing.
    Forgets,
}

impl ScriptedDevice {
    /// Registers with accounts for the servers 101, which this one is, and 102, and with these instances of Object 2.
    pub async fn register(
        context: &TestContext,
        endpoint: &str,
        guards: Vec<AccessControlInstance>,
    ) -> Result<Self> {
        let mut peer = context.peer().await?;
        let links: Vec<_> = guards.iter().map(|guard| format!("</2/{}>", guard.id)).collect();
        let links = format!("</1/0>,</2>,{},</3/0>,</3303/0>,</3303/1>", links.join(","));
        peer.register(endpoint, 3600, &links).await?;
        let inner = Arc::new(Mutex::new(ScriptedState {
            accounts: vec![101],
            guards,
            manner: Manner::Takes,
            writes: Vec::new(),
            sensor: Code::CONTENT,
            delay: Duration::ZERO,
        }));
        let registry = definitions()?;
        let task = tokio::spawn(answer_all(peer, Arc::clone(&inner), registry));
        Ok(Self { inner, task })
    }

    pub fn inner(&self) -> MutexGuard<'_, ScriptedState> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn behave(&self, manner: Manner) {
        self.inner().manner = manner;
    }

    pub fn writes(&self) -> Vec<String> {
        self.inner().writes.clone()
    }
}

impl Drop for ScriptedDevice {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An instance of Object 2 that guards `/object/instance`.
pub fn guard(
    id: u16,
    (object, instance): (u16, u16),
    owner: u16,
    acl: &[(u16, u16)],
) -> AccessControlInstance {
    let acl = acl.iter().map(|&(server, bits)| (server, AccessRights::from_bits(bits))).collect();
    AccessControlInstance { id, object, instance, owner, acl }
}

async fn answer_all(peer: RawPeer, inner: Arc<Mutex<ScriptedState>>, registry: Registry) {
    let mut answered: VecDeque<(MessageId, Token, Answer)> = VecDeque::new();
    loop {
        // Nothing may come for long, and nobody may be there for a while.
        let Ok(request) = peer.receive().await else { continue };
        let known =
            answered.iter().find(|(id, token, _)| (*id, *token) == (request.message_id, request.token));
        let answer = match known {
            Some((_, _, answer)) => answer.clone(),
            None => {
                let delay = inner.lock().unwrap_or_else(PoisonError::into_inner).delay;
                wait::taken_by_a_device(delay).await;
                let answer = inner.lock().unwrap_or_else(PoisonError::into_inner).answer(&request, &registry);
                answered.push_front((request.message_id, request.token, answer.clone()));
                answered.truncate(REMEMBERED);
                answer
            }
        };
        let (code, format, payload) = answer;
        let options = format.map_or(Options::new(), |format| Options::new().with_content_format(format.0));
        let _ = peer.answer(&request, code, options, &payload).await;
    }
}

type Answer = (Code, Option<ContentFormat>, Vec<u8>);

impl ScriptedState {
    fn answer(&mut self, request: &Message, registry: &Registry) -> Answer {
        let segments = request.options.uri_path().unwrap_or_default();
        let Ok(path) = format!("/{}", segments.join("/")).parse::<Path>() else {
            return (Code::NOT_FOUND, None, Vec::new());
        };
        match (request.code, path.object_id()) {
            (Code::GET, Some(1)) => {
                let account = |(instance, server): (usize, &u16)| {
                    let path = Path::resource(1, u16::try_from(instance).unwrap_or(0), 0);
                    Record::new(path, Value::Integer((*server).into()))
                };
                content(&path, self.accounts.iter().enumerate().map(account).collect())
            }
            (Code::GET, Some(2)) => match &self.manner {
                Manner::Hides(code) => (*code, None, Vec::new()),
                _ => content(&path, self.guards.iter().flat_map(records).collect()),
            },
            (Code::GET, Some(3303)) if self.sensor == Code::CONTENT => {
                (Code::CONTENT, Some(ContentFormat::TEXT), b"21.5".to_vec())
            }
            (Code::GET, Some(3303)) | (Code::FETCH | Code::IPATCH, None) => (self.sensor, None, Vec::new()),
            (Code::PUT, Some(2)) => {
                let code = self.write(&path, request, registry);
                (code, None, Vec::new())
            }
            _ => (Code::NOT_FOUND, None, Vec::new()),
        }
    }

    fn write(&mut self, path: &Path, request: &Message, registry: &Registry) -> Code {
        self.writes.push(path.to_string());
        match &self.manner {
            Manner::Refuses(of, code) if of.is_none_or(|of| of == path.to_string()) => return *code,
            Manner::Forgets => return Code::CHANGED,
            _ => {}
        }
        let format = request.options.content_format().map_or(ContentFormat::TEXT, ContentFormat);
        let Ok(written) = decode(format, path, &request.payload, registry) else { return Code::BAD_REQUEST };
        let guard = self.guards.iter_mut().find(|guard| Some(guard.id) == path.instance_id());
        let Some(guard) = guard else { return Code::NOT_FOUND };
        if path.resource_id() == Some(2) && path.resource_instance_id().is_none() {
            guard.acl.clear();
        }
        for Record { path, value, .. } in written {
            let number = match value {
                Value::Integer(number) => u16::try_from(number).unwrap_or(0),
                Value::Unsigned(number) => u16::try_from(number).unwrap_or(0),
                _ => return Code::BAD_REQUEST,
            };
            match path.resource_instance_id() {
                Some(server) => drop(guard.acl.insert(server, AccessRights::from_bits(number))),
                None => guard.owner = number,
            }
        }
        Code::CHANGED
    }
}

fn records(guard: &AccessControlInstance) -> Vec<Record> {
    let number = |resource, number: u16| {
        Record::new(Path::resource(2, guard.id, resource), Value::Integer(number.into()))
    };
    let entry = |(server, rights): (&u16, &AccessRights)| {
        Record::new(Path::resource_instance(2, guard.id, 2, *server), Value::Integer(rights.bits().into()))
    };
    let mut records = vec![number(0, guard.object), number(1, guard.instance), number(3, guard.owner)];
    records.extend(guard.acl.iter().map(entry));
    records
}

fn content(path: &Path, records: Vec<Record>) -> Answer {
    let below: Vec<_> = records.into_iter().filter(|record| record.path.starts_with(path)).collect();
    match encode(ContentFormat::TLV, path, &below) {
        Ok(payload) => (Code::CONTENT, Some(ContentFormat::TLV), payload),
        Err(_) => (Code::NOT_FOUND, None, Vec::new()),
    }
}
