use std::collections::HashMap;

use console_api::{Client, FleetWindow, Label};

/// Registrations of all clients, by [`Client::id`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Fleet {
    clients: HashMap<u32, Client>,
    ids: HashMap<String, u32>,
    /// A snapshot has come: no clients means that none are registered.
    pub(crate) loaded: bool,
}

impl Fleet {
    pub(crate) fn restore(&mut self, window: FleetWindow) {
        let clients = window.clients;
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

    /// What an operator calls the client from now on.
    pub(crate) fn label(&mut self, id: u32, label: &Label) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.name.clone_from(&label.name);
            client.tags.clone_from(&label.tags);
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
    use console_api::FleetView;

    use super::*;
    use crate::fleet::tests::client;

    fn window(clients: Vec<Client>) -> FleetWindow {
        let many = clients.len() as u32;
        FleetWindow { view: FleetView::default(), seq: 0, matching: many, known: many, clients }
    }

    #[test]
    fn a_new_registration_replaces_the_old_one_of_the_endpoint() {
        let mut fleet = Fleet::default();
        fleet.restore(window(vec![client("a", &[]), Client { id: 2, ..client("b", &[]) }]));
        assert!(!fleet.put(client("a", &[])));
        assert!(fleet.put(Client { id: 9, ..client("a", &[]) }));
        assert_eq!(fleet.len(), 2);
        assert!(fleet.client(1).is_none());
        assert!(fleet.remove(9) && !fleet.remove(9));
        assert!(fleet.put(client("a", &[])));
    }

    #[test]
    fn a_label_stays_with_its_client() {
        let mut fleet = Fleet::default();
        fleet.put(client("a", &[]));
        let label = Label { name: Some("Pump".into()), tags: vec!["hall 3".into()], notes: String::new() };
        fleet.label(1, &label);
        fleet.label(99, &label);
        let named = fleet.client(1).map(|client| (client.name.clone(), client.tags.clone()));
        assert_eq!(named, Some((label.name, label.tags)));
    }
}
