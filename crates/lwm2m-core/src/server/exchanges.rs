use std::collections::{BTreeMap, BTreeSet};

use coap::{ExchangeId, Token};
use lwm2m_codec::ContentFormat;

use super::{ObservationTarget, Operation, RegistrationId, WantedObservation, commands::Asker};

/// A request that a client has not answered yet.
#[derive(Debug)]
pub(super) struct Pending {
    /// Whom to tell; nobody when the server asked on its own account.
    pub(super) asker: Option<Asker>,
    pub(super) registration: RegistrationId,
    pub(super) purpose: Purpose,
}

/// What a request is for.
#[derive(Debug)]
pub(super) enum Purpose {
    Operation(Operation),
    /// A Write of this format with more than is worth telling.
    LargeWrite(ContentFormat),
    Observe(WantedObservation),
    /// Writes the attributes of what is to be observed then.
    AttributesAgain(WantedObservation),
    CancelObservation(WantedObservation),
    /// The blocks of a notification after the first.
    FetchNotification {
        token: Token,
        sequence: u32,
        confirmable: bool,
    },
}

impl Purpose {
    /// What is asked for, or will be next.
    const fn observed(&self) -> Option<&WantedObservation> {
        match self {
            Self::Observe(wanted) | Self::AttributesAgain(wanted) => Some(wanted),
            _ => None,
        }
    }
}

/// The open exchanges, found by exchange and by registration.
#[derive(Default)]
pub(super) struct Exchanges {
    pending: BTreeMap<ExchangeId, Pending>,
    by_registration: BTreeMap<RegistrationId, BTreeSet<ExchangeId>>,
}

impl Exchanges {
    pub(super) fn insert(&mut self, exchange: ExchangeId, pending: Pending) {
        self.by_registration.entry(pending.registration).or_default().insert(exchange);
        self.pending.insert(exchange, pending);
    }

    pub(super) fn take(&mut self, exchange: ExchangeId) -> Option<Pending> {
        let pending = self.pending.remove(&exchange)?;
        if let Some(exchanges) = self.by_registration.get_mut(&pending.registration) {
            exchanges.remove(&exchange);
            if exchanges.is_empty() {
                self.by_registration.remove(&pending.registration);
            }
        }
        Some(pending)
    }

    /// Whether a client was asked for this observation and has not answered.
    pub(super) fn observes(&self, registration: RegistrationId, target: &ObservationTarget) -> bool {
        let exchanges = self.by_registration.get(&registration).into_iter().flatten();
        exchanges
            .filter_map(|exchange| self.pending.get(exchange))
            .any(|pending| pending.purpose.observed().is_some_and(|wanted| wanted.target == *target))
    }

    /// Whether a client was asked by the server itself for what it was observed for, and has not answered.
    pub(super) fn observes_again(&self, registration: RegistrationId) -> bool {
        let exchanges = self.by_registration.get(&registration).into_iter().flatten();
        exchanges
            .filter_map(|exchange| self.pending.get(exchange))
            .any(|pending| pending.asker.is_none() && pending.purpose.observed().is_some())
    }

    /// Takes those requests.
    pub(super) fn take_observing_again(
        &mut self,
        registration: RegistrationId,
    ) -> Vec<(ExchangeId, ObservationTarget)> {
        let exchanges = self.by_registration.get(&registration).into_iter().flatten();
        let target = |exchange: &ExchangeId| {
            let pending = self.pending.get(exchange).filter(|pending| pending.asker.is_none())?;
            Some(pending.purpose.observed()?.target.clone())
        };
        let taken: Vec<_> = exchanges.filter_map(|exchange| Some((*exchange, target(exchange)?))).collect();
        for (exchange, _) in &taken {
            self.take(*exchange);
        }
        taken
    }

    pub(super) fn take_all(&mut self, registration: RegistrationId) -> Vec<(ExchangeId, Pending)> {
        let exchanges = self.by_registration.remove(&registration).unwrap_or_default();
        exchanges.into_iter().filter_map(|exchange| Some((exchange, self.take(exchange)?))).collect()
    }
}
