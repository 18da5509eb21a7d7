//! Requests of peers and our responses to them (RFC 7252 §5).

use core::fmt::Debug;

use super::{
    Endpoint,
    block1_receiving::Progress,
    block2_sending::Resource,
    deduplication::Answer,
    message_layer::{Purpose, encode_response},
    timer::Timer,
};
use crate::{
    Block, Code, Instant, Message, MessageId, MessageType, Options, Output, RequestId, Response, Token,
    limits, option_number,
};

/// A request that surfaced and was not responded to so far.
pub(super) struct OpenRequest<P> {
    peer: P,
    message_id: MessageId,
    token: Token,
    confirmable: bool,
    received: Instant,
    /// The last block of a request that came in blocks.
    block1: Option<Block>,
    /// The block of the response that is asked for.
    block2: Option<Block>,
    resource: Resource,
    /// When the empty acknowledgement is due; `None` when none will go out, or it already has.
    acknowledgement_due: Option<Instant>,
}

impl<P: Copy + Ord + Debug> Endpoint<P> {
    /// Answers a request: in the acknowledgement if none has gone out, else in a confirmable message of its
    /// own. A long payload goes out block by block, as the peer asks for them. No effect when the requester must have given up, EXCHANGE_LIFETIME after the request.
    pub fn respond(&mut self, now: Instant, id: RequestId, mut response: Response) {
        let Some(request) = self.open_requests.remove(&id) else { return };
        if let Some(block) = request.block1 {
            // RFC 7959 §2.5: the response to the last block names it.
            response.options.remove(option_number::BLOCK1);
            response.options = response.options.with_block1(block);
        }
        if let Some(due) = request.acknowledgement_due {
            self.timers.stop(due, Timer::EmptyAcknowledgement(id));
        }
        let OpenRequest { peer, message_id, token, .. } = request;
        let response = self.in_blocks(now, (peer, request.resource), request.block2, response);
        if request.acknowledgement_due.is_some() {
            let datagram = encode_response(MessageType::Acknowledgement, message_id, token, response);
            let answer = Answer::Response(datagram.clone().into());
            self.deduplication.set_answer(peer, message_id, answer);
            self.transmit(peer, datagram);
        } else if request.confirmable {
            // RFC 7252 §5.2.2: after an empty acknowledgement the response has to come in its own message.
            let datagram = encode_response(MessageType::Confirmable, MessageId(0), token, response);
            // Without a free message id it counts as lost.
            let _sent = self.send_confirmable(now, peer, datagram, Purpose::SeparateResponse);
        } else {
            // RFC 7252 §5.2.3: a Non-confirmable request is answered by a Non-confirmable response.
            let datagram = encode_response(MessageType::NonConfirmable, MessageId(0), token, response);
            self.send_non_confirmable(now, peer, datagram);
        }
    }

    /// The response itself, or the block of it that goes out first.
    pub(super) fn in_blocks(
        &mut self,
        now: Instant,
        resource: (P, Resource),
        asked: Option<Block>,
        response: Response,
    ) -> Response {
        let block = self.offered(asked.unwrap_or(Block { num: 0, more: false, szx: Block::MAX_SZX }));
        self.response_bodies.cut((now, self.parameters.exchange_lifetime()), resource, block, response)
    }

    /// The same place in the body, in blocks no larger than preferred (RFC 7959 §2.4).
    fn offered(&self, asked: Block) -> Block {
        let szx = asked.szx.min(self.parameters.block_szx());
        Block { num: asked.num << (asked.szx - szx), more: false, szx }
    }

    pub(super) fn handle_request(&mut self, now: Instant, peer: P, mut message: Message) {
        if let Err(number) = message.options.retain_recognised() {
            return self.refuse_critical_option(now, peer, &message, number);
        }
        if let Some(refusal) = refusal(&message.options) {
            return self.refuse(now, peer, &message, refusal);
        }
        if let Some(block) = message.options.block2().filter(|block| block.num > 0)
            && let Some(response) = self.later_block(now, peer, &message, block)
        {
            return self.answer_each_time(now, peer, &message, response);
        }
        self.drop_expired_requests(now);
        if self.open_requests.len() >= limits::OPEN_REQUESTS {
            self.requests_turned_away += 1;
            let options = Options::new().with_max_age(limits::SERVICE_UNAVAILABLE_MAX_AGE_S);
            let response =
                Response { options, ..diagnostic(Code::SERVICE_UNAVAILABLE, "too many open requests") };
            return self.refuse(now, peer, &message, response);
        }
        let (header, lifetime) = (message.header(), self.lifetime(message.message_type));
        match self.block1_transfers.request(now, lifetime, peer, message) {
            Progress::Complete(message, block1) => self.surface_request(now, peer, message, block1),
            Progress::Answer(response) => self.answer_at_once(now, peer, &header, response),
        }
    }

    /// The response to a request for a later block. `None` for a request to be carried out anew: one that is
    /// safe and complete.
    fn later_block(&mut self, now: Instant, peer: P, message: &Message, asked: Block) -> Option<Response> {
        if message.options.contains(option_number::BLOCK1) {
            return None;
        }
        let key = (peer, Resource::new(message.code, &message.options));
        let block = self.offered(asked);
        let lifetime = self.parameters.exchange_lifetime();
        let known = self.response_bodies.block((now, lifetime), key, block);
        let complete =
            message.code == Code::GET || (message.code == Code::FETCH && !message.payload.is_empty());
        known.or_else(|| {
            let what = "the response this block belongs to is no longer known";
            (!complete).then(|| diagnostic(Code::REQUEST_ENTITY_INCOMPLETE, what))
        })
    }

