//! Bootstrap-Request and Bootstrap-Pack-Request: who asks, and whether it may (LwM2M 1.2 Core §6.1.7.1, §6.1.7.7).

use coap::{Code, Instant, Message, Options, RequestId, Response};
use lwm2m_codec::{ContentFormat, limits::PARAMETERS_MAX};

use super::{
    Beginning, BootstrapId, BootstrapOperation, BootstrapServer, Event, Failure, Output, Step, failure,
    limits, pack,
    returning::{Left, Opening},
    session::{Phase, Session},
};
use crate::{Peer, Proven};

/// What a device can prefer to be written in (LwM2M 1.2 Core §6.1.7.1).
const PREFERABLE: [ContentFormat; 4] =
    [ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR, ContentFormat::TLV, ContentFormat::LWM2M_CBOR];

/// A request that is refused: code and reason.
type Refusal = (Code, String);

/// What the device is to be written in. One that nothing is written in is refused in a session.
type Wanted = Result<Option<ContentFormat>, Refusal>;

/// The query of a request.
#[derive(Debug, Default)]
struct Parameters {
    endpoint: Option<String>,
    /// `pct`, as it stands.
    preferred: Option<String>,
    unknown: Vec<String>,
}

/// Why a request is none that a session begins with.
enum NotRead {
    /// Nothing says whose it is.
    Refused(Refusal),
    Denied(Denied),
}

/// A request of a device that is known by its name, and refused.
struct Denied {
    begun_by: Beginning,
    endpoint: String,
    query: String,
    refusal: Refusal,
    /// What to do about it.
    advice: &'static str,
}

/// A request that has been read.
struct Asked {
    begun_by: Beginning,
    endpoint: String,
    content_format: Option<ContentFormat>,
    step: Step,
    /// Why it is refused all the same.
    unsupported: Option<Refusal>,
}

impl BootstrapServer {
    pub(super) fn handle_request(&mut self, now: Instant, id: RequestId, peer: Peer, message: &Message) {
        let Ok(path) = message.options.uri_path() else {
            return self.refuse(now, id, peer, Code::BAD_REQUEST, "Uri-Path expected in UTF-8".into());
        };
        let begun_by = match (path.as_slice(), message.code) {
            (["bs"], Code::POST) => Beginning::Client,
            (["bspack"], Code::GET) => Beginning::Pack,
            (["bs" | "bspack"], got) => {
                let what = format!("POST to /bs or GET of /bspack expected, got {got:?}");
                return self.refuse(now, id, peer, Code::METHOD_NOT_ALLOWED, what);
            }
            _ => {
                let what = format!("/bs or /bspack expected, got /{}", path.join("/"));
                return self.refuse(now, id, peer, Code::NOT_FOUND, what);
            }
        };
        match self.read(now, peer, begun_by, message) {
            Ok(asked) => self.begin_asked(now, id, peer, asked),
            Err(NotRead::Denied(denied)) => self.deny(now, id, peer, denied),
            Err(NotRead::Refused((code, what))) => self.refuse(now, id, peer, code, what),
        }
    }

    fn read(
        &self,
        now: Instant,
        peer: Peer,
        begun_by: Beginning,
        message: &Message,
    ) -> Result<Asked, NotRead> {
        let Some(proven) = self.contacts.proven(peer) else {
            return Err((Code::UNAUTHORIZED, "an authenticated session expected".to_owned()).into());
        };
        let queries = message
            .options
            .uri_query()
            .map_err(|_| (Code::BAD_REQUEST, "Uri-Query expected in UTF-8".to_owned()))?;
        let parameters = Parameters::parse(&queries)?;
        let said = parameters.endpoint.clone().filter(|said| !said.is_empty());
        let name = proven.map(|proven| proven.endpoint.clone()).or(said);
        let admitted = self.admit(proven, peer, begun_by, &parameters, message);
        let (endpoint, format) = admitted.map_err(|(refusal, advice)| match name {
            Some(endpoint) => {
                let query = queries.join("&");
                NotRead::Denied(Denied { begun_by, endpoint, query, refusal, advice })
            }
            None => NotRead::Refused(refusal),
        })?;
        let (content_format, unsupported) = match format {
            Ok(format) => (format, None),
            Err(refusal) => (None, Some(refusal)),
        };
        let query = queries.join("&");
        let step = request_step(now, begun_by, query, &parameters.unknown, content_format);
        Ok(Asked { begun_by, endpoint, content_format, step, unsupported })
    }

