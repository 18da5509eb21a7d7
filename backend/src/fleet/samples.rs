//! Rows for tests.

use std::sync::Arc;

use coap::Instant;
use console_api::Label;
use lwm2m_codec::registration::{ObjectLinks, RegisterParameters};
use lwm2m_core::{
    Peer, PeerIdentity,
    server::{Registration, RegistrationId},
};

use super::row::Row;

pub(super) fn registration(id: u8, endpoint: &str, links: &str) -> Arc<Registration> {
    let parameters = RegisterParameters::parse(["lt=60", "lwm2m=1.1"].into_iter()).unwrap();
    Arc::new(Registration {
        id: RegistrationId::new([id; 10]),
        endpoint: endpoint.to_owned(),
        identity: PeerIdentity::NoSec,
        peer: Peer::NoSec(([127, 0, 0, 1], 5683).into()),
        version: parameters.version,
        lifetime_s: parameters.lifetime_s,
        binding: parameters.binding,
        queue_mode: parameters.queue_mode,
        sms_number: parameters.sms_number,
        profile_ids: parameters.profile_ids,
        additional: parameters.additional,
        links: ObjectLinks::parse(links.as_bytes()).unwrap().into(),
        registered_at: Instant::from_millis(1),
        updated_at: Instant::from_millis(2),
    })
}

pub(super) fn row(id: u8, endpoint: &str, links: &str) -> Row {
    Row::new(id.into(), &registration(id, endpoint, links), None)
}

pub(super) fn labelled(row: Row, label: Label) -> Row {
    Row { label: Some(Arc::new(label)), ..row }
}
