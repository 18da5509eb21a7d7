use std::collections::HashMap;

use console_api::Client;

/// Registrations of all clients, by [`Client::id`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Fleet {
    clients: HashMap<u32, Client>,
    ids: HashMap<String, u32>,
    /// A snapshot has come: no clients means that none are registered.
    pub(crate) loaded: bool,
}

impl Fleet {
    pub(crate) fn restore(&mut self, clients: Vec<Client>) {
        self.ids = clients.iter().map(|client| (client.endpoint.clone(), client.id)).collect();
        self.clients = clients.into_iter().map(|client| (client.id, client)).collect();
        self.loaded = true;
    }

    /// Whether the client is new.
    pub(crate) fn put(&mut self, client: Client) -> bool {
        if let Some(earlier) = self.ids.insert(client.endpoint.clone(), client.id)
            && earlier != client.id
        {
            self.clients.remove(&earlier);
        }
        self.clients.insert(client.id, client).is_none()
    }

    pub(crate) fn remove(&mut self, id: u32) -> bool {
        match self.clients.remove(&id) {
            Some(client) => {
                self.ids.remove(&client.endpoint);
                true
            }
            None => false,
        }
    }

    pub(crate) fn client(&self, id: u32) -> Option<&Client> {
        self.clients.get(&id)
    }

    pub(crate) fn clients(&self) -> impl Iterator<Item = &Client> {
        self.clients.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.clients.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::tests::client;

    #[test]
    fn a_new_registration_replaces_the_old_one_of_the_endpoint() {
        let mut fleet = Fleet::default();
        fleet.restore(vec![client("a", &[]), Client { id: 2, ..client("b", &[]) }]);
        assert!(!fleet.put(client("a", &[])));
        assert!(fleet.put(Client { id: 9, ..client("a", &[]) }));
        assert_eq!(fleet.len(), 2);
        assert!(fleet.client(1).is_none());
        assert!(fleet.remove(9) && !fleet.remove(9));
        assert!(fleet.put(client("a", &[])));
    }
}
