//! What devices sent, in JSON with its values: for scripts, which have no codec.

use std::sync::Arc;

use console_api::{Client, Event, Reported, ServerFrame, Source};
use lwm2m_codec::ContentFormat;
use lwm2m_core::server::Registration;
use lwm2m_model::Registry;
use serde_json::{Value, json};

use super::operation::decode;
use crate::{fleet::Fleet, objects::Objects};

/// Puts beside each payload its values, or why it has none.
pub(super) struct Decoding {
    registry: Arc<Registry>,
    now_s: f64,
}

impl Decoding {
    pub(super) fn new(objects: &Objects, now_ms: u64) -> Self {
        Self { registry: objects.registry(), now_s: now_ms as f64 / 1000.0 }
    }

    pub(super) fn frame(&self, frame: &ServerFrame, fleet: &Fleet) -> serde_json::Result<Value> {
        let mut value = serde_json::to_value(frame)?;
        let of = |endpoint: &str| fleet.view().registration(endpoint);
        match frame {
            ServerFrame::Fleet(window) => {
                let clients = value.pointer_mut("/fleet/clients").and_then(Value::as_array_mut);
                for (value, client) in clients.into_iter().flatten().zip(&window.clients) {
                    self.add_to_client(value, client, of(&client.endpoint).as_deref());
                }
            }
            ServerFrame::Device(snapshot) => {
                let registration = of(&snapshot.endpoint);
                let reported = value.pointer_mut("/device/reported").and_then(Value::as_array_mut);
                for (value, reported) in reported.into_iter().flatten().zip(&snapshot.reported) {
                    self.add_values(value, reported, registration.as_deref());
                }
                if let Some(client) = &snapshot.client {
                    self.add_to_client(&mut value["device"]["client"], client, registration.as_deref());
                }
            }
            _ => {}
        }
        Ok(value)
    }

    /// An event of a client with that registration.
    pub(super) fn event(
        &self,
        event: &Event,
        registration: Option<&Registration>,
    ) -> serde_json::Result<Value> {
        let mut value = serde_json::to_value(event)?;
        match event {
            Event::Reported(reported) => self.add_values(&mut value["reported"], reported, registration),
            Event::Registered(client) => self.add_to_client(&mut value["registered"], client, registration),
            Event::Updated(client) => self.add_to_client(&mut value["updated"], client, registration),
            _ => {}
        }
        Ok(value)
    }

    fn add_to_client(&self, value: &mut Value, client: &Client, registration: Option<&Registration>) {
        if let Some(latest) = &client.latest {
            self.add_values(&mut value["latest"], latest, registration);
        }
    }

    fn add_values(&self, value: &mut Value, reported: &Reported, registration: Option<&Registration>) {
        let Ok(path) = reported.path.parse() else { return };
        if reported.source == Source::Discover {
            return; // links, and no values
        }
        let format = reported.content_format.map(ContentFormat);
        match decode(&self.registry, registration, &path, format, &reported.payload, self.now_s) {
            Ok(values) => value["values"] = json!(values),
            Err(error) => value["decode_error"] = json!(error),
        }
    }
}
