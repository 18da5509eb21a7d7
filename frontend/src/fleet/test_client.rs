use console_api::{Client, ObjectEntry, Queue, SecurityMode, Status};

pub(crate) fn client(endpoint: &str, objects: &[(u16, &[u16])]) -> Client {
    Client {
        id: 1,
        endpoint: endpoint.into(),
        name: None,
        tags: vec![],
        status: Status::Awake,
        registration_id: "r".into(),
        address: "127.0.0.1:5000".into(),
        security: SecurityMode::NoSec,
        lwm2m_version: "1.1".into(),
        lifetime_s: 300,
        binding: "U".into(),
        queue_mode: false,
        queue: Queue { awake: true, until_ms: None, queued: 0, awake_s: None },
        sms_number: None,
        registered_at_ms: 0,
        updated_at_ms: 0,
        heard_at_ms: 0,
        expires_at_ms: 300_000,
        departed: None,
        root: "/".into(),
        content_formats: vec![],
        objects: objects
            .iter()
            .map(|(id, instances)| ObjectEntry { id: *id, version: None, instances: instances.to_vec() })
            .collect(),
        observation_count: 0,
        latest: None,
        remarks: vec![],
    }
}
