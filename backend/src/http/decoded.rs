//! What devices sent, in JSON with its values: for scripts, which have no codec.

use console_api::{Client, Event, Reported, ServerFrame, Source};
use lwm2m_codec::ContentFormat;
use lwm2m_core::server::Registration;
use serde_json::{Value, json};

use super::operation::decode;
use crate::fleet::Fleet;

/// A frame. Payloads in it have their values beside them, or why they have none.
pub(super) fn frame(frame: &ServerFrame, fleet: &Fleet, now_s: f64) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(frame)?;
    match frame {
        ServerFrame::Fleet(window) => {
            if let Some(clients) = value.pointer_mut("/fleet/clients").and_then(Value::as_array_mut) {
                for (value, client) in clients.iter_mut().zip(&window.clients) {
                    add_to_client(
                        value,
                        client,
                        fleet.view().registration(&client.endpoint).as_deref(),
                        now_s,
                    );
                }
            }
        }
        ServerFrame::Device(snapshot) => {
            let registration = fleet.view().registration(&snapshot.endpoint);
            if let Some(reported) = value.pointer_mut("/device/reported").and_then(Value::as_array_mut) {
                for (value, reported) in reported.iter_mut().zip(&snapshot.reported) {
                    add_values(value, reported, registration.as_deref(), now_s);
                }
            }
            if let Some((client, value)) = snapshot.client.as_ref().zip(value.pointer_mut("/device/client")) {
                add_to_client(value, client, registration.as_deref(), now_s);
            }
        }
        _ => {}
    }
    Ok(value)
}

/// An event of a client with that registration.
pub(super) fn event(
    event: &Event,
    registration: Option<&Registration>,
    now_s: f64,
) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(event)?;
    match event {
        Event::Reported(reported) => add_values(&mut value["reported"], reported, registration, now_s),
        Event::Registered(client) => add_to_client(&mut value["registered"], client, registration, now_s),
        Event::Updated(client) => add_to_client(&mut value["updated"], client, registration, now_s),
        _ => {}
    }
    Ok(value)
}

fn add_to_client(value: &mut Value, client: &Client, registration: Option<&Registration>, now_s: f64) {
    if let Some(latest) = &client.latest {
        add_values(&mut value["latest"], latest, registration, now_s);
    }
}

fn add_values(value: &mut Value, reported: &Reported, registration: Option<&Registration>, now_s: f64) {
    let Ok(path) = reported.path.parse() else { return };
    let links = reported.source == Source::Discover;
    if links || (reported.payload.is_empty() && reported.content_format.is_none()) {
        return;
    }
    let format = reported.content_format.map(ContentFormat);
    match decode(registration, &path, format, &reported.payload, now_s) {
        Ok(values) => value["values"] = json!(values),
        Err(error) => value["decode_error"] = json!(error),
    }
}
