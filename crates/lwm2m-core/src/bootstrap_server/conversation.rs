//! Commands go to a device one at a time, each when the one before it is answered (RFC 7252 §4.7, NSTART 1).

use std::sync::Arc;

use coap::{Block, Code, ExchangeError, Instant, Message, Options, RequestId, Response, Token};
use lwm2m_codec::ContentFormat;

use super::{
    Beginning, BootstrapId, BootstrapInformation, BootstrapOperation, BootstrapServer, Event, Failure,
    NoSession, NotConfigured, Output, Step,
    bootstrap_request::answer_step,
    command::Command,
    failure, limits,
    pack::Pack,
    returning::{Left, Opening},
    session::{Conversation, Phase, Session, Waiting},
};
use crate::Peer;

impl BootstrapServer {
    /// Answers [`Output::Configure`]. A session that is over meanwhile is not known any more.
    pub fn configured(
        &mut self,
        now: Instant,
        session: BootstrapId,
        result: Result<BootstrapInformation, NotConfigured>,
    ) {
        let begun_by = self.sessions.by_id(session).and_then(|known| match known.phase {
            Phase::Configuring { .. } => Some(known.begun_by),
            Phase::Commanding(_) => None,
        });
        match (begun_by, result) {
            (None, _) => {}
            (Some(_), Err(refusal)) => {
                self.turn_away(now, session, refusal.code, failure::not_configured(&refusal));
            }
            (Some(Beginning::Pack), Ok(information)) => self.give_pack(now, session, &information),
            (Some(Beginning::Client | Beginning::Server), Ok(information)) => {
                self.start(now, session, information);
            }
        }
        self.drain(now);
    }

    /// Server Initiated Bootstrap as LwM2M 1.0 TS §5.2.3.4 has it: unasked, over the session that the device has with
    /// us; without security to the address that it was last heard from.
    pub fn begin(&mut self, now: Instant, endpoint: &str) -> Result<BootstrapId, NoSession> {
        let contact = self.contacts.of(endpoint).ok_or(NoSession::NotConnected)?;
        if let Some(running) = self.sessions.of_endpoint(endpoint) {
            return Err(NoSession::Running(running.id));
        }
        let proven = self.contacts.proven(contact.peer).ok_or(NoSession::NotConnected)?;
        let admitted = self.config.admission.admit(proven, Some(endpoint.to_owned()));
        admitted.map_err(|(_, what)| NoSession::NotAdmitted(what))?;
        if !self.sessions.has_room(contact.peer) {
            return Err(NoSession::TooManySessions);
        }
        let (peer, content_format) = (contact.peer, contact.preferred);
        let begun_by = Beginning::Server;
        let session = self.open(now, endpoint, peer, begun_by, content_format, None);
        let endpoint = endpoint.to_owned();
        self.outputs.push_back(Output::Configure { session, peer, endpoint, begun_by, content_format });
        Ok(session)
    }

    fn start(&mut self, now: Instant, id: BootstrapId, information: BootstrapInformation) {
        let Some(session) = self.sessions.by_id(id) else { return };
        let conversation = match Conversation::new(information, session.preferred) {
            Ok(conversation) => conversation,
            Err(failure) => return self.turn_away(now, id, Code::INTERNAL_SERVER_ERROR, failure),
        };
        let before = core::mem::replace(&mut session.phase, Phase::Commanding(Box::new(conversation)));
        let begun_by = session.begun_by;
        if let Phase::Configuring { request: Some(request) } = before {
            // Before the first command: the device takes it only after the answer to its request.
            self.endpoint.respond(now, request, Response::new(Code::CHANGED));
            self.step(id, answer_step(now, begun_by, Code::CHANGED));
        }
        self.advance(now, id);
    }

    fn give_pack(&mut self, now: Instant, id: BootstrapId, information: &BootstrapInformation) {
        let Some(session) = self.sessions.by_id(id) else { return };
        let accept = session.preferred;
        if !information.pack {
            let what = "what this device receives is not for a Bootstrap-Pack".to_owned();
            let refusal = NotConfigured { code: Code::NOT_FOUND, what };
            return self.turn_away(now, id, refusal.code, failure::not_configured(&refusal));
        }
        match Pack::new(information, accept, &self.config.definitions) {
            Ok(pack) => self.answer_pack(now, id, pack),
            Err(failure) => self.turn_away(now, id, Code::NOT_IMPLEMENTED, failure),
        }
    }

