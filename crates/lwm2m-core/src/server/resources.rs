//! The CoAP resources of the server: `/rd`, `/dp` and `/.well-known/core`.

use coap::{Code, Instant, Message, Options, RequestId, Response};

use super::{Event, Server, limits, security::identity};
use crate::Peer;

const LINK_FORMAT: u16 = 40;

/// RFC 6690 §4: what is here.
const LINKS: &[u8] = br#"</rd>;rt="core.rd";ct=40,</dp>;ct="110 112 11544""#;

impl Server {
    pub(super) fn handle_request(&mut self, now: Instant, id: RequestId, peer: Peer, message: &Message) {
        let Some(identity) = self.proven(peer).map(identity) else {
            let what = "an authenticated session expected".to_owned();
            return self.refuse(now, id, peer, Code::UNAUTHORIZED, what);
        };
        let Ok(path) = message.options.uri_path() else {
            return self.refuse(now, id, peer, Code::BAD_REQUEST, "Uri-Path expected in UTF-8".into());
        };
        let code = message.code;
        match path.as_slice() {
            ["rd"] if code == Code::POST => self.register(now, id, peer, identity, message),
            ["rd", location] if code == Code::POST || code == Code::PUT => {
                // POST since 1.0; the candidate of 2015 said PUT, and clients of its time still do.
                self.update(now, id, peer, &identity, location, message);
            }
            ["rd", location] if code == Code::DELETE => self.deregister(now, id, peer, &identity, location),
            ["dp"] if code == Code::POST => self.receive_send(now, id, peer, &identity, message),
            [".well-known", "core"] if code == Code::GET => self.discover_server(now, id, peer, message),
            ["rd" | "dp"] => self.refuse_method(now, id, peer, code, "POST"),
            ["rd", _] => self.refuse_method(now, id, peer, code, "POST, PUT or DELETE"),
            [".well-known", "core"] => self.refuse_method(now, id, peer, code, "GET"),
            _ => {
                let got = path.join("/");
                let what = format!("expected /rd, /rd/{{id}}, /dp or /.well-known/core, got /{got}");
                self.refuse(now, id, peer, Code::NOT_FOUND, what);
            }
        }
    }

    fn discover_server(&mut self, now: Instant, id: RequestId, peer: Peer, message: &Message) {
        if let Some(accept) = message.options.accept().filter(|accept| *accept != LINK_FORMAT) {
            let what = format!("Accept {LINK_FORMAT} (link format) expected, got {accept}");
            return self.refuse(now, id, peer, Code::NOT_ACCEPTABLE, what);
        }
        let options = Options::default().with_content_format(LINK_FORMAT);
        self.endpoint.respond(now, id, Response { code: Code::CONTENT, options, payload: LINKS.to_vec() });
    }

    pub(super) fn respond(&mut self, now: Instant, id: RequestId, code: Code, options: Options) {
        self.endpoint.respond(now, id, Response { code, options, payload: Vec::new() });
    }

    /// Answers with an error and says what was expected and what came (RFC 7252 §5.5.2).
    pub(super) fn refuse(&mut self, now: Instant, id: RequestId, peer: Peer, code: Code, what: String) {
        let payload = what.as_bytes()[..what.floor_char_boundary(limits::DIAGNOSTIC_BYTES)].to_vec();
        let options = Options::default();
        self.endpoint.respond(now, id, Response { code, options, payload });
        self.event(Event::Refused { peer, what: format!("{code} {what}") });
    }

    fn refuse_method(&mut self, now: Instant, id: RequestId, peer: Peer, got: Code, expected: &str) {
        self.refuse(now, id, peer, Code::METHOD_NOT_ALLOWED, format!("{expected} expected, got {got}"));
    }

    /// Nothing is wrong with the request, there is only no room for it now (RFC 7252 §5.9.3.4).
    pub(super) fn refuse_for_now(&mut self, now: Instant, id: RequestId, peer: Peer, what: &str) {
        let retry_after_s = u32::try_from(limits::RETRY_AFTER.as_secs()).unwrap_or(u32::MAX);
        self.respond(now, id, Code::SERVICE_UNAVAILABLE, Options::default().with_max_age(retry_after_s));
        self.event(Event::Refused { peer, what: format!("5.03 {what}") });
    }
}
