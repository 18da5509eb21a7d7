//! What a client has refused is not asked of it again unasked: each client supports what it supports, and its
//! version does not tell (composite operations are optional, Core 1.1 §6.3.8).

use std::collections::BTreeSet;

use coap::Code;
use lwm2m_codec::ContentFormat;

use super::{
    Event, ObservationTarget, Operation, OperationError, Registration, Server, exchanges::Purpose, limits,
};

/// What a client has refused since it registered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    /// Formats it was asked for, or sent, in vain: 4.06, 4.15.
    pub formats: BTreeSet<ContentFormat>,
    /// Read-Composite and Observe-Composite.
    pub composite_read: bool,
    pub composite_write: bool,
    /// A composite operation has worked, so that 4.04 is about the paths of a later one.
    composite_works: bool,
}

impl Server {
    /// Forgets what a client has refused, so that it is asked again.
    pub fn forget_refusals(&mut self, endpoint: &str) {
        if let Some(registration) = self.registrations.by_endpoint(endpoint) {
            self.refusals.remove(&registration.id);
        }
    }

    pub fn refusals(&self, endpoint: &str) -> Option<&Refusals> {
        self.refusals.get(&self.registrations.by_endpoint(endpoint)?.id)
    }

    pub(super) fn check_refusals(
        &self,
        registration: &Registration,
        operation: &Operation,
    ) -> Result<(), OperationError> {
        let Some(refusals) = self.refusals.get(&registration.id) else { return Ok(()) };
        let refused = match operation {
            Operation::ReadComposite { .. } | Operation::ObserveComposite { .. } => refusals.composite_read,
            Operation::WriteComposite { .. } => refusals.composite_write,
            _ => false,
        };
        if !refused {
            return Ok(());
        }
        Err(OperationError::NotPossible {
            expected: "a client that supports composite operations".to_owned(),
            got: "one that has refused them, or never answered, since it registered".to_owned(),
        })
    }

    /// Learns from the code that a request was answered with.
    pub(super) fn learn(&mut self, registration: &Registration, asked: &Asked, code: Code) {
        self.remember(registration, |refusals| match code {
            Code::NOT_ACCEPTABLE => refusals.refuse_format(asked.accept),
            Code::UNSUPPORTED_CONTENT_FORMAT => refusals.refuse_format(asked.sent),
            _ => refusals.judge_composite(asked, code),
        });
    }

    /// A client that acknowledges a request and then says nothing does not know the method (Wakaama and FETCH),
    /// unless it has shown that it does.
    pub(super) fn learn_silence(&mut self, registration: &Registration, asked: &Asked) {
        self.remember(registration, |refusals| {
            if !refusals.composite_works {
                refusals.refuse_composite(asked);
            }
        });
    }

    /// Whether a format was refused.
    pub(super) fn format_refused(&self, registration: &Registration, format: ContentFormat) -> bool {
        self.refusals.get(&registration.id).is_some_and(|refusals| refusals.formats.contains(&format))
    }

    fn remember(&mut self, registration: &Registration, note: impl FnOnce(&mut Refusals)) {
        let known = self.refusals.get(&registration.id).cloned().unwrap_or_default();
        let mut refusals = known.clone();
        note(&mut refusals);
        if refusals == known {
            return;
        }
        let told = Refusals { composite_works: known.composite_works, ..refusals.clone() } != known;
        self.refusals.insert(registration.id, refusals.clone());
        if told {
            self.event(Event::Refuses { endpoint: registration.endpoint.clone(), refusals });
        }
    }
}

impl Refusals {
    fn refuse_format(&mut self, format: Option<ContentFormat>) {
        if self.formats.len() < limits::REFUSED_FORMATS {
            self.formats.extend(format);
        }
    }

    fn judge_composite(&mut self, asked: &Asked, code: Code) {
        match code {
            Code::NOT_IMPLEMENTED => self.refuse_composite(asked),
            // A Write-Composite is answered so when a Resource is missing or cannot be written (Core §6.3.9).
            Code::NOT_FOUND | Code::METHOD_NOT_ALLOWED
                if asked.composite == Some(Composite::Read) && !self.composite_works =>
            {
                self.refuse_composite(asked);
            }
            _ => self.composite_works |= code.is_success() && asked.composite.is_some(),
        }
    }

    const fn refuse_composite(&mut self, asked: &Asked) {
        match asked.composite {
            Some(Composite::Read) => self.composite_read = true,
            Some(Composite::Write) => self.composite_write = true,
            None => {}
        }
    }
}

/// What a client may refuse of a request.
pub(super) struct Asked {
    accept: Option<ContentFormat>,
    sent: Option<ContentFormat>,
    composite: Option<Composite>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Composite {
    Read,
    Write,
}

impl Asked {
    pub(super) fn of(purpose: &Purpose) -> Self {
        let (accept, sent, composite) = match purpose {
            Purpose::Observe(wanted) => {
                let several = matches!(wanted.target, ObservationTarget::Paths(_));
                (wanted.accept, wanted.content_format, several.then_some(Composite::Read))
            }
            Purpose::Operation(Operation::Read { accept, .. }) => (*accept, None, None),
            Purpose::Operation(Operation::ReadComposite { content_format, accept, .. }) => {
                (*accept, Some(*content_format), Some(Composite::Read))
            }
            Purpose::Operation(Operation::WriteComposite { content_format, .. }) => {
                (None, Some(*content_format), Some(Composite::Write))
            }
            Purpose::Operation(
                Operation::Write { content_format, .. } | Operation::Create { content_format, .. },
            ) => (None, Some(*content_format), None),
            Purpose::LargeWrite(content_format) => (None, Some(*content_format), None),
            Purpose::Operation(_)
            | Purpose::AttributesAgain(_)
            | Purpose::CancelObservation(_)
            | Purpose::FetchNotification { .. } => (None, None, None),
        };
        Self { accept, sent, composite }
    }
}