    fn answer_pack(&mut self, now: Instant, id: BootstrapId, pack: Pack) {
        let Some(request) = self.sessions.by_id(id).and_then(|session| match &mut session.phase {
            Phase::Configuring { request } => request.take(),
            Phase::Commanding(_) => None,
        }) else {
            return;
        };
        self.respond_with(now, request, pack.options(), pack.payload);
        let step = Step {
            content_format: Some(pack.format),
            payload: pack.shown,
            masked: pack.masked,
            remark: pack.remark,
            ..answer_step(now, Beginning::Pack, Code::CONTENT)
        };
        self.step(id, step);
        self.end(now, id, Ok(()));
    }

    fn respond_with(&mut self, now: Instant, request: RequestId, options: Options, payload: Vec<u8>) {
        self.endpoint.respond(now, request, Response { code: Code::CONTENT, options, payload });
    }

    /// Sends the next command, or ends the session when all are answered.
    fn advance(&mut self, now: Instant, id: BootstrapId) {
        let definitions = Arc::clone(&self.config.definitions);
        let Some(session) = self.sessions.by_id(id) else { return };
        let Phase::Commanding(conversation) = &mut session.phase else { return };
        match conversation.next_command(&definitions) {
            Ok(Some(command)) => self.command(now, id, command),
            Ok(None) => self.end(now, id, Ok(())),
            Err(failure) => self.end(now, id, Err(failure)),
        }
    }

    fn command(&mut self, now: Instant, id: BootstrapId, command: Command) {
        let Some(session) = self.sessions.by_id(id) else { return };
        let peer = session.peer;
        let blocks = u32::try_from(command.payload_bytes() / Block::MAX_SIZE).unwrap_or(u32::MAX);
        let timeout = self.exchange_lifetime + limits::BLOCK_TIME.saturating_mul(blocks);
        let (exchange, token) = match self.endpoint.request(now, peer, command.request(), timeout) {
            Ok(sent) => sent,
            Err(error) => return self.end(now, id, Err(failure::not_sent(&command, &error))),
        };
        let step = self.step(id, command_step(now, &command)).unwrap_or_default();
        if let Some(session) = self.sessions.by_id(id)
            && let Phase::Commanding(conversation) = &mut session.phase
        {
            let exchange = Some(exchange);
            conversation.waiting = Some(Waiting { command, token, exchange, step, since: now });
        }
        self.sessions.expect(id, token);
        self.sessions.set_deadline(id, now + timeout);
    }

    /// The answer to a command.
    pub(super) fn answered(&mut self, now: Instant, peer: Peer, token: Token, message: &Message) {
        let Some((id, waiting)) = self.take_waiting(peer, token) else { return };
        let definitions = Arc::clone(&self.config.definitions);
        let Some(session) = self.sessions.by_id(id) else { return };
        let Phase::Commanding(conversation) = &mut session.phase else { return };
        let verdict = conversation.answered(&waiting.command, message, &definitions);
        let mut payload = message.payload.clone();
        payload.truncate(limits::STEP_PAYLOAD_BYTES);
        let step = Step {
            from_device: true,
            code: message.code,
            content_format: message.options.content_format().map(ContentFormat),
            payload,
            masked: Vec::new(),
            failed: verdict.failed,
            remark: verdict.remark,
            ..command_step(now, &waiting.command)
        };
        let step = self.step(id, step);
        match verdict.result {
            Ok(()) => self.advance(now, id),
            Err(failure) if waiting.command.operation == BootstrapOperation::Finish => {
                self.end_for_now(now, id, Failure { step, ..failure }, Left::Inconsistent(peer));
            }
            Err(failure) => self.end(now, id, Err(Failure { step, ..failure })),
        }
    }

