//! Profiles stand for lists of Objects (Core 1.2 §6.2.1).

use std::collections::BTreeMap;

use lwm2m_codec::registration::{ObjectLinks, RegisteredObject};

use super::{Registration, limits};

type Objects = BTreeMap<u16, RegisteredObject>;

/// The Objects of profiles: from a table, or as the client itself has told them once.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    table: BTreeMap<String, Objects>,
    /// By endpoint and profile identifier. What one client says binds no other.
    learned: BTreeMap<(String, String), Objects>,
}

impl Profiles {
    pub(super) const fn new(table: BTreeMap<String, Objects>) -> Self {
        Self { table, learned: BTreeMap::new() }
    }

    /// Adds the Objects of the profiles to the list. Fails with the first profile that nobody knows, which is
    /// no harm when there is a list.
    pub(super) fn complete<'p>(
        &self,
        endpoint: &str,
        profile_ids: &'p [String],
        links: &mut ObjectLinks,
    ) -> Result<(), &'p str> {
        let mut unknown = Ok(());
        for profile_id in profile_ids {
            match self.objects(endpoint, profile_id) {
                Some(objects) => objects.iter().for_each(|(id, object)| add(links, *id, object)),
                None => unknown = unknown.and(Err(profile_id.as_str())),
            }
        }
        unknown
    }

    /// Remembers the list that a client gave together with its one profile, if nobody knows that yet.
    pub(super) fn learn(&mut self, registration: &Registration) {
        let Registration { endpoint, profile_ids, links, .. } = registration;
        let [profile_id] = profile_ids.as_slice() else { return };
        if self.objects(endpoint, profile_id).is_some() {
            return;
        }
        if self.learned.len() >= limits::LEARNED_PROFILES {
            self.learned.pop_first();
        }
        self.learned.insert((endpoint.clone(), profile_id.clone()), links.objects.clone());
    }

    fn objects(&self, endpoint: &str, profile_id: &str) -> Option<&Objects> {
        self.table.get(profile_id).or_else(|| self.learned.get(&(endpoint.to_owned(), profile_id.to_owned())))
    }
}

/// The list says more about an Object than a profile does.
fn add(links: &mut ObjectLinks, id: u16, object: &RegisteredObject) {
    let listed = links.objects.entry(id).or_default();
    listed.instances.extend(&object.instances);
    if listed.version.is_none() {
        listed.version.clone_from(&object.version);
    }
}
