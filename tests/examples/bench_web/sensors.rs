//! Devices with a value that is worth a chart, and a past.

use std::{f64::consts::TAU, thread, time::Duration};

use anyhow::Result;
use coap::{Code, Message, MessageId, MessageType, Options};
use console_api::{Operation, OperationRequest};
use whole_program_tests::TestContext;

use crate::devices::{ClockDevice, Stream, now_ms};

pub(crate) const TEMPERATURE: &str = "/3303/0/5700";

/// Timed values of one notification: as many as a datagram holds.
const RECORDS: usize = 50;

/// Between datagrams with the past: as fast as the server takes them.
const PAUSE: Duration = Duration::from_micros(400);

/// SenML JSON (RFC 8428 §12.3.2), which has times.
const SENML_JSON: u16 = 110;

/// Observed, and from then on it says what it is told to.
pub(crate) struct Sensor {
    device: ClockDevice,
    sequence: u32,
    /// What tells its course from those of others.
    phase: f64,
}

impl Sensor {
    pub(crate) async fn observed(context: &TestContext, endpoint: &str, phase: f64) -> Result<Self> {
        let device = ClockDevice::register(context.coap, endpoint, "</1/0>,</3/0>,</3303/0>")?;
        let answering = tokio::task::spawn_blocking(|| device.accept_observation());
        context.operate(endpoint, &OperationRequest::new(Operation::Observe, TEMPERATURE)).await?;
        let device = answering.await??;
        Ok(Self { device, sequence: 0, phase })
    }

    /// A day in ten minutes, with some noise.
    fn value(&self, at_ms: f64) -> f64 {
        let noise = (at_ms * 0.7 + self.phase).sin() * 0.4;
        20.0 + self.phase + 5.0 * (at_ms / 600_000.0 * TAU + self.phase).sin() + noise
    }

    /// So many values up to then, so far apart.
    pub(crate) fn tell(&mut self, count: usize, until_ms: f64, apart_ms: f64) -> Result<()> {
        for first in (0..count).step_by(RECORDS) {
            let times =
                (first..count.min(first + RECORDS)).map(|at| until_ms - (count - 1 - at) as f64 * apart_ms);
            let records: Vec<String> = times
                .enumerate()
                .map(|(at, at_ms)| {
                    let base = if at == 0 { format!("\"bn\":{TEMPERATURE:?},") } else { String::new() };
                    format!("{{{base}\"t\":{:.3},\"v\":{:.2}}}", at_ms / 1e3, self.value(at_ms))
                })
                .collect();
            self.notify(SENML_JSON, format!("[{}]", records.join(",")).into_bytes())?;
            thread::park_timeout(PAUSE);
        }
        Ok(())
    }

    fn notify(&mut self, content_format: u16, payload: Vec<u8>) -> Result<()> {
        self.sequence += 1;
        let message = Message {
            message_type: MessageType::NonConfirmable,
            code: Code::CONTENT,
            message_id: MessageId(self.sequence as u16),
            token: self.device.observation,
            options: Options::new().with_observe(self.sequence).with_content_format(content_format),
            payload,
        };
        self.device.socket.send(&message.encode()?)?;
        Ok(())
    }
}

/// Each of them notifies so many times a second.
pub(crate) fn notify(mut sensors: Vec<Sensor>, per_second: usize) -> Stream {
    let (count, mut at) = (sensors.len(), 0);
    Stream::start(per_second * count, move || {
        let sensor = &mut sensors[at];
        at = (at + 1) % count;
        let sent_at = now_ms();
        let value = format!("{:.2}", sensor.value(sent_at)).into_bytes();
        sensor.notify(0, value)?;
        Ok(sent_at)
    })
}