    fn surface_request(&mut self, now: Instant, peer: P, message: Message, block1: Option<Block>) {
        self.remember(now, peer, &message, Answer::Silence);
        let id = RequestId(self.next_id());
        let confirmable = message.message_type == MessageType::Confirmable;
        let acknowledgement_due = confirmable.then(|| now + self.parameters.piggyback_window);
        if let Some(due) = acknowledgement_due {
            self.timers.start(due, Timer::EmptyAcknowledgement(id));
        }
        let request = OpenRequest {
            peer,
            message_id: message.message_id,
            token: message.token,
            confirmable,
            received: now,
            block1,
            block2: message.options.block2(),
            resource: Resource::new(message.code, &message.options),
            acknowledgement_due,
        };
        self.open_requests.insert(id, request);
        self.outputs.push_back(Output::Request { id, peer, message });
    }

    /// The request could not be responded to soon enough to piggyback (RFC 7252 §5.2.2).
    pub(super) fn acknowledge_request(&mut self, id: RequestId) {
        let Some(request) = self.open_requests.get_mut(&id) else { return };
        request.acknowledgement_due = None;
        let (peer, message_id) = (request.peer, request.message_id);
        self.deduplication.set_answer(peer, message_id, Answer::Acknowledgement);
        self.transmit_empty(peer, MessageType::Acknowledgement, message_id);
    }

    /// RFC 7252 §5.4.1: 4.02 to a Confirmable request, silence to a Non-confirmable one.
    fn refuse_critical_option(&mut self, now: Instant, peer: P, message: &Message, number: u16) {
        let option = match option_number::name(number) {
            Some(name) => format!("option {number} ({name})"),
            None => format!("option {number}"),
        };
        let what = format!("unrecognised or misused critical {option}");
        if message.message_type == MessageType::Confirmable {
            return self.refuse(now, peer, message, diagnostic(Code::BAD_OPTION, &what));
        }
        self.remember(now, peer, message, Answer::Silence);
        self.refused(peer, what);
    }

    /// Answers a request without surfacing it, and reports it.
    fn refuse(&mut self, now: Instant, peer: P, message: &Message, response: Response) {
        let what = format!("{}: {}", response.code, String::from_utf8_lossy(&response.payload));
        self.answer_at_once(now, peer, message, response);
        self.refused(peer, what);
    }

    fn answer_at_once(&mut self, now: Instant, peer: P, message: &Message, response: Response) {
        if message.message_type == MessageType::Confirmable {
            let (id, token) = (message.message_id, message.token);
            let datagram = encode_response(MessageType::Acknowledgement, id, token, response);
            self.remember(now, peer, message, Answer::Response(datagram.clone().into()));
            self.transmit(peer, datagram);
        } else {
            let datagram =
                encode_response(MessageType::NonConfirmable, MessageId(0), message.token, response);
            self.remember(now, peer, message, Answer::Silence);
            self.send_non_confirmable(now, peer, datagram);
        }
    }

    /// RFC 7252 §4.5: a duplicate of a request that changes nothing may be answered anew, which spares the
    /// memory of a block for each.
    fn answer_each_time(&mut self, now: Instant, peer: P, message: &Message, response: Response) {
        if message.message_type != MessageType::Confirmable {
            return self.answer_at_once(now, peer, message, response);
        }
        let (id, token) = (message.message_id, message.token);
        self.transmit(peer, encode_response(MessageType::Acknowledgement, id, token, response));
    }

    /// Ids grow with time, so that the oldest request is the first.
    fn drop_expired_requests(&mut self, now: Instant) {
        let lifetime = self.parameters.exchange_lifetime();
        while let Some(oldest) = self.open_requests.first_entry() {
            if oldest.get().received + lifetime > now {
                break;
            }
            oldest.remove();
        }
    }
}

/// The response to a request whose options ask for what the endpoint does not do.
fn refusal(options: &Options) -> Option<Response> {
    let proxy = [option_number::PROXY_URI, option_number::PROXY_SCHEME];
    if proxy.into_iter().any(|number| options.contains(number)) {
        // RFC 7252 §5.10.2: an endpoint that is no forward-proxy MUST answer 5.05.
        return Some(diagnostic(Code::PROXYING_NOT_SUPPORTED, "not a proxy"));
    }
    let (block1, block2) = (options.block1(), options.block2());
    if [block1, block2].into_iter().flatten().any(|block| block.szx == Block::RESERVED_SZX) {
        // RFC 7959 §2.2: the value 7 is reserved and MUST be answered 4.00.
        return Some(diagnostic(Code::BAD_REQUEST, "reserved block size"));
    }
    None
}

/// RFC 7252 §5.5.2: a payload without Content-Format in an error response is text for people.
fn diagnostic(code: Code, text: &str) -> Response {
    Response { payload: text.as_bytes().to_vec(), ..Response::new(code) }
}
