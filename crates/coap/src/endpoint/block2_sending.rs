//! Our responses and notifications that go out in blocks (RFC 7959 §2.4).

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use crate::{Block, Code, Instant, Options, Response, limits, option_number};

/// What a response represents: the method, path, query and Accept of its request. The safe methods GET and
/// FETCH count as one, as a notification does not say by which of them it was asked for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resource(Box<[u8]>);

impl Resource {
    pub(super) fn new(code: Code, options: &Options) -> Self {
        let method = if code == Code::FETCH { Code::GET } else { code };
        let mut bytes = vec![method.as_byte()];
        for number in [option_number::URI_PATH, option_number::URI_QUERY, option_number::ACCEPT] {
            for value in options.all(number) {
                bytes.extend(number.to_be_bytes());
                bytes.extend(value.len().to_be_bytes());
                bytes.extend(value);
            }
        }
        Self(bytes.into())
    }
}

/// A response whose body peers fetch block by block.
struct Representation {
    /// The response to requests for later blocks, without its payload.
    response: Response,
    body: Vec<u8>,
    expiry: Instant,
}

/// The bodies of responses that went out in part, by the peer that may fetch the rest.
pub(super) struct ResponseBodies<P> {
    by_resource: BTreeMap<(P, Resource), Representation>,
    expiries: BTreeSet<(Instant, (P, Resource))>,
    bytes: usize,
}

impl<P: Copy + Ord> ResponseBodies<P> {
    pub(super) const fn new() -> Self {
        Self { by_resource: BTreeMap::new(), expiries: BTreeSet::new(), bytes: 0 }
    }

    /// The block of a response that goes out now; the body is kept for requests for the others.
    pub(super) fn cut(
        &mut self,
        (now, lifetime): (Instant, Duration),
        key: (P, Resource),
        block: Block,
        mut response: Response,
    ) -> Response {
        let beyond = block.offset() >= response.payload.len();
        // A refusal answers the request, whatever block was asked for.
        let block = if beyond && !response.code.is_success() { Block { num: 0, ..block } } else { block };
        self.remove(&key);
        if block.num == 0 && response.payload.len() <= block.size() {
            return response;
        }
        let body = core::mem::take(&mut response.payload);
        if !response.options.contains(option_number::ETAG) {
            response.options.add(option_number::ETAG, entity_tag(&response, &body));
        }
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        response.options.remove(option_number::SIZE2);
        response.options = response.options.with_uint(option_number::SIZE2, length);
        let first = block_of(&response, &body, block);
        // RFC 7959 §3.4, §3.3: what belongs to the first block only.
        response.options.remove(option_number::OBSERVE);
        response.options.remove(option_number::BLOCK1);
        self.insert(key, Representation { response, body, expiry: now + lifetime });
        first
    }

    /// A later block of a body that is known.
    pub(super) fn block(
        &mut self,
        (now, lifetime): (Instant, Duration),
        key: (P, Resource),
        block: Block,
    ) -> Option<Response> {
        let representation = self.by_resource.get_mut(&key)?;
        let before = core::mem::replace(&mut representation.expiry, now + lifetime);
        let response = block_of(&representation.response, &representation.body, block);
        let unchanged = (before, key);
        self.expiries.remove(&unchanged);
        self.expiries.insert((now + lifetime, unchanged.1));
        Some(response)
    }

    pub(super) fn sweep(&mut self, now: Instant) {
        while let Some((_, key)) = self.expiries.first().filter(|(expiry, _)| *expiry <= now) {
            let key = key.clone();
            self.remove(&key);
        }
    }

    pub(super) fn forget(&mut self, peer: P) {
        let keys: Vec<_> = self.of_peer(peer).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.remove(&key);
        }
    }

    fn insert(&mut self, key: (P, Resource), representation: Representation) {
        let length = representation.body.len();
        if length > limits::BLOCK2_KEPT_BYTES {
            return;
        }
        if self.of_peer(key.0).count() >= limits::BLOCK2_KEPT_BODIES_PER_PEER
            && let Some((oldest, _)) = self.of_peer(key.0).min_by_key(|(_, kept)| kept.expiry)
        {
            let oldest = oldest.clone();
            self.remove(&oldest);
        }
        while self.by_resource.len() >= limits::BLOCK2_KEPT_BODIES
            || self.bytes + length > limits::BLOCK2_KEPT_BYTES
        {
            let Some((_, oldest)) = self.expiries.first().cloned() else { break };
            self.remove(&oldest);
        }
        self.bytes += length;
        self.expiries.insert((representation.expiry, key.clone()));
        self.by_resource.insert(key, representation);
    }

    fn remove(&mut self, key: &(P, Resource)) {
        if let Some(representation) = self.by_resource.remove(key) {
            self.expiries.remove(&(representation.expiry, key.clone()));
            self.bytes -= representation.body.len();
        }
    }

    fn of_peer(&self, peer: P) -> impl Iterator<Item = (&(P, Resource), &Representation)> {
        let from_peer = self.by_resource.range((peer, Resource(Box::default()))..);
        from_peer.take_while(move |((p, _), _)| *p == peer)
    }
}

/// A response with one block of the body. RFC 7959 §2.4: a block beyond the end is a bad request.
fn block_of(response: &Response, body: &[u8], asked: Block) -> Response {
    let start = asked.offset();
    let end = body.len().min(start.saturating_add(asked.size()));
    let Some(payload) =
        body.get(start..end).filter(|payload| !payload.is_empty() && asked.num <= Block::MAX_NUM)
    else {
        let what = format!("expected a block within {} bytes, got {asked}", body.len());
        return Response { payload: what.into_bytes(), ..Response::new(Code::BAD_REQUEST) };
    };
    let mut options = response.options.clone();
    options.remove(option_number::BLOCK2);
    let options = options.with_block2(Block { more: end < body.len(), ..asked });
    Response { code: response.code, options, payload: payload.to_vec() }
}

/// Tells one body from another (RFC 7252 §5.10.6): FNV-1a of code, format and content.
fn entity_tag(response: &Response, body: &[u8]) -> [u8; 8] {
    let format = response.options.first(option_number::CONTENT_FORMAT).unwrap_or_default();
    let described = [response.code.as_byte()].into_iter().chain(format.iter().copied());
    let hash = described.chain(body.iter().copied()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash.to_be_bytes()
}
