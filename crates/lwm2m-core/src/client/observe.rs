use coap::{Code, Message, Response};
use lwm2m_codec::{
    ContentFormat, Level,
    attributes::{AttributeTarget, NotificationAttributes, parse_observe_parameters},
    registration::LwM2mVersion,
};

use super::{
    attributes::InForce,
    device_management::{DeviceManagement, queries},
    event::Event,
    limits,
    observation::{self, Observe, Observed},
    refusal::Refusal,
};

/// Observe, Observe-Composite and their cancelling (LwM2M Core §6.4.1 to §6.4.5, RFC 7641 §2), which are reads with
/// something more.
impl DeviceManagement<'_> {
    /// Does what the Observe option of a request asks for that was answered with `response`.
    pub(super) fn observe_or_cancel(
        &mut self,
        observed: Observed,
        request: &Message,
        format: Option<ContentFormat>,
        response: &mut Response,
    ) -> Result<(), Refusal> {
        let path = observed.path();
        // RFC 7641 §2: 0 registers, 1 deregisters; other values mean nothing in a request.
        match request.options.observe() {
            Some(0) => {
                let sequence = self.observe(observed, request, format)?;
                let options = core::mem::take(&mut response.options);
                response.options = options.with_observe(sequence);
                self.events.push(Event::Observed { path });
            }
            Some(1) if self.observations.cancel(&observed, request.token) => {
                self.events.push(Event::ObservationEnded { path });
            }
            _ => {}
        }
        Ok(())
    }

    fn observe(
        &mut self,
        observed: Observed,
        request: &Message,
        format: Option<ContentFormat>,
    ) -> Result<u32, Refusal> {
        self.check_room(&observed)?;
        let parameters = self.observe_parameters(&observed, request)?;
        let resource = observation::resource(&request.options);
        let observe = Observe { token: request.token, format, parameters, resource };
        let in_force = InForce {
            attached: self.attached,
            tree: self.tree,
            config: self.config,
            server_instance: self.server_instance,
        };
        Ok(self.observations.observe(self.now, observed, observe, &in_force))
    }

    fn check_room(&self, observed: &Observed) -> Result<(), Refusal> {
        let (paths, limit) = (observed.paths().len(), limits::OBSERVED_PATHS);
        if paths > limit {
            let text = format!("expected at most {limit} paths to observe, got {paths}");
            return Err(Refusal::new(Code::SERVICE_UNAVAILABLE, text));
        }
        if self.observations.full_for(observed) {
            let text = format!("this client holds at most {} observations", limits::OBSERVATIONS);
            return Err(Refusal::new(Code::SERVICE_UNAVAILABLE, text));
        }
        Ok(())
    }

    /// The attributes that an Observe brings, which exist since LwM2M 1.2 (Core §6.4.1).
    fn observe_parameters(
        &self,
        observed: &Observed,
        request: &Message,
    ) -> Result<Option<NotificationAttributes>, Refusal> {
        let parameters = parse_observe_parameters(queries(request)?)
            .map_err(|error| Refusal::bad_request(format!("{error}")))?;
        let Some(parameters) = parameters else { return Ok(None) };
        if self.config.version < LwM2mVersion::V1_2 {
            return Err(Refusal::bad_request(
                "this client has no attributes in Observe, which LwM2M 1.2 brought",
            ));
        }
        let version = self.config.version;
        let target = match observed {
            Observed::Node(path) => AttributeTarget::new(path, self.tree.registry(), version),
            // LwM2M 1.2 Core §6.4.4: what an object can have.
            Observed::Composite(_) => AttributeTarget { level: Level::Object, shape: None, version },
        };
        match parameters.violations(&target).first() {
            Some(violation) => Err(Refusal::bad_request(format!("{violation}"))),
            None => Ok(Some(parameters)),
        }
    }
}
