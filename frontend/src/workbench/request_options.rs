use console_api::{Cancellation, Operation, OperationRequest};

/// How requests of this page are made, where the operator has a say. It holds while the page is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestOptions {
    /// Content-Format asked for; none leaves it to the client.
    pub(crate) accept: Option<u16>,
    /// Content-Format of what is written; by default one that the client takes.
    pub(crate) content_format: Option<u16>,
    /// By default as long as CoAP may take.
    pub(crate) timeout_s: Option<u32>,
    /// Levels that a Discover of a LwM2M 1.2 client goes down.
    pub(crate) depth: Option<u8>,
    /// Observations end with a Reset to the next notification, without a request.
    pub(crate) passive: bool,
    /// Send also what the client cannot be expected to answer.
    pub(crate) force: bool,
}

impl RequestOptions {
    /// What the server takes at most.
    pub(crate) const TIMEOUT_MAX_S: u32 = 600;

    /// Fills in what `request` leaves open and has a use for.
    pub(crate) fn apply(&self, request: &mut OperationRequest) {
        use Operation::{
            CancelObservation, CancelObservationComposite, Discover, Observe, ObserveComposite, Read,
            ReadComposite,
        };
        match request.op {
            Read | Observe | ReadComposite | ObserveComposite => {
                request.accept = request.accept.or(self.accept);
            }
            Discover => request.depth = request.depth.or(self.depth),
            CancelObservation | CancelObservationComposite => {
                request.how = request.how.or(self.passive.then_some(Cancellation::Passive));
            }
            _ => {}
        }
        request.timeout_ms = request.timeout_ms.or(self.timeout_s.map(|s| u64::from(s) * 1000));
        request.force |= self.force;
    }

    /// What differs from the usual, in words.
    pub(crate) fn summary(&self) -> Vec<String> {
        let mut words = Vec::new();
        words.extend(self.accept.map(|number| format!("accepts {}", name(number))));
        words.extend(self.content_format.map(|number| format!("writes {}", name(number))));
        words.extend(self.timeout_s.map(|s| format!("{s} s")));
        words.extend(self.depth.map(|depth| format!("depth {depth}")));
        words.extend(self.passive.then(|| "passive cancel".to_owned()));
        words.extend(self.force.then(|| "forced".to_owned()));
        words
    }
}

fn name(number: u16) -> String {
    lwm2m_codec::ContentFormat(number).name().map_or_else(|| number.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_takes_only_what_it_has_a_use_for() {
        let options = RequestOptions {
            accept: Some(110),
            content_format: Some(112),
            timeout_s: Some(5),
            depth: Some(1),
            passive: true,
            force: true,
        };
        let asked = |op: Operation| {
            let mut request = OperationRequest::new(op, "/3");
            options.apply(&mut request);
            assert_eq!((request.timeout_ms, request.force, request.content_format), (Some(5000), true, None));
            (request.accept, request.depth, request.how)
        };
        assert_eq!(asked(Operation::Read), (Some(110), None, None));
        assert_eq!(asked(Operation::Discover), (None, Some(1), None));
        assert_eq!(asked(Operation::CancelObservation), (None, None, Some(Cancellation::Passive)));
        assert_eq!(asked(Operation::Execute), (None, None, None));
        assert_eq!(options.summary().len(), 6);
        assert!(RequestOptions::default().summary().is_empty());
    }
}
