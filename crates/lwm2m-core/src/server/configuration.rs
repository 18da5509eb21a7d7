//! What an operator decides about one client.

use coap::Instant;

use super::{
    Change, ClientConfig, Event, Flow, OperationError, OperationId, Outcome, Server, commands::Asker,
    forget::nothing_sent, kept, limits,
};

impl Server {
    /// Decides how a client is to be treated, registered or not. Answers the operation when that is stored.
    pub fn configure(
        &mut self,
        now: Instant,
        operation: OperationId,
        endpoint: String,
        config: ClientConfig,
    ) {
        let known = self.configs.contains_key(&endpoint) || config == ClientConfig::default();
        if !self.flows.has_room() || (!known && self.configs.len() >= limits::CONFIGURED_CLIENTS) {
            self.answer(Asker::Operation(operation), Err(OperationError::TooManyRequests));
        } else {
            let change = Change::Configured { endpoint: endpoint.clone(), config: config.clone() };
            self.persist(Flow::Configure { operation, endpoint, config }, change);
        }
        self.drain(now);
    }

    pub(super) fn finish_configure(
        &mut self,
        operation: OperationId,
        endpoint: String,
        config: ClientConfig,
        outcome: Outcome,
    ) {
        if !matches!(outcome, Outcome::Failed(_)) {
            self.set_config(endpoint.clone(), config.clone());
            self.event(Event::Configured { endpoint, config });
        }
        self.answer(Asker::Operation(operation), kept(nothing_sent(), outcome));
    }

    /// What an operator has decided about a client.
    pub fn config_of(&self, endpoint: &str) -> ClientConfig {
        self.configs.get(endpoint).cloned().unwrap_or_default()
    }

    pub(super) fn set_config(&mut self, endpoint: String, config: ClientConfig) {
        if config == ClientConfig::default() {
            self.configs.remove(&endpoint);
        } else {
            self.configs.insert(endpoint, config);
        }
    }
}
