use std::{net::SocketAddr, sync::Arc};

use coap::Instant;
use lwm2m_codec::registration::{Binding, LwM2mVersion, ObjectLinks};
use lwm2m_core::{
    Peer, PeerIdentity, SessionId,
    server::{Registration, RegistrationId},
};
use serde::{Deserialize, Serialize};

use super::{plain, record};

record!(Registration, RegistrationForm);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Registration")]
struct RegistrationForm {
    #[serde(with = "plain")]
    id: RegistrationId,
    endpoint: String,
    #[serde(with = "IdentityForm")]
    identity: PeerIdentity,
    #[serde(with = "PeerForm")]
    peer: Peer,
    #[serde(with = "plain")]
    version: LwM2mVersion,
    lifetime_s: u32,
    #[serde(with = "plain")]
    binding: Binding,
    queue_mode: bool,
    sms_number: Option<String>,
    profile_ids: Vec<String>,
    additional: Vec<(String, Option<String>)>,
    #[serde(with = "plain")]
    links: Arc<ObjectLinks>,
    #[serde(with = "plain")]
    registered_at: Instant,
    #[serde(with = "plain")]
    updated_at: Instant,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Peer")]
enum PeerForm {
    NoSec(#[serde(with = "plain")] SocketAddr),
    Session(#[serde(with = "SessionForm")] SessionId),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SessionId")]
struct SessionForm(u64);

#[derive(Serialize, Deserialize)]
#[serde(remote = "PeerIdentity")]
enum IdentityForm {
    NoSec,
    Psk(String),
    RawPublicKey(Vec<u8>),
    Certificate(String),
}
