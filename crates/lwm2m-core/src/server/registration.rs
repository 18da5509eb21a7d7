use core::{fmt, time::Duration};
use std::sync::Arc;

use coap::Instant;
use lwm2m_codec::registration::{Binding, LwM2mVersion, ObjectLinks, RegisterParameters, UpdateParameters};

use lwm2m_model::{ClientModel, Registry};

use crate::{Peer, PeerIdentity};

/// Names a registration: the last segment of its location `/rd/{id}`. It cannot be guessed, since without
/// security knowing it is all that ties an Update to its registration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistrationId([u8; 10]);

impl RegistrationId {
    /// No other id is less.
    pub(super) const FIRST: Self = Self([0; 10]);

    pub const fn new(random: [u8; 10]) -> Self {
        Self(random)
    }

    pub const fn to_bytes(self) -> [u8; 10] {
        self.0
    }

    /// The id that [`Display`](fmt::Display) wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let mut id = [0; 10];
        if text.len() != 20 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        for (byte, digits) in id.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self(id))
    }
}

impl fmt::Display for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What a Client told with Register and its Updates (LwM2M 1.0 TS §5.3).
#[derive(Clone, Debug, PartialEq)]
pub struct Registration {
    pub id: RegistrationId,
    /// Endpoint Client Name.
    pub endpoint: String,
    /// Who registered. Every later request must come from the same.
    pub identity: PeerIdentity,
    /// Where requests go. Moves with an Update.
    pub peer: Peer,
    pub version: LwM2mVersion,
    pub lifetime_s: u32,
    pub binding: Binding,
    pub queue_mode: bool,
    pub sms_number: Option<String>,
    /// Profiles that the client named in place of, or beside, its list of Objects (Core 1.2 §6.2.1).
    pub profile_ids: Vec<String>,
    /// Parameters that the standard does not know, as they came.
    pub additional: Vec<(String, Option<String>)>,
    /// Shared with every client that has the same.
    pub links: Arc<ObjectLinks>,
    pub registered_at: Instant,
    pub updated_at: Instant,
}

impl Registration {
    pub(super) fn new(
        id: RegistrationId,
        endpoint: String,
        peer: Peer,
        identity: PeerIdentity,
        parameters: RegisterParameters,
        links: ObjectLinks,
        now: Instant,
    ) -> Self {
        Self {
            id,
            endpoint,
            identity,
            peer,
            version: parameters.version,
            lifetime_s: parameters.lifetime_s,
            binding: parameters.binding,
            queue_mode: parameters.queue_mode,
            sms_number: parameters.sms_number,
            profile_ids: parameters.profile_ids,
            additional: parameters.additional,
            links: Arc::new(links),
            registered_at: now,
            updated_at: now,
        }
    }

    /// The registration after an Update: only what is given changes, the lifetime starts anew in all cases
    /// (LwM2M 1.0 TS §5.3.2). A list replaces the whole list.
    pub(super) fn updated(
        &self,
        peer: Peer,
        parameters: UpdateParameters,
        links: Option<ObjectLinks>,
        now: Instant,
    ) -> Self {
        let mut updated = self.clone();
        updated.peer = peer;
        updated.updated_at = now;
        if let Some(lifetime_s) = parameters.lifetime_s {
            updated.lifetime_s = lifetime_s;
        }
        if let Some(binding) = parameters.binding {
            updated.queue_mode = binding.queue_mode();
            updated.binding = binding;
        }
        if let Some(queue_mode) = parameters.queue_mode {
            updated.queue_mode = queue_mode;
        }
        if !parameters.profile_ids.is_empty() {
            updated.profile_ids = parameters.profile_ids;
        }
        if parameters.sms_number.is_some() {
            updated.sms_number = parameters.sms_number;
        }
        if let Some(links) = links {
            updated.links = Arc::new(links);
        }
        updated
    }

    /// What the client's payloads are read with: the definitions of the Objects in the versions that it has.
    pub fn model<'a>(&self, registry: &'a Registry) -> ClientModel<'a> {
        let objects = self.links.objects.iter();
        registry.for_client(
            self.version,
            objects.filter_map(|(id, object)| Some((*id, object.version.as_deref()?))),
        )
    }

    /// How far what is stored of a registration may lag behind: an Update that only renews need not be stored before a
    /// quarter of the lifetime has passed since one was.
    pub(super) fn lease(&self) -> Duration {
        Duration::from_secs(u64::from(self.lifetime_s)) / 4
    }

    pub fn expires_at(&self) -> Instant {
        self.updated_at + Duration::from_secs(u64::from(self.lifetime_s))
    }
}