    /// A command got no answer.
    pub(super) fn not_answered(&mut self, now: Instant, peer: Peer, token: Token, error: ExchangeError) {
        let Some(id) = self.sessions.by_token(peer, token) else { return };
        let Some(session) = self.sessions.by_id(id) else { return };
        let deadline = session.deadline;
        let Phase::Commanding(conversation) = &mut session.phase else { return };
        let Some(waiting) = &mut conversation.waiting else { return };
        waiting.exchange = None;
        // It is not sent any more after MAX_TRANSMIT_WAIT, but an answer may still be under way until
        // EXCHANGE_LIFETIME is over (LwM2M 1.2 Core §6.1.3.3).
        if matches!(error, ExchangeError::Timeout | ExchangeError::NoResponse) && now < deadline {
            return;
        }
        let failure = match error {
            ExchangeError::Timeout | ExchangeError::NoResponse => {
                failure::unanswered(&waiting.command, waited_s(now, waiting))
            }
            error => failure::exchange(&waiting.command, error),
        };
        let step = Some(waiting.step);
        self.end(now, id, Err(Failure { step, ..failure }));
    }

    /// Sessions whose time is over.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some(id) = self.sessions.due(now) {
            let Some(session) = self.sessions.by_id(id) else { return };
            match &session.phase {
                Phase::Configuring { .. } => {
                    self.turn_away(now, id, Code::SERVICE_UNAVAILABLE, failure::not_in_time());
                }
                Phase::Commanding(conversation) => {
                    let failure = match &conversation.waiting {
                        Some(waiting) => Failure {
                            step: Some(waiting.step),
                            ..failure::unanswered(&waiting.command, waited_s(now, waiting))
                        },
                        None => failure::not_in_time(),
                    };
                    self.end(now, id, Err(failure));
                }
            }
        }
    }

    /// Whoever was being bootstrapped over a security session is not any more.
    pub(super) fn disconnect(&mut self, now: Instant, peer: Peer, endpoint: &str) {
        let over_it = self.sessions.of_endpoint(endpoint).filter(|session| session.peer == peer);
        if let Some((id, steps)) = over_it.map(|session| (session.id, session.steps)) {
            let failure = Failure { step: steps.checked_sub(1), ..failure::connection_closed() };
            self.end(now, id, Err(failure));
        }
    }

    pub(super) fn end(&mut self, now: Instant, id: BootstrapId, result: Result<(), Failure>) {
        let Some(session) = self.sessions.remove(id) else { return };
        if let Phase::Commanding(conversation) = &session.phase
            && let Some(exchange) = conversation.waiting.as_ref().and_then(|waiting| waiting.exchange)
        {
            self.endpoint.cancel_exchange(now, exchange);
        }
        self.event(Event::Ended { session: id, at: now, result });
    }

    /// Ends a session whose device may come again.
    pub(super) fn end_for_now(&mut self, now: Instant, id: BootstrapId, failure: Failure, left: Left) {
        let session = self.sessions.by_id(id);
        let over = session.map(|session| {
            let Session { endpoint, attempt, steps, .. } = session;
            (endpoint.clone(), Opening { id, attempt: *attempt, steps: *steps })
        });
        self.end(now, id, Err(failure));
        let time = match left {
            Left::Refused => limits::REFUSALS_COUNTED,
            Left::WithoutPack(_) => limits::AFTER_PACK,
            Left::Inconsistent(_) => self.exchange_lifetime,
        };
        if let Some((endpoint, opening)) = over.filter(|(_, opening)| opening.steps < limits::STEPS_TO_GO_ON)
        {
            self.returning.ended(now, &endpoint, opening, left, now + time);
        }
    }

    /// Tells of a message; its number in the session.
    pub(super) fn step(&mut self, id: BootstrapId, step: Step) -> Option<u32> {
        let session = self.sessions.by_id(id)?;
        let number = session.steps;
        session.steps += 1;
        self.event(Event::Step { session: id, step });
        Some(number)
    }

    fn take_waiting(&mut self, peer: Peer, token: Token) -> Option<(BootstrapId, Waiting)> {
        let id = self.sessions.by_token(peer, token)?;
        self.sessions.forget(peer, token);
        match &mut self.sessions.by_id(id)?.phase {
            Phase::Configuring { .. } => None,
            Phase::Commanding(conversation) => Some((id, conversation.waiting.take()?)),
        }
    }
}

fn command_step(now: Instant, command: &Command) -> Step {
    Step {
        at: now,
        from_device: false,
        operation: command.operation,
        code: command.method(),
        path: command.target(),
        query: String::new(),
        content_format: command.content_format,
        payload: command.shown.clone(),
        masked: command.masked.clone(),
        failed: false,
        remark: command.remark.clone(),
    }
}

fn waited_s(now: Instant, waiting: &Waiting) -> u64 {
    now.saturating_duration_since(waiting.since).as_secs()
}
