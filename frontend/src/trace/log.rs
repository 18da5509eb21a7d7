use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::Arc;

use coap::{Code, Message, MessageId, MessageType, Token};
use console_api::{Direction, Trace, TraceRecord};

use super::entry::{Entry, Origin, Relation, RelationKind};
use super::filter::Filter;
use super::limits::{ENTRIES, ORIGINS};

/// The newest datagrams, and what they have to do with each other.
#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: VecDeque<Arc<Entry>>,
    /// Went for newer ones.
    pub(crate) dropped: u64,
    /// Never came: they were too many, or no longer there.
    pub(crate) missed: u64,
    last_seq: Option<u64>,
    requests: HashMap<Key<Token>, Asked>,
    messages: HashMap<Key<MessageId>, Said>,
}

/// Peer, whether the server sent it, and what tells messages of one direction apart.
type Key<T> = (String, bool, T);

#[derive(Debug)]
struct Asked {
    origin: Arc<Origin>,
    answered: bool,
}

#[derive(Debug)]
struct Said {
    origin: Arc<Origin>,
    datagram: Vec<u8>,
}

impl Log {
    /// Takes what the server tells; what is known already is passed over.
    pub(crate) fn add(&mut self, trace: Trace) {
        let newest = trace.records.last().map(|record| record.seq);
        if newest.is_some_and(|newest| self.last_seq.is_some_and(|last| newest < last)) {
            // Numbers only start anew with the server.
            *self = Self::default();
        }
        self.missed += trace.missed;
        for record in trace.records {
            if self.last_seq.is_none_or(|last| record.seq > last) {
                self.last_seq = Some(record.seq);
                self.add_record(record);
            }
        }
    }

    /// Forgets the datagrams, but not what later ones may belong to.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        (self.dropped, self.missed) = (0, 0);
    }

    /// All datagrams, oldest first.
    pub(crate) fn all(&self) -> Shown {
        Shown(Arc::new(self.entries.iter().cloned().collect()))
    }

    fn add_record(&mut self, record: TraceRecord) {
        let peer = record.peer.clone();
        let sent = record.direction == Direction::Sent;
        let repeated = self.is_repeated(&record, sent);
        let at_ms = record.at_ms;
        let entry = Entry::new(record, repeated, |message| self.relation(message, &peer, sent, at_ms));
        if !repeated && let (Some(message), Some(origin)) = (entry.message(), entry.origin()) {
            let origin = Arc::new(origin);
            if message.code.is_request() {
                let asked = Asked { origin: Arc::clone(&origin), answered: false };
                remember(&mut self.requests, (peer.clone(), sent, message.token), asked, |asked| {
                    asked.origin.seq
                });
            }
            let said = Said { origin, datagram: entry.record.datagram.clone() };
            remember(&mut self.messages, (peer, sent, message.message_id), said, |said| said.origin.seq);
        }
        if self.entries.len() >= ENTRIES {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back(Arc::new(entry));
    }

    fn is_repeated(&self, record: &TraceRecord, sent: bool) -> bool {
        let Some(&[high, low]) = record.datagram.get(2..4).and_then(<[u8]>::first_chunk) else {
            return false;
        };
        let id = MessageId(u16::from_be_bytes([high, low]));
        let said = self.messages.get(&(record.peer.clone(), sent, id));
        said.is_some_and(|said| said.datagram == record.datagram)
    }

    fn relation(&mut self, message: &Message, peer: &str, sent: bool, at_ms: u64) -> Option<Relation> {
        let (kind, origin) = if message.code == Code::EMPTY {
            let kind = match message.message_type {
                MessageType::Acknowledgement => RelationKind::Acknowledges,
                MessageType::Reset => RelationKind::Rejects,
                MessageType::Confirmable | MessageType::NonConfirmable => return None,
            };
            let said = self.messages.get(&(peer.to_owned(), !sent, message.message_id))?;
            (kind, Arc::clone(&said.origin))
        } else if message.code.is_response() {
            let asked = self.requests.get_mut(&(peer.to_owned(), !sent, message.token))?;
            let first = !std::mem::replace(&mut asked.answered, true);
            let notifies = !first && message.options.observe().is_some();
            let kind = if notifies { RelationKind::Notifies } else { RelationKind::Answers };
            (kind, Arc::clone(&asked.origin))
        } else {
            return None;
        };
        let after_ms = at_ms.saturating_sub(origin.at_ms);
        Some(Relation { kind, origin, after_ms })
    }
}

fn remember<K: Eq + Hash, V>(map: &mut HashMap<K, V>, key: K, value: V, seq: impl Fn(&V) -> u64) {
    if map.len() >= ORIGINS {
        let mut seqs: Vec<u64> = map.values().map(&seq).collect();
        let middle = seqs.len() / 2;
        let (_, median, _) = seqs.select_nth_unstable(middle);
        let median = *median;
        map.retain(|_, value| seq(value) > median);
    }
    map.insert(key, value);
}

/// Datagrams as they are listed: cheap to hand on, and equal only to itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown(Arc<Vec<Arc<Entry>>>);

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Shown {
    pub(crate) fn filtered(&self, filter: &Filter) -> Self {
        if filter.admits_all() {
            return self.clone();
        }
        Self(Arc::new(self.0.iter().filter(|entry| filter.admits(entry)).cloned().collect()))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Arc<Entry>> {
        self.0.get(index)
    }

    /// Where a datagram is listed.
    pub(crate) fn position(&self, seq: u64) -> Option<usize> {
        self.0.binary_search_by_key(&seq, |entry| entry.seq()).ok()
    }

    /// How many come before that number.
    pub(crate) fn first_from(&self, seq: u64) -> usize {
        self.0.partition_point(|entry| entry.seq() < seq)
    }

    /// Messages that belong to that one, the newest last.
    pub(crate) fn related(&self, seq: u64) -> impl DoubleEndedIterator<Item = &Arc<Entry>> {
        let belongs = move |entry: &&Arc<Entry>| {
            entry.relation.as_ref().is_some_and(|relation| relation.origin.seq == seq)
        };
        self.0.iter().filter(belongs)
    }

    pub(crate) fn by_seq(&self, seq: u64) -> Option<&Arc<Entry>> {
        self.get(self.position(seq)?)
    }

    /// One JSON object a line, as the REST interface has it.
    pub(crate) fn json_lines(&self) -> String {
        let line = |entry: &Arc<Entry>| serde_json::to_string(&entry.record).unwrap_or_default() + "\n";
        self.0.iter().map(line).collect()
    }
}

#[cfg(test)]
#[path = "log_tests.rs"]
pub(super) mod tests;