    /// Whether who asks may ask: its name, and what it is to be written in.
    fn admit(
        &self,
        proven: Option<&Proven>,
        peer: Peer,
        begun_by: Beginning,
        parameters: &Parameters,
        message: &Message,
    ) -> Result<(String, Wanted), (Refusal, &'static str)> {
        let endpoint =
            self.config.admission.admit(proven, parameters.endpoint.clone()).map_err(|refusal| {
                let advice = failure::advice_on_admission(proven.is_some(), refusal.0);
                (refusal, advice)
            })?;
        if endpoint.is_empty() {
            let what = "a name as ep expected, got an empty one".to_owned();
            return Err(((Code::BAD_REQUEST, what), failure::NOT_OF_THE_STANDARD));
        }
        // Who has proven nothing must not take over the session of who has.
        let running = self.sessions.of_endpoint(&endpoint);
        if matches!(peer, Peer::NoSec(_))
            && running.is_some_and(|session| matches!(session.peer, Peer::Session(_)))
        {
            let what = "this endpoint is being bootstrapped by another identity".to_owned();
            return Err(((Code::FORBIDDEN, what), failure::ANOTHER_DEVICE));
        }
        let format = match begun_by {
            Beginning::Pack => acceptable(message.options.accept().map(ContentFormat)),
            Beginning::Client | Beginning::Server => preferred(parameters.preferred.as_deref())
                .map_err(|refusal| (refusal, failure::NOT_OF_THE_STANDARD))?,
        };
        Ok((endpoint, format))
    }

    fn begin_asked(&mut self, now: Instant, request: RequestId, peer: Peer, asked: Asked) {
        let Asked { begun_by, endpoint, content_format, step, unsupported } = asked;
        // A device that asks again has given up what came of it before.
        if let Some(running) = self.sessions.of_endpoint(&endpoint).map(|session| session.id) {
            self.end(now, running, Err(failure::began_anew()));
        }
        if !self.sessions.has_room(peer) {
            return self.refuse_for_now(now, request, peer, "too many sessions at once");
        }
        self.contacts.heard(&endpoint, peer, content_format.filter(|_| begun_by == Beginning::Client));
        let id = self.open(now, &endpoint, peer, begun_by, content_format, Some(request));
        self.step(id, step);
        if let Some((code, what)) = unsupported {
            return self.turn_away(now, id, code, failure::unsupported_format(what));
        }
        self.outputs.push_back(Output::Configure { session: id, peer, endpoint, begun_by, content_format });
    }

    /// Opens a session that waits for what its device receives.
    pub(super) fn open(
        &mut self,
        now: Instant,
        endpoint: &str,
        peer: Peer,
        begun_by: Beginning,
        preferred: Option<ContentFormat>,
        request: Option<RequestId>,
    ) -> BootstrapId {
        let follows = self.returning.follows(now, endpoint, peer, begun_by);
        let opening =
            follows.unwrap_or_else(|| Opening { id: self.sessions.next_id(), attempt: 1, steps: 0 });
        let Opening { id, attempt, steps } = opening;
        self.sessions.insert(Session {
            id,
            endpoint: endpoint.to_owned(),
            peer,
            begun_by,
            attempt,
            preferred,
            steps,
            deadline: now + self.exchange_lifetime,
            phase: Phase::Configuring { request },
        });
        self.begun(now, endpoint, peer, begun_by, opening);
        id
    }

    fn begun(&mut self, now: Instant, endpoint: &str, peer: Peer, begun_by: Beginning, opening: Opening) {
        let Opening { id: session, attempt, steps: first_step } = opening;
        let endpoint = endpoint.to_owned();
        self.event(Event::Begun { session, endpoint, peer, begun_by, at: now, attempt, first_step });
    }

    /// Refuses the request that a session began with, which is over so.
    pub(super) fn turn_away(&mut self, now: Instant, id: BootstrapId, code: Code, failure: Failure) {
        let Some(session) = self.sessions.by_id(id) else { return };
        let begun_by = session.begun_by;
        let left = match begun_by {
            Beginning::Pack => Left::WithoutPack(session.peer),
            Beginning::Client | Beginning::Server => Left::Refused,
        };
        let request = match &mut session.phase {
            Phase::Configuring { request } => request.take(),
            Phase::Commanding(_) => None,
        };
        let failure = match request {
            Some(request) => {
                let payload = beginning(&failure.what, limits::DIAGNOSTIC_BYTES);
                let options = match code {
                    Code::SERVICE_UNAVAILABLE => retry_after(),
                    _ => Options::new(),
                };
                self.endpoint.respond(now, request, Response { code, options, payload: payload.clone() });
                let step = Step { payload, failed: true, ..answer_step(now, begun_by, code) };
                Failure { step: self.step(id, step), ..failure }
            }
            None => failure,
        };
        self.end_for_now(now, id, failure, left);
    }

    /// A request is refused before there is a session, and told as one that has failed.
    fn deny(&mut self, now: Instant, id: RequestId, peer: Peer, denied: Denied) {
        let Denied { begun_by, endpoint, query, refusal: (code, what), advice } = denied;
        if let Some(opening) = self.count_refusal(now, &endpoint, &what) {
            self.begun(now, &endpoint, peer, begun_by, opening);
            let asked = request_step(now, begun_by, query, &[], None);
            let payload = beginning(&what, limits::DIAGNOSTIC_BYTES);
            let answer = Step { payload, failed: true, ..answer_step(now, begun_by, code) };
            let session = opening.id;
            for step in [asked, answer] {
                self.event(Event::Step { session, step });
            }
            let failure = failure::denied(Some(1), what.clone(), advice);
            self.event(Event::Ended { session, at: now, result: Err(failure) });
        }
        self.refuse(now, id, peer, code, what);
    }

    /// A device that did not come as far as to ask is counted among those that are refused: the session that tells of
    /// it, and how often there was the same. None when there is no room to tell of another one.
    pub fn not_connected(&mut self, now: Instant, name: &str, what: &str) -> Option<(BootstrapId, u32)> {
        self.count_refusal(now, name, what).map(|opening| (opening.id, opening.attempt))
    }

    fn count_refusal(&mut self, now: Instant, endpoint: &str, what: &str) -> Option<Opening> {
        let sessions = &mut self.sessions;
        self.returning.refused(now, endpoint, what, || sessions.next_id())
    }

    /// Answers with an error and says what was expected and what came (RFC 7252 §5.5.2).
    fn refuse(&mut self, now: Instant, id: RequestId, peer: Peer, code: Code, what: String) {
        let payload = beginning(&what, limits::DIAGNOSTIC_BYTES);
        self.endpoint.respond(now, id, Response { code, options: Options::new(), payload });
        self.event(Event::Refused { peer, what: format!("{code} {what}") });
    }

    /// Nothing is wrong with the request, there is only no room for it now (RFC 7252 §5.9.3.4).
    fn refuse_for_now(&mut self, now: Instant, id: RequestId, peer: Peer, what: &str) {
        let response = Response { options: retry_after(), ..Response::new(Code::SERVICE_UNAVAILABLE) };
        self.endpoint.respond(now, id, response);
        self.event(Event::Refused { peer, what: format!("5.03 {what}") });
    }
}

impl From<Refusal> for NotRead {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Parameters {
    fn parse(queries: &[&str]) -> Result<Self, Refusal> {
        if queries.len() > PARAMETERS_MAX {
            let what = format!("at most {PARAMETERS_MAX} parameters expected, got {}", queries.len());
            return Err((Code::BAD_REQUEST, what));
        }
        let mut parameters = Self::default();
        for query in queries {
            let (name, value) = query.split_once('=').unwrap_or((query, ""));
            let known = match name {
                "ep" => &mut parameters.endpoint,
                "pct" => &mut parameters.preferred,
                _ => {
                    parameters.unknown.push((*query).to_owned());
                    continue;
                }
            };
            if known.replace(value.to_owned()).is_some() {
                return Err((Code::BAD_REQUEST, format!("parameter {name} expected once, got it again")));
            }
        }
        Ok(parameters)
    }
}

/// The preferred Content-Format, or that it is one which nothing is written in: 4.15.
fn preferred(pct: Option<&str>) -> Result<Wanted, Refusal> {
    let Some(text) = pct else { return Ok(Ok(None)) };
    let number: u16 = text
        .parse()
        .map_err(|_| (Code::BAD_REQUEST, format!("a Content-Format as pct expected, got {text:?}")))?;
    let format = ContentFormat(number).canonical();
    if PREFERABLE.contains(&format) {
        return Ok(Ok(Some(format)));
    }
    let what = format!("pct 110, 112, 11542 or 11544 expected, got {number}");
    Ok(Err((Code::UNSUPPORTED_CONTENT_FORMAT, what)))
}

fn acceptable(accept: Option<ContentFormat>) -> Wanted {
    match accept {
        Some(format) if !pack::FORMATS.contains(&format) => {
            let what = format!("Accept of SenML JSON, SenML CBOR or LwM2M CBOR expected, got {format}");
            Err((Code::NOT_ACCEPTABLE, what))
        }
        accept => Ok(accept),
    }
}

fn request_step(
    now: Instant,
    begun_by: Beginning,
    query: String,
    unknown: &[String],
    content_format: Option<ContentFormat>,
) -> Step {
    let remark = match unknown {
        [] => String::new(),
        unknown => format!("not known to the standard, and ignored: {}", unknown.join(", ")),
    };
    let code = if begun_by == Beginning::Pack { Code::GET } else { Code::POST };
    let content_format = content_format.filter(|_| begun_by == Beginning::Pack);
    Step { from_device: true, query, content_format, remark, ..answer_step(now, begun_by, code) }
}

/// Our answer to the request that a session began with.
pub(super) fn answer_step(now: Instant, begun_by: Beginning, code: Code) -> Step {
    let (operation, path) = match begun_by {
        Beginning::Pack => (BootstrapOperation::Pack, "/bspack"),
        Beginning::Client | Beginning::Server => (BootstrapOperation::Request, "/bs"),
    };
    Step {
        at: now,
        from_device: false,
        operation,
        code,
        path: path.to_owned(),
        query: String::new(),
        content_format: None,
        payload: Vec::new(),
        masked: Vec::new(),
        failed: false,
        remark: String::new(),
    }
}

fn retry_after() -> Options {
    Options::new().with_max_age(u32::try_from(limits::RETRY_AFTER.as_secs()).unwrap_or(u32::MAX))
}

/// The beginning of a text in whole characters.
fn beginning(text: &str, bytes: usize) -> Vec<u8> {
    let (beginning, _) = text.split_at(text.floor_char_boundary(bytes));
    beginning.as_bytes().to_vec()
}
